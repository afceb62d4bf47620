"""Tables of the long run for the documentation, from benchmarks/results/long.json, which benchmarks/long.py wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks/results/long.json"
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
    """A line a task: its leader, who is not told from it, and what ReLU loses."""
    rows = [
        "| task | measured | leader (95 %) | not told from it | pass Holm | practically alike | ReLU is behind by |"
    ]
    rows.append("|---|---|---|---|---:|---:|---|")
    for one in _found()["tasks"]:
        best = next(r for r in one["rows"] if r["activation"] == one["study"]["reference"])
        level = [
            r["activation"] for r in one["rows"] if r is not best and r["difference_low"] <= 0 <= r["difference_high"]
        ]
        names = ", ".join(f"`{name}`" for name in level[:FEW]) + (
            f" and {len(level) - FEW} more" if level[FEW:] else ""
        )
        evidence = one["study"]["evidence"].values()
        told = sum(e["p_holm"] < 0.05 for e in evidence)
        alike = sum(e["practically"] == "same" for e in evidence)
        leader = f"`{best['activation']}` {_interval(best['mean'], best['low'], best['high'])}"
        cells = (f"`{one['task']}`", one["metric"], leader, names, str(told), str(alike), _behind(one, "relu"))
        rows.append("| " + " | ".join(cells) + " |")
    return _minus("\n".join(rows)) + "\n"


def _behind(task: dict[str, Any], name: str) -> str:
    row = next(r for r in task["rows"] if r["activation"] == name)
    ends = sorted(abs(row[end]) if row["difference"] else 0.0 for end in ("difference_low", "difference_high"))
    if not row["difference"]:
        return "it leads"
    if row["difference_low"] <= 0 <= row["difference_high"]:
        return f"not told ({_number(row['difference_low'])} to {_number(row['difference_high'])})"
    return _interval(abs(row["difference"]), *ends)


def _learned(found: dict[str, Any]) -> int:
    return len(found["tasks"]) - len(found["study"]["left_out"])


def _interval(mean: float, low: float, high: float) -> str:
    return f"{_number(mean)} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    return f"{value:.4g}"


def _minus(text: str) -> str:
    return re.sub(r"(?<![\w|-])-(?=\d)", "−", text)


def _found() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8"))
