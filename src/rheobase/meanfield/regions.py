"""Linear regions: the plane cut by the kinks of all units of a network, exactly, polygon by polygon.

Where every unit stays on one piece of a piecewise linear function the network is linear (Montúfar, Pascanu, Cho &
Bengio 2014; Raghu et al. 2017; Hanin & Rolnick 2019). For given pieces of all units that set is an intersection of
half-planes, so that each is one convex polygon, and the polygons are found layer by layer: within one, the
pre-activations of the next layer are linear, and each unit cuts it along straight lines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import Array
from rheobase.meanfield.piecewise import Linear, linear_pieces

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

MOST = 50_000
SLIVER = 1e-9
"""A line that enters a polygon by less than this share of what the unit varies over it is one along its border."""

Layer = tuple[Array, Array]
"""Weights (units, inputs) and biases (units)."""


@dataclass(frozen=True, eq=False)
class Regions:
    """The plane -window … window squared, cut into the regions on which every unit of a network stays on one piece.

    Attributes:
        activation: the function's id or name.
        by_layer: how many regions there are after 1, 2, … layers.
        units: units of the whole network.
        window: half the side of the square.
        polygons: the corners (corners, 2) of each region, in order around it.
        maps: (regions, 3): the readout is maps[i] @ (s, t, 1) in region i.
    """

    activation: str
    by_layer: tuple[int, ...]
    units: int
    window: float
    polygons: tuple[Array, ...]
    maps: Array

    @property
    def count(self) -> int:
        return len(self.polygons)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "activation": self.activation,
            "count": self.count,
            "by_layer": list(self.by_layer),
            "units": self.units,
            "window": self.window,
            "polygons": [p.tolist() for p in self.polygons],
            "maps": self.maps.tolist(),
        }


def plane_network(sigma_w: float, sigma_b: float, width: int, depth: int, seed: int) -> list[Layer]:
    """A random network of two inputs, `depth` layers and one readout: weights of variance σ_w²/inputs, biases σ_b².

    >>> [w.shape for w, b in plane_network(1.0, 0.1, 8, 2, seed=0)]
    [(8, 2), (8, 8), (1, 8)]
    """
    if width < 1 or depth < 1:
        raise RheobaseError(f"a network of {depth} layers of {width} units", instead="at least one of each")
    rng = np.random.default_rng(seed)
    sizes = [2, *[width] * depth, 1]
    return [
        (sigma_w / math.sqrt(n) * rng.standard_normal((m, n)), sigma_b * rng.standard_normal(m))
        for n, m in pairwise(sizes)
    ]


def linear_regions(
    spec: str | Activation | Expr,
    sigma_w: float = math.sqrt(2),
    sigma_b: float = 0.5,
    *,
    width: int = 16,
    depth: int = 3,
    window: float = 2.0,
    seed: int = 0,
) -> Regions:
    """The linear regions of a random network of two inputs on a square of the plane.

    Two of them may share one linear map where a later layer is flat, so that their number is that of activation
    patterns (Hanin & Rolnick 2019), which bounds that of linear maps.

    Args:
        spec: a piecewise linear function: an id, an alias, a formula, or an Activation.
        sigma_w, sigma_b: standard deviations of the weights (times √inputs) and of the biases.
        width: units a layer.
        depth: layers of units.
        window: half the side of the square.
        seed: decides the network.

    Raises:
        RheobaseError: where the function is not piecewise linear, or for more than 50,000 regions.

    >>> linear_regions("identity").count, linear_regions("abs(x)", sigma_b=0.0, width=5, depth=1).count
    (1, 10)
    """
    return cut(linear_pieces(spec), plane_network(sigma_w, sigma_b, width, depth, seed), window)


def cut(function: Linear, layers: Sequence[Layer], window: float, most: int = MOST) -> Regions:
    """The regions of a given network: layers of units, the last a readout of one number that is not cut.

    Raises:
        RheobaseError: for a window that is not positive, or more regions than `most`.
    """
    if not (math.isfinite(window) and window > 0):
        raise RheobaseError(f"a window of {window:g}", instead="a positive number")
    corners = window * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    regions: list[tuple[Array, Array]] = [(corners, np.eye(3)[:2])]
    counts: list[int] = []
    for weights, biases in layers[:-1]:
        regions = _layer(function, weights, biases, regions, most)
        counts.append(len(regions))
    weights, biases = layers[-1]
    maps = np.array([_affine(weights, biases, below)[0] for _, below in regions])
    units = sum(len(b) for _, b in layers[:-1])
    return Regions(function.activation, tuple(counts), units, window, tuple(p for p, _ in regions), maps)


def _affine(weights: Array, biases: Array, below: Array) -> Array:
    """Pre-activations as linear maps of (s, t, 1): (units, 3), from those of what comes in."""
    made = weights @ below
    made[:, 2] += biases
    return made


def _layer(
    function: Linear, weights: Array, biases: Array, regions: list[tuple[Array, Array]], most: int
) -> list[tuple[Array, Array]]:
    slopes, offsets = np.array(function.slopes), np.array(function.offsets)
    made: list[tuple[Array, Array]] = []
    for polygon, below in regions:
        maps = _affine(weights, biases, below)
        for part in _parts(function.cuts, maps, polygon):
            at = function.piece(maps @ np.append(_middle(part), 1.0))
            out = slopes[at][:, None] * maps
            out[:, 2] += offsets[at]
            made.append((part, out))
        if len(made) > most:
            what = f"{function.activation}: more than {most:,} regions"
            raise RheobaseError(what, instead="fewer layers, fewer units, or a smaller window")
    return made


def _middle(polygon: Array) -> Array:
    """The mean of the corners, which lies inside."""
    return polygon.mean(axis=0)


def _parts(cuts: Sequence[float], maps: Array, polygon: Array) -> list[Array]:
    """The polygon cut along every line on which a unit crosses one of the cuts."""
    heights = polygon @ maps[:, :2].T + maps[:, 2]
    low, high = heights.min(axis=0), heights.max(axis=0)
    parts = [polygon]
    for cut_at in cuts:
        slack = SLIVER * np.maximum(high - low, np.abs(cut_at))
        for unit in np.flatnonzero((low < cut_at - slack) & (cut_at + slack < high)):
            line = maps[unit] - np.array([0.0, 0.0, cut_at])
            parts = [piece for part in parts for piece in _halves(part, line, slack[unit])]
    return parts


def _halves(polygon: Array, line: Array, slack: float) -> list[Array]:
    """Both sides of the line a s + b t + c = 0; the polygon itself where the line does not enter it."""
    side = polygon @ line[:2] + line[2]
    if side.min() >= -slack or side.max() <= slack:
        return [polygon]
    after = np.roll(side, -1)
    crossing = side * after < 0
    share = np.divide(side, side - after, out=np.zeros_like(side), where=crossing)
    met = polygon + share[:, None] * (np.roll(polygon, -1, axis=0) - polygon)
    return [_kept(polygon, met, keep, crossing) for keep in (side <= 0, side >= 0)]


def _kept(polygon: Array, met: Array, keep: Any, crossing: Any) -> Array:
    corners = []
    for corner, point, stays, crosses in zip(polygon, met, keep, crossing, strict=True):
        if stays:
            corners.append(corner)
        if crosses:
            corners.append(point)
    return np.array(corners)
