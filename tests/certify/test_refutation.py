"""A small part of `refute.py`: random formulas and some entries, every verdict tried against mpmath and replayed."""

from __future__ import annotations

import random

import pytest
from draw import formula
from refute import examined
from truth import UNDEFINED, UNTOLD, Truth

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.certify import Proven, Verdict, judge
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
    assert Truth(parse("exp(-exp(exp(x)))"))(20) == UNTOLD and Truth(parse("x*exp(x)"))(0) == 0
    assert abs(Truth(parse("sin(x)")).slope(1) - 0.5403023058681398) < 1e-15


def test_a_wrong_verdict_is_contradicted() -> None:
    """Verdicts of one formula held against another: what the refutation is worth."""
    from against import Case, contradictions

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
