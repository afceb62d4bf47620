"""Enclosures on boxes: what they hold, and what they say of continuity."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import arb

from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure, exponential
from rheobase.enclosure.interval import Interval
from rheobase.parse import parse

TEXTS = [
    "x*sigmoid(x)", "where(x > 0.5, x, x**2 - 1)", "clip(x, -1, x + 0.5)", "sqrt(abs(x))*sin(3*x)", "x/(1 + abs(x))",
    "max(x, 1 - x)*min(x, 2)", "phi(x)*sech(x - 1)", "sinc(2*x) + dsinc(x)", "abs(x)**1.5 - x**3",
    "erfc(x)*log1p(x**2)",
    "softplus(-x)*cosh(x/2)", "relu(x)**2 - relu(-x)", "floor(x) + round(2*x)", "cos(x)**3/(2 + sin(x))",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_box_holds_the_values_at_its_points(text: str) -> None:
    from truth import Truth

    program, truth, rng = enclosure(parse(text)), Truth(parse(text)), random.Random(text)
    for _ in range(12):
        low, high = sorted(Fraction(rng.randint(-64, 64), 16) for _ in "ab")
        with iv.precision(80):
            seen = program(iv.between(low, high))
        for k in range(4):
            value = truth(low + (high - low) * Fraction(k, 3))
            if not isinstance(value, str):
                assert not (value < seen.range.low or value > seen.range.high)


@pytest.mark.parametrize(
    ("text", "low", "high", "analytic", "continuous", "defined"),
    [
        ("relu(x)", -1, 1, False, True, True), ("relu(x)", 0, 1, False, True, True), ("relu(x)", 1, 2, True, True,
        True),
        ("step(x)", -1, 0, False, False, True), ("sign(x)", 0, 0, True, True, True), ("1/x", 0, 1, False, False, False),
        ("log(x)", 0, 1, False, False, False), ("sqrt(x)", 0, 1, False, True, True), ("sqrt(x)", -1, 1, False, False,
        False),
        ("floor(x)", 0, 1, False, False, True), ("floor(x)", 0.25, 0.75, True, True, True), ("tan(x)", 1, 2, False,
        False, False),
        ("where(x > 0, x, -x)", -1, 1, False, False, True), ("where(x > 0, x, 1/x)", 1, 2, True, True, True),
        ("where(sqrt(x) > -1, 1, 2)", -1, 1, False, False, False), ("where(floor(x) >= 0, x, 2)", 0.5, 1.5, True,
        True, True),
        ("max(x, 1)", 1, 2, False, True, True), ("max(x, 1)", 2, 3, True, True, True), ("x**0.5", 0, 1, False, True,
        True),
        ("x**(-2)", -1, 1, False, False, False), ("round(x)", 0.5, 0.75, False, False, True), ("abs(x)", 0, 1, False,
        True, True),
        ("where(x < 1, x, 5)", 0, 1, False, False, True), ("where(x >= 1, x, 5)", 0, 1, False, False, True),
        ("where(x <= 1, x, 5)", 1, 2, False, False, True), ("where(x > 1, x, 5)", 1, 2, False, False, True),
        ("where(x <= 1, x, 5)", 0, 1, True, True, True), ("where(x < 1, x, 5)", 1, 2, True, True, True),
        ("clip(x, 0, 1)", 1, 2, False, True, True), ("clip(x, 0, 1)", 0.25, 0.75, True, True, True),
    ],
)  # fmt: skip
def test_flaws(text: str, low: float, high: float, analytic: bool, continuous: bool, defined: bool) -> None:
    seen = enclosure(parse(text))(iv.between(Fraction(low), Fraction(high)))
    assert (seen.analytic, seen.continuous, seen.defined) == (analytic, continuous, defined)


@pytest.mark.parametrize("name", ["exp", "sech", "phi", "erfc", "Phi", "sigmoid", "softplus"])
def test_what_vanishes_far_out_is_not_nought(name: str) -> None:
    for bits in (600, 1200, 3000):
        far = arb(2) ** bits
        for end in (far, -far):
            seen = enclosure(parse(f"{name}(x)"))(Interval(end, end)).range
            assert seen.high > 0 and seen.low < seen.high


def test_an_exponential_far_out_is_not_infinite() -> None:
    far = arb(2) ** 3000
    assert exponential(Interval(far, far)).low < iv.INF
    assert exponential(Interval(-far, -far)).high > 0
    one = enclosure(parse("erf(x)"))(Interval(far, far)).range
    assert one.low < 1


def test_outward_rounding_of_a_monotone_primitive() -> None:
    with iv.precision(30):
        seen = enclosure(parse("tanh(x)"))(iv.point(1)).range
        assert seen.low < seen.high
    with iv.precision(200):
        true = enclosure(parse("tanh(x)"))(iv.point(1)).range
    assert seen.low < true.low and true.high < seen.high
