"""The page of the studies: each claim with its verdict, every statement as an interval and the side it should be on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from rheobase.study import claims_words as words
from rheobase.study.charts import Scale, scale, track
from rheobase.study.judging import Judged
from rheobase.study.library import Finding
from rheobase.study.report import template, today, write_text
from rheobase.study.spec import Metric
from rheobase.study.words import points, score, span


def write(found: Sequence[Finding], path: Path) -> Path:
    """Write the page, whole or not at all, and return its path.

    Raises:
        RheobaseError: the folder is not there or cannot be written to.
    """
    text = template("claims.html.j2").render(
        made=today(),
        summary=words.summary(found).capitalize(),
        parts=[{"f": one, "lines": [_line(j) for j in one.judged], "tables": _tables(one)} for one in found],
        versions=found[0].versions,
    )
    return write_text(text, path)


def _line(one: Judged) -> dict[str, Any]:
    """A statement as a row: the interval, and the side on which it should lie, shaded."""
    i, said = one.interval, one.statement
    number, _, interval = words.number(one).partition(", ")
    finite = [v for v in (i.estimate, i.low, i.high) if math.isfinite(v)]
    limit = said.at_least if said.at_least is not None else said.at_most or 0.0
    across = scale(finite, pad=0.25, include=[limit])
    mark = "" if not finite else track(across, i.estimate, max(i.low, across.low), min(i.high, across.high), zero=limit)
    return {
        "says": said.says,
        "side": words.side(one),
        "unit": one.unit,
        "verdict": one.verdict,
        "mark": Markup(mark.replace("</svg>", _shade(across, limit, said.at_least is not None) + "</svg>")),
        "number": number,
        "span": interval,
    }


def _shade(across: Scale, limit: float, upwards: bool) -> str:
    at = across(limit)
    left, width = (at, 100 - at) if upwards else (0.0, at)
    return f'<rect class="side" x="{left:.2f}%" width="{max(width, 0.0):.2f}%" y="0" height="100%"/>'


def _tables(found: Finding) -> list[tuple[Any, str, list[str], list[list[str]]]]:
    out = []
    for task, tables in found.results.values():
        headings = ["function", "mean", "95 % interval", "to the leader", *task.measures.values(), "rate", "diverged"]
        for init, table in tables.items():
            rows = [_cells(task.metric, row, list(task.measures)) for row in table.rows]
            out.append((task, init, headings, rows))
    return out


def _cells(metric: Metric, row: Any, measures: Sequence[str]) -> list[str]:
    leads = row.standing == "leader"
    return [
        row.activation,
        score(metric, row.mean),
        span(metric, row.low, row.high),
        "leader" if leads else points(metric, row.difference.estimate, signed=True),
        *(score(metric, row.measure(name)) for name in measures),
        f"{row.learning_rate:g}",
        str(row.diverged) if row.diverged else "–",
    ]
