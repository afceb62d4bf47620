"""Ranges of polynomials on a box: they hold every value, and are exact where the polynomial rises or falls."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import arb, fmpq_poly

from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS
from rheobase.enclosure.polynomials import Polynomial, factors, mixed
from rheobase.expr import Expr, Number, x
from rheobase.parse import parse


def drawn(rng: random.Random) -> tuple[Expr, list[Fraction]]:
    given = [Fraction(rng.randint(-9, 9), rng.choice([1, 3, 8])) for _ in range(rng.randint(3, 7))]
    total: Expr = Number(given[0])
    for k, c in enumerate(given[1:], 1):
        total = total + Number(c) * x ** Number(k)
    return total, given


def at(given: list[Fraction], p: Fraction) -> Fraction:
    return sum((c * p**k for k, c in enumerate(given)), Fraction(0))


@pytest.mark.parametrize("seed", range(30))
def test_a_range_holds_every_value(seed: int) -> None:
    rng = random.Random(seed)
    expr, given = drawn(rng)
    for width in (Fraction(1, 16), Fraction(1), Fraction(7)):
        low = Fraction(rng.randint(-80, 80), 16)
        values = [at(given, low + width * Fraction(k, 12)) for k in range(13)]
        with iv.precision(BITS):
            box = iv.between(low, low + width)
            found, exact = Polynomial(expr)(box)
            seen = enclosure(expr)(box)
            for value in values:
                number = iv.point(value)
                assert found.low <= number.high and number.low <= found.high
                assert seen.range.low <= number.high and number.low <= seen.range.high
            if exact:
                ends = sorted([values[0], values[-1]])
                assert found.high - iv.point(ends[1]).high < arb(2) ** -90 * (1 + abs(found.high))
                assert iv.point(ends[0]).low - found.low < arb(2) ** -90 * (1 + abs(found.low))
                assert ends == [min(values), max(values)]
            assert seen.analytic


def test_what_is_a_polynomial_and_what_is_not() -> None:
    assert factors(parse("(x + 1)*(x - 1)/2 - x")) == fmpq_poly([-1, -2, 1]) / 2
    assert factors(parse("x**12*x")) is None and factors(parse("x**(-1)")) is None and factors(parse("1/x")) is None
    assert factors(parse("sin(x)")) is None and factors(parse("x**0.5")) is None and factors(parse("x**x")) is None
    assert mixed(parse("x + x**2")) and not mixed(parse("1 + x**2")) and not mixed(parse("sqrt(2)*x + x**2"))


@pytest.mark.parametrize(
    ("text", "low", "high", "width"),
    [("x - x**2", 0.25, 0.75, 0.15), ("x*(x - 2)*(x + 3)", 0.5, 1.5, 2.3), ("x**3 - x", 1, 2, 6)],
)
def test_the_terms_are_taken_together(text: str, low: float, high: float, width: float) -> None:
    """Term by term x - x² on [1/4, 3/4] reaches over 1; it is between 3/16 and 1/4."""
    with iv.precision(BITS):
        seen = enclosure(parse(text))(iv.between(Fraction(low), Fraction(high))).range
        assert seen.high - seen.low <= width


def test_an_endless_box_is_taken_term_by_term() -> None:
    with iv.precision(BITS):
        assert enclosure(parse("x + x**2 + 1"))(iv.WHOLE).range == iv.WHOLE
        assert enclosure(parse("x + x**3"))(iv.between(Fraction(1), None)).range.low == 2
        seen = enclosure(parse("relu(x + x**2) + x"))(iv.between(Fraction(1), Fraction(2)))
    assert seen.analytic and seen.range.low == 3 and seen.range.high == 8
