"""What depth does to the angle between two inputs: the correlation map, its fixed point, how fast it is reached.

For inputs of variance q* each, a layer takes their correlation c to C(c) = (σ_w² E f(u)f(v) + σ_b²)/q* (Poole et al.
2016, eq. 6), and C′(c) = σ_w² E f′(u)f′(v). C has Hermite coefficients that are nowhere negative, so it is convex on
[0, 1]: where χ_1 = C′(1) is at most 1 all angles close, and where it is above 1 there is one c* < 1 that all go to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rheobase.meanfield.kernel import kernel, slope_kernel
from rheobase.meanfield.moments import Array, Moments
from rheobase.meanfield.propagation import EVEN, depth_scale, fixed_points
from rheobase.meanfield.root import root
from rheobase.meanfield.scan import scan
from rheobase.meanfield.small import LEAST

CLOSE = 1e-9
"""A c* nearer to 1 than this is not told from 1."""


@dataclass(frozen=True, slots=True)
class State:
    """A fixed point of a wide network with given weights and biases.

    Attributes:
        q: the variance of the pre-activations; chi_q, xi_q: its stability, and the layers it takes to be reached.
        chi_1: the growth of gradients a layer.
        c: the correlation that two inputs end at; xi_c: the layers that takes (Schoenholz et al. 2017, eq. 9),
            infinite on the edge of chaos, where it takes a power of the depth.
        stable: does the variance stay?
        basin: variances from the fixed point up to this one return to it; infinite where nothing above stops them, 0
            where it is not stable, NaN where the variance map falls somewhere in between, which does not tell.
            Networks of finite width scatter, and may leave a basin that is not much larger.
    """

    q: float
    chi_1: float
    chi_q: float
    xi_q: float
    c: float
    xi_c: float
    stable: bool
    basin: float


def states(m: Moments, sigma_w: float, sigma_b: float) -> list[State]:
    """Every fixed point with q > 0 for these standard deviations, in ascending q.

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> (found,) = states(moments(parse("sin(x)")), 2.0, 0.1)
    >>> round(found.chi_1, 6), round(found.c, 6)
    (2.038803, 0.011457)
    """
    found: list[State] = []
    points = fixed_points(m, sigma_w, sigma_b)
    for (q, chi_1, chi_q), beyond in zip(points, [*[p[0] for p in points[1:]], math.inf], strict=True):
        c = meeting_point(m, q, sigma_w, sigma_b, chi_1)
        chi_c = chi_1 if c == 1 else sigma_w**2 * slope_kernel(m, c, q)
        stable = abs(chi_q) < 1 - LEAST
        basin = (beyond if _rising(m, q, beyond) else math.nan) if stable else 0.0
        found.append(State(q, chi_1, chi_q, depth_scale(chi_q), c, depth_scale(chi_c), stable, basin))
    return found


def _rising(m: Moments, low: float, high: float) -> bool:
    """Does the variance map rise between two variances, so that what starts there goes straight to the lower one?"""
    curves = scan(m)
    between = (curves.q > low) & (curves.q < high) & np.isfinite(curves.growth)
    return bool((curves.growth[between] > -LEAST).all())


def correlation_map(m: Moments, c: Array, q: float, sigma_w: float, sigma_b: float) -> Array:
    """C(c), (…,) -> (…,): the correlation of two pre-activations of variance q, a layer later."""
    return (sigma_w**2 * np.asarray(kernel(m, c, q)) + sigma_b**2) / q


def meeting_point(m: Moments, q: float, sigma_w: float, sigma_b: float, chi_1: float) -> float:
    """c*: where correlations of at least 0 end."""
    if chi_1 <= 1 + EVEN:
        return 1.0

    def gap(c: float) -> float:
        return float(correlation_map(m, np.array(c), q, sigma_w, sigma_b)) - c

    if gap(0.0) <= EVEN:
        return 0.0
    high = 0.9
    while gap(high) > 0:
        if 1 - high < CLOSE:
            return 1.0
        high = 1 - (1 - high) / 4
    return root(gap, 0.0, high)


def approach(m: Moments, q: float, sigma_w: float) -> float:
    """β on the edge of chaos, where 1 - c falls as β/l with depth l: 2/(σ_w² q E f″²).

    Hayou, Doucet & Rousseau 2019, proposition 3. 0 where f′ jumps: 1 - c then falls as 1/l².

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> approach(moments(parse("relu(x)")), 1.0, 2**0.5)
    0.0
    """
    if any(_bent(m, k) for k in m.kinks):
        return 0.0
    spread = sigma_w**2 * q * m.bend_second(q)
    return 2 / spread if spread else math.inf


def _bent(m: Moments, kink: float) -> bool:
    """Does the slope jump there?"""
    step = 1e-9 * max(1.0, abs(kink))
    left, right = (float(m.slope(kink + side * step)) for side in (-1, 1))
    return not math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-6)
