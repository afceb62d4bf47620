"""Trainings on demand: stacks are taken from the store or trained, written down, and counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, field
from typing import Protocol

from rheobase.errors import RheobaseError
from rheobase.study.hands import Workers
from rheobase.study.pool import Answer
from rheobase.study.spec import Function, Member, Outcome, Stack, Stage, Task, trials
from rheobase.study.store import Store
from rheobase.study.worker import Job, train


class Asked(Protocol):
    """Trains networks with a function; what it is asked twice it need not do twice."""

    def __call__(self, stage: Stage, asked: Sequence[tuple[str, Sequence[Member]]]) -> list[tuple[Outcome, ...] | None]:
        """The outcomes for each function (by label) and its members; None where it could not be trained."""
        ...


@dataclass
class Trainings:
    """The trainings of one task, by the store and the workers that there are."""

    task: Task
    functions: dict[str, Function]
    store: Store
    torch_version: str
    workers: Workers | None = None
    told: Callable[[int, bool], None] = lambda count, reused: None
    trained: int = 0
    reused: int = 0
    failed: dict[str, RheobaseError] = field(default_factory=dict)

    def __call__(self, stage: Stage, asked: Sequence[tuple[str, Sequence[Member]]]) -> list[tuple[Outcome, ...] | None]:
        """As `Asked` says; the workers train several functions at once.

        Raises:
            RheobaseError: the store cannot be written.
        """
        found: list[tuple[Outcome, ...] | None] = [None] * len(asked)
        flying: dict[Future[Answer], int] = {}
        for i, (label, members) in enumerate(asked):
            stack = self.stack(stage, members)
            known = self._stored(label, stack)
            if known is not None:
                found[i] = known
            elif self.workers is not None:
                flying[self.workers.submit(Job(self.task.address, self.functions[label], stack))] = i
            else:
                found[i] = self._here(label, stack)
        for future in as_completed(flying):
            label, members = asked[flying[future]]
            try:
                answer = future.result()
            except RheobaseError as error:
                self.failed[label] = error
                continue
            found[flying[future]] = self._kept(label, self.stack(stage, members), answer)
        return found

    def stack(self, stage: Stage, members: Sequence[Member]) -> Stack:
        """The members as one batched program, at the task's first initialisation."""
        return Stack(self.task.id, stage, next(iter(self.task.inits)), "", tuple(members), self.task.device)

    def _stored(self, label: str, stack: Stack) -> tuple[Outcome, ...] | None:
        ids = [t.id for t in trials(stack, self.task, self.functions[label], self.torch_version)]
        found = self.store.outcomes(ids)
        if len(found) < len(ids):
            return None
        self.reused += len(ids)
        self.told(len(ids), True)
        return tuple(found[i] for i in ids)

    def _here(self, label: str, stack: Stack) -> tuple[Outcome, ...] | None:
        began = time.perf_counter()
        try:
            outcomes = tuple(train(self.task, self.functions[label], stack))
        except RheobaseError as error:
            self.failed[label] = error
            return None
        return self._kept(label, stack, Answer(outcomes, time.perf_counter() - began))

    def _kept(self, label: str, stack: Stack, answer: Answer) -> tuple[Outcome, ...]:
        made = trials(stack, self.task, self.functions[label], self.torch_version)
        self.store.add(zip(made, answer.outcomes, strict=True), answer.seconds)
        self.trained += len(made)
        self.told(len(made), False)
        return tuple(answer.outcomes)
