"""Verdicts: what was measured, held against what was said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rheobase.errors import RheobaseError, nearest
from rheobase.study.claims import COSTS, LEADER, MEASURES, Statement, Study
from rheobase.study.overall import share
from rheobase.study.result import Row, Table
from rheobase.study.spec import Outcome, Task
from rheobase.study.statistics import (
    Interval,
    deviation_interval,
    deviation_ratio,
    mean_interval,
    overall_interval,
    student_interval,
    window,
)

Verdict = Literal["reproduced", "refuted", "undecided"]


@dataclass(frozen=True)
class Judged:
    """A statement with its number."""

    statement: Statement
    interval: Interval
    unit: str
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        said = self.statement
        return {
            "says": said.says,
            "measure": said.measure,
            "verdict": self.verdict,
            "estimate": self.interval.estimate,
            "low": self.interval.low,
            "high": self.interval.high,
            "unit": self.unit,
            "at_least": said.at_least,
            "at_most": said.at_most,
        }


Results = Mapping[str, tuple[Task, Mapping[str, Table]]]
"""What was measured: by the task's name in the study, the task and its tables by initialisation."""


def judge(study: Study, results: Results) -> tuple[Judged, ...]:
    """Every statement with its verdict.

    A statement is reproduced when the whole interval lies where it says, refuted when none of it does. The intervals of
    a study's m statements have a confidence of 1 − 0.05/m each, so that all of them hold together in 95 % of studies
    (Bonferroni).

    Raises:
        RheobaseError: a measure that the task does not have.
    """
    confidence = 1 - 0.05 / len(study.statement)
    found = []
    for statement in study.statement:
        names = statement.on or study.on
        interval, unit = _measured(statement, [results[name] for name in names], confidence)
        found.append(Judged(statement, interval, unit, _side(statement, interval)))
    return tuple(found)


def overall(judged: Sequence[Judged]) -> Verdict:
    """The claim's verdict: reproduced when every statement is, refuted when one is."""
    verdicts = {one.verdict for one in judged}
    if "refuted" in verdicts:
        return "refuted"
    return "undecided" if "undecided" in verdicts else "reproduced"


def _side(said: Statement, interval: Interval) -> Verdict:
    low, high = interval.low, interval.high
    if math.isnan(interval.estimate):
        return "undecided"
    if said.at_least is not None:
        return "reproduced" if low >= said.at_least else "refuted" if high < said.at_least else "undecided"
    limit = math.inf if said.at_most is None else said.at_most
    return "reproduced" if high <= limit else "refuted" if low > limit else "undecided"


def _measured(
    said: Statement, at: Sequence[tuple[Task, Mapping[str, Table]]], confidence: float
) -> tuple[Interval, str]:
    """The statement's number: a mean over seeds, a difference paired by seed, or one over several tasks."""
    if len(at) > 1:
        return _over_tasks(said, at, confidence), "% of the way"
    task, tables = at[0]
    own = _row(tables, said.init, said.of)
    other = None
    if said.than is not None or said.than_init is not None:
        other = _row(tables, said.than_init or said.init, said.than or said.of)
    match said.measure:
        case "deviation":
            if other is not None:
                return deviation_ratio(own.scores, other.scores, confidence), "times"
            k = task.metric.scale
            return Interval(*(k * v for v in deviation_interval(own.scores, confidence))), task.metric.unit
        case "window":
            return _windows(task, own, other, confidence), "decades"
    values, unit = _values(task, own, said.measure)
    if other is None:
        return mean_interval(values, confidence), unit
    if said.measure in COSTS:
        return mean_interval(values / _values(task, other, said.measure)[0], confidence), "times"
    return mean_interval(values - _values(task, other, said.measure)[0], confidence), _difference(unit)


def _difference(unit: str) -> str:
    return "points" if unit == "%" else unit


def _row(tables: Mapping[str, Table], init: str | None, function: str) -> Row:
    table = tables[init] if init is not None else next(iter(tables.values()))
    return table.row(table.leader if function == LEADER else function)


def _values(task: Task, row: Row, measure: str) -> tuple[np.ndarray, str]:
    """One number a seed, as tables show it, and its unit."""
    metric = task.metric
    match measure:
        case "score":
            return metric.scale * np.array(row.scores), metric.unit
        case "diverged":
            return 100.0 * np.array([o.diverged for o in row.outcomes]), "%"
        case "reach":
            if not all(o.gradients for o in row.outcomes):
                raise RheobaseError(f"{task.id} measures no gradients", instead="on = ['deep-digits']")
            return np.array([_reach(o) for o in row.outcomes]), "decades"
        case "step":
            return 1e6 * np.array([o.seconds_per_step for o in row.outcomes]), COSTS[measure]
        case "parameters" | "memory":
            if not all(measure in o.measures for o in row.outcomes):
                raise RheobaseError(f"{task.id} does not count {measure}", instead="a task of studies/combining.py")
            return np.array([o.measures[measure] for o in row.outcomes]), COSTS[measure]
    if measure not in task.measures:
        known = (*MEASURES, *task.measures)
        raise RheobaseError(
            f"{task.id} has no measure {measure!r}", instead=nearest(measure, known) or ", ".join(known)
        )
    return metric.scale * np.array([o.measures[measure] for o in row.outcomes]), metric.unit


_NONE = 330.0  # decades: below the smallest number there is, where nothing at all arrives


def _reach(outcome: Outcome) -> float:
    first, last = outcome.gradients[0], outcome.gradients[-1]
    return math.log10(first / last) if first > 0 and last > 0 else -_NONE


def _windows(task: Task, own: Row, other: Row | None, confidence: float) -> Interval:
    """The window of each tuning seed by itself, so that there is an interval; Student's, for they are few."""
    first = _by_seed(task, own)
    if other is None:
        return student_interval(first, confidence)
    return student_interval(np.array(first) - np.array(_by_seed(task, other)), confidence)


def _by_seed(task: Task, row: Row) -> list[float]:
    sign = 1 if task.metric.higher_is_better else -1
    curves: dict[int, dict[float, float]] = {}
    for run in row.tried:
        if run.arm.init == (row.chosen or row.init):
            curves.setdefault(run.seed, {})[run.arm.rate] = sign * run.outcome.validation
    point = task.metric.point(sign * max(max(c.values()) for c in curves.values()))
    return [window(list(c), list(c.values()), point)[0] for c in curves.values()]


def _over_tasks(said: Statement, at: Sequence[tuple[Task, Mapping[str, Table]]], confidence: float) -> Interval:
    if said.measure != "score":
        what = f"the measure {said.measure!r} has no common scale over tasks"
        raise RheobaseError(what, instead="on = [one task], or measure = 'score'")
    strata = []
    for task, tables in at:
        own = _row(tables, said.init, said.of)
        # One yardstick for both sides of a difference between initialisations: the second one's leader.
        best = _row(tables, said.than_init or said.init, LEADER).mean
        strata.append(100 * share(task, own.scores, best))
        if said.than is not None or said.than_init is not None:
            other = _row(tables, said.than_init or said.init, said.than or said.of)
            strata[-1] = strata[-1] - 100 * share(task, other.scores, best)
    return overall_interval(strata, confidence)
