"""Results as plain data: for JSON, for CSV, for data frames."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rheobase.errors import RheobaseError

if TYPE_CHECKING:
    from rheobase.study.result import Comparison


class Tabular:
    """A result whose rows become columns, a data frame, a CSV file."""

    def columns(self) -> dict[str, list[Any]]:
        """The rows as columns, a list a name: what a data frame is made from."""
        return columns(self._comparisons())

    @abstractmethod
    def _comparisons(self) -> Sequence[Comparison]:
        """Those whose rows they are."""

    def to_frame(self) -> Any:
        """The rows as a pandas DataFrame.

        Raises:
            RheobaseError: pandas is not installed.
        """
        return frame(self.columns())

    def to_csv(self, path: str | Path) -> Path:
        """Write the rows as CSV, and return the path.

        Raises:
            RheobaseError: the file cannot be written.
        """
        return write_csv(self.columns(), Path(path))


def described(comparison: Comparison) -> dict[str, Any]:
    """How a comparison was made and what more it found: the part `study` of its JSON."""
    tables = {
        table.init: {
            row.activation: {"mean": row.mean, "low": row.low, "high": row.high, "diverged": row.diverged}
            | {name: row.measure(name) for name in comparison.task.measures}
            for row in table.rows
        }
        for table in comparison.tables
    }
    rows = comparison.rows
    looks = comparison.looks
    return {
        "id": comparison.study,
        "command": comparison.command,
        "seeds": comparison.seeds,
        "init": comparison.init,
        "reference": comparison.leader.activation,
        "smallest_difference": {row.activation: row.smallest for row in rows if row.standing != "leader"},
        "placebos": {
            name: {"difference": i.estimate, "difference_low": i.low, "difference_high": i.high}
            for name, i in comparison.placebos.items()
        },
        "inits": tables,
        "tuning": {"way": comparison.tuning, "trials_a_function": max(len(row.tried) for row in rows)},
        "chosen_inits": {row.activation: row.chosen for row in rows if row.chosen},
        "looks": None if looks is None else {"seeds": looks.schedule.seeds, "margin_points": looks.points},
        "margin_points": comparison.margin,
        "evidence": {name: found.to_dict() for name, found in comparison.evidence.items()},
        "stability": {name: found.to_dict() for name, found in comparison.stability.items()},
        "failed": dict(comparison.failed),
        "cut": list(comparison.cut),
        "versions": dict(comparison.versions),
    }


def columns(comparisons: Sequence[Comparison]) -> dict[str, list[Any]]:
    """The rows of one or more comparisons as columns; every initialisation measured is there."""
    found: list[dict[str, Any]] = []
    for comparison in comparisons:
        tests, stable = comparison.evidence, comparison.stability
        for table in comparison.tables:
            for row in table.rows:
                first = table is comparison.tables[0]
                more = tests[row.activation].to_dict() if first and row.activation in tests else {}
                more |= stable[row.activation].to_dict() if first else {}
                head = {"task": comparison.task.id, "metric": comparison.task.metric.name, "init": row.init}
                found.append(head | row.to_dict() | {"formula": row.formula, "standing": row.standing} | more)
    names = list(dict.fromkeys(name for row in found for name in row))
    return {name: [row.get(name) for row in found] for name in names}


def frame(data: Mapping[str, list[Any]]) -> Any:
    """A pandas DataFrame.

    Raises:
        RheobaseError: pandas is not installed.
    """
    try:
        import pandas  # pyright: ignore[reportMissingImports] (no extra brings it)
    except ImportError as error:
        raise RheobaseError(
            "a data frame needs pandas, which is not installed", instead="pip install pandas, or .columns()"
        ) from error
    return pandas.DataFrame(dict(data))


def csv_text(data: Mapping[str, list[Any]]) -> str:
    """Columns as CSV; what is missing or no number is empty.

    >>> print(csv_text({"a": [1, None], "b": [0.5, float("nan")]}), end="")
    a,b
    1,0.5
    ,
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(data)
    for row in zip(*data.values(), strict=True):
        writer.writerow(["" if v is None or (isinstance(v, float) and math.isnan(v)) else v for v in row])
    return file.getvalue()


def write_csv(data: Mapping[str, list[Any]], path: Path) -> Path:
    """Write columns as CSV, and return the path.

    Raises:
        RheobaseError: the file cannot be written.
    """
    try:
        path.write_text(csv_text(data), encoding="utf-8")
    except OSError as error:
        raise RheobaseError(
            f"the table cannot be written to {str(path)!r}: {error.strerror}", instead="a path you may write to"
        ) from error
    return path


def downloads(files: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Links that hold their files: text as it is, anything else as JSON."""
    found = []
    for name, held in files.items():
        text = held if isinstance(held, str) else json.dumps(finite(held), ensure_ascii=False)
        kind = "text/csv" if isinstance(held, str) else "application/json"
        found.append((name, f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"))
    return found


def finite(value: Any) -> Any:
    """Without infinite numbers, of which JSON has none."""
    if isinstance(value, Mapping):
        return {key: finite(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
