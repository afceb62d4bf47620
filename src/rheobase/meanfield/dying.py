"""How likely units, layers and whole networks are to be born dead.

A unit whose pre-activation lies on a flat part of f has slope 0 there and learns nothing from that input. Where the
flat parts are is proven: between two breaks f is analytic, so that f′ = 0 around one point makes it 0 all the way.

A layer of n units is dead for one input when all n are, and then so is the network, for its gradient is 0. With
pre-activations of variance q the share of inactive units is p = P(√q z on a flat part), and a network of depth L is
dead for one input with probability 1 − (1 − pⁿ)^L: exactly, for ReLU (p = ½ whatever came before, by symmetry of the
weights) and its like. A network that is dead for all its inputs is dead for each, so this is an upper bound for a
network born dead (Lu, Shin, Su & Karniadakis 2020, Dying ReLU and Initialization, section 3). For a ReLU network with
one input and no biases a lower bound stands beside it: its inputs are two rays, every layer maps them to two vectors
without negative entries, whose angle is at most a right one, so a unit is inactive for both with a probability of at
least ¼; what is more likely to be inactive for both dies no later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from rheobase.certify.regularity import breaks, endless, rough
from rheobase.certify.subject import Subject, close_to
from rheobase.differentiate import differentiate
from rheobase.enclosure.algebra import equal
from rheobase.enclosure.coefficients import BITS, Undecided
from rheobase.enclosure.interval import precision
from rheobase.enclosure.pieces import resolved
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Number
from rheobase.meanfield.moments import Array, Moments
from rheobase.meanfield.piecewise import inside
from rheobase.shares import exact_interval


@dataclass(frozen=True, slots=True)
class Interval:
    """A share that was counted, with its exact 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Dying:
    """What of a random network is dead at birth.

    Attributes:
        width, depth: units a layer, and hidden layers.
        q: the variance of the pre-activations.
        inactive: the expected share of units with slope 0, for one input.
        layer: P(all units of a layer are inactive), for one input.
        network: P(some layer is), for one input; at least that of a network dead for all inputs.
        network_low: a lower bound for a network with one input and no biases to be dead for all of them; None where f
            is not a half-line and a ray, as ReLU is.
    """

    width: int
    depth: int
    q: float
    inactive: float
    layer: float
    network: float
    network_low: float | None


@lru_cache(maxsize=512)
def flat_parts(expr: Expr) -> tuple[tuple[float, float], ...] | None:
    """The intervals on which f′ is proven to be 0, in ascending order; None where the breaks of f are not told.

    >>> from rheobase.parse import parse
    >>> flat_parts(parse("clip(x, -1, 2)"))
    ((-inf, -1.0), (2.0, inf))
    """
    subject = Subject(expr)
    try:
        with precision(BITS):
            if endless(subject) or rough(subject):
                return None
            cuts = sorted(close_to(p) for p in breaks(subject))
            pieces = zip(pairwise([-math.inf, *map(float, cuts), math.inf]), inside(cuts), strict=True)
            found = [ends for ends, at in pieces if equal(differentiate(resolved(subject.expr, at)), Number(0))]
    except Undecided:
        return None
    return tuple(found)


def inactive(m: Moments, q: float = 1.0) -> float:
    """P(f′(√q z) = 0): the expected share of units that take no part for one input; where the flat parts are not
    proven, the weight of what computes as flat."""
    root, flat = math.sqrt(q), flat_parts(m.expr)
    if flat is None or not root:
        return m.flat(q)
    return math.fsum(_below(high / root) - _below(low / root) for low, high in flat)


def _below(z: float) -> float:
    """P(a standard normal number is below z); SciPy's own takes a quarter of a second to load."""
    return math.erfc(-z / math.sqrt(2)) / 2


def dying(m: Moments, width: int, depth: int, q: float = 1.0) -> Dying:
    """The chances of a network of this width and depth.

    Raises:
        RheobaseError: a width or depth below 1, or a q that is no variance.

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> round(dying(moments(parse("relu(x)")), width=2, depth=10).network, 12)
    0.943686485291
    """
    if width < 1 or depth < 1:
        raise RheobaseError(f"a network {width} wide and {depth} deep has no units", instead="width=10, depth=50")
    if not (math.isfinite(q) and q > 0):
        raise RheobaseError(f"q = {q:g} is no variance", instead="q=1")
    p = inactive(m, q)
    layer = p**width
    network = _at_least_one(layer, depth)
    return Dying(width, depth, q, p, layer, network, _two_rays(width, depth) if _half_flat(m) else None)


def _at_least_one(layer: float, depth: int) -> float:
    return 1.0 if layer == 1 else -math.expm1(depth * math.log1p(-layer))


def _half_flat(m: Moments) -> bool:
    """Is f 0 on one side of 0 and a multiple of x on the other?"""
    match flat_parts(m.expr):
        case ((low, high),) if 0.0 in (low, high) and math.isinf(high - low):
            side = 1 if high == 0 else -1
        case _:
            return False
    x = np.array([0.25, 1.0, 4.0]) * side
    return bool(np.all(m.value(-x) == 0) and np.all(m.value(4 * x) == 4 * m.value(x)))


def _two_rays(width: int, depth: int) -> float:
    """A lower bound for P(both rays are dead after depth layers). In the first layer each unit is active for just one
    of them; from then on the chance that both die at once is least where they are independent."""
    one = _at_least_one(0.5**width, depth - 1)
    if width == 1:
        return one
    either = 2 * 0.5**width
    return either * one + (1 - either) * one**2


def born_dead(
    m: Moments, width: int, depth: int, *, inputs: int = 1, sigma_b: float = 0.0, nets: int = 1000, seed: int = 0
) -> Interval:
    """The share of random networks that are born dead, counted: a layer has slope 0 in all units for all inputs.

    Args:
        width, depth: units a layer, hidden layers.
        inputs: the dimension of the input, of which 16 vectors ±z, z standard normal, are tried.
        sigma_b: standard deviation of the biases; weights have variance 2/fan_in.
        nets, seed: how many networks are drawn, from which seed.

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> found = born_dead(moments(parse("relu(x)")), width=2, depth=10, nets=400)
    >>> found.low < found.estimate < found.high
    True
    """
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((nets, 8, inputs))
    x: Array = np.concatenate([z, -z], axis=1)
    dead = np.zeros(nets, dtype=bool)
    for _ in range(depth):
        fan_in = x.shape[2]
        weights = rng.standard_normal((nets, fan_in, width)) * math.sqrt(2 / fan_in)
        h = x @ weights + sigma_b * rng.standard_normal((nets, 1, width))
        with np.errstate(all="ignore"):
            dead |= (m.slope(h) == 0).all(axis=(1, 2))
            x = m.value(h)
    count = int(dead.sum())
    return Interval(count / nets, *exact_interval(count, nets))


def summary(m: Moments, q: float, sizes: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    """The flat parts, the inactive share, and networks of several (width, depth)."""
    each = [dying(m, width, depth, q) for width, depth in sizes]
    return {
        "flat": [list(part) for part in flat_parts(m.expr) or ()],
        "q": q,
        "inactive": inactive(m, q),
        "networks": [{"width": d.width, "depth": d.depth, "dead": d.network, "dead_low": d.network_low} for d in each],
    }
