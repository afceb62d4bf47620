"""`rheobase show`."""

from __future__ import annotations

import json

import numpy as np
import pytest

import rheobase as rb


def test_shows_what_the_definition_says_and_what_follows(rheobase) -> None:
    done = rheobase("show", "swish")
    assert done.code == 0 and not done.err
    for text in ("Swish (swish)", "x*sigmoid(beta*x)", r"\sigma", "in beta", "beta = 1", "2017", "swish-beta", "f′(x)"):
        assert text in done.out
    assert any("⠀" <= c <= "⣿" for c in done.out), "no sketch"


def test_a_backward_of_its_own_is_shown_with_its_source(rheobase) -> None:
    done = rheobase("show", "sign")
    assert "derivative of clip(x, -1, 1); the one above is the true one" in done.out and "1602.02830" in done.out
    assert json.loads(rheobase("show", "sign", "--json").out)["backward"] == "clip(x, -1, 1)"
    assert json.loads(rheobase("show", "x", "--json").out)["backward"] is None
    assert "backward, where asked for: the derivative of clip(x, -1, 1)" in rheobase("check", "sign").out


def test_a_formula_may_begin_with_a_minus(rheobase) -> None:
    assert "-x*exp(x)" in rheobase("show", "-x*exp(x)").out
    assert rheobase("show", "--json", "-o*x; o=2").code == 0
    assert json.loads(rheobase("show", "-x", "--json").out)["derivative"] == "-1"
    assert json.loads(rheobase("show", "--json", "--", "-x").out)["derivative"] == "-1"


@pytest.mark.parametrize(
    "spec", ["swish:beta=1.5", "swish(beta=1.5)", "swish-beta", "nn.GELU", "x*sigmoid(b*x); b=1.5"]
)
def test_every_way_to_name_a_function(rheobase, spec: str) -> None:
    facts = json.loads(rheobase("show", "--json", spec).out)
    assert facts["formula"] == rb.get(spec).formula
    assert {n: p["default"] for n, p in facts["parameters"].items()} == {
        n: p.default for n, p in rb.get(spec).parameters.items()
    }


def test_json_has_the_keys_of_list_and_three_more(rheobase) -> None:
    listed = json.loads(rheobase("list", "--json", "--word", "swish").out)
    for spec in ("swish", "x*tanh(x)"):
        facts = json.loads(rheobase("show", "--json", spec).out)
        assert {"latex", "derivative", "claims", "parameter_derivatives", *listed[0]} - {"since"} <= set(facts)
    assert facts["id"] is None and facts["aliases"] == []


def test_prelu_shows_how_its_slope_is_learned(rheobase) -> None:
    slopes = json.loads(rheobase("show", "prelu", "--json").out)["parameter_derivatives"]
    assert np.array_equal(rb.define(slopes["negative_slope"])(np.array([-2.0, 0.0, 3.0])), [-2.0, 0.0, 0.0])


@pytest.mark.parametrize("backend", ["numpy", "torch", "jax"])
def test_code_stands_alone(rheobase, backend: str) -> None:
    """The printed source is run with nothing of ours in reach and gives the function's values."""
    done = rheobase("show", "swish:beta=1.5", "--code", backend)
    assert done.code == 0 and "rheobase" not in done.out.replace("# rheobase", "")
    space: dict = {}
    exec(compile(done.out, "shown", "exec"), space)
    x = np.array([-1.0, 0.0, 2.0], dtype=np.float32)
    if backend == "torch":
        import torch

        got = space["swish"](torch.tensor(x)).numpy()
    elif backend == "jax":
        import jax.numpy as jnp

        got = np.asarray(space["swish"](jnp.asarray(x)))
    else:
        got = space["swish"](x)
    expected = x / (1 + np.exp(-1.5 * x))
    assert np.abs(got - expected).max() <= 4 * np.finfo(np.float32).eps * np.abs(expected).max()


@pytest.mark.parametrize(
    ("spec", "right"),
    [("swihs", "swish"), ("swish:bta=1", "beta"), ("x*sigmiod(x)", "sigmoid"), ("x^2", "**"), ("b*x", "b=")],
)
def test_misspelt_specs_get_the_right_word(rheobase, spec: str, right: str) -> None:
    done = rheobase("show", spec)
    assert done.code == 2 and not done.out
    assert right in done.err and "Traceback" not in done.err


def test_an_unknown_backend_is_named(rheobase) -> None:
    done = rheobase("show", "swish", "--code", "nunpy")
    assert done.code == 2 and "numpy" in done.err
