"""Several tasks in words: who is ahead over all of them, who cannot be told apart, where each one wins."""

from __future__ import annotations

import math

from rheobase.study.overall import Comparisons, Overall
from rheobase.study.words import headline as headline_of_one
from rheobase.study.words import listed


def headline(found: Comparisons) -> str:
    """The result in one line."""
    rows = found.overall
    if not rows:
        return "None of these functions learns any of the tasks"
    if len(rows) == 1:
        return f"{rows[0].activation} alone"
    first = rows[0].activation
    level = [row.activation for row in rows[1:] if _level(row, found)]
    if found.leader != first and _level(rows[0], found):
        level = [first, *[name for name in level if name != found.leader]]
        return f"{found.leader} leads; {_who(level)} may be as good"
    if not level:
        return f"{first} is best over {len(found.tasks)} tasks"
    if len(level) == len(rows) - 1:
        return "No difference shows between them over all tasks"
    return f"{first} leads; {_who(level)} may be as good"


def _who(names: list[str]) -> str:
    return listed(names) if len(names) < 3 else f"{len(names)} others"


def _level(row: Overall, found: Comparisons) -> bool:
    return row.activation != found.leader and row.improvement.low <= 0.5 <= row.improvement.high


def verdict(found: Comparisons) -> list[str]:
    """The result in a few sentences."""
    if not found.overall:
        return [f"No better than a constant answer on {listed([c.task.id for c in found.tasks])}."]
    lead = next(row for row in found.overall if row.activation == found.leader)
    said = [
        f"{lead.activation}, the best on validation data over all tasks, comes {percent(lead.mean.estimate)} of the "
        f"way from having learned nothing to each task's leader (95 % interval {percent(lead.mean.low)} to "
        f"{percent(lead.mean.high)}), with an average rank of {lead.rank:.1f} of {len(found.overall)}."
    ]
    better = [r for r in found.overall if r.activation != found.leader and r.improvement.low > 0.5]
    worse = [r for r in found.overall if r.activation != found.leader and r.improvement.high < 0.5]
    if better:
        said.append(f"More often better than it: {_each(better)}.")
    if worse:
        said.append(f"More often worse than it: {_each(worse)}.")
    if found.ranks is not None:
        said.append(_ranks(found))
    return said


def _each(rows: list[Overall]) -> str:
    if len(rows) > 3:
        shares = sorted(r.improvement.estimate for r in rows)
        names = listed([r.activation for r in rows])
        return f"{names} ({percent(shares[0])} to {percent(shares[-1])} of runs better)"
    return listed(
        [
            f"{r.activation} ({percent(r.improvement.estimate)} of runs better, {percent(r.improvement.low)} to "
            f"{percent(r.improvement.high)})"
            for r in rows
        ]
    )


def _ranks(found: Comparisons) -> str:
    assert found.ranks is not None
    tasks, p = len(found.tasks) - len(found.left_out), found.ranks.p
    told = f"Over the {tasks} tasks the ranks {'differ' if p <= 0.05 else 'do not differ more than by chance'} "
    told += f"(Friedman's test, p = {p:.2g}); two of them are told apart from {found.critical:.1f} on (Nemenyi)."
    widest = len(found.overall) - 1
    return told + (" With so few tasks no two can be." if found.critical > widest else "")


def winners(found: Comparisons) -> list[str]:
    """One line a task."""
    return [f"{c.task.id}: {headline_of_one(c)}." for c in found.tasks]


def notes(found: Comparisons) -> list[str]:
    """What a reader should know before quoting the numbers."""
    said = []
    if found.left_out:
        said.append(f"Left out of the overall figures, because nothing learned it: {listed(list(found.left_out))}.")
    if found.missing:
        said.append(f"Not in the overall table, because not trained on every task: {listed(list(found.missing))}.")
    said += [f"To keep to the budget: {cut}." for cut in found.cut]
    for comparison in found.tasks:
        said += [f"{comparison.task.id}: {name} could not be trained: {why}" for name, why in comparison.failed.items()]
    return said


def table(found: Comparisons) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the overall table, best first."""
    headings = ["activation", "of the way", "95 % interval", "IQM", "rank", "best on", "behind on", "better runs"]
    headings += ["95 % interval", "diverged"]
    return headings, [_cells(found, row) for row in found.overall]


def _cells(found: Comparisons, row: Overall) -> list[str]:
    leads = row.activation == found.leader
    tasks = len(found.tasks) - len(found.left_out)
    return [
        row.activation,
        percent(row.mean.estimate),
        f"{percent(row.mean.low)} to {percent(row.mean.high)}",
        percent(row.iqm.estimate),
        f"{row.rank:.1f}",
        f"{row.wins} of {tasks}",
        f"{row.behind} of {tasks}",
        "leader" if leads else percent(row.improvement.estimate),
        "" if leads else f"{percent(row.improvement.low)} to {percent(row.improvement.high)}",
        str(row.diverged) if row.diverged else "–",
    ]


def percent(value: float) -> str:
    """A share as a percentage.

    >>> percent(0.9871)
    '98.7 %'
    """
    return f"{100 * value:.1f} %" if math.isfinite(value) else "–"
