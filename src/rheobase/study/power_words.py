"""How many seeds a difference takes, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rheobase.study.evidence import rivals
from rheobase.study.result import Comparison
from rheobase.study.statistics import seeds_for_holm, seeds_needed

DIFFERENCES = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0)


def deviations(comparison: Comparison) -> dict[str, float]:
    """The standard deviation of each function's paired difference to the leader, in points."""
    leader = comparison.leader
    point = comparison.task.metric.point(leader.mean)
    found = {}
    for row in rivals(comparison):
        n = min(len(row.scores), len(leader.scores))
        found[row.activation] = float(np.std(np.subtract(row.scores[:n], leader.scores[:n]), ddof=1)) / point
    return found


def table(
    named: dict[str, float], differences: Sequence[float], power: float, comparisons: int
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: seeds for each difference, for each paired standard deviation."""
    significance = 0.05 / comparisons
    least = seeds_for_holm(comparisons) if comparisons > 1 else 2
    headings = ["pair", "deviation", *(f"{d:g} points" for d in differences)]
    rows = []
    for name, deviation in named.items():
        seeds = [seeds_needed(d, deviation, power=power, significance=significance) for d in differences]
        rows.append([name, f"{deviation:.2f}", *("–" if n is None else str(max(n, least)) for n in seeds)])
    return headings, rows
