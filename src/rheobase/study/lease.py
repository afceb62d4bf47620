"""One run at a time trains into a store: a lock that ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from rheobase.errors import RheobaseError


class Lease:
    """Held inside `with`; None for a store that no other process can see.

    The lock is SQLite's own on an empty database beside the store (`FILE.lock`), which the system releases when the
    process ends, after `kill -9` too. Who holds it stands in `FILE.holder`, for the message alone.
    """

    def __init__(self, store: Path | None) -> None:
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
            self._holder.write_text(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        return self

    def _who(self) -> str:
        with contextlib.suppress(OSError):
            if self._holder is not None:
                return f" ({self._holder.read_text()})"
        return ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and self._holder is not None:
            self._holder.unlink(missing_ok=True)
            self._connection.close()
