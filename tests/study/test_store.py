"""The store: what it keeps, and what it refuses."""

from __future__ import annotations

import dataclasses
import math
import sqlite3
from pathlib import Path

import pytest

from rheobase.errors import RheobaseError
from rheobase.study.spec import Function, Outcome, Task, Trial, trials, tuning_stack
from rheobase.study.store import Store

FUNCTION = Function("sin(a*x)", {"a": 0.1 + 0.2}, "0")
OUTCOME = Outcome(0.1 + 0.2, math.inf, None, 1, (math.nan, 5e-324), 1 / 3, {"share": 2 / 3}, (1e-42, math.nan))


@pytest.fixture
def some(tiny: Task) -> tuple[Trial, ...]:
    return trials(tuning_stack(tiny, "default"), tiny, FUNCTION, "2.13.0")


def test_every_float_comes_back_bit_for_bit(tmp_path: Path, some: tuple[Trial, ...]) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.add([(some[0], OUTCOME)])
    with Store(tmp_path / "s.sqlite") as store:
        assert repr(store.outcomes([some[0].id, some[1].id])) == repr({some[0].id: OUTCOME})


def test_a_stack_is_written_whole_or_not_at_all(tmp_path: Path, some: tuple[Trial, ...]) -> None:
    def broken():
        yield some[0], OUTCOME
        raise KeyboardInterrupt

    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        with pytest.raises(KeyboardInterrupt):
            store.add(broken())
        store.add([(some[1], OUTCOME)])
        assert len(store) == 1


def test_a_trial_written_twice_is_there_once(some: tuple[Trial, ...]) -> None:
    with Store(":memory:") as store:
        store.add([(some[0], OUTCOME), (some[0], OUTCOME)])
        assert len(store) == 1


def test_more_trials_than_a_statement_may_name(some: tuple[Trial, ...]) -> None:
    with Store(":memory:") as store:
        store.add([(some[0], OUTCOME)])
        assert len(store.outcomes([*(f"{i:032x}" for i in range(40_000)), some[0].id])) == 1


def test_the_journal_is_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path):
        assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_columns_can_be_queried_without_us(tmp_path: Path, some: tuple[Trial, ...]) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.add([(t, OUTCOME) for t in some])
    found = sqlite3.connect(path).execute("SELECT DISTINCT task, formula, stage, diverged FROM trials").fetchall()
    assert found == [("tiny", "sin(a*x)", "tune", 1)]


def refused(path: Path) -> str:
    with pytest.raises(RheobaseError) as caught:
        Store(path)
    assert caught.value.instead
    return str(caught.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 100)
    assert "not a rheobase store" in refused(path)
    assert path.read_text() == "dear diary, " * 100


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE trials (a)")
    assert "another program" in refused(path)


def test_another_schema_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "schema 99" in refused(path) and "schema 2" in refused(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "cannot be opened" in refused(tmp_path / "no" / "s.sqlite")
    assert "cannot be opened" in refused(tmp_path)


def test_a_full_disk_keeps_what_was_written(tmp_path: Path, some: tuple[Trial, ...]) -> None:
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.add([(some[0], OUTCOME)])
        store._connection.execute("PRAGMA max_page_count = 1")
        big = Outcome(0.0, 0.0, None, 0, (0.5,) * 100_000, 0.0)
        with pytest.raises(RheobaseError, match="full"):
            store.add([(some[1], big)])
    with Store(path) as store:
        assert list(store.outcomes([t.id for t in some])) == [some[0].id]


def test_all_that_decides_a_result_is_in_the_name(tiny: Task) -> None:
    def name(
        task: Task = tiny, init: str = "default", stream: str = "", function=FUNCTION, torch: str = "2.13.0"
    ) -> str:
        return trials(tuning_stack(task, init, stream), task, function, torch)[0].id

    budget = dataclasses.replace(tiny.budget, epochs=4)
    names = [
        name(),
        name(dataclasses.replace(tiny, version=2)),
        name(dataclasses.replace(tiny, budget=budget)),
        name(dataclasses.replace(tiny, source="edited")),
        name(init="he"),
        name(stream="placebo"),
        name(function=Function("sin(a*x)", {"a": 0.3}, "0")),
        name(function=Function("sin(a*x)", {"a": 0.1 + 0.2}, "1")),
        name(torch="2.14.0"),
    ]
    assert len(set(names)) == len(names)
    assert name() == name()
