"""Who trains: this process, worker processes on this machine, or Ray. No number depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from rheobase.errors import RheobaseError
from rheobase.study.batches import Batches
from rheobase.study.cluster import Cluster
from rheobase.study.pool import Answer, Pool, cores
from rheobase.study.worker import Job

Engine = Literal["inline", "ray"]
ENGINES: tuple[Engine, ...] = ("inline", "ray")


class Workers(Protocol):
    """Processes that train."""

    size: int

    def submit(self, job: Job) -> Future[Answer]:
        """Train a stack on the next one that is free."""
        ...


@dataclass(frozen=True)
class Hands:
    """Who trains.

    Attributes:
        workers: processes; None for one a processor (one in all on an accelerator, which they would share; on a
            cluster all it has), 0 for this process.
        engine: `inline` for processes of this machine, `ray` for Ray's.
        address: where Ray's cluster is; None for one made here.

    Raises:
        RheobaseError: a number, an engine or an address that cannot be.
    """

    workers: int | None = None
    engine: Engine = "inline"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 0:
            raise RheobaseError(f"{self.workers} workers", instead="1 or more, or 0 to train in this process")
        if self.engine not in ENGINES:
            raise RheobaseError(f"there is no engine {self.engine!r}", instead=" or ".join(ENGINES))
        if self.engine == "ray" and self.workers == 0:
            raise RheobaseError("Ray trains in workers, never in this process", instead="--workers 1 or more")
        if self.address is not None and self.engine != "ray":
            raise RheobaseError(f"an address ({self.address!r}) without a cluster", instead="--engine ray --address …")

    @contextmanager
    def at_work(self, torch_version: str, device: str) -> Iterator[Workers | None]:
        """The workers; None where this process trains.

        Raises:
            RheobaseError: Ray is not installed, or no cluster answers.
        """
        here = self.workers if self.workers is not None else cores() if device == "cpu" else 1
        if self.engine == "ray":
            there = (self.workers or 0) if self.address else here
            with Cluster(self.address, there, torch_version, device) as it, Batches(it.size, it.launch) as batches:
                yield batches
        elif here:
            with Pool(here) as pool:
                yield pool
        else:
            yield None
