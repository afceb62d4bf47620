"""What goes wrong around a study: workers that are killed, functions that raise, two drivers, disks, damaged stores."""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study import pool
from rheobase.study.lease import Lease
from rheobase.study.spec import Function, Outcome, Task, trials, tuning_stack
from rheobase.study.store import Store

OUTCOME = Outcome(0.5, 1.0, None, 0, (0.5,) * 200, 0.0)


def file_task(folder: Path, body: str) -> str:
    """A task file whose `train` begins with `body`, and then trains as `tiny` does."""
    tiny = Path(__file__).parent / "tiny.py"
    path = folder / "mine.py"
    path.write_text(
        "import dataclasses, os, pathlib, runpy, signal\n"
        f"TINY = runpy.run_path({str(tiny)!r})\n"
        f"HERE = pathlib.Path({str(folder)!r})\n"
        "def train(stack, activation):\n"
        f"    {body}\n"
        "    return TINY['train'](stack, activation)\n"
        "TASK = dataclasses.replace(TINY['TASK'], id='mine', train=train)\n"
    )
    return f"{path}:TASK"


def test_a_worker_that_is_killed_costs_its_batch_alone(tmp_path: Path) -> None:
    """The first worker kills itself over its first stack, as the system does when memory runs out."""
    task = file_task(
        tmp_path, "(HERE / 'once').exists() or ((HERE / 'once').touch(), os.kill(os.getpid(), signal.SIGKILL))"
    )
    found = rb.compare(["relu", "tanh"], task, seeds=3, store=tmp_path / "s.sqlite", workers=1)
    assert (tmp_path / "once").exists()
    assert found.trained == 2 * (6 + 3) and not found.failed and len(found.rows) == 2


def test_a_worker_that_dies_every_time_is_given_up_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ATTEMPTS", 2)
    body = (
        "import torch; x = torch.tensor(2.0); activation(x) == x and ((HERE / str(os.getpid())).touch(), os._exit(9))"
    )
    task = file_task(tmp_path, body)
    found = rb.compare(["relu", "tanh"], task, seeds=3, store=tmp_path / "s.sqlite", workers=1)
    assert [row.activation for row in found.rows] == ["tanh"] and found.trained == 9
    assert "ended with code 9" in found.failed["relu"] and "relu could not be trained" in str(found)
    assert len([p for p in tmp_path.iterdir() if p.name.isdigit()]) == 2


@pytest.mark.parametrize("workers", [0, 1])
def test_a_function_that_raises_costs_its_own_trials(tmp_path: Path, workers: int) -> None:
    task = file_task(tmp_path, "import torch; 1 / (float(activation(torch.tensor(2.0))) - 2.0)")
    found = rb.compare(["relu", "tanh"], task, seeds=3, store=tmp_path / "s.sqlite", workers=workers)
    assert [row.activation for row in found.rows] == ["tanh"]
    assert "ZeroDivisionError" in found.failed["relu"] and found.to_dict()["study"]["failed"]


def test_where_nothing_can_be_trained_the_error_is_the_answer(tmp_path: Path) -> None:
    task = file_task(tmp_path, "raise ValueError('no such luck')")
    with pytest.raises(RheobaseError, match="ValueError: no such luck in mine with"):
        rb.compare(["relu", "tanh"], task, seeds=3, store=tmp_path / "s.sqlite", workers=0)


# -------------------------------------------------------------------------------------------------- two drivers, disks


def test_a_second_driver_is_told_who_holds_the_store(tmp_path: Path, tiny: Task) -> None:
    path = tmp_path / "s.sqlite"
    with Lease(path), pytest.raises(RheobaseError) as caught:
        rb.compare("relu", tiny, seeds=2, store=path)
    told = str(caught.value)
    assert f"process {os.getpid()}" in told and "s.sqlite'" in told and "wait for it" in told
    assert rb.compare("relu", tiny, seeds=2, store=path).trained > 0


def test_a_killed_drivers_lease_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    code = (
        "import time\nfrom pathlib import Path\nfrom rheobase.study.lease import Lease\n"
        f"with Lease(Path({str(path)!r})):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        with pytest.raises(RheobaseError, match=f"process {holder.pid}"), Lease(path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    with Lease(path):
        pass


def test_a_store_in_memory_needs_no_lease() -> None:
    with Lease(None), Lease(None), Store(":memory:") as store, store.lease():
        assert len(store) == 0


@pytest.fixture
def small_disk(tmp_path: Path):
    """No file may grow beyond 64 kB: what a full disk looks like to SQLite."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    yield tmp_path
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, old)


def test_a_full_disk_keeps_whole_stacks(small_disk: Path, tiny: Task) -> None:
    path, stack = small_disk / "s.sqlite", tuning_stack(tiny, "default")
    kept = 0
    with pytest.raises(RheobaseError) as caught, Store(path) as store:
        for i in range(200):
            some = trials(stack, tiny, Function(f"x+{i}", {}, str(i)), "2.13.0")
            store.add([(t, OUTCOME) for t in some])
            kept += 1
    assert 0 < kept < 200 and "kept" in str(caught.value)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    with Store(path) as store:
        assert len(store) == kept * len(stack.members)


def test_a_damaged_store_says_so_and_how_to_save_the_rest(tmp_path: Path, tiny: Task) -> None:
    path, stack = tmp_path / "s.sqlite", tuning_stack(tiny, "default")
    with Store(path) as store:
        for i in range(40):
            some = trials(stack, tiny, Function(f"x+{i}", {}, str(i)), "2.13.0")
            store.add([(t, OUTCOME) for t in some])
    whole = bytearray(path.read_bytes())
    whole[8192 : len(whole)] = b"\xa5" * (len(whole) - 8192)
    path.write_bytes(whole)
    with pytest.raises(RheobaseError) as caught:
        rb.compare("relu", tiny, seeds=2, store=path)
    assert "damaged" in str(caught.value) and f"rheobase study rescue {path} " in str(caught.value)
    assert path.read_bytes()[8192:8200] == b"\xa5" * 8, "it is left as it is"


def test_trials_of_another_version_are_not_mixed_and_are_told(tmp_path: Path, tiny: Task) -> None:
    path = tmp_path / "s.sqlite"
    first = rb.compare("relu", tiny, seeds=2, store=path)
    assert first.others == {}
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE trials SET id = 'f' || substr(id, 2, 31), trial = json_set(trial, '$.torch', '1.0') "
            "WHERE stage = 'final'"
        )
    second = rb.compare("relu", tiny, seeds=2, store=path)
    assert second.trained == 3 and second.rows[0].scores == first.rows[0].scores
    assert second.others == {"torch 1.0, studies 1": 3} and "made with other versions" in str(second)


def test_an_older_store_is_taken_over_with_its_trials(tmp_path: Path, tiny: Task) -> None:
    """Schema 1 had no times."""
    path = tmp_path / "s.sqlite"
    first = rb.compare("relu", tiny, seeds=2, store=path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE times")
        connection.execute("PRAGMA user_version = 1")
    again = rb.compare("relu", tiny, seeds=2, store=path)
    assert again.trained == 0 and again.rows[0].scores == first.rows[0].scores
    plain = [dataclasses.replace(c, reused=0, trained=0).to_dict() for c in (first, again)]
    assert plain[0] == plain[1]
