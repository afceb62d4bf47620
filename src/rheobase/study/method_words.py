"""What a reader should know of the method, in sentences made from the result: tests, looks, stability, gaps."""

from __future__ import annotations

import math

from rheobase.study.evidence import Stability, reach, rivals
from rheobase.study.result import PLACEBO, Comparison
from rheobase.study.words import listed, points


def tests(comparison: Comparison) -> list[str]:
    """What the rank tests say, and whether they could have said anything else."""
    found = comparison.evidence
    if not found or comparison.looks is not None:
        return []
    real = [row.activation for row in rivals(comparison) if row.learned]
    shown = [name for name in real if found[name].p_holm <= 0.05]
    level = [name for name in real if found[name].equivalence.answer == "same"]
    said = [reach(comparison) + (f" It does for {listed(shown)}." if shown else " It does for none." if real else "")]
    if level:
        margin = points(
            comparison.task.metric, comparison.margin * comparison.task.metric.point(comparison.leader.mean)
        )
        said.append(
            f"Practically the same as the leader, within {margin}: {listed(level)} (Bayesian signed-rank, 95 %)."
        )
    return said


def looks(comparison: Comparison) -> list[str]:
    """How many seeds it took, where that was decided on the way."""
    rule, rows = comparison.looks, [r for r in comparison.rows if not r.activation.endswith(PLACEBO)]
    if rule is None:
        return []
    spent = sum(len(row.outcomes) for row in rows)
    most = rule.schedule.seeds[-1]
    point = comparison.task.metric.point(comparison.leader.mean)
    decided = {row.activation: rule.decision(row.difference, point) for row in rivals(comparison)}
    said = [
        f"Looked at after {listed([str(s) for s in rule.schedule.seeds[:3]])} … {most} seeds: {spent} of "
        f"{most * len(rows)} final trainings were needed. The intervals to {comparison.leader.activation} hold at all "
        "looks together (Lan & DeMets 1983, Pocock's spending); it is the leader of the tuning."
    ]
    level = [name for name, answer in decided.items() if answer == "level"]
    still = [name for name, answer in decided.items() if answer == "open"]
    if rule.points is not None and level:
        said.append(f"Shown to be within {rule.points:g} points of it: {listed(level)}.")
    if still:
        said.append(f"Still open after {most} seeds: {listed(still)}.")
    return said


def tuning(comparison: Comparison) -> str:
    """What choosing the learning rates took."""
    spent = max(len(row.tried) for row in comparison.rows)
    way = {"grid": "the whole grid", "halving": "successive halving"}[comparison.tuning]
    chosen = {row.activation: row.chosen for row in comparison.rows if row.chosen}
    inits = f" Initialisations chosen: {listed([f'{n} {i}' for n, i in chosen.items()])}." if chosen else ""
    return f"Tuning: {spent} trainings a function ({way}).{inits}"


def missing(comparison: Comparison) -> list[str]:
    """What is not in the table, and why."""
    said = [f"{name} could not be trained: {why}" for name, why in comparison.failed.items()]
    said += [f"To keep to the budget: {cut}." for cut in comparison.cut]
    if comparison.others:
        kinds = listed([f"{count} with {name}" for name, count in comparison.others.items()])
        said.append(f"The store also holds trials made with other versions, which are not used: {kinds}.")
    return said


def stable(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the table of stability."""
    found = comparison.stability
    gradients = any(s.gradients is not None for s in found.values())
    headings = ["activation", "rates within a point", "diverged", "deviation over seeds"]
    rows = []
    for row in comparison.rows:
        s = found[row.activation]
        unit = comparison.task.metric
        cells = [row.activation, window(s), f"{s.diverged:.0%}", points(unit, s.deviation.estimate)]
        cells += [_decades(s.gradients)] if gradients else []
        rows.append(cells)
    return headings + ["gradients by layer span"] * gradients, rows


def window(s: Stability) -> str:
    """The window of learning rates as one reads it."""
    if math.isnan(s.window):
        return "–"
    return f"{'≥ ' if s.window_open else ''}{s.window:.1f} decades"


def _decades(value: float | None) -> str:
    return "–" if value is None else "∞" if math.isinf(value) else f"{value:.1f} decades"
