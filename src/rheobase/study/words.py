"""The verdict in plain words, made from the rows: nothing here knows a function or a task by name."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from rheobase.study.result import PLACEBO, Comparison, Row
from rheobase.study.spec import Metric
from rheobase.study.statistics import Interval

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def score(metric: Metric, value: float, decimals: int | None = None) -> str:
    """A score with its unit.

    >>> score(Metric("accuracy", "%", True, 0.1, scale=100), 0.97123)
    '97.12 %'
    """
    digits = metric.decimals if decimals is None else decimals
    return f"{value * metric.scale:.{digits}f} {metric.unit}".replace("-", "−").strip()


def points(metric: Metric, value: float, signed: bool = False) -> str:
    """A difference of scores: percentage points where the unit is per cent.

    >>> points(Metric("accuracy", "%", True, 0.1, scale=100), -0.0123, signed=True)
    '−1.23 points'
    """
    unit = "points" if metric.unit == "%" else metric.unit
    sign = "+" if signed else ""
    return f"{value * metric.scale:{sign}.{metric.decimals}f} {unit}".replace("-", "−").strip()


def span(metric: Metric, low: float, high: float, decimals: int | None = None) -> str:
    """The two ends of an interval, without the unit."""
    digits = metric.decimals if decimals is None else decimals
    ends = (f"{v * metric.scale:.{digits}f}" if math.isfinite(v) else f"{v:g}" for v in (low, high))
    return " to ".join(ends).replace("-", "−")


def listed(items: Sequence[str]) -> str:
    """Items as one says them.

    >>> listed(["relu", "elu", "sine"])
    'relu, elu and sine'
    """
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def headline(comparison: Comparison) -> str:
    """The result in one line."""
    if len(comparison.tables) > 1:
        return _cured(comparison)
    rows, leader = _real(comparison.rows), comparison.leader
    if not any(row.learned for row in rows):
        return "None of these functions learns it" if len(rows) > 1 else f"{leader.activation} does not learn it"
    better = [row.activation for row in rows if row.standing == "better"]
    if better:
        return f"{listed(better)} {'does' if len(better) == 1 else 'do'} best on the test data"
    level = [row.activation for row in rows if row.standing == "same"]
    if not level:
        return f"{leader.activation} is best" if len(rows) > 1 else f"{leader.activation} alone"
    if len(level) == len(rows) - 1:
        return "No difference shows between them"
    who = listed(level) if len(level) < 3 else f"{len(level)} others"
    return f"{leader.activation} leads; {who} may be as good"


def verdict(comparison: Comparison) -> list[str]:
    """The result in a few sentences: who leads, who is level, who is behind and by how much, what could not be seen."""
    metric, rows, leader = comparison.task.metric, _real(comparison.rows), comparison.leader
    idle = [row for row in rows if not row.learned]
    if len(idle) == len(rows):
        return [f"No better than a constant answer: {_each(metric, rows)}.", *_diverged(rows)]
    said = [
        f"{leader.activation}, the best on validation data, reaches {score(metric, leader.mean)} on test data "
        f"(95 % interval {span(metric, leader.low, leader.high)})."
    ]
    better = [row for row in rows if row.standing == "better"]
    if better:
        said.append(f"On test data {_by(metric, better)} better.")
    level = [row.activation for row in rows if row.standing == "same" and row not in idle]
    if level:
        most = "up to " if comparison.looks else ""
        said.append(f"With {most}{comparison.seeds} seeds {listed(level)} cannot be told from it.")
    worse = [row for row in rows if row.standing == "worse" and row not in idle]
    if worse:
        said.append(f"Behind it: {_by(metric, worse) if len(worse) < 4 else _between(metric, worse)}.")
    if idle:
        said.append(f"No better than a constant answer: {_each(metric, idle)}.")
    if smallest := _smallest([row for row in rows if row not in idle]):
        said.append(
            f"This run would have shown a true difference of {points(metric, smallest)} in 4 cases of 5 "
            "(the median over pairs); smaller ones may be there unseen."
        )
    return said + _diverged(rows)


def placebos(comparison: Comparison) -> list[str]:
    """What the placebos say of the method."""
    metric = comparison.task.metric
    return [
        f"Placebo: {name} against itself, with other seeds, differs by {points(metric, found.estimate, signed=True)} "
        f"({span(metric, found.low, found.high)}): "
        + ("a false alarm, as 1 in 20 is expected to be." if found.excludes_zero else "no difference, as it should be.")
        for name, found in comparison.placebos.items()
    ]


def notes(comparison: Comparison) -> list[str]:
    """What a reader should know before quoting the numbers."""
    said = [f"{other} is the same function as {kept}: it is measured once." for other, kept in comparison.same.items()]
    edge = [r.activation for r in _real(comparison.rows) if r.at_edge and r.learned]
    if edge:
        rates = comparison.task.budget.rates
        said.append(
            f"The learning rate of {listed(edge)} lies at an end of what was on offer, {min(rates):g} to "
            f"{max(rates):g}: one outside might do better."
        )
    return said


def halfway(comparison: Comparison) -> float:
    """The score half-way between having learned nothing and the best mean of the comparison: who is above it works."""
    means = [row.mean for table in comparison.tables for row in table.rows]
    best = max(means) if comparison.task.metric.higher_is_better else min(means)
    return (comparison.task.metric.floor + best) / 2


def state(comparison: Comparison, row: Row) -> str:
    """Whether a function "works" at an initialisation, "fails", or is "between": its interval spans half-way."""
    half, up = halfway(comparison), comparison.task.metric.higher_is_better
    above, below = row.low > half, row.high < half
    return "between" if above == below else "works" if above == up else "fails"


def cures(comparison: Comparison) -> list[str]:
    """Which change of the initialisation cures which function, read off the rows of every initialisation measured."""
    if len(comparison.tables) < 2:
        return []
    return [cure(comparison, row) for row in _real(comparison.tables[0].rows)]


def cured_by(comparison: Comparison) -> list[str]:
    """The same by initialisation: whom each cures, and whom none does."""
    first, others = comparison.tables[0], comparison.tables[1:]
    failing = [row.activation for row in _real(first.rows) if state(comparison, row) == "fails"]
    said, left = [], list(failing)
    for table in others:
        healed = [name for name in failing if state(comparison, table.row(name)) == "works"]
        left = [name for name in left if name not in healed]
        said.append(f"{table.init} cures {listed(healed)}." if healed else f"{table.init} cures none.")
    return said + ([f"Nothing tried cures {listed(left)}."] if left else [])


def _cured(comparison: Comparison) -> str:
    first, others = comparison.tables[0], comparison.tables[1:]
    rows = _real(first.rows)
    failing = [row.activation for row in rows if state(comparison, row) == "fails"]
    if not failing:
        return f"All work with the {first.init} initialisation" if len(rows) > 1 else f"{rows[0].activation} works"
    who = f"{len(failing)} of {len(rows)} fail" if len(failing) < len(rows) else f"All {len(rows)} fail"
    who = f"{failing[0]} fails" if len(failing) == 1 else who
    healed = {t.init: [r for r in map(t.row, failing) if state(comparison, r) == "works"] for t in others}
    up = 1 if comparison.task.metric.higher_is_better else -1
    best = max(healed, key=lambda init: (len(healed[init]), up * sum(row.mean for row in healed[init])))
    names = [row.activation for row in healed[best]]
    what = listed(names) if len(names) < 4 else f"{len(names)} of them"
    if len(names) == len(failing):
        what = "them all" if len(failing) > 1 else "it"
    cured = f"{best} cures {what}" if names else "no other one cures " + ("them" if len(failing) > 1 else "it")
    return f"{who} with the {first.init} initialisation; {cured}"


def cure(comparison: Comparison, row: Row) -> str:
    """What the initialisations do for one function, `row` being its row at the first of them."""
    metric, first, others = comparison.task.metric, comparison.tables[0], comparison.tables[1:]
    elsewhere = [table.row(row.activation) for table in others]
    works = [f"{r.init} ({score(metric, r.mean, 1)})" for r in elsewhere if state(comparison, r) == "works"]
    fails = [f"{r.init} ({score(metric, r.mean, 1)})" for r in elsewhere if state(comparison, r) == "fails"]
    between = [f"{r.init} ({score(metric, r.mean, 1)})" for r in elsewhere if state(comparison, r) == "between"]
    match state(comparison, row):
        case "works":
            said = f"{row.activation} works with {first.init} ({score(metric, row.mean, 1)})"
            said += f" and fails with {listed(fails)}" if fails else ""
        case "fails":
            said = f"{row.activation} fails with {first.init} ({score(metric, row.mean, 1)})"
            said += f"; cured by {listed(works)}" if works else "; none of the others cures it"
            said += f", not by {listed(fails)}" if fails and works else ""
        case _:
            said = f"{row.activation} fails on some seeds with {first.init} ({score(metric, row.mean, 1)})"
            said += f"; works with {listed(works)}" if works else ""
    said += f"; on some seeds only with {listed(between)}" if between else ""
    shown = max((table.row(row.activation) for table in (first, *others)), key=lambda r: r.mean)
    return f"{said}.{_reach([row] if shown.init == row.init else [row, shown])}"


def _reach(rows: Sequence[Row]) -> str:
    """How much of the gradient at the output arrives at the input before training, where the task measured it."""
    shares = []
    for row in rows:
        ratios = [o.gradients[0] / o.gradients[-1] for o in row.outcomes if o.gradients and o.gradients[-1] > 0]
        if ratios:
            shares.append(f"{_power(statistics.median(ratios))} with {row.init}")
    if not shares:
        return ""
    return f" Before training, the share of the gradient at the output that reaches the input is {listed(shares)}."


def _power(ratio: float) -> str:
    """A ratio as one reads it: 0.3, 12, or a power of ten.

    >>> _power(0.25), _power(3.1e-42)
    ('0.25', '10⁻⁴²')
    """
    if ratio == 0 or 0.01 <= ratio < 1000:
        return f"{ratio:.2g}"
    return "10" + str(round(math.log10(ratio))).translate(SUPERSCRIPTS)


def _by(metric: Metric, rows: Sequence[Row]) -> str:
    return listed(
        [
            f"{row.activation} by {points(metric, abs(row.difference.estimate))} ({_span(metric, row.difference)})"
            for row in rows
        ]
    )


def _between(metric: Metric, rows: Sequence[Row]) -> str:
    behind = sorted(abs(row.difference.estimate) for row in rows)
    names = listed([row.activation for row in rows])
    return f"{names}, by {span(metric, behind[0], behind[-1])} {points(metric, 0).partition(' ')[2]}"


def _each(metric: Metric, rows: Sequence[Row]) -> str:
    return listed([f"{row.activation} ({score(metric, row.mean, 1)})" for row in rows])


def _diverged(rows: Sequence[Row]) -> list[str]:
    found = [f"{row.activation} ({row.diverged})" for row in rows if row.diverged]
    return [f"Trainings that diverged, counted as having learned nothing: {listed(found)}."] if found else []


def _span(metric: Metric, difference: Interval) -> str:
    low, high = sorted((abs(difference.low), abs(difference.high)))
    return span(metric, low, high)


def _smallest(rows: Sequence[Row]) -> float | None:
    found = [row.smallest for row in rows if row.standing != "leader" and row.smallest > 0]
    return statistics.median(found) if found else None


def _real(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.activation.endswith(PLACEBO)]
