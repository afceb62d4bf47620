"""Where a formula breaks, as doubles: the roots of all its switches, found where they change their sign."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from rheobase.certify.subject import switches
from rheobase.errors import RheobaseError
from rheobase.expr import Expr
from rheobase.lower import compiled

NEAR, FAR, STEPS = 1e-3, 1e4, 4001
"""Switches are read at ±(NEAR … FAR), evenly in the logarithm, and evenly within ±40."""


@lru_cache(maxsize=512)
def kinks_of(expr: Expr) -> tuple[float, ...]:
    """The points at which a switch of the formula passes 0.

    >>> from rheobase.parse import parse
    >>> kinks_of(parse("clip(x, -1, 2) + relu(x**2 - 2)"))
    (-1.41421356..., -1.0, 1.41421356..., 2.0)
    """
    found: set[float] = set()
    for switch in switches(expr):
        if "x" in switch.symbols:
            found.update(_roots(switch))
    return tuple(sorted(root + 0.0 for root in found))


def _grid() -> np.ndarray:
    sizes = np.concatenate([[0.0], np.geomspace(NEAR, FAR, STEPS), np.linspace(0, 40, STEPS)])
    return np.unique(np.concatenate([-sizes, sizes]))


def _roots(switch: Expr) -> list[float]:
    try:
        f = compiled(switch, "numpy")
    except RheobaseError:
        return []
    x = _grid()
    with np.errstate(all="ignore"):
        sign = np.sign(f(x))
    alone = sign[1:-1] == 0
    alone &= (sign[:-2] != 0) & (sign[2:] != 0)  # a run of zeros is underflow, or a branch that is 0
    roots = [float(v) for v in x[1:-1][alone]]
    for i in np.nonzero(sign[:-1] * sign[1:] < 0)[0]:
        low, high, left = float(x[i]), float(x[i + 1]), sign[i]
        while True:
            middle = low + (high - low) / 2
            if middle in (low, high):
                break
            here = math.copysign(1, f(middle)) if f(middle) else 0.0
            if here == 0:
                low = high = middle
                break
            low, high = (middle, high) if here == left else (low, middle)
        roots.append(high)
    return roots
