"""Which critical point a formula has: the universality classes of deep networks at initialisation.

Both growth factors are 1 at a critical point, that of the variance and that of the gradient (Roberts, Yaida & Hanin
2022, The Principles of Deep Learning Theory, chapter 5). Written with S(q) = E f(√q z)²/q: positively homogeneous
formulas have it at every variance (scale-invariant); those with f(0) = 0 in the limit q -> 0 (K* = 0), where the
variance stays if S falls from there and runs away if it rises; some have one at a q > 0, where the variance map only
touches the diagonal (half-stable).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rheobase.meanfield.moments import Moments
from rheobase.meanfield.propagation import scale_invariant
from rheobase.meanfield.scan import crossings, roots, scan
from rheobase.meanfield.small import LEAST, limit

KINDS = {
    "scale-invariant": "positively homogeneous: both growth factors are 1 at every variance",
    "K* = 0": "critical in the limit of a small variance, and the variance falls to it, as a power of the depth",
    "half-stable": "both growth factors are 1 at one variance; from one side it is approached, from the other left",
    "K* = 0, unstable": "critical in the limit of a small variance, but any variance runs away from it",
    "none": "no variance has both growth factors at 1",
}


@dataclass(frozen=True, slots=True)
class Criticality:
    """The class of a formula, and its critical point.

    Attributes:
        kind: a key of `KINDS`.
        q, sigma_w, sigma_b: the critical point; q is NaN where it is any, all are NaN where there is none.
    """

    kind: str
    q: float
    sigma_w: float
    sigma_b: float

    @classmethod
    def none(cls) -> Criticality:
        """No critical point."""
        return cls("none", math.nan, math.nan, math.nan)


def criticality(m: Moments) -> Criticality:
    """The class of a formula.

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> [criticality(moments(parse(f))).kind for f in ("relu(x)", "tanh(x)", "x*Phi(x)", "softplus(x)")]
    ['scale-invariant', 'K* = 0', 'half-stable', 'none']
    """
    if not math.isfinite(m.slope_second()) or not m.slope_second():
        return Criticality.none()
    if scale_invariant(m):
        return Criticality("scale-invariant", math.nan, m.slope_second() ** -0.5, 0.0)
    small = limit(m)
    if small and small.stable:
        return Criticality("K* = 0", 0.0, small.square**-0.5, 0.0)
    for q, sigma_w, sigma_b in touching(m):
        return Criticality("half-stable", q, sigma_w, sigma_b)
    if small:
        return Criticality("K* = 0, unstable", 0.0, small.square**-0.5, 0.0)
    return Criticality.none()


def touching(m: Moments) -> list[tuple[float, float, float]]:
    """(q, σ_w, σ_b) wherever χ_q = χ_1 = 1 at a q > 0, in ascending q."""
    curves = scan(m)
    with np.errstate(all="ignore"):
        gaps = curves.growth / curves.slope - 1
    gaps[np.abs(gaps) < LEAST] = math.nan
    found = []
    for q in roots(lambda q: m.second_by_q(q) / m.slope_second(q) - 1, crossings(curves.q, gaps)):
        weights = 1 / m.slope_second(q)
        bias = q - weights * m.second(q)
        if bias >= 0:
            found.append((q, math.sqrt(weights), math.sqrt(bias)))
    return found
