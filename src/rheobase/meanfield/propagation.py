"""How variance travels through depth: the variance map, its fixed points, the edge of chaos, depth scales.

A wide layer with weights of variance σ_w²/n and biases of variance σ_b² maps the pre-activations' variance q to
σ_w² E f(√q z)² + σ_b² (Poole et al. 2016, eq. 3). At a fixed point q*

    χ_1 = σ_w² E f′(√q* z)²          the gradient's growth a layer, and that of a small angle
    χ_q = σ_w² d/dq E f(√q z)²       the variance's own stability

and the edge of chaos is where χ_1 = 1 (Schoenholz et al. 2017, eqs. 4 and 11).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rheobase.meanfield.moments import Moments
from rheobase.meanfield.scan import crossings, roots, scan
from rheobase.meanfield.small import LEAST, limit

EVEN = 1e-12
"""Nearer to 1 than this, a growth factor is 1 as far as the quadrature tells."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One point of the edge of chaos.

    Attributes:
        sigma_b, sigma_w: standard deviations of the biases and (times √n) of the weights.
        q: the fixed point of the variance.
        chi_1, chi_q: the growth of gradients (1, by definition), the stability of q.
        xi_q, xi_c: depth scales of variance and correlation in layers; xi_q is negative where q is not stable.
        stable: is q a stable fixed point?
    """

    sigma_b: float
    sigma_w: float
    q: float
    chi_1: float
    chi_q: float
    xi_q: float
    xi_c: float
    stable: bool


def edges(m: Moments, sigma_b: float) -> list[Edge]:
    """Every point of the edge of chaos for one σ_b, in ascending q; empty where there is none.

    At σ_b = 0 two limits belong to it: q -> 0, with σ_w = 1/|f′(0)|, where f(0) = 0 and f has a slope there (of a kink
    the mean square of both slopes); and for a
    positively homogeneous f every q, of which q = 1 is given.
    """
    if not math.isfinite(m.slope_second()):
        return []
    if sigma_b == 0 and scale_invariant(m):
        return [_edge(m, 0.0, 1.0, chi_q=1.0)]
    found = [_edge(m, sigma_b, q) for q in _roots(m, sigma_b**2)]
    if sigma_b == 0 and (limit := _at_zero(m)) is not None:
        found.insert(0, limit)
    return found


def scale_invariant(m: Moments) -> bool:
    """Is f(k x) = k f(x) for k > 0, as far as doubles tell?"""
    x = np.array([-3.0, -1.0, -0.25, 0.25, 1.0, 3.0])
    with np.errstate(all="ignore"):
        return bool(np.allclose(m.value(4 * x), 4 * m.value(x), rtol=1e-15, atol=0))


def reason(m: Moments, found: list[Edge]) -> str:
    """Why there is, or is not, an edge of chaos, and what that means, in a sentence."""
    if not m.slope_second():
        return "the slope is 0 almost everywhere: no gradient travels at all"
    if not math.isfinite(m.slope_second()):
        return "f is so steep at a point that E f′² is infinite, and χ_1 with it: angles grow without bound"
    if scale_invariant(m):
        return (
            "positively homogeneous: at σ_b = 0 every variance is a fixed point, and χ_1 = χ_q = 1; no edge elsewhere"
        )
    if not found:
        return "q = E f²/E f′² + σ_b² has no solution: no fixed point of the variance keeps gradients"
    if any(e.stable for e in found):
        return "the edge exists and its variance is stable where χ_q < 1"
    return "the edge exists, but χ_q > 1 at these σ_b: the variance runs away from it, so that a bare gain is no cure"


def _gap(m: Moments, q: float, bias: float) -> float:
    """q - V(q)/W(q) - σ_b²: 0 on the edge."""
    steep = m.slope_second(q)
    return math.nan if not steep or not math.isfinite(steep) else q - m.second(q) / steep - bias


def _roots(m: Moments, bias: float) -> list[float]:
    curves = scan(m)
    with np.errstate(all="ignore"):
        gaps = curves.q - curves.value / curves.slope - bias
    return roots(lambda q: _gap(m, q, bias), crossings(curves.q, gaps, 1e-9))


def _edge(m: Moments, sigma_b: float, q: float, chi_q: float | None = None) -> Edge:
    weights = 1 / m.slope_second(q)
    chi_q = weights * m.second_by_q(q) if chi_q is None else chi_q
    return Edge(sigma_b, math.sqrt(weights), q, 1.0, chi_q, depth_scale(chi_q), math.inf, abs(chi_q) < 1 - LEAST)


def _at_zero(m: Moments) -> Edge | None:
    small = limit(m)
    if small is None:
        return None
    return Edge(0.0, small.square**-0.5, 0.0, 1.0, 1.0, math.inf, math.inf, small.stable)


def depth_scale(chi: float) -> float:
    """-1/log |χ|, in layers: negative where it grows, infinite at |χ| = 1, 0 at χ = 0."""
    size = abs(chi)
    return math.inf if abs(size - 1) < EVEN else 0.0 if size == 0 else -1 / math.log(size)


def fixed_points(m: Moments, sigma_w: float, sigma_b: float) -> list[tuple[float, float, float]]:
    """(q*, χ_1, χ_q) for every fixed point of the variance map, in ascending q*."""
    weights, bias = sigma_w**2, sigma_b**2

    def gap(q: float) -> float:
        return weights * m.second(q) + bias - q

    curves = scan(m)
    points = roots(gap, crossings(curves.q, weights * curves.value + bias - curves.q))
    return [(q, weights * m.slope_second(q), weights * m.second_by_q(q)) for q in points]
