"""What the benchmarks of `init_` recorded: deep networks that train by theory alone."""

from __future__ import annotations

import csv
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks/results"


def recorded(name: str) -> list[dict[str, str]]:
    """The lines of a table, its first line apart."""
    with (RESULTS / name).open(encoding="utf-8") as file:
        next(file)
        return list(csv.DictReader(file))


def test_fifty_layers_train_by_theory_where_the_default_fails() -> None:
    """The whole interval of each function against that of its default start; chance is 10 %."""
    rows = {row["function"]: row for row in recorded("deep.csv")}
    for name, least in {"sigmoid": 92, "tanh": 95, "relu": 75}.items():
        assert float(rows[name]["theory_low"]) > least
    for row in rows.values():
        assert int(row["seeds"]) >= 10
        assert float(row["default_high"]) < 20 and float(row["theory_low"]) > 60, row["function"]
