"""`rheobase compare`: what the shell sees of it; the study itself has tests of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

KEYS = {"task", "metric", "rows", "study", "reused", "trained"}
ROW = {
    "activation", "n", "mean", "iqm", "low", "high", "difference", "difference_low", "difference_high", "diverged",
    "learning_rate",
}  # fmt: skip


@pytest.fixture
def small(rheobase, tmp_path: Path, monkeypatch):
    """A comparison that takes a second: one neuron, two seeds, in this process."""
    monkeypatch.chdir(tmp_path)
    return lambda *more: rheobase("compare", "squ", "relu", "--on", "xor", "--seeds", "2", "--workers", "0", *more)


def test_a_table_a_page_and_a_store(small, tmp_path: Path) -> None:
    done = small()
    assert done.code == 0
    lines = done.out.splitlines()
    assert "XOR" in lines[0] and lines[1].startswith("activation")
    assert [line.split()[0] for line in lines[2:4]] == ["squ", "relu"]
    assert {path.name for path in tmp_path.iterdir()} >= {"rheobase.sqlite", "report.html"}
    page = (tmp_path / "report.html").read_text()
    assert "squ" in page and "<svg" in page


def test_json_has_the_stable_keys_and_a_second_run_trains_nothing(small) -> None:
    first, second = json.loads(small("--json").out), json.loads(small("--json").out)
    assert set(first) >= KEYS and all(set(row) >= ROW for row in first["rows"])
    assert first["reused"] == 0 and first["trained"] > 0
    assert (second["reused"], second["trained"]) == (first["trained"], 0)
    assert second["rows"] == first["rows"]


def test_several_tasks_give_one_answer_a_page_and_a_csv(rheobase, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["squ", "relu", "--on", "xor,neuron:0001:01:sign", "--seeds", "2", "--tuning", "halving", "--workers", "0"]
    done = rheobase("compare", *asked, "--csv", "rows.csv")
    assert done.code == 0 and done.out.startswith("2 functions on 2 tasks: xor, neuron:0001:01:sign")
    assert "on this machine" in done.err and "trials trained" in done.err
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 1 + 4
    assert "Task by task" in (tmp_path / "report.html").read_text()
    found = json.loads(rheobase("compare", *asked, "--json").out)
    assert {"tasks", "overall"} <= set(found) and found["trained"] == 0
    assert all({"task", "metric", "rows"} <= set(task) for task in found["tasks"])
    assert found["study"]["command"] == "rheobase compare " + " ".join(asked[:8])


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["relu", "--on", "digits,digit"], "digits"),
        (["relu", "--on", "digits,digits"], "named twice"),
        (["relu", "swish", "--budget", "soon"], "10m"),
        (["relu", "swish", "--until", "-1"], "--until 0.3"),
        (["relu", "--race"], "two functions"),
        (["relu", "--on", "digits", "--data", "no.txt"], "data"),
        (["swihs"], "swish"),
        (["relu", "swish", "--on", "digit"], "digits"),
        (["relu", "swish", "--seeds", "1"], "--seeds 10"),
        (["relu", "swish", "--init", "hee"], "he"),
        (["relu", "swish", "--sed", "3"], "--seeds"),
    ],
)
def test_bad_input_is_told_before_anything_is_trained(rheobase, tmp_path: Path, monkeypatch, arguments, right) -> None:
    monkeypatch.chdir(tmp_path)
    done = rheobase("compare", *arguments)
    assert done.code == 2 and right in done.err and "Traceback" not in done.err
    assert not list(tmp_path.iterdir())
