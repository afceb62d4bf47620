"""Several tasks in one answer: scores on a common scale, ranks, wins, and what can be said over all tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rheobase.study.frames import Tabular
from rheobase.study.result import PLACEBO, Comparison, Row
from rheobase.study.spec import Task
from rheobase.study.statistics import (
    Friedman,
    Interval,
    critical_difference,
    friedman,
    groups,
    overall_interval,
    probability_of_improvement,
)


@dataclass(frozen=True)
class Overall:
    """One function over all tasks. Scores are shares of the way from having learned nothing to the task's leader."""

    activation: str
    mean: Interval
    """Mean over tasks of the mean over seeds, with its stratified bootstrap interval."""
    iqm: Interval
    """Interquartile mean over all runs of all tasks (Agarwal et al. 2021)."""
    rank: float
    """Average rank over the tasks; 1 is best."""
    wins: int
    """On how many tasks its mean is the best."""
    behind: int
    """On how many tasks it is shown to be behind that task's leader."""
    improvement: Interval
    """The probability that a run of it is better than one of the overall leader's, on a task drawn from these."""
    diverged: int

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "activation": self.activation,
            "mean": self.mean.estimate,
            "low": self.mean.low,
            "high": self.mean.high,
            "iqm": self.iqm.estimate,
            "iqm_low": self.iqm.low,
            "iqm_high": self.iqm.high,
            "rank": self.rank,
            "wins": self.wins,
            "behind": self.behind,
            "improvement": self.improvement.estimate,
            "improvement_low": self.improvement.low,
            "improvement_high": self.improvement.high,
            "diverged": self.diverged,
        }


@dataclass(frozen=True, repr=False)
class Comparisons(Tabular):
    """Several tasks: a comparison each in `tasks`, and one row a function over all of them in `overall`."""

    tasks: tuple[Comparison, ...]
    overall: tuple[Overall, ...]
    """Best mean first."""
    leader: str
    """The best on validation data, over all tasks."""
    ranks: Friedman | None
    """Friedman's test over the tasks; None with fewer than two tasks or functions."""
    critical: float
    """How far two average ranks must lie apart to be told from each other (Nemenyi)."""
    command: str
    left_out: tuple[str, ...] = ()
    """Tasks that nothing learned, which therefore say nothing of the functions."""
    missing: tuple[str, ...] = ()
    """Functions that could not be trained on every task; they are in those tasks' tables alone."""
    cut: tuple[str, ...] = field(default=())

    @property
    def reused(self) -> int:
        """How many trials came from the store."""
        return sum(c.reused for c in self.tasks)

    @property
    def trained(self) -> int:
        """How many trials were trained."""
        return sum(c.trained for c in self.tasks)

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """Functions whose average ranks cannot be told apart, best first."""
        names = [row.activation for row in self.overall]
        return [tuple(names[i] for i in run) for run in groups([row.rank for row in self.overall], self.critical)]

    def on(self, task: str) -> Comparison:
        """The comparison on one task, by its id."""
        return next(c for c in self.tasks if c.task.id == task)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, with the keys of `--json`."""
        return {
            "tasks": [c.to_dict() for c in self.tasks],
            "overall": [row.to_dict() for row in self.overall],
            "study": {
                "command": self.command,
                "reference": self.leader,
                "friedman_p": None if self.ranks is None else self.ranks.p,
                "critical_difference": self.critical,
                "groups": [list(group) for group in self.groups],
                "left_out": list(self.left_out),
                "missing": list(self.missing),
                "cut": list(self.cut),
            },
            "reused": self.reused,
            "trained": self.trained,
        }

    def _comparisons(self) -> tuple[Comparison, ...]:
        return self.tasks

    def report(self, path: str | Path = "report.html") -> Path:
        """Write the result as one self-contained page, and return its path."""
        from rheobase.study.report import write

        return write(self, Path(path))

    def __repr__(self) -> str:
        """The tables and the verdict: what one wants to see at a prompt and in a notebook."""
        from rheobase.study.show import overall_text

        return overall_text(self)


def share(task: Task, values: Sequence[float], best: float) -> np.ndarray:
    """Scores as shares of the way from the floor to `best`; worse than having learned nothing counts as nothing.

    A run that ends worse than a constant answer would otherwise outweigh all others, for scores have no lower end.
    """
    return np.maximum((np.asarray(values, dtype=float) - task.metric.floor) / (best - task.metric.floor), 0.0)


def together(comparisons: Sequence[Comparison], command: str, cut: Sequence[str] = ()) -> Comparisons:
    """What the tasks say together: of the functions that were trained on all of them, on the tasks that any learned."""
    told = [c for c in comparisons if c.leader.learned]
    seen = [[r.activation for r in c.rows if not r.activation.endswith(PLACEBO)] for c in comparisons]
    everyone = list(dict.fromkeys(name for names in seen for name in names))
    names = [name for name in everyone if all(name in there for there in seen)]
    rows = {name: [c.tables[0].row(name) for c in told] for name in names}
    scored = {name: [_shares(c, row) for c, row in zip(told, rows[name], strict=True)] for name in names}
    leader = max(names, key=lambda n: _validation(told, rows[n])) if told and names else ""
    found = [_overall(name, told, rows[name], scored, names, leader) for name in names] if told else []
    found.sort(key=lambda row: (-row.mean.estimate, row.activation))
    many = len(found) > 1 and len(told) > 1
    means = [[float(s.mean()) for s in by_task] for by_task in zip(*(scored[r.activation] for r in found), strict=True)]
    return Comparisons(
        tasks=tuple(comparisons),
        overall=tuple(found),
        leader=leader,
        ranks=friedman(means) if many else None,
        critical=critical_difference(len(found), len(told)) if many else float("inf"),
        command=command,
        left_out=tuple(c.task.id for c in comparisons if c not in told),
        missing=tuple(name for name in everyone if name not in names),
        cut=tuple(cut),
    )


def _shares(comparison: Comparison, row: Row) -> np.ndarray:
    return share(comparison.task, row.scores, comparison.leader.mean)


def _validation(told: Sequence[Comparison], rows: Sequence[Row]) -> float:
    """The mean over tasks of the validation score, on the scale of the tasks' leaders."""
    parts = [share(c.task, [row.validation], c.leader.validation) for c, row in zip(told, rows, strict=True)]
    return float(np.mean(parts))


def _overall(
    name: str,
    told: Sequence[Comparison],
    rows: Sequence[Row],
    scored: dict[str, list[np.ndarray]],
    names: Sequence[str],
    leader: str,
) -> Overall:
    from scipy.stats import rankdata

    own, best = scored[name], scored[leader]
    means = np.array([[s.mean() for s in scored[n]] for n in names])
    ranks = rankdata(-means, axis=0)[names.index(name)]
    pairs = [(a[: min(len(a), len(b))], b[: min(len(a), len(b))]) for a, b in zip(own, best, strict=True)]
    return Overall(
        activation=name,
        mean=overall_interval(own),
        iqm=overall_interval(own, robust=True),
        rank=float(np.mean(ranks)),
        wins=int(sum(m == means[:, i].max() for i, m in enumerate(means[names.index(name)]))),
        behind=sum(row.standing == "worse" for row in rows),
        improvement=probability_of_improvement([a for a, _ in pairs], [b for _, b in pairs]),
        diverged=sum(row.diverged for row in rows),
    )
