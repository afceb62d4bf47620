"""How long a plan takes on this machine, told before it starts, and what to leave out where that is too long.

A stack's time is written into the store beside its trials; a task that this machine has never trained is timed on the
first stack of the plan, which is needed anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rheobase.errors import RheobaseError
from rheobase.study.runs import Group, Plan
from rheobase.study.spec import trials
from rheobase.study.store import Store


def missing(plan: Plan, store: Store, torch_version: str) -> int:
    """How many trainings of the plan are not stored; with looks, at most."""
    return replayed(plan, store, torch_version)[1]


def replayed(plan: Plan, store: Store, torch_version: str) -> tuple[list[Group], int]:
    """The plan's functions with all that is stored of them, and how many trainings are not; with looks, at most."""
    count = 0
    groups = [Group(plan, init) for init in plan.inits]
    for group in groups:
        waiting = group.begin()
        while waiting:
            run, stack = waiting.pop()
            ids = [t.id for t in trials(stack, plan.task, run.contender.function, torch_version)]
            found = store.outcomes(ids)
            if len(found) < len(ids):
                count += len(ids)
                continue
            run.finish(stack, tuple(found[i] for i in ids))
            waiting += group.onward(run)
        for run in group.runs:  # what a missing rung keeps from being known
            if not run.tuned:
                begun = len({t.arm for t in run.tried}) > 0
                count += run.tuner.cost - len(run.tried) - (0 if begun else run.tuner.first)
                count += plan.finals
    return groups, count


def seconds(plans: Sequence[Plan], store: Store, torch_version: str, workers: int) -> float:
    """How long the plans take, as far as this machine has timed their tasks."""
    times = [store.seconds_a_trial(plan.task) or 0.0 for plan in plans]
    work = [missing(plan, store, torch_version) * time for plan, time in zip(plans, times, strict=True)]
    return sum(work) / max(workers, 1)


def fitted(
    plans: Sequence[Plan], store: Store, torch_version: str, workers: int, budget: float
) -> tuple[list[Plan], list[str]]:
    """Plans that take no longer than `budget` seconds, and what was cut: seeds first, then tasks, then functions.

    Raises:
        RheobaseError: not even the smallest plan fits.
    """

    def fits(some: Sequence[Plan]) -> bool:
        return seconds(some, store, torch_version, workers) <= budget

    asked, left, cut = list(plans), list(plans), []
    steps = max(-(-plan.seeds // plan.task.budget.block) for plan in plans)
    for blocks in range(steps - 1, 0, -1):
        if fits(left):
            break
        left = [_fewer_seeds(plan, blocks * plan.task.budget.block) for plan in asked]
    if left != asked:
        most = max(plan.seeds for plan in left)
        cut.append(f"{most} seeds in place of {max(plan.seeds for plan in asked)}")
    while len(left) > 1 and not fits(left):
        cut.append(f"without {left[-1].task.id}")
        left = left[:-1]
    while len(left[0].contenders) > 2 and not fits(left):
        cut.append(f"without {left[0].contenders[-1].label}")
        left = [replace(plan, contenders=plan.contenders[:-1]) for plan in left]
    if not fits(left):
        least = seconds(left, store, torch_version, workers)
        raise RheobaseError(
            f"the budget is {told(budget)}; {len(left[0].contenders)} functions with {left[0].seeds} seeds on "
            f"{left[0].task.id} alone take {told(least)}",
            instead=f"--budget {-(-int(least) // 60) + 1}m",
        )
    return left, cut


def _fewer_seeds(plan: Plan, seeds: int) -> Plan:
    if plan.looks is not None:  # looks are made for their number of seeds
        return plan
    return replace(plan, seeds=max(2, min(plan.seeds, seeds)))


def told(duration: float) -> str:
    """A duration as one says it.

    >>> [told(s) for s in (0.4, 48, 850, 9000)]
    ['less than a second', 'about 48 s', 'about 14 min', 'about 2.5 h']
    """
    if duration < 1:
        return "less than a second"
    if duration < 90:
        return f"about {duration:.0f} s"
    return f"about {duration / 60:.0f} min" if duration < 5400 else f"about {duration / 3600:.1f} h"


def duration(text: str) -> float:
    """Seconds from words such as 90s, 10m, 1.5h.

    Raises:
        RheobaseError: it is no duration.

    >>> duration("10m"), duration("1.5h")
    (600.0, 5400.0)
    """
    number, unit = text.strip()[:-1], text.strip()[-1:]
    try:
        found = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    except (ValueError, KeyError):
        found = 0.0
    if not found > 0:
        raise RheobaseError(f"{text!r} is no time", where="--budget", instead="90s, 10m or 2h")
    return found
