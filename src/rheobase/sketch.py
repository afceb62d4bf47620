"""Curves drawn as text: a small SVG, or braille in a terminal. Pure functions on arrays.

Colours are Okabe and Ito's (2008), which people with any of the common colour blindnesses tell apart; black and yellow
are left out because one of them disappears on a dark page and the other on a light one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

import numpy as np

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

Curve = tuple[str, np.ndarray, np.ndarray]

_HUGE = 1e300  # keeps the span of a view finite
FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
# `svg:root` matches only where the picture is a document of its own (an <img>, a file): inside a page the text takes
# the page's colour through currentColor, light or dark.
STYLE = (
    "svg:root{color:#1f2328;background:transparent}@media (prefers-color-scheme:dark){svg:root{color:#e6edf3}}"
    ".rb-c{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
)


class View(NamedTuple):
    """The part of the plane that is shown."""

    left: float
    right: float
    bottom: float
    top: float


def view(curves: Iterable[tuple[np.ndarray, np.ndarray]]) -> View:
    """The window that shows what matters: every finite point, but a few runaway values do not flatten the rest.

    >>> view([(np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.0, np.nan]))])
    View(left=-1.0, right=1.0, bottom=-1.0, top=1.0)
    """
    pairs = [(np.asarray(x, float).ravel(), np.asarray(y, float).ravel()) for x, y in curves]
    xs = np.concatenate([x[np.isfinite(x)] for x, _ in pairs] or [np.empty(0)])
    left, right = _opened(float(xs.min()), float(xs.max())) if xs.size else (-1.0, 1.0)
    lows, highs = [], []
    for _, y in pairs:
        y = np.sort(np.clip(y[np.isfinite(y)], -_HUGE, _HUGE))
        if y.size:
            a, b = float(y[round(0.03 * (y.size - 1))]), float(y[round(0.97 * (y.size - 1))])
            room = 0.6 * (b - a)  # a straight line and a cubic still fit whole; a pole does not
            lows.append(max(float(y[0]), a - room) if b > a else float(y[0]))
            highs.append(min(float(y[-1]), b + room) if b > a else float(y[-1]))
    if len(lows) > 2:  # among several, one that runs away leaves the picture before the others become flat
        reach = 3 * sorted(max(-low, high) for low, high in zip(lows, highs, strict=True))[len(lows) // 2]
        if reach > 0:
            lows, highs = [max(low, -reach) for low in lows], [min(high, reach) for high in highs]
    bottom, top = _opened(min(lows), max(highs)) if lows else (-1.0, 1.0)
    near = 0.06 * (top - bottom)  # a curve that all but reaches zero is shown with the axis
    return View(left, right, 0.0 if 0 < bottom < near else bottom, 0.0 if -near < top < 0 else top)


def _opened(low: float, high: float) -> tuple[float, float]:
    """An interval that has a width, also for a constant."""
    size = max(abs(low), abs(high))
    if high - low > 1e-9 * size and high - low > 1e-300:
        return low, high
    pad = 0.5 * size if size > 1e-300 else 1.0
    return low - pad, high + pad


def ticks(low: float, high: float, count: int = 5) -> list[tuple[float, str]]:
    """Round numbers between `low` and `high`, about `count` of them, with their text.

    >>> ticks(-1.2, 3.1)
    [(-1.0, '−1'), (0.0, '0'), (1.0, '1'), (2.0, '2'), (3.0, '3')]
    """
    raw = (high - low) / max(count, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    steps = [m * magnitude for m in (0.2, 0.5, 1, 2, 5, 10)]
    wanted = next(i for i, step in enumerate(steps) if step >= raw * 0.9)
    for step in steps[wanted::-1]:  # a finer one where a round step leaves a single number on the axis
        first, last = math.ceil(low / step - 0.02), math.floor(high / step + 0.02)
        if max(abs(first), abs(last)) > 1e12:  # far from zero and narrow: round numbers would not tell them apart
            break
        if last > first:
            return [(i * step, _number(i * step, step)) for i in range(first, last + 1)]
    return [(low, _number(low, 0.0)), (high, _number(high, 0.0))]


def _number(value: float, step: float) -> str:
    size = max(abs(value), step)
    if step >= 1e-4 and size < 1e5:
        text = f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
    else:
        mantissa, _, exponent = f"{value:.6g}".partition("e")
        text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return "0" if float(text) == 0 else text.replace("-", "−")


def pieces(x: np.ndarray, y: np.ndarray, window: View) -> list[tuple[np.ndarray, np.ndarray]]:
    """The curve cut where it has no value and where it jumps, so that no line is drawn that the function does not have.

    A jump between two samples is a step that its neighbours do not announce: more than 4 % of what the view shows
    of the curve and eight times the steps beside it, or two such steps around one sample; or a flight from beyond one
    edge beyond the other.
    """
    x, y = np.asarray(x, float).ravel(), np.clip(np.asarray(y, float).ravel(), -_HUGE, _HUGE)
    finite = np.isfinite(x) & ~np.isnan(y) & (np.abs(y) < _HUGE)
    cut = ~(finite[:-1] & finite[1:])
    step = np.abs(np.diff(np.where(finite, y, 0.0)))
    before, after = np.r_[0.0, step[:-1]], np.r_[step[1:], 0.0]
    own = np.ptp(np.clip(y[finite], window.bottom, window.top)) if finite.any() else 0.0
    large = step > 0.04 * own
    cut |= large & (step > 8 * np.maximum(before, after))
    twice = large & np.r_[large[1:], False]  # sign(x): a sample lies in the middle of the jump
    twice &= np.minimum(step, after) > 8 * np.maximum(before, np.r_[after[1:], 0.0])
    cut |= twice | np.r_[False, twice[:-1]]
    side = np.where(y > window.top, 1, np.where(y < window.bottom, -1, 0))
    cut |= side[:-1] * side[1:] < 0
    parts = np.split(np.arange(x.size), np.flatnonzero(cut) + 1)
    return [(x[p], y[p]) for p in (part[finite[part]] for part in parts) if p.size]


# ---------------------------------------------------------------------------------------------------------------- SVG


def svg(
    curves: Sequence[Curve],
    *,
    width: int = 360,
    height: int = 220,
    title: str | None = None,
    xlabel: str = "x",
    ylabel: str = "",
) -> str:
    """A picture of `curves`, each `(label, x, y)`, as one self-contained `<svg>`; it suits light pages and dark ones.

    Args:
        curves: the label is written at the right end of its curve, in its colour; an empty label writes nothing.
        width: in pixels, as `height`.
        title: written above; also what a screen reader says.
        xlabel: what the horizontal axis measures, with its unit if it has one.
        ylabel: likewise for the vertical axis.

    >>> x = np.linspace(-1, 1, 5)
    >>> svg([("relu", x, np.maximum(x, 0))], title="ReLU").count("<path")
    1
    """
    window = view((x, y) for _, x, y in curves)
    longest = max((len(label) for label, _, _ in curves), default=0)
    y_ticks = ticks(window.bottom, window.top, max(2, height // 48))
    left = 14 + 6.2 * max((len(text) for _, text in y_ticks), default=1)
    right = max(26.0, min(0.4 * width, 12 + 7.2 * longest))
    above, below = (28 if title else 10) + (10 if ylabel else 0), 26
    w, h = width - left - right, height - above - below

    def px(v: np.ndarray | float) -> np.ndarray:
        return (np.asarray(v, float) - window.left) / (window.right - window.left) * w

    pad = 4.0  # a curve that touches its extreme keeps its full stroke

    def py(v: np.ndarray | float) -> np.ndarray:
        return pad + (window.top - np.asarray(v, float)) / (window.top - window.bottom) * (h - 2 * pad)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rheobase-sketch" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}" font-size="11" fill="currentColor">',
        f"<title>{escape(title or ', '.join(label for label, _, _ in curves) or 'empty')}</title>",
        f"<style>{STYLE}</style>",
    ]
    if title:
        out.append(f'<text x="{left:.1f}" y="16" font-size="13" font-weight="600">{escape(title)}</text>')
    if ylabel:
        out.append(f'<text x="{left:.1f}" y="{above - 5:.0f}" opacity=".65">{escape(ylabel)}</text>')
    out.append('<g stroke="currentColor" stroke-width="1">')
    for value, _ in y_ticks:
        out.append(_line(left, above + float(py(value)), left + w, above + float(py(value)), value == 0))
    x_ticks = ticks(window.left, window.right, max(2, int(w) // 44))
    for value, _ in x_ticks:
        out.append(_line(left + float(px(value)), above, left + float(px(value)), above + h, value == 0))
    out.append("</g>")
    out.append('<g opacity=".65">')
    for value, text in y_ticks:
        out.append(f'<text x="{left - 6:.1f}" y="{above + float(py(value)) + 3.8:.1f}" text-anchor="end">{text}</text>')
    for value, text in x_ticks:
        at = left + float(px(value))
        out.append(f'<text x="{at:.1f}" y="{height - 10}" text-anchor="middle">{text}</text>')
    out.append(f'<text x="{left + w + 13:.1f}" y="{height - 10}" font-style="italic">{escape(xlabel)}</text></g>')

    # A nested <svg> clips what leaves the window without needing an id, of which a page may hold only one each.
    out.append(f'<svg x="{left:.1f}" y="{above}" width="{w:.1f}" height="{h}" viewBox="0 0 {w:.1f} {h}">')
    ends: list[tuple[float, str, str]] = []
    for i, (label, x, y) in enumerate(curves):
        colour = PALETTE[i % len(PALETTE)]
        parts = [(px(a), np.clip(py(b), -4 * h, 5 * h)) for a, b in pieces(x, y, window)]
        data = "".join(path(a, b) for a, b in parts)
        out.append(f'<path class="rb-c" stroke="{colour}" d="{data}"/>')
        for (a, b), (c, d) in pairwise(parts):
            if c[0] - a[-1] <= 0.02 * w and abs(d[0] - b[-1]) < h:
                out.append(
                    f'<path class="rb-c" stroke="{colour}" opacity=".45" style="stroke-width:1.2" '
                    f'stroke-dasharray="1 4" d="M{a[-1]:.1f} {b[-1]:.1f}L{c[0]:.1f} {d[0]:.1f}"/>'
                )
        if label and parts:
            seen = [float(b[k]) for a, b in parts for k in range(b.size) if 0 <= b[k] <= h]
            last = float(parts[-1][1][-1])
            ends.append((last if 0 <= last <= h else (min(max(last, 0.0), h) if seen else h / 2), label, colour))
    out.append("</svg>")
    for at, label, colour in spread(ends, h):
        out.append(
            f'<text x="{left + w + 6:.1f}" y="{above + at + 3.8:.1f}" fill="{colour}" font-weight="600">'
            f"{escape(label)}</text>"
        )
    out.append("</svg>")
    return "\n".join(out)


def _line(x1: float, y1: float, x2: float, y2: float, axis: bool) -> str:
    strong = ".45" if axis else ".12"
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" opacity="{strong}"/>'


def path(x: np.ndarray, y: np.ndarray, tolerance: float = 0.12) -> str:
    """A polyline with the points left out that lie within `tolerance` pixels of a line through those kept."""
    kept = [0]
    low, high = -math.inf, math.inf
    for i in range(1, x.size):
        start = kept[-1]
        run = max(float(x[i] - x[start]), 1e-9)
        slope = float(y[i] - y[start]) / run
        if not low <= slope <= high:
            kept.append(i - 1)
            run = max(float(x[i] - x[i - 1]), 1e-9)
            slope, low, high = float(y[i] - y[i - 1]) / run, -math.inf, math.inf
        low, high = max(low, slope - tolerance / run), min(high, slope + tolerance / run)
    if kept[-1] != x.size - 1 or x.size == 1:
        kept.append(x.size - 1)
    return "M" + "L".join(f"{x[i]:.1f} {y[i]:.1f}" for i in kept)


def spread(ends: list[tuple[float, str, str]], height: float, gap: float = 13.0) -> list[tuple[float, str, str]]:
    """Labels moved apart vertically, in their order, as little as keeps `gap` pixels between them."""
    ends = sorted(ends)
    at = [e[0] for e in ends]
    for i in range(1, len(at)):
        at[i] = max(at[i], at[i - 1] + gap)
    limit = height
    for i in reversed(range(len(at))):
        at[i] = min(at[i], limit)
        limit = at[i] - gap
    return [(a, label, colour) for a, (_, label, colour) in zip(at, ends, strict=True)]


# ----------------------------------------------------------------------------------------------------------- terminal

# Unicode braille: the bit of the dot in row r (of 4), column c (of 2) of a cell.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def terminal(
    x: np.ndarray,
    y: np.ndarray,
    *,
    width: int = 60,
    height: int = 15,
    marks: Iterable[tuple[float, float, str]] = (),
    level: float | None = None,
) -> str:
    """The curve in braille characters, `width` columns and `height` lines in all, with both axes and their numbers.

    Args:
        marks: points `(x, y, character)` that are shown on top of the curve.
        level: where a dashed horizontal line runs.

    >>> x = np.linspace(-2, 2, 81)
    >>> print(terminal(x, np.maximum(x, 0), width=34, height=8))
    2 ┤               │            ⣀⡴⠋
      │               │         ⢀⡤⠞⠁
      │               │       ⣠⠖⠋
    1 ┤               │    ⣀⡴⠋⠁
      │               │ ⢀⡠⠞⠁
    0 ┼⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣠⠔⠋─────────────
      └┬──────────────┬──────────────┬
      −2              0              2
    """
    window = view([(x, y)])
    y_ticks = ticks(window.bottom, window.top, max(2, height // 4))
    gutter = max(len(text) for _, text in y_ticks) + 1
    columns, rows = max(8, width - gutter - 1), max(3, height - 2)
    across, down = 2 * columns - 1, 4 * rows - 1

    def dot_x(v: np.ndarray | float) -> np.ndarray:
        return np.rint((np.asarray(v) - window.left) / (window.right - window.left) * across)

    def dot_y(v: np.ndarray | float) -> np.ndarray:
        return np.rint((window.top - np.asarray(v)) / (window.top - window.bottom) * down)

    dots = np.zeros((rows, columns), int)
    for a, b in pieces(x, y, window):
        dense = np.linspace(a[0], a[-1], max(2, 8 * across))  # so that steep parts leave no gaps sideways
        heights = np.interp(dense, a, b)
        i, j = dot_x(dense).astype(int), np.clip(dot_y(heights), -1, down + 1).astype(int)
        moved = np.flatnonzero(np.diff(i) | np.diff(j)) + 1
        for k in (0, *moved):
            before = j[k - 1] if k else j[k]
            for row in range(min(before + 1, j[k]), max(before - 1, j[k]) + 1):
                if 0 <= row <= down:
                    dots[row // 4, i[k] // 2] |= _DOTS[row % 4][i[k] % 2]

    zero_row = int(dot_y(0.0)) // 4 if window.bottom <= 0 <= window.top else None
    zero_column = int(dot_x(0.0)) // 2 if window.left <= 0 <= window.right else None
    x_ticks = ticks(window.left, window.right, max(2, columns // 9))
    names = {int(dot_y(value)) // 4: text for value, text in y_ticks}
    lines = []
    dashed = int(dot_y(level)) // 4 if level is not None and window.bottom <= level <= window.top else None
    shown = {
        (min(max(int(dot_y(b)) // 4, 0), rows - 1), int(dot_x(a)) // 2): character
        for a, b, character in marks
        if window.left <= a <= window.right
    }
    for row in range(rows):
        edge = ("┼" if row == zero_row else "┤") if row in names else "│"
        cells = "".join(
            shown[row, c]
            if (row, c) in shown
            else chr(0x2800 + dots[row, c])
            if dots[row, c]
            else "┄"
            if row == dashed
            else ("┼" if c == zero_column else "─")
            if row == zero_row
            else "│"
            if c == zero_column
            else " "
            for c in range(columns)
        )
        lines.append(f"{names.get(row, ''):>{gutter - 1}} {edge}{cells}".rstrip())
    ruler, words = ["─"] * columns, [" "] * (width + 8)
    for value, text in x_ticks:
        at = int(dot_x(value)) // 2
        ruler[at] = "┬"
        start = max(0, gutter + 1 + at - len(text.lstrip("−")) // 2 - text.startswith("−"))
        if start == 0 or all(c == " " for c in words[start - 1 : start + len(text)]):
            words[start : start + len(text)] = text
    lines.append(" " * gutter + "└" + "".join(ruler))
    lines.append("".join(words).rstrip())
    return "\n".join(lines)
