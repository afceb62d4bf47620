"""True values of a formula at many points, and the sums that bound what rounding may do to a computed one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase.differentiate import differentiate
from rheobase.expr import Apply, Expr, Variable, postorder
from rheobase.lower.core import core
from rheobase.ops import COMPARISONS
from rheobase.reference import as_pair, to_double, true_point

Array = NDArray[Any]
SWITCHES = frozenset((*COMPARISONS, "sign", "step"))


@dataclass(frozen=True, slots=True)
class Truth:
    """True values of a formula at points, with the sums of its rounding bound."""

    x: Array
    high: Array
    low: Array
    rounding: Array
    """Σ |v ∂f/∂v| without |f|."""
    underflow: Array
    known: NDArray[np.bool_]
    margin: Array
    """How far the nearest comparison of rounded sides is from turning: |a - b| over the sum of their bounds."""


@lru_cache(maxsize=512)
def true_values(heart: Expr, xs: tuple[float, ...]) -> Truth:
    """True values and bounds of an expression that is computed as it stands."""
    rows = [true_point(heart, x) for x in xs]
    pairs = [as_pair(row.value) for row in rows]
    high = np.array([p[0] for p in pairs])
    with np.errstate(invalid="ignore"):
        rest = np.maximum(np.array([row.rounding for row in rows]) - np.abs(high), 0.0)
    return Truth(
        np.array(xs),
        high,
        np.array([p[1] for p in pairs]),
        np.where(np.isfinite(rest), rest, np.inf),
        np.array([row.underflow for row in rows]),
        ~np.isnan(high),
        _margin(heart, xs),
    )


def _margin(heart: Expr, xs: tuple[float, ...]) -> Array:
    """inf where every comparison is one of x itself with a constant: those must never go wrong."""
    margin = np.full(len(xs), np.inf)
    for node in postorder(heart):
        if not isinstance(node, Apply) or node.op not in SWITCHES or all(map(_unrounded, node.args)):
            continue
        for i, x in enumerate(xs):
            sides = [true_point(side, x) for side in node.args]
            apart = abs(to_double(sides[0].value - sides[1].value if len(sides) == 2 else sides[0].value))
            size = sum(side.rounding for side in sides)
            margin[i] = min(margin[i], apart / size if size else np.inf)
    return margin


def _unrounded(side: Expr) -> bool:
    """Is the side x, -x, |x| or a constant, which no rounding moves across a threshold?"""
    while isinstance(side, Apply) and side.op in ("neg", "abs"):
        side = side.args[0]
    return isinstance(side, Variable) or not side.symbols


def as_taken(truth: Truth, expr: Expr) -> Truth:
    """The derivative's true values with the bound of the expression that automatic differentiation computes."""
    taken = true_values(differentiate(core(expr), by_output=True), tuple(truth.x.tolist()))
    return replace(
        truth,
        rounding=np.where(taken.known, taken.rounding, truth.rounding),
        underflow=np.where(taken.known, taken.underflow, truth.underflow),
    )
