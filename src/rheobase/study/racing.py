"""A race with a fixed number of trainings: many functions once, few of them often, one of them against the incumbent.

Successive halving over functions (Karnin, Koren & Somekh 2013; Jamieson & Talwalkar 2016), on validation data, with the
same seeds for all; then the winner alone meets the incumbent, on test data, with fresh paired seeds, at looks whose
intervals hold together (`study.stopping`). As one function alone is tested, and with seeds that had no part in
choosing it, a function that is no better is recommended in at most 2.5 % of races, however many took part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rheobase.errors import RheobaseError
from rheobase.study.result import scores
from rheobase.study.spec import Member, Outcome, Task
from rheobase.study.statistics import Interval, schedule
from rheobase.study.stopping import Looks
from rheobase.study.trainings import Asked
from rheobase.study.tuning import weigh

DUEL = 0.4
"""The share of the trainings that is kept for the last comparison."""
LOOK = 4
"""Seeds between two looks."""
DUEL_SEEDS = 40
"""More seeds than these settle differences that nobody would notice."""


@dataclass(frozen=True)
class Design:
    """How many trainings go where."""

    tuning: int
    """Seeds for each rate of the incumbent."""
    rungs: tuple[tuple[int, int], ...]
    """Functions, and trainings of each, from rung to rung."""
    duel: int
    """Seeds of the winner and of the incumbent, at most."""

    @property
    def first(self) -> int:
        """How many functions are tried at all."""
        return self.rungs[0][0]

    def cost(self, rates: int) -> int:
        """How many trainings it takes at most."""
        return rates * self.tuning + sum(f * t for f, t in self.rungs) + 2 * self.duel


def design(trainings: int, rates: int, functions: int) -> Design:
    """Divide a number of trainings: the incumbent's rate, three rungs that cost about the same, the last comparison.

    Raises:
        RheobaseError: too few to try anything.

    >>> design(92, rates=5, functions=50)
    Design(tuning=2, rungs=((15, 1), (5, 3), (2, 8)), duel=18)
    """
    tuning = 2 if trainings >= 12 * rates else 1
    duel = min(DUEL_SEEDS, int(DUEL * trainings) // 2)
    left = trainings - tuning * rates - 2 * duel
    first = min(functions, left // 3)
    if first < 1 or duel < LOOK:
        raise RheobaseError(
            f"{trainings} trainings try no function against another", instead=f"room for {least(rates)} of them"
        )
    second = max(1, min(first, left // 9))
    third = max(1, min(second, 2 if left < 150 else 3))
    rest = left - first - 3 * second
    return Design(tuning, ((first, 1), (second, 3), (third, max(1, min(DUEL_SEEDS, rest // third)))), duel)


def least(rates: int) -> int:
    """The fewest trainings from which a race can be made.

    >>> least(5)
    20
    """

    def enough(trainings: int) -> bool:
        duel = int(DUEL * trainings) // 2
        return duel >= LOOK and trainings - (2 if trainings >= 12 * rates else 1) * rates - 2 * duel >= 3

    return next(n for n in range(2 * LOOK, 100_000) if enough(n))


@dataclass
class Entrant:
    """A function in the race: the validation scores it has so far, by rate and seed."""

    label: str
    found: dict[float, dict[int, Outcome]] = field(default_factory=dict)

    def add(self, members: Sequence[Member], outcomes: Sequence[Outcome]) -> None:
        for member, outcome in zip(members, outcomes, strict=True):
            self.found.setdefault(member.rate, {})[member.seed] = outcome

    def best(self, sign: int, seeds: Sequence[int]) -> tuple[float, float]:
        """The best mean validation score over these seeds (higher is better), and its rate."""
        full = {r: [o[s] for s in seeds] for r, o in self.found.items() if all(s in o for s in seeds)}
        means = {r: sign * sum(o.validation for o in outcomes) / len(outcomes) for r, outcomes in full.items()}
        rate = max(means, key=lambda r: (means[r], -sum(o.validation_loss for o in full[r]), -r))
        return means[rate], rate


@dataclass(frozen=True)
class Rung:
    """What one rung found: validation scores by function, best first, and how many seeds each mean is of."""

    scores: tuple[tuple[str, float, float], ...]
    """Function, mean validation score (in the metric's own direction), rate."""
    seeds: int


@dataclass(frozen=True)
class Raced:
    """What a race found."""

    incumbent: str
    winner: str | None
    """Who met the incumbent; None where nobody could be trained."""
    rates: tuple[float, float]
    """The incumbent's, and the winner's."""
    rungs: tuple[Rung, ...]
    scores: tuple[tuple[float, ...], tuple[float, ...]]
    """Test scores by seed: the incumbent's, the winner's."""
    difference: Interval
    """The winner's score less the incumbent's, paired by seed, at the last look."""
    better: bool
    """Is it shown to be better?"""
    slower: float
    """The winner's time a step over the incumbent's."""
    cost: int
    """Trainings, the incumbent's among them."""
    stopped: str = ""
    """Why it ended before its design did."""


def race(
    task: Task,
    incumbent: str,
    entrants: Sequence[str],
    plan: Design,
    trainings: Asked,
    time_left: Callable[[], bool] = lambda: True,
) -> Raced:
    """Race functions against the incumbent.

    Args:
        task: says which rates there are and which way is better.
        incumbent: the label of the function to beat.
        entrants: labels of the others, the most promising first.
        plan: how many trainings go where.
        trainings: trains.
        time_left: asked between rungs and looks; where it says no the race ends with what it has.

    Raises:
        RheobaseError: the incumbent itself cannot be trained.
    """
    sign = 1 if task.metric.higher_is_better else -1
    rates, cost = sorted(task.budget.rates), 0
    members = [Member(s, r) for r in rates for s in range(plan.tuning)]
    (own,) = trainings("tune", [(incumbent, members)])
    if own is None:
        raise RheobaseError(f"{incumbent} cannot be trained on {task.id}", instead="--have another function")
    cost += len(members)
    by_rate: dict[float, list[Outcome]] = {}
    for member, outcome in zip(members, own, strict=True):
        by_rate.setdefault(member.rate, []).append(outcome)
    chosen = weigh(task, by_rate)
    at = min(range(len(rates)), key=lambda i: abs(rates[i] / chosen - 1))
    near = [rates[i] for i in (at - 1, at + 1) if 0 <= i < len(rates)]
    alive = [Entrant(label) for label in entrants[: plan.first]]
    rungs: list[Rung] = []
    for number, (many, each) in enumerate(plan.rungs):
        if not alive or not time_left():
            break
        alive = alive[:many]
        asked = [_members(one, number, each, rates[at], near, sign) for one in alive]
        outcomes = trainings("tune", [(one.label, m) for one, m in zip(alive, asked, strict=True)])
        cost += sum(map(len, asked))
        still = []
        for one, of_it, found in zip(alive, asked, outcomes, strict=True):
            if found is not None:
                one.add(of_it, found)
                still.append(one)
        seeds = range(1 + each) if number == 2 else range(1)
        alive = sorted(still, key=lambda one: -one.best(sign, seeds)[0])
        told = [(one.label, sign * one.best(sign, seeds)[0], one.best(sign, seeds)[1]) for one in alive]
        rungs.append(Rung(tuple(told), len(seeds)))
    if not alive or not rungs:
        nothing = Interval(float("nan"), float("-inf"), float("inf"))
        return Raced(incumbent, None, (chosen, chosen), tuple(rungs), ((), ()), nothing, False, 1.0, cost)
    winner, rate = rungs[-1].scores[0][0], rungs[-1].scores[0][2]
    return _duel(task, incumbent, winner, (chosen, rate), rungs, plan, trainings, cost, time_left)


def _members(one: Entrant, number: int, each: int, rate: float, near: Sequence[float], sign: int) -> list[Member]:
    """What an entrant trains in a rung: the incumbent's rate; its neighbours too; more seeds at its own best."""
    if number == 0:
        return [Member(0, rate)]
    if number == 1:
        return [*(Member(0, r) for r in near), Member(1, rate)]
    own = one.best(sign, (0,))[1]
    return [Member(s, own) for s in range(1, 1 + each) if s not in one.found[own]]


def _duel(
    task: Task,
    incumbent: str,
    winner: str,
    rates: tuple[float, float],
    rungs: Sequence[Rung],
    plan: Design,
    trainings: Asked,
    cost: int,
    time_left: Callable[[], bool],
) -> Raced:
    metric = task.metric
    looks = Looks(schedule(plan.duel, LOOK, LOOK), None, metric.higher_is_better)
    own: list[Outcome] = []
    others: list[Outcome] = []
    difference, better, stopped = Interval(float("nan"), float("-inf"), float("inf")), False, ""
    for n in looks.schedule.seeds:
        if not time_left():
            stopped = "the time was up"
            break
        seeds = range(len(own), n)
        pair = trainings(
            "final", [(who, [Member(s, r) for s in seeds]) for who, r in zip((incumbent, winner), rates, strict=True)]
        )
        if pair[0] is None or pair[1] is None:
            failed = incumbent if pair[0] is None else winner
            raise RheobaseError(f"{failed} was trained before, and now could not be", instead="the same command again")
        own += pair[0]
        others += pair[1]
        cost += 2 * len(seeds)
        difference = looks.interval(scores(others), scores(own))
        decision = looks.decision(difference, 1.0)
        better = decision == "ahead"
        if decision != "open":
            break
    slower = _step(others) / _step(own) if own and _step(own) else 1.0
    tests = (scores(own), scores(others))
    return Raced(incumbent, winner, rates, tuple(rungs), tests, difference, better, slower, cost, stopped)


def _step(outcomes: Sequence[Outcome]) -> float:
    times = sorted(o.seconds_per_step for o in outcomes)
    return times[len(times) // 2] if times else 0.0
