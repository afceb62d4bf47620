"""The page: one self-contained HTML file, every number and curve of it taken from the rows."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from rheobase.errors import RheobaseError
from rheobase.study import method_words, words
from rheobase.study.charts import Curve, Scale, axis, frame, scale, track
from rheobase.study.frames import csv_text, downloads
from rheobase.study.overall import Comparisons
from rheobase.study.result import Comparison, Row, Table

SHAPE = 5.0
"""Functions are drawn from -5 to 5, up and down as well: pre-activations of trained networks rarely leave that."""


def write(comparison: Comparison | Comparisons, path: Path) -> Path:
    """Write the page, whole or not at all, and return its path.

    Raises:
        RheobaseError: the folder is not there or cannot be written to.
    """
    return write_text(page(comparison), path)


def write_text(text: str, path: Path) -> Path:
    """Write a page, whole or not at all, and return its path.

    Raises:
        RheobaseError: the folder is not there or cannot be written to.
    """
    writable(path)
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        os.replace(file.name, path)  # noqa: PTH105 (atomic on every system)
    except OSError as error:
        raise RheobaseError(
            f"the report cannot be written to {str(path)!r}: {error.strerror}",
            instead="--report with a path you may write to; the trainings are kept",
        ) from error
    return path


def writable(path: Path) -> None:
    """Refuse a path that no page can be written to, before anything is trained.

    Raises:
        RheobaseError: the folder is not there, or the path is a folder itself.
    """
    if path.is_dir() or not path.parent.is_dir():
        what = f"{str(path)!r} is a folder" if path.is_dir() else f"there is no folder {str(path.parent)!r}"
        raise RheobaseError(f"the report has nowhere to go: {what}", instead="--report report.html")


def template(name: str) -> Template:
    """One of the page templates that lie beside this file."""
    environment = Environment(
        loader=PackageLoader("rheobase.study", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def today() -> str:
    """The day, as pages show it."""
    return datetime.now(UTC).strftime("%-d %B %Y")


def page(comparison: Comparison | Comparisons) -> str:
    """The page's text."""
    if isinstance(comparison, Comparisons):
        from rheobase.study.overall_report import context

        return template("overall.html.j2").render(made=today(), **context(comparison))
    several = len(comparison.tables) > 1
    return template("report.html.j2").render(
        c=comparison,
        task=comparison.task,
        metric=comparison.task.metric,
        words=words,
        several=several,
        headline=words.headline(comparison),
        sentences=_lead(comparison),
        remarks=[
            *method_words.looks(comparison),
            *method_words.tests(comparison),
            *words.placebos(comparison),
            *words.notes(comparison),
            *method_words.missing(comparison),
        ],
        tuning=method_words.tuning(comparison),
        stable=method_words.stable(comparison),
        evidence=comparison.evidence,
        downloads=downloads({"rows.csv": csv_text(comparison.columns()), "everything.json": comparison.to_dict()}),
        figures=[] if several else _intervals(comparison),
        cards=[_card(comparison, row) for row in comparison.rows],
        state=lambda row: words.state(comparison, row),
        tint=lambda row: _tint(comparison, row),
        score=lambda value, decimals=None: words.score(comparison.task.metric, value, decimals),
        points=lambda value: words.points(comparison.task.metric, value, signed=True),
        span=lambda low, high, decimals=None: words.span(comparison.task.metric, low, high, decimals),
        time=_time,
        made=today(),
    )


def _lead(comparison: Comparison) -> list[str]:
    if len(comparison.tables) == 1:
        return words.verdict(comparison)
    # More functions than a reader would take in one by one are told by initialisation; their cards tell the rest.
    return words.cures(comparison) if len(comparison.rows) < 5 else words.cured_by(comparison)


def _intervals(comparison: Comparison) -> list[dict[str, Any]]:
    """Two interval plots: the scores, and the differences to the leader."""
    metric, rows = comparison.task.metric, comparison.rows
    k = metric.scale
    own = scale([k * v for row in rows for v in (*row.scores, row.low, row.high)])
    found = scale([k * v for row in rows for v in (row.difference.low, row.difference.high)], include=[0.0])
    scores, differences = [], []
    for row in rows:
        says = words.score(metric, row.mean)
        mark = track(own, k * row.mean, k * row.low, k * row.high, [k * s for s in row.scores], describe=says)
        scores.append((row, Markup(mark), says, words.span(metric, row.low, row.high)))
        if row.standing == "leader":
            continue
        d = row.difference
        says = words.points(metric, d.estimate, signed=True)
        mark = track(found, k * d.estimate, k * d.low, k * d.high, zero=0.0, unseen=k * row.smallest, describe=says)
        differences.append((row, Markup(mark), says, words.span(metric, d.low, d.high)))
    unit = f"{metric.name}, {metric.unit}"
    behind = "points" if metric.unit == "%" else metric.unit
    figures = [
        {
            "title": metric.name[0].upper() + metric.name[1:],
            "about": f"Mean and 95 % interval over {comparison.seeds} seeds; every dot is one training.",
            "rows": scores,
            "axis": Markup(axis(own)),
            "unit": unit,
        }
    ]
    if differences:
        figures.append(
            {
                "title": f"Difference to {comparison.leader.activation}",
                "about": "Paired by seed, with 95 % interval. What lies inside the pale band would mostly go unseen.",
                "rows": differences,
                "axis": Markup(axis(found)),
                "unit": f"{behind} of {metric.name}",
            }
        )
    return figures


def _card(comparison: Comparison, row: Row) -> dict[str, Any]:
    """One function: its shape, how it learns, and how far the gradient reaches where that was measured."""
    several = len(comparison.tables) > 1
    tables = comparison.tables if several else comparison.tables[:1]
    gradients = [(t.init, t.row(row.activation).outcomes) for t in tables]
    measured = all(o.gradients for _, outcomes in gradients for o in outcomes)
    return {
        "row": row,
        "formula": _formula(comparison, row),
        "cure": words.cure(comparison, row) if several and len(comparison.rows) > 4 else "",
        "shape": Markup(_shape(comparison, row)),
        "learning": Markup(_learning(comparison, row, tables if several else ())),
        "gradient": Markup(_reach(comparison, row)) if measured else None,
    }


def _formula(comparison: Comparison, row: Row) -> str:
    values = comparison.activations[row.activation].parameters.items()
    return "; ".join([row.formula, *(f"{name} = {p.default:g}" for name, p in values)])


def _shape(comparison: Comparison, row: Row) -> str:
    activation = comparison.activations[row.activation]
    x = np.linspace(-SHAPE, SHAPE, 361)
    y, slope = activation.numpy(x), activation.derivative().numpy(x)
    bottom, top = (float(v) for v in (np.nanmin(y), np.nanmax(y)))
    y_scale = Scale(min(-1.2, max(bottom, -SHAPE) * 1.08), max(1.2, min(top, SHAPE) * 1.08))
    jump = np.abs(np.diff(y, append=y[-1])) > 0.5 * (y_scale.high - y_scale.low)
    curves = [Curve(x, slope, "slope"), Curve(x, np.where(jump, np.nan, y), "own")]
    return frame(curves, Scale(-SHAPE, SHAPE), y_scale, height=130, describe=f"the shape of {row.activation}")


def _learning(comparison: Comparison, row: Row, tables: Sequence[Table]) -> str:
    """Mean validation score over the training: this function's line over the others', or one line an initialisation."""
    k, describe = comparison.task.metric.scale, f"validation score of {row.activation} during training"
    everyone = [_curve(r) * k for t in comparison.tables for r in t.rows]
    ends = np.concatenate(everyone)
    # The first steps, the same climb for all, would leave the part that differs no room.
    low = float(np.nanquantile(ends, 0.0 if tables else 0.12))
    y = scale([low, float(np.nanmax(ends))], pad=0.08)
    x = np.linspace(0, 100, len(everyone[0]) + 1)[1:]
    if tables:
        curves = [Curve(x, _curve(t.row(row.activation)) * k, f"init-{i}", t.init) for i, t in enumerate(tables)]
    else:
        others = [Curve(x, c, "other") for r, c in zip(comparison.rows, everyone, strict=True) if r is not row]
        curves = [*others, Curve(x, _curve(row) * k, "own")]
    marks = [(0.0, "0"), (50.0, "50"), (100.0, "100 %")]
    return frame(curves, Scale(0, 100), y, height=130, x_ticks=marks, describe=describe)


def _curve(row: Row) -> np.ndarray:
    return np.mean([o.curve for o in row.outcomes], axis=0)


def _reach(comparison: Comparison, row: Row) -> str:
    """The gradient's norm by layer at the start, from the output back to the input, one line an initialisation."""
    lines = [_norms(t.row(row.activation)) for t in comparison.tables]
    every = np.concatenate([_norms(r) for t in comparison.tables for r in t.rows])
    finite = every[np.isfinite(every)]
    y = scale([float(v) for v in finite], pad=0.04, include=[0.0])
    layers = len(lines[0])
    curves = [
        Curve(np.arange(layers), line[::-1], f"init-{i}", t.init)
        for i, (line, t) in enumerate(zip(lines, comparison.tables, strict=True))
    ]
    step = 10 * max(1, math.ceil((y.high - y.low) / 50))
    powers = range(math.ceil(y.low / step) * step, math.floor(y.high) + 1, step)
    marks = [(float(p), "10" + str(p).translate(words.SUPERSCRIPTS) if p else "1") for p in powers]
    across = [(0.0, "output"), (float(layers - 1), "input")]
    describe = f"gradient by layer of {row.activation}"
    return frame(curves, Scale(0, layers - 1), y, height=170, x_ticks=across, y_ticks=marks, describe=describe)


def _norms(row: Row) -> np.ndarray:
    norms = np.array([o.gradients for o in row.outcomes])
    with np.errstate(divide="ignore"):
        logs = np.log10(norms).mean(axis=0)
    return np.where(np.isfinite(logs), logs, np.nan)


def _tint(comparison: Comparison, row: Row) -> int:
    """How strongly a cell of the table of initialisations is coloured, in per cent."""
    floor = comparison.task.metric.floor
    best = 2 * words.halfway(comparison) - floor
    return round(max(0.0, min(1.0, (row.mean - floor) / (best - floor))) * 60) if best != floor else 0


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"
