"""Times told before a run, and plans cut to a budget: with times put into the store, nothing is measured here."""

from __future__ import annotations

from pathlib import Path

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study.comparison import ask
from rheobase.study.estimate import duration, fitted, missing, seconds
from rheobase.study.runs import Plan
from rheobase.study.spec import Outcome, Task, trials, tuning_stack
from rheobase.study.store import Store

TORCH = rb.study.question.versions()["torch"]


class Listener:
    """Hears what a run says of itself."""

    def __init__(self) -> None:
        self.said: list[tuple[int, int, float]] = []
        self.came = 0

    def start(self, total: int, left: int, seconds: float) -> None:
        self.said.append((total, left, seconds))

    def advance(self, count: int, reused: bool) -> None:
        self.came += count


@pytest.fixture
def plans(tiny: Task) -> list[Plan]:
    question = ask(["relu", "tanh", "elu", "sine"], tiny, seeds=9)
    return [question.plan(task) for task in question.tasks]


@pytest.fixture
def timed(plans: list[Plan]) -> Store:
    """A store in which a training of the task is known to take 2 seconds."""
    store, plan = Store(":memory:"), plans[0]
    stack = tuning_stack(plan.task, "default")
    some = trials(stack, plan.task, plan.contenders[0].function, "another torch")
    store.add([(t, Outcome(0.5, 1.0, None, 0, (), 0.0)) for t in some], seconds=2.0 * len(some))
    return store


def test_a_plan_counts_its_trials(plans: list[Plan], timed: Store) -> None:
    assert plans[0].trials == missing(plans[0], timed, TORCH) == 4 * (6 + 9)
    assert seconds(plans, timed, TORCH, 1) == 120.0 and seconds(plans, timed, TORCH, 2) == 60.0


@pytest.mark.parametrize(
    ("budget", "seeds", "functions", "cut"),
    [
        (120, 9, 4, []),
        (100, 6, 4, ["6 seeds in place of 9"]),
        (80, 3, 4, ["3 seeds in place of 9"]),
        (60, 3, 3, ["3 seeds in place of 9", "without sine"]),
    ],
)
def test_what_does_not_fit_is_cut_and_told(plans, timed, budget, seeds, functions, cut) -> None:
    left, told = fitted(plans, timed, TORCH, 1, budget)
    assert (left[0].seeds, len(left[0].contenders), told) == (seeds, functions, cut)
    assert seconds(left, timed, TORCH, 1) <= budget


def test_a_budget_for_nothing_is_refused(plans: list[Plan], timed: Store) -> None:
    with pytest.raises(RheobaseError, match="take about 36 s"):
        fitted(plans, timed, TORCH, 1, 30)


def test_tasks_go_before_functions(plans: list[Plan], timed: Store) -> None:
    left, told = fitted([*plans, *plans], timed, TORCH, 1, 75)
    assert len(left) == 1 and told == ["3 seeds in place of 9", "without tiny"]


def test_a_run_tells_its_time_first_and_then_knows_it(tiny: Task, tmp_path: Path) -> None:
    first, second = Listener(), Listener()
    for listener in (first, second):
        rb.compare(["relu", "tanh"], tiny, seeds=3, store=tmp_path / "s.sqlite", watcher=listener)
    # The first stack has been trained to learn the time; it counts as there.
    assert [(total, left) for total, left, _ in first.said] == [(18, 12)] and first.said[0][2] > 0
    assert [(total, left) for total, left, _ in second.said] == [(18, 0)]
    assert first.came == second.came == 18


def test_what_a_budget_cuts_stands_in_the_result(tiny: Task, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    whole = rb.compare(["relu", "tanh"], tiny, seeds=3, store=store)
    assert whole.cut == ()
    with Store(store) as opened:
        each = opened.seconds_a_trial(tiny)
    assert each is not None
    found = rb.compare(["relu", "tanh"], tiny, seeds=300, store=store, budget=each * 6.5)
    assert len(found.rows[0].outcomes) <= 6 and "seeds in place of 300" in found.cut[0]
    assert f"--seeds {found.seeds}" in found.command and "To keep to the budget" in str(found)


@pytest.mark.parametrize("text", ["10", "m", "-3m", "ten minutes", "", "0s"])
def test_a_time_has_a_unit(text: str) -> None:
    with pytest.raises(RheobaseError, match="90s, 10m or 2h"):
        duration(text)
