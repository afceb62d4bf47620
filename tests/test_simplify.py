"""Rewriting: idempotent, value-keeping, and equal formulas become one tree."""

from __future__ import annotations

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from formulas import random_text
from rheobase.activation import define
from rheobase.catalogue import entries, get
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, postorder
from rheobase.lower.probe import evaluate
from rheobase.parse import parse
from rheobase.reference import to_double, true_point, true_value
from rheobase.simplify import simplify

EQUAL = [
    # silu
    ("x/(1 + exp(-x))", "x*sigmoid(x)"),
    ("x*exp(x)/(1 + exp(x))", "x*sigmoid(x)"),
    ("0.5*x*(1 + tanh(x/2))", "x*sigmoid(x)"),
    ("x/2*(1 + tanh(0.5*x))", "x*sigmoid(x)"),
    ("x - x*sigmoid(-x)", "x - sigmoid(-x)*x"),
    # tanh
    ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh(x)"),
    ("sinh(x)/cosh(x)", "tanh(x)"),
    ("2*sigmoid(2*x) - 1", "tanh(x)"),
    ("2/(1 + exp(-2*x)) - 1", "tanh(x)"),
    ("1 - 2/(exp(2*x) + 1)", "1 - 2*sigmoid(-2*x)"),
    ("-tanh(-x)", "tanh(x)"),
    # sigmoid
    ("1/(1 + exp(-x))", "sigmoid(x)"),
    ("exp(x)/(exp(x) + 1)", "sigmoid(x)"),
    ("1 - 1/(1 + exp(x))", "sigmoid(x)"),
    ("0.5*(1 + tanh(x/2))", "sigmoid(x)"),
    ("1 - sigmoid(-x)", "sigmoid(x)"),
    # softplus
    ("log(1 + exp(x))", "softplus(x)"),
    ("log(exp(x) + 1)", "softplus(x)"),
    ("log1p(exp(x))", "softplus(x)"),
    ("-log(sigmoid(-x))", "softplus(x)"),
    ("-log_sigmoid(-x)", "softplus(x)"),
    ("log(1/(1 + exp(-x)))", "log_sigmoid(x)"),
    # gelu
    ("0.5*x*(1 + erf(x/sqrt(2)))", "x*Phi(x)"),
    ("x*0.5*erfc(-x/sqrt(2))", "x*Phi(x)"),
    ("x*(1 - Phi(-x))", "x*Phi(x)"),
    # mish
    ("x*tanh(log(1 + exp(x)))", "x*tanh(softplus(x))"),
    # relu and friends
    ("max(0, x)", "relu(x)"),
    ("maximum(x, 0)", "relu(x)"),
    ("where(x > 0, x, 0)", "relu(x)"),
    ("-min(0, -x)", "relu(x)"),
    ("min(max(0, x), 6)", "clip(x, 0, 6)"),
    ("max(min(x, 6), 0)", "clip(x, 0, 6)"),
    ("min(relu(x), 6)", "clip(x, 0, 6)"),
    ("relu(x) - relu(-x)", "x"),
    ("abs(-x)", "abs(x)"),
    ("sqrt(x**2)", "abs(x)"),
    ("abs(x)*sign(x)", "x"),
    # algebra
    ("x + x", "2*x"),
    ("2*x - x", "x"),
    ("x*x*x", "x**3"),
    ("(x**2)**3", "x**6"),
    ("x/2", "0.5*x"),
    ("-(-x)", "x"),
    ("1/(1/x)", "1/(1/x)"),
    ("exp(x)*exp(2*x)", "exp(3*x)"),
    ("exp(x)**2", "exp(2*x)"),
    ("3*(x + 1) - 3*x", "3*(x + 1) - 3*x"),
    ("where(0 < x, 1, 2)", "where(x > 0, 1, 2)"),
    ("where(2*x - 1 > 0, x, 0)", "where(x > 0.5, x, 0)"),
    ("where(1 - x >= 0, x, 0)", "where(x <= 1, x, 0)"),
    ("where(1 < 2, x, 0)", "x"),
    ("cos(-x)", "cos(x)"),
    ("sin(-x)", "-sin(x)"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_formulas_become_one_tree(one: str, other: str) -> None:
    assert simplify(parse(one)) is simplify(parse(other))


DIFFERENT = [
    ("x*sigmoid(x)", "x*sigmoid(2*x)"),
    ("clip(x, 0, 6)", "clip(x, 0, 5)"),
    ("where(x > 0, x, 0)", "where(x >= 0, x, 0)"),  # the slope at 0
    ("where(x < 0, 1, 2)", "where(x > 0, 1, 2)"),
    ("max(min(x, -1), 1)", "min(max(x, 1), -1)"),  # ends the wrong way round
    ("sqrt(x)**2", "x"),
    ("x/x", "1"),
    ("x - x", "0"),
    ("abs(x)", "x"),
    ("log(x**2)", "2*log(x)"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_formulas_stay_different(one: str, other: str) -> None:
    assert simplify(parse(one)) is not simplify(parse(other))


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("min(max(x, 0), -1)", 3.0, -1.0),
        ("min(max(x, 0), -1)", -3.0, -1.0),
        ("max(min(x, -1), 1)", -3.0, 1.0),
        ("max(min(x, -1), 1)", 3.0, 1.0),
        ("clip(x, 1, -1)", -9.0, -1.0),
        ("clip(x, pi, e)", 9.0, 2.718281828459045),
        ("1/(-x)", 4.0, -0.25),
        ("step(2*x - 1)", 0.5, 1.0),
        ("sign(2*x - 1)", 0.5, 0.0),
        ("step(1 - 2*x)", 0.5, 1.0),
        ("step(2*x - 1)", 0.49, 0.0),
        ("x/(2 - 3)", 4.0, -4.0),
        ("3*x/(-x*x)", 2.0, -1.5),
        ("where(pi < e, x, 2*x)", 1.0, 2.0),
        ("where(sqrt(2) < 2, x, 2*x)", 1.0, 1.0),
    ],
)
def test_values_worked_out_by_hand(text: str, at: float, value: float) -> None:
    assert define(text)(at) == value
    assert to_double(true_value(simplify(parse(text)), at)) == value


def _formulas(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    found: list[str] = []
    while len(found) < count:
        text = random_text(rng, 4)
        try:
            parse(text)
        except RheobaseError:
            continue
        found.append(text)
    return found


FORMULAS = _formulas(300, seed=3)
NEAR = (0.0, 5e-324, 1e-310, 1e-30, 1e-8, 0.1, 0.5, 0.7, 1.0, 1.5, 3.0, 8.0, 30.0, 1e3, 1e30, 1.7e308, np.inf)
POINTS = np.array([*(s * v for v in NEAR for s in (1, -1)), np.nan])


def test_idempotent() -> None:
    for text in FORMULAS:
        once = simplify(parse(text))
        assert simplify(once) is once, text


@pytest.mark.parametrize("name", sorted(entries()))
def test_idempotent_on_the_catalogue(name: str) -> None:
    for expr in (get(name).bound, get(name).derivative().bound):
        once = simplify(expr)
        assert simplify(once) is once


def test_truth_is_kept_on_random_formulas() -> None:
    """Balls of the formula as written and as simplified overlap wherever the first is defined."""
    compared = 0
    for text in FORMULAS:
        expr = parse(text)
        form = simplify(expr)
        for at in POINTS[np.isfinite(POINTS)]:
            before = true_value(expr, float(at))
            if not before.is_finite():
                continue
            after = true_value(form, float(at))
            compared += 1
            assert before.overlaps(after), (text, str(form), at, before, after)
    assert compared > 4000


def _computed(expr: Expr) -> NDArray[np.float64]:
    return np.broadcast_to(evaluate(expr, {"x": POINTS})[expr], POINTS.shape)


def test_computed_values_stay_within_either_bound() -> None:
    """Where the formula as written computes a number, the simplified one is within the sum of both bounds."""
    compared = 0
    for text in FORMULAS:
        expr = parse(text)
        form = simplify(expr)
        if form is expr or any(
            getattr(n, "op", "") in ("step", "sign", "floor", "round", "where", "tan") for n in postorder(expr)
        ):
            continue  # where a value jumps, no bound holds at the jump
        before, after = _computed(expr), _computed(form)
        for at, a, b in zip(POINTS, before, after, strict=True):
            if np.isnan(at):
                assert np.isnan(b) or "x" not in form.symbols or np.isfinite(a), text
                continue
            if not (abs(at) <= 1e30 and np.isfinite(a)):
                continue  # farther out the tails take over
            one, two = true_point(expr, float(at)), true_point(form, float(at))
            if one.value.is_nan() or not np.isfinite(one.rounding):
                continue
            allowed = 4 * 2.0**-53 * (one.rounding + two.rounding) + 4 * 2.0**-1074 * (one.underflow + two.underflow)
            compared += 1
            assert abs(a - b) <= allowed or (np.isnan(a) and np.isnan(b)), (text, str(form), at, a, b, allowed)
    assert compared > 1200


def test_nan_stays_nan_on_random_formulas() -> None:
    for text in FORMULAS[:80]:
        activation = define(text)
        assert np.isnan(activation(np.array([np.nan]))).all(), text
        try:
            slope = activation.derivative()(np.array([np.nan]))
        except RheobaseError as error:
            assert "terms" in error.what, "dsinc in dsinc grows beyond the bound"
        else:
            assert np.isnan(slope).all(), text


@pytest.mark.parametrize("text", ["1/(1/x)", "(1/x)**(-1)", "x/(1/x)", "(0.5/x)**(-2)", "1/(x**(-3))", "2/(3/(x - 1))"])
def test_a_hole_is_not_filled(text: str) -> None:
    assert "/(" in str(simplify(parse(text)))


@pytest.mark.parametrize(
    ("text", "plain"), [("1/(1/exp(x))", "exp(x)"), ("1/(2/sqrt(pi))", "0.5*sqrt(pi)"), ("1/(x/2)", "2/x")]
)
def test_what_is_never_zero_has_no_hole(text: str, plain: str) -> None:
    assert str(simplify(parse(text))) == plain
