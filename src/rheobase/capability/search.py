"""Finding weights: where on the curve must the sums lie so that one threshold parts the ones from the zeros?

Once whole weights are chosen (see `orders`), the sums are b + h·s for whole numbers s, and only the shift b and the
spacing h are open: two numbers, which a grid searches whatever the number of inputs. What it finds is floating point's
opinion; `model.check` decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from rheobase.capability.orders import Line

RADII = (6.0, 1.5, 24.0, 96.0, 400.0)
"""Half-widths of the stretches about 0 that are searched, in this order; the first that succeeds is taken."""
CLOSE = (1.0, 0.03, 0.001, 30.0)
"""Half-widths of those about a proven turning point."""
STEPS = 1536
KEPT = 0.98
"""The share of the best margin that rounding to short binary fractions must keep."""
MOST_BITS = 30
"""Binary places of a rounded weight, at most."""

Curve = Callable[[np.ndarray], np.ndarray]


class Window(NamedTuple):
    """A stretch of the curve."""

    centre: float
    radius: float


AROUND_ZERO = tuple(Window(0.0, radius) for radius in RADII)


def around(points: Iterable[float]) -> list[Window]:
    """Stretches about turning points, which may be far out or narrow."""
    return [Window(p, radius) for radius in CLOSE for p in points]


class Place(NamedTuple):
    """Sums at shift + spacing · s, the threshold between the two sides, the orientation, and the width between them."""

    shift: Fraction
    spacing: Fraction
    threshold: Fraction
    orientation: int
    width: float


class _Spot(NamedTuple):
    shift: float
    spacing: float
    orientation: int
    width: float


def places(
    curve: Curve,
    line: Line,
    windows: Sequence[Window] = AROUND_ZERO,
    *,
    threshold: bool,
    enough: float = math.inf,
) -> Iterator[Place]:
    """Places on the curve that seem to do it, short binary fractions; the widest margin within each window, or the
    closest sums with a margin that is `enough`.

    With `threshold` false, the threshold is 0, and an f of exactly 0 counts as the answer 0.
    """
    for window in windows:
        spot = _best(curve, line, window, threshold=threshold, enough=enough)
        if spot is not None:
            yield _rounded(curve, line, spot, threshold=threshold)


def _best(curve: Curve, line: Line, window: Window, *, threshold: bool, enough: float) -> _Spot | None:
    delta = 2 * window.radius / STEPS
    grid = window.centre - window.radius + delta * np.arange(STEPS + 1)
    values = _values(curve, grid)
    start, span = line.sums[0], line.sums[-1] - line.sums[0]
    offsets = [s - start for s in line.sums]
    best: _Spot | None = None
    for step in _spacings(STEPS // span) if span else (1,):
        count = STEPS + 1 - step * span
        columns = [values[step * o : step * o + count] for o in offsets]
        for orientation, widths in _widths(columns, line.answers, threshold=threshold):
            widths = np.minimum(widths, enough)
            i = _middle_of_best(widths)
            if widths[i] > 0 and (best is None or widths[i] > best.width * 1.0001):
                shift = grid[i] - step * delta * start
                best = _Spot(float(shift), step * delta, orientation, float(widths[i]))
    return best


def _spacings(most: int) -> list[int]:
    """In steps of the grid: from a twelfth of the window upwards, then the closer ones; the first of equals is kept."""
    usual = STEPS // 12
    return [*range(usual, most + 1), *range(min(usual - 1, most), 0, -1)]


def _middle_of_best(widths: np.ndarray) -> int:
    """The middle of the first run of places that are as good as the best, so that a jump is kept at a distance."""
    first = int(np.argmax(widths))
    worse = np.flatnonzero(widths[first:] < 0.9999 * widths[first])
    return first + (int(worse[0]) - 1 if worse.size else widths.size - first - 1) // 2


def _values(curve: Curve, at: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        values = np.asarray(curve(at), dtype=float)
    return np.where(np.isfinite(values) & (np.abs(values) < 1e300), values, np.nan)


def _widths(
    columns: list[np.ndarray], answers: tuple[int, ...], *, threshold: bool
) -> Iterator[tuple[int, np.ndarray]]:
    """For either orientation, the width between the two sides at each place; negative where they are not parted."""
    one = [c for c, a in zip(columns, answers, strict=True) if a]
    nil = [c for c, a in zip(columns, answers, strict=True) if not a]
    for orientation in (1, -1):
        lowest = np.min([orientation * c for c in one], axis=0) if one else None
        highest = np.max([orientation * c for c in nil], axis=0) if nil else None
        if threshold:
            # A task that never changes its answer is parted by any threshold beyond the values.
            some = lowest if lowest is not None else highest
            assert some is not None
            width = lowest - highest if lowest is not None and highest is not None else np.where(some == some, 2.0, -1)
        else:
            sides = [s for s in (lowest, None if highest is None else -highest) if s is not None]
            width = 2 * np.min(sides, axis=0)
            if lowest is not None and highest is not None and (width <= 0).all():
                # f exactly 0 where the answer is 0: right by definition, with no room.
                width = np.where((lowest > 0) & (highest == 0), lowest * 1e-9, -1.0)
        yield orientation, np.where(np.isnan(width), -np.inf, width)


def _rounded(curve: Curve, line: Line, spot: _Spot, *, threshold: bool) -> Place:
    shift, spacing, width = Fraction(spot.shift), Fraction(spot.spacing), spot.width

    def width_at(b: Fraction, h: Fraction) -> float:
        return min(_width_at(curve, line, b, h, spot.orientation, threshold=threshold), spot.width)

    def firm(b: Fraction, h: Fraction) -> bool:
        """Would the sums do as well an eighth of their spacing further on? So it is beside a jump, not on it."""
        return min(width_at(b - h / 8, h), width_at(b + h / 8, h)) >= KEPT * spot.width

    wanted = firm(shift, spacing)
    for bits in range(MOST_BITS):
        near = [
            (found, b, h)
            for b in _neighbours(spot.shift, bits)
            for h in _neighbours(spot.spacing, bits)
            if h > 0 and (found := width_at(b, h)) >= KEPT * spot.width and (not wanted or firm(b, h))
        ]
        if near:
            width, shift, spacing = max(near)
            break
    middle = _middle(curve, line, shift, spacing, spot.orientation) if threshold else Fraction(0)
    return Place(shift, spacing, middle, spot.orientation, width)


def _neighbours(value: float, bits: int) -> list[Fraction]:
    unit = Fraction(1, 2**bits)
    below = math.floor(value * 2**bits)
    return [unit * (below + i) for i in (0, 1)]


def _at(curve: Curve, line: Line, shift: Fraction, spacing: Fraction) -> np.ndarray:
    return _values(curve, np.array([float(shift + spacing * s) for s in line.sums]))


def _width_at(
    curve: Curve, line: Line, shift: Fraction, spacing: Fraction, orientation: int, *, threshold: bool
) -> float:
    columns = [np.array([v]) for v in _at(curve, line, shift, spacing)]
    return next(float(w[0]) for o, w in _widths(columns, line.answers, threshold=threshold) if o == orientation)


def _middle(curve: Curve, line: Line, shift: Fraction, spacing: Fraction, orientation: int) -> Fraction:
    """A short binary fraction near the middle between the two sides."""
    values = orientation * _at(curve, line, shift, spacing)
    one = [v for v, a in zip(values, line.answers, strict=True) if a]
    nil = [v for v, a in zip(values, line.answers, strict=True) if not a]
    low, high = max(nil, default=min(values) - 2), min(one, default=max(values) + 2)
    middle, half = orientation * (low + high) / 2, (high - low) / 2
    for bits in range(MOST_BITS):
        near = min(_neighbours(middle, bits), key=lambda t: abs(float(t) - middle))
        if abs(float(near) - middle) <= (1 - KEPT) * half:
            return near
    return Fraction(middle)
