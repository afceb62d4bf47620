"""Interval operations hold what they must: products of drawn numbers, in exact fractions."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from flint import arb, fmpq

from rheobase.enclosure import interval as iv
from rheobase.enclosure.interval import INF, NEG_INF, Interval

rng = random.Random(5)


def drawn() -> Fraction:
    return Fraction(rng.randint(-40, 40), rng.choice([1, 2, 3, 7, 10]))


def spread() -> tuple[Interval, list[Fraction]]:
    """An interval, now and then endless, and numbers in it."""
    low, high = sorted((drawn(), drawn()))
    inside = [low, high, *[low + (high - low) * Fraction(rng.randint(0, 16), 16) for _ in range(3)]]
    ends = [None if rng.random() < 0.1 else low, None if rng.random() < 0.1 else high]
    return iv.between(*ends), inside


def holds(found: Interval, value: Fraction) -> bool:
    ball = arb(fmpq(value.numerator, value.denominator))
    return not (ball < found.low or ball > found.high)


OPERATIONS: dict[str, tuple[Callable[..., Interval], Callable[..., Fraction]]] = {
    "add": (iv.add, lambda a, b: a + b),
    "sub": (iv.sub, lambda a, b: a - b),
    "mul": (iv.mul, lambda a, b: a * b),
    "div": (iv.div, lambda a, b: a / b),
    "square": (lambda a, b: iv.whole_power(a, 2), lambda a, b: a**2),
    "cube": (lambda a, b: iv.whole_power(a, 3), lambda a, b: a**3),
    "inverse cube": (lambda a, b: iv.whole_power(a, -3), lambda a, b: 1 / a**3),
    "neg": (lambda a, b: iv.neg(a), lambda a, b: -a),
    "size": (lambda a, b: iv.size(a), lambda a, b: abs(a)),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("bits", [20, 128])
def test_the_result_holds_every_result(name: str, bits: int) -> None:
    ours, theirs = OPERATIONS[name]
    with iv.precision(bits):
        for _ in range(120):
            (a, p), (b, q) = spread(), spread()
            found = ours(a, b)
            for x in p:
                for y in q:
                    try:
                        wanted = theirs(x, y)
                    except ZeroDivisionError:
                        continue
                    assert holds(found, wanted), (name, a, b, x, y)


def test_ends_are_rounded_outwards() -> None:
    with iv.precision(20):
        third = iv.point(Fraction(1, 3))
        assert third.low < third.high
    with iv.precision(100):
        assert 3 * third.low < 1 < 3 * third.high
    with iv.precision(20):
        assert iv.down(arb(fmpq(1, 3))) < iv.up(arb(fmpq(1, 3)))
        quotient = iv.div(iv.EINS, iv.point(3))
        assert quotient.low < quotient.high


def test_nothing_is_known_of_what_is_not_a_number() -> None:
    assert iv.down(arb("nan")) == NEG_INF and iv.up(arb("nan")) == INF


def test_a_sign_is_told_of_strictly_signed_intervals_alone() -> None:
    assert iv.between(Fraction(1), Fraction(2)).sign == 1 and iv.between(Fraction(-2), Fraction(-1)).sign == -1
    assert iv.between(Fraction(0), Fraction(2)).sign is None and iv.between(Fraction(-1), Fraction(0)).sign is None
    assert iv.NIL.sign == 0


def test_ends_far_out_are_moved_outwards() -> None:
    big = arb(2) ** 1000
    far = iv.outward(Interval(big, big))
    assert far.low < big < far.high
    near = iv.outward(Interval(-big, arb(3)))
    assert near.low == NEG_INF and near.high == 3
    assert iv.outward(Interval(arb(1), arb(2))) == Interval(arb(1), arb(2))


def test_infinity_times_nothing_is_nothing() -> None:
    assert iv.mul(iv.NIL, iv.WHOLE) == iv.NIL
    assert iv.mul(iv.WHOLE, iv.EINS) == iv.WHOLE


def test_an_inverse_near_nought_is_endless_on_its_side() -> None:
    right = iv.inverse(iv.between(Fraction(0), Fraction(4)))
    assert right.low == arb(0.25) and right.high == INF
    left = iv.inverse(iv.between(Fraction(-4), Fraction(0)))
    assert left.low == NEG_INF and left.high == arb(-0.25)
    assert iv.inverse(iv.between(Fraction(-1), Fraction(1))) == iv.WHOLE
