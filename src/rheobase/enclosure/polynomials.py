"""Polynomials in x with rational factors within a formula, and their range on a box.

Taken term by term a polynomial is enclosed as if its terms had nothing to do with each other. About the middle of a
box its Taylor expansion tells whether it rises or falls there, so that the values at the ends are its range, or else
a narrow enclosure (Moore, Kearfott, Cloud, Introduction to Interval Analysis, 2009, section 6.4).
"""

from __future__ import annotations

from functools import lru_cache

from flint import arb, arb_poly, ctx, fmpq, fmpq_poly

from rheobase.enclosure.interval import NOUGHT, Interval, down, up
from rheobase.expr import Apply, Expr, Number, x

MAX_DEGREE = 12


@lru_cache(maxsize=4096)
def factors(expr: Expr) -> fmpq_poly | None:
    """The formula as a polynomial, None where it is none as it is written.

    >>> from rheobase.parse import parse
    >>> factors(parse("x*(x - 1)**2")), factors(parse("pi*x"))
    (x^3 + (-2)*x^2 + x, None)
    """
    if isinstance(expr, Number):
        return fmpq_poly([fmpq(expr.value.numerator, expr.value.denominator)])
    if expr is x:
        return fmpq_poly([0, 1])
    if not isinstance(expr, Apply) or expr.op not in ("add", "sub", "neg", "mul", "div", "pow"):
        return None
    parts = [factors(a) for a in expr.args]
    first, second = parts[0], parts[-1]
    if first is None or second is None:
        return None
    match expr.op:
        case "neg":
            return -first
        case "add":
            return first + second
        case "sub":
            return first - second
        case "mul":
            return first * second if first.degree() + second.degree() <= MAX_DEGREE else None
        case "div":
            return first / second[0] if second.degree() == 0 else None
    exponent = second[0]
    if second.degree() != 0 or exponent.denominator != 1 or not 0 < exponent <= MAX_DEGREE:
        return None
    return first ** int(exponent) if first.degree() * exponent <= MAX_DEGREE else None


def mixed(expr: Expr) -> bool:
    """Is it a polynomial in which x occurs in more than one power, so that the terms' ranges do not add up?"""
    found = factors(expr)
    return found is not None and sum(1 for c in found.coeffs()[1:] if c) > 1


class Polynomial:
    """A polynomial made ready to be enclosed."""

    def __init__(self, expr: Expr) -> None:
        self.factors = factors(expr) or fmpq_poly()
        self.known: dict[int, arb_poly] = {}

    def __call__(self, box: Interval) -> tuple[Interval, bool]:
        """(an enclosure of its values, are these its exact range up to rounding?) on a box with finite ends."""
        if ctx.prec not in self.known:
            self.known[ctx.prec] = arb_poly(self.factors)
        p = self.known[ctx.prec]
        if box.low == box.high:
            value = p(box.low)
            return Interval(down(value), up(value)), True
        middle = ((box.low + box.high) / 2).mid()
        reach = max((box.high - middle).upper(), (middle - box.low).upper())
        about = p(arb_poly([middle, 1])).coeffs()
        steep, power = NOUGHT, arb(1)
        for k, c in enumerate(about[2:], 2):
            power = power * reach
            steep += k * abs(c) * power
        if len(about) > 1 and abs(about[1]) > steep:
            ends = [p(box.low), p(box.high)]
            if about[1] < 0:
                ends.reverse()
            return Interval(down(ends[0]), up(ends[1])), True
        low = high = about[0] if about else NOUGHT
        power = arb(1)
        for k, c in enumerate(about[1:], 1):
            power = power * reach
            part = c * power
            low += -abs(part) if k % 2 else part.min(NOUGHT)
            high += abs(part) if k % 2 else part.max(NOUGHT)
        return Interval(down(low), up(high)), False
