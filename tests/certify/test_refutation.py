"""A small part of `refute.py`: random formulas and some entries, every verdict tried and replayed; errors planted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from against import contradictions
from case import Case
from draw import formula
from flint import arb
from mpmath import mp, mpf
from refute import examined
from truth import UNDEFINED, UNTOLD, Truth

import oracle
import rheobase as rb
from rheobase.catalogue import entries
from rheobase.certify import Proven, Refuted, Verdict, judge
from rheobase.certify.subject import exact as exact_end
from rheobase.expr import Apply, postorder
from rheobase.parse import parse

QUICK = [7, 12, 16, 17, 25, 26, 29, 31, 33, 34, 37, 39, 40, 42]
"""Formulas on which no property takes long."""


@pytest.mark.parametrize("number", QUICK)
def test_a_random_formula(number: int) -> None:
    found, counts = examined(formula(random.Random(f"small:{number}"), 3), random.Random(number), 25)
    assert [what for what in found if "soft:" not in what] == []
    assert counts["proven"] + counts["refuted"] > 3


@pytest.mark.parametrize("id", list(entries())[4::17])
def test_an_entry(id: str) -> None:
    found, counts = examined(rb.get(id).bound, random.Random(id), 25)
    assert [what for what in found if "soft:" not in what] == []
    assert counts["proven"] + counts["refuted"] > 24


def test_the_formulas_drawn_are_many_and_the_same_for_a_seed() -> None:
    drawn = [formula(random.Random(f"x:{k}")) for k in range(60)]
    assert drawn == [formula(random.Random(f"x:{k}")) for k in range(60)]
    text = " ".join(map(str, drawn))
    assert len(set(drawn)) > 50 and all(part in text for part in ("where", "sqrt", "clip", "sin", "**", "/", "abs"))


def test_the_truth_tells_what_is_undefined_from_what_is_too_large() -> None:
    assert Truth(parse("log(x)"))(-1) == UNDEFINED and Truth(parse("1/x"))(0) == UNDEFINED
    assert Truth(parse("(0 - 2)**x"))(0.5) == UNDEFINED and Truth(parse("where(sqrt(x) > 0, 1, 2)"))(-1) == UNDEFINED
    assert Truth(parse("exp(exp(exp(x)))"))(20) == UNTOLD and Truth(parse("x*exp(x)"))(0) == 0
    assert abs(Truth(parse("sin(x)")).slope(1) - 0.5403023058681398) < 1e-15


@pytest.mark.parametrize(
    ("text", "at", "left", "right"),
    [
        ("where(x < 0.1, x**2, 5*x)", Fraction(1, 10), (0.01, 0.2, 2), (0.5, 5, 0)), ("sin(x)/x", 0, (1, 0, -1 / 3),
        (1, 0, -1 / 3)),
        ("sqrt(x**2)", 0, (0, -1, 0), (0, 1, 0)), ("abs(x)**1.5", 0, (0, 0), (0, 0)), ("round(x)", 2.5, (2, 0), (3, 0)),
        ("max(x, x**2)", 0, (0, 0, 2), (0, 1, 0)), ("floor(-x)", 2, (-2, 0), (-3, 0)), ("step(x)", 0, (0, 0), (1, 0)),
    ],
)  # fmt: skip
def test_the_truth_beside_a_break(text: str, at: Any, left: tuple[float, ...], right: tuple[float, ...]) -> None:
    for side, wanted in ((-1, left), (1, right)):
        found = [Truth(parse(text)).beside(at, side, k) for k in range(len(wanted))]
        assert all(abs(a - b) < 1e-15 for a, b in zip(found, wanted, strict=True)), (side, found)


def test_the_truth_agrees_with_mpmath() -> None:
    told = 0
    for k in range(150):
        expr = formula(random.Random(f"mpmath:{k}"), 3)
        for p in (Fraction(0), Fraction(1, 10), Fraction(-3, 2), Fraction(7, 3), Fraction(-41, 7)):
            value = Truth(expr)(p)
            if isinstance(value, str) or any(isinstance(n, Apply) and n.op == "dsinc" for n in postorder(expr)):
                continue
            with mp.workdps(60):
                wanted = oracle.value(expr, mpf(p.numerator) / p.denominator)
                mantissa, exponent = value.mid().man_exp()
                assert abs(mpf(int(mantissa)) * mpf(2) ** int(exponent) - wanted) <= 1e-18 * (1 + abs(wanted)), (
                    expr,
                    p,
                )
            told += 1
    assert told > 500


def contradicted(text: str, name: str, verdict: Verdict) -> list[str]:
    whole = judge(parse(text), ["continuous"]) if name != "continuous" else {}
    return contradictions(Case(parse(text), {**whole, name: verdict}, random.Random(1), 60))


ULP = Fraction(1, 2**54)


def exact(end: Any) -> Fraction:
    return end if isinstance(end, Fraction) else exact_end(end)


def moved(low: Fraction, high: Fraction | None = None) -> Callable[[Any], Any]:
    high = low if high is None else high
    return lambda v: replace(v, low=exact(v.low) + low, high=exact(v.high) + high)


def said(value: Any) -> Callable[[Any], Any]:
    return lambda v: replace(v, value=v.value[:-1] if value is None else value)


PLANTED: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("x*sigmoid(x)", "infimum", moved(-ULP)), ("x*sigmoid(x)", "infimum", moved(Fraction(1, 2**30))),
    ("x**2 + 0.25", "infimum", moved(ULP)), ("x**2 + 0.25", "infimum", moved(-ULP)),
    ("tanh(x)", "supremum", moved(ULP)), ("tanh(x)", "supremum", moved(-ULP)), ("tanh(x)", "limit_right", moved(ULP)),
    ("1/log(x**2 + 2)", "limit_right", moved(Fraction(1, 1000))), ("atan(x)", "limit_left", moved(ULP)),
    ("tanh(x)", "limit_right", moved(Fraction(-2))), ("sin(x)/x", "limit_left", moved(ULP)),
    ("x*sigmoid(x)", "zeros", said([{"at": "0"}, {"at": "1"}])),
    ("x*sigmoid(x)", "zeros", said([{"at": "0"}, {"low": 1.0, "high": 1.5}])), ("x - x**3", "zeros", said(None)),
    ("x - x**3", "extrema", said(None)), ("x - x**3", "extrema", said([])), ("x + 2*sin(x)", "extrema", said([])),
    ("tanh(x)", "extrema", said([{"kind": "maximum", "at": "1"}])),
    ("x*sigmoid(x)", "extrema", said([{"kind": "maximum", "low": -1.3, "high": -1.2}])),
    ("relu(x)", "kinks", said([])), ("relu(x)", "kinks", said([{"at": "0"}, {"at": "1"}])),
    ("abs(x - sqrt(2))", "kinks", said([{"at": "sqrt(3)"}])), ("step(x)", "jumps", said([])),
    ("relu(x)", "jumps", said([{"at": "0"}])), ("tanh(x)", "lipschitz", moved(-ULP)),
    ("x*sigmoid(x)", "lipschitz", moved(Fraction(1, 2**30))),
    ("x*sigmoid(x)", "growth", said({"left": "t*exp(-t)", "right": "t*log(t)"})),
    ("x*sigmoid(x)", "growth", said({"left": "exp(-t)", "right": "t"})), ("log(1 + abs(x))", "growth",
    said({"left": "log(t)", "right": "log(t)**2"})),
    ("x*sigmoid(x)", "asymptote_right", said({"slope": "1", "intercept": "1/1000000"})),
    ("sqrt(x**2 + 1)", "asymptote_left", said({"slope": "1", "intercept": "0"})),
    ("tanh(x)", "saturates_right", said({"rate": "exponential", "approach": "exp(-3*t)", "limit": "1"})),
    ("softplus(x)", "zero_centred", lambda v: replace(v, witness={"mean_low": 0.80607, "mean_high": 0.80608})),
    ("x - tanh(x)", "monotone", said("decreasing")), ("relu(x)", "monotone", said("constant")),
    ("x**3", "trainable", lambda v: replace(v, proof={"x": "0"})), ("x", "odd", lambda v: Refuted("", {}, {"x": "1"})),
    ("where(x < 0, x, x)", "c1", lambda v: Refuted("", {}, {"at": "0", "order": 1})),
    ("sin(x)", "limit_right", lambda v: Proven("", "0", Fraction(0), Fraction(0))),
    ("1/x", "limit_right", lambda v: Refuted("", {}, {})), ("x", "limit_right", lambda v: Proven("", "-inf",
    -arb.pos_inf(), -arb.pos_inf())),
    ("tanh(x)", "bounded_above", lambda v: Refuted("", {}, {"end": "inf"})),
    ("sqrt(x)", "defined", lambda v: Proven("")), ("x", "defined", lambda v: Refuted("", {"x": "0"})),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "turned"), PLANTED)
def test_a_planted_error_is_found(text: str, name: str, turned: Callable[[Any], Any]) -> None:
    right = judge(parse(text), [name])[name]
    assert contradicted(text, name, right) == []
    assert [what for what in contradicted(text, name, turned(right)) if what.startswith(name) and "soft" not in what]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("where(x < 0.1, x**(-1), sin(pi))", "kinks jumps"), ("pi**3/log1p(pi + x)", "limit_right asymptote_right"),
        ("log(log(log(x**2 + 20)))", "limit_right"), ("1/log(log(log(x**2 + 20)))", "limit_right saturates_left"),
        ("sigmoid((x - 2)/(1 + abs(exp(100))))", "limit_left supremum asymptote_right"),
        ("x*sinh(2) + asinh(x)*(x*0.5)", "limit_left lipschitz"), ("expm1(x) + where(x >= 0, x, 1)", "zeros extrema"),
        ("where(sinc(-2) < x, x, 0.1702) - x", "infimum"), ("where(x*1.702 >= 1, x*x, -0.4)**(-2)", "supremum"),
        ("sinc(where(x <= 0.1, 1.702, pi))", "kinks jumps"), ("0.5*abs(x)/sqrt(asinh(x))", "saturates_right"),
        ("round(Phi(x))", "convex positive infimum"), ("phi(abs(where(x > 0, x, pi)))", "extrema"),
        ("where(sqrt(2) - 1 < x, x**(-2), x)", "supremum"), ("(0.5/x)**(-2)", "infimum"),
    ],
)  # fmt: skip
def test_what_once_looked_wrong_is_not_accused(text: str, names: str) -> None:
    """An edge of a branch, a slow limit, cancellation, a scale far out."""
    found = contradictions(Case(parse(text), judge(parse(text), names.split()), random.Random(1), 60))
    assert [what for what in found if "soft:" not in what] == []


def test_a_wrong_verdict_is_contradicted() -> None:
    """Verdicts of one formula held against another: what the refutation is worth."""
    pairs = [
        ("x + tanh(x)", "x - 1.5*tanh(x)", ["monotone"]),
        ("exp(-x**2)", "exp(-x**2) - 0.1", ["positive", "zeros", "infimum"]),
        ("tanh(x)", "1.2*tanh(x)", ["supremum", "lipschitz", "limit_right", "asymptote_left", "bounded_above"]),
        ("relu(x)", "relu(x) + relu(x - 1)", ["kinks", "homogeneous"]),
        ("x**2", "x**2 - x**4", ["convex", "universal", "bounded_below"]),
        ("tanh(x)", "tanh(x) + 0.1*step(x)", ["continuous", "c1", "jumps", "odd"]), ("x*x", "x*abs(x)", ["even"]),
        ("x*sigmoid(x)", "x*sigmoid(x)*cos(x)", ["extrema", "limit_right"]), ("x", "log(x)", ["defined"]),
        ("where(x > 0, x, x)", "where(x > 0, x, 2*x)", ["c1"]), ("sin(x)", "sin(x) + 0.5", ["zero_centred"]),
        ("1/(1 + x**2)", "x", ["saturates_right"]),
    ]  # fmt: skip
    sure = judge(parse("x"), ["continuous"])["continuous"]
    for told, other, names in pairs:
        for name, verdict in judge(parse(told), names).items():
            if isinstance(verdict, Proven):
                verdicts: dict[str, Verdict] = (
                    {name: verdict} if name == "continuous" else {"continuous": sure, name: verdict}
                )
                found = contradictions(Case(parse(other), verdicts, random.Random(1), 60))
                assert found, (told, other, name)
