"""The value at ±inf is the proven limit, on every backend; where there is none it is NaN."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.lower import lowered
from rheobase.parse import parse

ON = {
    "numpy": lambda f, v, kind: float(f(np.array(v, kind))),
    "torch": lambda f, v, kind: float(f(torch.tensor(v, dtype=getattr(torch, kind)))),
    "jax": lambda f, v, kind: float(f(jnp.array(v, kind))),
}


@pytest.mark.parametrize("backend", ON)
@pytest.mark.parametrize("id", entries())
def test_value_at_infinity_is_the_proven_limit(id: str, backend: str) -> None:
    function = rb.get(id)
    found = rb.check(function, "limit_left", "limit_right")
    for name, at in (("limit_left", -np.inf), ("limit_right", np.inf)):
        if found[name].verdict != "proven":
            continue
        wanted = float(found[name].low or 0.0)
        for kind, digits in (("float32", 1e-6), ("float64", 1e-14)):
            assert ON[backend](function, at, kind) == pytest.approx(wanted, rel=digits, abs=0), kind


@pytest.mark.parametrize("text", ["sin(x)", "x*cos(x)", "cos(x)/2"])
def test_without_a_limit_there_is_no_value(text: str) -> None:
    function = rb.define(text)
    assert np.isnan(function(np.array([np.inf, -np.inf]))).all()


@pytest.mark.parametrize("text", ["x/(1 + abs(x))", "x - x**3", "x**2 + x", "x + sin(x)**2", "sin(x)/x"])
def test_nothing_else_changes(text: str) -> None:
    function = rb.define(text)
    assert np.isnan(function(np.nan))
    assert torch.isnan(function(torch.tensor(float("nan"))))
    x = torch.tensor([-3.0, 0.5, 3e38, -3e38, 1.0], requires_grad=True)
    function(x).sum().backward()
    assert x.grad is not None and not torch.isnan(x.grad).any()
    at_ends = torch.tensor([float("inf"), float("-inf")], requires_grad=True)
    function(at_ends).sum().backward()
    assert at_ends.grad is not None and not torch.isnan(at_ends.grad).any()


def test_only_formulas_that_need_it_pay() -> None:
    """Nothing, one operation where the limit is reached by the largest number, a choice where it is not."""
    largest = "340282346638528859811704183484516925440"
    assert largest not in str(lowered(parse("tanh(x)"), "float32").expr)
    assert str(lowered(parse("x/(1 + abs(x))"), "float32").expr).startswith(f"clip(x, -{largest}, {largest})/")
    assert f"where(abs(x) > {largest}, x, " in str(lowered(parse("x + sin(x)**2"), "float32").expr)
