"""Stacks gathered into batches of about a minute, for workers far away: what a call costs is paid once a batch.

A batch whose worker is lost is taken apart and its stacks are tried again, each alone, so that a stack that ends every
worker it meets is given up by itself.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rheobase.errors import RheobaseError
from rheobase.study.pool import ATTEMPTS, Answer, WorkerEndedError
from rheobase.study.worker import Failure, Job

MINUTE = 60.0

Answers = Sequence[Answer | Failure]
"""One for each stack of a batch."""

Launch = Callable[[Sequence[Job]], "Future[Answers]"]
"""Gives a batch to a worker. What it returns raises WorkerEndedError where the worker was lost, and a RheobaseError
where trying again is of no use."""


@dataclass
class _Waiting:
    job: Job
    answer: Future[Answer] = field(default_factory=Future)
    attempts: int = 0


_Ended = tuple[Sequence[_Waiting], "Future[Answers]"]


class Batches:
    """Up to `size` batches at a time; the same to its caller as a `Pool`.

    How long a stack takes is learned from those that have ended; until the first of a task has, each travels alone.

    Args:
        size: how many workers there are.
        launch: gives a batch to one of them.
        seconds: how long a batch should take.
    """

    def __init__(self, size: int, launch: Launch, seconds: float = MINUTE) -> None:
        self.size, self._launch, self._seconds = size, launch, seconds
        self._waiting: deque[_Waiting] = deque()
        self._flying: list[Sequence[_Waiting]] = []
        self._known: dict[str, tuple[int, float]] = {}
        """Networks trained so far and the seconds that they took together, by task."""
        self._events: queue.SimpleQueue[_Waiting | _Ended | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def submit(self, job: Job) -> Future[Answer]:
        """Train a stack with the next batch that has room for it."""
        waiting = _Waiting(job)
        self._events.put(waiting)
        return waiting.answer

    def _work(self) -> None:
        """All that changes happens here, one event after another."""
        try:
            while (event := self._events.get()) is not None:
                if isinstance(event, _Waiting):
                    self._waiting.append(event)
                else:
                    self._flying.remove(event[0])
                    self._take(*event)
                while self._events.empty() and self._waiting and len(self._flying) < self.size:
                    self._send(self._next())
        finally:  # nobody may wait for an answer that does not come any more
            for one in (*self._waiting, *(one for batch in self._flying for one in batch)):
                one.answer.cancel()

    def _estimate(self, waiting: _Waiting) -> float | None:
        """The seconds that a stack takes; None before the first of its task, and where it has to travel alone."""
        if waiting.attempts or waiting.job.task not in self._known:
            return None
        trained, seconds = self._known[waiting.job.task]
        return seconds / trained * len(waiting.job.stack.members)

    def _next(self) -> list[_Waiting]:
        """The next batch: a minute's work, or a fair share where less is left."""
        left = sum(self._estimate(one) or 0.0 for one in self._waiting)
        most = min(self._seconds, left / (self.size - len(self._flying)))
        first = self._waiting.popleft()
        batch, seconds = [first], self._estimate(first)
        while seconds is not None and self._waiting:
            more = self._estimate(self._waiting[0])
            if more is None or seconds + more > most * (1 + 1e-9):
                break
            batch.append(self._waiting.popleft())
            seconds += more
        return batch

    def _send(self, batch: Sequence[_Waiting]) -> None:
        self._flying.append(batch)
        future = self._launch([one.job for one in batch])
        future.add_done_callback(lambda ended: self._events.put((batch, ended)))

    def _take(self, batch: Sequence[_Waiting], ended: Future[Answers]) -> None:
        try:
            answers = ended.result()
        except WorkerEndedError as error:
            for one in batch:
                one.attempts += 1
                if one.attempts == ATTEMPTS:
                    one.answer.set_exception(error)
                else:
                    self._waiting.append(one)
        except RheobaseError as error:
            for one in batch:
                one.answer.set_exception(error)
        else:
            for one, answer in zip(batch, answers, strict=True):
                self._give(one, answer)

    def _give(self, one: _Waiting, answer: Answer | Failure) -> None:
        if isinstance(answer, Failure):
            one.answer.set_exception(answer.error())
            return
        trained, seconds = self._known.get(one.job.task, (0, 0.0))
        self._known[one.job.task] = trained + len(one.job.stack.members), seconds + answer.seconds
        one.answer.set_result(answer)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.put(None)
        self._thread.join()
