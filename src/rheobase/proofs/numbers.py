"""Enclosures as doubles and as text, always rounded outwards."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

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


def digits(low: Any, high: Any) -> str:
    """The digits on which both ends agree, with "…" behind them where the number goes on.

    >>> digits(-0.2784645428182557, -0.27846454276107374), digits(1.0, 1.0), digits("inf", "inf")
    ('-0.278464542…', '1', '∞')
    """
    if isinstance(low, str) or isinstance(high, str):
        return {"inf": "∞", "-inf": "-∞"}.get(str(high), f"[{low}, {high}]")
    if low == high:
        return f"{low:.15g}"
    for places in range(15, 0, -1):
        texts = {f"{v:.{places}g}" for v in (low, high)}
        if len(texts) == 1:
            return texts.pop() + "…"
    return f"[{low:.6g}, {high:.6g}]"
