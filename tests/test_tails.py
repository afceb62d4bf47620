"""Tails: formulas whose arithmetic breaks far out keep their bounds to the largest number, checked in mpmath."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import torch
from mpmath import mp

import oracle
from rheobase.activation import define
from rheobase.differentiate import differentiate
from rheobase.lower import lowered
from rheobase.lower.core import core
from rheobase.lower.formats import FORMATS
from rheobase.lower.probe import probe
from rheobase.parse import parse
from rheobase.reference import true_point
from rheobase.testing import conformance

BROKEN = [
    "x*tanh(exp(x))",
    "x*exp(-exp(-x))",
    "x/(1 + x**2)",
    "x**2*exp(-x**2)",
    "log(cosh(x))",
    "sqrt(1 + x**4)",
    "x/(x/2 + exp(-x/3))",
    "sin(30*x)",
    "log(1 + x**2)",
    "x**2 - x**4",
    "x*sigmoid(x)",
    "(x + sqrt(x**2 + 4))/2",
    "x/sqrt(1 + x**2)",
    "x**3/(1 + x**2)",
    "exp(x)/(1 + exp(2*x))",
    "x*atan(exp(x))",
    "sech(x)*x",
    "erfc(x)*exp(x)",
    "x*sqrt(cosh(x)/(1 + cosh(x)))",
    "softplus(x)**2/(1 + x**2)",
    "1/(1 + x**8)",
    "(1 + x**2)**(-0.3)",
    "abs(x)**2.5",
    "x*exp(-x)",
    "x*sech(0.001*x)",
    "log(1 + exp(x) + exp(-x))",
]


@pytest.mark.parametrize("text", BROKEN[:10])
def test_conforms(text: str) -> None:
    report = conformance(define(text), backends=["torch"])
    assert report.ok, str(report)


@pytest.mark.parametrize("text", BROKEN)
def test_nothing_remains_to_be_warned_of(text: str) -> None:
    assert define(text).warnings == ()


def _far(largest: float) -> list[float]:
    sizes = np.exp(np.linspace(math.log(20.0), math.log(largest), 20)).tolist()
    return [s for size in (*sizes[:-1], largest) for s in (size, -size)]


@pytest.mark.parametrize("text", [t for t in BROKEN if "sin(" not in t and "sqrt(cosh" not in t])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_true_tails_by_mpmath(text: str, precision: str) -> None:
    """The formula as typed, by mpmath at 120 or 650 digits, against what torch computes out to the largest number."""
    expr = parse(text)
    form = FORMATS[precision]
    points = np.array(_far(form.largest)).astype(form.dtype)
    x = torch.tensor(points, dtype=getattr(torch, precision), requires_grad=True)
    value = define(text).torch(x)
    value.sum().backward()
    assert x.grad is not None
    heart = core(expr)
    slope = differentiate(heart, by_output=True)
    with mp.workdps(120 if precision == "float32" else 650):
        for at, y, dy in zip(points.tolist(), value.tolist(), x.grad.tolist(), strict=True):
            assert not math.isnan(y)
            assert not math.isnan(dy)
            theirs = oracle.value(expr, at)
            if not mpmath.isfinite(theirs):
                continue
            point = true_point(heart, at)
            allowed = 4 * (form.unit * point.rounding + form.smallest * point.underflow)
            if math.isinf(y):
                assert abs(theirs) + allowed >= form.largest and (y > 0) == (theirs > 0), (at, y)
            else:
                assert abs(y - theirs) <= allowed, (at, y, float(theirs))
            grown = true_point(slope, at)
            if math.isfinite(dy) and not grown.value.is_nan():
                allowed = 4 * (form.unit * max(grown.rounding, 1.0) + form.smallest * grown.underflow)
                assert abs(dy - float(grown.value)) <= allowed or not math.isfinite(allowed), (at, dy, grown.value)


ASYMPTOTES = [
    # text, far point, value by hand (powers of two and simple limits)
    ("x*tanh(exp(x))", 1e30, 1e30),
    ("x*tanh(exp(x))", -1e30, 0.0),
    ("x/(1 + x**2)", 1e30, 1e-30),
    ("x/(1 + x**2)", 1e300, 1e-300),
    ("x**2*exp(-x**2)", 1e30, 0.0),
    ("log(cosh(x))", 1e30, 1e30),
    ("sqrt(1 + x**4)", 2.0**100, 2.0**200),
    ("x/(x/2 + exp(-x/3))", 1e300, 2.0),
    ("x/(x/2 + exp(-x/3))", -1e300, 0.0),
    ("x/sqrt(1 + x**2)", -1e200, -1.0),
    ("1/(1 + x**2)", 2.0**300, 2.0**-600),
    ("(x + sqrt(x**2 + 4))/2", 2.0**300, 2.0**300),
]


@pytest.mark.parametrize(("text", "at", "value"), ASYMPTOTES)
def test_asymptotes_by_hand(text: str, at: float, value: float) -> None:
    assert define(text)(at) == pytest.approx(value, rel=4e-16, abs=0)
    ours = define(text)(torch.tensor(at, dtype=torch.float64)).item()
    assert ours == pytest.approx(value, rel=4e-16, abs=0)


def test_only_formulas_that_need_it_pay() -> None:
    for text in ("x*sigmoid(x)", "relu(x)", "x*Phi(x)", "sin(x)", "x/(1 + exp(-x))", "clip(x, 0, 6)"):
        assert "where(x" not in str(lowered(parse(text), "float32").expr).replace("where(x <= 0", "").replace(
            "where(x >= 6", ""
        )
    assert "where(" in str(lowered(parse("x*tanh(exp(x))"), "float32").expr)


WARNED = [
    ("exp(0.3*exp(0.1*x))", "float32: not reliable above x = 56"),  # an exponential overflows, 0.3 of it does not
    ("x**x", "float32: not reliable near x = 1.4e-45"),  # x*x**(x - 1), as a framework takes the slope, overflows
    ("tanh(atan(1/x))", "float32: not reliable near x = "),  # the square of 1/x overflows
]


@pytest.mark.parametrize(("text", "words"), WARNED)
def test_what_cannot_be_mended_is_told(text: str, words: str) -> None:
    assert any(w.startswith(words) for w in define(text).warnings)
    assert not conformance(define(text), backends=["torch"]).ok


STEEP = ["2**x", "exp(0.3*x)", "0.3*2**x", "exp(0.3*x) + x", "x*exp(-0.2*x)", "0.1*sinh(x)", "cosh(0.2*x)", "0.01*x**3"]


@pytest.mark.parametrize("text", STEEP)
def test_a_slope_that_is_finite_where_the_value_has_overflowed_is_given(text: str) -> None:
    function = define(text)
    assert not function.warnings
    assert conformance(function, backends=["numpy", "torch"]).ok


@pytest.mark.parametrize(("text", "at", "slope"), [("2**x", 128.25, 2.80493e38), ("exp(0.3*x)", 297.0, 1.48854e38)])
def test_the_slope_beyond_overflow_by_hand(text: str, at: float, slope: float) -> None:
    x = torch.tensor(at, requires_grad=True)
    y = define(text)(x)
    y.backward()
    assert y.item() == math.inf
    assert x.grad is not None and x.grad.item() == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("d", [1.5, 2.16, 3.39, 3.584, 10.351])
def test_a_power_tail_of_any_exponent(d: float) -> None:
    assert not define(f"1/(1 + abs(x)**{d})").warnings


def test_the_probe_computes_as_torch_does() -> None:
    """Values and slopes of the step-by-step model against torch's own arithmetic, in single precision."""
    expr = parse("x*tanh(log1p(exp(x)))/(1 + x*x)")
    x = np.linspace(-20, 20, 401).astype(np.float32)
    model = probe(expr, x, np.float32)
    t = torch.tensor(x, requires_grad=True)
    y = t * torch.tanh(torch.log1p(torch.exp(t))) / (1 + t * t)
    y.sum().backward()
    assert t.grad is not None
    np.testing.assert_array_max_ulp(model.value, y.detach().numpy(), 8)
    np.testing.assert_allclose(model.slope, t.grad.numpy(), rtol=0, atol=16 * 2.0**-24)


def test_the_probe_sees_where_arithmetic_breaks() -> None:
    x = np.array([1.0, 80.0, 88.0, 89.0, 1e4], np.float32)
    assert probe(parse("x*tanh(exp(x))"), x, np.float32).clean.tolist() == [True, True, True, False, False]
    assert probe(parse("x*x"), np.array([1e18, 1e20], np.float32), np.float32).clean.tolist() == [True, False]
