"""`identify` finds the entry that a function equals, with fitted parameters; what equals none is new."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.catalogue.targets import BELL
from rheobase.errors import RheobaseError


@pytest.mark.parametrize(
    ("function", "spec"),
    [
        ("x / (1 + exp(-1.702*x))", "gelu_sigmoid"),
        ("0.5*x*(1 + tanh(x/2))", "silu"),
        ("x/(1 + exp(-x))", "silu"),
        ("max(0, x)", "relu"),
        ("(x + abs(x))/2", "relu"),
        ("max(0.1*x, x)", "leaky_relu:negative_slope=0.1"),
        ("where(x > 0, x, 2.5*(exp(x) - 1))", "elu:alpha=2.5"),
        ("x*tanh(log(1 + exp(x)))", "mish"),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh"),
        ("x*(1 + erf(x/sqrt(2)))/2", "gelu"),
        ("x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))", "gelu_tanh"),
        ("log(1 + exp(x))", "softplus"),
        ("min(max(0, x), 6)", "relu6"),
        ("x*min(max(x + 3, 0), 6)/6", "hard_swish"),
        ("(x + sqrt(x**2 + 4))/2", "squareplus"),
        ("1 - cos(x)", "cosine"),
        ("x*(1 - x**2)", "ncu"),
        ("x + sin(3*x)**2/3", "snake:a=3"),
        ("sin(2*x)", "siren:omega_0=2"),
        ("x*sigmoid(3*x)", "swish:beta=3"),
        ("1.7*x*sigmoid(x)", "eswish:beta=1.7"),
        ("tanh(0.5*x)*3 - 1", "dyt:gamma=3,beta=-1"),
        ("relu(x) + 0.3", "frelu_flexible:b=0.3"),
        ("1/(1 + x**2)", "elephant:d=2"),
        ("x*tanh(exp(x))", "tanhexp"),
        ("x", "identity"),
    ],
)
def test_a_formula_is_recognised(function: str, spec: str):
    found = rb.identify(function)
    assert not found.new and found.spec == spec
    x = np.linspace(-5.0, 5.0, 41)
    np.testing.assert_allclose(rb.get(spec)(x), rb.get(function)(x), rtol=0, atol=1e-9)


def test_quick_gelu_is_swish_with_a_beta():
    found = rb.identify("x / (1 + exp(-1.702*x))")
    assert "swish:beta=1.702" in [m.spec for m in found.matches]
    assert found.values == {} and found.id == "gelu_sigmoid"
    assert "quick_gelu" in str(found) and "swish:beta=1.702" in str(found)


def test_a_function_published_twice_is_found_twice_the_earlier_first():
    assert [m.entry.id for m in rb.identify("x*tanh(exp(x))").matches] == ["tanhexp", "telu"]


@pytest.mark.parametrize("entry", entries().values(), ids=str)
def test_every_entry_is_recognised_by_its_formula(entry):
    found = rb.identify(str(rb.get(entry).bound))
    (match,) = [m for m in found.matches if m.entry is entry]
    assert not match.values and match.how != "fitted", found


@pytest.mark.parametrize(
    ("function", "spec"),
    [
        (lambda x: np.maximum(x, 0), "relu"),
        (lambda x: x / (1 + np.exp(-x)), "silu"),
        (np.tanh, "tanh"),
        (math.tanh, "tanh"),
        (torch.nn.functional.silu, "silu"),
        (torch.nn.Softsign(), "softsign"),
        (lambda x: torch.nn.functional.elu(x.float(), 0.5), "elu:alpha=0.5"),
        (rb.get("swish:beta=2.5"), "swish:beta=2.5"),
        (rb.get("mish"), "mish"),
    ],
)
def test_a_callable_is_recognised_by_its_values(function, spec: str):
    assert rb.identify(function).spec == spec


@pytest.mark.parametrize("function", ["x*cos(x)**3", "x*sin(2*x)", "x*Phi(x) + 0.001*x", "0.37", "atan(x)*tanh(x)"])
def test_what_equals_no_entry_is_new_and_the_nearest_are_named(function: str):
    found = rb.identify(function)
    assert found.new and found.id is None and found.spec is None and found.entry is None
    assert len(found.nearest) == 5 and str(found).startswith("new")
    distances = [n.distance for n in found.nearest]
    assert distances == sorted(distances) and 0 < distances[0] <= 1


def test_a_distance_is_what_it_says():
    near = rb.identify("x*Phi(x) + 0.001*x").nearest[0]
    f, g = rb.get("x*Phi(x) + 0.001*x")(BELL), rb.get(near.spec)(BELL)

    def rms(v: np.ndarray) -> float:
        return float(np.sqrt(np.mean(v**2)))

    assert near.entry.id == "gelu"
    assert near.distance == pytest.approx(rms(f - g) / (rms(f) + rms(g)), rel=1e-9)


def test_tiny_differences_are_not_overlooked():
    assert rb.identify("x*sigmoid(x) + 1e-6*tanh(x)").spec != "silu"
    assert rb.identify("x*Phi(x)").id != rb.identify("x*sigmoid(1.702*x)").id


def test_the_plain_form_is_json():
    for function in ("x*sigmoid(2*x)", "x*cos(x)**3"):
        plain = json.loads(json.dumps(rb.identify(function).to_dict()))
        assert plain["new"] is (plain["id"] is None)
        assert {"query", "new", "id", "spec", "values", "matches", "nearest"} == plain.keys()


@pytest.mark.parametrize(
    "function",
    [3, lambda x: "no", lambda x: x[:3], lambda x: x + 1j, lambda x: np.log(x), lambda: 0.0],
    ids=["number", "text", "shape", "complex", "undefined", "no argument"],
)
def test_what_cannot_be_asked_about_is_told(function):
    with pytest.raises(RheobaseError) as caught:
        rb.identify(function)
    assert caught.value.instead
