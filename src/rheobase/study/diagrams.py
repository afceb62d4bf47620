"""Two more pictures for pages: average ranks with what cannot be told apart (Demšar 2006), and quality against cost.

Positions across are percentages, as in `charts`; text keeps its size at any width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from rheobase.sketch import spread, ticks
from rheobase.study.charts import Scale

_STEP = 17.0  # between two labels, in pixels


def ranks(names: Sequence[str], averages: Sequence[float], groups: Sequence[Sequence[str]], critical: float) -> str:
    """A critical-difference diagram: an axis of average ranks, best left; bars join what cannot be told apart.

    Args:
        names: the functions.
        averages: their average ranks, 1 being best.
        groups: names that cannot be told apart, a bar each.
        critical: how far two ranks must lie apart; drawn as a ruler.
    """
    order = sorted(range(len(names)), key=lambda i: averages[i])
    across = Scale(0.6, len(names) + 0.4)
    half = (len(order) + 1) // 2
    top = 44.0
    below = top + 12 + 7 * len(groups)
    height = below + _STEP * half + 8
    out = [f'<svg class="ranks" style="height:{height:.0f}px" role="img" aria-label="average ranks, best left">']
    out.append(_line(across(1), across(len(names)), top, top, "axis-line"))
    for rank in range(1, len(names) + 1, max(1, len(names) // 12)):
        out.append(_line(across(rank), across(rank), top - 5, top, "axis-line"))
        out.append(f'<text x="{_p(across(rank))}" y="{top - 9:.0f}" text-anchor="middle">{rank}</text>')
    if math.isfinite(critical) and critical <= len(names) - 1:
        out.append(_line(across(1), across(1 + critical), 14, 14, "ruler"))
        out.append(f'<text x="{_p(across(1 + critical))}" dx="6" y="18">critical difference {critical:.1f}</text>')
    at = dict(zip(names, averages, strict=True))
    for i, group in enumerate(groups):
        y = top + 10 + 7 * i
        found = [at[name] for name in group]
        out.append(_line(across(min(found)) - 0.4, across(max(found)) + 0.4, y, y, "tie"))
    for place, i in enumerate(order):
        left = place < half
        y = below + _STEP * ((place if left else len(order) - 1 - place) + 0.6)
        x, edge = across(averages[i]), 0.0 if left else 100.0
        out.append(_line(x, x, top, y, "stem"))
        out.append(_line(edge, x, y, y, "stem"))
        anchor = "start" if left else "end"
        label = f"{names[i]}  {averages[i]:.1f}" if left else f"{averages[i]:.1f}  {names[i]}"
        out.append(f'<text class="who" x="{_p(edge)}" y="{y - 3:.1f}" text-anchor="{anchor}">{escape(label)}</text>')
    return "".join(out) + "</svg>"


class Spot(NamedTuple):
    """A point of a scatter: where, what it is called, and whether nothing is better in both respects."""

    x: float
    y: float
    label: str
    best: bool


def pareto(spots: Sequence[tuple[str, float, float]]) -> list[Spot]:
    """Which of (label, cost, quality) no other beats in both cost and quality.

    >>> [s.label for s in pareto([("a", 1, 0.9), ("b", 2, 0.8), ("c", 3, 0.95)]) if s.best]
    ['a', 'c']
    """
    return [
        Spot(x, y, label, not any(a <= x and b >= y and (a, b) != (x, y) for _, a, b in spots)) for label, x, y in spots
    ]


def scatter(spots: Sequence[Spot], x: Scale, y: Scale, *, height: int = 300, describe: str = "") -> str:
    """Points with their labels, and a line through those that are best."""
    out = [f'<svg class="frame scatter" style="height:{height}px" role="img" aria-label="{escape(describe)}">']
    for value, text in ticks(*y, 5):
        at = 100 - y(value)
        out.append(_line(0, 100, at, at, "grid", "%"))
        out.append(f'<text x="-6" y="{_p(at)}" dy="3.5" text-anchor="end">{escape(text)}</text>')
    for value, text in ticks(*x, 5):
        out.append(f'<text x="{_p(x(value))}" y="100%" dy="15" text-anchor="middle">{escape(text)}</text>')
    front = sorted((s for s in spots if s.best), key=lambda s: s.x)
    out += [_line(x(a.x), x(b.x), 100 - y(a.y), 100 - y(b.y), "front", "%") for a, b in pairwise(front)]
    for s in spots:
        style, radius = ("spot best", 4.5) if s.best else ("spot", 3.5)
        out.append(f'<circle class="{style}" cx="{_p(x(s.x))}" cy="{_p(100 - y(s.y))}" r="{radius}"/>')
    for together in _bands(spots, x):
        named = {s.label: s for s in together}
        ends = [((100 - y(s.y)) / 100 * height, s.label, "best" if s.best else "plain") for s in together]
        for at, label, style in spread(ends, height):
            across = x(named[label].x)
            side = 'text-anchor="end" dx="-8"' if across > 80 else 'dx="8"'
            out.append(
                f'<text class="who {style}" x="{_p(across)}" {side} y="{at:.1f}" dy="3.5">{escape(label)}</text>'
            )
    return "".join(out) + "</svg>"


def _bands(spots: Sequence[Spot], x: Scale) -> list[list[Spot]]:
    """Spots whose labels could collide, together: those within about the width of a label."""
    bands: dict[int, list[Spot]] = {}
    for s in spots:
        bands.setdefault(int(x(s.x) // 12), []).append(s)
    return list(bands.values())


def _line(x1: float, x2: float, y1: float, y2: float, style: str, unit: str = "") -> str:
    return f'<line class="{style}" x1="{_p(x1)}" x2="{_p(x2)}" y1="{y1:.1f}{unit}" y2="{y2:.1f}{unit}"/>'


def _p(value: float) -> str:
    return f"{value:.2f}%"
