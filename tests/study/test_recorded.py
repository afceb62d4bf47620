"""What scripts recorded of studies: what they survive, and whether the method is right."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rheobase.study.calibration import allowed

RESULTS = Path(__file__).parents[2] / "benchmarks/results"


def rows(name: str) -> list[dict[str, str]]:
    with (RESULTS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_every_fault_was_survived() -> None:
    found = rows("faults")
    assert all(row["passed"] == "True" and row["lost"] == row["trained_twice"] == "0" for row in found)
    kinds = ("of the driver", "of a worker", "disk", "damaged store", "two drivers", "another version")
    assert all(any(kind in row["fault"] for row in found) for kind in kinds)
    (driver,) = [row for row in found if "of the driver" in row["fault"]]
    assert int(driver["times"]) >= 20 and int(driver["finished"]) > 0


@pytest.mark.parametrize("tuning", ["grid", "halving"])
def test_placebos_came_out_different_within_the_limit(tuning: str) -> None:
    found = [row for row in rows("calibration") if row["tuning"] == tuning and row["side"] == "at most"]
    assert found
    for row in found:
        assert int(row["found"]) <= int(row["limit"]) == allowed(int(row["of"]))
