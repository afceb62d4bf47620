"""What a formula does to small variances: the limit of S(q) = E f(√q z)²/q as q -> 0, and how far it is stable."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rheobase.meanfield.moments import Moments
from rheobase.meanfield.scan import crossings, roots, scan

LEAST = 1e-9
"""S that differs from its limit by less, relatively, is taken for it."""
NOTHING = 1e-15
"""f(0), and a squared slope, that are 0 but for rounding: sin(π) is 1.2e-16."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What small variances see: S(q) = E f(√q z)²/q as q -> 0.

    Attributes:
        square: the limit of S, (f′(0-)² + f′(0+)²)/2; 1/√square is the gain that keeps a small variance.
        stable: does S fall from there?
        basin: below which variance S stays below its limit, so that the variance falls; infinite where no such end is
            seen up to q = 1e6 (or as far as the formula's oscillations are resolved).
    """

    square: float
    stable: bool
    basin: float


def limit(m: Moments) -> Limit | None:
    """The limit of small variances, for an f with f(0) = 0 and a slope there; None for another."""
    square = sum(slope**2 for slope in m.sides(0.0)) / 2
    if abs(float(m.value(0.0))) > NOTHING or not NOTHING < square < math.inf:
        return None
    curves = scan(m)
    with np.errstate(invalid="ignore"):
        excess = curves.value / (square * curves.q) - 1
    told = np.nonzero(np.abs(excess) > LEAST)[0]
    if len(told) and not excess[told[0]] < 0:
        return Limit(square, stable=False, basin=0.0)
    ends = roots(lambda q: m.second(q) / (square * q) - 1, crossings(curves.q[told], excess[told]))
    return Limit(square, stable=True, basin=next(iter(ends), math.inf))
