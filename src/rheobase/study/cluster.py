"""Ray as the workers of a study: on this machine, or on a cluster by its address.

Each batch is one core task. Ray's own retries are off: `Batches` knows which stack to try again. The store stays with
the driver, workers see no file of it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import Future
from importlib import metadata
from types import TracebackType
from typing import Any, Self

from rheobase.errors import RheobaseError
from rheobase.study.batches import Answers
from rheobase.study.pool import Answer, WorkerEndedError
from rheobase.study.spec import STUDY_VERSION, Task
from rheobase.study.worker import Failure, Job, attempt

LOCAL_MEMORY = 80_000_000
"""Bytes that a local Ray sets aside for results; they are numbers alone, and 75 MB is the least that Ray takes."""

Made = tuple[str, int]
"""The versions of torch and of the studies that the driver writes down with each trial."""


class Cluster:
    """A Ray cluster inside `with`: the one this process is connected to, the one at `address`, or one made here.

    Args:
        address: host:port, ray://host:port, or `auto` for the one of this machine; None for one made here.
        workers: how many batches run at once at most; here one a processor, there one for each of the cluster's.
        torch_version: the driver's, which the workers' must be.
        device: `cuda` gives each batch a graphics card of its own.

    Raises:
        RheobaseError: Ray is not installed, nothing answers, or the cluster has no such device.
    """

    def __init__(self, address: str | None, workers: int, torch_version: str, device: str = "cpu") -> None:
        self._address, self._workers = address, workers
        self._made: Made = (torch_version, STUDY_VERSION)
        self._device = device
        self._ray = _ray()
        self._flying: set[Any] = set()
        self.size = 0

    def __enter__(self) -> Self:
        self._own = not self._ray.is_initialized()
        if self._own:
            _connect(self._ray, self._address, self._workers)
        kind = "GPU" if self._device == "cuda" else "CPU"
        there = int(self._ray.cluster_resources().get(kind, 0))
        self.size = min(there, self._workers or there)
        if not self.size:
            self.__exit__(None, None, None)
            raise RheobaseError(f"the Ray cluster has no {kind}", instead="another --address, or another --device")
        needs = {"num_gpus": 1} if kind == "GPU" else {"num_cpus": 1}
        self._train = self._ray.remote(train_batch).options(max_retries=0, **needs)
        return self

    def launch(self, jobs: Sequence[Job]) -> Future[Answers]:
        """Give a batch to a worker; see `rheobase.study.batches.Launch`."""
        reference, told = self._train.remote(list(jobs), self._made), Future[Answers]()
        self._flying.add(reference)

        def ended(future: Future[Any]) -> None:
            self._flying.discard(reference)
            try:
                told.set_result(future.result())
            except self._ray.exceptions.RayTaskError as error:
                told.set_exception(_refused(error))
            except self._ray.exceptions.RayError as error:
                told.set_exception(_lost(error, jobs))

        reference.future().add_done_callback(ended)
        return told

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            self._ray.shutdown()
            return
        for reference in list(self._flying):
            with contextlib.suppress(self._ray.exceptions.RayError):
                self._ray.cancel(reference, force=True)


def train_batch(jobs: Sequence[Job], made: Made) -> list[Answer | Failure]:
    """Train stacks one after another, in a worker of the cluster.

    Raises:
        RheobaseError: other versions here than the driver writes down.
    """
    here: Made = (metadata.version("torch"), STUDY_VERSION)
    if here != made:
        raise RheobaseError(
            f"a worker has torch {here[0]} and studies {here[1]}, this process torch {made[0]} and studies {made[1]}",
            instead="the same versions on the cluster",
        )
    answers: list[Answer | Failure] = []
    known: dict[str, Task] = {}
    for job in jobs:
        began = time.perf_counter()
        found = attempt(job, known)
        answers.append(
            found if isinstance(found, Failure) else Answer(tuple(found), time.perf_counter() - began),
        )
    return answers


SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # it would be told over the network who uses Ray
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a warning about a future release
    "RAY_raylet_start_wait_time_s": "180",  # a machine that is busy starts slowly
}
"""What Ray reads from the environment when it is loaded, where nothing else is said there."""


def _ray() -> Any:
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise RheobaseError(
            "Ray is not installed", where="--engine ray", instead="pip install 'rheobase[ray]', or --engine inline"
        ) from error


def _connect(ray: Any, address: str | None, workers: int) -> None:
    here = {"num_cpus": workers, "include_dashboard": False, "object_store_memory": LOCAL_MEMORY}
    try:
        ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **({} if address else here))
    except Exception as error:  # Ray raises plain exceptions, among others
        ray.shutdown()
        said = _said(error)
        if address is None:
            raise RheobaseError(f"Ray does not start here ({said})", instead="--engine inline") from error
        raise RheobaseError(
            f"no Ray cluster answers at {address!r} ({said})",
            where="--address",
            instead="ray start --head on that machine, or no --address for workers on this one",
        ) from error


def _refused(error: Any) -> RheobaseError:
    """What the code of a batch raised, in one line."""
    cause = error.cause
    if isinstance(cause, RheobaseError):
        return RheobaseError(cause.what, where=cause.where, instead=cause.instead)
    said = f"{type(cause).__name__}: {cause}".strip().splitlines()[0]
    return RheobaseError(f"a worker of the cluster refuses: {said}", instead="the same rheobase on the cluster")


def _lost(error: Exception, jobs: Sequence[Job]) -> WorkerEndedError:
    said = _said(error)
    return WorkerEndedError(
        f"a worker was lost while training {jobs[0].function.formula} on {jobs[0].stack.task}: {said}",
        instead="the same command: it goes on with what is stored; with --workers 1 if memory ran out",
    )


def _said(error: Exception) -> str:
    """The first line of an error; its kind where it says nothing, as one that tells of a cancelled task does."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
