"""Is the method right? Placebos must not come out different, and effects that are there must be found.

Simulated: accuracies of two sides that are the same, as binomial shares of a test set's size, compared as `compare`
compares them, looked at again and again as `--until` does, and at rates that each side has chosen for itself. Real:
each function under two names, each with seeds and tuning of its own. Planted: one point is added to real paired
differences, with as many seeds as the power calculation asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rheobase.study.comparison import Settings, answer, ask
from rheobase.study.engine import Watcher
from rheobase.study.hands import Hands
from rheobase.study.result import PLACEBO, Comparison
from rheobase.study.spec import Outcome, Task
from rheobase.study.statistics import paired_difference, schedule, seeds_needed, student_interval
from rheobase.study.tasks import find
from rheobase.study.tuning import Arm, Tried, Tuner, Way

IMAGES, RIGHT = 449, 0.97
"""The digits' test set, and what a good function gets right of it."""

BY_RATE = (0.953, 0.971, 0.9714, 0.9715, 0.951, 0.287)
"""ReLU's mean accuracy on the digits' validation images at each of the rates to choose from."""

SCATTER = 0.004
"""The standard deviation over seeds of such an accuracy."""

POWER = 0.9

_SEED = 20_250_101


@dataclass(frozen=True)
class Check:
    """One thing that was counted, and how many of it there may be."""

    name: str
    found: int
    of: int
    limit: int
    at_most: bool
    """Is the limit an upper one?"""
    note: str = ""

    @property
    def passed(self) -> bool:
        """Is it on the right side?"""
        return self.found <= self.limit if self.at_most else self.found >= self.limit

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "name": self.name,
            "found": self.found,
            "of": self.of,
            "limit": self.limit,
            "side": "at most" if self.at_most else "at least",
            "passed": self.passed,
            "note": self.note,
        }


def allowed(count: int, rate: float = 0.05) -> int:
    """How many alarms a rate of 5 % explains at the 1 % level of the binomial.

    >>> allowed(1000), allowed(40)
    (67, 6)
    """
    from scipy.stats import binom

    return int(binom.ppf(0.99, count, rate))


def needed(count: int, rate: float = POWER) -> int:
    """How few findings a power of 90 % explains at the 1 % level of the binomial.

    >>> needed(1000)
    877
    """
    from scipy.stats import binom

    return int(binom.ppf(0.01, count, rate))


def simulated_placebos(count: int, seeds: int = 10) -> Check:
    """Alarms of the paired interval between two sides that are the same."""
    runs = _accuracies(count, 2, seeds)
    alarms = sum(paired_difference(a, b).excludes_zero for a, b in runs)
    note = f"{seeds} seeds a side, accuracies on {IMAGES} images"
    return Check("simulated placebos that come out different", alarms, count, allowed(count), True, note)


def simulated_looks(count: int, most: int = 60, step: int = 5) -> Check:
    """Alarms at any of many looks between two sides that are the same."""
    looks = schedule(most, step, step)
    alarms = 0
    for a, b in _accuracies(count, 2, most):
        found = (student_interval(a[:n] - b[:n], 1 - level) for n, level in zip(*looks, strict=True))
        alarms += any(interval.excludes_zero for interval in found)
    note = f"looked at after {step}, {2 * step}, … {most} seeds"
    return Check("simulated placebos that come out different at any look", alarms, count, allowed(count), True, note)


def simulated_tuning(count: int, seeds: int = 10, way: Way = "grid") -> Check:
    """Alarms between two sides that are the same, each trained at a rate that it has chosen by its own tuning."""
    task = find("digits")
    generator = np.random.Generator(np.random.PCG64(_SEED))
    alarms = sum(
        paired_difference(_tuned(task, seeds, way, generator), _tuned(task, seeds, way, generator)).excludes_zero
        for _ in range(count)
    )
    note = f"{seeds} seeds a side, accuracies by rate as ReLU's on the digits ({way})"
    return Check(
        "simulated placebos that come out different, each tuned for itself", alarms, count, allowed(count), True, note
    )


def _tuned(task: Task, seeds: int, way: Way, generator: np.random.Generator) -> np.ndarray:
    """Accuracies at the rate that a tuning chooses; between the rates on offer they are interpolated."""

    def accuracies(rates: Sequence[float]) -> np.ndarray:
        expected = np.interp(np.log(rates), np.log(task.budget.rates), BY_RATE)
        return np.rint((expected + SCATTER * generator.standard_normal(len(rates))) * IMAGES) / IMAGES

    tuner, tried, number = Tuner(task, ["default"], way=way), [], 0
    while stacks := tuner.rung(number, tried):
        for stack in stacks:
            for member, score in zip(stack.members, accuracies([m.rate for m in stack.members]), strict=True):
                outcome = Outcome(float(score), 1 - float(score), None, 0, (), 0.0)
                tried.append(Tried(Arm(stack.init, member.rate), member.seed, outcome))
        number += 1
    return accuracies([tuner.choice(tried).rate] * seeds)


def _accuracies(count: int, sides: int, seeds: int) -> np.ndarray:
    generator = np.random.Generator(np.random.PCG64(_SEED))
    return generator.binomial(IMAGES, RIGHT, size=(count, sides, seeds)) / IMAGES


def real_placebos(
    functions: Sequence[str],
    task: str,
    seeds: int,
    store: str | Path,
    *,
    tuning: Way = "grid",
    workers: int | None = None,
    watcher: Watcher | None = None,
) -> tuple[Check, list[np.ndarray]]:
    """Alarms between each function and itself; and the paired differences, in points, for planting effects.

    Functions whose trainings agree in every score (ELU and CELU at α = 1) count once.
    """
    alarms, differences = 0, []
    for name in functions:
        question = ask([name], task, seeds=seeds, placebo=True, tuning=tuning)
        found, _ = answer(question, Settings(store, Hands(workers), watcher))
        points = _points(found[0])
        if any(np.array_equal(points, others) for others in differences):
            continue  # another formula of the same function: it would count one draw twice
        (interval,) = found[0].placebos.values()
        alarms += interval.excludes_zero
        differences.append(points)
    note = f"{task}, {seeds} seeds a side, each side tuned for itself ({tuning})"
    count = len(differences)
    return Check("real placebos that come out different", alarms, count, allowed(count), True, note), differences


def _points(comparison: Comparison) -> np.ndarray:
    table = comparison.tables[0]
    twin = next(row for row in table.rows if row.activation.endswith(PLACEBO))
    own = table.row(twin.activation.removesuffix(PLACEBO))
    point = comparison.task.metric.point(comparison.leader.mean)
    return (np.array(twin.scores) - np.array(own.scores)) / point


def planted(differences: Sequence[np.ndarray], effect: float, count: int) -> Check:
    """How often an effect of so many points is found, when it is added to real differences.

    Each draw takes one function's differences around their mean, as many of them as the power calculation says for
    their deviation.
    """
    generator = np.random.Generator(np.random.PCG64(_SEED))
    found, asked = 0, []
    for i in range(count):
        d = differences[i % len(differences)]
        n = seeds_needed(effect, float(d.std(ddof=1)), power=POWER) or len(d)
        asked.append(n)
        # Drawing from n values shrinks their variance by (n − 1)/n; that is given back.
        centred = (d - d.mean()) * np.sqrt(len(d) / (len(d) - 1))
        interval = paired_difference(generator.choice(centred, n) + effect, np.zeros(n))
        found += interval.excludes_zero and interval.estimate > 0
    note = f"{min(asked)} to {max(asked)} seeds, as the power calculation says for a power of {100 * POWER:g} %"
    name = f"planted effects of {effect:g} point{'s' * (effect != 1)} that are found"
    return Check(name, found, count, needed(count), False, note)
