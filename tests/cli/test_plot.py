"""`rheobase plot`, and the pictures behind it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import rheobase as rb
from rheobase import pictures, sketch
from rheobase.meanfield.moments import moments
from rheobase.meanfield.piecewise import linear_pieces
from rheobase.meanfield.propagation import edges
from rheobase.meanfield.simulation import predicted
from rheobase.pictures import _lines
from rheobase.pictures._phases import edge_line, phases
from rheobase.pictures.expressive import _moved


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
        (["swish", "relu", "--theory"], "rheobase plot swish --theory"),
        (["swish", "relu", "--expressive", "-o", "a.png"], "rheobase plot swish --expressive"),
        (["swish", "--theory", "--expressive"], "--theory or --expressive"),
        (["swish", "--theory", "--low", "-2"], "without them"),
        (["swish", "--sigma-b", "0.3"], "--theory --sigma-b"),
        (["swish", "--theory", "--sigma-b", "-1"], "standard deviation"),
        (["swihs", "--theory"], "swish"),
        (["0*x", "--theory"], "rheobase theory"),
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


# ------------------------------------------------------------------------------------------------- pictures of theory


def test_without_a_file_the_picture_is_named_after_its_functions(rheobase, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments, name in (
        (["swish:beta=1.5", "relu"], "swish-beta-1.5-relu.png"),
        (["tanh", "--theory"], "tanh-theory.png"),
        (["-x*exp(-x**2)", "--no-derivative"], "x-exp-x-2.png"),
        (["relu", "--expressive", "--dark", "--sigma-b", "0.3"], "relu-expressive.png"),
    ):
        assert rheobase("plot", *arguments) == (0, f"{name}\n", "")
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("spec", ["tanh", "relu", "gelu", "step", "exp(x)"])
def test_no_letters_of_a_picture_overlap(spec: str) -> None:
    """The head, titles, names of axes, panels and legend, as they are drawn."""
    for draw in (pictures.plot_theory, pictures.plot_expressive):
        figure = draw(spec, dark=spec == "gelu")
        figure.draw_without_rendering()
        drawn: list[Any] = [*figure.texts, *figure.legends]
        for axes in figure.axes:
            assert axes.get_xlabel() and axes.get_ylabel()
            drawn += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, axes.patch]  # pyright: ignore
        boxes, whole = [one.get_window_extent() for one in drawn], figure.bbox
        for i, a in enumerate(boxes):
            assert whole.x0 <= a.x0 and a.x1 <= whole.x1 and whole.y0 <= a.y0 and a.y1 <= whole.y1
            for b in boxes[i + 1 :]:
                assert not (a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1)
        for axes in figure.axes:
            (under,) = [text.get_window_extent() for text in axes.texts if text.get_fontsize() == 8.5]
            panel = axes.patch.get_window_extent()
            assert under.y0 >= panel.y1 and under.x1 <= panel.x1, "what is under a title reaches into the panel"


def points(axes: Any) -> dict[tuple[float, float], str]:
    """Where fixed points are marked, and how they are filled."""
    marked = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    return {(float(m.get_xdata()[0]), float(m.get_ydata()[0])): m.get_markerfacecolor() for m in marked}


def test_fixed_points_are_where_they_are_and_filled_where_stable() -> None:
    """NCU with 1.4 times its weights: one stable fixed point and, beyond it, one that is not."""
    found = points(pictures.plot_theory("ncu").axes[0])
    m = moments(rb.get("ncu").bound)
    for (q, again), face in found.items():
        assert q == again
        sigma_w = min((0.7, 1.0, 1.4), key=lambda w: abs(w**2 * m.second(q) - q))
        assert sigma_w**2 * m.second(q) == pytest.approx(q, rel=1e-9)
        assert (face != "#ffffff") == (abs(sigma_w**2 * m.second_by_q(q)) < 1)
    assert len(found) == 4 and sorted(face != "#ffffff" for face in found.values()) == [False, False, False, True]


def test_the_correlation_map_is_one_layer_of_mean_field() -> None:
    """At the edge for σ_b = 0.3 q is the same in every layer; with larger weights inputs part, and settle apart."""
    axes = pictures.plot_theory("tanh", sigma_b=0.3).axes[1]
    setting = _lines.chosen("tanh", 0.3, 2).setting
    green = [np.asarray(line.get_data()) for line in axes.lines if line.get_color() == _lines.GREEN]
    c, found = next(data for data in green if data.shape[1] > 2)
    for at in (0, 10, len(c) - 3):
        one = predicted("tanh", replace(setting, depth=1, c0=float(c[at])))
        assert found[at] == pytest.approx(one.c[1], abs=1e-6)
    marked = points(axes)
    (apart,) = [face for (at, _), face in marked.items() if 0 < at < 0.99]
    assert apart == _lines.ORANGE and marked[1.0, 1.0] == "#ffffff"


def test_pieces_move_with_the_function() -> None:
    pieces, f, x = _moved(linear_pieces("hard_tanh"), 0.4, 0.25), rb.get("hard_tanh"), np.linspace(-3, 3, 99)
    at = pieces.piece(x)
    assert np.array(pieces.slopes)[at] * x + np.array(pieces.offsets)[at] == pytest.approx(f(x + 0.4) - 0.25)


def test_the_lines_of_the_gradient_end_where_mean_field_says() -> None:
    """ReLU: 40 layers multiply the norm by 0.7⁴⁰, 1, and 1.4⁴⁰."""
    axes = pictures.plot_theory("relu").axes[3]
    lines: list[Any] = axes.lines[:]
    ends = [float(line.get_ydata()[-1]) for line in lines if len(line.get_xdata()) == 41]
    assert ends == pytest.approx([0.7**40, 1.0, 1.4**40], rel=1e-9)


@pytest.mark.parametrize("spec", ["tanh", "sine", "elu", "ncu"])
def test_the_edge_is_the_border_between_the_phases(spec: str) -> None:
    m = moments(rb.get(spec).bound)
    edge = next(e for e in edges(m, 0.2) if e.stable)
    around = np.array([0.97, 1.03]) * edge.sigma_w
    found = phases(m, np.array([0.2]), around, start=edge.q)
    assert found.log_chi[0, 0] < 0 < found.log_chi[1, 0] and not found.lost.any()
    sigma_b, sigma_w, chi_q = edge_line(m)
    near = int(np.nanargmin(np.where(np.abs(chi_q) < 1, np.abs(sigma_b - 0.2), np.nan)))
    assert sigma_w[near] == pytest.approx(edge.sigma_w, rel=0.1)


def test_where_the_variance_runs_away_the_phase_says_so() -> None:
    found = phases(moments(rb.get("relu").bound), np.array([0.0, 0.5]), np.array([1.0, 1.3, 1.5, 2.0]), start=1.0)
    assert found.lost.tolist() == [[False, False], [False, False], [True, True], [True, True]]
    assert found.log_chi[0, 0] == pytest.approx(np.log(0.5), rel=1e-6)


def test_what_is_drawn_is_what_is_recommended_or_asked_for() -> None:
    start = rb.theory("sigmoid").init()
    case = _lines.chosen("sigmoid", None, 10)
    assert (case.setting.sigma_w, case.setting.shift) == (start.gain, (start.input_shift, start.output_shift))
    edge = next(e for e in rb.theory("sigmoid", [0.3]).edge_of_chaos if e.stable)
    asked = _lines.chosen("sigmoid", 0.3, 10)
    assert (asked.setting.sigma_w, asked.setting.q0, asked.setting.shift) == (edge.sigma_w, edge.q, (0.0, 0.0))
    without = _lines.chosen("step", 0.1, 10)
    assert without.setting.sigma_w == pytest.approx(2**0.5) and "for want of an edge" in without.why


def test_the_plane_shows_the_regions_or_says_that_there_are_none() -> None:
    told = {spec: pictures.plot_expressive(spec).axes[1] for spec in ("relu", "gelu")}
    assert [axes.get_title(loc="left") for axes in told.values()] == ["Linear regions", "Output on a plane"]
    texts = {spec: " ".join(t.get_text() for t in axes.texts) for spec, axes in told.items()}
    assert texts["relu"].startswith(f"{len(told['relu'].collections[0].get_paths())} regions")
    assert "is not piecewise linear" in texts["gelu"]


def test_stairs_without_end_are_not_drawn(rheobase: Any) -> None:
    for kind in ("--theory", "--expressive"):
        done = rheobase("plot", "floor(x)", kind)
        assert done.code == 2 and "stairs without end" in done.err
