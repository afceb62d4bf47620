"""One run at a time trains into a store: a lock that ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from rheobase.errors import RheobaseError


class Lease:
    """Held inside `with`; None for a store that no other process can see.

    The lock is SQLite's own on an empty database beside the store (`FILE.lock`), which the system releases when the
    process ends, after `kill -9` too. Who holds it, and for what, stands in `FILE.holder`, for those who ask.
    """

    def __init__(self, store: Path | None, note: str = "") -> None:
        self._note = note
        self._lock = store and store.with_name(store.name + ".lock")
        self._holder = store and store.with_name(store.name + ".holder")
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        if self._lock is None or self._holder is None:
            return self
        self._connection = sqlite3.connect(self._lock, timeout=0, isolation_level=None)
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            self._connection = None
            raise RheobaseError(
                f"another run trains into {str(self._lock.with_suffix(''))!r}{self._who()}",
                instead="wait for it, or --store another.sqlite",
            ) from error
        with contextlib.suppress(OSError):  # it is for a message alone
            since = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            self._holder.write_text(f"process {os.getpid()}, since {since}\n{self._note}", encoding="utf-8")
        return self

    def _who(self) -> str:
        found = None if self._holder is None else _read(self._holder)
        return "" if found is None else f" ({': '.join(filter(None, found))})"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and self._holder is not None:
            self._holder.unlink(missing_ok=True)
            self._connection.close()


def holder(store: Path) -> tuple[str, str] | None:
    """Who trains into a store, and the command that asked for it; None where nobody does."""
    found = _read(store.with_name(store.name + ".holder"))
    number = "" if found is None else found[0].removeprefix("process ").partition(",")[0]
    return found if number.isdigit() and alive(int(number)) else None


def _read(file: Path) -> tuple[str, str] | None:
    with contextlib.suppress(OSError, ValueError):
        who, _, note = file.read_text(encoding="utf-8").partition("\n")
        return who, note
    return None


def alive(process: int) -> bool:
    """Is there a process of this number? Taken for granted where asking would end it."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
