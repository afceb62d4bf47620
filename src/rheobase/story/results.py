"""What was measured and comes with this version: the ready studies, the long comparison, and what functions cost."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PLACES = (Path(__file__).parent, Path(__file__).parents[3] / "benchmarks" / "results")
"""In the installed package, and in a checkout."""
STUDIES, COMPARISON, COSTS = FILES = ("studies.json", "long.json", "steps.csv")


@cache
def studies() -> dict[str, dict[str, Any]]:
    """The findings of the ready studies, as `rheobase study run --json` wrote them, by id."""
    return {one["id"]: one for one in _read(STUDIES) or []}


@cache
def comparison() -> dict[str, Any] | None:
    """The long comparison over several tasks, as `rheobase compare --json` wrote it; None where there is none."""
    return _read(COMPARISON)


class Cost(NamedTuple):
    """The time of a function over another's, measured in turn: the median of the rounds, and their middle half."""

    what: str
    reference: str
    ratio: float
    low: float
    high: float
    rounds: int


@cache
def costs() -> dict[str, list[Cost]]:
    """What each function costs beside ReLU, as `benchmarks/steps.py` measured it, by id."""
    path = _find(COSTS)
    if path is None:
        return {}
    found: dict[str, list[Cost]] = {}
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines):
        ratio, low, high = (float(row[key]) for key in ("ratio", "low", "high"))
        cost = Cost(row["what"], row["reference"], ratio, low, high, int(row["rounds"]))
        found.setdefault(row["contender"], []).append(cost)
    return found


def files() -> list[Path]:
    """The files that all of this is read from."""
    return [path for path in map(_find, FILES) if path is not None]


def _find(name: str) -> Path | None:
    return next((folder / name for folder in PLACES if (folder / name).is_file()), None)


def _read(name: str) -> Any:
    path = _find(name)
    return None if path is None else json.loads(path.read_text(encoding="utf-8"))
