"""The conformance suite for tasks: what every task of a study must hold. Ours and yours alike.

>>> print(task_conformance("wine"))
wine: 9 checks
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from rheobase.errors import RheobaseError
from rheobase.study.recipe import Recipe, shortened
from rheobase.study.spec import Member, Outcome, Stack, Stage, Task
from rheobase.study.tasks import find

if TYPE_CHECKING:
    from rheobase.study.training import Work

FUNCTIONS = ("tanh", "sine", "relu", "gelu")
"""Tried in turn until one is better than the floor."""
STEPS = 20
TOLERANCE = 1e-10
"""After 20 steps in float64 rounding has grown to at most this, relative to the largest parameter of a network."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, and what was found where it does not."""

    name: str
    found: str = ""

    @property
    def ok(self) -> bool:
        """Did it hold?"""
        return not self.found


@dataclass(frozen=True, slots=True)
class TaskReport:
    """What was checked of a task."""

    task: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Did everything hold?"""
        return not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that did not hold."""
        return tuple(check for check in self.checks if not check.ok)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        head = f"{self.task}: {len(self.checks)} checks"
        return "\n".join([head, *(f"  {check.name}: {check.found}" for check in self.failures)])


def task_conformance(
    task: str | Task | Callable[..., Any], *, epochs: int = 1, functions: Sequence[str] = FUNCTIONS
) -> TaskReport:
    """Put a task through every check: a built-in one, `path.py:NAME`, a Task, or a training function.

    Args:
        epochs: what a built-in task's budget is cut to, except where it must show that something can be learned.
        functions: those of which one must do better than the floor.

    Raises:
        RheobaseError: there is no such task, or its data cannot be loaded.

    >>> task_conformance("parity").ok
    True
    """
    from rheobase.study.worker import one_thread

    found = find(task)
    with one_thread():
        return TaskReport(found.id, tuple(_checks(found, shortened(found, epochs), functions)))


def _checks(task: Task, short: Task, functions: Sequence[str]) -> Iterator[Check]:
    yield Check("it says what it is", _complete(task))
    rates, spec = task.budget.rates, functions[0]
    members = (Member(0, rates[0]), Member(1, rates[0]), Member(2, rates[-1]))
    tuned, reads = _watched(short, "tune", members, spec)
    told = any(o.test is not None for o in tuned)
    yield Check("tuning leaves the test data alone", "a test score while tuning" if told else _read(reads, 0))
    yield Check("seeds matter", "two seeds give the same" if repr(tuned[0]) == repr(tuned[1]) else "")
    final, reads = _watched(short, "final", members, spec)
    untold = any(o.test is None or not math.isfinite(o.test) for o in final)
    yield Check("a final run reads the test data once", "no test score" if untold else _read(reads, 1))
    yield Check("a function that is NaN costs its own trainings", _failed(short, members))
    again = _run(short, "final", members, spec)
    yield Check("run again it gives the same, bit for bit", "" if repr(final) == repr(again) else "two runs differ")
    poisoned = _run(short, "final", (members[0], Member(1, math.inf), members[2]), spec)
    changed = [i for i in (0, 2) if repr(final[i]) != repr(poisoned[i])]
    isolated = f"members {changed} changed" if changed else ""
    yield Check("a member that diverges leaves the others bit for bit", isolated)
    if isinstance(task.train, Recipe):
        yield Check("a member is the same alone and in a stack", _alone(task.train, task, members))
    yield Check("something can be learned", _learnable(task, short, functions))


def _run(task: Task, stage: Stage, members: Sequence[Member], spec: str | Callable[[Any], Any]) -> list[Outcome]:
    """Outcomes without their timing, which alone may differ."""
    from rheobase.nn import Activation

    activation = Activation(spec) if isinstance(spec, str) else spec
    outcomes = task.train(Stack(task.id, stage, next(iter(task.inits)), "", tuple(members)), activation)
    return [msgspec.structs.replace(o, seconds_per_step=0.0) for o in outcomes]


def _complete(task: Task) -> str:
    words = {name: getattr(task, name) for name in ("id", "title", "stands_for", "domain", "architecture")}
    words |= {f"data.{f.name}": getattr(task.data, f.name) for f in dataclasses.fields(task.data)}
    words |= {"metric.name": task.metric.name, "inits": task.inits, "budget.rates": task.budget.rates}
    missing = [name for name, value in words.items() if not value]
    if missing:
        return f"it has no {', '.join(missing)}"
    return "" if math.isfinite(task.metric.floor) else "the metric's floor is not finite"


def _failed(task: Task, members: Sequence[Member]) -> str:
    floor = task.metric.floor
    for o in _run(task, "final", members, lambda x: x * math.nan):
        if not o.diverged or o.validation != floor or o.test != floor:
            return f"counted as {o.validation} and {o.test}, {o.diverged} diverged, where the floor is {floor}"
    return ""


def _learnable(task: Task, short: Task, functions: Sequence[str]) -> str:
    sign = 1 if task.metric.higher_is_better else -1
    for spec in functions:
        for tried in (short, task):  # a few steps show it for most
            members = [Member(0, rate) for rate in tried.budget.rates]
            best = max(sign * o.validation for o in _run(tried, "tune", members, spec))
            if best > sign * task.metric.floor:
                return ""
    return f"none of {', '.join(functions)} is better than the floor, {task.metric.floor}"


def _alone(recipe: Recipe, task: Task, members: Sequence[Member]) -> str:
    import torch

    from rheobase.study.training import Run

    def trained(some: Sequence[Member]) -> list[torch.Tensor]:
        stack = Stack(task.id, "tune", next(iter(task.inits)), "", tuple(some))
        run = Run(recipe.work(), recipe.budget, stack, torch.tanh, torch.float64)
        done = 0
        while done < STEPS:
            for pick in run.epoch():
                run.step(pick)
                done += 1
                if done == STEPS:
                    break
        return [p.detach() for p in run.model.parameters]

    together = trained(members)
    for i, member in enumerate(members):
        for all_of_them, own in zip(together, trained([member]), strict=True):
            off = float((all_of_them[i] - own[0]).abs().max())
            if not off < TOLERANCE:
                return f"parameters of seed {member.seed} differ by {off:.2g} after {STEPS} steps in float64"
    return ""


def _watched(task: Task, stage: Stage, members: Sequence[Member], spec: str) -> tuple[list[Outcome], int | None]:
    """Outcomes, and how often the test data were asked for, which a recipe alone can show."""
    if not isinstance(task.train, Recipe):
        return _run(task, stage, members, spec), None
    watched = _Watched(task.train.work())
    recipe = dataclasses.replace(task.train, work=lambda: watched.work)
    return _run(dataclasses.replace(task, train=recipe), stage, members, spec), watched.reads


def _read(reads: int | None, expected: int) -> str:
    return "" if reads in (None, expected) else f"they are read {reads} times"


class _Watched:
    """A work whose test data count how often they are asked for."""

    def __init__(self, work: Work) -> None:
        from rheobase.study.training import Split

        self.reads = 0
        watcher = self

        class Counted(Split):
            def __getattribute__(self, name: str) -> Any:
                watcher.reads += name == "test"
                return super().__getattribute__(name)

        self.work = dataclasses.replace(work, split=Counted(*work.split))


def assert_conforms(task: str | Task | Callable[..., Any]) -> None:
    """For a test of one's own task.

    Raises:
        RheobaseError: a check failed; the message says which, and what was found.

    >>> assert_conforms("xor")
    """
    report = task_conformance(task)
    if not report:
        raise RheobaseError(str(report), instead="a task that holds them all; see docs/tasks.md")
