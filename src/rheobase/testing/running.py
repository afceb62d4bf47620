"""Generated functions called on NumPy points, whatever the backend and the precision."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase.expr import Expr
from rheobase.lower import compiled, source
from rheobase.testing.node import node

Array = NDArray[Any]


def precisions(backend: str) -> tuple[str, ...]:
    """The precisions that can be checked: JAX has float64 where the user has enabled it, JavaScript has no other."""
    if backend == "js":
        return ("float64",)
    if backend != "jax":
        return ("float64", "float32")
    import jax

    return ("float64", "float32") if jax.config.read("jax_enable_x64") else ("float32",)


def caller(expr: Expr, backend: str, precision: str) -> Callable[[Array], Any]:
    if backend == "js":
        return lambda x: node().evaluate(source(expr, "js"), "f", x)
    function = jitted(expr) if backend == "jax" else compiled(expr, backend)
    return lambda x: function(to_backend(x, backend, precision))


@lru_cache(maxsize=64)
def jitted(expr: Expr) -> Callable[[Any], Any]:
    """The JAX function under jit, as it is used."""
    import jax

    return jax.jit(compiled(expr, "jax"))


@lru_cache(maxsize=64)
def _jitted_gradient(expr: Expr) -> Callable[[Any], Any]:
    import jax

    function = compiled(expr, "jax")
    return jax.jit(lambda x: jax.vjp(function, x)[1](jax.numpy.ones_like(x))[0])


def to_backend(x: Array, backend: str, precision: str) -> Any:
    """The points as an array of the backend in a precision ("bfloat16" and "float16" too)."""
    if backend == "torch":
        import torch

        return torch.from_numpy(np.array(x)).to(getattr(torch, precision))
    if backend == "jax":
        import jax.numpy as jnp

        with np.errstate(all="ignore"):
            return jnp.asarray(np.asarray(x).astype(numpy_kind(precision)))
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(numpy_kind(precision))


def numpy_kind(precision: str) -> Any:
    if precision == "bfloat16":
        import ml_dtypes

        return ml_dtypes.bfloat16
    return np.dtype(precision)


def as_numpy(y: Any) -> Array:
    """An array of any backend as float64."""
    if hasattr(y, "detach"):
        return y.detach().double().numpy()
    with np.errstate(all="ignore"):
        return np.asarray(y).astype(np.float64)


def gradient(expr: Expr, backend: str, precision: str, x: Array) -> Array:
    """The gradient that the framework takes through the generated function, at each point."""
    given = to_backend(x, backend, precision)
    if backend == "torch":
        given.requires_grad_(True)
        compiled(expr, "torch")(given).sum().backward()
        return as_numpy(given.grad)
    return as_numpy(_jitted_gradient(expr)(given))
