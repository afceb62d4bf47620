"""Tails: where a formula's arithmetic breaks far out, it goes on along its asymptote.

`x*tanh(exp(x))` is x far to the right, but exp overflows at 89 in float32 and its gradient is NaN. The
place at which the first step breaks is found by computing the formula step by step in that precision;
the asymptote (0, a constant, a line, a power, a logarithm, or the last value) is fitted to true values
and is taken only when it agrees with the truth, within the formula's own rounding bound, at 64 points
out to the largest finite number, in value and slope. One that is proven for every x beyond its beginning
(`proving`) is preferred.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rheobase.expr import Apply, Expr, Number, substitute, x
from rheobase.lower.formats import FORMATS, SINGLE, Format
from rheobase.lower.guard import tame
from rheobase.lower.probe import Array, probe

MAX_RUNS = 32
"""Runs of broken points that are looked at; a formula with more has a break at every turn of a wave."""


class Tails(NamedTuple):
    """The formula with its tails, and what remains broken, told for a reader."""

    expr: Expr
    warnings: tuple[str, ...]
    tails: tuple[tuple[int, Fraction, Expr], ...] = ()
    """(side, where it begins, the asymptote)"""


@lru_cache(maxsize=4096)
def extended(core: Expr, safe: Expr, precision: str) -> Tails:
    """`safe` (the guarded form of `core`) with tails where its arithmetic breaks in `precision`."""
    if "x" not in core.symbols:
        return Tails(safe, ())
    form = FORMATS[precision]
    warnings: list[str] = []
    bounds: list[tuple[int, Fraction, Expr]] = []
    for side in (1, -1):
        broken = _break(core, safe, form, side)
        if broken is None:
            continue
        from rheobase.lower.asymptotes import asymptote  # here, as python-flint takes 35 ms and is seldom needed

        found = asymptote(core, form, side, broken)
        if found is None:
            sign = "above" if side > 0 else "below"
            warnings.append(f"{precision}: not reliable {sign} x = {side * broken[1]:.3g}")
        else:
            bounds.append((side, *found))
    whole = join(safe, bounds)
    if not warnings and (hole := _hole(core, whole, form)) is not None:
        warnings.append(f"{precision}: not reliable near x = {hole:.3g}")
    return Tails(whole, tuple(warnings), tuple(bounds))


def _hole(core: Expr, whole: Expr, form: Format) -> float | None:
    """A point between the tails at which value or slope is computed as NaN, or as infinite, without being so."""
    with np.errstate(under="ignore"):
        least = np.ldexp(1.0, np.arange(math.frexp(form.smallest)[1] - 1, math.frexp(form.smallest)[1] + 53, 4))
        sizes = np.concatenate([[0.0], least, 1 / _grid(form)[::-1], _grid(form)]).astype(form.dtype).astype(np.float64)
    if form.flushes:
        sizes = sizes[(sizes == 0) | (sizes >= form.smallest)]  # smaller ones are read as 0
    points = np.sort(np.concatenate([-sizes, sizes]))  # np.unique would import numpy.ma: 12 ms
    computed = probe(whole, points, form.dtype, form.flushes)
    broken = np.nonzero(~(np.isfinite(computed.value) & np.isfinite(computed.slope)))[0]
    runs = np.split(broken, np.nonzero(np.diff(broken) > 1)[0] + 1)[:MAX_RUNS]
    suspects = [float(points[i]) for run in runs for i in _thinned(run)]
    return next((p for p in suspects if _wrong(core, whole, form, np.array([p]))), None)


def join(safe: Expr, bounds: list[tuple[int, Fraction, Expr]]) -> Expr:
    """where(x > R, tail, where(x < L, tail, f(x held in [L, R])))."""
    held: Expr = x
    for side, at, _ in bounds:
        held = Apply("where", (_beyond(side, at), Number(at), held))
    result = substitute(safe, {x: held})
    for side, at, tail in bounds:
        beyond = _beyond(side, at)
        if "x" in tail.symbols and not tame(tail):
            tail = substitute(tail, {x: Apply("where", (beyond, x, Number(at)))})
        result = Apply("where", (beyond, tail, result))
    return result


def _beyond(side: int, at: Fraction) -> Expr:
    return Apply("gt" if side > 0 else "lt", (x, Number(at)))


@lru_cache(maxsize=8)
def _grid(form: Format) -> Array:
    steps = (1.0, 1.25, 1.5, 1.75) if form.unit == SINGLE.unit else (1.0, 1.5)
    top = math.frexp(form.largest)[1]
    sizes = np.array([math.ldexp(s, k) for k in range(-4, top) for s in steps] + [form.largest])
    return sizes.astype(form.dtype).astype(np.float64)


def _break(core: Expr, safe: Expr, form: Format, side: int) -> tuple[float, float] | None:
    """(last sound size, first broken size) on one side, when all beyond is broken and comes out wrong."""
    grid = _grid(form)
    clean = probe(safe, side * grid, form.dtype, form.flushes).clean
    if clean[-1]:
        return None
    first = int(np.nonzero(clean)[0][-1]) + 1 if clean.any() else 0
    if first == 0:
        return None
    low, high = float(grid[first - 1]), float(grid[first])
    for _ in range(12):
        fine = np.linspace(low, high, 9)
        sound = probe(safe, side * fine, form.dtype, form.flushes).clean
        last = int(np.nonzero(sound)[0][-1]) if sound.any() else 0
        low, high = float(fine[last]), float(fine[min(last + 1, 8)])
    # Just beyond, a slope may be finite still where the value has overflowed.
    with np.errstate(over="ignore"):
        beside = np.minimum(high * np.array([1, 1 + 2.0**-10, 1 + 2.0**-7]), form.largest)
    points = side * np.concatenate([beside.astype(form.dtype).astype(np.float64), _thinned(grid[first:])])
    from rheobase.lower.asymptotes import untrue_edge

    wrong = _wrong(core, safe, form, points) or untrue_edge(safe, core, form, side * grid) is not None
    return (low, high) if wrong else None


def _wrong(core: Expr, safe: Expr, form: Format, points: Array) -> bool:
    from rheobase.lower.asymptotes import comes_out_wrong

    return comes_out_wrong(core, safe, form, points)


def _thinned(points: Array) -> Array:
    """Twelve of the points, both ends among them."""
    return points[np.unique(np.linspace(0, len(points) - 1, 12).astype(int))] if len(points) else points
