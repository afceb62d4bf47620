"""Spec strings: what people type, and what they are told when it cannot be."""

from __future__ import annotations

import math

import numpy as np
import pytest

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.errors import FormulaError, SpecError
from rheobase.parse import parse

X = np.linspace(-6.0, 6.0, 97)


@pytest.mark.parametrize(
    ("spec", "id_", "values"),
    [
        ("swish", "swish", {"beta": 1.0}),
        (" swish ", "swish", {"beta": 1.0}),
        ("swish:beta=1.5", "swish", {"beta": 1.5}),
        ("swish: beta = 1.5", "swish", {"beta": 1.5}),
        ("swish(beta=1.5)", "swish", {"beta": 1.5}),
        ("swish()", "swish", {"beta": 1.0}),
        ("swish; beta=1.5", "swish", {"beta": 1.5}),
        ("swish:beta=-2e-1", "swish", {"beta": -0.2}),
        ("swish:beta=1/4", "swish", {"beta": 0.25}),
        ("siren:omega_0=2*pi", "siren", {"omega_0": 2 * math.pi}),
        ("scaled_tanh:amplitude=1,slope=2", "scaled_tanh", {"amplitude": 1.0, "slope": 2.0}),
        ("nn.ELU", "elu", {"alpha": 1.0}),
        ("nn.ELU(alpha=0.5)", "elu", {"alpha": 0.5}),
        ("torch.nn.functional.elu", "elu", {"alpha": 1.0}),
        ("timm:elu:alpha=0.5", "elu", {"alpha": 0.5}),
        ("keras:leaky_relu", "leaky_relu_keras", {"negative_slope": 0.2}),
        ("LeakyReLU", "leaky_relu", {"negative_slope": 0.01}),
        ("leaky-relu", "leaky_relu", {"negative_slope": 0.01}),
        ("jax.nn.gelu", "gelu_tanh", {}),
        ("nn.GELU(approximate='tanh')", "gelu_tanh", {}),
        ("keras.activations.gelu", "gelu", {}),
        ("quick_gelu", "gelu_sigmoid", {}),
        ("gelu(x)", "gelu", {}),
        ("step", "heaviside", {"threshold": 0.0}),
        ("sin", "sine", {}),
    ],
)
def test_names_and_values(spec: str, id_: str, values: dict[str, float]):
    activation = rb.get(spec)
    assert activation.id == id_
    assert {n: p.default for n, p in activation.parameters.items()} == values
    assert activation.entry is entries()[id_] and activation.source is entries()[id_].source


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ("x*sigmoid(b*x); b=1.5", "swish:beta=1.5"),
        ("x*sigmoid(b*x);b=1.5", "swish:beta=1.5"),
        ("a*tanh(s*x); a=1.5, s=2", "scaled_tanh:amplitude=1.5,slope=2"),
        ("where(x <= 0, 0, x)", "relu"),
        ("x", "identity"),
        ("-x*expm1(-exp(x))", "x*(1 - exp(-exp(x)))"),
    ],
)
def test_formulas(spec: str, same: str):
    activation = rb.get(spec)
    assert activation.id is None and activation.name == spec
    # two formulas for one function: apart by a few roundings of values up to 6
    np.testing.assert_allclose(activation(X), rb.get(same)(X), rtol=0, atol=6 * 8 * np.finfo(float).eps)


@pytest.mark.parametrize("spec", ["pi", "1", "e"])
def test_a_constant_is_a_function(spec: str):
    assert np.ptp(rb.get(spec)(X)) == 0


def test_a_formula_may_begin_with_a_minus():
    assert rb.get("-x*exp(x)")(1.0) == pytest.approx(-math.e, rel=4 * np.finfo(float).eps)


def test_what_is_an_activation_passes_through():
    swish = rb.get("swish:beta=2")
    assert rb.get(swish) is swish
    assert rb.get(entries()["swish"]) is rb.get("swish")
    assert rb.get(parse("x*tanh(x)")).formula == "x*tanh(x)"


@pytest.mark.parametrize(
    ("spec", "learnable", "value"),
    [
        ("swish", True, 1.0),
        ("swish:beta=1.5", True, 1.5),
        ("swish:beta=fixed:1.5", False, 1.5),
        ("eswish:beta=learnable:1.25", True, 1.25),
        ("eswish:beta=learnable:", True, 1.5),
        ("x*sigmoid(b*x); b=learnable:1.5", True, 1.5),
        ("x*sigmoid(b*x); b=1.5", False, 1.5),
    ],
)
def test_a_value_can_be_marked(spec: str, learnable: bool, value: float):
    (p,) = rb.get(spec).parameters.values()
    assert (p.learnable, p.default) == (learnable, value)


def test_the_name_of_changed_values_is_a_spec_of_them():
    named = rb.get("siren:omega_0=2*pi").name
    assert rb.get(named).parameters["omega_0"].default == 2 * math.pi
    assert rb.get("swish:beta=1").name == "swish"


@pytest.mark.parametrize(
    ("spec", "instead"),
    [
        ("swihs", "swish"),
        ("geluu", "gelu"),
        ("rellu", "relu"),
        ("sigmiod", "sigmoid"),
        ("swihs:beta=2", "swish:beta=2"),
        ("swihs(beta=2)", "swish(beta=2)"),
        ("swish-bta", "swish-beta"),
        ("nn.Sigmiod", "nn.Sigmoid"),
        ("swish:bta=1", "beta"),
        ("swish:gain=1", "beta"),
        ("scaled_tanh:gain=1", "amplitude, slope"),
        ("relu:alpha=1", "relu"),
        ("swish:beta=fast", "beta=1.5, beta=2*pi or beta=learnable:1.5"),
        ("swish:beta=nan", "beta=1.5"),
        ("swish:beta=1e999", "beta=1.5"),
        ("swish:beta=1,beta=2", "beta=2"),
        ("celu:alpha=0", "alpha > 0"),
        ("celu:alpha=-1", "alpha > 0"),
        ("elu:alpha=-1", "alpha >= 0"),
        ("blu:beta=2", "beta [-1, 1]"),
        ("Hardsigmoid", "hard_sigmoid or hard_sigmoid_6"),
        ("", "swish, swish:beta=1.5, or a formula such as x*sigmoid(x)"),
    ],
)
def test_what_to_type_instead(spec: str, instead: str):
    with pytest.raises(SpecError) as caught:
        rb.get(spec)
    assert caught.value.instead == instead


@pytest.mark.parametrize("spec", ["x*sigmoid(b*x)", "x^2", "2x", "foo(x)", "gelu +", "x; b", "x; b=2"])
def test_a_formula_that_cannot_be_read_is_an_error_that_teaches(spec: str):
    with pytest.raises((FormulaError, SpecError)) as caught:
        rb.get(spec)
    assert caught.value.instead


@pytest.mark.parametrize("thing", [None, 3, ["relu"]])
def test_other_things_are_refused(thing: object):
    with pytest.raises(SpecError, match="is no activation"):
        rb.get(thing)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", entries().values(), ids=str)
def test_a_parameter_just_outside_its_domain_is_refused_and_just_inside_taken(entry):
    for name, slot in entry.params.items():
        for low, refused in ((slot.low, -1e-9), (slot.above, 0.0)):
            if low is not None:
                with pytest.raises(SpecError, match="outside the domain"):
                    rb.get(f"{entry.id}:{name}={low + refused!r}")
                assert rb.get(f"{entry.id}:{name}={low + 1e-3!r}").parameters[name].default == low + 1e-3
