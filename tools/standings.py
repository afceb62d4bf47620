"""Tables of the long run for the documentation, from benchmarks/results/long.json, which benchmarks/long.py wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rheobase.study.tasks import tasks

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks/results/long.json"
Ends = tuple[float, float, float]
"""A number with the ends of its interval."""
FEW = 6
"""So many names stand in a cell, the others are counted."""


def standings(many: str = "50") -> str:
    """The functions over all tasks, the best `many` of them."""
    found = _found()
    rows = ["| | function | share of the leaders (95 %) | mean rank | best on | behind on | diverged |"]
    rows.append("|---:|---|---|---:|---:|---:|---:|")
    for place, one in enumerate(found["overall"][: int(many)], 1):
        share = f"{100 * one['mean']:.1f} % ({100 * one['low']:.1f} to {100 * one['high']:.1f})"
        ends = f"{one['rank']:.1f} | {one['wins'] or ''} | {one['behind'] or ''} | {one['diverged'] or ''}"
        rows.append(f"| {place} | `{one['activation']}` | {share} | {ends} |")
    study = found["study"]
    rows += [
        "",
        f"{len(found['overall'])} functions, {_learned(found)} tasks; Friedman's p {study['friedman_p']:.1g}; ",
    ]
    rows[-1] += f"ranks {study['critical_difference']:.1f} apart are told from each other (Nemenyi)."
    return _minus("\n".join(rows)) + "\n"


def by_task() -> str:
    """A line a task: its leader, who is level with it or better on test data, and what ReLU loses."""
    rows = ["| task | measured | leader (95 %) | not told from it | better on test data | pass Holm | alike | ReLU |"]
    rows.append("|---|---|---|---|---|---:|---:|---|")
    for one in _found()["tasks"]:
        best = next(r for r in one["rows"] if r["activation"] == one["study"]["reference"])
        lost = {r["activation"]: _lost(one["task"], r) for r in one["rows"] if r is not best}
        level, better = (_names(n for n, ends in lost.items() if _sign(ends) == sign) for sign in (0, -1))
        evidence = one["study"]["evidence"].values()
        told = sum(e["p_holm"] < 0.05 for e in evidence)
        alike = sum(e["practically"] == "same" for e in evidence)
        leader = f"`{best['activation']}` {_interval((best['mean'], best['low'], best['high']))}"
        cells = (f"`{one['task']}`", one["metric"], leader, level, better, str(told), str(alike), _of(lost, "relu"))
        rows.append("| " + " | ".join(cells) + " |")
    return _minus("\n".join(rows)) + "\n"


def _names(given: Iterable[str]) -> str:
    names = list(given)
    told = ", ".join(f"`{name}`" for name in names[:FEW])
    return f"{told} and {len(names) - FEW} more" if names[FEW:] else told


def _lost(task: str, row: dict[str, Any]) -> Ends:
    """How much worse than the leader, whichever way is better, with its interval."""
    ends = row["difference"], row["difference_low"], row["difference_high"]
    return (0 - ends[0], 0 - ends[2], 0 - ends[1]) if tasks()[task].metric.higher_is_better else ends


def _sign(ends: Ends) -> int:
    return 1 if ends[1] > 0 else -1 if ends[2] < 0 else 0


def _of(lost: dict[str, Ends], name: str) -> str:
    if name not in lost:
        return "leads"
    middle, low, high = lost[name]
    if _sign(lost[name]) < 0:
        return f"ahead by {_interval((-middle, -high, -low))}"
    return f"{'behind by' if _sign(lost[name]) else 'not told:'} {_interval(lost[name])}"


def _learned(found: dict[str, Any]) -> int:
    return len(found["tasks"]) - len(found["study"]["left_out"])


def _interval(ends: Ends) -> str:
    mean, low, high = map(_number, ends)
    return f"{mean} ({low} to {high})"


def _number(value: float) -> str:
    return f"{value:.4g}"


def _minus(text: str) -> str:
    return re.sub(r"(?<![\w|-])-(?=\d)", "−", text)


def _found() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8"))
