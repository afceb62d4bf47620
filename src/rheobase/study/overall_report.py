"""The page over several tasks: leader board, ranks, task by task, quality against cost, every number to take along."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from markupsafe import Markup

from rheobase.study import method_words, overall_words, show, words
from rheobase.study.charts import Curve, Scale, axis, frame, scale, track
from rheobase.study.diagrams import pareto, ranks, scatter
from rheobase.study.frames import csv_text, downloads
from rheobase.study.overall import Comparisons, Overall, share
from rheobase.study.result import PLACEBO, Comparison, Row


def context(found: Comparisons) -> dict[str, Any]:
    """What the template shows."""
    first = found.tasks[0]
    seeds = sorted({len(row.outcomes) for c in found.tasks for row in c.rows})
    return {
        "found": found,
        "headline": overall_words.headline(found),
        "sentences": overall_words.verdict(found),
        "remarks": overall_words.notes(found),
        "seeds": str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}",
        "trials": f"{found.reused + found.trained:,}",
        "figures": _figures(found),
        "ranks": _ranks(found),
        "cells": _cells(found),
        "costs": _costs(found),
        "parts": [_part(c) for c in found.tasks],
        "downloads": _downloads(found),
        "table": overall_words.table(found),
        "tuning": method_words.tuning(first),
        "versions": first.versions,
    }


def _style(row: Overall, found: Comparisons) -> str:
    if row.activation == found.leader:
        return "leader"
    return "better" if row.improvement.low > 0.5 else "worse" if row.improvement.high < 0.5 else "same"


def _figures(found: Comparisons) -> list[dict[str, Any]]:
    """The leader board, and the probability of being better than the leader."""
    rows = found.overall
    if not rows:
        return []
    per = {r.activation: _shares(found, r.activation) for r in rows}
    own = scale([100 * v for r in rows for v in (*per[r.activation], r.mean.low, r.mean.high)])
    better = Scale(-3, 103)
    board, chances = [], []
    for r in rows:
        says, k = overall_words.percent(r.mean.estimate), 100
        m = r.mean
        mark = track(own, k * m.estimate, k * m.low, k * m.high, [k * s for s in per[r.activation]], describe=says)
        span = f"{k * m.low:.1f} to {k * m.high:.1f}"
        board.append((r.activation, _style(r, found), Markup(mark), says, span))
        if r.activation != found.leader:
            i = r.improvement
            says = overall_words.percent(i.estimate)
            mark = track(better, k * i.estimate, k * i.low, k * i.high, zero=50.0, describe=says)
            span = f"{k * i.low:.0f} to {k * i.high:.0f}"
            chances.append((r.activation, _style(r, found), Markup(mark), says, span))
    figures = [
        {
            "title": "Over all tasks",
            "about": "Mean share of the way to each task's leader, with 95 % interval; every dot is a task.",
            "rows": board,
            "axis": Markup(axis(own)),
            "unit": "% of the way from having learned nothing to the leader",
        }
    ]
    if chances:
        figures.append(
            {
                "title": f"How often better than {found.leader}",
                "about": "Of two runs on a task drawn from these: the share in which this function's is better.",
                "rows": chances,
                "axis": Markup(axis(better)),
                "unit": "% of runs",
            }
        )
    return figures


def _told(found: Comparisons) -> list[Comparison]:
    return [c for c in found.tasks if c.task.id not in found.left_out]


def _shares(found: Comparisons, name: str) -> list[float]:
    return [float(share(c.task, c.tables[0].row(name).scores, c.leader.mean).mean()) for c in _told(found)]


def _ranks(found: Comparisons) -> Markup | None:
    if found.ranks is None:
        return None
    names = [row.activation for row in found.overall]
    return Markup(ranks(names, [row.rank for row in found.overall], found.groups, found.critical))


def _cells(found: Comparisons) -> list[dict[str, Any]]:
    """The table of functions by tasks."""
    names = [row.activation for row in found.overall] + list(found.missing)
    best = {c.task.id: max((_mean(c, name) for name in names if _has(c, name)), default=0.0) for c in found.tasks}
    return [{"name": name, "cells": [_cell(c, name, best[c.task.id]) for c in found.tasks]} for name in names]


def _has(comparison: Comparison, name: str) -> bool:
    return any(row.activation == name for row in comparison.rows)


def _mean(comparison: Comparison, name: str) -> float:
    if not comparison.leader.learned:
        return 0.0
    return float(share(comparison.task, comparison.tables[0].row(name).scores, comparison.leader.mean).mean())


def _cell(comparison: Comparison, name: str, best: float) -> dict[str, Any]:
    if not _has(comparison, name):
        return {"share": "–", "note": "not trained", "tint": 0, "best": False}
    row, value = comparison.tables[0].row(name), _mean(comparison, name)
    words_of = {"leader": "leader", "same": "level", "worse": "behind", "better": "better"}
    note = "learns nothing" if not row.learned else words_of[row.standing]
    # Most functions learn most tasks, so the scale of tints begins half-way.
    tint = round(60 * max(0.0, min(1.0, (value - 0.5) / 0.5))) if math.isfinite(value) else 0
    return {"share": overall_words.percent(value), "note": note, "tint": tint, "best": value == best and row.learned}


def _costs(found: Comparisons) -> Markup | None:
    """Quality against the time of a step, both over all tasks."""
    names = [row.activation for row in found.overall]
    told = _told(found)
    if len(names) < 2 or any(r.seconds_per_step <= 0 for c in told for r in c.rows):
        return None
    times = np.array([[c.tables[0].row(name).seconds_per_step for c in told] for name in names])
    relative = np.exp(np.log(times / times.min(axis=0)).mean(axis=1))
    spots = pareto(
        [(r.activation, float(t), 100 * r.mean.estimate) for r, t in zip(found.overall, relative, strict=True)]
    )
    x, y = scale([s.x for s in spots], pad=0.1), scale([s.y for s in spots], pad=0.1)
    return Markup(scatter(spots, x, y, describe="quality against the time of a training step"))


def _part(comparison: Comparison) -> dict[str, Any]:
    """One task: its curves, its differences, its table."""
    metric, leader = comparison.task.metric, comparison.leader
    k = metric.scale
    rivals = [row for row in comparison.rows if row.standing != "leader"]
    found = scale([k * v for row in rivals for v in (row.difference.low, row.difference.high)], include=[0.0])
    forest = []
    for row in rivals:
        d, says = row.difference, words.points(metric, row.difference.estimate, signed=True)
        mark = track(found, k * d.estimate, k * d.low, k * d.high, zero=0.0, unseen=k * row.smallest, describe=says)
        style = "placebo" if row.activation.endswith(PLACEBO) else row.standing
        forest.append((row.activation, style, Markup(mark), says, words.span(metric, d.low, d.high)))
    headings, rows = show.table(comparison)
    return {
        "c": comparison,
        "headline": words.headline(comparison),
        "says": " ".join([*words.verdict(comparison), *method_words.tests(comparison), *words.notes(comparison)]),
        "curves": Markup(_curves(comparison, leader)),
        "forest": forest,
        "axis": Markup(axis(found)),
        "unit": f"{'points' if metric.unit == '%' else metric.unit} of {metric.name}",
        "headings": headings,
        "rows": rows,
        "stable": method_words.stable(comparison),
    }


def _curves(comparison: Comparison, leader: Row) -> str:
    k = comparison.task.metric.scale
    drawn = [
        (row, np.mean([o.curve for o in row.outcomes], axis=0) * k) for row in comparison.rows if row.outcomes[0].curve
    ]
    if not drawn:
        return ""
    ends = np.concatenate([curve for _, curve in drawn])
    finite = ends[np.isfinite(ends)]
    # The first steps and what exploded would leave the part that differs no room.
    low, high = (
        float(v) for v in np.quantile(finite, [0.05, 1.0] if comparison.task.metric.higher_is_better else [0.0, 0.95])
    )
    x = np.linspace(0, 100, len(drawn[0][1]) + 1)[1:]
    others = [Curve(x, curve, "other") for row, curve in drawn if row is not leader]
    own = [Curve(x, curve, "own", row.activation) for row, curve in drawn if row is leader]
    marks = [(0.0, "0"), (50.0, "50"), (100.0, "100 %")]
    return frame([*others, *own], Scale(0, 100), scale([low, high], pad=0.08), height=190, x_ticks=marks)


def _downloads(found: Comparisons) -> list[tuple[str, str]]:
    """Files inside the page: rows and overall as CSV, everything as JSON."""
    overall = [row.to_dict() for row in found.overall]
    columns = {name: [row[name] for row in overall] for name in (overall[0] if overall else {})}
    files = {"rows.csv": csv_text(found.columns()), "overall.csv": csv_text(columns)}
    return downloads(files | {"everything.json": found.to_dict()})
