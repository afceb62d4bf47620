"""`rb.compare`: what it returns, what it reuses, what it refuses."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study import pool
from rheobase.study.result import Comparison
from rheobase.study.rows import table as _table
from rheobase.study.runs import Contender, Measured
from rheobase.study.spec import Function, Outcome, Task
from rheobase.study.statistics import paired_difference


def result(comparison: Comparison) -> dict[str, Any]:
    """What must be bit for bit the same, however it came about."""
    found = comparison.to_dict()
    del found["reused"], found["trained"]
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "s.sqlite"


@pytest.fixture(scope="module")
def three(tiny: Task, store: Path):
    return rb.compare(["relu", "tanh", "x*tanh(x)"], tiny, seeds=4, store=store, placebo=True)


def test_json_has_the_promised_keys(three) -> None:
    found = json.loads(json.dumps(three.to_dict()))
    assert list(found) == ["task", "metric", "rows", "study", "reused", "trained"]
    keys = ["activation", "n", "mean", "iqm", "low", "high"]
    keys += ["difference", "difference_low", "difference_high", "diverged", "learning_rate"]
    assert all(list(row) == keys for row in found["rows"])
    assert found["task"] == "tiny" and found["metric"] == "test accuracy"
    assert [row["n"] for row in found["rows"]] == [4] * 4


def test_the_rows_are_the_trials(three) -> None:
    for row in three.rows:
        assert row.mean == pytest.approx(sum(row.scores) / 4, rel=1e-15)
        assert row.low <= row.mean <= row.high
        assert row.difference == paired_difference(row.scores, three.leader.scores)
    assert three.leader.difference == (0, 0, 0)
    assert [row.mean for row in three.rows] == sorted((row.mean for row in three.rows), reverse=True)


def test_the_reference_leads_on_validation_data(three) -> None:
    real = [row for row in three.rows if "placebo" not in row.activation]
    assert three.leader.validation == max(row.validation for row in real)


def test_a_finished_study_is_not_trained_again(three, tiny: Task, store: Path) -> None:
    again = rb.compare(["relu", "tanh", "x*tanh(x)"], tiny, seeds=4, store=store, placebo=True)
    assert (again.trained, again.reused) == (0, three.trained)
    assert three.trained == 4 * (6 + 6)  # tuning: 3 rates × 2 seeds; final: 4 seeds in whole blocks of 3
    assert result(again) == result(three)


def test_more_seeds_change_no_number_of_the_first(three, tiny: Task, store: Path) -> None:
    more = rb.compare(["relu", "tanh", "x*tanh(x)"], tiny, seeds=7, store=store)
    assert more.trained == 3 * 3 and more.reused == 3 * 12
    for row in more.rows:
        assert row.scores[:4] == three.tables[0].row(row.activation).scores


def test_others_in_the_comparison_change_no_number(three, tiny: Task) -> None:
    alone = rb.compare("tanh", tiny, seeds=4, store=":memory:")
    assert alone.rows[0].scores == three.tables[0].row("tanh").scores


def test_results_do_not_depend_on_the_number_of_workers(tiny_address: str) -> None:
    found = [rb.compare(["relu", "sine"], tiny_address, seeds=4, store=":memory:", workers=w) for w in (0, 1, 2)]
    assert result(found[0]) == result(found[1]) == result(found[2])


def test_a_placebo_draws_its_own_seeds_and_stays_out_of_the_lead(three) -> None:
    twin, own = three.tables[0].row("relu (placebo)"), three.tables[0].row("relu")
    assert twin.scores != own.scores
    assert three.leader.activation != twin.activation
    assert three.placebos == {"relu": paired_difference(twin.scores, own.scores)}


def outcome(validation: float, test: float, diverged: int = 0) -> Outcome:
    return Outcome(validation, 0.0, test, diverged, (), 0.0)


def measured(label: str, tests: list[float], validation: float, stream: str = "", diverged: int = 0) -> Measured:
    outcomes = tuple(outcome(validation, test, diverged) for test in tests)
    return Measured(Contender(label, Function(label, {}, label), stream), "default", 0.01, (), outcomes)


def test_the_reference_is_no_placebo_and_is_not_chosen_on_test_data(tiny: Task) -> None:
    table = _table(
        tiny,
        [
            measured("a", [0.8, 0.82, 0.81], validation=0.9),
            measured("b", [0.9, 0.92, 0.93], validation=0.8),
            measured("a (placebo)", [0.8, 0.81, 0.82], validation=0.95, stream="placebo"),
        ],
    )
    assert table.leader == "a"
    assert [(r.activation, r.standing) for r in table.rows] == [
        ("b", "better"),
        ("a", "leader"),
        ("a (placebo)", "same"),
    ]


def test_failures_are_level_and_stand_last(tiny: Task) -> None:
    """A constant answer may score a little less than the 10 % at which a diverged training is counted."""
    nothing, floor = [0.0913, 0.0914, 0.0913], [0.1, 0.1, 0.1]
    failures = [measured("idle", nothing, 0.09), measured("gone", floor, 0.1, diverged=1)]
    table = _table(tiny, failures)
    assert [r.standing for r in table.rows] == ["same", "leader"] and table.rows[0].activation == "idle"
    table = _table(tiny, [*failures, measured("works", [0.5, 0.52, 0.51], 0.5)])
    assert [(r.activation, r.standing) for r in table.rows] == [
        ("works", "leader"),
        ("idle", "worse"),
        ("gone", "worse"),
    ]


def test_placebos_do_not_come_out_different(tiny: Task) -> None:
    """Twelve real ones of ten seeds: at 5 % each, more than 3 alarms come up once in 400 times."""
    functions = ["relu", "tanh", "sigmoid", "sin(x)", "elu", "gelu", "swish", "x", "softplus", "mish", "gcu", "selu"]
    found = [rb.compare(f, tiny, seeds=10, store=":memory:", placebo=True).placebos[f] for f in functions]
    assert sum(difference.excludes_zero for difference in found) <= 3


def test_two_names_of_one_function_count_once(tiny: Task) -> None:
    found = rb.compare(["silu", "x*sigmoid(x)", "swish:beta=1", "relu", "relu"], tiny, seeds=2, store=":memory:")
    assert sorted(row.activation for row in found.rows) == ["relu", "silu"]
    assert found.same == {"x*sigmoid(x)": "silu", "swish:beta=1": "silu"}
    assert "same function" in str(found)


def test_two_functions_of_one_name_are_told_apart(tiny: Task) -> None:
    mine = [rb.define("sin(a*x)", a=a, name="wave") for a in (1.0, 2.0)]
    found = rb.compare(mine, tiny, seeds=2, store=":memory:")
    assert sorted(row.activation for row in found.rows) == ["wave", "wave:a=2"]


def test_a_diverging_function_is_counted_and_does_not_stop_the_others(tiny: Task) -> None:
    found = rb.compare(["exp(exp(x*x))", "tanh"], tiny, seeds=3, store=":memory:")
    assert found.leader.activation == "tanh" and found.leader.diverged == 0
    worst = found.tables[0].row("exp(exp(x*x))")
    assert worst.diverged == 3 and worst.mean == pytest.approx(tiny.metric.floor)
    assert "diverged" in str(found)


def test_a_function_without_slope_still_trains_the_last_layer(tiny: Task) -> None:
    assert rb.compare("step", tiny, seeds=2, store=":memory:").rows[0].diverged == 0


def test_where_less_is_better_the_lowest_leads(tiny: Task) -> None:
    metric = dataclasses.replace(tiny.metric, higher_is_better=False)
    flipped = rb.compare(["relu", "tanh"], dataclasses.replace(tiny, metric=metric), seeds=3, store=":memory:")
    assert flipped.leader.validation == min(row.validation for row in flipped.rows)
    assert flipped.rows[0].mean <= flipped.rows[1].mean


def test_all_initialisations_are_measured_where_the_task_asks_for_it(tiny: Task) -> None:
    found = rb.compare(["tanh"], dataclasses.replace(tiny, all_inits=True), seeds=2, store=":memory:")
    assert [table.init for table in found.tables] == list(tiny.inits)
    assert found.init == "default"
    one = rb.compare(["tanh"], dataclasses.replace(tiny, all_inits=True), seeds=2, init="he", store=":memory:")
    assert [table.init for table in one.tables] == ["he"]
    assert one.rows[0].scores == found.tables[2].rows[0].scores


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"specs": ["swihs"]}, "swish"),
        ({"specs": []}, "no function"),
        ({"on": "digit"}, "instead: digits"),
        ({"seeds": 1}, "no spread"),
        ({"seeds": -3}, "no spread"),
        ({"init": "orthogonl"}, "instead: orthogonal"),
        ({"workers": -1}, "1 or more"),
        ({"report": "/no/such/folder/r.html"}, "no folder"),
        ({"store": "/no/such/folder/s.sqlite"}, "cannot be opened"),
    ],
    ids=str,
)
def test_mistakes_are_told_before_anything_is_trained(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"specs": ["relu"], "on": "digits", "store": tmp_path / "s.sqlite"} | change
    with pytest.raises(RheobaseError) as caught:
        rb.compare(**arguments)
    assert says in str(caught.value) and caught.value.instead


def test_an_error_in_a_worker_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ATTEMPTS", 1)
    task = tmp_path / "broken.py"
    task.write_text(
        "import dataclasses\nfrom rheobase.errors import RheobaseError\nfrom rheobase.study.tasks import find\n"
        "def train(stack, activation):\n    raise RheobaseError('no data', where='the cellar', instead='coal')\n"
        "TASK = dataclasses.replace(find('digits'), id='broken', train=train)\n"
    )
    with pytest.raises(RheobaseError, match="no data in the cellar; instead: coal"):
        rb.compare(["relu"], f"{task}:TASK", seeds=2, store=":memory:", workers=1)
    task.write_text(task.read_text().replace("raise RheobaseError", "import os; os._exit(9); raise RheobaseError"))
    with pytest.raises(RheobaseError, match="ended with code 9"):
        rb.compare(["relu"], f"{task}:TASK", seeds=2, store=":memory:", workers=1)
