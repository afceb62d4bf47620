"""The value at ±inf is the limit: where the arithmetic gives NaN there, or stops short, the proven limit takes over.

The limit is that of the expansion towards the end (`rheobase.enclosure.expansion`), whose error is enclosed; where
there is none, as for a sine, the value stays NaN. Only formulas that need it pay for the comparison.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from rheobase.expr import Apply, Expr, Number, substitute, x
from rheobase.lower.formats import Format
from rheobase.lower.guard import ANCHORS
from rheobase.lower.probe import probe

Limit = Fraction | str
"""A number, "inf" or "-inf"."""
BEYOND = 2**1100
"""Infinite in every format."""
RADII = (16, 1024, 2**20)


def with_limits(expr: Expr, whole: Expr, form: Format) -> Expr:
    """`whole` (as it is computed in `form`) with the limits of `expr` at ±inf, where it does not get there by itself.

    >>> from rheobase.lower.formats import FORMATS
    >>> from rheobase.parse import parse
    >>> formula = parse("x/(1 + abs(x))")
    >>> str(with_limits(formula, formula, FORMATS["float32"])).startswith("clip(x, -34028234")
    True
    """
    with np.errstate(all="ignore"):
        seen = probe(whole, np.array([-np.inf, np.inf]), form.dtype, form.flushes).value
    huge = form.largest**0.5
    sides = [k for k in (0, 1) if np.isnan(seen[k]) or huge < abs(seen[k]) < np.inf]
    limits = {k: found for k in sides if (found := limit(expr, k)) is not None}
    if not limits:
        return whole
    if (held := _held(whole, limits, form)) is not None:
        return held
    anchor = _anchor(whole, form)
    if anchor is None:
        return whole
    far = _beyond(limits, form)
    held = substitute(whole, {x: Apply("where", (far, Number(anchor), x))})
    return Apply("where", (far, _value(limits), held))


def _held(whole: Expr, limits: dict[int, Limit], form: Format) -> Expr | None:
    """`whole` with its input held within the largest numbers: one operation, where it is at its limits by then."""
    ends = [Number((2 * k - 1) * Fraction(form.largest) if k in limits else BEYOND * (2 * k - 1)) for k in (0, 1)]
    held = substitute(whole, {x: Apply("clip", (x, *ends))})
    with np.errstate(all="ignore"):
        seen = probe(held, np.array([-np.inf, np.inf]), form.dtype, form.flushes).value
    wanted = {k: form.dtype(float(v)) for k, v in limits.items()}
    return held if all(seen[k] == wanted[k] for k in limits) else None


def limit(expr: Expr, side: int) -> Limit | None:
    """The proven limit towards -inf (0) or inf (1) as a double; None where there is none or it is not told."""
    from rheobase.enclosure.coefficients import BITS, Undecided
    from rheobase.enclosure.expansion import LEFT, RIGHT, expand
    from rheobase.enclosure.interval import precision
    from rheobase.enclosure.monomials import TooNear

    for r in RADII:
        try:
            found = expand(expr, RIGHT if side else LEFT, r).limit
        except TooNear:
            continue
        except (Undecided, ZeroDivisionError):
            return None
        if isinstance(found, str):
            return found
        if found.rational is not None:
            return found.rational
        with precision(BITS):
            return Fraction(float(found.interval().ball.mid()))
    return None


def _beyond(limits: dict[int, Limit], form: Format) -> Expr:
    largest = Number(Fraction(form.largest))
    if len(limits) == 2:
        return Apply("gt", (Apply("abs", (x,)), largest))
    return Apply("gt", (x, largest)) if 1 in limits else Apply("lt", (x, Number(-largest.value)))


def _value(limits: dict[int, Limit]) -> Expr:
    """A formula that is the limit at -inf, and the other one at inf; infinite where the limit is."""
    ends = [_side(limits[k], k) for k in sorted(limits)]
    if len(ends) == 1 or ends[0] is ends[1]:
        return ends[0]
    low, high = ends
    if isinstance(low, Number) and isinstance(high, Number):
        return Apply("clip", (x, low, high)) if low.value < high.value else Apply("clip", (-x, high, low))
    return Apply("where", (Apply("gt", (x, Number(0))), ends[1], ends[0]))


def _side(value: Limit, side: int) -> Expr:
    if not isinstance(value, str):
        return Number(value)
    return x if (value == "inf") == bool(side) else -x


def _anchor(whole: Expr, form: Format) -> Fraction | None:
    """A point at which value and slope are finite, to stand in for ±inf."""
    for point in ANCHORS:
        if probe(whole, np.array([float(point)]), form.dtype, form.flushes).clean.all():
            return Fraction(point)
    return None
