"""Enclosures as doubles, always rounded outwards."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb


def outward(end: Fraction | arb, side: int) -> float | str:
    """The double at or beyond an end; "inf" and "-inf" as text, for JSON has no infinity.

    >>> outward(Fraction(1, 3), -1) < Fraction(1, 3) < outward(Fraction(1, 3), 1)
    True
    """
    exact = _exact(end)
    if isinstance(exact, str):
        return exact
    try:
        near = float(exact)
    except OverflowError:
        return "inf" if exact > 0 else "-inf"
    if math.isinf(near):
        return "inf" if near > 0 else "-inf"
    wrong = near > exact if side < 0 else near < exact
    return math.nextafter(near, side * math.inf) if wrong else near


def _exact(end: Fraction | arb) -> Fraction | str:
    if isinstance(end, Fraction):
        return end
    if abs(end) == arb.pos_inf():
        return "inf" if end > 0 else "-inf"
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
