"""`rheobase compare` as a command: killed, interrupted, resumed; what it prints where."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rheobase.cli.app import main

SPECS = ("relu", "sine", "-x*exp(-x**2)")


def command(folder: Path, task: str, *more: str) -> list[str]:
    there = ["--store", str(folder / "s.sqlite"), "--report", str(folder / "r.html")]
    return [sys.executable, "-m", "rheobase", "compare", *SPECS, "--on", task, "--seeds", "6", *there, *more]


def start(arguments: Sequence[str], dawdle: float = 0.0) -> subprocess.Popen[str]:
    environment = {**os.environ, "RHEOBASE_TEST_DAWDLE": str(dawdle), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )


def stored(folder: Path) -> int:
    try:
        return sqlite3.connect(folder / "s.sqlite").execute("SELECT count(*) FROM trials").fetchone()[0]
    except sqlite3.Error:
        return 0


def stop_in_the_middle(folder: Path, task: str, how: signal.Signals) -> tuple[int, str, str]:
    """Start a study that dawdles, and end it once its first trials are stored."""
    process = start(command(folder, task, "--workers", "2"), dawdle=0.3)
    deadline = time.monotonic() + 60
    while not stored(folder) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def finish(folder: Path, task: str) -> dict[str, Any]:
    # In one process, while the interrupted run has two workers: the numbers must not know.
    process = start(command(folder, task, "--json", "--workers", "0"))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, tiny_address: str) -> dict[str, Any]:
    return finish(tmp_path_factory.mktemp("whole"), tiny_address)


def assert_goes_on(folder: Path, task: str, uninterrupted: dict[str, Any]) -> None:
    kept = stored(folder)
    assert 0 < kept < uninterrupted["trained"]
    resumed = finish(folder, task)
    assert resumed.pop("reused") == kept
    assert resumed.pop("trained") == uninterrupted["trained"] - kept
    assert resumed == {k: v for k, v in uninterrupted.items() if k not in ("reused", "trained")}


def test_kill_9_loses_nothing_that_was_finished(
    tmp_path: Path, tiny_address: str, uninterrupted: dict[str, Any]
) -> None:
    code, _, _ = stop_in_the_middle(tmp_path, tiny_address, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert_goes_on(tmp_path, tiny_address, uninterrupted)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, tiny_address: str, uninterrupted: dict[str, Any]) -> None:
    code, out, err = stop_in_the_middle(tmp_path, tiny_address, signal.SIGINT)
    assert code == 130 and out == ""
    told = err.splitlines()
    assert len(told) <= 2 and "the same command goes on" in told[-1] and "s.sqlite" in told[-1]
    assert all("on this machine" in line for line in told[:-1])
    assert_goes_on(tmp_path, tiny_address, uninterrupted)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads the process table of Linux")
def test_workers_end_with_the_driver(tmp_path: Path, tiny_address: str) -> None:
    process = start(command(tmp_path, tiny_address), dawdle=30)
    children: list[int] = []
    deadline = time.monotonic() + 30
    while not children and time.monotonic() < deadline:
        time.sleep(0.1)
        listing = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        threads = Path(f"/proc/{process.pid}/task").glob("*/children") if listing.exists() else ()
        children = [int(pid) for thread in threads for pid in thread.read_text().split()]
    assert children
    time.sleep(2)  # long enough to be at work
    process.kill()
    process.communicate(timeout=10)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in children if Path(f"/proc/{pid}/exe").exists()]


def test_data_goes_to_stdout_and_the_rest_to_stderr(
    tmp_path: Path, tiny_address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tmp_path, tiny_address, "--placebo", "--workers", "0")[3:]) == 0
    out, err = capsys.readouterr()
    table = out.splitlines()
    assert table[0].startswith("Handwritten digits: test accuracy, 6 seeds")
    assert table[1].split()[:2] == ["activation", "mean"] and len(table) >= 7
    assert "-x*exp(-x**2)" in out and "Placebo: relu" in out
    assert "trials trained, 0 reused" in err and "Time a step" in err
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["swihs"], "swish"), (["relu", "--on", "digts"], "digits"), (["relu", "--seeds", "1"], "--seeds 10")],
)
def test_mistakes_end_with_code_2_and_no_traceback(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["--store", str(tmp_path / "s.sqlite"), "--report", str(tmp_path / "r.html")]
    assert main(["compare", *arguments, *there]) == 2
    out, err = capsys.readouterr()
    assert out == "" and says in err and "Traceback" not in err
