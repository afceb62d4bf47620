"""What two inputs have in common after a layer: E f(u) f(v) for u, v of variance q and correlation c.

For |c| ≤ 0.9 by Mehler's series Σ aₙ² cⁿ, aₙ the coefficients of f(√q z) in normalised Hermite polynomials (Mehler
1866; Daniely, Frostig & Singer 2016, section 4.2). Nearer to ±1 the series of a kinked formula converges too slowly
(ReLU at c = 0.99: 400 terms leave 9e-8), so the integral over both is taken as it stands: the inner one, over what the
second input has of its own, in panels that end at the kinks, wherever they lie for that first input; it smooths each
kink over √(1 - c²), and the outer one has panels as narrow as that around each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, overload

import numpy as np

from rheobase.meanfield.moments import REACH, Array, Moments, nodes, rule

SERIES = 0.9
"""The largest |c| for the series: 0.9^350 is 1e-16."""
TERMS = 350
WIDE = 13.0
"""±13 standard deviations for the coefficients: a Hermite polynomial of high degree weighs the tails with e^(z²/4)."""
NARROW = (0.0, 1.0, 2.0, 3.0, 4.5, 6.5, 9.0)
"""Ends of the outer panels around a kink that the inner integral smooths, in units of √(1 - c²)."""

Function = Callable[[Any], Any]


@overload
def kernel(m: Moments, c: float, q: float = 1.0) -> float: ...
@overload
def kernel(m: Moments, c: Array, q: float = 1.0) -> Array: ...
def kernel(m: Moments, c: float | Array, q: float = 1.0) -> float | Array:
    """E f(u) f(v), (u, v) normal with variances q and correlation c; a number for a number, an array for an array.

    ReLU's is the arc-cosine kernel of degree 1 (Cho & Saul 2009, eq. 6).

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> import math
    >>> found = kernel(moments(parse("relu(x)")), 0.99)
    >>> angle = math.acos(0.99)
    >>> abs(found - (math.sin(angle) + (math.pi - angle) * 0.99) / (2 * math.pi)) < 1e-15
    True
    """
    return _each(m, "value", c, q)


@overload
def slope_kernel(m: Moments, c: float, q: float = 1.0) -> float: ...
@overload
def slope_kernel(m: Moments, c: Array, q: float = 1.0) -> Array: ...
def slope_kernel(m: Moments, c: float | Array, q: float = 1.0) -> float | Array:
    """E f′(u) f′(v), of the derivative almost everywhere; d/dc of the kernel is q times this where f does not jump."""
    return _each(m, "slope", c, q)


def _each(m: Moments, which: str, c: float | Array, q: float) -> float | Array:
    asked = np.asarray(c, dtype=float)
    found = np.empty(asked.shape)
    near = np.abs(asked) <= SERIES
    if near.any():
        squares = hermite(m, which, q) ** 2
        found[near] = np.polynomial.polynomial.polyval(asked[near], squares)
    for at in np.ndindex(asked.shape):
        if not near[at]:
            found[at] = _both(m, getattr(m, which), float(asked[at]), q)
    return float(found) if found.ndim == 0 else found


@lru_cache(maxsize=256)
def hermite(m: Moments, which: str = "value", q: float = 1.0, terms: int = TERMS) -> Array:
    """The coefficients aₙ = E f(√q z) Heₙ(z)/√n!, n < terms; Σ aₙ² = E f². `which` is "value" or "slope".

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> [round(float(a), 12) + 0.0 for a in hermite(moments(parse("x**2")))[:3]]
    [1.0, 0.0, 1.414213562373]
    """
    root = math.sqrt(q)
    z, w = nodes(tuple(e / root for e in m.ends(root)) if root else (), reach=WIDE, width=1.0)
    with np.errstate(all="ignore"):
        weighed = w * getattr(m, which)(root * z)
    weighed = np.where(np.isfinite(weighed), weighed, 0.0) if _overflows(weighed, z) else weighed
    found = np.empty(terms)
    before, here = np.zeros_like(z), np.ones_like(z)
    for n in range(terms):
        found[n] = weighed @ here
        before, here = here, (z * here - math.sqrt(n) * before) / math.sqrt(n + 1)
    return found


def _overflows(weighed: Array, z: Array) -> bool:
    """Is the integrand finite within ±9, so that what overflows beyond weighs nothing?"""
    return bool(np.isfinite(weighed[np.abs(z) <= REACH]).all())


def _both(m: Moments, f: Function, c: float, q: float) -> float:
    root, side = math.sqrt(q), math.copysign(1.0, c)
    own = math.sqrt((1 - c) * (1 + c))
    if not root or not own:
        return m.mean(lambda x: f(x) * f(side * x), q) if not m.kinks or side > 0 else _mirrored(m, f, q)
    outer = {e / root for e in m.ends(root)}
    outer |= {k / (root * c) + s * own * t for k in m.kinks for t in NARROW for s in (1, -1)}
    z, w = nodes(tuple(outer))
    inner = np.array([e for e in m.ends(root * own) if e or 0.0 in m.kinks])
    v, weights = _inner(c * z, own, inner / root)
    with np.errstate(all="ignore"):
        return float((w * f(root * z)) @ (weights * f(root * v)).sum(axis=1))


def _mirrored(m: Moments, f: Function, q: float) -> float:
    """E f(√q z) f(-√q z): kinks count at their mirror images too."""
    root = math.sqrt(q)
    z, w = nodes(tuple(side * e / root for e in m.ends(root) for side in (1, -1)) if root else ())
    with np.errstate(all="ignore"):
        return float((w * f(root * z)) @ f(-root * z))


def _inner(middle: Array, own: float, ends: Array) -> tuple[Array, Array]:
    """Nodes v = middle + own·t and weights φ(t) dt, a row for each middle; panels end where v is one of the ends."""
    regular = np.linspace(-REACH, REACH, 10)
    moved = np.clip((ends - middle[:, None]) / own, -REACH, REACH)
    edges = np.sort(np.concatenate([np.broadcast_to(regular, (len(middle), len(regular))), moved], axis=1), axis=1)
    x, w = rule()
    half = np.diff(edges, axis=1)[:, :, None] / 2
    t = (edges[:, :-1, None] + half) + half * x
    weights = half * w * np.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    size = (len(middle), -1)
    return (middle[:, None, None] + own * t).reshape(size), weights.reshape(size)
