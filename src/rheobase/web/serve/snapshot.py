"""What a store holds of a comparison that is under way: how far it is, the table so far, how each function learns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rheobase.study import show
from rheobase.study.comparison import Question, compared
from rheobase.study.engine import Ran
from rheobase.study.estimate import replayed, told
from rheobase.study.overall import Comparisons
from rheobase.study.pool import cores
from rheobase.study.result import PLACEBO, Comparison
from rheobase.study.runs import Group, Plan, Run
from rheobase.study.spec import Outcome, Task
from rheobase.study.store import Store

DIGITS = 6
"""Of the points of a curve."""


@dataclass(frozen=True)
class Seen:
    """What is stored so far.

    Attributes:
        shown: as the page takes it.
        left: how many trainings are missing; with looks, at most.
        comparisons: by task, as far as functions have two seeds or more.
    """

    shown: dict[str, Any]
    left: int
    comparisons: tuple[Comparison, ...]


def seen(question: Question, store: Store, made: Mapping[str, str]) -> Seen:
    """Look at the store; nothing is trained and nothing written."""
    parts, comparisons, total, left, seconds = [], [], 0, 0, 0.0
    for task in question.tasks:
        plan = question.plan(task)
        groups, missing = replayed(plan, store, made["torch"])
        total, left = total + plan.trials, left + missing
        seconds += missing * (store.seconds_a_trial(task) or 0.0) / cores()
        if (found := _compared(question, plan, groups, made, plan.trials - missing)) is not None:
            comparisons.append(found)
        curves = [curve for group in groups for run in group.runs for curve in _curves(run, group, task)]
        parts.append(part(task, found, curves))
    how = {"done": total - left, "total": total, "left": told(seconds) if left and seconds else ""}
    return Seen({**how, "parts": parts, "sentences": []}, left, tuple(comparisons))


def ended(result: Comparison | Comparisons) -> dict[str, Any]:
    """A result as the page takes it: the tables and the sentences that the shell prints."""
    several = isinstance(result, Comparisons)
    each = result.tasks if several else (result,)
    parts = [part(c.task, c, list(_lines(c))) for c in each]
    if several:
        headings, rows = show.overall_table(result)
        whole = {"task": "", "title": show.overall_heading(result), "unit": "", "curves": []}
        parts.insert(0, {**whole, "headings": headings, "rows": rows})
    done = result.reused + result.trained
    sentences = show.overall_sentences(result) if several else show.sentences(result)
    return {"done": done, "total": done, "left": "", "parts": parts, "sentences": sentences}


def part(task: Task, found: Comparison | None, curves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A task as the page shows it; the table is that of `rheobase compare`."""
    headings, rows = show.table(found) if found else ([], [])
    unit = f"validation {task.metric.name.removeprefix('test ')}, {task.metric.unit}"
    title = show.heading(found) if found else task.title
    return {"task": task.id, "title": title, "unit": unit, "headings": headings, "rows": rows, "curves": list(curves)}


def _compared(
    question: Question, plan: Plan, groups: Sequence[Group], made: Mapping[str, str], stored: int
) -> Comparison | None:
    """The functions that have seeds enough for an interval; None where there is none."""
    measured = [
        run.measured(group.reference) for group in groups for run in group.runs if run.tuned and len(run.scores) > 1
    ]
    there = {(m.init, m.contender.label) for m in measured}
    measured = [m for m in measured if (m.init, m.contender.label.removesuffix(PLACEBO)) in there]
    inits = tuple(init for init in plan.inits if any(m.init == init for m in measured))
    if not inits:
        return None
    return compared(question, Ran(replace(plan, inits=inits), tuple(measured), stored, 0), made)


def _lines(comparison: Comparison) -> Iterable[dict[str, Any]]:
    for table in comparison.tables:
        for row in table.rows:
            yield _line(row.activation, table.init, row.outcomes, comparison.task, dash=False)


def _curves(run: Run, group: Group, task: Task) -> Iterable[dict[str, Any]]:
    """How a function learns: the mean over its seeds; as long as it has none, its best rate in tuning, dashed."""
    outcomes: Sequence[Outcome] = run.outcomes
    if not outcomes and run.tried:
        sign = 1 if task.metric.higher_is_better else -1
        by_arm: dict[Any, list[Outcome]] = {}
        for one in run.tried:
            by_arm.setdefault(one.arm, []).append(one.outcome)
        outcomes = max(by_arm.values(), key=lambda some: sign * sum(o.validation for o in some) / len(some))
        yield _line(run.contender.label, group.runs[0].init, outcomes, task, dash=True)
    elif outcomes:
        yield _line(run.contender.label, group.runs[0].init, outcomes, task, dash=False)


def _line(label: str, init: str, outcomes: Sequence[Outcome], task: Task, *, dash: bool) -> dict[str, Any]:
    length = min(len(o.curve) for o in outcomes)
    means = [sum(o.curve[i] for o in outcomes) / len(outcomes) * task.metric.scale for i in range(length)]
    y = [float(f"{v:.{DIGITS}g}") if math.isfinite(v) else None for v in means]
    return {"label": label, "init": init, "dash": dash, "seeds": len(outcomes), "y": y}
