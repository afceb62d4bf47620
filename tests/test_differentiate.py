"""Symbolic derivatives against differences: of mpmath at 240 digits, and of balls; kinks by their convention."""

from __future__ import annotations

import math
import random
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from mpmath import mp, mpf

import oracle
from formulas import random_text
from rheobase.activation import define
from rheobase.catalogue import get
from rheobase.differentiate import differentiate
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, Parameter, Variable, postorder, substitute
from rheobase.ops import COMPARISONS, OPS
from rheobase.parse import parse
from rheobase.reference import Program, to_double, true_value

X = Variable("x")
UNARY = sorted(name for name, row in OPS.items() if row.arity == 1)
POINTS = [-29.9, -6.4, -2.25, -1.1, -0.7, -1e-3, 1e-9, 0.3, 0.99, 1.01, 2.6, 3.25, 17.3, 30.1]
BITS = 4000


def _ball_slope(expr: Expr, at: float) -> arb | None:
    """(f(x + h) - f(x - h)) / 2h by balls at 4,000 bits and h = 2**-900: right to some 900 bits where f is smooth."""
    before = ctx.prec
    ctx.prec = BITS
    try:
        h = arb(2) ** -900
        steps = Program(expr)
        high, low = (steps.run({"x": arb(at) + side * h})[-1] for side in (1, -1))
        return (high - low) / (2 * h) if high.is_finite() and low.is_finite() else None
    finally:
        ctx.prec = before


def _close(ours: arb, theirs: arb) -> bool:
    return bool(abs(ours - theirs) <= abs(theirs) * arb(2) ** -100 + arb(2) ** -400)


@pytest.mark.parametrize("op", UNARY)
def test_every_row_against_mpmath(op: str) -> None:
    expr = Apply(op, (X,))
    slope = differentiate(expr)
    compared = 0
    for at in POINTS:
        ours = true_value(slope, at)
        theirs = oracle.slope(expr, at) if op != "dsinc" else _dsinc_slope(at)
        if isinstance(theirs, mpmath.mpc) or not mpmath.isfinite(theirs):
            continue
        compared += 1
        with mp.workdps(60):
            assert abs(to_double(ours) - theirs) <= 2.0**-50 * abs(theirs) + mpf(10) ** -60, (op, at)
    assert compared >= 7


def _dsinc_slope(at: float) -> Any:
    with mp.workdps(200):
        a = mpf(at)
        return -mpmath.sin(a) / a - 2 * (mpmath.cos(a) - mpmath.sin(a) / a) / a**2


@pytest.mark.parametrize("op", UNARY)
@pytest.mark.parametrize("by_output", [False, True])
def test_every_row_against_differences_of_balls(op: str, by_output: bool) -> None:
    expr = Apply(op, (X,))
    slope = differentiate(expr, by_output=by_output)
    for at in POINTS:
        theirs = _ball_slope(expr, at)
        if theirs is not None:
            ours = true_value(slope, at)
            if op == "dsinc" and abs(at) < 1:
                assert abs(float((ours - theirs) / theirs)) < 2.0**-64, "the series stands for the function"
            else:
                assert _close(ours, theirs), (op, at, ours, theirs)


BINARY = ["x + a", "a - x", "x*a", "a/x", "x/a", "x**a", "a**x", "x**3", "x**-2", "1/x**5", "x**0.5", "x**1.5", "2**x"]
BINARY += ["x**x", "minimum(x, a*x)", "maximum(x*x, a)", "clip(x, -a, a)", "where(x < a, x*x, a*x)", "-(x*a)", "x**pi"]


@pytest.mark.parametrize("text", BINARY)
def test_rows_of_two_and_three_arguments(text: str) -> None:
    """In x and in the parameter a, at points where all are smooth."""
    expr = parse(text, ["a"])
    for value in ("0.75", "2.5"):
        a = Number(value)
        for at in (0.31, 1.4, 3.3):
            fixed = substitute(expr, {Parameter("a"): a})
            theirs = _ball_slope(fixed, at)
            assert theirs is not None
            assert _close(true_value(substitute(differentiate(expr), {Parameter("a"): a}), at), theirs), (text, at)
            if "a" in expr.symbols:
                here = fmpq(*float(at).as_integer_ratio())
                swapped = substitute(expr, {X: Number(str(at)), Parameter("a"): X})
                in_a = substitute(differentiate(expr, "a"), {X: Number(str(at)), Parameter("a"): X})
                slope = _ball_slope(swapped, float(value))
                assert slope is not None
                assert here is not None
                assert _close(true_value(in_a, float(value)), slope), (text, at, "a")


KINKS = [
    # text, point, slope there: 0 at the kink of a primitive, the branch taken of a choice
    ("abs(x)", 0.0, 0.0),
    ("relu(x)", 0.0, 0.0),
    ("sign(x)", 0.0, 0.0),
    ("step(x)", 0.0, 0.0),
    ("floor(x)", 1.0, 0.0),
    ("round(x)", 0.5, 0.0),
    ("min(x, 1)", 1.0, 0.0),
    ("min(1, x)", 1.0, 0.0),
    ("max(x, 1)", 1.0, 0.0),
    ("max(x, 1)", 2.0, 1.0),
    ("min(x, 1)", 0.0, 1.0),
    ("max(-x, 2)", -2.0, 0.0),
    ("clip(x, 0, 6)", 0.0, 0.0),
    ("clip(x, 0, 6)", 6.0, 0.0),
    ("clip(x, 0, 6)", 3.0, 1.0),
    ("x*clip(x, 0, 6)", 6.0, 6.0),
    ("x + clip(x, 1, 6)", 1.0, 1.0),
    ("where(x >= 0, x, 0.1*x)", 0.0, 1.0),
    ("where(x > 0, x, 0.1*x)", 0.0, 0.1),
    ("where(x < 0, 0.1*x, x)", 0.0, 1.0),
    ("where(x <= 0, 0.1*x, x)", 0.0, 0.1),
    ("where(x >= 0, x, expm1(x))", 0.0, 1.0),
    ("where(x > 0, x, 2*expm1(x))", 0.0, 2.0),
    ("abs(x - 0.7)", 0.7, -1.0),  # the double 0.7 lies below seven tenths
    ("relu(x - 0.1)", 0.1, 1.0),  # the double 0.1 lies above one tenth
    ("sqrt(abs(x))", 0.0, 0.0),  # truly infinite: given as 0
    ("sqrt(x)", 0.0, 0.0),
    ("abs(x)**1.5", 0.0, 0.0),
    ("x*abs(x)", 0.0, 0.0),
]


@pytest.mark.parametrize(("text", "at", "slope"), KINKS)
def test_kinks(text: str, at: float, slope: float) -> None:
    """The symbolic derivative on NumPy, and what torch takes by itself."""
    import torch

    activation = define(text)
    assert activation.derivative()(at) == slope
    x = torch.tensor([at], dtype=torch.float64, requires_grad=True)
    activation(x).sum().backward()
    assert x.grad is not None
    assert x.grad.item() == slope


def test_both_sides_of_a_tie() -> None:
    """At x = 1 both move: the slope of the second, which `where(a > b, …)` takes."""
    assert define("max(x, x*x)").derivative()(1.0) == 2.0
    assert define("max(x*x, x)").derivative()(1.0) in (1.0, 2.0)


ORDERS = [
    ("x*sigmoid(x)", 5),
    ("exp(-x*x)", 5),
    ("1/x**3", 5),
    ("atan(x)", 5),
    ("x*Phi(x)", 4),
    ("x*tanh(softplus(x))", 3),
]
ORDERS += [("sinc(x)", 3), ("x/(1 + x**2)", 3), ("log(cosh(x))", 4)]


@pytest.mark.parametrize(("text", "highest"), ORDERS)
def test_higher_orders(text: str, highest: int) -> None:
    activation = define(text)
    for order in range(highest + 1):
        slope = activation.derivative(order)
        for at in (-2.3, -0.4, 0.6, 1.7, 4.0):
            with mp.workdps(120):
                theirs = mpmath.diff(lambda t, e=activation.bound: oracle.value(e, t), mpf(at), order, h=mpf(10) ** -18)
                ours = slope(at)
                assert abs(ours - theirs) <= 1e-11 * max(1, abs(theirs)), (order, at)


def test_second_derivative_of_a_parameter_is_zero_where_it_is_linear() -> None:
    prelu = define("where(x >= 0, x, a*x)", a=0.25)
    assert prelu.derivative("a")(np.array([-2.0, 3.0])).tolist() == [-2.0, 0.0]
    assert prelu.derivative("a").derivative()(np.array([-2.0, 3.0])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("text", "name", "x", "a", "slope"),
    [
        ("x*sigmoid(a*x)", "a", 1.5, 0.8, 1.5**2 * math.exp(-1.2) / (1 + math.exp(-1.2)) ** 2),
        ("x**a", "a", 2.0, 3.0, 8 * math.log(2)),
        ("a**x", "a", 3.0, 2.0, 12.0),
        ("sin(a*x)/a", "a", 1.0, 2.0, math.cos(2) / 2 - math.sin(2) / 4),
        ("clip(x, -a, a)", "a", 5.0, 1.0, 1.0),
        ("clip(x, -a, a)", "a", -5.0, 1.0, -1.0),
        ("clip(x, -a, a)", "a", 0.5, 1.0, 0.0),
        ("where(x > a, x, 0)", "a", 5.0, 1.0, 0.0),
        ("maximum(a*x, x)", "a", 2.0, 3.0, 2.0),
    ],
)
def test_parameters_by_hand(text: str, name: str, x: float, a: float, slope: float) -> None:
    assert define(text, a=a).derivative(name)(x) == pytest.approx(slope, rel=1e-15, abs=1e-300)


def test_a_derivative_that_does_not_exist_in_the_formula_is_zero() -> None:
    assert differentiate(parse("pi")) is Number(0)
    assert differentiate(parse("x**2"), "b") is Number(0)
    assert define("1").derivative()(3.0) == 0.0
    assert differentiate(parse("step(x)*2 + floor(x)")) is Number(0)


def test_random_formulas_against_differences_of_balls() -> None:
    rng = random.Random(11)
    compared = 0
    while compared < 600:
        text = random_text(rng, 4)
        try:
            expr = parse(text)
        except RheobaseError:
            continue
        jumps = any(getattr(n, "op", "") in COMPARISONS | {"step", "sign", "floor", "round"} for n in postorder(expr))
        if jumps or "x" not in expr.symbols:
            continue
        slope = differentiate(expr)
        for at in (-2.71, -0.61, 0.37, 1.93):
            theirs = _ball_slope(expr, at)
            if theirs is None or theirs.rad() > abs(theirs) * arb(2) ** -200 + arb(2) ** -500:
                continue
            ours = true_value(slope, at)
            compared += 1
            series = "dsinc" in text  # its second derivative is a series below 1, good to 64 bits
            limit = arb(2) ** (-50 if series else -90)
            assert abs(ours - theirs) <= (1 + abs(theirs)) * limit, (text, at, ours, theirs)


@pytest.mark.parametrize("name", ["dsu", "ssu", "mish", "smish", "soft_root_sign", "lif"])
def test_the_longest_entries_have_a_fifth_derivative(name: str) -> None:
    assert get(name).derivative(5).expr.size > 100


@pytest.mark.parametrize("at", [0.7, 1.3, -4.5])
def test_the_fifth_derivative_against_mpmath(at: float) -> None:
    with mp.workdps(60):
        sinc = mp.diff(mp.sinc, at, 5)
        mish = mp.diff(lambda t: t * mp.tanh(mp.log(1 + mp.exp(t))), at, 5)
    assert define("sinc(x)").derivative(5)(at) == pytest.approx(float(sinc), rel=1e-9)
    assert get("mish").derivative(5)(at) == pytest.approx(float(mish), rel=1e-9)
