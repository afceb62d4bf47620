"""What is proven about a curve that bears on a single neuron: monotone, turning points, continuous, a polynomial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from rheobase.capability.model import as_float, number, value_at
from rheobase.certify import judge
from rheobase.certify.verdict import Proven, Verdict
from rheobase.enclosure.algebra import polynomial
from rheobase.expr import Expr
from rheobase.parse import parse


@dataclass(frozen=True)
class Fact:
    """Something proven, with the method that proved it."""

    value: object
    method: str


@lru_cache(maxsize=512)
def _judged(f: Expr, name: str) -> Verdict:
    return judge(f, [name])[name]


def monotone(f: Expr) -> Fact | None:
    """ "increasing", "decreasing" or "constant"; None where it is refuted or unknown."""
    verdict = _judged(f, "monotone")
    return Fact(verdict.value, verdict.method) if isinstance(verdict, Proven) else None


def continuous(f: Expr) -> Fact | None:
    """Proven continuous on the whole line, or None."""
    verdict = _judged(f, "continuous")
    return Fact(True, verdict.method) if isinstance(verdict, Proven) else None


def turning_points(f: Expr) -> Fact | None:
    """How many turning points f has, a plateau counted once; None where they are infinitely many or not known."""
    verdict = _judged(f, "extrema")
    if isinstance(verdict, Proven) and isinstance(verdict.value, (list, tuple)):
        return Fact(len(verdict.value), verdict.method)
    return None


def turning_places(f: Expr) -> list[float]:
    """Where the proven turning points lie, as doubles; empty where they are not known or infinitely many."""
    verdict = _judged(f, "extrema")
    if not isinstance(verdict, Proven) or not isinstance(verdict.value, (list, tuple)):
        return []
    middles = [sum(_place(turn)) / 2 for turn in verdict.value]
    return [m for m in middles if math.isfinite(m)]


def degree(f: Expr) -> int | None:
    """The degree where f is a polynomial; None where it is none, or is not shown to be one.

    >>> from rheobase.parse import parse
    >>> degree(parse("x - x**3")), degree(parse("(x + 1)*x/pi")), degree(parse("abs(x)"))
    (3, 2, None)
    """
    factors = polynomial(f)
    return None if factors is None else max(factors, default=0)


def signs(f: Expr) -> Fact | None:
    """The signs of a continuous f from left to right, zeros included: (−1, 0, 1) for swish.

    None where f is not proven continuous or its zeros are infinitely many, intervals, or not known.
    """
    verdict = _judged(f, "zeros")
    if not isinstance(verdict, Proven) or not isinstance(verdict.value, (list, tuple)) or continuous(f) is None:
        return None
    ends = [_place(zero) for zero in verdict.value]
    places = _between(ends)
    if places is None:
        return None
    pattern: list[int] = []
    for place in places:
        value = value_at(f, number(place))
        if not (value > 0 or value < 0):
            return None
        pattern += [1 if value > 0 else -1, 0]
    return Fact(tuple(pattern[:-1]), verdict.method)


def _between(zeros: list[tuple[float, float]]) -> list[Fraction] | None:
    """A point before the first zero, one between each two, one behind the last; None where zeros crowd."""
    if not zeros:
        return [Fraction(0)]
    inner = []
    for (_, left), (right, _) in pairwise(sorted(zeros)):
        if not right - left > 1e-9 * max(1.0, abs(left), abs(right)):
            return None
        inner.append(Fraction((left + right) / 2))
    return [Fraction(min(zeros)[0]) - 1, *inner, Fraction(max(zeros)[1]) + 1]


def _place(zero: Mapping[str, Any]) -> tuple[float, float]:
    """The ends of a zero's enclosure; both the same where it is known as a formula."""
    if "at" in zero:
        exact = as_float(parse(str(zero["at"])))
        return exact, exact
    return float(zero["low"]), float(zero["high"])
