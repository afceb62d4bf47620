"""The correlation map against closed forms, near c = ±1, and the angle at which inputs meet against iteration."""

from __future__ import annotations

import math

import numpy as np
import pytest

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.meanfield.angles import approach, correlation_map, states
from rheobase.meanfield.kernel import hermite, kernel, slope_kernel
from rheobase.meanfield.moments import moments
from rheobase.parse import parse

CORRELATIONS = (0.0, 0.3, 0.9, 0.900001, 0.99, 0.99999, 1.0, -0.4, -0.95, -0.999999, -1.0)


@pytest.mark.parametrize("c", CORRELATIONS)
@pytest.mark.parametrize("q", [0.01, 1.0, 30.0])
def test_closed_forms(c: float, q: float) -> None:
    """Arc-cosine kernels of degree 0 and 1 (Cho & Saul 2009), erf (Williams 1997), sine, a cube (Isserlis)."""
    angle = math.acos(c)
    closed = {
        "relu(x)": q * (math.sin(angle) + (math.pi - angle) * c) / (2 * math.pi),
        "step(x)": (math.pi - angle) / (2 * math.pi),
        "erf(x)": 2 / math.pi * math.asin(2 * q * c / (1 + 2 * q)),
        "sin(x)": math.exp(-q) * math.sinh(q * c),
        "x**3": q**3 * (9 * c + 6 * c**3),
    }
    for formula, wanted in closed.items():
        m = moments(parse(formula))
        assert kernel(m, c, q) == pytest.approx(wanted, rel=1e-13, abs=2e-15 * m.second(q)), formula


@pytest.mark.parametrize("c", CORRELATIONS)
def test_the_slope_kernel_of_relu_is_the_step_s(c: float) -> None:
    assert slope_kernel(moments(parse("relu(x)")), c, 2.0) == pytest.approx(
        (math.pi - math.acos(c)) / (2 * math.pi), rel=1e-13, abs=1e-15
    )


@pytest.mark.parametrize("formula", ["tanh(x)", "elu(x)", "hard_swish", "gelu", "sin(9*x)", "abs(x - 0.3)"])
def test_series_and_integral_agree_where_they_meet(formula: str) -> None:
    """At |c| = 0.9 the series ends; the slope of the kernel bridges the gap to the integral's side."""
    m = moments(rb.get(formula.replace("elu(x)", "elu")).bound)
    step = 1e-7
    for side in (1, -1):
        inner, outer = kernel(m, side * 0.9), kernel(m, side * (0.9 + step))
        slope = slope_kernel(m, side * 0.9)
        assert outer - inner == pytest.approx(side * step * slope, abs=1e-12)


def test_at_one_it_is_the_second_moment() -> None:
    for id in list(entries())[::7]:
        m = moments(rb.get(id).bound)
        if math.isfinite(m.second()):
            assert kernel(m, 1.0) == pytest.approx(m.second(), rel=1e-12)


def test_arrays_keep_their_shape() -> None:
    m = moments(parse("tanh(x)"))
    c = np.array([[0.1, 0.95], [-0.99, 1.0]])
    found = kernel(m, c)
    assert found.shape == c.shape
    assert found[1, 0] == kernel(m, -0.99)


def test_hermite_coefficients() -> None:
    """Of a cube: Heₙ of degree 1 and 3; of all of them the squares sum to E f² (Parseval)."""
    found = hermite(moments(parse("x**3")))
    assert found[1] == pytest.approx(3, rel=1e-13) and found[3] == pytest.approx(math.sqrt(6), rel=1e-13)
    assert np.abs(np.delete(found[:20], [1, 3])).max() < 1e-12
    m = moments(parse("tanh(x)"))
    assert (hermite(m) ** 2).sum() == pytest.approx(m.second(), rel=1e-12)


@pytest.mark.parametrize(("spec", "sigma_w", "sigma_b"), [("tanh", 1.8, 0.1), ("sine", 1.5, 0.0), ("elu", 1.0, 0.2)])
def test_inputs_end_at_the_angle_told(spec: str, sigma_w: float, sigma_b: float) -> None:
    m = moments(rb.get(spec).bound)
    found = [s for s in states(m, sigma_w, sigma_b) if s.stable]
    assert found
    for s in found:
        c = np.array(0.6)
        for _ in range(math.ceil(25 * s.xi_c)):
            c = correlation_map(m, c, s.q, sigma_w, sigma_b)
        assert float(c) == pytest.approx(s.c, abs=1e-9)


def test_on_the_edge_angles_close_as_told() -> None:
    """1 - c falls as β/l: after l layers, and four times as many."""
    m = moments(parse("tanh(x)"))
    (edge,) = [e for e in rb.theory("tanh", [0.3]).edge_of_chaos if e.q]
    beta = approach(m, edge.q, edge.sigma_w)
    c, seen = np.array(0.9), {}
    for layer in range(1, 401):
        c = correlation_map(m, c, edge.q, edge.sigma_w, 0.3)
        seen[layer] = 1 - float(c)
    assert 1 / (1 / seen[400] - 1 / seen[200]) == pytest.approx(beta / 200, rel=0.02)
