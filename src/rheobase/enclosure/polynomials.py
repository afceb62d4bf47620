"""Polynomials in x with rational factors within a formula, and their range on a box.

Taken term by term a polynomial is enclosed as if its terms had nothing to do with each other. About the middle of a
box its Taylor expansion tells whether it rises or falls there, so that the values at the ends are its range, or else
a narrow enclosure (Moore, Kearfott, Cloud, Introduction to Interval Analysis, 2009, section 6.4).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from flint import arb, arb_poly, ctx, fmpq

from rheobase.enclosure.interval import NOUGHT, Interval, down, up
from rheobase.expr import Apply, Expr, Number, x

MAX_DEGREE = 12


@lru_cache(maxsize=4096)
def factors(expr: Expr) -> tuple[Fraction, ...] | None:
    """The factors by their powers, None where the formula is no polynomial as it is written.

    >>> from rheobase.parse import parse
    >>> [str(c) for c in factors(parse("x*(x - 1)**2")) or ()], factors(parse("pi*x"))
    (['0', '1', '-2', '1'], None)
    """
    if isinstance(expr, Number):
        return (expr.value,)
    if expr is x:
        return (Fraction(0), Fraction(1))
    if not isinstance(expr, Apply) or expr.op not in ("add", "sub", "neg", "mul", "div", "pow"):
        return None
    parts = [factors(a) for a in expr.args]
    first, second = parts[0], parts[-1]
    if first is None or second is None:
        return None
    match expr.op:
        case "neg":
            return tuple(-c for c in first)
        case "add" | "sub":
            length, side = max(len(first), len(second)), 1 if expr.op == "add" else -1
            a, b = ((*p, *[Fraction(0)] * (length - len(p))) for p in (first, second))
            return tuple(p + side * q for p, q in zip(a, b, strict=True))
        case "mul":
            return _product(first, second)
        case "div":
            return tuple(c / second[0] for c in first) if len(second) == 1 and second[0] else None
    exponent = second[0]
    if len(second) > 1 or exponent.denominator != 1 or not 0 < exponent <= MAX_DEGREE:
        return None
    result: tuple[Fraction, ...] | None = (Fraction(1),)
    for _ in range(int(exponent)):
        result = None if result is None else _product(result, first)
    return result


def _product(a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> tuple[Fraction, ...] | None:
    if len(a) + len(b) - 2 > MAX_DEGREE:
        return None
    made = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, p in enumerate(a):
        for k, q in enumerate(b):
            made[i + k] += p * q
    return tuple(made)


def mixed(expr: Expr) -> bool:
    """Is it a polynomial in which x occurs in more than one power, so that the terms' ranges do not add up?"""
    found = factors(expr)
    return found is not None and sum(1 for c in found[1:] if c) > 1


class Polynomial:
    """A polynomial made ready to be enclosed."""

    def __init__(self, expr: Expr) -> None:
        self.factors = factors(expr) or ()
        self.known: dict[int, arb_poly] = {}

    def __call__(self, box: Interval) -> tuple[Interval, bool]:
        """(an enclosure of its values, are these its exact range up to rounding?) on a box with finite ends."""
        if ctx.prec not in self.known:
            self.known[ctx.prec] = arb_poly([arb(fmpq(c.numerator, c.denominator)) for c in self.factors])
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
