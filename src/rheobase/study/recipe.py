"""How a task trains, as data: a recipe can be shortened, run in another precision, given other data, and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from rheobase.study.spec import Budget, Metric, Outcome, Stack, Task

if TYPE_CHECKING:
    from rheobase.study.training import Activation, Split, Work


@dataclass(frozen=True)
class Recipe:
    """A task's `train`: `work` gives data and networks when they are wanted, so that naming a task loads no torch."""

    work: Callable[[], Work]
    metric: Metric
    budget: Budget
    takes: str = ""
    """The kind of data of one's own that may take the place of the task's: "text", "images", or none."""
    on: Callable[[Callable[[], Split]], Work] | None = None
    """The same work on other data."""

    def __call__(self, stack: Stack, activation: Activation) -> Sequence[Outcome]:
        """Train a stack; one outcome a member."""
        from rheobase.study.training import fit

        return fit(self.work(), self.budget, self.metric, stack, activation)


HELD_OUT = 600
"""Of larger validation and test sets a shortened task takes the first examples."""


def shortened(task: Task, epochs: int = 1, batches: int = 10) -> Task:
    """The same task with a budget of a few epochs of a few batches, for checks; a task that trains in its own way stays
    as it is.

    >>> from rheobase.study.tasks import find
    >>> shortened(find("digits")).budget.epochs
    1
    """
    train, budget = task.train, dataclasses.replace(task.budget, epochs=min(epochs, task.budget.epochs))
    if isinstance(train, partial) and "epochs" in train.keywords:
        return dataclasses.replace(task, train=partial(train, epochs=min(25 * epochs, train.keywords["epochs"])))
    if not isinstance(train, Recipe):
        return task

    def work() -> Work:
        full = train.work()
        drawn = min(full.epoch or len(full.split.train[0]), batches * budget.batch)
        held = ((x[:HELD_OUT], y[:HELD_OUT]) for x, y in (full.split.validation, full.split.test))
        return dataclasses.replace(full, epoch=drawn, split=type(full.split)(full.split.train, *held))

    return dataclasses.replace(task, budget=budget, train=dataclasses.replace(train, work=cache(work), budget=budget))
