"""The driver: what must be trained, what is stored already, who trains it. It alone writes the store.

For each function and initialisation: one stack tunes the learning rate on validation data, then stacks of fresh seeds
run at the chosen one. What is in a stack follows from the task alone, so no number depends on what was resumed, on how
many seeds are asked for, or on how many workers there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol

from rheobase.study.pool import Outcomes, Pool
from rheobase.study.spec import Function, Stack, Task, Trial, final_stacks, trials, tuning_stack
from rheobase.study.store import Store
from rheobase.study.tuning import choose_rate
from rheobase.study.worker import Job, train


@dataclass(frozen=True)
class Contender:
    """A function that takes part; a placebo's `stream` gives it seeds of its own."""

    label: str
    function: Function
    stream: str = ""


@dataclass(frozen=True)
class Measured:
    """What one function did at one initialisation: the chosen rate, and the outcomes of seeds 0, 1, …"""

    contender: Contender
    init: str
    rate: float
    tuning: Outcomes
    outcomes: Outcomes


@dataclass(frozen=True)
class Ran:
    """The measurements, and how many trials came from the store and from training."""

    measured: tuple[Measured, ...]
    reused: int
    trained: int


class Watcher(Protocol):
    """Who wants to know how far the work is."""

    def start(self, total: int) -> None:
        """There are `total` trials to come by."""

    def advance(self, count: int, reused: bool) -> None:
        """`count` more are there, from the store or trained."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with one line that says what is kept and how to go on."""


class _Run:
    """One function at one initialisation on its way: first its tuning stack, then its final ones."""

    def __init__(self, task: Task, contender: Contender, init: str, seeds: int) -> None:
        self.task, self.contender, self.init, self.seeds = task, contender, init, seeds
        self.rate = 0.0
        self.done: dict[Stack, Outcomes] = {}
        self.tuning = tuning_stack(task, init, contender.stream)
        self.finals: tuple[Stack, ...] = ()

    def first(self) -> Sequence[Stack]:
        return (self.tuning,)

    def finish(self, stack: Stack, outcomes: Outcomes) -> Sequence[Stack]:
        """Take in a stack's outcomes; return the stacks that may be trained now."""
        self.done[stack] = outcomes
        if stack != self.tuning:
            return ()
        self.rate = choose_rate(self.task, outcomes)
        self.finals = final_stacks(self.task, self.init, self.rate, self.seeds, self.contender.stream)
        return self.finals

    def measured(self) -> Measured:
        finals = tuple(o for stack in self.finals for o in self.done[stack])[: self.seeds]
        return Measured(self.contender, self.init, self.rate, self.done[self.tuning], finals)


def measure(
    task: Task,
    contenders: Sequence[Contender],
    inits: Sequence[str],
    seeds: int,
    store: Store,
    *,
    torch_version: str,
    workers: int,
    watcher: Watcher | None = None,
) -> Ran:
    """Train what is not stored yet, with `workers` processes (0: in this one), and return it all.

    Raises:
        RheobaseError: a function or the store cannot be used; what is finished is kept.
        Interrupted: Ctrl-C.
    """
    runs = [_Run(task, c, i, seeds) for i in inits for c in contenders]
    total = len(runs) * _trials_each(task, seeds)
    if watcher:
        watcher.start(total)
    driver = _Driver(task, store, torch_version, watcher)
    try:
        with Pool(max(workers, 1)) as pool:
            driver.run(runs, pool if workers else None)
    except KeyboardInterrupt:
        done = driver.reused + driver.trained
        raise Interrupted(
            f"Stopped with {done} of {total} trials in {store.path}; the same command goes on from there."
        ) from None
    return Ran(tuple(run.measured() for run in runs), driver.reused, driver.trained)


def _trials_each(task: Task, seeds: int) -> int:
    return task.budget.tuning_trials + -(-seeds // task.budget.block) * task.budget.block


class _Driver:
    def __init__(self, task: Task, store: Store, torch_version: str, watcher: Watcher | None) -> None:
        self.task, self.store, self.torch_version, self.watcher = task, store, torch_version, watcher
        self.reused = self.trained = 0

    def run(self, runs: Sequence[_Run], pool: Pool | None) -> None:
        """Work until every stack of every run is done."""
        waiting = deque((run, stack) for run in runs for stack in run.first())
        flying: dict[Future[Outcomes], tuple[_Run, Stack]] = {}
        while waiting or flying:
            while waiting:
                run, stack = waiting.popleft()
                known = self._stored(run, stack)
                if known:
                    self._count(len(known), reused=True)
                    waiting.extend((run, more) for more in run.finish(stack, known))
                elif pool:
                    flying[pool.submit(Job(self.task.address, run.contender.function, stack))] = run, stack
                else:
                    outcomes = tuple(train(self.task, run.contender.function, stack))
                    waiting.extend((run, more) for more in self._take(run, stack, outcomes))
            for future in wait(flying, return_when=FIRST_COMPLETED).done if flying else ():
                run, stack = flying.pop(future)
                waiting.extend((run, more) for more in self._take(run, stack, future.result()))

    def _trials(self, run: _Run, stack: Stack) -> tuple[Trial, ...]:
        return trials(stack, self.task, run.contender.function, self.torch_version)

    def _stored(self, run: _Run, stack: Stack) -> Outcomes | None:
        """The outcomes of a whole stack, or None when any is missing."""
        ids = [trial.id for trial in self._trials(run, stack)]
        found = self.store.outcomes(ids)
        return tuple(found[i] for i in ids) if len(found) == len(ids) else None

    def _take(self, run: _Run, stack: Stack, outcomes: Outcomes) -> Sequence[Stack]:
        self.store.add(zip(self._trials(run, stack), outcomes, strict=True))
        self._count(len(outcomes), reused=False)
        return run.finish(stack, outcomes)

    def _count(self, count: int, *, reused: bool) -> None:
        self.reused += count * reused
        self.trained += count * (not reused)
        if self.watcher:
            self.watcher.advance(count, reused)
