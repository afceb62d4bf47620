"""Claims as studies: what a file may say, what a verdict is, and that the shipped ones are sound."""

from __future__ import annotations

import dataclasses
import importlib.util
import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from rheobase.errors import RheobaseError
from rheobase.study import claims, claims_report, library
from rheobase.study.claims import Statement, Study, read, studies_in
from rheobase.study.judging import Results, judge, overall
from rheobase.study.result import Row
from rheobase.study.rows import table
from rheobase.study.runs import Contender, Measured
from rheobase.study.spec import Function, Outcome, Task, tuning_stack
from rheobase.study.statistics import deviation_ratio, mean_interval, overall_interval, student_interval
from rheobase.study.tuning import Arm, Tried

ROOT = Path(__file__).parents[2]
SHIPPED = studies_in([ROOT / "studies"])

GOOD = """
title = "A title"
claim = "A claim."
source = "Somebody 2020"
functions = ["relu", "tanh"]
on = ["TASK"]
inits = ["default", "he"]
seeds = 3

[[statement]]
says = "relu is ahead"
of = "relu"
init = "default"
than = "tanh"
at_least = 0.0
"""


@pytest.fixture
def study(tmp_path: Path, tiny_address: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("TASK", tiny_address))
    return path


def test_a_study_is_run_judged_and_not_trained_again(study: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    assert library.finished(read(study), store) is None
    first = library.run([read(study)], store, workers=0)[0]
    again = library.finished(read(study), store)
    assert again is not None and again.trained == 0 and first.trained == 2 * 2 * (6 + 3)
    assert again.judged == first.judged and first.verdict in ("reproduced", "refuted", "undecided")
    _, tables = first.results[read(study).on[0]]
    rows = tables["default"]
    differences = 100 * (np.array(rows.row("relu").scores) - np.array(rows.row("tanh").scores))
    assert first.judged[0].interval == pytest.approx(mean_interval(differences, 0.95))
    page = claims_report.write([first], tmp_path / "p.html").read_text()
    assert "A claim." in page and first.verdict in page and "<svg" in page and "http" not in page


def test_what_two_studies_share_is_trained_once(study: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.toml"
    twin.write_text(study.read_text().replace("A title", "Another"))
    found = library.run(studies_in([study, twin]), tmp_path / "s.sqlite", workers=1)
    assert sum(one.trained for one in found) == 2 * 2 * (6 + 3)
    assert found[0].judged == found[1].judged


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("at_least", "at_lest"), "at_least"),
        (('of = "relu"', 'of = "rleu"'), "instead: relu"),
        (('init = "default"', 'init = "orthogonal"'), "inits"),
        (("at_least = 0.0", ""), "no side"),
        (("at_least = 0.0", "at_least = 0.0\nat_most = 1.0"), "no side"),
        (("title", "titel"), "title"),
        (("seeds = 3", 'seeds = "three"'), "seeds"),
        (("seeds = 3", "seeds = = 3"), "no TOML"),
        (('says = "relu', 'on = ["xor"]\nsays = "relu'), "not among the study's"),
        (("[[statement]]", "[statement]"), "statement"),
    ],
    ids=lambda v: v[1] if isinstance(v, tuple) else "",
)
def test_a_mistake_in_a_file_is_told_with_the_right_word(study: Path, change: tuple[str, str], says: str) -> None:
    study.write_text(study.read_text().replace(*change))
    with pytest.raises(RheobaseError) as caught:
        read(study)
    assert says in str(caught.value) and caught.value.instead and "mine.toml" in str(caught.value)


def test_a_study_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RheobaseError, match="no study"):
        studies_in([tmp_path / "none.toml"])
    with pytest.raises(RheobaseError, match="no study in"):
        studies_in([tmp_path])


@pytest.mark.parametrize("one", SHIPPED, ids=lambda s: s.id)
def test_a_shipped_study_can_be_run(one: Study) -> None:
    plans = library.plans(one)
    assert one.claim and one.source and one.seeds >= 10
    for said in one.statement:
        known = {*claims.MEASURES, *(m for plan in plans for m in plan.task.measures)}
        assert said.measure in known
    assert all(plan.trials > 0 for plan in plans)


def test_the_essays_claims_are_all_there() -> None:
    told = " ".join(f"{one.title} {one.claim}" for one in SHIPPED)
    for word in ("vanishes with depth", "slope of 1", "every neuron", "die", "nearer zero", "XOR", "Sine fits", "GELU"):
        assert word in told


# ------------------------------------------------------------------------------ verdicts, from outcomes made by hand


def outcome(test: float, gradients: tuple[float, ...] = (), **measures: float) -> Outcome:
    return Outcome(test, 0.0, test, 0, (), 0.001, measures, gradients)


def row(task: Task, name: str, outcomes: list[Outcome], tried: list[Tried] | None = None) -> Measured:
    return Measured(Contender(name, Function(name, {}, name)), "default", 0.01, tuple(tried or ()), tuple(outcomes))


def results(task: Task, *measured: Measured) -> Results:
    return {task.id: (task, {"default": table(task, measured)})}


def said(**how) -> Study:
    statement = Statement(says="so", of="a", **how)
    return Study(title="", claim="", source="", functions=("a", "b"), on=("tiny",), statement=(statement,))


A = [outcome(0.8 + 0.01 * i, (1e-6, 1e-2), idle=0.1 * i) for i in range(9)]
B = [outcome(0.7 + 0.01 * (i % 5), (0.0, 1.0), idle=0.0) for i in range(9)]


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        ({"at_least": 70.0}, "reproduced"),
        ({"at_least": 95.0}, "refuted"),
        ({"at_least": 84.0}, "undecided"),
        ({"at_most": 95.0}, "reproduced"),
        ({"at_most": 70.0}, "refuted"),
        ({"than": "b", "at_least": 5.0}, "reproduced"),
        ({"measure": "reach", "at_most": -3.0}, "reproduced"),
        ({"measure": "reach", "at_least": -4.0}, "reproduced"),
        ({"measure": "diverged", "at_most": 0.0}, "reproduced"),
        ({"measure": "idle", "than": "b", "at_least": 75.0}, "refuted"),
    ],
    ids=str,
)
def test_a_verdict_is_where_the_whole_interval_lies(tiny: Task, how: dict, verdict: str) -> None:
    task = dataclasses.replace(tiny, measures={"idle": "idle"})
    found = judge(said(**how), results(task, row(task, "a", A), row(task, "b", B)))
    assert found[0].verdict == verdict == overall(found)


def test_a_gradient_that_never_arrives_is_as_far_away_as_numbers_go(tiny: Task) -> None:
    found = judge(said(measure="reach", than="b", at_least=0.0), results(tiny, row(tiny, "a", A), row(tiny, "b", B)))
    assert found[0].interval.estimate == pytest.approx(326) and found[0].unit == "decades"


def test_a_claim_stands_only_with_all_its_statements(tiny: Task) -> None:
    one, two = said(at_least=70.0), said(at_least=95.0)
    both = msgspec.structs.replace(one, statement=(*one.statement, *two.statement))
    found = judge(both, results(tiny, row(tiny, "a", A), row(tiny, "b", B)))
    assert [j.verdict for j in found] == ["reproduced", "refuted"] and overall(found) == "refuted"
    # Two statements share the 5 %.
    scores = 100 * np.array([o.test for o in A if o.test is not None])
    assert found[0].interval == mean_interval(scores, 0.975)


def test_deviations_are_compared_as_a_ratio(tiny: Task) -> None:
    found = judge(
        said(measure="deviation", than="b", at_least=1.0), results(tiny, row(tiny, "a", A), row(tiny, "b", B))
    )
    expected = deviation_ratio([o.test or 0.0 for o in A], [o.test or 0.0 for o in B])
    assert found[0].interval == expected and found[0].unit == "times"


def test_windows_are_measured_seed_by_seed(tiny: Task) -> None:
    def tuned(wide: bool) -> list[Tried]:
        curve = {0.003: 0.9, 0.01: 0.9, 0.03: 0.9 if wide else 0.5}
        return [Tried(Arm("default", r), s, outcome(v + 0.001 * s)) for r, v in curve.items() for s in range(3)]

    found = judge(
        said(measure="window", than="b", at_least=0.4),
        results(tiny, row(tiny, "a", A, tuned(True)), row(tiny, "b", B, tuned(False))),
    )
    narrow = math.log10(0.01 / 0.003) + 0.01 / 0.4 * math.log10(3)
    assert found[0].interval == pytest.approx(student_interval([1.0 - narrow] * 3), abs=0.01)
    assert found[0].verdict == "reproduced"


def test_several_tasks_are_judged_on_their_common_scale(tiny: Task) -> None:
    other = dataclasses.replace(tiny, id="other")
    two = dict(results(tiny, row(tiny, "a", A), row(tiny, "b", B)))
    two |= results(other, row(other, "a", B), row(other, "b", A))
    study = msgspec.structs.replace(said(than="b", at_least=0.0), on=("tiny", "other"))
    found = judge(study, two)[0]
    assert found.verdict == "undecided" and found.unit == "% of the way"
    assert found.interval.estimate == pytest.approx(0.0, abs=1e-9)
    wrong = msgspec.structs.replace(said(measure="reach", at_least=0.0), on=("tiny", "other"))
    with pytest.raises(RheobaseError, match="no common scale"):
        judge(wrong, two)


def test_an_unknown_measure_gets_the_right_one(tiny: Task) -> None:
    task = dataclasses.replace(tiny, measures={"idle": "idle"})
    with pytest.raises(RheobaseError, match="idle"):
        judge(said(measure="idel", at_least=0.0), results(task, row(task, "a", A), row(task, "b", B)))
    bare = [outcome(0.5), outcome(0.6)]
    with pytest.raises(RheobaseError, match="measures no gradients"):
        judge(said(measure="reach", at_least=0.0), results(tiny, row(tiny, "a", bare), row(tiny, "b", bare)))


def test_rows_stay_what_they_are(tiny: Task) -> None:
    """The table that a verdict is read from is the one that `compare` shows."""
    found = table(tiny, [row(tiny, "a", A), row(tiny, "b", B)]).row("a")
    assert isinstance(found, Row) and found.scores == tuple(o.test for o in A)
    assert overall_interval([found.scores]).estimate == pytest.approx(found.mean)


def test_units_are_counted_where_no_example_gives_them_a_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("units", ROOT / "studies/units.py")
    assert spec and spec.loader
    units = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(units)

    class One:
        """Three units whose inputs are x, −x − 3 and x + 3, for x in −2 … 2: the second never fires."""

        size = 1

        def __call__(self, x: torch.Tensor, activation: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
            return activation(torch.cat([x, -x - 3, x + 3], dim=2))

    x = torch.tensor([[-2.0], [-1.0], [1.0], [2.0]])
    found = {name: float(v[0]) for name, v in units.count(One(), torch.relu, x).items()}
    assert found == pytest.approx({"idle": 1 / 3, "silent": 6 / 12, "mean": (0.75 + 0 + 3) / 3})
    leaky = units.count(One(), torch.nn.functional.leaky_relu, x)
    assert float(leaky["idle"][0]) == float(leaky["silent"][0]) == 0

    short = dataclasses.replace(units.TASK, budget=dataclasses.replace(units.TASK.budget, epochs=1))
    monkeypatch.setattr(units, "TASK", short)
    outcomes = units.train(tuning_stack(short, "default"), torch.relu)
    assert len(outcomes) == short.budget.tuning_trials
    assert all(0 <= o.measures["idle"] <= o.measures["silent"] < 1 for o in outcomes)


def test_functions_have_names_and_each_initialisation_its_own(study: Path, tmp_path: Path) -> None:
    named = GOOD.replace('functions = ["relu", "tanh"]\n', "").replace('inits = ["default", "he"]\n', "")
    tables = '[functions]\nrelu = "relu"\ntanh = "tanh"\nmine = "x*tanh(x)"\n[inits]\ndefault = ["relu", "tanh"]\n'
    address = read(study).on[0]
    study.write_text(
        named.replace("TASK", address).replace("[[statement]]", tables + 'he = ["mine"]\n\n[[statement]]')
        + '[[statement]]\nsays = "mine is ahead of the best"\nof = "mine"\ninit = "he"\nthan = "leader"\n'
        'than_init = "default"\nat_least = 0.0\n[[statement]]\nsays = "a step costs as much"\nmeasure = "step"\n'
        'of = "mine"\ninit = "he"\nthan = "relu"\nthan_init = "default"\nat_least = 0.0\n'
    )
    found = library.run([read(study)], tmp_path / "s.sqlite", workers=0)[0]
    _, tables = found.results[read(study).on[0]]
    assert {init: {row.activation for row in one.rows} for init, one in tables.items()} == {
        "default": {"relu", "tanh"},
        "he": {"mine"},
    }
    best = tables["default"].row(tables["default"].leader)
    differences = 100 * (np.array(tables["he"].row("mine").scores) - np.array(best.scores))
    confidence = 1 - 0.05 / 3
    assert found.judged[1].interval == pytest.approx(mean_interval(differences, confidence))
    assert found.judged[2].unit == "times" and found.judged[2].interval.low > 0.1
    text = study.read_text()
    for change, says in (
        (('he = ["mine"]', 'he = ["mien"]'), "instead: mine"),
        (('of = "mine"\ninit = "he"', 'of = "mine"\ninit = "default"'), "is not trained"),
    ):
        study.write_text(text.replace(*change))
        with pytest.raises(RheobaseError, match=says):
            read(study)


def test_costs_are_ratios_and_over_tasks_the_yardstick_is_the_others_leader(tiny: Task) -> None:
    def at(scale: float, parameters: float) -> list[Outcome]:
        return [outcome(scale * s, parameters=parameters) for s in (0.5, 0.6, 0.7)]

    alone, mixed = table(tiny, [row(tiny, "b", at(1.0, 100.0))]), table(tiny, [row(tiny, "a", at(1.1, 150.0))])
    both: Results = {tiny.id: (tiny, {"default": alone, "he": mixed})}
    how = {"init": "he", "than": "leader", "than_init": "default", "at_least": 0.0}
    (found,) = judge(said(measure="parameters", **how), both)
    assert found.interval == pytest.approx((1.5, 1.5, 1.5)) and found.unit == "times"
    over = msgspec.structs.replace(said(**how), on=("t", "u"))
    (found,) = judge(over, {"t": both[tiny.id], "u": both[tiny.id]})
    assert found.interval.estimate == pytest.approx(100 * 0.06 / (0.6 - tiny.metric.floor))
    bare: Results = {tiny.id: (tiny, {"default": table(tiny, [row(tiny, "a", [outcome(0.5), outcome(0.6)])])})}
    with pytest.raises(RheobaseError, match="does not count memory"):
        judge(said(measure="memory", at_least=0.0), bare)
