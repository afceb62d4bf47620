"""Committed results of studies and of the long comparison by function, as the pages show them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from rheobase.errors import RheobaseError
from rheobase.story.results import comparison, studies
from rheobase.study.result import PLACEBO


class Evidence(NamedTuple):
    """One row of a committed table that is about a function."""

    study: str
    title: str
    place: str
    """The task, and in brackets where it is not the default: the initialisation, or how functions were combined."""
    row: dict[str, Any]
    leads: bool


@cache
def evidence() -> dict[str, list[Evidence]]:
    """Every row of every committed table, by the id of its function."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for study in studies().values():
        for task, tables in study["tables"].items():
            for init, rows in tables.items():
                place = task if init == "default" else f"{task} ({init})"
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
