"""How a task trains, as data: a recipe can be shortened, run in another precision, given other data, and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rheobase.study.spec import Budget, Metric, Outcome, Stack, Task

if TYPE_CHECKING:
    from rheobase.study.training import Activation, Work


@dataclass(frozen=True)
class Recipe:
    """A task's `train`: `work` gives data and networks when they are wanted, so that naming a task loads no torch."""

    work: Callable[[], Work]
    metric: Metric
    budget: Budget

    def __call__(self, stack: Stack, activation: Activation) -> Sequence[Outcome]:
        """Train a stack; one outcome a member."""
        from rheobase.study.training import fit

        return fit(self.work(), self.budget, self.metric, stack, activation)


def shortened(task: Task, epochs: int = 1) -> Task:
    """The same task with a budget of a few epochs, for checks; a task that trains in its own way stays as it is.

    >>> from rheobase.study.tasks import find
    >>> shortened(find("digits")).budget.epochs
    1
    """
    if not isinstance(task.train, Recipe):
        return task
    budget = dataclasses.replace(task.budget, epochs=min(epochs, task.budget.epochs))
    return dataclasses.replace(task, budget=budget, train=dataclasses.replace(task.train, budget=budget))
