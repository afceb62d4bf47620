"""Adding seeds until it is decided, racing, halving: with a task that throws dice, so that the truth is known."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study.spec import Budget, Outcome, Stack, Task
from rheobase.study.statistics import schedule, student_interval
from rheobase.study.stopping import Looks
from rheobase.study.tasks import find
from rheobase.study.tuning import Arm, Tuner

# Values at x = 2, which tell the dice which function it is.
RELU, TANH, SQUARE, CUBE = "2.0000", f"{math.tanh(2):.4f}", "4.0000", "8.0000"
WORTH = {RELU: 0.90, TANH: 0.80, SQUARE: 0.8999, CUBE: 0.895}
FOUR = ["relu", "tanh", "x**2", "x**3"]


def dice(
    worth: Mapping[str, float], noise: float, best_rate: float = 0.01, inits: Mapping[str, float] | None = None
) -> Task:
    """A task in which a formula scores its worth plus noise, less when the rate is off, more at a better start."""
    better = inits or {"default": 0.0}

    def train(stack: Stack, activation: Callable[[torch.Tensor], torch.Tensor]) -> Sequence[Outcome]:
        value = worth[f"{float(activation(torch.tensor(2.0))):.4f}"]
        outcomes = []
        for member in stack.members:
            luck = random.Random(f"{stack.stage} {stack.stream} {member.seed} {value}")
            off = (
                0.0 if stack.stage == "final" else 0.1 * abs(torch.log10(torch.tensor(member.rate / best_rate)).item())
            )
            score = value + better[stack.init] - off + noise * luck.gauss(0, 1)
            test = score if stack.stage == "final" else None
            outcomes.append(Outcome(score + noise * luck.gauss(0, 1), 1 - score, test, 0, (score,), 1e-6))
        return outcomes

    return dataclasses.replace(
        find("digits"),
        id="dice",
        budget=Budget(epochs=1, batch=1, rates=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1), tuning_seeds=5, block=5),
        inits={name: name for name in better},
        train=train,
        source=repr((sorted(worth.items()), noise, best_rate, sorted(better.items()))),
    )


def seeds(found: rb.study.Comparison) -> dict[str, int]:
    return {row.activation: len(row.outcomes) for row in found.rows}


def test_seeds_are_added_until_every_difference_is_decided() -> None:
    found = rb.compare(FOUR, dice(WORTH, noise=0.004), until=0.5, store=":memory:")
    rule, point = found.looks, 0.01
    assert rule is not None and rule.points == 0.5
    spent, lead = seeds(found), found.leader.activation
    (level,) = {"relu", "x**2"} - {lead}
    assert spent["tanh"] == 5 < spent[lead] < 60, "ten points show at once, and the reference goes on for the others"
    answers = {r.activation: rule.decision(r.difference, point) for r in found.rows if r.standing != "leader"}
    assert answers["tanh"] == "behind" and answers[level] == "level" and "open" not in answers.values()
    assert found.trained == sum(spent.values()) + 4 * 30
    told = str(found)
    assert "up to 60 seeds" in told.splitlines()[0]
    assert f"Shown to be within 0.5 points of it: {level}" in told and "Lan & DeMets" in told


def test_what_is_not_decided_is_said_to_be_open() -> None:
    found = rb.compare(["relu", "x**2"], dice(WORTH, noise=0.05), until=0.1, seeds=20, store=":memory:")
    assert set(seeds(found).values()) == {20} and "Still open after 20 seeds" in str(found)


def test_an_interval_at_a_look_is_wider_than_one_that_looks_once() -> None:
    found = rb.compare(["relu", "x**2"], dice(WORTH, noise=0.05), until=0.1, seeds=20, store=":memory:")
    (row,) = (r for r in found.rows if r.standing != "leader")
    once = student_interval(np.subtract(row.scores, found.leader.scores))
    assert row.difference.estimate == pytest.approx(once.estimate)
    assert row.difference.high - row.difference.low > 1.1 * (once.high - once.low)


def test_a_race_drops_the_last_and_goes_on_with_the_others() -> None:
    found = rb.compare(FOUR, dice(WORTH, noise=0.004), race=True, seeds=30, store=":memory:")
    spent = seeds(found)
    assert spent["tanh"] == 5 and spent["relu"] == spent["x**2"] == 30
    assert found.trained < 4 * (30 + 30)


def test_a_race_run_again_trains_nothing_and_a_resumed_one_goes_on(tmp_path: Path) -> None:
    task, store = dice(WORTH, noise=0.004), tmp_path / "s.sqlite"
    first = rb.compare(FOUR[:2], task, race=True, seeds=30, store=store)
    more = rb.compare(FOUR, task, race=True, seeds=30, store=store)
    again = rb.compare(FOUR, task, race=True, seeds=30, store=store)
    assert more.reused == first.trained and again.trained == 0
    assert again.to_dict() | {"reused": 0, "trained": 0} == more.to_dict() | {"reused": 0, "trained": 0}


def test_the_reference_is_the_leader_of_the_tuning() -> None:
    found = rb.compare(FOUR, dice(WORTH, noise=1e-4), race=True, seeds=10, store=":memory:", placebo=True)
    assert found.leader.activation == "relu" and found.leader.standing == "leader"


@pytest.mark.parametrize("points", [0.3, None])
def test_a_function_as_good_as_the_reference_is_seldom_decided_against(points: float | None) -> None:
    """2.5 % for each side over all looks; 400 races of five equal functions."""
    rule, generator = Looks(schedule(30, 5, 5), points), np.random.default_rng(0)
    wrong = total = 0
    for _ in range(400):
        scores = dict(zip("abcde", generator.normal(0.9, 0.01, size=(5, 30)).tolist(), strict=True))
        alive = set("abcde")
        for n in rule.schedule.seeds:
            now = {name: scores[name][:n] for name in alive}
            wrong += sum(
                rule.decision(rule.interval(now[name], now["a"]), 0.01) == "behind" for name in alive if name != "a"
            )
            alive = rule.still(now, "a", n, 0.01)
            if not alive:
                break
        total += 4
    # Comparisons that share a reference are correlated, so the error of the share is taken over races.
    assert wrong / total <= 0.0275 + 4 * math.sqrt(0.025 / 400)


def test_where_less_is_better_the_larger_is_behind() -> None:
    rule = Looks(schedule(10, 5, 5), None, higher_is_better=False)
    worse, best = [2.0, 2.1, 2.0, 2.1, 2.0], [1.0, 1.1, 1.0, 1.0, 1.1]
    assert rule.decision(rule.interval(worse, best), 0.01) == "behind"
    assert rule.decision(rule.interval(best, worse), 0.01) == "ahead"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"until": -1.0}, "--until 0.3"),
        ({"margin": 0.0}, "--margin 0.3"),
        ({"specs": ["relu"], "race": True}, "two functions"),
        ({"init": "tuned"}, "no initialisation 'tuned'"),
    ],
    ids=str,
)
def test_mistakes_are_told(how: dict, says: str) -> None:
    with pytest.raises(RheobaseError) as caught:
        rb.compare(**({"specs": FOUR, "on": dice(WORTH, noise=0.01), "store": ":memory:"} | how))
    assert says in str(caught.value)


# ------------------------------------------------------------------------------------------------------------- tuning


def test_halving_gives_every_function_the_same_number_of_trainings() -> None:
    found = rb.compare(FOUR, dice(WORTH, noise=0.004), tuning="halving", seeds=5, store=":memory:")
    assert {len(row.tried) for row in found.rows} == {18}
    assert found.trained == 4 * (18 + 5) and "--tuning halving" in found.command
    assert found.to_dict()["study"]["tuning"] == {"way": "halving", "trials_a_function": 18}


def test_halving_keeps_the_better_half_and_ends_with_two() -> None:
    task = dice(WORTH, noise=1e-6, best_rate=0.003)
    tuner = Tuner(task, ["default"], way="halving")
    found = rb.compare("relu", task, tuning="halving", seeds=2, store=":memory:")
    tried = list(found.rows[0].tried)
    runs = {rate: sum(t.arm.rate == rate for t in tried) for rate in task.budget.rates}
    assert (
        runs[0.003] == 6
        and sorted(runs.values()) == [1, 1, 1, 3, 6, 6]
        and tuner.choice(tried) == Arm("default", 0.003)
    )
    assert found.rows[0].learning_rate == 0.003
    assert {t.seed for t in tried if t.arm.rate == 0.003} == set(range(6)), "no seed is used twice"


def test_halving_and_the_grid_find_the_same_where_it_is_clear() -> None:
    task = dice(WORTH, noise=0.002, best_rate=0.03)
    rates = [
        rb.compare("relu", task, tuning=way, seeds=2, store=":memory:").rows[0].learning_rate
        for way in ("grid", "halving")
    ]
    assert rates == [0.03, 0.03]


def test_the_start_is_chosen_along_with_the_rate() -> None:
    task = dice(WORTH, noise=0.004, inits={"default": 0.0, "theory": 0.03})
    for way in ("grid", "halving"):
        found = rb.compare(["relu", "tanh"], task, init="tuned", tuning=way, seeds=3, store=":memory:")
        assert {row.chosen for row in found.rows} == {"theory"} and found.init == "tuned"
        assert found.to_dict()["study"]["chosen_inits"] == {"relu": "theory", "tanh": "theory"}
        assert {len(row.tried) for row in found.rows} == {60 if way == "grid" else 48}
    flat = dice(WORTH, noise=0.004, inits={"default": 0.03, "theory": 0.0})
    assert rb.compare("relu", flat, init="tuned", seeds=3, store=":memory:").rows[0].chosen == "default"


def test_the_window_is_what_the_dice_say() -> None:
    """A tenth of a point for each decade off: one point below the best lies a tenth of a decade away on either side."""
    found = rb.compare("relu", dice(WORTH, noise=0.0), seeds=2, store=":memory:")
    assert found.stability["relu"].window == pytest.approx(0.2, abs=0.01) and not found.stability["relu"].window_open
