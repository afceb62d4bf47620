"""Studies in words: verdicts, statements with their numbers, lists."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rheobase.printing import figure
from rheobase.study.claims import Statement, Study
from rheobase.study.judging import Judged
from rheobase.study.library import Finding

MARKS = {"reproduced": "✓", "refuted": "✗", "undecided": "?"}


def finding(found: Finding) -> list[str]:
    """A study with its verdict, line by line."""
    study = found.study
    head = f"{found.verdict.upper()}  {study.title}"
    lines = [head, f"  {study.claim}", f"  Source: {study.source}"]
    lines += [f"  {MARKS[one.verdict]} {one.statement.says}: {number(one)} (said: {side(one)})" for one in found.judged]
    if study.notes:
        lines.append(f"  {study.notes}")
    return lines


def question(study: Study) -> list[str]:
    """A study that has not been run, line by line."""
    lines = [study.title, f"  {study.claim}", f"  Source: {study.source}"]
    return lines + [f"  · {said.says} ({said.measure}: {_side(said)})" for said in study.statement]


def number(one: Judged) -> str:
    """The estimate with its interval and unit.

    >>> from rheobase.study.claims import Statement
    >>> from rheobase.study.statistics import Interval
    >>> said = Statement(says="", of="relu", at_least=0.0)
    >>> number(Judged(said, Interval(0.5, 0.25, 0.75), "points", "reproduced"))
    '0.5 points, 0.25 to 0.75'
    """
    i = one.interval
    if math.isnan(i.estimate):
        return "no number"
    return f"{figure(i.estimate)} {one.unit}, {figure(i.low)} to {figure(i.high)}"


def side(one: Judged) -> str:
    """Where it should lie."""
    return _side(one.statement)


def _side(said: Statement) -> str:
    if said.at_least is not None:
        return f"at least {figure(said.at_least)}"
    return f"at most {figure(said.at_most or 0.0)}"


def summary(found: Sequence[Finding]) -> str:
    """How many are reproduced, refuted and undecided."""
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in MARKS}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())


def listing(studies: Sequence[Study], found: Sequence[Finding | None]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of a list of studies."""
    headings = ["study", "verdict", "functions", "tasks", "seeds", "title"]
    rows = [
        [
            study.id,
            "not run" if one is None else one.verdict,
            str(len(study.functions)),
            ", ".join(name.rpartition("/")[2] for name in study.on),
            str(study.seeds),
            study.title,
        ]
        for study, one in zip(studies, found, strict=True)
    ]
    return headings, rows
