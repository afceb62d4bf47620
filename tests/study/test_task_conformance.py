"""Every task passes the shipped suite, and the suite finds what is wrong with a task that should not."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from itertools import count

import pytest
import torch

from rheobase.errors import RheobaseError
from rheobase.study.recipe import Recipe, shortened
from rheobase.study.spec import Task
from rheobase.study.tasks import find, tasks
from rheobase.study.training import Network, Objective, Work, network
from rheobase.study.training.layers import initial, linear, named
from rheobase.testing.tasks import assert_conforms, task_conformance


@pytest.mark.parametrize("task", list(tasks().values()), ids=lambda t: t.id)
def test_every_task_conforms(task: Task) -> None:
    assert_conforms(task)


def changed(work: Callable[[Work], Work], metric=None) -> Task:
    """The wine task with other work."""
    task = find("wine")
    assert isinstance(task.train, Recipe)
    original, metric = task.train.work, metric or task.metric
    recipe = dataclasses.replace(task.train, work=lambda: work(original()), metric=metric)
    return dataclasses.replace(task, train=recipe, metric=metric)


def coupled(work: Work) -> Work:
    """Members that look at each other's hidden units, as batch norm over the wrong axis would."""

    def draw(g: torch.Generator, init: str):
        return named([("a", initial(13, 8, init, g)), ("b", initial(8, 3, init, g))])

    def apply(p, x, f):
        h = f(linear(x, p["a"], p["a.b"]))
        return linear(h - h.mean(dim=0, keepdim=True), p["b"], p["b.b"])

    return dataclasses.replace(work, build=network(Network(draw, apply, together=True)))


def restless(work: Work) -> Work:
    """A loss that is another one each time it is asked for."""
    calls = count()
    loss = lambda o, y: work.objective.loss(o, y) + 0.01 * next(calls) * o.square().flatten(1).mean(dim=1)  # noqa: E731
    objective = Objective(loss, work.objective.score)
    return dataclasses.replace(work, objective=objective)


@pytest.mark.parametrize(
    ("work", "check"),
    [
        (coupled, "a member that diverges leaves the others bit for bit"),
        (coupled, "a member is the same alone and in a stack"),
        (restless, "run again it gives the same, bit for bit"),
    ],
)
def test_the_suite_finds_what_is_wrong(work: Callable[[Work], Work], check: str) -> None:
    failed = [c.name for c in task_conformance(changed(work)).failures]
    assert check in failed


def test_the_suite_finds_a_task_that_looks_at_test_data_while_tuning() -> None:
    """Here the split that is watched is the one that is peeked at."""
    task = find("wine")
    assert isinstance(task.train, Recipe)

    class Curious(Recipe):
        def __call__(self, stack, activation):
            work = self.work()
            assert len(work.split.test) == 2
            return Recipe(lambda: work, self.metric, self.budget)(stack, activation)

    curious = Curious(task.train.work, task.metric, task.budget)
    failed = [c.name for c in task_conformance(dataclasses.replace(task, train=curious)).failures]
    assert failed == ["tuning leaves the test data alone", "a final run reads the test data once"]


def test_the_suite_finds_a_floor_that_nobody_beats_and_one_that_is_none() -> None:
    unbeaten = dataclasses.replace(find("wine").metric, floor=-1.0)
    report = task_conformance(changed(lambda work: work, unbeaten), functions=["tanh"])
    assert [c.name for c in report.failures] == ["something can be learned"]
    endless = dataclasses.replace(find("wine").metric, floor=math.inf)
    assert "not finite" in str(task_conformance(changed(lambda work: work, endless)))


def test_the_suite_takes_a_training_of_ones_own_and_finds_what_is_wrong_with_it() -> None:
    def train(activation, seed, learning_rate):
        draw = torch.Generator().manual_seed(seed)
        x = torch.randn(50, generator=draw)
        return float(activation(x).std()) / (1 + learning_rate)

    assert task_conformance(train)

    def deaf(activation, seed, learning_rate):
        return float(activation(torch.ones(())))

    assert [c.name for c in task_conformance(deaf).failures] == ["seeds matter"]
    with pytest.raises(RheobaseError, match="seeds matter: two seeds give the same"):
        assert_conforms(deaf)


def test_a_shortened_task_takes_so_many_steps_and_no_more() -> None:
    short = shortened(find("digits"), epochs=2, batches=3)
    assert isinstance(short.train, Recipe)
    assert (short.budget.epochs, short.train.work().epoch) == (2, 150)
    own = dataclasses.replace(find("wine"), train=lambda stack, activation: [])
    assert shortened(own) is own
