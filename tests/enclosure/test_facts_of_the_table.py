"""The table's facts that proofs rest on, each against mpmath: tails, mirrors, ranges, monotony, stretches, slopes."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import mpmath
import pytest
from flint import arb
from mpmath import mp, mpf

import oracle
from rheobase.enclosure.facts import by_composition, parity, periodic
from rheobase.expr import Apply, Parameter, substitute, x
from rheobase.ops import OPS
from rheobase.parse import parse

ONE_ARGUMENT = [name for name, row in OPS.items() if row.arity == 1]
POINTS = [0.01, 0.3, 0.9, 1.0, 1.7, 2.2, 3.3, 4.4, 7.0, 12.5, 33.0]


def dsinc(a: Any) -> Any:
    return (mpmath.cos(a) - mpmath.sin(a) / a) / a if a else mpf(0)


def of(name: str, a: Any) -> Any:
    return dsinc(a) if name == "dsinc" else oracle.MEANING[name](a)


def at(text: str, a: Any) -> Any:
    formula = substitute(parse(text, ("a",)), {Parameter("a"): x})
    return oracle.value(formula, a)


def drawn(name: str, many: int = 60) -> list[Any]:
    low, high = OPS[name].domain
    rng = random.Random(name)
    found = [mpf(rng.uniform(-1, 1)) * rng.choice([1, 3, 30]) for _ in range(many)] + [mpf(p) for p in (0, 1, -1, 2.5)]
    return sorted(p for p in found if low < p < high)


@pytest.mark.parametrize("name", [n for n in ONE_ARGUMENT if OPS[n].left or OPS[n].right])
def test_what_stands_in_for_a_primitive_far_out_equals_it(name: str) -> None:
    row = OPS[name]
    with mp.workdps(60):
        for p in map(mpf, POINTS):
            if row.right:
                assert mpmath.almosteq(at(row.right, p), of(name, p), 1e-30, mpf(10) ** -50), (name, p)
            if row.left and -p > row.domain[0]:
                assert mpmath.almosteq(at(row.left, -p), of(name, -p), 1e-30, mpf(10) ** -50), (name, -p)


@pytest.mark.parametrize("name", [n for n in ONE_ARGUMENT if OPS[n].mirror])
def test_the_mirror_is_the_value_at_the_opposite(name: str) -> None:
    with mp.workdps(60):
        for p in map(mpf, POINTS):
            assert mpmath.almosteq(at(OPS[name].mirror, p), of(name, -p), 1e-25, mpf(10) ** -50), (name, p)


@pytest.mark.parametrize("name", [n for n in ONE_ARGUMENT if OPS[n].parity])
def test_parity(name: str) -> None:
    sign = 1 if OPS[name].parity == "even" else -1
    for p in drawn(name):
        assert mpmath.almosteq(of(name, -p), sign * of(name, p), 1e-12, 1e-13)


@pytest.mark.parametrize("name", [n for n in ONE_ARGUMENT if OPS[n].monotone])
def test_monotone(name: str) -> None:
    values = [OPS[name].monotone * of(name, p) for p in drawn(name)]
    with mp.workdps(60):
        values = [OPS[name].monotone * of(name, p) for p in drawn(name)]
    assert all(a <= b for a, b in itertools.pairwise(values))


@pytest.mark.parametrize("name", [n for n in ONE_ARGUMENT if OPS[n].stretch])
def test_a_stretch_is_monotone(name: str) -> None:
    low, high, way = OPS[name].stretch or (0, 0, 0)
    top = min(high, 40)
    places = [mpf(low) + (mpf(top) - low) * k / 400 for k in range(401)]
    with mp.workdps(40):
        values = [way * of(name, p) for p in places]
    assert all(a <= b for a, b in itertools.pairwise(values)), name


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_values_stay_within_the_range_and_slopes_within_the_lipschitz_constant(name: str) -> None:
    row = OPS[name]
    places = [p for p in drawn(name, 200) if name != "tan" or abs(mpmath.cos(p)) > 0.01]
    values = [of(name, p) for p in places]
    for p, v in zip(places, values, strict=True):
        assert row.range[0] - 1e-12 <= v <= row.range[1] + 1e-12, (name, p, v)
    if math.isfinite(row.lipschitz):
        quotients = [
            abs(b - a) / (q - p)
            for p, q, a, b in zip(places, places[1:], values, values[1:], strict=False)
            if q - p > 1e-6
        ]
        assert max(quotients) <= row.lipschitz * (1 + mpf(10) ** -6), name


@pytest.mark.parametrize("name", [n for n in ONE_ARGUMENT if OPS[n].positive])
def test_positive(name: str) -> None:
    assert all(of(name, p) > 0 for p in drawn(name) if p > -20)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("tanh(3*x) + x", 1), ("-softplus(x)", -1), ("erfc(x) - x", -1), ("clip(x, -1, 2)", 1), ("2*exp(-x)", -1),
        ("x - 0.5*x", 0), ("x*x", 0), ("x/(1 + exp(x))", 0), ("where(x > 0, x, 0)", 0), ("exp(1)", 2),
        ("max(x, tanh(x))", 1), ("floor(x) + x", 1), ("(0 - 2)*x", -1), ("cos(x)", 0),
    ],
)  # fmt: skip
def test_monotony_by_composition(text: str, way: int) -> None:
    assert by_composition(parse(text)) == way


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x*abs(x)", -1), ("x**2*cos(x)", 1), ("x**3 + tanh(x)", -1), ("x + 1", None), ("clip(x, -2, 2)", -1),
        ("clip(x, -1, 2)", None), ("clip(x, -exp(x), exp(x))", None), ("where(abs(x) < 1, x, x**3)", -1),
        ("where(x < 1, x, x**3)", None), ("exp(x**2)", 1), ("x**2/x", -1), ("sin(x)**2", 1),
    ],
)  # fmt: skip
def test_parity_of_a_formula(text: str, kind: int | None) -> None:
    assert parity(parse(text)) == kind


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("sin(x)", True), ("sin(2*x)*cos(3*x + 1)", True), ("x + sin(x)", False), ("sin(x) + sin(sqrt(2)*x)", False),
        ("sin(x**2)", False), ("exp(sin(pi*x))", True), ("3", False),
    ],
)  # fmt: skip
def test_periods(text: str, yes: bool) -> None:
    assert periodic(parse(text)) is yes


def test_arb_of_every_primitive_holds_the_true_value() -> None:
    from rheobase.enclosure import interval as iv
    from rheobase.enclosure.boxes import enclosure

    for name in ONE_ARGUMENT:
        program = enclosure(Apply(name, (x,)))
        with mp.workdps(60):
            places = drawn(name, 12)
            for p, q in itertools.pairwise(places):
                with iv.precision(90):
                    low, high = (arb(str(mp.nstr(end, 50))) for end in (p, q))
                    seen = program(iv.Interval(iv.down(low), iv.up(high)))
                for t in (p, (p + q) / 2, q):
                    value = arb(mp.nstr(of(name, t), 50))
                    assert not (value < seen.range.low - 1e-40 or value > seen.range.high + 1e-40), (name, p, q, t)
