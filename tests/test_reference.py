"""The reference itself: balls against mpmath, the rounding bound by hand, rounding to doubles."""

from __future__ import annotations

import math
import random
import sys
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import oracle
from rheobase.expr import Apply, Number, Variable
from rheobase.ops import COMPARISONS, OPS
from rheobase.parse import parse
from rheobase.reference import (
    WANTED,
    as_pair,
    ball,
    nearest_double,
    to_double,
    true_point,
    true_value,
    true_values,
    truth,
)

X = Variable("x")
UNARY = sorted(name for name, row in OPS.items() if row.arity == 1)
EDGES = [
    0.0,
    5e-324,
    2.0**-1022,
    1e-300,
    1e-30,
    1e-8,
    1e-4,
    0.1,
    0.5,
    1.0,
    1.5,
    2.0,
    2.5,
    3.14,
    9.0,
    30.0,
    37.5,
    88.7,
    89.5,
]
EDGES += [300.0, 709.7, 710.5, 745.2, 1e4, 1e8, 1e15, 1e22, 1e100, 1e300, sys.float_info.max]


def _dsinc(a: Any) -> Any:
    return mpf(0) if a == 0 else (mpmath.cos(a) - mpmath.sin(a) / a) / a


def _mpmath(op: str, at: float) -> Any:
    """A primitive at `at` by mpmath; digits enough for cos of the largest double, and for cancellation near 0."""
    with mp.workdps(750):
        if op == "dsinc":
            return _dsinc(mpf(at))
        return oracle.value(Apply(op, (X,)), at)


def _agree(ours: arb, theirs: Any) -> bool:
    if not mpmath.isfinite(theirs) or isinstance(theirs, mpmath.mpc):
        return not ours.is_finite()
    if ours == arb.pos_inf() or ours == arb.neg_inf():
        return abs(theirs) > mpf(10) ** 1000
    sign, mantissa, exponent, _ = theirs._mpf_
    before = ctx.prec
    ctx.prec = 3000
    try:
        off = abs(ours - (-1) ** sign * arb(fmpz(int(mantissa))) * arb(2) ** fmpz(int(exponent)))
        return bool(off <= abs(ours) * arb(2) ** -WANTED + arb(2) ** -1290)
    finally:
        ctx.prec = before


def _points(op: str) -> list[float]:
    rng = random.Random(op)
    drawn = [rng.choice((-1, 1)) * 2.0 ** rng.uniform(-40, 9) for _ in range(60)]
    sizes = [s for s in EDGES if s < 1e16 or op not in ("sin", "cos", "tan", "sinc", "dsinc")]
    return [*sizes, *(-s for s in sizes), *drawn, -0.5, -1.0, -1.5]


@pytest.mark.parametrize("op", UNARY)
def test_true_value_of_every_primitive_against_mpmath(op: str) -> None:
    for at in _points(op):
        theirs = _mpmath(op, at)
        if isinstance(theirs, mpmath.mpc):
            theirs = mpf("nan")
        ours = true_value(Apply(op, (X,)), at)
        assert _agree(ours, theirs), (op, at, ours, theirs)


@pytest.mark.parametrize("op", ["sin", "cos", "tan"])
def test_arguments_as_large_as_doubles_go(op: str) -> None:
    for at in (1e22, 1e300, sys.float_info.max):
        assert _agree(true_value(Apply(op, (X,)), at), _mpmath(op, at))


@pytest.mark.parametrize(
    ("text", "at", "digits"),
    [
        # Abramowitz & Stegun and NIST DLMF tables, and what is known in closed form
        ("sinc(x)", 0.0, "1"),
        ("dsinc(x)", 0.0, "0"),
        ("erfc(x)", 30.0, "2.564656203756112e-393"),
        ("erfc(x)", 2.0, "0.00467773498104727"),
        ("Phi(x)", -10.0, "7.61985302416053e-24"),
        ("Phi(x)", 0.0, "0.5"),
        ("sigmoid(x)", -1000.0, "5.07595889754946e-435"),
        ("softplus(x)", -50.0, "1.92874984796392e-22"),
        ("log1p(x)", 1e-300, "1e-300"),
        ("expm1(x)", 1e-20, "1e-20"),
        ("sech(x)", 800.0, "7.335749168355e-348"),
        ("tanh(x)", 1e-320, "9.99988867182683e-321"),
        ("round(x)", 2.5, "2"),
        ("round(x)", 3.5, "4"),
        ("round(x)", -0.5, "0"),
        ("step(x)", 0.0, "1"),
        ("sign(x)", -0.0, "0"),
        ("x**x", 0.5, "0.707106781186548"),
        ("x**(1/3)", 0.0, "0"),
    ],
)
def test_values_from_tables(text: str, at: float, digits: str) -> None:
    ours = true_value(parse(text), at)
    wanted = arb(digits)
    assert abs(ours - wanted) <= abs(wanted) * arb("1e-12")


UNDEFINED = [
    ("sqrt(x)", -1.0),
    ("log(x)", 0.0),
    ("log(x)", -1.0),
    ("1/x", 0.0),
    ("log1p(x)", -2.0),
    ("x**0.5", -4.0),
    ("0*log(x)", -1.0),
    ("step(log(x))", -1.0),
    ("where(log(x) > 0, 1, 2)", -1.0),
    ("sign(sqrt(x))", -1.0),
]


@pytest.mark.parametrize(("text", "at"), UNDEFINED)
def test_undefined_is_nan(text: str, at: float) -> None:
    assert math.isnan(to_double(true_value(parse(text), at))) or not true_value(parse(text), at).is_finite()


def test_what_cannot_be_decided_is_nan_not_a_guess() -> None:
    """floor and a choice exactly at a value that is irrational on the way."""
    assert math.isnan(to_double(true_value(parse("floor(sqrt(x)*sqrt(x))"), 2.0)))
    assert math.isnan(to_double(true_value(parse("where(sqrt(x)*sqrt(x) >= 2, 1, 0)"), 2.0)))
    assert truth(parse("where(sqrt(x)*sqrt(x) >= 2, 1, 0)").args[0], 2.0) is None
    assert truth(parse("where(x < 1/3, 1, 0)").args[0], 1 / 3) is True


@pytest.mark.parametrize("op", sorted(COMPARISONS))
def test_comparisons(op: str) -> None:
    from operator import ge, gt, le, lt

    meaning = {"lt": lt, "le": le, "gt": gt, "ge": ge}[op]
    for a in (-1.0, 0.0, 5e-324, 1.0):
        for b in (-1, 0, 1):
            assert truth(Apply(op, (X, Number(b))), a) is meaning(a, b)


# --- the bound -------------------------------------------------------------------------------------


def test_bound_of_exp_of_a_square_by_hand() -> None:
    """f = exp(-x*x): the inner nodes x*x (the sign rounds nothing) give |x*x f|; f itself is added."""
    f = math.exp(-81.0)
    point = true_point(parse("exp(-x*x)"), 9.0)
    assert point.rounding == pytest.approx(f * (1 + 81), rel=1e-14)
    assert point.underflow == pytest.approx(1 + f, rel=1e-12)


def test_underflow_counts_every_inner_slope() -> None:
    """1000*(x*x): a subnormal lost in x*x is lost a thousandfold."""
    assert true_point(parse("1000*sin(x*x)"), 0.0).underflow == pytest.approx(1 + 1000 + 1000)


def test_bound_counts_a_constant_only_where_it_is_rounded() -> None:
    """0.5*x is exact but for its own rounding; 0.1*x may be off by the constant's rounding too."""
    assert true_point(parse("0.5*x"), 3.0).rounding == pytest.approx(1.5)
    assert true_point(parse("0.1*x"), 3.0).rounding == pytest.approx(0.6)
    assert true_point(parse("x + pi"), 1.0).rounding == pytest.approx(1 + 2 * math.pi)


def test_bound_counts_a_constant_part_once() -> None:
    """sqrt(2/pi) becomes one double: its inside is computed exactly enough."""
    c = math.sqrt(2 / math.pi)
    assert true_point(parse("sqrt(2/pi)*x"), 2.0).rounding == pytest.approx(2 * (2 * c))


def test_bound_of_a_cancellation() -> None:
    """(x + 1) - x at 1e6: one inner node of size 1e6 + 1 with slope 1."""
    from rheobase.expr import add, sub

    expr = sub(add(X, Number(1)), X)
    point = true_point(expr, 1e6)
    assert float(point.value) == 1.0
    assert point.rounding == pytest.approx(1 + 1e6 + 1)


def test_bound_of_a_shared_node_adds_its_slopes_first() -> None:
    """t*t with t = x + 1 at 2: node t = 3 has slope 2t = 6, so |f| + 18."""
    t = X + 1
    assert true_point(t * t, 2.0).rounding == pytest.approx(9 + 18)


def test_bound_ignores_the_branch_not_taken() -> None:
    assert true_point(parse("where(x > 0, x, 1e9*exp(x))"), 1.0).rounding == pytest.approx(1.0)


def test_a_constant_has_the_bound_of_one_rounding() -> None:
    assert true_point(parse("pi"), 0.0).rounding == pytest.approx(math.pi)


@pytest.mark.parametrize("text", ["1e300*x", "1e-300*x", "x + 1e39", "x*5e-324"])
def test_constants_beyond_single_precision_have_a_bound(text: str) -> None:
    assert math.isfinite(true_point(parse(text), 0.5).rounding)


# --- rounding --------------------------------------------------------------------------------------


@settings(max_examples=500)
@given(st.integers(-(2**80), 2**80), st.integers(-1200, 1000))
def test_nearest_double_is_correctly_rounded(mantissa: int, exponent: int) -> None:
    exact = Fraction(mantissa) * Fraction(2) ** exponent
    ours = nearest_double(mantissa, exponent)
    if math.isinf(ours):
        assert abs(exact) >= Fraction(sys.float_info.max) + Fraction(2) ** 969
        return
    off = abs(Fraction(ours) - exact)
    for neighbour in (math.nextafter(ours, math.inf), math.nextafter(ours, -math.inf)):
        if math.isfinite(neighbour):
            assert off <= abs(Fraction(neighbour) - exact)
            if off == abs(Fraction(neighbour) - exact):
                assert math.frexp(ours)[0] * 2**53 % 2 == 0 or abs(ours) < 2.0**-1021, "a tie goes to the even one"


@pytest.mark.parametrize(
    ("mantissa", "exponent", "double"),
    [
        (1, -1075, 0.0),  # a tie between 0 and the smallest subnormal: 0 is even
        (3, -1076, 5e-324),
        (3, -1075, 1e-323),
        (-1, -1075, -0.0),
        (2**53 + 1, 0, 2.0**53),
        (2**53 + 3, 0, 2.0**53 + 4),
        (2**54 - 1, 970, math.inf),
        (1, 1024, math.inf),
        (1, 1023, 2.0**1023),
        (1, -5000, 0.0),
        (-1, 5000, -math.inf),
        (0, 7, 0.0),
        (5 * 2**59 + 1, -1134, 1.5e-323),  # just above 2.5 subnormals: rounded to 53 bits first it would be a tie
        (-(5 * 2**59) - 1, -1134, -1.5e-323),
    ],
)
def test_nearest_double_at_the_ends(mantissa: int, exponent: int, double: float) -> None:
    assert nearest_double(mantissa, exponent) == double


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_survives_the_round_trip(value: float) -> None:
    assert to_double(ball(value)) == value
    assert as_pair(ball(value)) == (value, 0.0)


@settings(max_examples=200)
@given(st.floats(-700, 700))
def test_pairs_hold_106_bits(at: float) -> None:
    high, low = as_pair(true_value(parse("exp(x)"), at))
    with mp.workdps(60):
        theirs = mpmath.exp(mpf(at))
        assert abs(mpf(high) + mpf(low) - theirs) <= theirs * mpf(2) ** -105 + mpf(2) ** -1075
    assert abs(low) <= np.spacing(high)


def test_infinities_and_nan() -> None:
    assert to_double(arb.pos_inf()) == math.inf
    assert to_double(arb.neg_inf()) == -math.inf
    assert math.isnan(to_double(arb("nan")))
    assert as_pair(arb.pos_inf()) == (math.inf, 0.0)
    high, low = true_values(parse("exp(x)"), [0.0, 1e308])
    assert high.tolist() == [1.0, math.inf]
    assert low.tolist() == [0.0, 0.0]


def test_precision_is_left_as_it_was() -> None:
    before = ctx.prec
    true_point(parse("sin(x)"), 1e300)
    as_pair(true_value(parse("exp(sin(x))"), 1e300))
    assert ctx.prec == before
