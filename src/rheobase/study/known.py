"""What committed studies have found, by kind of task: the prior of a recommendation, and its answer without a training.

`known.json` holds scores as shares of the way from having learned nothing to the best function of a task; it is written
by `tools/known.py` from the results in benchmarks/results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources

import msgspec
import numpy as np

from rheobase.errors import RheobaseError, nearest

KIN = 3.0
"""How much more a task of the same kind says than one of another."""
DOUBT = 0.25
"""The weight of "an average function" against a measured one: what is unlike all that was measured is average."""


class Measured(msgspec.Struct, frozen=True):
    """One task: what was measured, with how many seeds, and each function's share of the way to the best, in %."""

    task: str
    kind: str
    metric: str
    seeds: int
    shares: dict[str, tuple[float, float, float]]
    """Mean, and the ends of its 95 % interval."""


class Advice(msgspec.Struct, frozen=True):
    """A function's mean share over the tasks on which it was measured, and the least and the most of them."""

    activation: str
    mean: float
    low: float
    high: float
    tasks: int


class Known(msgspec.Struct, frozen=True):
    """All that was measured."""

    tasks: tuple[Measured, ...]
    source: str = ""

    def without(self, task: str) -> Known:
        """The same, had this task not been measured."""
        return Known(tuple(one for one in self.tasks if one.task != task), self.source)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of task there are."""
        return tuple(dict.fromkeys(one.kind for one in self.tasks))

    def measured(self, activation: str) -> bool:
        """Was this function measured on any task?"""
        return any(activation in one.shares for one in self.tasks)

    def expected(self, activation: str, weights: Callable[[Sequence[str]], np.ndarray]) -> np.ndarray:
        """What a function may be expected to reach on each task, in % of the way to the best.

        Its own mean where it was measured; elsewhere kernel regression (Nadaraya 1964; Watson 1964) over the functions
        that were, drawn towards the average function where none is like it.

        Args:
            activation: the function in question.
            weights: how much each of the named functions says of it.
        """
        found: list[float] = []
        for one in self.tasks:
            if activation in one.shares:
                found.append(max(one.shares[activation][0], 0.0))
                continue
            names = list(one.shares)
            means = np.maximum([one.shares[name][0] for name in names], 0.0)
            own = weights(names)
            found.append(float((own @ means + DOUBT * means.mean()) / (own.sum() + DOUBT)))
        return np.array(found)

    def weights(self, kind: str) -> np.ndarray:
        """How much each task says of one of this kind; they add up to 1."""
        found = np.array([KIN if one.kind == kind else 1.0 for one in self.tasks])
        return found / found.sum()

    def advice(self, kind: str | None) -> list[Advice]:
        """Functions that were measured on half of a kind's tasks or more (None: of all tasks), the best mean first.

        Raises:
            RheobaseError: nothing of that kind was measured.
        """
        tasks = [one for one in self.tasks if kind in (None, one.kind)]
        if not tasks:
            hint = nearest(kind or "", self.kinds) or ", ".join(self.kinds)
            raise RheobaseError(f"no task of the kind {kind!r} was measured", instead=hint)
        measured = [name for one in tasks for name in one.shares]
        found = []
        for name in dict.fromkeys(measured):
            means = [one.shares[name][0] for one in tasks if name in one.shares]
            if 2 * len(means) >= len(tasks):
                found.append(Advice(name, float(np.mean(means)), min(means), max(means), len(means)))
        return sorted(found, key=lambda one: (-one.mean, one.activation))

    def ahead(self, one: str, other: str, kind: str | None) -> tuple[str, ...]:
        """The tasks of a kind on which the intervals of two functions lie apart, the first one's above."""
        return tuple(
            t.task
            for t in self.tasks
            if kind in (None, t.kind) and {one, other} <= set(t.shares) and t.shares[one][1] > t.shares[other][2]
        )

    def weakness(self, incumbent: str) -> tuple[int, int, float]:
        """How such advice would have done: for each task the best function of all other tasks is taken.

        Returns:
            on how many tasks it beats the incumbent, of how many, and the median of what it loses to the task's best,
            in % of the way.
        """
        wins, lost = 0, []
        for one in self.tasks:
            others = self.without(one.task)
            if not others.tasks or incumbent not in one.shares:
                continue
            best = next((a.activation for a in others.advice(None) if a.activation in one.shares), incumbent)
            means = {name: share[0] for name, share in one.shares.items()}
            wins += means[best] > means[incumbent]
            lost.append(max(means.values()) - means[best])
        return wins, len(lost), float(np.median(lost)) if lost else 0.0


@cache
def known() -> Known:
    """What comes with the package."""
    text = resources.files("rheobase.study").joinpath("known.json").read_bytes()
    return msgspec.json.decode(text, type=Known)
