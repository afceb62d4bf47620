"""Verdicts that a prover got wrong once, or that invite a wrong one: each must be right, or unknown."""

from __future__ import annotations

import json

import pytest
from flint import arb

from rheobase.certify import PROPERTIES, Proven, Refuted, Unknown, judge
from rheobase.certify.certificate import certificate
from rheobase.certify.checker import replay
from rheobase.certify.subject import with_sign
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.expansion import RIGHT
from rheobase.expr import Number
from rheobase.parse import parse

NOT_PROVEN = [
    # jumps that the slope does not show: in a tail, between special points, at stairs
    ("x - sign(x**3 + x - 1000)", "monotone extrema"),
    ("x - 0.01*sign(x**3 + x - 1)", "monotone extrema"),
    ("x - 0.5*floor(x/100)", "monotone extrema convex"),
    ("floor(50/(1 + x**2))", "positive continuous"),
    # one point at which the sign, or the value, is another
    ("abs(x - sqrt(2))", "positive"),
    ("(x - sqrt(2))**2 + abs(x - sqrt(2))", "positive"),
    ("where(x <= sqrt(2), where(x >= sqrt(2), 7, x), x)", "homogeneous odd continuous"),
    ("where(x <= 5.123, where(x >= 5.123, 7, x), x)", "homogeneous odd continuous monotone"),
    ("where(x <= 5.123, where(x >= 5.123, -7, x), x)", "monotone continuous"),
    # no value somewhere
    ("1/x**2", "positive monotone lipschitz universal zero_centred"),
    ("1/x", "zero_centred universal lipschitz defined continuous monotone"),
    ("log(x)", "monotone defined"),
    ("sign(log(x))", "monotone defined"),
    ("sin(x)/x", "lipschitz universal defined"),
    ("where(sqrt(x) > -1, 1, 2)", "defined monotone continuous smooth"),
    ("0*log(x)", "defined"),
    ("log(x) - log(x) + x", "defined monotone"),
    # a wave that slows down saturates, one that does not slow down does not
    ("sin(x**2)", "saturates_left saturates_right"),
    ("cos(2*x + sqrt(abs(x)))", "saturates_left saturates_right"),
    # no mean
    ("x*exp(x**2)", "zero_centred"),
    # a difference of waves that the error hides
    ("sin(x + 1/x) - sin(x)", "limit_right"),
    # signs that change at jumps, not at zeros
    ("step(sin(x)) - 0.5", "zeros"),
    ("1/sin(x)", "zeros"),
    # a slope that falls a little at a kink
    ("where(x <= 5.123, x**2, x**2 - 0.000000001*(x - 5.123))", "convex c1"),
    # almost: nothing is shown by a slope above -1e-19
    ("x + 1.0000000000000000001*sin(x)", "monotone"),
    ("softplus(x) - 0.0000000000000000001*x", "monotone"),
    ("tanh(x) - 0.0000000000000000001*x", "monotone bounded_above"),
    ("x**2 - 0.0000000000000000001", "positive"),
    ("exp(-x**2) - exp(-1000)", "positive"),
    ("exp(x) - 1e-300", "positive"),
    ("clip(x, -exp(x), exp(x))", "odd"),
    # a kink without a short name is a break, too; 0 by another name is 0
    ("minimum((x - pi)*(x - pi), x)", "zero_centred"),
    # stairs saturate nowhere
    ("floor(expm1(x))", "saturates_right"),
    # what a simpler form hides
    ("(where(atan(pi) < 0, x, 1.702*x)**(-1))**(-2)", "defined continuous convex smooth"),
    # a slope of which no sign is told for sure anywhere
    ("clip(sqrt(2)*(3*sqrt(2)), atan(x)**4, 6)", "extrema"),
]  # fmt: skip

NOT_REFUTED = [
    # an exponential far out is not 0
    ("exp(-exp(exp(x)))", "positive"),
    ("exp(-exp(exp(exp(x))))", "positive"),
    ("1 - erf(exp(exp(x)))", "positive"),
    # not monotone is no oscillation: this one tends to inf
    ("x*(2 + sin(x))", "limit_right"),
    ("sin(x + 1/x) - sin(x)", "asymptote_right"),
    ("sin(log(1 + x**2))", "saturates_left saturates_right"),
    # two names of one point
    ("step(x - sqrt(8)) + step(x - 2*sqrt(2))", "defined"),
    ("step(x - 0.1)", "defined"),
    # f' touches 0
    ("x + sin(x)**2", "monotone"),
    ("x - tanh(x)", "monotone"),
    ("relu(x)**2", "monotone convex"),
    ("x + sqrt(x**2 + 4)", "bounded_below positive"),
    ("clip(0.5, 3, x)", "monotone"),
    # 0 times what has no value is no value
    ("abs(x)/x**2", "positive"),
    ("atan(Phi(x - x)*((x - x)*log(1.702)))", "zero_centred"),
    ("minimum(2*x*(x/2), pi + x**3)", "continuous defined"),
    # the greater of two equals is no switch
    ("maximum(x, x)*relu(0.5)", "c1 smooth"),
    ("where(x < x, 1, x)", "c1 smooth"),
]  # fmt: skip

FOUND = [
    ("step(x)", "lipschitz", "inf", "inf"),
    ("sign(x)", "lipschitz", "inf", "inf"),
    ("sqrt(abs(x))", "lipschitz", "inf", "inf"),
    ("sin(x*abs(x) + x)", "lipschitz", "inf", "inf"),
    ("cos(x**3 - x)", "lipschitz", "inf", "inf"),
    ("sin(sin(x))", "lipschitz", 1, 1),
    ("floor(2*x + 1)", "lipschitz", "inf", "inf"),
    ("x - 0.5*floor(x/100)", "lipschitz", "inf", "inf"),
    ("x + round(pi*x)", "lipschitz", "inf", "inf"),
    # a slope that is as steep both ways, a minimum on both sides, a bell that is nearly 0 at most places
    ("1/(1 + (abs(x)/1.04868)**3.3928)", "lipschitz", 0.883384567, 0.883384568),
    ("exp(-3.2966283240749954*x**2)*cos(0.686461758527327*x)", "infimum", -5.2591087919e-10, -5.2591087919e-10),
    ("cos(16*x)*exp(-(16.25*x)**2)", "infimum", -0.00810127089, -0.00810127089),
    # what is huge elsewhere is no excuse for a wide enclosure
    ("maximum(2, cosh(exp(x) - 20))", "infimum", 2, 2),
    # 0/0 is no value that is reached
    ("softplus(tanh(x)/(x/(1 + abs(x))))", "infimum", 1.3132616875182228, 1.3132616875182228),
    ("1 + tanh(x)**2/x*sign(x)", "infimum", 1, 1),
    ("2 - sin(x)/x", "infimum", 1, 1),
    ("x + sin(x)**2", "supremum", "inf", "inf"),
    ("x + sin(x)**2", "infimum", "-inf", "-inf"),
    ("(x + sqrt(x**2 + 4))/2", "infimum", 0, 0),
    ("(x + sqrt(x**2 + 4))/2", "lipschitz", 1, 1),
    ("sinc(x)", "supremum", 1, 1),
    ("sinc(x)", "infimum", -0.2172336282112217, -0.2172336282112217),
    ("1/(1 + exp(-x))", "lipschitz", 0.25, 0.25),
    ("x*(2 + sin(x))", "limit_right", "inf", "inf"),
    ("x*(2 + sin(x))", "limit_left", "-inf", "-inf"),
    ("clip(x, 0, 1) + clip(0, x, 1)", "supremum", 2, 2),
    ("clip(0, x, 1)", "lipschitz", 1, 1),
    ("where(x < 0, 0, 1 - exp(-x))", "supremum", 1, 1),
    ("exp(-x**2)", "infimum", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), NOT_PROVEN)
def test_what_is_not_so_is_not_proven(text: str, names: str) -> None:
    for name, verdict in judge(parse(text), names.split()).items():
        assert not isinstance(verdict, Proven), (name, verdict.value)


@pytest.mark.parametrize(("text", "names"), NOT_REFUTED)
def test_what_is_so_is_not_refuted(text: str, names: str) -> None:
    for name, verdict in judge(parse(text), names.split()).items():
        assert not isinstance(verdict, Refuted), (name, verdict.witness)


def _same(found: object, wanted: float | str) -> bool:
    if isinstance(wanted, str):
        return found == (arb.pos_inf() if wanted == "inf" else arb.neg_inf())
    return abs(float(found) - wanted) < 1e-9  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "name", "low", "high"), FOUND)
def test_numbers(text: str, name: str, low: float | str, high: float | str) -> None:
    verdict = judge(parse(text), [name])[name]
    assert isinstance(verdict, Proven), verdict
    assert _same(verdict.low, low) and _same(verdict.high, high)


PLAIN = [
    ("x + sin(x)**2", "monotone", "increasing"),
    ("x - tanh(x)", "monotone", "increasing"),
    ("relu(x)**2", "monotone", "increasing"),
    ("softplus(x)", "monotone", "increasing"),
    ("step(x)", "monotone", "increasing"),
    ("where(x < 0, 2, 2)", "monotone", "constant"),
    ("x + sin(x)**2", "zeros", 1),
    ("x*sigmoid(x)", "zeros", 1),
    ("x*sigmoid(x)", "extrema", 1),
    ("x - x**3", "zeros", 3),
    ("x - x**3", "extrema", 2),
    ("(x - 1)**2*(x + 2)", "zeros", 2),
    ("sin(x)", "zeros", "infinitely many"),
    ("x*sin(x)", "extrema", "infinitely many"),
    ("relu(x)", "zeros", "infinitely many"),
    ("relu(x)", "kinks", 1),
    ("clip(x, -1, 1) + abs(x)", "kinks", 3),
    ("max(x**3, 1 - x)", "kinks", 1),
    ("sign(x) + step(x - 1)", "jumps", 2),
    ("x*sigmoid(x)", "jumps", 0),
    ("where(x <= 0, 0, 1)", "jumps", 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "value"), PLAIN)
def test_what_is_found(text: str, name: str, value: str | int) -> None:
    verdict = judge(parse(text), [name])[name]
    assert isinstance(verdict, Proven), verdict
    assert verdict.value == value or len(verdict.value) == value


def test_a_short_bump_between_two_equal_formulas_is_not_smooth() -> None:
    found = judge(parse("where(x < 0, 0, where(x < 0.00001, x**3*(0.00001 - x)**3, 0))"), ["c2", "smooth"])
    assert isinstance(found["c2"], Proven) and isinstance(found["smooth"], Refuted)
    assert isinstance(judge(parse("where(x < 0, x**2, x*x)"), ["smooth"])["smooth"], Proven)


def test_an_infimum_of_minus_infinity_is_named_so() -> None:
    verdict = judge(parse("x**3"), ["infimum"])["infimum"]
    assert isinstance(verdict, Proven) and verdict.value["value"] == "-inf"


def test_attained_or_not() -> None:
    def attained(text: str) -> bool | None:
        verdict = judge(parse(text), ["supremum"])["supremum"]
        assert isinstance(verdict, Proven)
        return verdict.value["attained"]

    assert attained("exp(-x**2)") is True and attained("tanh(x)") is False and attained("step(x)") is True


REPLAYED = [
    "floor(2*x + 1)*x",
    "x - round(pi*x)",
    "1/x",
    "relu(x)**2",
    "x*(2 + sin(x))",
    "step(x - 0.1)",
    "x - sign(x**3 + x - 1000)",
    "where(x*x/(1 + abs(clip(x, -1, x))) > 0, step(0.1) - (x - x), -1)*clip(softplus(x)**2, 0, 2)",
    "x/(1 + x**4)",
    "floor(3*pi + phi(x))",
    "sign(-0.5)*minimum(x, erfc(1))*(log_sigmoid(x) - x - softplus(x + 1.702))",
    "x/(1 + abs(pi*x/(1 + (pi**2)**2)))",
    "clip(where(2/(1 + abs(step(x))) >= 0.1, sinh(x)/3, x), -3, 1)",
    "clip(exp(pi)*(-1)/phi(where(x >= 0.1, x, -1)), 0, clip(Phi(x), 0, sech(x)) + where(x <= -1, 0.3, sin(3)))",
    "(x*x*exp(0.5))**1.5*where(x <= 0.1, where(x >= 0, sinh(x), minimum(0.5, x)), sinc(cos(x)))",
]


@pytest.mark.parametrize("text", REPLAYED)
def test_what_is_said_of_traps_is_replayed(text: str) -> None:
    verdicts = judge(parse(text))
    told = json.loads(json.dumps(certificate(str(parse(text)), verdicts, "")))
    assert set(replay(told["formula"], told["proofs"]).values()) <= {"holds"}
    assert set(told["proofs"]) == {n for n, v in verdicts.items() if not isinstance(v, Unknown)}


def test_every_property_answers_and_says_why_it_does_not_know() -> None:
    for name, verdict in judge(parse("sin(exp(x))*tan(x)")).items():
        assert name in PROPERTIES and (not isinstance(verdict, Unknown) or verdict.reason)


def test_the_mean_of_a_function_with_a_kink_that_has_no_short_name() -> None:
    found = judge(parse("minimum(2*x*(x/2), pi + x**3)"), ["zero_centred"])["zero_centred"]
    assert isinstance(found, Refuted) and 0.3 < found.witness["mean_low"] <= found.witness["mean_high"] < 0.4


@pytest.mark.parametrize("text", ["floor(2*x + 1)", "x - round(pi*x)", "x*floor(x - 1/3)"])
def test_stairs_are_not_continuous(text: str) -> None:
    found = judge(parse(text), ["continuous", "smooth"])
    assert all(isinstance(verdict, Refuted) for verdict in found.values())


def test_a_slope_has_a_sign_far_out_only_where_the_function_does_not_step_on() -> None:
    steps = parse("x - 0.5*floor(x/100)")
    assert with_sign(Number(1), RIGHT)[0] == 1
    with pytest.raises(Undecided, match="steps again and again"):
        with_sign(Number(1), RIGHT, beside=steps)


def test_nothing_is_reached_where_there_is_no_value() -> None:
    found = judge(parse("(0.5/x)**(-2)"), ["infimum", "defined"])
    assert isinstance(found["defined"], Refuted)
    assert isinstance(found["infimum"], Proven) and not found["infimum"].value["attained"]
    convex = judge(parse("log1p((x**(-1))**(-2))*tanh(asinh(x - 0.1))"), ["convex"])["convex"]
    assert isinstance(convex, Refuted) and 0 not in convex.witness["points"]


def test_a_constant_condition_is_decided() -> None:
    assert isinstance(judge(parse("where(relu(0.1) > 1, 3 + x, 1)"), ["universal"])["universal"], Refuted)


@pytest.mark.parametrize(("text", "degree"), [("x**20", 20), ("(x + 1)**13 - x", 13), ("x**100/pi", 100)])
def test_a_polynomial_of_any_degree_is_one(text: str, degree: int) -> None:
    found = judge(parse(text), ["universal"])["universal"]
    assert isinstance(found, Refuted) and found.witness == {"degree": degree}
