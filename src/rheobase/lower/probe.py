"""What floating-point arithmetic does to a formula at given points: values, slopes, and where they break.

Each node is computed in double precision and rounded to the precision asked for, forwards for the
values and backwards for the adjoints, as automatic differentiation does it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rheobase.backends import helpers
from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable, postorder
from rheobase.ops import COMPARISONS, OPS

Array = NDArray[Any]


class Probe(NamedTuple):
    """Value and slope at each point, and whether every step on the way stayed finite."""

    value: Array
    slope: Array
    clean: NDArray[np.bool_]


@cache
def numpy_op(name: str) -> Callable[..., Array]:
    """The table's NumPy cell of a primitive as a function."""
    row = OPS[name]
    names = [f"a{i}" for i in range(row.arity)]
    text = f"lambda {', '.join(names)}: " + row.numpy.format(*names)
    return eval(compile(text, f"<ops {name}>", "eval"), helpers("numpy"))


@cache
def _partials(name: str) -> tuple[Expr | None, ...]:
    return OPS[name].d(*(Variable(f"a{i}") for i in range(OPS[name].arity)))


def constant_value(node: Number | Constant) -> float:
    """The nearest double."""
    if isinstance(node, Constant):
        return {"pi": np.pi, "e": np.e}[node.name]
    try:
        return float(node.value)
    except OverflowError:
        return np.inf if node.value > 0 else -np.inf


def _rounded(value: Array, dtype: Any, flush: bool) -> Array:
    value = np.asarray(value).astype(dtype)
    return np.where(np.abs(value) < np.finfo(dtype).tiny, dtype(0), value) if flush else value


def evaluate(expr: Expr, inputs: dict[str, Array], dtype: Any = np.float64, flush: bool = False) -> dict[Expr, Array]:
    """The value of every node of `expr`, each rounded to `dtype`; `flush` reads and writes subnormals as 0."""
    values: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for node in postorder(expr):
            if isinstance(node, Number | Constant):
                values[node] = np.asarray(constant_value(node)).astype(dtype)
            elif isinstance(node, Apply):
                args = [values[a].astype(np.float64) if values[a].dtype != bool else values[a] for a in node.args]
                result = np.asarray(numpy_op(node.op)(*args))
                values[node] = result if node.op in COMPARISONS else _rounded(result, dtype, flush)
            else:
                assert isinstance(node, Variable | Parameter)
                values[node] = _rounded(inputs[node.name], dtype, flush)
    return values


def probe(expr: Expr, x: Array, dtype: Any = np.float64, flush: bool = False) -> Probe:
    """Value and slope of `expr` at the points `x`, computed step by step in `dtype`."""
    x = np.asarray(x, dtype)
    nodes = list(postorder(expr))
    values = evaluate(expr, {"x": x}, dtype, flush)
    clean = np.ones(x.shape, bool)
    adjoint: dict[Expr, Array] = {expr: np.ones(x.shape, dtype)}
    slope = np.zeros(x.shape, dtype)
    with np.errstate(all="ignore"):
        for node in reversed(nodes):
            if not node.symbols or (isinstance(node, Apply) and node.op in COMPARISONS):
                continue
            clean &= np.isfinite(values[node]) & np.isfinite(adjoint.get(node, slope))
            if isinstance(node, Variable):
                slope = adjoint.get(node, slope)
            elif isinstance(node, Apply) and node in adjoint:
                clean &= _push(node, values, adjoint, dtype, flush)
    return Probe(np.broadcast_to(values[expr], x.shape), np.broadcast_to(slope, x.shape), clean)


def _push(node: Apply, values: dict[Expr, Array], adjoint: dict[Expr, Array], dtype: Any, flush: bool) -> Array:
    """Hand the adjoint of `node` on to its arguments; are the slopes on the way finite?"""
    clean = np.asarray(True)
    inputs = {f"a{i}": values[a] for i, a in enumerate(node.args)}
    for index, (argument, partial) in enumerate(zip(node.args, _partials(node.op), strict=True)):
        if partial is None or not argument.symbols:
            continue
        if node.op == "where":
            taken = inputs["a0"] if index == 1 else ~inputs["a0"]
            part = np.where(taken, adjoint[node], 0).astype(dtype)
        else:
            local = evaluate(partial, inputs, dtype, flush)[partial]
            clean = clean & np.isfinite(local)
            part = _rounded(adjoint[node].astype(np.float64) * local.astype(np.float64), dtype, flush)
        adjoint[argument] = part if argument not in adjoint else (adjoint[argument] + part).astype(dtype)
    return clean
