"""What the tests say of each function against the leader, and how stable its training was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rheobase.study.result import PLACEBO, Comparison, Row
from rheobase.study.statistics import (
    Equivalence,
    Interval,
    bayesian_signed_rank,
    deviation_interval,
    holm,
    probability_of_improvement,
    reaches,
    seeds_for_holm,
    signed_rank_test,
    window,
)


@dataclass(frozen=True)
class Evidence:
    """One function against the leader."""

    p: float
    """Wilcoxon's signed-rank test over the paired seeds, exact."""
    p_holm: float
    """The same, corrected for the number of functions."""
    equivalence: Equivalence
    """Below, practically the same, above: posterior probabilities (in scores, whichever way is better)."""
    improvement: Interval
    """The probability that a run of this function is better than one of the leader's."""

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        below, same, above = self.equivalence
        return {
            "p": self.p,
            "p_holm": self.p_holm,
            "practically": self.equivalence.answer,
            "probability_below": below,
            "probability_same": same,
            "probability_above": above,
            "improvement": self.improvement.estimate,
            "improvement_low": self.improvement.low,
            "improvement_high": self.improvement.high,
        }


@dataclass(frozen=True)
class Stability:
    """How stable one function's training was."""

    window: float
    """Decades of learning rates within one point of the best, on validation data."""
    window_open: bool
    """Does the window reach an end of the rates on offer, so that it may be wider?"""
    diverged: float
    """The share of all trainings, tuning included, that ended without a number."""
    deviation: Interval
    """The standard deviation of the test score over seeds, with its interval."""
    gradients: float | None
    """Decades between the largest and the smallest gradient of a layer at the start, where the task measures it."""

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "window_decades": self.window,
            "window_reaches_an_end": self.window_open,
            "diverged_share": self.diverged,
            "deviation": self.deviation.estimate,
            "deviation_low": self.deviation.low,
            "deviation_high": self.deviation.high,
            "gradient_decades": self.gradients,
        }


def rivals(comparison: Comparison) -> list[Row]:
    """The rows that are compared with the leader: no placebo is."""
    return [r for r in comparison.rows if r.standing != "leader" and not r.activation.endswith(PLACEBO)]


def evidence(comparison: Comparison) -> Mapping[str, Evidence]:
    """What the tests say, by label; the p values are corrected for all functions of the table together."""
    leader, metric = comparison.leader, comparison.task.metric
    sign = 1 if metric.higher_is_better else -1
    region = comparison.margin * metric.point(leader.mean) or 1e-12
    rows = rivals(comparison)
    pairs = [_paired(row, leader) for row in rows]
    p = [signed_rank_test(a - b)[1] for a, b in pairs]
    return {
        row.activation: Evidence(
            p=p[i],
            p_holm=corrected,
            equivalence=bayesian_signed_rank(a - b, region),
            improvement=probability_of_improvement([sign * a], [sign * b]),
        )
        for i, (row, (a, b), corrected) in enumerate(zip(rows, pairs, holm(p), strict=True))
    }


def _paired(row: Row, leader: Row) -> tuple[np.ndarray, np.ndarray]:
    n = min(len(row.scores), len(leader.scores))
    return np.array(row.scores[:n]), np.array(leader.scores[:n])


def reach(comparison: Comparison) -> str:
    """Whether Holm's correction could reach 0.05 at all with these seeds, in one sentence; empty without a rival."""
    many, n = len(rivals(comparison)), min((len(row.outcomes) for row in comparison.rows), default=0)
    if not many:
        return ""
    if reaches(n, many):
        return (
            f"Wilcoxon's test corrected by Holm for {many} comparison{'s' * (many > 1)} can reach 0.05 with {n} seeds."
        )
    least = many * 2.0 ** (1 - n)
    return (
        f"Wilcoxon's test corrected by Holm for {many} comparison{'s' * (many > 1)} cannot reach 0.05 with {n} seeds "
        f"({many} · 2/2^{n} = {least:.2g}); {seeds_for_holm(many)} seeds can."
    )


def stability(comparison: Comparison) -> Mapping[str, Stability]:
    """How stable each function's training was, by label."""
    return {row.activation: _stability(comparison, row) for row in comparison.rows}


def _stability(comparison: Comparison, row: Row) -> Stability:
    metric = comparison.task.metric
    sign = 1 if metric.higher_is_better else -1
    best = row.chosen or row.init
    by_rate: dict[float, list[float]] = {}
    for run in row.tried:
        if run.arm.init == best:
            by_rate.setdefault(run.arm.rate, []).append(sign * run.outcome.validation)
    means = [sum(found) / len(found) for found in by_rate.values()]
    wide, open_ = (math.nan, False)
    if means:
        wide, open_ = window(list(by_rate), means, metric.point(sign * max(means)))
    every = [*row.outcomes, *(run.outcome for run in row.tried)]
    return Stability(
        window=wide,
        window_open=open_,
        diverged=sum(o.diverged for o in every) / len(every),
        deviation=deviation_interval(row.scores),
        gradients=_gradients(row.outcomes),
    )


def _gradients(outcomes: Sequence[Any]) -> float | None:
    norms = [np.array(o.gradients) for o in outcomes if o.gradients]
    if not norms:
        return None
    with np.errstate(divide="ignore"):
        spreads = [float(np.log10(n.max() / n.min())) if n.min() > 0 else math.inf for n in norms]
    return float(np.median(spreads))
