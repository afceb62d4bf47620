"""From an expression to a function of a backend: values, shapes, precisions as a user expects them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from rheobase.backends import helpers
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Parameter
from rheobase.lower.core import core
from rheobase.lower.emit import function_text, with_helpers
from rheobase.lower.ends import with_limits
from rheobase.lower.formats import FORMATS
from rheobase.lower.guard import guarded, patched
from rheobase.lower.natives import native
from rheobase.lower.tails import extended

PRECISIONS = {
    "numpy": ("float64",),
    "torch": ("float32", "float64"),
    "jax": ("float32 flushed", "float64 flushed"),
    "js": ("float64",),
}
"""NumPy computes everything in float64 and rounds once, JavaScript has nothing else; the others compute 16-bit input in
float32."""


class Lowered(NamedTuple):
    """What is computed in one precision, and what a reader must know of it."""

    expr: Expr
    warnings: tuple[str, ...]


@lru_cache(maxsize=4096)
def tailed(expr: Expr, precision: str = "float64") -> Lowered:
    """`expr` (without parameters) as it is computed at finite inputs: stable, guarded, with its tails."""
    heart = core(expr)
    if expr.symbols - {"x"}:
        return Lowered(guarded(heart), ())
    safe = guarded(patched(heart))
    found = extended(heart, safe, precision)
    return Lowered(found.expr, found.warnings)


@lru_cache(maxsize=4096)
def lowered(expr: Expr, precision: str = "float64") -> Lowered:
    """`expr` (without parameters) as it is computed: with its limits at ±inf, too."""
    found = tailed(expr, precision)
    if expr.symbols - {"x"}:
        return found
    return Lowered(with_limits(expr, found.expr, FORMATS[precision]), found.warnings)


def source(expr: Expr, backend: str, name: str = "f") -> str:
    """Source text of a function that stands alone, for every precision of `backend`.

    >>> from rheobase.parse import parse
    >>> print(source(parse("abs(x)/2"), "torch", "half"))
    import torch
    <BLANKLINE>
    <BLANKLINE>
    def half(x):
        return 0.5 * torch.abs(x)
    <BLANKLINE>
    """
    return with_helpers("\n\n\n".join(_texts(expr, _known(backend), name)), backend)


def _texts(expr: Expr, backend: str, name: str, lowered: Callable[..., Lowered] = lowered) -> list[str]:
    """The functions that are needed, the one called `name` last."""
    precisions = PRECISIONS[backend]
    call = native(expr, backend)
    own = f"_{name}_composed" if call else name
    texts = [function_text(lowered(expr, p).expr, backend, own, p) for p in precisions]
    if len(set(texts)) == 1:
        texts = texts[:1]
    else:
        texts = [function_text(lowered(expr, p).expr, backend, f"_{name}_{p.split()[0]}", p) for p in precisions]
        library = {"torch": "torch", "jax": "jnp"}[backend]
        wide = f"x.dtype == {library}.float64"
        texts.append(f"def {own}(x):\n    return _{name}_float64(x) if {wide} else _{name}_float32(x)")
    if call:
        # A compiler replaces the native call by a composition of its own, which may lose every digit near 0.
        texts.append(f"def {name}(x):\n    return {own}(x) if torch.compiler.is_compiling() else {call}")
    return texts


def _known(backend: str, backends: Iterable[str] = PRECISIONS) -> str:
    if backend not in backends:
        *others, last = backends
        raise RheobaseError(f"unknown backend {backend!r}", instead=f"{', '.join(others)} or {last}")
    return backend


@cache
def _raw(expr: Expr, backend: str, *, finite: bool = False) -> Callable[[Any], Any]:
    """The generated function itself: floating-point array of the backend in, the same out; `finite`: without limits."""
    text = "\n\n\n".join(_texts(expr, backend, "f", tailed if finite else lowered))
    scope = dict(helpers(backend))
    exec(compile(text, f"<rheobase {backend}: {expr}>"[:200], "exec"), scope)
    return scope["f"]


def compiled(expr: Expr, backend: str) -> Callable[[Any], Any]:
    """`expr` as a function of one array of `backend`; keeps shape, dtype and device.

    >>> from rheobase.parse import parse
    >>> compiled(parse("x**2"), "numpy")(np.array([1.0, 2.0]))
    array([1., 4.])
    """
    return WRAPPERS[_known(backend, WRAPPERS)](expr)


@cache
def opened(expr: Expr, parameters: tuple[tuple[str, Expr], ...]) -> Callable[..., Any]:
    """`expr` on PyTorch as a function of x and of its parameters, tensors that broadcast against x; each is given by
    name and a value, at which the guards of its branches hold.

    Stable and guarded; tails and limits at ±inf depend on the parameters' values, and are left to the arithmetic.

    >>> import torch
    >>> from rheobase.expr import Number
    >>> from rheobase.parameter import param
    >>> from rheobase.parse import parse
    >>> f = opened(parse("where(x >= 0, x, a*x)", {"a": param(0.0)}), (("a", Number(0)),))
    >>> f(torch.tensor([-2.0, 3.0]), torch.tensor([0.5, 0.1]))
    tensor([-1.,  3.])
    """
    safe = guarded(core(expr), {Parameter(name): value for name, value in parameters})
    names = [name for name, _ in parameters]
    texts = [function_text(safe, "torch", "f", p, names) for p in PRECISIONS["torch"]]
    scopes = [dict(helpers("torch")) for _ in texts]
    for text, scope in zip(texts, scopes, strict=True):
        exec(compile(text, f"<rheobase torch: {expr}>"[:200], "exec"), scope)
    single, double = (scope["f"] for scope in scopes)

    def call(x: Any, *values: Any) -> Any:
        inner = x.float() if x.dtype.itemsize == 2 else x
        cast = [v.to(inner.dtype) for v in values]
        return (double if inner.dtype.itemsize == 8 else single)(inner, *cast).to(x.dtype)

    return call


def script(expr: Expr, parameters: Sequence[str], name: str = "f") -> str:
    """`expr` as a JavaScript function of x and of its parameters, which calls the helpers without defining them.

    As with `opened`, tails and limits at ±inf are left to the arithmetic.

    >>> from rheobase.parse import parse
    >>> print(script(parse("x*sigmoid(b*x)", ["b"]), ["b"], "swish"))
    function swish(x, b) {
      return x * _sigmoid(b * x);
    }
    """
    return function_text(core(expr), "js", name, "float64", parameters)


def without_limits(expr: Expr) -> Callable[[Any], Any]:
    """`expr` on PyTorch as it is right at every finite input, ±inf left to the arithmetic; for measurements."""
    return _raw(expr, "torch", finite=True)


def _for_numpy(expr: Expr) -> Callable[[Any], Any]:
    raw = _raw(expr, "numpy", finite=True)

    def call(x: Any) -> Any:
        x = np.asarray(x)
        kind = x.dtype
        if kind.kind in "biu":
            kind = np.dtype(np.float64)
        elif not (kind.kind == "f" or kind.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")):
            raise RheobaseError(f"an array of {kind} has no activation", instead="an array of floats or integers")
        with np.errstate(all="ignore"):
            x = x.astype(np.float64)
            # The limits are proven with ball arithmetic, which is loaded only where an infinite number is met.
            y = np.asarray((_raw(expr, "numpy") if np.isinf(x).any() else raw)(x))
            if kind.itemsize == 2:
                y = y.astype(np.float32)
            return y.astype(kind)[()]

    return call


def _for_torch(expr: Expr) -> Callable[[Any], Any]:
    import torch

    raw = _raw(expr, "torch")
    halves = (torch.float16, torch.bfloat16)

    def call(x: Any) -> Any:
        if x.dtype in halves:
            return raw(x.float()).to(x.dtype)
        if not x.is_floating_point():
            if x.is_complex():
                raise RheobaseError("a complex tensor has no activation", instead="a tensor of floats or integers")
            x = x.to(torch.get_default_dtype())
            return call(x) if x.dtype in halves else raw(x)
        return raw(x)

    return call


def _for_jax(expr: Expr) -> Callable[[Any], Any]:
    import jax.numpy as jnp

    raw = _raw(expr, "jax")

    def call(x: Any) -> Any:
        x = jnp.asarray(x)
        if not jnp.issubdtype(x.dtype, jnp.floating):
            if jnp.issubdtype(x.dtype, jnp.complexfloating):
                raise RheobaseError("a complex array has no activation", instead="an array of floats or integers")
            x = x.astype(jnp.result_type(float))
        inner = x.astype(jnp.float32) if x.dtype.itemsize == 2 else x
        return raw(inner).astype(x.dtype)

    return call


WRAPPERS: dict[str, Callable[[Expr], Callable[[Any], Any]]] = {
    "numpy": _for_numpy,
    "torch": _for_torch,
    "jax": _for_jax,
}
