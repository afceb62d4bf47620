"""What was measured and comes with this version: the ready studies, and the long comparison over many tasks."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PLACES = (Path(__file__).parent, Path(__file__).parents[3] / "benchmarks" / "results")
"""In the installed package, and in a checkout."""


@cache
def studies() -> dict[str, dict[str, Any]]:
    """The findings of the ready studies, as `rheobase study run --json` wrote them, by id."""
    return {one["id"]: one for one in _read("studies.json") or []}


@cache
def comparison() -> dict[str, Any] | None:
    """The long comparison over several tasks, as `rheobase compare --json` wrote it; None where there is none."""
    return _read("long.json")


def _read(name: str) -> Any:
    path = next((folder / name for folder in PLACES if (folder / name).is_file()), None)
    return None if path is None else json.loads(path.read_text(encoding="utf-8"))
