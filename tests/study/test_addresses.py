"""What `--on` names: tasks separated by commas, and paths that have commas of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

import rheobase as rb
from rheobase.cli.app import main
from rheobase.errors import RheobaseError
from rheobase.study.comparison import ask
from rheobase.study.question import addresses, tasks_of

TRAINING = "def train(activation, seed, learning_rate):\n    return seed * learning_rate\ntrain.tuning_seeds = 1\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder and a file whose names have commas."""
    folder = tmp_path / "a, b"
    folder.mkdir()
    (folder / "my,own.py").write_text(TRAINING)
    return folder


def test_a_comma_in_a_path_that_exists_belongs_to_it(place: Path) -> None:
    mine = f"{place}/my,own.py:train"
    assert addresses(mine) == [mine]
    assert addresses(f"digits,{mine}, xor") == ["digits", mine, "xor"]
    assert addresses(f"text@{place}/my,own.py,digits,") == [f"text@{place}/my,own.py", "digits"]


def test_what_does_not_exist_is_separated_at_every_comma(place: Path) -> None:
    assert addresses(f"{place}/my,other.py:train") == [
        *str(place).split(",")[:1],
        f"{str(place).split(',')[1].strip()}/my",
        "other.py:train",
    ]
    assert addresses("text@no,such") == ["text@no", "such"]
    assert addresses("text@" + "long," * 100 + "\0") == ["text@long", *["long"] * 99, "\0"]


def test_the_line_that_asks_again_names_the_same_tasks(place: Path) -> None:
    question = ask(["relu", "tanh"], [f"{place}/my,own.py:train", "xor"], seeds=2)
    words = question.command([question.plan(task) for task in question.tasks])
    assert [task.id for task in tasks_of(words.split("--on ")[1].split("'")[1])] == ["train", "xor"]


def test_the_command_and_the_function_take_such_a_path(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = f"{place}/my,own.py:train"
    where = ["--store", str(tmp_path / "s.sqlite"), "--report", str(tmp_path / "r.html"), "--workers", "0"]
    assert main(["compare", "relu", "--on", mine, "--seeds", "2", *where]) == 0
    assert "relu" in capsys.readouterr().out
    assert rb.compare("relu", mine, seeds=2, store=tmp_path / "s.sqlite", workers=0).trained == 0
    with pytest.raises(RheobaseError, match="a list of them"):
        rb.compare("relu", f"{mine},xor", seeds=2, store=":memory:")
