"""The moments of one formula at all variances at once: exact enough to find where curves cross, at the price of one.

One set of points serves every variance: panels that double in width away from 0 and from the kinks, from a thousandth
to nine thousand; what changes with the variance is the weight of each point. The curves E f², E f′² and d/dq E f² are
then one matrix product each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rheobase.meanfield.moments import EVEN, REACH, Array, Moments
from rheobase.meanfield.root import root

LOWEST, HIGHEST, STEPS = 1e-6, 1e6, 145
"""Variances, evenly in the logarithm."""
NODES = 16
SEEN = 7.5
"""Oscillations have to be resolved up to so many standard deviations: what is beyond weighs 1e-13."""
FINEST = 2.0**-10
"""The narrowest panel: the standard deviation of the lowest variance."""


class Scan(NamedTuple):
    """Curves over the variances q: E f(√q z)², E f′(√q z)², and the first one's derivative in q; inf on overflow."""

    q: Array
    value: Array
    slope: Array
    growth: Array


@lru_cache(maxsize=64)
def _points(kinks: tuple[float, ...], grain: float) -> tuple[Array, Array, Array, Array]:
    """(variances, inputs x, weights by variance, those weights times (x²/q - 1)/(2q))."""
    q = np.geomspace(LOWEST, HIGHEST, STEPS)
    far = REACH * math.sqrt(HIGHEST)
    sizes = FINEST * 2.0 ** np.arange(math.ceil(math.log2(2 * far / FINEST)))
    around = np.array(sorted({0.0, *(k for k in kinks if abs(k) < far)}))
    even = np.arange(-EVEN, EVEN + 1) * grain if grain < math.inf else []
    ends = np.unique(
        np.concatenate([around, *(around + s * side for s in sizes for side in (1, -1)), even, [-far, far]])
    )
    ends = ends[np.abs(ends) <= far]
    x, w = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(ends)[:, None] / 2
    at = ((ends[:-1, None] + half) + half * x).ravel()
    squares = at * at / q[:, None]
    weights = np.zeros_like(squares)
    near = squares < REACH * REACH
    weights[near] = np.exp(-squares[near] / 2)
    weights *= (half * w).ravel() / np.sqrt(2 * math.pi * q)[:, None]
    return q, at, weights, weights * (squares - 1) / (2 * q[:, None])


def scan(m: Moments) -> Scan:
    """The curves of a formula; NaN at variances so large that its oscillations are not resolved.

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> found = scan(moments(parse("relu(x)")))
    >>> bool(np.allclose(found.value, found.q / 2, rtol=1e-9)), bool(np.allclose(found.growth, 0.5, rtol=1e-9))
    (True, True)
    """
    q, x, weights, turned = _points(m.kinks, m.grain)
    with np.errstate(all="ignore"):
        value, slope = m.value(x) ** 2, m.slope(x) ** 2
    found = Scan(q, _mean(weights, weights, value), _mean(weights, weights, slope), _mean(turned, weights, value))
    for curve in found[1:]:
        curve[q > (EVEN * m.grain / SEEN) ** 2] = math.nan
    return found


def _mean(by: Array, weights: Array, values: Array) -> Array:
    sound = np.isfinite(values)
    found = by @ np.where(sound, values, 0.0)
    if not sound.all():
        found[(weights[:, ~sound] > 0).any(axis=1)] = math.inf
    return found


def crossings(q: Array, gaps: Array, least: float = 0.0) -> list[tuple[float, float]]:
    """Neighbours of the grid between which the curve changes its sign, where it is not within `least` q of 0."""
    left, right = gaps[:-1], gaps[1:]
    with np.errstate(invalid="ignore"):
        told = np.isfinite(left) & np.isfinite(right) & (np.maximum(abs(left), abs(right)) > least * q[:-1])
        found = told & (np.sign(left) * np.sign(right) < 0)
    return [(float(q[i]), float(q[i + 1])) for i in np.nonzero(found)[0]]


def roots(gap: Callable[[float], float], between: list[tuple[float, float]]) -> list[float]:
    """The root within each pair, to the last bits; none where the precise curve has no change of sign there."""
    found = []
    for a, b in between:
        left, right = gap(a), gap(b)
        if not left * right > 0 and math.isfinite(left + right):
            found.append(root(gap, a, b))
    return found
