"""Every rewriting law is searched for a counterexample with balls; none removes a NaN or moves a value."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from rheobase.expr import Expr, Number, Parameter, substitute
from rheobase.lower import compiled
from rheobase.lower.core import core
from rheobase.ops import COMPARISONS
from rheobase.parse import parse
from rheobase.reference import Program, true_point
from rheobase.simplify import simplify
from rheobase.simplify.laws import LAWS, SAME, Law
from rheobase.simplify.matching import rules

BITS = 300
POINTS = 400
INNER = ("x", "x", "x", "-x", "x + 1", "x**2 - 2", "3*x", "sin(x)", "1/x", "log(x)", "sqrt(x)")
"""What a wildcard stands for; the last three are undefined somewhere."""
SPECIAL = [0.0, -0.0, 5e-324, -5e-324, 1e-300, 1e-8, -1e-8, 0.5, -0.5, 1.0, -1.0, 2.0, 30.0, -30.0, 700.0, -700.0, 1e5]


def _points(rng: random.Random) -> list[float]:
    drawn = [rng.choice((-1, 1)) * 2.0 ** rng.uniform(-60, 10) for _ in range(POINTS // 2)]
    return SPECIAL + drawn + [rng.uniform(-12, 12) for _ in range(POINTS // 2)]


def _numbers(law: Law, rng: random.Random) -> dict[Expr, Expr]:
    while True:
        drawn = [Fraction(rng.randint(-40, 40), rng.choice((1, 2, 5, 7))) for _ in "mn"]
        filled: dict[Expr, Expr] = {Parameter(name): Number(value) for name, value in zip("mn", drawn, strict=True)}
        if not law.when or Program(substitute(_condition(law), filled)).run({})[-1]:
            return filled


def _condition(law: Law) -> Expr:
    return parse(f"where({law.when}, 1, 0)", ["m", "n"], ()).args[0]


def _sides(law: Law, rng: random.Random) -> tuple[Expr, Expr]:
    names = ["a", "b", "c", "m", "n"]
    filled = {Parameter(name): parse(rng.choice(INNER)) for name in "abc"} | _numbers(law, rng)
    left, right = (substitute(parse(side, names, ()), filled) for side in (law.left, law.right))
    return left, right


def _value(expr: Expr, at: float) -> arb | None:
    """The ball of expr, None where any part of it is undefined."""
    values = Program(expr).run({"x": arb(at)})
    parts = [v for v in values if v is not None and not isinstance(v, bool)]
    return values[-1] if all(p.is_finite() for p in parts) and None not in values else None


@pytest.fixture
def bits() -> object:
    before = ctx.prec
    ctx.prec = BITS
    yield
    ctx.prec = before


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.left)
def test_search_for_a_counterexample(law: Law, bits: object, record_property: pytest.RecordProperty) -> None:  # type: ignore[name-defined]
    rng = random.Random(law.left)
    searched = certified = 0
    while searched < 2 * POINTS:
        left, right = _sides(law, rng)
        for at in _points(rng):
            a, b = _value(left, at), _value(right, at)
            if a is None:
                continue
            searched += 1
            assert b is not None, f"{law.left} = {law.right}: undefined on the right at {left}, x = {at}"
            assert a.overlaps(b), f"{law.left} = {law.right} fails at x = {at!r}: {left} is {a}, {right} is {b}"
            certified += (a - b).rad() <= abs(a).upper() * arb(2) ** (60 - BITS) + arb(2) ** -250
    print(f"{law.left:30} = {law.right:24} searched {searched:,} points, equal to {BITS - 60} bits at {certified:,}")
    record_property("searched", searched)
    assert certified > 0.9 * searched, "the balls are too wide to refute anything"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.left)
def test_the_law_is_applied(law: Law) -> None:
    """The engine finds the law's own left side, and ends where it ends for the right side."""
    filled: dict[Expr, Expr] = {Parameter("a"): parse("sin(x)"), Parameter("m"): Number(-1), Parameter("n"): Number(3)}
    left, right = (substitute(parse(s, ["a", "m", "n"], ()), filled) for s in (law.left, law.right))
    assert simplify(left) is simplify(right)
    assert simplify(left) is not left


@pytest.mark.parametrize("law", [law for law in LAWS if law.floats == SAME], ids=lambda law: law.left)
def test_same_value_bit_for_bit(law: Law) -> None:
    """Computed as written, step by step, and as the law leaves it: equal numbers, NaN for NaN."""
    from rheobase.lower.probe import evaluate

    x = np.array([*SPECIAL, 1e300, -1e300, np.inf, -np.inf, np.nan, *np.linspace(-9, 9, 301)])
    rng = random.Random(7)
    numbers = _numbers(law, rng)
    for inner in ("x", "x*0.3 - 1"):
        filled = numbers | {Parameter("a"): parse(inner)}
        left, right = (substitute(parse(s, ["a", "m", "n"], ()), filled) for s in (law.left, law.right))
        a, b = (evaluate(side, {"x": x})[side] for side in (left, right))
        known = ~np.isnan(a) & np.isfinite(x)
        np.testing.assert_array_equal(a[known], b[known])
        assert np.isnan(b[np.isnan(x)]).all() or np.isnan(compiled(right, "numpy")(x)[np.isnan(x)]).all()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.left)
def test_no_law_removes_a_nan(law: Law) -> None:
    """Where an argument is undefined the result is NaN before and after."""
    filled = {Parameter("a"): parse("log(x)"), **_numbers(law, random.Random(1))}
    left = substitute(parse(law.left, ["a", "m", "n"], ()), filled)
    assert np.isnan(compiled(left, "numpy")(np.array([-1.0, np.nan]))).all() or _compares(left)


def _compares(expr: Expr) -> bool:
    """A comparison with NaN is false: the branch that is then taken may be a number."""
    return any(getattr(a, "op", "") in COMPARISONS for a in expr.args)


def test_laws_stand_in_the_table_once() -> None:
    lefts = [simplify(parse(law.left, list("abcmn"), ())) for law in LAWS]
    assert len({law.left for law in LAWS}) == len(LAWS)
    assert len(lefts) == sum(map(len, rules().values()))


@pytest.mark.parametrize(
    "text", ["0*x", "x - x", "x/x", "0*exp(x)", "(x - x)*2", "x*x/x**2", "0*(x + 1)", "x**0*(x - x)"]
)
def test_zeros_that_hide_a_nan_stay(text: str) -> None:
    assert "x" in simplify(parse(text)).symbols


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("(x**0.5)**2", -1.0),
        ("x**0.25*x**0.75", -1.0),
        ("(x**(1/3))**3", -8.0),
        ("x**1.5*x**0.5", -1.0),
        ("exp(log(x))", -1.0),
    ],
)
def test_roots_do_not_merge_into_a_larger_domain(text: str, low: float) -> None:
    assert np.isnan(compiled(parse(text), "numpy")(low))


def test_bounds_of_the_left_side_hold_for_the_right() -> None:
    """`log(1 + exp(a))` may be replaced because the replacement computes better, never worse."""
    for law in LAWS:
        if law.when or any(w in law.left for w in "mn") or "b" in law.left.replace("abs", ""):
            continue
        left, right = (substitute(parse(s, ["a"], ()), {Parameter("a"): parse("x")}) for s in (law.left, law.right))
        for at in (0.3, 2.5, 7.0):
            try:
                before, after = true_point(left, at), true_point(core(right), at)
            except ZeroDivisionError:
                continue
            assert after.rounding <= 4 * before.rounding + abs(float(before.value)) * 4, (law.left, at)
