"""Worker processes, each with one thread, and the caller's side of their pipes."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

import rheobase
from rheobase.errors import RheobaseError
from rheobase.study.spec import Outcome
from rheobase.study.worker import Failure, Job

Outcomes = tuple[Outcome, ...]

ATTEMPTS = 3
"""How often a stack is given to a fresh worker when workers die over it, before it is given up."""


class Answer(NamedTuple):
    """A stack's outcomes, and the seconds that its training took."""

    outcomes: Outcomes
    seconds: float


class WorkerEndedError(RheobaseError):
    """A worker died over its stack: killed, out of memory, or crashed."""


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Worker:
    """One process of `rheobase.study.worker`."""

    def __init__(self) -> None:
        here = str(Path(rheobase.__file__).parent.parent)
        path = os.pathsep.join([here, *(p for p in sys.path if p and p != here)])
        single = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from rheobase.study.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, **single, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the driver, which ends its workers itself
        )

    def train(self, job: Job) -> Outcomes:
        """Have the worker train a stack.

        Raises:
            WorkerEndedError: the worker died.
            RheobaseError: as the worker raised it.
        """
        try:
            pickle.dump(job, self._pipe(self._process.stdin))
            self._pipe(self._process.stdin).flush()
            answer = pickle.load(self._pipe(self._process.stdout))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            raise self._death(job) from error
        if isinstance(answer, Failure):
            raise answer.error()
        return tuple(answer)

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise RheobaseError("a worker has no pipe", instead="--workers 0, which trains in this process")
        return pipe

    def _death(self, job: Job) -> WorkerEndedError:
        code = self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip().splitlines()
        last = f": {said[-1]}" if said else ""
        return WorkerEndedError(
            f"a worker ended with code {code} while training {job.function.formula} on {job.stack.task}{last}",
            instead="the same command: it goes on with what is stored; with --workers 1 if memory ran out",
        )

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


class Pool:
    """Up to `size` workers, started when there is work for them; `with` ends them all."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._all: list[Worker] = []
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(size)
        self._closed = False

    def submit(self, job: Job) -> Future[Answer]:
        """Train a stack on the next worker that is free; on a fresh one when that dies, a few times."""
        return self._threads.submit(self._train, job)

    def _train(self, job: Job) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            worker, began = self._worker(), time.perf_counter()
            try:
                outcomes = worker.train(job)
            except WorkerEndedError:
                worker.end()
                if attempt == ATTEMPTS or self._closed:
                    raise
            except RheobaseError:
                self._idle.put(worker)
                raise
            else:
                self._idle.put(worker)
                return Answer(outcomes, time.perf_counter() - began)
        raise RheobaseError("no worker was started", instead="--workers 0, which trains in this process")

    def _worker(self) -> Worker:
        # As many threads as workers, so either one is idle or one more may be started.
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            worker = Worker()
            self._all.append(worker)
            if self._closed:  # it came to life while the others were being ended
                worker.end()
            return worker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.end()
        self._threads.shutdown(wait=True)
