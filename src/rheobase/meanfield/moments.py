"""Gaussian moments of a formula, by panels of Gauss-Legendre nodes split at its kinks.

E g(√q z), z ~ N(0, 1), is the integral of g(√q z) φ(z) over ±9 standard deviations (what lies beyond weighs 2e-19),
in panels at most two wide with 24 nodes each; a panel ends wherever the formula has a kink or a jump, so that each
integrand is analytic on its panel (Davis & Rabinowitz, Methods of Numerical Integration, 1984, section 2.7).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase.differentiate import differentiate
from rheobase.expr import Expr
from rheobase.lower import compiled
from rheobase.meanfield.kinks import kinks_of
from rheobase.simplify import simplify

Array = NDArray[np.float64]
REACH = 9.0
WIDTH = 2.0
NODES = 24
FINEST = 8
"""Panels are halved at most so often for a formula that oscillates fast: sin(800 x) needs it."""
SPREAD = 30.0
"""The standard deviation of the inputs at which a formula shows whether it oscillates far from 0."""
EVEN = 80
"""So many panels of one width stand on each side of 0, before they double."""
TINY = 1e-60
"""Just beside 0; the doubles next to it are too small to be multiplied."""


@lru_cache(maxsize=1)
def rule() -> tuple[Array, Array]:
    """Nodes and weights of one panel, on ±1."""
    return np.polynomial.legendre.leggauss(NODES)


def nodes(cuts: tuple[float, ...], reach: float = REACH, width: float = WIDTH) -> tuple[Array, Array]:
    """Nodes z and weights φ(z) dz over ±reach, in panels at most so wide that end at the cuts.

    >>> z, w = nodes((0.3,))
    >>> bool(abs(w.sum() - 1) < 1e-15), bool(abs((w * z**2).sum() - 1) < 1e-14)
    (True, True)
    """
    ends = np.array(sorted({-reach, reach, *(c for c in cuts if -reach < c < reach)}))
    counts = np.maximum(1, np.ceil(np.diff(ends) / width)).astype(int)
    half = np.repeat(np.diff(ends) / counts, counts)[:, None] / 2
    starts = np.repeat(ends[:-1], counts)[:, None]
    within = np.concatenate([np.arange(c) for c in counts])[:, None]
    x, w = rule()
    z = (starts + half * (2 * within + 1 + x)).ravel()
    return z, (half * w).ravel() * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _over(ends: tuple[float, ...], spread: float) -> tuple[float, ...]:
    return tuple(e / spread for e in ends)


class Moments:
    """The Gaussian moments of one formula in x, parameters at their values."""

    def __init__(self, expr: Expr) -> None:
        self.expr = simplify(expr)

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """Where the formula, or its slope, may break."""
        return kinks_of(self.expr)

    @cached_property
    def grain(self) -> float:
        """How wide a panel may be far from 0, in units of the input: without limit, or 2 or less where f oscillates."""
        for halvings in range(FINEST):
            width = WIDTH / 2**halvings
            coarse, fine = (nodes(self.kinks, width=w) for w in (width, width / 2))
            if self._alike(1.0, coarse, fine):
                break
        else:
            return WIDTH / 2**FINEST
        doubling, even = (nodes(_over(self._ends(SPREAD, g), SPREAD)) for g in (math.inf, width))
        return math.inf if width == WIDTH and self._alike(SPREAD, doubling, even) else width

    def _alike(self, spread: float, one: tuple[Array, Array], other: tuple[Array, Array]) -> bool:
        """Do two sets of nodes give the same E f² and E f′²?"""
        with np.errstate(all="ignore"):
            pairs = [[float(w @ f(spread * z) ** 2) for z, w in (one, other)] for f in (self.value, self.slope)]
        return all(math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-15) for a, b in pairs if math.isfinite(a + b))

    def ends(self, spread: float) -> tuple[float, ...]:
        """Where panels end for inputs of this standard deviation: at the kinks; a grain apart, up to a distance; then
        doubling in width away from the kinks and from 0."""
        return self._ends(spread, self.grain)

    def _ends(self, spread: float, grain: float) -> tuple[float, ...]:
        reach = REACH * spread
        steps = [0.0] + [2.0**k for k in range(max(0, math.ceil(math.log2(reach))) + 1)] if spread > 1 else [0.0]
        doubling = {c + side * s for c in {0.0, *self.kinks} for s in steps for side in (1, -1)}
        even = np.arange(grain, min(reach, EVEN * grain), grain) if grain < math.inf else ()
        return (*doubling, *even, *(-e for e in even))

    def nodes(self, q: float) -> tuple[Array, Array]:
        """Nodes z and weights for √q z."""
        root = math.sqrt(q)
        return nodes(_over(self.ends(root), root) if root else ())

    @cached_property
    def value(self) -> Callable[[Any], Any]:
        return compiled(self.expr, "numpy")

    @cached_property
    def slope(self) -> Callable[[Any], Any]:
        return compiled(simplify(differentiate(self.expr)), "numpy")

    @cached_property
    def bend(self) -> Callable[[Any], Any]:
        return compiled(simplify(differentiate(differentiate(self.expr))), "numpy")

    def sides(self, at: float) -> tuple[float, float]:
        """The slopes just left and just right of a point."""
        left, right = (np.nextafter(at, side * math.inf) if at else side * TINY for side in (-1, 1))
        return float(self.slope(left)), float(self.slope(right))

    def mean(self, g: Callable[[Array], Array], q: float = 1.0) -> float:
        """E g(√q z), for a g whose breaks are those of the formula; inf where it overflows."""
        root = math.sqrt(q)
        z, w = self.nodes(q)
        with np.errstate(all="ignore"):
            return float(np.dot(w, g(root * z)))

    def first(self, q: float = 1.0) -> float:
        """E f."""
        return self.mean(self.value, q)

    def second(self, q: float = 1.0) -> float:
        """E f², the variance map's V(q)."""
        return self.mean(lambda x: self.value(x) ** 2, q)

    def slope_first(self, q: float = 1.0) -> float:
        """E f′, of the derivative almost everywhere."""
        return self.mean(self.slope, q)

    @cached_property
    def steep(self) -> bool:
        """Does f′ grow without bound towards a kink or 0, as |x|^-½ or faster, so that E f′² is infinite?"""
        with np.errstate(all="ignore"):
            for at in {0.0, *self.kinks}:
                near, nearer = (1e-60, 1e-90) if at == 0 else (1e-6 * abs(at), 1e-12 * abs(at))
                for side in (-1, 1):
                    grown = abs(self.slope(at + side * nearer) / np.abs(self.slope(at + side * near)))
                    if grown >= (near / nearer) ** 0.49:
                        return True
        return False

    def slope_second(self, q: float = 1.0) -> float:
        """E f′², of the derivative almost everywhere."""
        if self.steep:
            return math.inf
        return self.mean(lambda x: self.slope(x) ** 2, q)

    def bend_second(self, q: float = 1.0) -> float:
        """E f″², of the second derivative almost everywhere."""
        return self.mean(lambda x: self.bend(x) ** 2, q)

    def second_by_q(self, q: float) -> float:
        """d/dq E f(√q z)² = E (z² - 1) f² / (2q), by parts: no kink of f′ is lost."""
        root = math.sqrt(q)
        z, w = self.nodes(q)
        with np.errstate(all="ignore"):
            return float(np.dot(w * (z * z - 1), self.value(root * z) ** 2)) / (2 * q)

    def flat(self, q: float = 1.0) -> float:
        """P(f′ = 0): the weight of the panels on which the slope is exactly 0."""
        return self.mean(lambda x: (self.slope(x) == 0).astype(float), q)


@lru_cache(maxsize=512)
def moments(expr: Expr) -> Moments:
    """The moments of a formula, its nodes and callables kept.

    >>> from rheobase.parse import parse
    >>> round(moments(parse("tanh(x)")).second(), 14)
    0.39429449039784
    """
    return Moments(expr)


class Shifted(Moments):
    """The moments of φ(x) = f(x + a) − s, from the callables of f: nothing is compiled again."""

    def __init__(self, of: Moments, a: float, s: float) -> None:
        super().__init__(of.expr)
        self.of, self.a = of, a
        self.kinks = tuple(k - a for k in of.kinks)
        self.value = lambda x: of.value(x + a) - s
        self.slope = lambda x: of.slope(x + a)
        self.bend = lambda x: of.bend(x + a)

    def sides(self, at: float) -> tuple[float, float]:
        return self.of.sides(at + self.a)


@lru_cache(maxsize=512)
def shifted(expr: Expr, shift: tuple[float, float]) -> Moments:
    """The moments of f(x + shift[0]) − shift[1].

    >>> from rheobase.parse import parse
    >>> float(shifted(parse("sigmoid(x)"), (0.0, 0.5)).value(0.0))
    0.0
    """
    return Shifted(moments(expr), *shift) if any(shift) else moments(expr)
