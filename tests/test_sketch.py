"""The sketches: every curve a function may have is drawn, and nothing is drawn that it does not have."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from rheobase import sketch

X = np.linspace(-6, 6, 601)
with np.errstate(all="ignore"):
    CURVES = {
        "line": X,
        "step": np.where(X >= 0, 1.0, 0.0),
        "floor": np.floor(X),
        "pole": 1 / X,
        "tangent": np.tan(X),
        "half line": np.sqrt(X),
        "constant": np.full_like(X, 3.0),
        "zero": np.zeros_like(X),
        "no value": np.full_like(X, np.nan),
        "infinite": np.full_like(X, np.inf),
        "overflowing": np.exp(X**3 * 4),
        "largest": np.sign(X) * np.finfo(float).max,
        "subnormal": X * 5e-324,
        "far and narrow": 1e15 + X / 4,
        "small": 1e-7 * np.sin(X),
    }


def _empty() -> tuple[np.ndarray, np.ndarray]:
    return np.empty(0), np.empty(0)


def _numbers(svg: str) -> list[float]:
    return [float(t) for d in re.findall(r' (?:d|x1|x2|y1|y2|x|y)="([^"]*)"', svg) for t in re.findall(r"-?[\d.]+", d)]


@pytest.mark.parametrize("name", CURVES)
def test_svg_is_well_formed_and_every_number_finite(name: str) -> None:
    text = sketch.svg([(f"<{name}>", X, CURVES[name])], title="a < b & c")
    ElementTree.fromstring(text)
    assert "nan" not in text and "inf" not in text.replace("infinite", "")
    numbers = _numbers(text)
    assert numbers and np.isfinite(numbers).all()


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize(("width", "height"), [(60, 15), (30, 6), (100, 30)])
def test_terminal_keeps_its_size(name: str, width: int, height: int) -> None:
    lines = sketch.terminal(X, CURVES[name], width=width, height=height).split("\n")
    assert len(lines) == height
    assert max(map(len, lines[:-1])) <= width


@pytest.mark.parametrize("draw", [lambda x, y: sketch.svg([("f", x, y)]), sketch.terminal])
def test_an_empty_curve_is_an_empty_picture(draw) -> None:
    assert draw(*_empty())


def test_a_jump_is_cut_and_a_steep_slope_is_not() -> None:
    def count(y: np.ndarray) -> int:
        x = np.linspace(-6, 6, y.size)
        return len(sketch.pieces(x, y, sketch.view([(x, y)])))

    assert count(CURVES["step"]) == 2
    assert len(sketch.pieces(X, CURVES["step"], sketch.View(-6, 6, -100, 100))) == 2
    assert count(np.sign(X)) == 3  # with the point in the middle
    assert count(CURVES["floor"]) == 13
    assert count(CURVES["pole"]) == 2
    assert count(CURVES["tangent"]) == 5
    with np.errstate(over="ignore"):
        assert count(1 / (1 + np.exp(-50 * X))) == 1
    assert count(np.clip(20 * X, 0, 1)) == 1
    assert count(np.maximum(X, 0)[::15]) == 1  # few samples: the first step behind the kink is no jump
    assert count(np.abs(X)) == count(np.maximum(X, 0)) == 1


def test_the_drawn_line_is_the_curve() -> None:
    """The path keeps few points, yet stays within 0.3 of a pixel of all of them: half a pixel is what one can see."""
    y = X * np.cos(X)
    text = sketch.svg([("", X, y)], width=400, height=300)
    data = re.search(r'd="M([^"]*)"', text)
    inner = re.search(r'<svg x="[^"]*" y="[^"]*" width="([\d.]+)" height="([\d.]+)"', text)
    assert data and inner
    drawn = np.array([[float(v) for v in p.split()] for p in data[1].split("L")])
    window, (w, h) = sketch.view([(X, y)]), map(float, inner.groups())
    truth = 4 + (window.top - y) / (window.top - window.bottom) * (h - 8)
    at = (X - window.left) / (window.right - window.left) * w
    assert len(drawn) < 150
    assert np.abs(np.interp(at, drawn[:, 0], drawn[:, 1]) - truth).max() < 0.3


def test_a_pole_does_not_flatten_the_rest_and_a_cubic_fits_whole() -> None:
    with np.errstate(divide="ignore"):
        assert sketch.view([(X, CURVES["pole"])]).top < 20
    cubic = X - X**3
    assert sketch.view([(X, cubic)]).top == cubic.max()


def test_labels_of_curves_that_end_together_do_not_overlap() -> None:
    text = sketch.svg([(name, X, np.maximum(X, 0)) for name in "abcdef"])
    heights = sorted(float(y) for y in re.findall(r'y="([\d.]+)" fill="#', text))
    assert len(heights) == 6 and np.diff(heights).min() >= 12.9


def test_colours_can_be_read_on_white_and_on_black() -> None:
    """Contrast of at least 2.2 to 1 (for large strokes) on both; the palette is not changed to one that vanishes."""

    def luminance(colour: str) -> float:
        c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        return float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

    for colour in sketch.PALETTE:
        assert 1.05 / (luminance(colour) + 0.05) > 2.2
        assert (luminance(colour) + 0.05) / 0.05 > 2.2
