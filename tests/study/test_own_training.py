"""A training function of one's own: scores, streams, seeds, direction, and what is said when it is wrong."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study.own_training import SETTINGS, own
from rheobase.study.spec import Member, Outcome, Stack, Stage
from rheobase.study.tasks import find

MINE = '''
"""Fits a sine with one hidden layer."""
import torch

def train(activation, seed, learning_rate):
    """A sine, fitted.

    More about it.
    """
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(1, 16), activation, torch.nn.Linear(16, 1))
    optimiser = torch.optim.Adam(net.parameters(), lr=learning_rate)
    x = torch.linspace(-3, 3, 60).unsqueeze(1)
    for epoch in range(30):
        loss = (net(x[::2]) - x[::2].sin()).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            held = (net(x[1::2]) - x[1::2].sin()).square()
        yield {"validation": held[::2].mean().item(), "test": held[1::2].mean().item()}

train.higher_is_better = False
train.floor = 0.5
train.metric = "mean squared error"
train.learning_rates = (0.01, 0.03)
train.tuning_seeds = 2
'''


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mine") / "my.py"
    path.write_text(MINE)
    return path


TWO = (Member(0, 0.1), Member(1, 0.1))


def outcomes(train, stage: Stage = "final", members=TWO, **settings) -> list[Outcome]:
    return list(own(train, **settings).train(Stack("t", stage, "default", "", members), torch.tanh))


def test_a_file_with_a_training_is_a_task_that_tunes_resumes_and_is_compared(file: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    found = rb.compare(["tanh", "0*x"], f"{file}:train", seeds=3, store=store, workers=1)
    assert found.trained == 2 * (4 + 3) and found.leader.activation == "tanh"
    assert found.task.title == "A sine, fitted" and found.task.metric.name == "mean squared error"
    again = rb.compare(["tanh", "0*x"], f"{file}:train", seeds=4, store=store, workers=1)
    assert (again.trained, again.reused) == (2, 14)
    assert again.rows[0].scores[:3] == found.rows[0].scores
    file.write_text(file.read_text() + "\n# changed\n")
    assert rb.compare("tanh", f"{file}:train", seeds=2, store=store, workers=0).reused == 0


def test_compare_takes_the_function_itself() -> None:
    def train(activation, seed, learning_rate):
        return float(activation(torch.tensor(1.0))) + 0.001 * (seed % 10) - learning_rate

    found = rb.compare(["relu", "tanh"], on=train, seeds=3, store=":memory:")
    assert found.leader.activation == "relu" and found.task.id == "train"
    assert found.rows[0].scores == pytest.approx([1 - 0.0004 + 0.001 * s for s in range(3)], abs=3e-4)


def test_seeds_are_paired_and_tuning_has_others() -> None:
    asked: list[tuple[int, float]] = []

    def train(activation, seed, learning_rate):
        asked.append((seed, learning_rate))
        return 0.5

    outcomes(train)
    outcomes(train, "tune")
    own(train).train(Stack("t", "final", "default", "placebo", (Member(0, 0.1),)), torch.tanh)
    seeds = [seed for seed, _ in asked]
    assert seeds[:4] == [0, 1, 1_000_000, 1_000_001] and seeds[4] >= 10_000_000 and max(seeds) < 2**31


@pytest.mark.parametrize(
    "score",
    [0.25, np.float32(0.25), np.array(0.25), torch.tensor(0.25), {"validation": 0.25}, {"score": 0.25}],
    ids=str,
)
def test_a_score_may_come_as_any_number(score: object) -> None:
    (outcome, _) = outcomes(lambda activation, seed, learning_rate: score)
    assert (outcome.validation, outcome.test, outcome.curve) == (0.25, 0.25, (0.25,))


def test_a_dict_has_validation_test_and_more() -> None:
    def train(activation, seed, learning_rate):
        return {"validation": 0.5, "test": 0.25, "size": 3}

    assert (outcomes(train)[0].validation, outcomes(train)[0].test) == (0.5, 0.25)
    assert outcomes(train)[0].measures == {"size": 3.0}
    assert outcomes(train, "tune")[0].test is None and not outcomes(train, "tune")[0].measures
    assert own(train, measures={"size": "units"}).measures == {"size": "units"}


def test_a_stream_of_pairs_counts_where_validation_is_best_and_stops() -> None:
    drawn = []

    def train(activation, seed, learning_rate):
        for i, (validation, test) in enumerate([(0.1, 0.9), (0.4, 0.2), (0.3, 0.8), (0.2, 0.7), (0.9, 0.0)]):
            drawn.append(i)
            yield {"validation": validation, "test": test}

    (outcome,) = outcomes(train, members=(Member(0, 0.1),), patience=2)
    assert (outcome.validation, outcome.test) == (0.4, 0.2) and drawn == [0, 1, 2, 3]
    (outcome,) = outcomes(train, members=(Member(0, 0.1),))
    assert (outcome.validation, outcome.test) == (0.9, 0.0) and len(set(outcome.curve)) == 5


def test_streams_of_any_length_have_curves_that_can_be_averaged() -> None:
    def train(activation, seed, learning_rate):
        yield from [0.1 * i for i in range(1, 4 + 50 * seed)]

    short, long = (outcome.curve for outcome in outcomes(train))
    assert len(short) == len(long) == 40 and (short[0], short[-1]) == (0.1, pytest.approx(0.3))
    assert list(long) == sorted(long)


def test_a_stream_of_numbers_counts_at_its_end_because_the_best_of_many_would_be_luck() -> None:
    (outcome, _) = outcomes(lambda activation, seed, learning_rate: iter([0.1, 0.9, 0.4]))
    assert outcome.test == 0.4


@pytest.mark.parametrize("bad", [math.nan, math.inf, {"validation": 0.1, "test": math.nan}], ids=str)
def test_a_training_that_fails_counts_as_the_floor(bad: object) -> None:
    (outcome, _) = outcomes(lambda activation, seed, learning_rate: bad, floor=0.1)
    assert (outcome.diverged, outcome.validation, outcome.test) == (1, 0.1, 0.1)


def test_a_stream_ends_at_the_first_nan() -> None:
    def train(activation, seed, learning_rate):
        yield 0.5
        yield math.nan
        raise AssertionError("it went on")

    assert outcomes(train)[0].diverged == 1


def broken(activation, seed, learning_rate):
    return {}["missing"]


def test_what_the_function_raises_is_told_with_the_call() -> None:
    with pytest.raises(RheobaseError, match=r"broken\(…, seed=0, learning_rate=0\.1\) raised KeyError: 'missing'"):
        outcomes(broken)


@pytest.mark.parametrize(
    ("score", "says"),
    [
        (None, "gave None, which is no score"),
        ("0.5", "gave a str"),
        (True, "gave a bool"),
        (torch.ones(2), "gave a Tensor"),
        ({"accuracy": 0.5}, "a dict with accuracy; instead: one with 'validation' and 'test'"),
        ({"test": "high"}, "at 'test' gave a str"),
        (iter(()), "ended without a score"),
    ],
    ids=["none", "text", "truth", "two numbers", "no test", "text inside", "empty stream"],
)
def test_what_is_no_score_is_refused(score: object, says: str) -> None:
    with pytest.raises(RheobaseError, match=says):
        outcomes(lambda activation, seed, learning_rate: score)


def test_direction_is_said_once_and_a_loss_needs_a_floor() -> None:
    def train(activation, seed, learning_rate):
        return 1.0

    assert own(train).metric.higher_is_better and own(train).metric.floor == 0
    with pytest.raises(RheobaseError, match=r"train\.floor = the score of a constant answer"):
        own(train, higher_is_better=False)
    assert not own(train, higher_is_better=False, floor=2.3).metric.higher_is_better
    with pytest.raises(RheobaseError, match="instead: higher_is_better"):
        own(train, higher_is_beter=False)
    with pytest.raises(RheobaseError, match="positive numbers"):
        own(train, learning_rates=(0.1, -1))


def test_every_setting_has_a_meaning_and_may_be_an_attribute() -> None:
    def train(activation, seed, learning_rate):
        return 1.0

    assert all(meaning for _, meaning in SETTINGS.values())
    for name, value in {"unit": "%", "metric": "accuracy", "version": 3, "tuning_seeds": 7}.items():
        setattr(train, name, value)
    task = own(train)
    assert (task.metric.unit, task.metric.scale, task.metric.name) == ("%", 100, "accuracy")
    assert (task.version, task.budget.tuning_seeds) == (3, 7)


def test_other_code_is_another_task_and_the_same_code_is_not() -> None:
    tasks = []
    for body in ("return seed", "return seed", "return seed + 1"):
        space: dict = {}
        exec(f"def train(activation, seed, learning_rate):\n    {body}", space)
        tasks.append(own(space["train"]).fingerprint)
    assert tasks[0] == tasks[1] != tasks[2]


def test_what_is_neither_task_nor_training_is_refused(file: Path) -> None:
    with pytest.raises(RheobaseError, match="nor a function that trains"):
        find(f"{file}:__doc__")
