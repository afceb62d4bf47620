"""Looking more than once: a schedule of looks whose intervals hold together, so that stopping early is allowed.

A group-sequential design with an error-spending function (Lan & DeMets 1983, "Discrete sequential boundaries for
clinical trials", Biometrika 70(3)), of Pocock's type: α(t) = α ln(1 + (e − 1) t), t being the share of the seeds that
are there. The interval at each look is a repeated confidence interval (Jennison & Turnbull 1989, JRSS B 51(3)): all of
them together hold the true difference with probability 1 − α, so one may stop at any, for any reason. For few seeds
Student's quantile stands at the boundary's level (Jennison & Turnbull 2000, "Group Sequential Methods", section 4.4);
what that approximation costs is measured by simulation in the tests and by `rheobase study calibrate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from rheobase.study.statistics.bootstrap import Sample

_POINTS = 129  # Gauss–Legendre points a look: the boundaries keep six digits


class Schedule(NamedTuple):
    """When one looks, and at which two-sided level each look's interval stands."""

    seeds: tuple[int, ...]
    levels: tuple[float, ...]

    def confidence(self, n: int) -> float:
        """The confidence of the interval at the look with n seeds."""
        return 1 - self.levels[self.seeds.index(n)]


def pocock(t: float, significance: float) -> float:
    """How much of the error may be spent when a share t of the seeds is there; it lets clear answers end early.

    >>> round(pocock(1.0, 0.05), 6)
    0.05
    """
    return significance * math.log(1 + (math.e - 1) * t)


def o_brien_fleming(t: float, significance: float) -> float:
    """The same, spending next to nothing early: 4 − 4Φ(z/√t), z being the quantile at 1 − α/4."""
    from scipy.special import ndtr, ndtri

    return 4 - 4 * float(ndtr(ndtri(1 - significance / 4) / math.sqrt(t)))


@cache
def schedule(most: int, first: int = 5, step: int = 5, significance: float = 0.05) -> Schedule:
    """Looks at `first` seeds, every `step` after, and at `most`.

    >>> schedule(20).seeds
    (5, 10, 15, 20)
    """
    from scipy.special import ndtr

    seeds = (*range(first, most, step), most)
    found = boundaries([n / most for n in seeds], significance)
    return Schedule(seeds, tuple(2 * float(ndtr(-c)) for c in found))


def boundaries(
    shares: Sequence[float], significance: float = 0.05, spending: Callable[[float, float], float] = pocock
) -> tuple[float, ...]:
    """The two-sided critical values of a standardised sum at the given shares of the information.

    The density of the sum among those that have not stopped is carried from look to look by quadrature (Armitage,
    McPherson & Rowe 1969, JRSS A 132(2)), and each boundary is where the spending function's next part lies beyond.

    >>> [round(c, 3) for c in boundaries([0.5, 1.0])]
    [2.157, 2.201]
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    solve: Any = brentq
    found = [float(-ndtri(spending(shares[0], significance) / 2))]
    edge = found[0] * math.sqrt(shares[0])
    at = edge * nodes
    # The probability of being near each node, without having stopped.
    mass = edge * weights * np.exp(-(at**2) / (2 * shares[0])) / math.sqrt(2 * math.pi * shares[0])
    for before, share in pairwise(shares):
        deviation, root = math.sqrt(share - before), math.sqrt(share)
        spent = spending(share, significance) - spending(before, significance)
        found.append(float(solve(_excess, 0.5, 12.0, args=(at, mass, deviation, root, spent))))
        edge = found[-1] * root
        new = edge * nodes
        step = (new[:, None] - at[None, :]) / deviation
        density = np.exp(-(step**2) / 2) @ mass / (deviation * math.sqrt(2 * math.pi))
        at, mass = new, edge * weights * density
    return tuple(found)


def _excess(critical: float, at: Sample, mass: Sample, deviation: float, root: float, spent: float) -> float:
    """How much more than `spent` ends beyond the boundary at this look."""
    from scipy.special import ndtr

    line = critical * root
    return float(mass @ (ndtr((at - line) / deviation) + ndtr((-line - at) / deviation))) - spent
