"""`rheobase study rescue`: what is saved of a damaged store, and what is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import rheobase as rb
from rheobase.cli.app import main
from rheobase.errors import RheobaseError
from rheobase.study.rescue import rescue
from rheobase.study.spec import Function, Outcome, Task, trials, tuning_stack
from rheobase.study.store import Store

PAGE = 4096


@pytest.fixture
def full(tmp_path: Path, tiny: Task) -> Path:
    """A store with some hundreds of trials, folded into one file."""
    path, stack = tmp_path / "s.sqlite", tuning_stack(tiny, "default")
    with Store(path) as store:
        for i in range(60):
            some = trials(stack, tiny, Function(f"x+{i}", {}, str(i)), "2.13.0")
            store.add([(t, Outcome(0.5, 1.0, None, 0, (0.5,) * 20, 0.0)) for t in some], seconds=1.0)
    return path


def damage(path: Path, *pages: int) -> None:
    whole = bytearray(path.read_bytes())
    for page in pages:
        whole[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
    path.write_bytes(whole)


def rows(path: Path) -> dict[str, tuple]:
    with sqlite3.connect(path) as connection:
        return {row[0]: row for row in connection.execute("SELECT * FROM trials")}


def test_all_but_a_few_pages_is_saved_as_it_was(full: Path, tmp_path: Path) -> None:
    before = rows(full)
    last = full.stat().st_size // PAGE
    damage(full, last // 3, last // 2)
    broken = full.read_bytes()
    with pytest.raises(sqlite3.DatabaseError):
        rows(full)
    found = rescue(full, tmp_path / "new.sqlite")
    after = rows(tmp_path / "new.sqlite")
    assert found.saved == len(after) and found.altered == 0
    assert len(before) - 2 * 8 <= len(after) < len(before)
    assert all(before[key] == row for key, row in after.items())
    assert full.read_bytes() == broken, "the damaged file is only read"


def test_a_sound_store_is_saved_whole(full: Path, tmp_path: Path) -> None:
    before = rows(full)
    assert rescue(full, tmp_path / "new.sqlite").saved == len(before) == 360
    assert rows(tmp_path / "new.sqlite") == before


def test_a_trial_that_is_not_what_its_name_says_is_left_out(full: Path, tmp_path: Path) -> None:
    with sqlite3.connect(full) as connection:
        names = [row[0] for row in connection.execute("SELECT id FROM trials LIMIT 4")]
        for name, column, value in (
            (names[0], "trial", '{"task": "ti'),
            (names[1], "outcome", "{}"),
            (names[2], "outcome", 3),
        ):
            connection.execute(f"UPDATE trials SET {column} = ? WHERE id = ?", (value, name))
        connection.execute("UPDATE trials SET trial = json_set(trial, '$.seed', 1234567) WHERE id = ?", (names[3],))
    assert rescue(full, tmp_path / "new.sqlite") == (356, 4)
    assert not set(names) & set(rows(tmp_path / "new.sqlite"))


def test_a_study_goes_on_from_what_was_saved(tmp_path: Path, tiny: Task, capsys: pytest.CaptureFixture[str]) -> None:
    path, new = tmp_path / "it's.sqlite", tmp_path / "new.sqlite"
    first = rb.compare(["relu", "tanh"], tiny, seeds=6, store=path)
    damage(path, path.stat().st_size // PAGE - 2)
    with pytest.raises(RheobaseError) as caught:
        rb.compare(["relu", "tanh"], tiny, seeds=6, store=path)
    assert "rheobase study rescue '" in str(caught.value)
    assert main(["study", "rescue", str(path), str(new)]) == 0
    saved = int(capsys.readouterr().out.split()[0])
    again = rb.compare(["relu", "tanh"], tiny, seeds=6, store=new)
    assert 0 < saved < first.trained and again.reused + again.trained == first.trained and again.trained > 0
    assert [row.scores for row in again.rows] == [row.scores for row in first.rows]


def test_what_cannot_be_saved_is_said(full: Path, tmp_path: Path) -> None:
    for damaged, into, says in (
        (tmp_path / "none.sqlite", tmp_path / "n.sqlite", "there is no file"),
        (full, full, "is there already"),
        (Path(__file__), tmp_path / "n.sqlite", "no trial can be read"),
    ):
        with pytest.raises(RheobaseError, match=says):
            rescue(damaged, into)
    assert not (tmp_path / "n.sqlite").exists()
