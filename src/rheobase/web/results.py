"""Committed results of studies as the pages show them: claims with their verdicts, and the long comparison."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rheobase.errors import RheobaseError
from rheobase.study.result import PLACEBO

PLACES = (Path(__file__).parents[1] / "story", Path(__file__).parents[3] / "benchmarks" / "results")
"""In the installed package, and in a checkout."""


class Evidence(NamedTuple):
    """One row of a committed table that is about a function."""

    study: str
    title: str
    place: str
    """The task, and the initialisation where it is not the default."""
    row: dict[str, Any]
    leads: bool


def read(name: str) -> Any:
    """A committed file of results; None where there is none."""
    path = next((folder / name for folder in PLACES if (folder / name).is_file()), None)
    return None if path is None else json.loads(path.read_text(encoding="utf-8"))


@cache
def studies() -> list[dict[str, Any]]:
    """The ready studies with their verdicts, as `rheobase study run --json` wrote them."""
    return read("studies.json") or []


@cache
def comparison() -> dict[str, Any] | None:
    """The long comparison over several tasks, as `rheobase compare --json` wrote it."""
    found = read("long.json")
    return found if found and found.get("tasks") else None


@cache
def evidence() -> dict[str, list[Evidence]]:
    """Every row of every committed table, by the id of its function."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for study in studies():
        for task, tables in study["tables"].items():
            for init, rows in tables.items():
                place = task if init == "default" else f"{task}, initialisation {init}"
                _add(found, study["id"], study["title"], place, rows)
    for task in (comparison() or {}).get("tasks", []):
        _add(found, "long", "The long comparison", task["task"], task["rows"])
    return found


def _add(found: dict[str, list[Evidence]], study: str, title: str, place: str, rows: list[dict[str, Any]]) -> None:
    leader = next((row["activation"] for row in rows if row["difference"] == row["difference_low"] == 0), None)
    for row in rows:
        if (name := id_of(row["activation"])) is not None:
            found[name].append(Evidence(study, title, place, row, row["activation"] == leader))


@cache
def id_of(label: str) -> str | None:
    """The id in the catalogue that a row's label names; None for a formula and for a placebo.

    >>> id_of("swish:beta=1.5"), id_of("x*tanh(x)"), id_of("relu (placebo)")
    ('swish', None, None)
    """
    from rheobase.catalogue import get

    if label.endswith(PLACEBO):
        return None
    try:
        return get(label).id
    except RheobaseError:
        return None
