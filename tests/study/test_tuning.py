"""The choice of a learning rate."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import pytest

from rheobase.study.spec import Budget, Outcome, Task
from rheobase.study.tuning import Tried, Tuner, at_edge

RATES = (0.001, 0.01, 0.1)


def outcomes(scores: Sequence[Sequence[float]], losses: Sequence[float] = (1, 1, 1)) -> list[Outcome]:
    return [Outcome(s, loss, None, 0, (), 0.0) for row, loss in zip(scores, losses, strict=True) for s in row]


def choice(task: Task, found: Sequence[Outcome]) -> float:
    """The rate that the whole grid's outcomes lead to, two seeds a rate."""
    tuner = Tuner(task, ["default"])
    return tuner.choice([Tried(tuner.arms[i // 2], i % 2, o) for i, o in enumerate(found)]).rate


@pytest.fixture
def task(tiny: Task) -> Task:
    return dataclasses.replace(tiny, budget=Budget(epochs=1, batch=1, rates=RATES, tuning_seeds=2))


def test_a_clear_winner_is_taken(task: Task) -> None:
    assert choice(task, outcomes([(0.5, 0.52), (0.90, 0.92), (0.5, 0.52)])) == 0.01


def test_rates_that_cannot_be_told_apart_meet_in_the_middle(task: Task) -> None:
    chosen = choice(task, outcomes([(0.90, 0.92), (0.90, 0.92), (0.1, 0.12)]))
    assert chosen == pytest.approx(math.sqrt(0.001 * 0.01), rel=0.02)  # two digits are kept


def test_a_rate_a_standard_error_behind_weighs_1_over_e(task: Task) -> None:
    error = 0.02 / math.sqrt(2) / math.sqrt(2)
    chosen = choice(task, outcomes([(0.9 - error, 0.92 - error), (0.9, 0.92), (0.0, 0.02)]))
    weight = math.exp(-1)
    expected = 10 ** ((-2 + weight * -3) / (1 + weight))
    assert chosen == pytest.approx(expected, rel=0.02)


def test_without_spread_the_loss_decides_and_then_the_lower_rate(task: Task) -> None:
    assert choice(task, outcomes([(0, 0)] * 3, losses=(3, 1, 2))) == 0.01
    assert choice(task, outcomes([(0, 0)] * 3)) == 0.001
    assert choice(task, outcomes([(0, 0)] * 3, losses=(math.inf,) * 3)) == 0.001


def test_where_less_is_better_the_lowest_score_wins(task: Task) -> None:
    metric = dataclasses.replace(task.metric, higher_is_better=False)
    lower = dataclasses.replace(task, metric=metric)
    assert choice(lower, outcomes([(0.5, 0.52), (0.90, 0.92), (0.1, 0.12)])) == 0.1


def test_the_edge_of_the_grid_is_noticed(task: Task) -> None:
    assert at_edge(task, 0.002) and at_edge(task, 0.05)
    assert not at_edge(task, 0.01) and not at_edge(task, 0.02)
