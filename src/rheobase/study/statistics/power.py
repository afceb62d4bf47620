"""What a number of seeds can show: the smallest difference, the seeds that one needs, and what a correction allows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

MOST = 100_000
"""More seeds than this are not counted: the answer is "too many"."""


def smallest_difference(a: ArrayLike, b: ArrayLike, *, power: float = 0.8, significance: float = 0.05) -> float:
    """The true paired difference that this many seeds find with probability `power`, given their observed spread.

    (t₁₋α⸝₂ + t_power) · s / √n with n − 1 degrees of freedom: Bloom 1995, "Minimum Detectable Effects", Evaluation
    Review 19(5). NaN for fewer than two pairs.

    >>> round(smallest_difference([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0]), 2)
    2.69
    """
    from scipy.special import stdtrit

    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    n = len(differences)
    if n < 2:
        return math.nan
    factor = stdtrit(n - 1, 1 - significance / 2) + stdtrit(n - 1, power)
    return float(factor * differences.std(ddof=1) / math.sqrt(n))


def detection_power(difference: float, deviation: float, n: int, significance: float = 0.05) -> float:
    """How often n paired seeds show a true `difference`: the power of the two-sided paired t test.

    Args:
        difference: the true mean of the paired differences.
        deviation: their standard deviation, in the same unit.
        n: seeds.
        significance: of the test, after any correction.

    Source: Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", chapter 2; noncentral t distribution.

    >>> round(detection_power(0.5, 1.0, 34), 3)
    0.808
    """
    from scipy.special import nctdtr, stdtrit

    if n < 2:
        return 0.0
    if deviation == 0:
        return 1.0 if difference else significance
    critical = float(stdtrit(n - 1, 1 - significance / 2))
    shift = abs(difference) / deviation * math.sqrt(n)
    if shift > 37:  # beyond this the distribution's own code runs out of numbers, and the power is 1
        return 1.0
    return float(1 - nctdtr(n - 1, shift, critical) + nctdtr(n - 1, shift, -critical))


def seeds_needed(difference: float, deviation: float, *, power: float = 0.9, significance: float = 0.05) -> int | None:
    """The fewest paired seeds that show a true `difference` with probability `power`; None beyond 100,000.

    >>> seeds_needed(0.5, 1.0, power=0.8), seeds_needed(0.0, 1.0)
    (34, None)
    """
    if not difference or detection_power(difference, deviation, MOST, significance) < power:
        return None
    low, high = 1, 2  # the power at `low` is too small
    while detection_power(difference, deviation, high, significance) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if detection_power(difference, deviation, middle, significance) < power:
            low = middle
        else:
            high = middle
    return high


def reaches(n: int, comparisons: int, significance: float = 0.05) -> bool:
    """Could Wilcoxon's test on n seeds, corrected by Holm for so many comparisons, come out significant at all?

    Its smallest two-sided p value is 2/2ⁿ, when all seeds agree; Holm multiplies the smallest by their number.

    >>> reaches(10, 39), reaches(12, 39)
    (False, True)
    """
    return comparisons * 2.0 ** (1 - n) <= significance


def seeds_for_holm(comparisons: int, significance: float = 0.05) -> int:
    """The fewest seeds with which `reaches` holds.

    >>> seeds_for_holm(1), seeds_for_holm(39)
    (6, 11)
    """
    return next(n for n in range(1, 1075) if reaches(n, comparisons, significance))
