"""Recommendations: what is read from a first step, the screen, the race, the answer, and what becomes of a placebo."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study.known import Known, Measured, known
from rheobase.study.question import function
from rheobase.study.racing import design, race
from rheobase.study.recommendation import recommend
from rheobase.study.screening import decades, screen
from rheobase.study.spec import Member, Outcome, Stage, Task
from rheobase.study.tasks import find
from rheobase.study.watching import Layer, Seen, watch


def seen_by(train, have: str = "relu") -> Seen | None:
    f = rb.get(have)
    return watch(find(train), function(f), f)


def net(*layers: torch.nn.Module | None, width: int = 64):
    """A training of one step, with a normal input."""

    def train(activation, seed, learning_rate):
        torch.manual_seed(seed)
        x = torch.randn(256, width)
        model = torch.nn.Sequential(*(activation if layer is None else layer for layer in layers))
        model(x).square().mean().backward()
        model(x)
        raise AssertionError("it went on")

    return train


def linear(gain: float, seed: int, width: int = 64) -> torch.nn.Linear:
    layer = torch.nn.Linear(width, width, bias=False)
    torch.nn.init.normal_(layer.weight, std=math.sqrt(gain / width), generator=torch.Generator().manual_seed(seed))
    return layer


def test_depth_and_gain_are_read_from_the_first_step_which_ends_there() -> None:
    plain = [layer for i in range(6) for layer in (linear(1.5, i), None)]
    found = seen_by(net(*plain))
    assert found is not None and (found.depth, found.plain) == (6, 5)
    assert found.start == pytest.approx(1.5, rel=0.15)
    assert [layer.gain for layer in found.layers if layer] == pytest.approx([1.5] * 5, rel=0.3)


def test_a_norm_is_not_followed_and_a_network_without_a_call_is_told() -> None:
    normed = [layer for i in range(4) for layer in (linear(1.5, i), torch.nn.LayerNorm(64), None)]
    found = seen_by(net(*normed))
    assert found is not None and (found.depth, found.plain) == (4, 0)

    def idle(activation, seed, learning_rate):
        return 0.5

    assert seen_by(idle) is None


def test_copies_of_the_module_count_and_what_the_training_raises_is_told() -> None:
    import copy

    def train(activation, seed, learning_rate):
        model = torch.nn.Sequential(linear(1, 0), copy.deepcopy(activation), linear(1, 1), copy.deepcopy(activation))
        for _ in range(3):
            model(torch.randn(8, 64)).sum().backward()

    found = seen_by(train)
    assert found is not None and found.depth == 2

    def broken(activation, seed, learning_rate):
        return {}["missing"]

    with pytest.raises(RheobaseError, match="missing"):
        seen_by(broken)


def test_theory_says_by_how_much_a_gradient_shrinks() -> None:
    seen = Seen(51, 1.0, (Layer(1.0, 0.0),) * 50)
    assert decades(rb.get("identity"), seen) == pytest.approx(0, abs=1e-9)
    assert decades(rb.get("relu"), seen) == pytest.approx(-25 * math.log10(2), rel=1e-6)
    assert decades(rb.get("sigmoid"), seen) < -20
    assert decades(rb.get("x**3"), Seen(9, 30.0, (Layer(1.0, 0.0),) * 8)) == math.inf
    assert decades(rb.get("relu"), Seen(51, 1.0, (None,) * 50)) == 0


NOTHING = Known((Measured("t", "any", "score", 2, {"relu": (50.0, 49.0, 51.0), "tanh": (60.0, 59.0, 61.0)}),))


def test_the_screen_gives_a_reason_for_each_that_it_leaves_out() -> None:
    specs = ("relu", "sigmoid", "step", "where(x > 0, x, 0.001*x)", "identity", "tanh", "log(x)", "sin(x)")
    named = {s: rb.get(s) for s in specs}
    found = screen(named, "relu", Seen(50, 1.0, (Layer(2.0, 0.0),) * 49), NOTHING, "any", 1)
    reasons = {one.label: one.ground for one in found.dropped}
    assert reasons == {
        "sigmoid": "theory",
        "identity": "theory",
        "step": "proof",
        "log(x)": "proof",
        "where(x > 0, x, 0.001*x)": "likeness",
        "sin(x)": "evidence",
    }
    assert found.kept == ("tanh",)
    shallow = screen(named, "relu", Seen(2, 1.0, (Layer(2.0, 0.0),)), NOTHING, "any", 9)
    assert "sigmoid" in shallow.kept


def test_the_screen_takes_functions_that_are_good_on_different_tasks() -> None:
    everywhere = {"gelu": 90.0, "swish": 89.0, "elu": 88.0, "relu": 80.0, "sine": 40.0}
    on_waves = dict.fromkeys(everywhere, 45.0) | {"sine": 100.0}
    known = Known(
        tuple(
            Measured(name, "any", "score", 9, {f: (s, s, s) for f, s in means.items()})
            for name, means in [("t", everywhere), ("u", everywhere), ("v", everywhere), ("waves", on_waves)]
        )
    )
    named = {label: rb.get(label) for label in everywhere}
    found = screen(named, "relu", None, known, "any", 2)
    assert set(found.kept) == {"gelu", "sine"}
    assert found.kept == screen(dict(reversed(named.items())), "relu", None, known, "any", 2).kept


# ------------------------------------------------------------------------- races against scores that are made by hand


class Scores:
    """Trainings whose scores are a quality by function, a cost for the wrong rate, and noise, some shared by a seed."""

    def __init__(self, quality: dict[str, float], noise: float, seed: int) -> None:
        self.quality, self.noise, self.seed, self.asked = quality, noise, seed, 0

    def __call__(self, stage: Stage, asked: Sequence[tuple[str, Sequence[Member]]]) -> list[tuple[Outcome, ...] | None]:
        self.asked += sum(len(members) for _, members in asked)
        return [None if q != q else self.outcomes(stage, label, q, members)
                for label, members in asked for q in [self.quality[label]]]  # fmt: skip

    def outcomes(self, stage: Stage, label: str, q: float, members: Sequence[Member]) -> tuple[Outcome, ...]:
        found = []
        for m in members:
            shared = np.random.default_rng([self.seed, m.seed, stage == "tune"]).normal()
            own = np.random.default_rng([self.seed, m.seed, stage == "tune", *map(ord, label)]).normal()
            score = q - 0.05 * abs(math.log10(m.rate / 0.01)) + self.noise * (shared + own)
            found.append(
                Outcome(score, 1 - score, score if stage == "final" else None, 0, (), 0.001 * (1 + len(label)))
            )
        return tuple(found)


MANY = {"have": 0.90, **{f"f{i}": 0.80 + 0.002 * i for i in range(30)}}


def test_the_best_is_found_and_recommended_with_its_interval(tiny: Task) -> None:
    scores = Scores(MANY | {"best": 0.95}, 0.005, 1)
    plan = design(90, len(tiny.budget.rates), 31)
    found = race(tiny, "have", ["best", *(f"f{i}" for i in range(30))], plan, scores)
    assert found.winner == "best" and found.better
    assert found.difference.low < 0.05 < found.difference.high and found.difference.low > 0
    assert found.cost == scores.asked <= plan.cost(len(tiny.budget.rates))
    assert found.slower == pytest.approx((1 + len("best")) / (1 + len("have")))


def test_where_lower_is_better_the_signs_turn(tiny: Task) -> None:
    import dataclasses

    metric = dataclasses.replace(tiny.metric, higher_is_better=False, floor=2.0)
    lower = dataclasses.replace(tiny, metric=metric)

    class Turned(Scores):
        def outcomes(self, stage: Stage, label: str, q: float, members: Sequence[Member]) -> tuple[Outcome, ...]:
            return tuple(
                Outcome(-o.validation, o.validation_loss, None if o.test is None else -o.test, 0, (), 0.001)
                for o in super().outcomes(stage, label, q, members)
            )

    found = race(lower, "have", ["best", "f1"], design(60, 3, 2), Turned(MANY | {"best": 0.95}, 0.005, 1))
    assert found.winner == "best" and found.better and found.difference.high < 0


def test_a_placebo_is_kept_out_in_at_least_95_races_of_100(tiny: Task) -> None:
    """All functions are the same; 200 races, of which a rate of 2.5 % gives more than 11 once in a hundred times."""
    same = dict.fromkeys(MANY, 0.9)
    plan = design(60, len(tiny.budget.rates), 30)
    told = [race(tiny, "have", list(same)[1:], plan, Scores(same, 0.01, seed)).better for seed in range(200)]
    assert sum(told) <= 11


def test_functions_that_fail_and_time_that_ends_are_survived(tiny: Task) -> None:
    plan = design(60, len(tiny.budget.rates), 30)
    entrants = [f"f{i}" for i in range(30)]
    found = race(tiny, "have", entrants, plan, Scores(MANY | {"f0": math.nan}, 0.005, 3))
    assert found.winner not in (None, "f0") and not found.better
    alone = race(tiny, "have", entrants, plan, Scores(dict.fromkeys(MANY, math.nan) | {"have": 0.9}, 0.005, 3))
    assert alone.winner is None and not alone.better
    with pytest.raises(RheobaseError, match="have cannot be trained"):
        race(tiny, "have", entrants, plan, Scores(MANY | {"have": math.nan}, 0.005, 3))
    none = race(tiny, "have", entrants, plan, Scores(MANY, 0.005, 3), lambda: False)
    assert none.winner is None and not none.better
    left = iter([True] * 3 + [False] * 9)
    short = race(tiny, "have", entrants, plan, Scores(MANY, 0.005, 3), lambda: next(left))
    assert short.winner and not short.better and short.stopped and math.isnan(short.difference.estimate)


def test_a_design_spends_what_it_is_given_and_says_what_is_too_little() -> None:
    for trainings in (20, 45, 92, 185, 400):
        cost = design(trainings, 5, 150).cost(5)
        assert 0.85 * trainings <= cost <= trainings
    with pytest.raises(RheobaseError, match=r"room for \d+"):
        design(8, 5, 50)


# ---------------------------------------------------------------------------------------------------- the whole thing


def test_a_training_gets_an_answer_that_is_taken_up_again(tiny_address: str, tmp_path: Path) -> None:
    how = {"among": ["tanh", "sine", "0*x", "swish"], "store": tmp_path / "s.sqlite"}
    first = recommend(tiny_address, workers=0, **how)
    assert first.trained > 0 and first.reused == 0 and first.seen is not None and first.seen.depth == 1
    assert first.answer in ("use", "keep") and (first.use == first.incumbent) == (first.answer == "keep")
    again = recommend(tiny_address, workers=0, **how)
    assert (again.trained, again.reused) == (0, first.trained)
    assert json.dumps(again.to_dict() | {"trained": 0, "reused": 0}) == json.dumps(
        first.to_dict() | {"trained": 0, "reused": 0}
    )
    assert "0*x" in {one.label for one in first.screened.dropped} if first.screened else False
    assert "Rung 1" in repr(first) and "Duel" in repr(first)


def test_the_function_that_a_training_has_by_default_is_the_one_to_beat(tmp_path: Path) -> None:
    def train(activation: Any = "tanh", seed=0, learning_rate=0.1):
        return float(rb.get("relu")(1.0)) + 0.01 * (seed % 7) + 0.1 * float(activation(torch.tensor(0.5)))

    found = recommend(train, among=["relu", "3*x"], store=":memory:")
    assert found.incumbent == "tanh" and found.use == "3*x" and found.seen is None
    assert found.difference is not None and found.difference.low > 0
    assert recommend(train, among=["relu"], have="3*x", store=":memory:").answer == "keep"


def test_a_function_that_cannot_be_trained_costs_itself_and_is_told_with_its_reason() -> None:
    def train(activation: Any, seed=0, learning_rate=0.1):
        if float(activation(torch.tensor(0.5))) == 1.5:
            raise ValueError("not this one")
        return 0.01 * (seed % 7) + 0.1 * float(activation(torch.tensor(0.5)))

    found = recommend(train, among=["relu", "3*x", "sigmoid"], have="tanh", store=":memory:")
    assert found.use == "sigmoid" and set(found.failed) == {"3*x"}
    assert "Could not be trained: 3*x (" in repr(found) and "not this one" in found.to_dict()["failed"]["3*x"]


def test_the_command_asks_the_same_again_and_a_comma_in_a_formula_is_its_own(tiny_address: str) -> None:
    among = "maximum(x, 0.2*x), sigmoid"
    found = recommend(tiny_address, among=among, have="tanh", kind="image", budget=90.0, store=":memory:", workers=0)
    words = shlex.split(found.command)
    assert words[:2] == ["rheobase", "recommend"] and words[3:] == [
        *("--have", "tanh", "--among", among, "--kind", "image", "--budget", "90s")
    ]
    assert found.screened is not None
    tried = {*found.screened.kept, *(one.label for one in found.screened.dropped)}
    assert tried == {"maximum(x, 0.2*x)", "sigmoid"}


def test_without_a_training_the_studies_answer_and_say_how_weak_that_is() -> None:
    found = recommend(kind="tabular", have="swish")
    assert found.task is None and found.incumbent == "swish" and found.advice
    wins, tasks, lost = found.weakness
    assert 0 <= wins <= tasks <= len(known().tasks) and lost >= 0
    assert "This is weak" in repr(found) and f"{wins} of {tasks}" in repr(found)
    with pytest.raises(RheobaseError, match="instead: tabular"):
        recommend(kind="tabulr")
    with pytest.raises(RheobaseError, match="budget without"):
        recommend(budget=60.0)


def test_advice_is_to_use_only_what_was_ahead_on_every_task_of_the_kind() -> None:
    told = Known(
        (
            Measured("t", "any", "score", 9, {"relu": (50.0, 49.0, 51.0), "tanh": (60.0, 59.0, 61.0)}),
            Measured("u", "any", "score", 9, {"relu": (50.0, 49.0, 51.0), "tanh": (52.0, 50.0, 54.0)}),
        )
    )
    assert told.ahead("tanh", "relu", None) == ("t",) and told.advice(None)[0].activation == "tanh"
    assert told.weakness("relu") == (2, 2, 0.0)
    assert told.without("t").tasks == told.tasks[1:]
    near = told.expected("gelu", lambda names: np.array([float(n == "tanh") for n in names]))
    far = told.expected("gelu", lambda names: np.zeros(len(names)))
    assert list(far) == pytest.approx([55.0, 51.0]) and all(far < near) and all(near < [60.0, 52.0])
    assert list(told.expected("tanh", lambda names: np.zeros(len(names)))) == [60.0, 52.0]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"on": "digts"}, "instead: digits"),
        ({"on": "xor", "among": "rectifid"}, "rectified"),
        ({"on": "xor", "have": "rleu"}, "relu"),
        ({"on": "xor", "device": "gpu"}, "device"),
        ({"on": "xor", "device": "mps"}, "no mps device here"),
        ({"on": "xor", "budget": 1e-9}, r"is room for 0 trainings .*--budget \d+m"),
    ],
    ids=str,
)
def test_a_mistake_gets_the_right_word(how: dict, says: str) -> None:
    with pytest.raises(RheobaseError, match=says):
        recommend(store=":memory:", **how)
