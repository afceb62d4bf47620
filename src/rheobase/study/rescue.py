"""Saving what can still be read of a damaged store.

SQLite refuses a query that touches a damaged page, not the others. So the table is read in ranges of its key, and a
range that is refused is split until what is lost is about one page. A trial's id is a hash of all that decides it, so a
row whose trial was altered is found out; of an outcome only its form can be checked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from rheobase.errors import RheobaseError
from rheobase.study.spec import Trial
from rheobase.study.store import COLUMNS, Store, outcome_of

DIGITS = "0123456789abcdef"
FINEST = 4
"""Ranges have at most so many hexadecimal digits in common: 65,536 of them."""


class Rescued(NamedTuple):
    """How many trials were saved, and how many rows were read but are not what they say."""

    saved: int
    altered: int


def rescue(damaged: str | Path, into: str | Path) -> Rescued:
    """Write the trials that can still be read into a new store; the damaged file is only read.

    Raises:
        RheobaseError: no such file, nothing in it can be read, or there is something at `into` already.
    """
    source, target = Path(damaged), Path(into)
    if not source.is_file():
        raise RheobaseError(f"there is no file {str(source)!r}", instead="the path of a store")
    if target.exists():
        raise RheobaseError(f"{str(target)!r} is there already", instead="a path where there is nothing")
    uri = f"file:{quote(str(source.resolve()))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        rows = list(_rows(connection, ""))
    sound = [row for row in rows if _sound(row)]
    if not sound:
        raise RheobaseError(f"of {str(source)!r} no trial can be read", instead="--store another.sqlite")
    with Store(target) as store:
        store.copy(sound)
    return Rescued(len(sound), len(rows) - len(sound))


def _rows(connection: sqlite3.Connection, prefix: str) -> Iterator[tuple[Any, ...]]:
    try:
        query = "SELECT * FROM trials WHERE id >= ? AND id < ?"
        yield from connection.execute(query, (prefix, prefix + "g")).fetchall()
    except sqlite3.DatabaseError:
        if len(prefix) < FINEST:
            for digit in DIGITS:
                yield from _rows(connection, prefix + digit)


def _sound(row: tuple[Any, ...]) -> bool:
    if len(row) != COLUMNS:
        return False
    name, *_, trial, outcome = row
    try:
        outcome_of(outcome)
        return msgspec.json.decode(trial, type=Trial).id == name
    except (msgspec.MsgspecError, UnicodeError, TypeError):
        return False
