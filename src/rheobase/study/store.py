"""The store: one SQLite file, one row a trial, written the moment its stack ends."""

from __future__ import annotations

import platform
import shlex
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from rheobase.errors import RheobaseError
from rheobase.study.lease import Lease
from rheobase.study.pool import cores
from rheobase.study.spec import STUDY_VERSION, Outcome, Task, Trial

SCHEMA = 2
_APPLICATION = 0x5248454F  # "RHEO" in SQLite's header tells our files from other programs'
_TABLES = """
CREATE TABLE trials (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL, formula TEXT NOT NULL, init TEXT NOT NULL, stage TEXT NOT NULL,
    seed INTEGER NOT NULL, learning_rate REAL NOT NULL,
    validation REAL NOT NULL, test REAL, diverged INTEGER NOT NULL,
    made TEXT NOT NULL,
    trial TEXT NOT NULL,
    outcome TEXT NOT NULL
) WITHOUT ROWID
"""
COLUMNS = 13
_TIMES = """
CREATE TABLE times (
    task TEXT NOT NULL, fingerprint TEXT NOT NULL, machine TEXT NOT NULL,
    trials INTEGER NOT NULL, seconds REAL NOT NULL
)
"""


class Store:
    """Finished trials, by their ids. The journal is a write-ahead log, so that a kill loses only what was in flight.

    Args:
        path: the file; it is made where there is none.
        reading: only read what is there, beside a run that writes.

    Raises:
        RheobaseError: the file is no database, another program's, or of another version of rheobase's schema.

    >>> with Store(":memory:") as store:
    ...     store.outcomes(["0" * 32])
    {}
    """

    def __init__(self, path: str | Path, *, reading: bool = False) -> None:
        self.path = str(path)
        if reading and not Path(path).is_file():
            raise RheobaseError(f"there is no store {self.path!r}", instead="--store with a file that a run has made")
        place = f"{Path(path).resolve().as_uri()}?mode=ro" if reading else self.path
        try:
            self._connection = sqlite3.connect(place, timeout=30, isolation_level=None, uri=reading)
            self._open(reading)
        except sqlite3.Error as error:
            raise _refusal(self.path, error) from error

    def _open(self, reading: bool) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        elsewhere = "--store another.sqlite, or move this file away"
        if application != _APPLICATION and tables:
            raise RheobaseError(f"{self.path!r} is a database of another program", instead=elsewhere)
        if application == _APPLICATION and version not in (1, SCHEMA):
            raise RheobaseError(
                f"{self.path!r} was written with schema {version} of the store, this rheobase writes schema {SCHEMA}",
                instead=f"{elsewhere}, or the rheobase that wrote it",
            )
        if reading:
            return
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        if not tables:
            # In one transaction: a kill between these lines leaves an empty file, not half a store.
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLES}; {_TIMES}; PRAGMA application_id = {_APPLICATION}; "
                f"PRAGMA user_version = {SCHEMA}; COMMIT"
            )
        elif version == 1:  # the same trials, without the times that an estimate is made from
            self._connection.executescript(f"BEGIN IMMEDIATE; {_TIMES}; PRAGMA user_version = {SCHEMA}; COMMIT")

    def lease(self, note: str = "") -> Lease:
        """Hold the store for one run: a second one would train the same trials again.

        Raises:
            RheobaseError: another process trains into this store; the message says which.
        """
        return Lease(None if self.path == ":memory:" else Path(self.path), note)

    def outcomes(self, ids: Sequence[str]) -> dict[str, Outcome]:
        """The outcomes of those trials that are stored."""
        found: dict[str, Outcome] = {}
        for at in range(0, len(ids), 500):
            part = ids[at : at + 500]
            marks = ",".join("?" * len(part))
            try:
                query = f"SELECT id, outcome FROM trials WHERE id IN ({marks})"
                rows = self._connection.execute(query, part).fetchall()
            except sqlite3.Error as error:
                raise _refusal(self.path, error) from error
            found |= {row[0]: outcome_of(row[1]) for row in rows}
        return found

    def add(self, finished: Iterable[tuple[Trial, Outcome]], seconds: float = 0.0) -> None:
        """Write the trials of one stack, all or none of them, with the seconds that they took together.

        Raises:
            RheobaseError: the disk is full, or the file cannot be written.
        """
        made = datetime.now(UTC).isoformat(timespec="seconds")
        pairs = list(finished)
        rows = [_row(trial, outcome, made) for trial, outcome in pairs]
        time = ()
        if seconds and pairs:
            first = pairs[0][0]
            time = (first.task, first.task_fingerprint, machine(first.device), len(pairs), seconds)
        self.copy(rows, time)

    def copy(self, rows: Sequence[tuple[object, ...]], time: tuple[object, ...] = ()) -> None:
        """Write rows as the tables have them, all or none of them.

        Raises:
            RheobaseError: the disk is full, or the file cannot be written.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(f"INSERT OR REPLACE INTO trials VALUES ({','.join('?' * COLUMNS)})", rows)
            if time:
                self._connection.execute("INSERT INTO times VALUES (?, ?, ?, ?, ?)", time)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise _refusal(self.path, error) from error

    def seconds_a_trial(self, task: Task) -> float | None:
        """What a training of this task took on this machine: the median over stacks; None before the first."""
        if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'times'").fetchone():
            return None
        rows = self._connection.execute(
            "SELECT seconds / trials FROM times WHERE task = ? AND fingerprint = ? AND machine = ?",
            (task.id, task.fingerprint, machine(task.device)),
        ).fetchall()
        return statistics.median(row[0] for row in rows) if rows else None

    def others(self, torch_version: str) -> dict[str, int]:
        """How many trials here were made with another torch or another version of the studies; they are not mixed."""
        rows = self._connection.execute(
            "SELECT 'torch ' || json_extract(trial, '$.torch') || ', studies ' || "
            "json_extract(trial, '$.study_version'), count(*) FROM trials GROUP BY 1"
        )
        own = f"torch {torch_version}, studies {STUDY_VERSION}"
        return {name: count for name, count in rows if name != own}

    def __len__(self) -> int:
        return self._connection.execute("SELECT count(*) FROM trials").fetchone()[0]

    def changes(self) -> int:
        """A number that changes when another process has written."""
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Fold the log into the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def machine(device: str = "cpu") -> str:
    """What tells this machine from others, for times: its name, its kind, its processors, and the device in use."""
    return f"{platform.node()} {platform.machine()} {cores()}" + (f" {device}" if device != "cpu" else "")


def _row(trial: Trial, outcome: Outcome, made: str) -> tuple[object, ...]:
    return (
        trial.id,
        trial.task,
        trial.function.formula,
        trial.init,
        trial.stage,
        trial.seed,
        trial.rate,
        outcome.validation,
        outcome.test,
        outcome.diverged,
        made,
        msgspec.json.encode(trial).decode(),
        _text(outcome),
    )


def _text(outcome: Outcome) -> str:
    # JSON has no NaN and no infinity; SQLite's REAL has no NaN. As text every float comes back bit for bit.
    plain = msgspec.to_builtins(outcome)
    return msgspec.json.encode({k: _guarded(v) for k, v in plain.items()}).decode()


def _guarded(value: object) -> object:
    match value:
        case float() if value - value != 0:
            return str(value)
        case dict():
            return {k: _guarded(v) for k, v in value.items()}
        case list() | tuple():
            return [_guarded(v) for v in value]
        case _:
            return value


def outcome_of(text: str) -> Outcome:
    """An outcome as a row has it.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return msgspec.convert(msgspec.json.decode(text), Outcome, strict=False)


def _refusal(path: str, error: sqlite3.Error) -> RheobaseError:
    text = str(error)
    if "malformed" in text:
        save = f"rheobase study rescue {shlex.quote(path)} rescued.sqlite"
        return RheobaseError(
            f"{path!r} is damaged ({text})", instead=f"--store another.sqlite, or what is left: {save}"
        )
    if "not a database" in text:
        return RheobaseError(f"{path!r} is not a rheobase store ({text})", instead="--store another.sqlite")
    if "unable to open" in text or "readonly" in text:
        return RheobaseError(f"{path!r} cannot be opened for writing", instead="--store with a path you may write to")
    if "locked" in text or "busy" in text:
        return RheobaseError(f"another run holds {path!r}", instead="wait for it, or --store another.sqlite")
    return RheobaseError(f"{path!r}: {text}", instead="a path with room to write; what is stored so far is kept")
