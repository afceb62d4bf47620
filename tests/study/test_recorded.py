"""What scripts recorded of studies: what they survive, and whether the method is right."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rheobase.study.calibration import allowed
from rheobase.study.known import known
from rheobase.study.tasks import tasks as registered

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


def test_what_the_page_says_of_the_long_run_is_what_it_found() -> None:
    found = json.loads((RESULTS / "long.json").read_text(encoding="utf-8"))
    overall, tasks = found["overall"], {one["task"]: one for one in found["tasks"]}
    assert (
        len(overall) == 50 and len(tasks) == 12 and all(row["n"] >= 12 for one in tasks.values() for row in one["rows"])
    )
    wins = [row["wins"] for row in overall if row["wins"]]
    assert len(wins) == 10 and max(wins) == 3 and len(found["study"]["groups"][0]) == 47
    ranked = [row["activation"] for row in sorted(overall, key=lambda row: row["rank"])]
    means = [row["activation"] for row in overall]
    assert "relu" in ranked[:4] and means.index("relu") == 30 and means[0] == "snake" and ranked[0] == "sine"
    shares = {one.task: {name: ends[0] for name, ends in one.shares.items()} for one in known().tasks}
    worst = {name: min(by_name[name] for by_name in shares.values()) for name in means}
    assert sorted(worst, key=worst.__getitem__)[:-5:-1] == ["snake", "smish", "logish", "sinlu"]
    assert 77.5 < worst["snake"] < 78.5 and worst["sinlu"] > 74.5 and worst["smish"] < 77.5
    assert (round(shares["periodic"]["gelu"]), round(shares["periodic"]["swish"])) == (36, 47)
    near = [task for task, by_name in shares.items() if by_name["gelu"] > by_name["snake"] - 7]
    assert len(near) == 11 and max(shares["sunspots"], key=shares["sunspots"].__getitem__) == "identity"
    assert shares["helmholtz"]["relu"] < 2 and max(shares[t]["siren"] for t in shares if t not in ("mnist",)) < 33


@pytest.mark.parametrize(("task", "many"), [("sunspots", 17), ("wine", 8), ("ecg", 7)])
def test_the_best_on_validation_data_is_not_the_best_on_test_data(task: str, many: int) -> None:
    found = json.loads((RESULTS / "long.json").read_text(encoding="utf-8"))
    (one,) = [one for one in found["tasks"] if one["task"] == task]
    sign = 1 if registered()[task].metric.higher_is_better else -1
    assert sum(min(sign * row["difference_low"], sign * row["difference_high"]) > 0 for row in one["rows"]) == many
