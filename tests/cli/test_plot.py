"""`rheobase plot`, and the pictures behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import rheobase as rb
from rheobase import sketch


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_writes_the_file_and_says_where(rheobase, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"curves{suffix}"
    assert rheobase("plot", "swish", "-x*exp(-x**2)", "relu", "-o", str(file)) == (0, f"{file}\n", "")
    head = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix]
    assert file.read_bytes().startswith(head)


def test_every_curve_and_its_label_is_there(rheobase, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    rheobase("plot", "swish:beta=1.5", "relu", "--output", str(file))
    comments = file.read_text()
    assert comments.count("swish:beta=1.5") >= 2 and comments.count("relu") >= 2
    ElementTree.parse(file)


def test_the_lines_are_the_function_and_its_derivative() -> None:
    left, right = rb.plot("tanh", low=-2, high=2).axes
    for axes, truth in ((left, np.tanh), (right, lambda x: 1 / np.cosh(x) ** 2)):
        x, y = axes.lines[-1].get_xdata(), axes.lines[-1].get_ydata()
        assert np.abs(np.asarray(y) - truth(np.asarray(x))).max() < 1e-15 * 8


def test_a_jump_is_two_lines() -> None:
    (axes,) = rb.plot("heaviside", derivative=False).axes
    assert sum(line.get_color() == sketch.PALETTE[0] for line in axes.lines) == 2


def test_many_functions_are_told_apart() -> None:
    (axes,) = rb.plot([e.id for e in rb.list(family="rectified")][:12], derivative=False).axes
    looks = {(line.get_color(), str(line.get_linestyle())) for line in axes.lines[2:]}
    assert len(looks) == 12


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["swihs", "-o", "a.png"], "swish"),
        (["swish", "-o", "a.jpeg"], "a.png"),
        (["swish", "-o", "no/such/folder/a.png"], "folder"),
        (["swish"], "--output"),
        (["swish", "-o", "a.png", "--low", "3", "--high", "-3"], "low=-6"),
    ],
)
def test_bad_input_is_told(rheobase, tmp_path: Path, monkeypatch, arguments: list[str], right: str) -> None:
    monkeypatch.chdir(tmp_path)
    done = rheobase("plot", *arguments)
    assert done.code == 2 and right in done.err
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_line_to_type_is_given(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; from rheobase.cli.app import main; "
        "sys.exit(main(['plot', 'swish', '-o', 'a.png']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "pip install 'rheobase[plot]'" in done.stderr and "Traceback" not in done.stderr
