"""A comparison in a terminal: the table, the sentences, the progress bar."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from rheobase.study import method_words, overall_words
from rheobase.study.estimate import told
from rheobase.study.overall import Comparisons
from rheobase.study.result import Comparison, Row
from rheobase.study.words import cures, headline, notes, placebos, points, score, span, verdict


def table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """The headings and the rows, best first, as text."""
    headings = ["activation", "mean", "95 % interval", "IQM", "to the leader", "95 % interval", "rate", "diverged"]
    headings[6:6] = comparison.task.measures.values()
    return headings, [_cells(comparison, row) for row in comparison.rows]


def _cells(comparison: Comparison, row: Row) -> list[str]:
    metric, difference = comparison.task.metric, row.difference
    leads = row.standing == "leader"
    return [
        row.activation,
        score(metric, row.mean),
        span(metric, row.low, row.high),
        score(metric, row.iqm),
        "leader" if leads else points(metric, difference.estimate, signed=True),
        "" if leads else span(metric, difference.low, difference.high),
        *(score(metric, row.measure(name)) for name in comparison.task.measures),
        f"{row.learning_rate:g}",
        str(row.diverged) if row.diverged else "–",
    ]


def heading(comparison: Comparison) -> str:
    """What was compared, on what, with how many seeds."""
    task = comparison.task
    most = "up to " if comparison.looks else ""
    return f"{task.title}: {task.metric.name}, {most}{comparison.seeds} seeds, initialisation {comparison.init}"


def sentences(comparison: Comparison) -> list[str]:
    """What stands below the table: the verdict, the cures, the placebos, the notes, the cost."""
    return [
        f"{headline(comparison)}. {' '.join(verdict(comparison))}",
        *cures(comparison),
        *method_words.looks(comparison),
        *method_words.tests(comparison),
        *placebos(comparison),
        *notes(comparison),
        *method_words.missing(comparison),
    ]


def overall_table(found: Comparisons) -> tuple[list[str], list[list[str]]]:
    """The headings and the rows over all tasks, best first, as text."""
    return overall_words.table(found)


def overall_heading(found: Comparisons) -> str:
    """What was compared, on how many tasks."""
    return f"{len(found.overall)} functions on {len(found.tasks)} tasks: {', '.join(c.task.id for c in found.tasks)}"


def overall_sentences(found: Comparisons) -> list[str]:
    """What stands below the overall table: the verdict, who wins where, the notes."""
    told = f"{overall_words.headline(found)}. {' '.join(overall_words.verdict(found))}"
    return [told, *overall_words.winners(found), *overall_words.notes(found)]


def cost(comparison: Comparison) -> str:
    """The time a training step took, for one network of a stack; the one figure that differs from run to run."""
    times = (f"{row.activation} {_time(row.seconds_per_step)}" for row in comparison.rows)
    return f"Time a step: {', '.join(times)}."


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


def text(comparison: Comparison) -> str:
    """The comparison as plain text."""
    return "\n".join([heading(comparison), "", *_aligned(*table(comparison)), "", *sentences(comparison)])


def overall_text(found: Comparisons) -> str:
    """Several tasks as plain text."""
    aligned = _aligned(*overall_table(found))
    return "\n".join([overall_heading(found), "", *aligned, "", *overall_sentences(found)])


def _aligned(headings: list[str], rows: list[list[str]]) -> list[str]:
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return ["  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]


class Bar:
    """A progress bar with the time left, on standard error; silent where that is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("Training"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("trials ·"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: Any = None

    def start(self, total: int, left: int, seconds: float) -> None:
        """There are `total` trials to come by, `left` of them to be trained, which takes about so many seconds."""
        if left:
            print(f"{told(seconds)} more on this machine: {left:,} trials", file=sys.stderr)
        self._task = self._progress.add_task("", total=total)

    def advance(self, count: int, reused: bool) -> None:
        """`count` more are there; those from the store do not count for the speed."""
        if reused:
            self._progress.reset(self._task, completed=int(self._progress.tasks[0].completed) + count)
        else:
            self._progress.advance(self._task, count)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        sys.stderr.flush()
