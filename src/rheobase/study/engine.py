"""The driver: what must be trained, what is stored already, who trains it. It alone writes the store.

For each function and initialisation: one rung or more tune the learning rate on validation data, then stacks of fresh
seeds run at the chosen one. What is in a stack follows from the task alone and from what was measured before it, never
from what was resumed, from how many seeds are asked for, or from how many workers there are; so no number does.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from rheobase.errors import RheobaseError
from rheobase.study.device import present
from rheobase.study.estimate import fitted, missing, seconds
from rheobase.study.hands import Hands, Workers
from rheobase.study.pool import Answer
from rheobase.study.runs import Group, Measured, Outcomes, Plan, Run
from rheobase.study.spec import Stack, Trial, trials
from rheobase.study.store import Store
from rheobase.study.worker import Job, train


@dataclass(frozen=True)
class Ran:
    """What one plan gave, and how many trials came from the store and from training."""

    plan: Plan
    measured: tuple[Measured, ...]
    reused: int
    trained: int
    failed: Mapping[str, RheobaseError] = field(default_factory=dict)
    """The functions that could not be trained, by label, and why."""


class Watcher(Protocol):
    """Who wants to know how far the work is."""

    def start(self, total: int, left: int, seconds: float) -> None:
        """There are `total` trials to come by, `left` of them to be trained, which takes about so many seconds."""

    def advance(self, count: int, reused: bool) -> None:
        """`count` more are there, from the store or trained."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with one line that says what is kept and how to go on."""


def measure(
    plans: Sequence[Plan],
    store: Store,
    *,
    torch_version: str,
    hands: Hands,
    watcher: Watcher | None = None,
    budget: float | None = None,
    note: str = "",
) -> tuple[tuple[Ran, ...], tuple[str, ...]]:
    """Train what is not stored yet, and return it all, plan by plan. The plans are for one device.

    A function that cannot be trained costs itself alone: the others go on, and it is told at the end. With a budget of
    seconds the plans are cut to fit it; what was cut is returned beside the results. Whoever finds the store held is
    told the `note`.

    Raises:
        RheobaseError: no function of a plan can be trained, the store cannot be used (what is finished is kept), or
            nothing fits the budget.
        Interrupted: Ctrl-C.
    """
    drivers: list[_Driver] = []
    cut: Sequence[str] = ()
    timed: Set[str] = frozenset()
    device = plans[0].task.device
    try:
        with store.lease(note), hands.at_work(torch_version, device) as pool:
            workers = pool.size if pool else 1
            if hands.engine == "inline" and device != "cpu" and any(missing(p, store, torch_version) for p in plans):
                present(device)
            if watcher or budget is not None:
                untimed = [plan for plan in plans if store.seconds_a_trial(plan.task) is None]
                timed = _time([_Driver(plan, store, torch_version, None) for plan in untimed], pool)
            if budget is not None:
                plans, cut = fitted(plans, store, torch_version, workers, budget)
            if watcher:
                left = sum(missing(plan, store, torch_version) for plan in plans)
                watcher.start(sum(plan.trials for plan in plans), left, seconds(plans, store, torch_version, workers))
            drivers += [_Driver(plan, store, torch_version, watcher) for plan in plans]
            _work(drivers, pool, timed)
    except KeyboardInterrupt:
        done, total = sum(d.reused + d.trained for d in drivers), sum(plan.trials for plan in plans)
        raise Interrupted(
            f"Stopped with {done} of {total} trials in {store.path}; the same command goes on from there."
        ) from None
    return tuple(driver.ran() for driver in drivers), tuple(cut)


def _time(drivers: Sequence[_Driver], pool: Workers | None) -> Set[str]:
    """Train the first stack of each plan, to know how long its task takes; return the names of those stacks."""
    first = [driver.begin()[0] for driver in drivers]
    done: set[str] = set()
    flying: list[tuple[_Next, Future[Answer]]] = []
    for at in first:
        driver, _, run, stack = at
        if driver.stored(run, stack):
            continue
        done.add(driver.name(run, stack))
        if pool:
            flying.append((at, pool.submit(driver.job(run, stack))))
        else:
            driver.trained_here(at)
    for at, future in flying:
        with contextlib.suppress(RheobaseError):  # it is told when the function's turn comes
            at[0].keep(at, future.result())
    return done


_Next = tuple["_Driver", Group, Run, Stack]


def _work(drivers: Sequence[_Driver], pool: Workers | None, timed: Set[str]) -> None:
    """Train until every stack of every run is done; the stacks of `timed` have been trained by this run already."""
    waiting: deque[_Next] = deque(next_ for driver in drivers for next_ in driver.begin())
    flying: dict[Future[Answer], _Next] = {}
    parked: dict[str, list[_Next]] = {}
    """What another plan is having trained already, by name."""
    while waiting or flying:
        while waiting:
            at = driver, _, run, stack = waiting.popleft()
            if run.failure:
                run.fail(run.failure)
                waiting.extend(driver.onward(at))
            elif known := driver.stored(run, stack):
                waiting.extend(driver.take(at, known, reused=driver.name(run, stack) not in timed))
            elif (name := driver.name(run, stack)) in parked:
                parked[name].append(at)
            elif pool:
                parked[name] = []
                flying[pool.submit(driver.job(run, stack))] = at
            else:
                waiting.extend(driver.trained_here(at))
        for future in wait(flying, return_when=FIRST_COMPLETED).done if flying else ():
            at = flying.pop(future)
            waiting.extend(parked.pop(at[0].name(at[2], at[3])))
            try:
                answer = future.result()
            except RheobaseError as error:
                waiting.extend(at[0].failed(at, error))
            else:
                waiting.extend(at[0].keep(at, answer))


class _Driver:
    """One plan: its groups, and what of it is done."""

    def __init__(self, plan: Plan, store: Store, torch_version: str, watcher: Watcher | None) -> None:
        self.plan, self.store, self.torch_version, self.watcher = plan, store, torch_version, watcher
        self.groups = [Group(plan, init) for init in plan.inits]
        self.reused = self.trained = 0

    def begin(self) -> list[_Next]:
        return [(self, group, run, stack) for group in self.groups for run, stack in group.begin()]

    def onward(self, at: _Next) -> list[_Next]:
        return [(self, at[1], run, stack) for run, stack in at[1].onward(at[2])]

    def job(self, run: Run, stack: Stack) -> Job:
        return Job(self.plan.task.address, run.contender.function, stack)

    def _trials(self, run: Run, stack: Stack) -> tuple[Trial, ...]:
        return trials(stack, self.plan.task, run.contender.function, self.torch_version)

    def name(self, run: Run, stack: Stack) -> str:
        """What tells a stack from all others: the name of its first trial."""
        return self._trials(run, stack)[0].id

    def stored(self, run: Run, stack: Stack) -> Outcomes | None:
        """The outcomes of a whole stack, or None when any is missing."""
        ids = [trial.id for trial in self._trials(run, stack)]
        found = self.store.outcomes(ids)
        return tuple(found[i] for i in ids) if len(found) == len(ids) else None

    def trained_here(self, at: _Next) -> list[_Next]:
        """Train a stack in this process."""
        _, _, run, stack = at
        began = time.perf_counter()
        try:
            outcomes = tuple(train(self.plan.task, run.contender.function, stack))
        except RheobaseError as error:
            return self.failed(at, error)
        return self.keep(at, Answer(outcomes, time.perf_counter() - began))

    def keep(self, at: _Next, answer: Answer) -> list[_Next]:
        """Write down what was trained, and take it in."""
        _, _, run, stack = at
        self.store.add(zip(self._trials(run, stack), answer.outcomes, strict=True), answer.seconds)
        return self.take(at, answer.outcomes, reused=False)

    def take(self, at: _Next, outcomes: Outcomes, *, reused: bool) -> list[_Next]:
        """Take in a stack's outcomes; return what may be trained now."""
        _, _, run, stack = at
        self.reused += len(outcomes) * reused
        self.trained += len(outcomes) * (not reused)
        if self.watcher:
            self.watcher.advance(len(outcomes), reused)
        run.finish(stack, outcomes)
        return self.onward(at)

    def failed(self, at: _Next, error: RheobaseError) -> list[_Next]:
        at[2].fail(error)
        return self.onward(at)

    def ran(self) -> Ran:
        """What came out.

        Raises:
            RheobaseError: the first function's error, where none could be trained.
        """
        failed = {r.contender.label: r.failure for g in self.groups for r in g.runs if r.failure}
        if len(failed) == len(self.plan.contenders):
            raise next(iter(failed.values()))
        measured = tuple(
            run.measured(group.reference)
            for group in self.groups
            for run in group.runs
            if run.contender.label not in failed
        )
        return Ran(self.plan, measured, self.reused, self.trained, failed)
