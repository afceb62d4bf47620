"""Choosing a learning rate from a few noisy trainings, so that the choice itself adds little noise to the result.

Taking the best of the grid is unstable: two rates that are all but equal swap places with the tuning seeds, and what
they differ by enters the comparison as if it were the functions' difference. Measured on digits (ReLU, Swish; 120 seeds
a rate, resampled): the same function under two names came out different in 10 to 15 % of comparisons with 5 tuning
seeds; with the weighted choice below in 6 to 7 %, as it does when both get the very same rate.

Two ways, both with the same number of trainings for every function: the whole grid, or successive halving (Karnin,
Koren & Somekh 2013, "Almost Optimal Exploration in Multi-Armed Bandits", ICML), which spends equal shares on ever fewer
candidates. Halving costs 18 trainings on the digits in place of 30, and chooses less steadily: two tunings of one
function lie 0.29 decades apart, by the grid 0.17 (root mean square over 21 functions). So the grid is the default.
The initialisation may be chosen along with the rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from rheobase.study.spec import Member, Outcome, Stack, Task

Way = Literal["grid", "halving"]


class Arm(NamedTuple):
    """A candidate: an initialisation with a learning rate."""

    init: str
    rate: float


class Tried(NamedTuple):
    """One tuning run."""

    arm: Arm
    seed: int
    outcome: Outcome


class Tuner:
    """What one function's tuning trains, rung by rung; the grid is a single rung.

    >>> from rheobase.study.tasks import find
    >>> [Tuner(find("digits"), ["default"], way=way).cost for way in ("grid", "halving")]
    [30, 18]
    """

    def __init__(self, task: Task, inits: Sequence[str], stream: str = "", way: Way = "grid") -> None:
        self.task, self.stream, self.way = task, stream, way
        self.arms = tuple(Arm(i, r) for i in inits for r in task.budget.rates)
        self._sizes = (
            [(len(self.arms), task.budget.tuning_seeds)]
            if way == "grid"
            else _halved(len(self.arms), task.budget.tuning_seeds)
        )

    @property
    def cost(self) -> int:
        """How many trainings the choice takes: the same for every function."""
        return sum(arms * seeds for arms, seeds in self._sizes)

    @property
    def first(self) -> int:
        """How many of them are the first rung."""
        return self._sizes[0][0] * self._sizes[0][1]

    def rung(self, number: int, tried: Sequence[Tried]) -> tuple[Stack, ...]:
        """The stacks of a rung, one an initialisation, given what the rungs before it found; none after the last."""
        if number >= len(self._sizes):
            return ()
        many, seeds = self._sizes[number]
        first = sum(s for _, s in self._sizes[:number])
        kept = self._best(tried, many) if number else self.arms
        rates: dict[str, list[float]] = {}
        for arm in kept:
            rates.setdefault(arm.init, []).append(arm.rate)
        return tuple(
            Stack(self.task.id, "tune", init, self.stream, tuple(_members(some, first, seeds)), self.task.device)
            for init, some in rates.items()
        )

    def _best(self, tried: Sequence[Tried], many: int) -> list[Arm]:
        """The best candidates, in the order of the grid; those with more runs were kept before."""
        means = {arm: _mean(self.task, found) for arm, found in _by_arm(tried).items()}
        longest = max(len(found) for found in _by_arm(tried).values())
        alive = [arm for arm, found in _by_arm(tried).items() if len(found) == longest]
        alive.sort(key=lambda arm: (-means[arm][0], means[arm][1], self.arms.index(arm)))
        return sorted(alive[:many], key=self.arms.index)

    def choice(self, tried: Sequence[Tried]) -> Arm:
        """The initialisation of the best candidate, and the rate weighed among its own."""
        found = _by_arm(tried)
        longest = max(len(outcomes) for outcomes in found.values())
        last = {arm: outcomes for arm, outcomes in found.items() if len(outcomes) == longest}
        best = max(last, key=lambda arm: (_mean(self.task, last[arm])[0], -_mean(self.task, last[arm])[1]))
        own = {arm.rate: outcomes for arm, outcomes in last.items() if arm.init == best.init}
        return Arm(best.init, weigh(self.task, own))


def _members(rates: Sequence[float], first: int, seeds: int) -> Iterator[Member]:
    return (Member(seed, rate) for rate in rates for seed in range(first, first + seeds))


def _halved(arms: int, least: int) -> list[tuple[int, int]]:
    """Candidates and fresh seeds of each rung: half as many candidates, each with about twice as many seeds.

    The two that remain are tried with `least` seeds or more, so that what is left open between them can be weighed.

    >>> _halved(6, 5), _halved(12, 5), _halved(1, 5)
    ([(6, 1), (3, 2), (2, 3)], [(12, 1), (6, 2), (3, 4), (2, 6)], [(1, 5)])
    """
    sizes, left, spent = [(arms, 1)] if arms > 2 else [], arms, 1
    while left > 2:
        left = -(-left // 2)
        sizes.append((left, max(arms // left, least - spent if left == 2 else 1)))
        spent += sizes[-1][1]
    return sizes or [(arms, least)]


def _by_arm(tried: Sequence[Tried]) -> dict[Arm, list[Outcome]]:
    found: dict[Arm, list[Outcome]] = {}
    for run in tried:
        found.setdefault(run.arm, []).append(run.outcome)
    return found


def _mean(task: Task, outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """The mean validation score, higher being better, and the mean validation loss."""
    sign = 1 if task.metric.higher_is_better else -1
    n = len(outcomes)
    return sign * sum(o.validation for o in outcomes) / n, sum(o.validation_loss for o in outcomes) / n


def weigh(task: Task, tried: Mapping[float, Sequence[Outcome]]) -> float:
    """The geometric mean of the rates, each weighted by exp(−g/e): g is how far its mean validation score is behind the
    best rate's, and e the standard error of such a mean (the median over the rates). Two digits are kept.

    A rate that is clearly behind weighs nothing, rates that the tuning seeds cannot tell apart weigh the same.
    Averaging what a selection leaves open, in place of picking: Buckland, Burnham & Augustin 1997, Biometrics 53.
    Without any spread (all seeds alike) the best rate is taken; ties go to the lower validation loss, then to the
    lower rate.

    Args:
        task: says which way the score is better.
        tried: the outcomes by rate, equally many for each.
    """
    rates, each = np.array(list(tried)), len(next(iter(tried.values())))
    sign = 1 if task.metric.higher_is_better else -1
    scores = sign * np.array([[o.validation for o in tried[r]] for r in tried])
    losses = np.array([[o.validation_loss for o in tried[r]] for r in tried]).mean(axis=1)
    means = scores.mean(axis=1)
    error = float(np.median(scores.std(axis=1, ddof=1))) / math.sqrt(each) if each > 1 else 0.0
    if error == 0:
        return float(rates[min(range(len(rates)), key=lambda i: (-means[i], losses[i], rates[i]))])
    weights = np.exp((means - means.max()) / error)
    rate = math.exp(float(weights @ np.log(rates)) / float(weights.sum()))
    return float(f"{rate:.2g}")


def at_edge(task: Task, rate: float) -> bool:
    """Is the rate nearer to an end of the grid than to the rate beside it, so that a better one may lie outside?"""
    rates = sorted(task.budget.rates)
    return len(rates) > 1 and (rate < math.sqrt(rates[0] * rates[1]) or rate > math.sqrt(rates[-1] * rates[-2]))
