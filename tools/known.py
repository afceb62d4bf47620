"""Write src/rheobase/study/known.json: what committed comparisons found, for `rheobase recommend`.

python tools/known.py            from benchmarks/results/long.json, else from studies.json
python tools/known.py FILE       from another result of `rheobase compare … --json` or `rheobase study run … --json`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rheobase.study.known import Known, Measured
from rheobase.study.spec import Task
from rheobase.study.tasks import tasks

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results"
TARGET = ROOT / "src/rheobase/study/known.json"


def tables(found: Any) -> Iterator[tuple[str, Sequence[dict[str, Any]]]]:
    """Tasks and their rows at the default initialisation, from a result of `compare` or of `study run`."""
    if isinstance(found, dict):
        for one in found.get("tasks", [found]):
            yield one["task"], one["rows"]
        return
    for study in found:
        for task, by_init in study["tables"].items():
            if "default" in by_init:
                yield task, by_init["default"]


def measured(task: Task, rows: Sequence[dict[str, Any]]) -> Measured:
    """The rows of a task as shares of the way from its floor to its best function, in %."""
    floor = task.metric.floor
    sign = 1 if task.metric.higher_is_better else -1
    best = max((row["mean"] for row in rows), key=lambda mean: sign * mean)

    def share(value: float) -> float:
        return round(100 * (value - floor) / (best - floor), 2)

    shares = {r["activation"]: sorted((share(r["mean"]), share(r["low"]), share(r["high"]))) for r in rows}
    ordered = {name: (middle, low, high) for name, (low, middle, high) in shares.items()}
    return Measured(task.id, task.domain, task.metric.name, min(row["n"] for row in rows), ordered)


def main(arguments: Sequence[str]) -> None:
    """Write the file."""
    long = RESULTS / "long.json"
    path = Path(arguments[0]) if arguments else long if long.exists() else RESULTS / "studies.json"
    found: dict[str, Measured] = {}
    for name, rows in tables(json.loads(path.read_text())):
        one = tasks().get(name)
        if one and (name not in found or len(rows) > len(found[name].shares)):
            sign = 1 if one.metric.higher_is_better else -1
            if max(sign * (row["mean"] - one.metric.floor) for row in rows) > 0:  # else nothing learned it
                found[name] = measured(one, rows)
    text = msgspec.json.format(msgspec.json.encode(Known(tuple(found.values()), path.name)), indent=1)
    TARGET.write_bytes(text + b"\n")
    print(f"{TARGET.relative_to(ROOT)}: {len(found)} tasks, from {path.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
