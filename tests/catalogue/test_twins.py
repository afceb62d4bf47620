"""Every framework's name of an entry is compared with that framework's function, or with its documented formula."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from scipy import special

import rheobase as rb
from rheobase.catalogue import Entry, entries

X = np.concatenate([np.linspace(-12.007, 12.009, 193), [-1e3, -40.0, -6.5, -1e-9, 0.0, 1e-9, 6.5, 40.0, 1e3]])
EPS = np.finfo(np.float64).eps

ALLOWED = 32 * EPS
"""Both sides are a few roundings of 1 + |x| apart: neither evaluates more than a dozen rounded steps."""
LOOSE = {
    "nn.Softplus": 2.1e-9,  # torch turns softplus into the identity above 20: log(1 + exp(-20)) = 2.06e-9
    "F.softplus": 2.1e-9,
}

Array = np.ndarray[Any, Any]


def torch_function(name: str) -> Callable[..., Any]:
    """A function of tensors; keyword arguments are those of the entry's parameters that torch knows too."""
    if name == "nn.GELU(approximate='tanh')":
        return torch.nn.GELU(approximate="tanh")
    head, _, last = name.rpartition(".")
    if name == "F.prelu":
        return lambda x: torch.nn.functional.prelu(x, torch.tensor([0.25], dtype=x.dtype))
    if name == "F.threshold":
        return lambda x, threshold=1.0, value=0.0: torch.nn.functional.threshold(x, threshold, value)
    if head != "nn":
        return getattr(torch.nn.functional if head == "F" else torch, last)
    made = getattr(torch.nn, last)
    if name == "nn.Threshold":
        return lambda x, threshold=1.0, value=0.0: made(threshold, value)(x)
    known = inspect.signature(made).parameters
    return lambda x, **values: made(**{k: v for k, v in values.items() if k in known}).double()(x)


def jax_function(name: str) -> Callable[[Any], Any]:
    import jax

    module, _, last = name.rpartition(".")
    return getattr({"jax.nn": jax.nn, "jax.numpy": jax.numpy}[module], last)


def double_in_jax() -> Any:
    import jax

    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return import_module("jax.experimental").enable_x64()  # the name until jax 0.8


def logistic(x: Array) -> Array:
    return special.expit(x)


def gelu_tanh(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def hard_sigmoid(x: Array) -> Array:
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


def mish(x: Array) -> Array:
    return x * np.tanh(np.logaddexp(0, x))


def selu(x: Array) -> Array:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


def elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


FORMULAS: dict[str, Callable[[Array], Array]] = {
    # keras 3, from its documentation
    "keras.activations.celu": elu,
    "keras.activations.elu": elu,
    "keras.activations.exponential": np.exp,
    "keras.activations.gelu": lambda x: 0.5 * x * special.erfc(-x / np.sqrt(2)),
    "keras.activations.hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "keras.activations.hard_sigmoid": hard_sigmoid,
    "keras.activations.hard_silu": lambda x: x * hard_sigmoid(x),
    "keras.activations.hard_swish": lambda x: x * hard_sigmoid(x),
    "keras.activations.hard_tanh": lambda x: np.clip(x, -1, 1),
    "keras.activations.leaky_relu": lambda x: np.maximum(x, 0.2 * x),
    "keras.activations.linear": lambda x: x,
    "keras.activations.log_sigmoid": lambda x: -np.logaddexp(0, -x),
    "keras.activations.mish": mish,
    "keras.activations.relu": lambda x: np.maximum(x, 0),
    "keras.activations.relu6": lambda x: np.clip(x, 0, 6),
    "keras.activations.selu": selu,
    "keras.activations.sigmoid": logistic,
    "keras.activations.silu": lambda x: x * logistic(x),
    "keras.activations.swish": lambda x: x * logistic(x),
    "keras.activations.soft_shrink": lambda x: np.where(x > 0.5, x - 0.5, np.where(x < -0.5, x + 0.5, 0)),
    "keras.activations.softplus": lambda x: np.logaddexp(0, x),
    "keras.activations.softsign": lambda x: x / (np.abs(x) + 1),
    "keras.activations.sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x < 1, 0.25 * (x + 1) ** 2, x)),
    "keras.activations.sparse_sigmoid": lambda x: np.where(x <= -1, 0, np.where(x < 1, 0.5 * (x + 1), 1)),
    "keras.activations.squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "keras.activations.tanh": np.tanh,
    "keras.activations.tanh_shrink": lambda x: x - np.tanh(x),
    "keras.activations.threshold": lambda x: np.where(x > 1.0, x, 0.0),  # keras has no defaults: those of the entry
    "keras.layers.PReLU": lambda x: np.maximum(x, 0) + 0.25 * np.minimum(x, 0),  # keras begins at 0, torch at 0.25
    "keras.ops.sign": np.sign,
    "keras.ops.sin": np.sin,
    # timm, from timm/layers/create_act.py and activations.py
    "timm:celu": elu,
    "timm:elu": elu,
    "timm:gelu": lambda x: 0.5 * x * special.erfc(-x / np.sqrt(2)),
    "timm:gelu_tanh": gelu_tanh,
    "timm:hard_mish": lambda x: 0.5 * x * np.clip(x + 2, 0, 2),
    "timm:hard_sigmoid": hard_sigmoid,
    "timm:hard_swish": lambda x: x * hard_sigmoid(x),
    "timm:identity": lambda x: x,
    "timm:leaky_relu": lambda x: np.maximum(x, 0.01 * x),
    "timm:mish": mish,
    "timm:prelu": lambda x: np.maximum(x, 0) + 0.25 * np.minimum(x, 0),
    "timm:quick_gelu": lambda x: x * logistic(1.702 * x),
    "timm:relu": lambda x: np.maximum(x, 0),
    "timm:relu6": lambda x: np.clip(x, 0, 6),
    "timm:selu": selu,
    "timm:sigmoid": logistic,
    "timm:silu": lambda x: x * logistic(x),
    "timm:swish": lambda x: x * logistic(x),
    "timm:tanh": np.tanh,
    # Hugging Face transformers, from its activations.py
    "hf:gelu": lambda x: 0.5 * x * special.erfc(-x / np.sqrt(2)),
    "hf:gelu_10": lambda x: np.clip(0.5 * x * special.erfc(-x / np.sqrt(2)), -10, 10),
    "hf:gelu_accurate": gelu_tanh,
    "hf:gelu_new": gelu_tanh,
    "hf:gelu_python": lambda x: 0.5 * x * special.erfc(-x / np.sqrt(2)),
    "hf:gelu_pytorch_tanh": gelu_tanh,
    "hf:laplace": lambda x: 0.5 * special.erfc((0.707107 - x) / (0.282095 * np.sqrt(2))),
    "hf:leaky_relu": lambda x: np.maximum(x, 0.01 * x),
    "hf:linear": lambda x: x,
    "hf:mish": mish,
    "hf:prelu": lambda x: np.maximum(x, 0) + 0.25 * np.minimum(x, 0),
    "hf:quick_gelu": lambda x: x * logistic(1.702 * x),
    "hf:relu": lambda x: np.maximum(x, 0),
    "hf:relu2": lambda x: np.maximum(x, 0) ** 2,
    "hf:relu6": lambda x: np.clip(x, 0, 6),
    "hf:sigmoid": logistic,
    "hf:silu": lambda x: x * logistic(x),
    "hf:swish": lambda x: x * logistic(x),
    "hf:tanh": np.tanh,
    "hf:xielu": lambda x: np.where(
        x > 0, 0.8 * x * x + 0.5 * x, (np.expm1(np.minimum(x, 0)) - x) * 0.8 + 0.5 * x
    ),
}  # fmt: skip


def twins(framework: str) -> list[Any]:
    return [*_twins(framework)]


def _twins(framework: str) -> Iterator[Any]:
    for entry in entries().values():
        for name in entry.frameworks.get(framework, ()):  # type: ignore[call-overload]
            yield pytest.param(entry, name, id=f"{entry.id}={name}")


def agree(mine: Array, theirs: Array, name: str) -> None:
    allowed = LOOSE.get(name, ALLOWED) * (1 + np.abs(X) + np.abs(theirs))
    off = ~((mine == theirs) | (np.abs(mine - theirs) <= allowed))
    assert not off.any(), f"{name} at x = {X[off][:3]}: {mine[off][:3]}, there {theirs[off][:3]}"


@pytest.mark.parametrize(("entry", "name"), twins("torch"))
def test_torch(entry: Entry, name: str):
    with torch.no_grad():
        theirs = torch_function(name)(torch.from_numpy(X)).numpy()
    with np.errstate(all="ignore"):
        agree(rb.get(entry)(X), theirs, name)


@pytest.mark.parametrize(
    ("spec", "name", "values"),
    [
        ("elu:alpha=0.7", "nn.ELU", {"alpha": 0.7}),
        ("celu:alpha=0.7", "nn.CELU", {"alpha": 0.7}),
        ("leaky_relu:negative_slope=0.3", "nn.LeakyReLU", {"negative_slope": 0.3}),
        ("hard_tanh:min_val=-2,max_val=0.5", "nn.Hardtanh", {"min_val": -2.0, "max_val": 0.5}),
        ("hardshrink:threshold=1.25", "nn.Hardshrink", {"lambd": 1.25}),
        ("softshrink:threshold=1.25", "nn.Softshrink", {"lambd": 1.25}),
        ("threshold:threshold=0.25,value=-3", "nn.Threshold", {"threshold": 0.25, "value": -3.0}),
    ],
)
def test_parameters_mean_what_they_mean_in_torch(spec: str, name: str, values: dict[str, float]):
    theirs = torch_function(name)(torch.from_numpy(X), **values).numpy()
    agree(rb.get(spec)(X), theirs, name)


@pytest.mark.parametrize(("entry", "name"), twins("jax"))
def test_jax(entry: Entry, name: str):
    with double_in_jax():
        theirs = np.asarray(jax_function(name)(X))
    assert theirs.dtype == np.float64
    with np.errstate(all="ignore"):
        agree(rb.get(entry)(X), theirs, name)


@pytest.mark.parametrize(("entry", "name"), [*twins("keras"), *twins("timm"), *twins("hf")])
def test_documented_formulas(entry: Entry, name: str):
    assert name in FORMULAS, (
        f"entry {entry.id!r}, field 'frameworks', file {entry.family}.toml: write the formula of {name} into {__file__}"
    )
    with np.errstate(all="ignore"):
        agree(rb.get(entry)(X), np.asarray(FORMULAS[name](X), dtype=np.float64), name)


def test_no_formula_is_left_over():
    named = {n for e in entries().values() for names in e.frameworks.values() for n in names}
    assert not FORMULAS.keys() - named


TORCH_OTHERS = {"GLU", "MultiheadAttention", "RReLU", "Softmax", "Softmax2d", "LogSoftmax", "Softmin"}
"""Gated, along an axis, random."""
JAX_OTHERS = {"glu", "log_softmax", "logmeanexp", "logsumexp", "softmax", "standardize", "log1mexp"}
"""Gated, along an axis, defined for x > 0 alone."""


def test_every_elementwise_function_of_torch_nn_has_an_entry():
    named = {n for e in entries().values() for n in e.frameworks.get("torch", ())}
    wanted = set(torch.nn.modules.activation.__all__) - TORCH_OTHERS
    assert not {f"nn.{name}" for name in wanted} - named


def test_every_elementwise_function_of_jax_nn_has_an_entry():
    import jax

    named = {n for e in entries().values() for n in e.frameworks.get("jax", ())}
    wanted = {name for name, value in vars(jax.nn).items() if callable(value) and _takes_only_x(value)} - JAX_OTHERS
    assert {f"jax.nn.{name}" for name in wanted} - named == set()


def _takes_only_x(function: Callable[..., Any]) -> bool:
    """Is `x` the first argument, and has every other a default?"""
    first, *others = inspect.signature(function).parameters.values()
    return first.name == "x" and all(p.default is not p.empty for p in others)
