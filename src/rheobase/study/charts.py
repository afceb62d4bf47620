"""Charts for the report: inline SVG whose text keeps its size at any width, because positions are percentages.

Colours are CSS variables of the page (Okabe & Ito 2008, with lighter twins on a dark page).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rheobase.sketch import spread, ticks

_GRID = 1000.0  # side of the square in which curves are drawn before they are stretched to the frame


class Scale(NamedTuple):
    """A linear scale from data to percentages of the frame."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        """The position of `value`, in per cent."""
        return 100 * (value - self.low) / (self.high - self.low)


class Curve(NamedTuple):
    """A line: its points, a CSS class, and a label at its right end (none where empty)."""

    x: ArrayLike
    y: ArrayLike
    style: str
    label: str = ""


def scale(values: Sequence[float], pad: float = 0.06, include: Sequence[float] = ()) -> Scale:
    """A scale that holds every finite value, with some room at both ends.

    >>> scale([1.0, 3.0, float("nan")], pad=0.5)
    Scale(low=0.0, high=4.0)
    """
    finite = [v for v in (*values, *include) if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    room = pad * (high - low) or 0.5 * abs(high) or 1.0
    return Scale(low - room, high + room)


def track(
    span: Scale,
    point: float,
    low: float,
    high: float,
    dots: Sequence[float] = (),
    *,
    zero: float | None = None,
    unseen: float = 0.0,
    describe: str = "",
) -> str:
    """One row of an interval plot: grid, an interval with its estimate, and the single values as faint dots.

    Args:
        span: from data to percentages.
        point, low, high: the estimate and its interval.
        dots: what the estimate was made from.
        zero: where a reference line stands.
        unseen: half the width of a pale band around `zero`, in which differences would go unseen.
        describe: what a screen reader says.
    """
    out = [f'<svg class="track" role="img" aria-label="{escape(describe)}">']
    out += [f'<line class="grid" x1="{_p(span(t))}" x2="{_p(span(t))}" y1="0" y2="100%"/>' for t, _ in ticks(*span, 4)]
    if zero is not None:
        if unseen > 0:
            left, right = max(span(zero - unseen), 0), min(span(zero + unseen), 100)
            out.append(f'<rect class="unseen" x="{_p(left)}" width="{_p(right - left)}" y="0" height="100%"/>')
        out.append(f'<line class="zero" x1="{_p(span(zero))}" x2="{_p(span(zero))}" y1="0" y2="100%"/>')
    for i, value in enumerate(dots):
        jitter = 50 + 11 * ((i * 0.618) % 1 - 0.5) * 2  # the golden ratio spreads equal values without chance
        out.append(f'<circle class="dot" cx="{_p(span(value))}" cy="{_p(jitter)}" r="2.5"/>')
    out.append(f'<line class="bar" x1="{_p(span(low))}" x2="{_p(span(high))}" y1="50%" y2="50%"/>')
    out.append(f'<circle class="point" cx="{_p(span(point))}" cy="50%" r="5"/></svg>')
    return "".join(out)


def axis(span: Scale, text: Callable[[float], str] | None = None) -> str:
    """The numbers below an interval plot."""
    marks = (
        f'<text x="{_p(span(t))}" y="14" text-anchor="middle">{escape(text(t) if text else label)}</text>'
        for t, label in ticks(*span, 4)
        if 2 < span(t) < 98
    )
    return f'<svg class="axis" aria-hidden="true">{"".join(marks)}</svg>'


def frame(
    curves: Sequence[Curve],
    x: Scale,
    y: Scale,
    *,
    height: int = 150,
    x_ticks: Sequence[tuple[float, str]] | None = None,
    y_ticks: Sequence[tuple[float, str]] | None = None,
    describe: str = "",
) -> str:
    """Curves in a frame as wide as its container: cut where they have no value, labelled at their ends."""
    across = ticks(*x, 4) if x_ticks is None else x_ticks
    up = ticks(*y, max(2, height // 45)) if y_ticks is None else y_ticks
    out = [f'<svg class="frame" style="height:{height}px" role="img" aria-label="{escape(describe)}">']
    for value, text in up:
        at = 100 - y(value)
        out.append(f'<line class="{"zero" if value == 0 else "grid"}" x1="0" x2="100%" y1="{_p(at)}" y2="{_p(at)}"/>')
        out.append(f'<text x="-6" y="{_p(at)}" dy="3.5" text-anchor="end">{escape(text)}</text>')
    for value, text in across:
        out.append(f'<text x="{_p(x(value))}" y="100%" dy="15" text-anchor="middle">{escape(text)}</text>')
    out.append(f'<svg viewBox="0 0 {_GRID:g} {_GRID:g}" preserveAspectRatio="none" width="100%" height="100%">')
    ends: list[tuple[float, str, str]] = []
    for curve in curves:
        xs, ys = np.asarray(curve.x, float), np.asarray(curve.y, float)
        px = (xs - x.low) / (x.high - x.low) * _GRID
        py = np.clip((y.high - ys) / (y.high - y.low), -1, 2) * _GRID
        out.append(f'<path class="{curve.style}" d="{_path(px, py)}"/>')
        seen = np.flatnonzero(np.isfinite(ys))
        if curve.label and len(seen):
            ends.append((float(np.clip(py[seen[-1]] / _GRID, 0, 1)) * height, curve.label, curve.style))
    out.append("</svg>")
    for at, label, style in spread(ends, height):
        out.append(f'<text class="label {style}" x="100%" dx="6" y="{at:.1f}" dy="3.5">{escape(label)}</text>')
    return "".join(out) + "</svg>"


def _path(px: NDArray[np.float64], py: NDArray[np.float64]) -> str:
    parts, pen = [], "M"
    for a, b in zip(px.tolist(), py.tolist(), strict=True):
        if math.isfinite(b):
            parts.append(f"{pen}{a:.1f} {b:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(parts)


def _p(value: float) -> str:
    return f"{value:.2f}%"
