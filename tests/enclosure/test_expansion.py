"""Expansions hold the true value at t = r, 2r, 10r and 1000r, enclosed in many digits; constants are what they say."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import arb
from mpmath import mp
from truth import Truth

from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import equal, polynomial
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided, Undefined, atom, power, rational, wave
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.expansion import LEFT, RIGHT, End, Expansion, expand
from rheobase.enclosure.monomials import (
    LOG,
    UNITY,
    Monomial,
    T,
    TooNear,
    exponential,
    growth,
    outgrows,
    spread,
    value_at,
)
from rheobase.expr import Constant, Number, x
from rheobase.parse import parse

COMPOSED = [
    "x*sigmoid(x)", "x*tanh(softplus(x))", "softplus(x)*tanh(x)", "x + sqrt(x**2 + 4)", "log(1 + x**2)*atan(x)",
    "x*Phi(x)", "exp(-x**2)*(1 + x)", "x/(1 + abs(x))", "erfc(x)", "asinh(x) - log(abs(x) + 1)", "sin(x)/x + cos(2*x)",
    "sinc(x)**2", "(x**3 + 1)/(x**2 + x + 1)", "where(x > 1, 1/x, exp(x))", "x**2*sech(x) + exp(-1/x)",
    "sqrt(1 + 1/x**2)", "abs(x)**1.5/(1 + x**2)", "atan(1/x)*x", "sigmoid(1/x) + tanh(x)", "x*erf(exp(x))",
    "log_sigmoid(x)",
    "sin(x)*cos(3*x) + 1/(2 + x**2)", "x*exp(-exp(-x))", "tanh(x/(1 + abs(x)))", "max(x, 1 - x)", "clip(3*x, -6, x)",
    "exp(sqrt(abs(x)))/(1 + exp(x))", "(1 + 1/abs(x))**x",
]  # fmt: skip


def total(found: Expansion, t: int) -> iv.Interval:
    """What the expansion allows at one t: terms at t, waves put in, and the error."""
    sum_ = iv.NIL
    for c, m in found.series.terms:
        sum_ = iv.add(sum_, iv.mul(_at(c, t), value_at(m, t)))
    if found.series.error:
        bounds, m = found.series.error
        sum_ = iv.add(sum_, iv.mul(bounds, value_at(m, t)))
    return sum_


def _at(c: Coefficient, t: int) -> iv.Interval:
    if c.constant:
        return c.interval()
    from rheobase.enclosure.boxes import enclosure
    from rheobase.enclosure.coefficients import t as wave_variable
    from rheobase.expr import substitute

    return enclosure(substitute(c.expr(), {wave_variable: x}))(iv.point(t)).range


ENDS = [LEFT, RIGHT, End(Number(0), -1), End(Number(0), 1), End(parse("sqrt(2)"), 1)]


@pytest.mark.parametrize("text", COMPOSED)
def test_the_true_value_is_within(text: str) -> None:
    assert sum(_holds_towards(text, end) for end in ENDS) >= 2


def _holds_towards(text: str, end: End) -> bool:
    """Checks the first expansion that there is; False where there is none."""
    truth = Truth(parse(text))
    for r in (8, 64, 1024):
        try:
            found = expand(parse(text), end, r, 4)
        except Undecided:
            continue
        for t in (r, 2 * r, 10 * r, 1000 * r):
            with iv.precision(600):
                at = {"inf": Fraction(t), "-inf": Fraction(-t)}.get(str(end.at))
                if at is None and end.at is Number(0):
                    at = Fraction(end.side, t)
                value = truth(arb(2).sqrt() + arb(end.side) / t if at is None else at)
            if isinstance(value, str):
                continue
            with iv.precision(BITS):
                seen = total(found, t)
            assert not (value < seen.low or value > seen.high), (text, end, r, t)
        return True
    return False


def test_an_exponential_of_an_exponential_leaves_an_error() -> None:
    found = expand(parse("1 + exp(-exp(x))"), RIGHT, 4096, 3)
    assert str(found.limit) == "1"
    with iv.precision(BITS):
        assert spread(found.series.terms[-1][1], 4096).high > 0


def test_stairs_are_known_and_a_second_step_is_seen() -> None:
    assert expand(parse("floor(x) + 1/x"), RIGHT, 8).stairs
    with pytest.raises(Undecided, match="twice"):
        expand(parse("floor(50/(1 + x**2))"), RIGHT, 4)
    assert str(expand(parse("floor(50/(1 + x**2))"), RIGHT, 64).limit) == "0"
    assert str(expand(parse("floor(-1/x)"), RIGHT, 64).limit) == "-1"


@pytest.mark.parametrize(
    ("text", "end", "limit"),
    [
        ("x*(2 + sin(x))", RIGHT, "inf"), ("x*(2 + sin(x))", LEFT, "-inf"), ("x*sin(x)/(1 + x**2)", RIGHT, "0"),
        ("(1 + 1/x)**x", RIGHT, "e"), ("tanh(x)", LEFT, "-1"), ("x*(exp(1/x) - 1)", RIGHT, "1"), ("sinc(x)", RIGHT,
        "0"),
        ("sin(x)/x", End(Number(0), 1), "1"), ("1/x", End(Number(0), -1), "-inf"), ("x + sqrt(x**2 + 4)", LEFT, "0"),
    ],
)  # fmt: skip
def test_limits(text: str, end: End, limit: str) -> None:
    assert str(expand(parse(text), end, 64, 4).limit) == limit


@pytest.mark.parametrize("text", ["sin(x)", "x*(1 + sin(x))", "cos(x) + 1/x", "sin(x + 1/x) - sin(x)"])
def test_no_limit_is_told_of_what_swings(text: str) -> None:
    with pytest.raises(Undecided):
        _ = expand(parse(text), RIGHT, 64, 4).limit


def test_what_swings_swings_and_what_only_may_does_not() -> None:
    assert expand(parse("sin(x) + 1/x"), RIGHT, 64).swings
    assert not expand(parse("sin(x + 1/x) - sin(x)"), RIGHT, 64).swings
    assert not expand(parse("x*(2 + sin(x))"), RIGHT, 64).swings
    assert not expand(parse("x*(2 + sin(x))"), RIGHT, 64).alternates
    assert expand(parse("x*(0.5 + sin(x))"), RIGHT, 64).alternates


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(8)", "sqrt(2)*sqrt(2)", "sqrt(1/3)", "2**1.5", "(2/3)**(5/3)", "tanh(-1)", "sinc(pi/2)", "cos(pi)",
        "sin(-pi/2)",
        "exp(2)/e", "softplus(-2)", "sigmoid(-3)", "clip(0.5, 3, 2)", "max(pi, 3)", "where(pi > 3, sqrt(12), 1/0.3)",
        "dsinc(2)",
        "log(exp(sqrt(2)))", "abs(sqrt(2) - 2)", "round(2.5)", "round(-1.5)", "floor(-0.5)", "27**(2/3)",
        "(8/27)**(1/3)", "sign(-pi)",
        "Phi(-1)", "atan(-1)", "step(0)", "sign(0)", "step(-1/3)", "1/(sqrt(2) + 1)", "50**0.5*2**0.5",
    ],
)  # fmt: skip
def test_constants_are_what_mpmath_says(text: str) -> None:
    found = exactly(parse(text)).interval()
    true = Truth(parse(text))(0)
    assert abs(true - found.low) < 1e-10 and abs(found.high - true) < 1e-10 and found.low <= found.high


def test_roots_of_one_number_are_one() -> None:
    assert exactly(parse("sqrt(8)")) == exactly(parse("2*sqrt(2)"))
    assert exactly(parse("sqrt(1/2)")) == exactly(parse("sqrt(2)/2"))
    assert exactly(parse("sqrt(2)*sqrt(2)")).rational == 2
    assert exactly(parse("tanh(1) + tanh(-1)")).rational == 0
    assert exactly(parse("1/(1/(1 + pi))")) == exactly(parse("1 + pi"))
    assert exactly(parse("1/((1/(1 + pi))*(1/(1 + pi)))")) == exactly(parse("(1 + pi)**2"))
    assert exactly(parse("sqrt(2 + e)*(3*sqrt(2 + e))**3")) == exactly(parse("27*(2 + e)**2"))


@pytest.mark.parametrize(
    "text", ["1/(sqrt(2)*sqrt(2) - 2)", "log(0)", "log(-2)", "sqrt(-1)", "(0 - 2)**0.5", "0*log(0)", "log1p(-1)"]
)
def test_what_has_no_value_has_none(text: str) -> None:
    with pytest.raises(Undefined):
        exactly(parse(text))


def test_roots_of_nought_are_nought() -> None:
    assert exactly(parse("0**1.5")).rational == 0 and power(rational(0), Fraction(1, 2)).rational == 0


def test_a_sign_that_cannot_be_told_is_not_told() -> None:
    with pytest.raises(Undecided):
        (exactly(parse("sqrt(2)*sqrt(3)")) + -exactly(parse("sqrt(6)"))).sign()
    assert exactly(parse("exp(-2000) - exp(-2001)")).sign() == 1


def test_products_of_waves() -> None:
    rng = random.Random(2)
    sine, cosine = wave("sin", rational(1)), wave("cos", rational(2))
    found = sine * cosine * sine + rational(3) * cosine * cosine
    for _ in range(6):
        t = rng.uniform(-9, 9)
        wanted = mp.sin(t) ** 2 * mp.cos(2 * t) + 3 * mp.cos(2 * t) ** 2
        from rheobase.enclosure.coefficients import t as wave_variable
        from rheobase.expr import substitute

        value = Truth(substitute(found.expr(), {wave_variable: x}))(t)
        assert abs(float(value) - wanted) < 1e-12
    swept = found.interval()
    assert swept.low <= 0 and 2.75 <= swept.high < 5 and swept.low > -2
    assert (
        wave("sin", rational(-1)) == -sine
        and wave("cos", rational(-2)) == cosine
        and wave("sin", rational(0)).rational == 0
    )


def test_waves_do_not_meddle_with_sines_of_x() -> None:
    expand(parse("sin(x)*cos(x)"), RIGHT, 8)
    assert not equal(parse("sin(x)/sin(x)"), parse("sin(x)*sin(x)"))
    assert not equal(parse("sin(x)**2*sin(x)"), parse("sin(x)*sin(x)"))
    assert equal(parse("sin(x)**3"), parse("sin(x)*sin(x)**2"))


def test_alternation_wants_a_mean_below_the_amplitude() -> None:
    sine = wave("sin", rational(1))
    assert sine.alternates() and (sine + rational(Fraction(1, 2))).alternates()
    assert not (sine + rational(1)).alternates() and not (sine + rational(2)).alternates()
    assert not rational(2).alternates() and not rational(2).varies() and sine.varies()


def test_equality_by_normal_forms() -> None:
    assert polynomial(parse("(x + 1)*(x - 1)")) == {2: rational(1), 0: rational(-1)}
    assert polynomial(parse("x + exp(x) - exp(x)")) == {1: rational(1)}
    assert polynomial(parse("1/(1 + x**2)")) is None and polynomial(parse("x**0.5")) is None
    assert not equal(parse("x**2 + 1e-30"), parse("x**2")) and not equal(parse("abs(x)"), parse("x"))
    assert equal(parse("exp(x)*exp(-x)"), parse("1")) and not equal(parse("tanh(x)"), parse("2*sigmoid(x) - 1"))


def test_monomials_are_ordered_by_growth() -> None:
    e = Coefficient(rational(1).terms)
    ladder = [
        exponential([(T, -e)]), Monomial(Fraction(0), Fraction(-2)), Monomial(Fraction(-1), Fraction(0)), UNITY, LOG,
        Monomial(Fraction(0), Fraction(1, 2)), T, Monomial(Fraction(1), Fraction(1)), Monomial(Fraction(0),
        Fraction(2)),
        exponential([(LOG * LOG, e)]), exponential([(T, e)]), exponential([(T, e), (LOG, e)]), exponential([(T * T,
        e)]),
    ]  # fmt: skip
    for i, a in enumerate(ladder):
        assert growth(a) == (i > 3) - (i < 3)
        for j, b in enumerate(ladder):
            assert outgrows(a, b) == (i > j) - (i < j), (str(a), str(b))


def test_monomials_are_enclosed_from_r_on() -> None:
    with iv.precision(BITS):
        for m in (T, LOG, UNITY / T, exponential([(T, -rational(1))]), Monomial(Fraction(1), Fraction(-1))):
            seen = spread(m, 8)
            for t in (8, 9, 30, 4000):
                value = value_at(m, t)
                assert seen.low <= value.high and value.low <= seen.high


def test_a_monomial_that_still_turns_is_not_enclosed() -> None:
    hump = Monomial(Fraction(0), Fraction(5)) * exponential([(T, -rational(1))])
    dip = UNITY / hump
    with iv.precision(BITS):
        for m in (hump, dip):
            with pytest.raises(TooNear):
                spread(m, 2)
            assert spread(m, 6) is not None


def test_the_value_of_an_atom_of_e() -> None:
    assert float(atom(Constant("e"), Fraction(-1, 2)).interval().low) == pytest.approx(0.6065306597126334, rel=1e-14)
