"""Closed intervals with exact ends, ±inf among them; every operation rounds outwards.

An interval holds every value that is defined: what happens where a division meets 0 or a logarithm a
negative number is for `boxes` to say. Source: Moore, Kearfott, Cloud, Introduction to Interval Analysis (2009).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb, ctx, fmpq

INF, NEG_INF, NOUGHT = arb.pos_inf(), arb.neg_inf(), arb(0)
FAR = arb(2) ** 500
"""Beyond this no exponential is worked out: the table's balls take it for 0 or infinite, which it is not."""


class Interval(NamedTuple):
    """[low, high]; both ends are exact numbers."""

    low: arb
    high: arb

    @property
    def ball(self) -> arb:
        return self.low.union(self.high)

    @property
    def sign(self) -> int | None:
        """The one sign of all its numbers, None where there is none."""
        if self.low > 0:
            return 1
        if self.high < 0:
            return -1
        return 0 if self.low == 0 and self.high == 0 else None

    @property
    def width(self) -> arb:
        return self.high - self.low

    def __contains__(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high)


WHOLE = Interval(NEG_INF, INF)
UNIT = Interval(arb(-1), arb(1))
NIL = Interval(NOUGHT, NOUGHT)
EINS = Interval(arb(1), arb(1))


def down(value: arb) -> arb:
    """An exact number at or below the ball."""
    return NEG_INF if value.is_nan() else value.lower()


def up(value: arb) -> arb:
    return INF if value.is_nan() else value.upper()


def around(value: arb) -> Interval:
    """The ends of a ball."""
    return Interval(down(value), up(value))


def point(value: Fraction | int) -> Interval:
    """The number as an interval, of width 0 where it is a dyadic one of few bits."""
    return around(arb(fmpq(value.numerator, value.denominator)))


def between(low: Fraction | None, high: Fraction | None) -> Interval:
    """[low, high]; None stands for infinity."""
    return Interval(
        NEG_INF if low is None else point(low).low,
        INF if high is None else point(high).high,
    )


def hull(parts: Iterable[Interval]) -> Interval:
    parts = list(parts)
    return Interval(_least([p.low for p in parts]), _greatest([p.high for p in parts]))


def meet(a: Interval, b: Interval) -> Interval:
    """What lies in both; both are known to hold the value."""
    low, high = _greatest([a.low, b.low]), _least([a.high, b.high])
    return Interval(low, high) if low <= high else a


def _least(values: list[arb]) -> arb:
    best = values[0]
    for v in values[1:]:
        if v < best:
            best = v
    return best


def _greatest(values: list[arb]) -> arb:
    best = values[0]
    for v in values[1:]:
        if v > best:
            best = v
    return best


def add(a: Interval, b: Interval) -> Interval:
    return Interval(down(a.low + b.low), up(a.high + b.high))


def neg(a: Interval) -> Interval:
    return Interval(-a.high, -a.low)


def sub(a: Interval, b: Interval) -> Interval:
    return Interval(down(a.low - b.high), up(a.high - b.low))


def _product(a: arb, b: arb) -> arb:
    # An end of 0 beside an infinite one: every number of the product is 0 there.
    return NOUGHT if a == 0 or b == 0 else a * b


def mul(a: Interval, b: Interval) -> Interval:
    if b.low >= 0:
        a, b = b, a
    if a.low >= 0:  # which corners are the ends is told by the signs
        low = _product(a.low if b.low >= 0 else a.high, b.low)
        high = _product(a.high if b.high >= 0 else a.low, b.high)
        return Interval(down(low), up(high))
    if a.high <= 0 and b.high <= 0:
        return Interval(down(_product(a.high, b.high)), up(_product(a.low, b.low)))
    corners = [_product(p, q) for p in a for q in b]
    return Interval(_least([down(c) for c in corners]), _greatest([up(c) for c in corners]))


def inverse(a: Interval) -> Interval:
    """1/a at the numbers of a that are not 0."""
    if a.low > 0 or a.high < 0:
        low = NOUGHT if abs(a.high) == INF else 1 / a.high
        high = NOUGHT if abs(a.low) == INF else 1 / a.low
        return Interval(down(low), up(high))
    if a.low == 0 and a.high > 0:
        return Interval(NOUGHT if a.high == INF else down(1 / a.high), INF)
    if a.high == 0 and a.low < 0:
        return Interval(NEG_INF, NOUGHT if a.low == NEG_INF else up(1 / a.low))
    return WHOLE


def div(a: Interval, b: Interval) -> Interval:
    return mul(a, inverse(b))


def outward(a: Interval) -> Interval:
    """Ends beyond 2**500 moved outwards: to infinity, or back to 2**500."""
    if abs(a.low) <= FAR and abs(a.high) <= FAR:
        return a
    low = FAR if a.low > FAR else NEG_INF if a.low < -FAR else a.low
    return Interval(low, -FAR if a.high < -FAR else INF if a.high > FAR else a.high)


def size(a: Interval) -> Interval:
    """|a|."""
    if a.low >= 0:
        return a
    if a.high <= 0:
        return neg(a)
    return Interval(NOUGHT, _greatest([-a.low, a.high]))


def whole_power(a: Interval, n: int) -> Interval:
    """a**n for a whole number n."""
    if n == 0:
        return EINS
    if n < 0:
        return inverse(whole_power(a, -n))
    base = size(a) if n % 2 == 0 else a
    return Interval(down(_to_the(base.low, n)), up(_to_the(base.high, n)))


def _to_the(a: arb, n: int) -> arb:
    return a if abs(a) == INF else a**n


precision = ctx.workprec
"""Work at a number of bits inside a `with`."""
