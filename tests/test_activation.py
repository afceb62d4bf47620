"""Activation and define: parameters, derivatives, what is shown, and messages."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

from rheobase.activation import Activation, define, exact_number
from rheobase.catalogue import get
from rheobase.errors import FormulaError, RheobaseError, SpecError
from rheobase.expr import Number, Variable
from rheobase.parameter import param


def test_values_are_bound_as_the_decimals_that_were_typed() -> None:
    leaky = define("where(x >= 0, x, a*x)", a=0.1)
    assert str(leaky.bound) == "where(x >= 0, x, 0.1*x)"
    assert leaky(-10.0) == -1.0
    assert exact_number(0.1) is Number("0.1")
    assert exact_number(1e-320) is Number("1e-320")


def test_other_values_leave_the_first_as_it_was() -> None:
    swish = define("x*sigmoid(b*x)", b=param(1.0, learnable=True, low=0.0))
    steep = swish.with_values(b=2.0)
    assert swish.parameters["b"].default == 1.0
    assert steep.parameters["b"].default == 2.0
    assert steep.parameters["b"].learnable
    assert steep(1.0) == pytest.approx(1 / (1 + math.exp(-2)), rel=1e-15)
    assert swish(1.0) == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-15)
    assert swish != steep
    assert swish.with_values(b=1.0) == swish
    assert hash(swish.with_values(b=1.0)) == hash(swish)


@pytest.mark.parametrize(
    ("formula", "values", "error", "words", "cure"),
    [
        ("x*sigmoid(b*x)", {}, FormulaError, "unknown name 'b'", "b=1"),
        ("x*sigmoid(x)", {"b": 1.0}, SpecError, "does not occur", "uses it"),
        ("x*beta", {"bet": 1.0, "beta": 2.0}, SpecError, "does not occur", "beta"),
        ("x*b", {"b": "one"}, SpecError, "is no number", "b=1.0"),
        ("x*b", {"b": None}, SpecError, "is no number", "b=1.0"),
        ("x*b", {"b": math.nan}, SpecError, "not finite", "finite"),
        ("x*b", {"b": math.inf}, SpecError, "not finite", "finite"),
        ("x*b", {"b": param(-1.0, low=0.0)}, SpecError, "outside the domain", ">= 0"),
        ("x*b", {"b": param(3.0, low=0.0, high=2.0)}, SpecError, "outside the domain", "[0, 2]"),
        ("", {}, FormulaError, "empty", "for instance"),
    ],
)
def test_bad_definitions(formula: str, values: dict[str, float], error: type, words: str, cure: str) -> None:
    with pytest.raises(error) as caught:
        define(formula, **values)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert cure in (caught.value.instead or "")


@pytest.mark.parametrize(
    ("call", "words", "cure"),
    [
        (lambda f: f.with_values(slop=1.0), "no parameter 'slop'", "slope"),
        (lambda f: f.with_values(slope=-1.0), "outside the domain", ">= 0"),
        (lambda f: f.derivative("slop"), "no parameter 'slop'", "slope"),
        (lambda f: f.derivative(-1), "no order", "parameter's name"),
        (lambda f: f.derivative(True), "no order", "parameter's name"),
        (lambda f: f.derivative(1.0), "no order", "parameter's name"),
        (lambda f: f.code("tensorflow"), "unknown backend", "numpy, torch, jax or js"),
        (lambda f: f("text"), "has no activation", "floats or integers"),
    ],
)
def test_bad_calls(call: object, words: str, cure: str) -> None:
    function = define("x*slope", slope=param(1.0, low=0.0))
    with pytest.raises(RheobaseError) as caught:
        call(function)  # type: ignore[operator]
    assert words in caught.value.what
    assert cure in (caught.value.instead or "")


@pytest.mark.parametrize("field", ["expr", "parameters", "name", "id", "source"])
def test_an_activation_cannot_be_changed(field: str) -> None:
    activation = define("x*a", a=2.0)
    with pytest.raises(RheobaseError, match="cannot be changed"):
        setattr(activation, field, None)
    assert activation(3.0) == 6.0


def test_derivatives_keep_the_parameters_that_they_use() -> None:
    swish = define("x*sigmoid(b*x) + c", b=1.5, c=2.0)
    assert set(swish.derivative().parameters) == {"b"}
    assert set(swish.derivative("c").parameters) == set()
    assert swish.derivative("x")(0.7) == swish.derivative()(0.7)
    assert swish.derivative(0) is swish
    assert swish.derivative(2)(0.3) == pytest.approx(swish.derivative().derivative()(0.3), rel=1e-14)


def test_a_formula_may_be_given_as_an_expression() -> None:
    x = Variable("x")
    assert define(x * x + 1)(3.0) == 10.0


def test_names_and_what_is_shown() -> None:
    plain, named = define("x*x"), define("x*b", b=2.0, name="twice")
    assert plain.name == plain.formula == "x*x"
    assert repr(plain) == "<Activation x*x>"
    assert repr(named) == "<Activation twice: x*b; b=2>"
    assert named.derivative().name == "twice'"
    assert named.derivative("b").name == "d twice / d b"
    assert named.code("numpy").startswith("import numpy as np")
    assert "def twice(x):" in named.code("numpy")
    assert "def activation(x):" in plain.code("numpy")


def test_notebooks_show_formula_and_curve() -> None:
    page = define("where(x < 1, x, 2)", name="<b>")._repr_html_()
    assert "<svg" in page
    assert "where(x &lt; 1, x, 2)" in page
    assert "<b>" not in page


@pytest.mark.parametrize("activation", [define("x*sigmoid(b*x)", b=1.5), define("relu(x)"), get("swish")], ids=repr)
def test_copies_and_pickles_are_equal(activation: Activation) -> None:
    for other in (copy.copy(activation), copy.deepcopy(activation), pickle.loads(pickle.dumps(activation))):
        assert other == activation
        assert other.expr is activation.expr
        assert other(0.3) == activation(0.3)


def test_explicit_backends() -> None:
    import jax.numpy as jnp
    import torch

    square = define("x*x")
    assert square.numpy(3.0) == 9.0
    assert square.torch(torch.tensor([3.0])).tolist() == [9.0]
    assert square.jax(jnp.asarray([3.0])).tolist() == [9.0]
    assert isinstance(square(jnp.asarray(3.0)), jnp.ndarray)
    assert isinstance(square(torch.tensor(3.0)), torch.Tensor)
    assert isinstance(square(np.array([3.0])), np.ndarray)


def test_same_formula_same_function_other_name() -> None:
    assert define("x*x", name="a") == define("x*x", name="b")
    assert define("x*x") != define("x*x*1.0 + 0")
    assert define("x*x") != "x*x"


def test_without_torch_and_jax_nothing_of_them_is_imported() -> None:
    import subprocess
    import sys

    code = "import sys, rheobase as rb; rb.define('x*sigmoid(x)')(0.5); print({'torch', 'jax'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
