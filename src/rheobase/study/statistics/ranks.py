"""Tests by ranks: two functions over seeds or tasks, all functions over tasks, and corrections for many questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

EXACT = 200
"""Up to so many differences every sign is counted; the work grows with their cube."""


SHUFFLES = 20_000
"""Leaves a Monte Carlo error of 0.0015 of a p value of 0.05."""

_SEED = 20_060_101


class Friedman(NamedTuple):
    """Do the functions' ranks differ over the tasks at all?"""

    ranks: tuple[float, ...]
    """The average rank of each function; 1 is best."""
    chi_square: float
    f: float
    """Iman & Davenport's statistic, which is less conservative; infinite where all tasks agree."""
    p: float
    """How often ranks shuffled within each task differ as much: right for two tasks too, where F is not."""


def signed_rank_test(differences: ArrayLike) -> tuple[float, float]:
    """Wilcoxon's signed-rank test: the smaller sum of ranks, and the exact two-sided p value.

    The p value counts all 2ⁿ signs of the ranks as they are, so that ties cost nothing in exactness; SciPy's exact
    distribution is for data without ties, and accuracies on a few hundred images tie often. Zeros take part in the
    ranking and are then left out (Pratt 1959). Beyond 200 differences SciPy's normal approximation is taken.

    Source: Wilcoxon 1945, Biometrics Bulletin 1(6); as recommended by Demšar 2006, JMLR 7, section 3.1.3.

    >>> signed_rank_test([1.0, 2.0, 3.0, 4.0, -5.0])
    (5.0, 0.625)
    """
    from scipy.stats import rankdata, wilcoxon

    d = np.asarray(differences, dtype=float)
    if np.count_nonzero(d) > EXACT:
        found: Any = wilcoxon(d, zero_method="pratt", method="asymptotic")
        return float(found.statistic), float(found.pvalue)
    ranks = rankdata(np.abs(d))[d != 0]
    doubled = np.rint(2 * ranks).astype(int)  # midranks are halves of integers
    total = int(doubled.sum())
    if not total:
        return 0.0, 1.0
    count = np.zeros(total + 1)
    count[0] = 1.0
    for rank in doubled:
        count[rank:] = count[rank:] + count[:-rank]
        count /= 2  # as probabilities, so that no number of seeds overflows
    plus = int(doubled[d[d != 0] > 0].sum())
    smaller = min(plus, total - plus)
    return smaller / 2, min(1.0, 2 * float(count[: smaller + 1].sum()))


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """P values adjusted for their number: reject those at most α, and no more than a share α of families is wrong.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian J. of Statistics 6(2).

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    m, worst = len(p), 0.0
    adjusted = [0.0] * m
    for step, i in enumerate(sorted(range(m), key=lambda j: p[j])):
        worst = max(worst, min(1.0, (m - step) * p[i]))
        adjusted[i] = worst
    return tuple(adjusted)


def friedman(scores: ArrayLike, *, higher_is_better: bool = True) -> Friedman:
    """Friedman's test over N tasks and k functions, with Iman & Davenport's F and a permutation p value.

    Args:
        scores: (N, k), a row a task.
        higher_is_better: whether rank 1 is the highest.

    Source: Friedman 1937, JASA 32; Iman & Davenport 1980; formulas as in Demšar 2006, JMLR 7, section 3.2.2.

    >>> friedman([[3, 2, 1], [3, 2, 1], [2, 3, 1]]).ranks
    (1.3333333333333333, 1.6666666666666667, 3.0)
    """
    from scipy.stats import rankdata

    table = np.asarray(scores, dtype=float)
    tasks, k = table.shape
    each = rankdata(-table if higher_is_better else table, axis=1)
    ranks = each.mean(axis=0)
    chi_square = float(_chi_square(ranks, tasks))
    left = tasks * (k - 1) - chi_square
    f = (tasks - 1) * chi_square / left if left > 1e-9 else math.inf
    generator = np.random.Generator(np.random.PCG64(_SEED))
    drawn = sum(generator.permuted(np.broadcast_to(row, (SHUFFLES, k)), axis=1) for row in each) / tasks
    as_far = int((_chi_square(drawn, tasks) >= chi_square - 1e-9).sum())
    return Friedman(tuple(float(r) for r in ranks), chi_square, f, (as_far + 1) / (SHUFFLES + 1))


def _chi_square(ranks: np.ndarray, tasks: int) -> np.ndarray:
    k = ranks.shape[-1]
    return 12 * tasks / (k * (k + 1)) * ((ranks**2).sum(axis=-1) - k * (k + 1) ** 2 / 4)


def critical_difference(functions: int, tasks: int, significance: float = 0.05) -> float:
    """How far two average ranks must lie apart: q · √(k(k + 1)/(6N)), Nemenyi's test for all pairs.

    q is the studentised range's quantile over √2. Source: Nemenyi 1963; Demšar 2006, JMLR 7, equation after (8).

    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    from scipy.stats import studentized_range

    q = float(studentized_range.ppf(1 - significance, functions, np.inf)) / math.sqrt(2)
    return q * math.sqrt(functions * (functions + 1) / (6 * tasks))


def groups(ranks: Sequence[float], distance: float) -> list[tuple[int, ...]]:
    """Which functions cannot be told apart: the longest runs of ranks within `distance`, as indices, best first.

    >>> groups([1.0, 3.0, 1.5, 2.9], 1.6)
    [(0, 2), (2, 3, 1)]
    """
    order = sorted(range(len(ranks)), key=lambda i: ranks[i])
    found: list[tuple[int, ...]] = []
    for start in range(len(order)):
        run = tuple(i for i in order[start:] if ranks[i] - ranks[order[start]] < distance)
        if len(run) > 1 and not (found and set(run) <= set(found[-1])):
            found.append(run)
    return found
