"""Several tasks in one comparison: the common scale, ranks, what is left out, and the page."""

from __future__ import annotations

import base64
import csv
import dataclasses
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study import diagrams, overall_words
from rheobase.study.overall import Comparisons, share, together
from rheobase.study.question import tasks_of
from rheobase.study.result import Comparison
from rheobase.study.spec import Task
from rheobase.study.statistics import overall_interval, paired_difference


@pytest.fixture(scope="module")
def other(tiny: Task) -> Task:
    """A second task: the same network, another name and hence other draws, and a score where less is better."""
    metric = dataclasses.replace(tiny.metric, floor=1.0, higher_is_better=False, name="test accuracy, upside down")
    return dataclasses.replace(tiny, id="other", metric=metric)


@pytest.fixture(scope="module")
def found(tiny: Task, other: Task) -> Comparisons:
    return rb.compare(["relu", "tanh", "x*tanh(x)"], [tiny, other], seeds=3, store=":memory:")


def test_each_task_is_what_it_is_alone(found: Comparisons, tiny: Task) -> None:
    alone = rb.compare(["relu", "tanh", "x*tanh(x)"], tiny, seeds=3, store=":memory:")
    assert found.on("tiny").to_dict() | {"reused": 0} == alone.to_dict() | {"reused": 0}
    assert found.trained == sum(c.trained for c in found.tasks)


def test_json_has_the_promised_keys(found: Comparisons) -> None:
    plain = json.loads(json.dumps(found.to_dict()))
    assert {"tasks", "overall"} <= set(plain)
    assert all({"task", "metric", "rows"} <= set(task) for task in plain["tasks"])
    assert [t["task"] for t in plain["tasks"]] == ["tiny", "other"]
    keys = {"activation", "mean", "low", "high", "iqm", "rank", "wins", "improvement"}
    assert all(keys <= set(row) for row in plain["overall"]) and len(plain["overall"]) == 3


def test_the_overall_mean_is_that_of_the_shares(found: Comparisons) -> None:
    for row in found.overall:
        shares = [share(c.task, c.tables[0].row(row.activation).scores, c.leader.mean) for c in found.tasks]
        assert row.mean == overall_interval(shares)
    assert [row.mean.estimate for row in found.overall] == sorted(
        (r.mean.estimate for r in found.overall), reverse=True
    )
    lead = next(row for row in found.overall if row.activation == found.leader)
    assert lead.improvement.estimate == 0.5
    assert sum(row.rank for row in found.overall) == pytest.approx(6)
    assert sum(row.wins for row in found.overall) >= 2


def test_a_share_is_0_at_the_floor_and_1_at_the_best(tiny: Task, other: Task) -> None:
    assert share(tiny, [0.1, 0.5, 0.9, 0.0], 0.9) == pytest.approx([0, 0.5, 1, 0])
    assert share(other, [1.0, 0.5, 0.0, 7.0], 0.0) == pytest.approx([0, 0.5, 1, 0])


def test_a_task_that_nothing_learns_is_left_out(found: Comparisons, tiny: Task) -> None:
    idle = found.on("other")
    rows = tuple(dataclasses.replace(row, learned=False) for row in idle.rows)
    idle = dataclasses.replace(idle, tables=(dataclasses.replace(idle.tables[0], rows=rows),))
    mixed = together([found.on("tiny"), idle], "…")
    assert mixed.left_out == ("other",) and mixed.ranks is None and len(mixed.overall) == 3
    assert any("Left out" in note for note in overall_words.notes(mixed))
    nothing = together([idle], "…")
    assert nothing.overall == () and "None of these" in overall_words.headline(nothing)
    assert json.dumps(nothing.to_dict()["overall"]) == "[]"


def test_a_function_that_is_not_on_every_task_is_named(found: Comparisons) -> None:
    one = found.on("other")
    fewer = dataclasses.replace(one.tables[0], rows=tuple(r for r in one.rows if r.activation != "relu"), leader="tanh")
    mixed = together([found.on("tiny"), dataclasses.replace(one, tables=(fewer,))], "…")
    assert mixed.missing == ("relu",) and "relu" not in [row.activation for row in mixed.overall]
    assert "not trained on every task" in " ".join(overall_words.notes(mixed))


def test_the_text_tells_the_tasks_and_the_functions(found: Comparisons) -> None:
    told = str(found)
    assert told.startswith("3 functions on 2 tasks: tiny, other")
    assert "\ntiny: " in told and "Friedman" in told


def test_the_page_stands_alone_and_holds_every_number(found: Comparisons, tmp_path: Path) -> None:
    page = found.report(tmp_path / "r.html").read_text()
    assert page.startswith("<!doctype html>") and "http" not in re.sub(r"xmlns=\S+", "", page)
    for word in ("Over all tasks", "Ranks over the tasks", "Task by task", "Quality against cost", "rows.csv"):
        assert word in page
    assert page.count("<svg") > 10 and "nan" not in page.lower().replace("finance", "")


def test_rows_go_to_columns_csv_and_frames(found: Comparisons, tmp_path: Path, monkeypatch) -> None:
    columns = found.columns()
    assert set(map(len, columns.values())) == {6} and columns["task"] == ["tiny"] * 3 + ["other"] * 3
    rows = list(csv.DictReader(found.to_csv(tmp_path / "rows.csv").open()))
    assert [row["activation"] for row in rows] == columns["activation"]
    assert [float(row["mean"]) for row in rows] == columns["mean"]
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=lambda data: ("frame", data)))
    assert found.to_frame() == ("frame", columns)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RheobaseError, match="pandas"):
        found.on("tiny").to_frame()
    with pytest.raises(RheobaseError, match="cannot be written"):
        found.to_csv(tmp_path / "no" / "rows.csv")


def test_tests_and_stability_are_there_for_every_rival(found: Comparisons) -> None:
    one: Comparison = found.on("tiny")
    assert set(one.evidence) == {row.activation for row in one.rows if row.standing != "leader"}
    for name, e in one.evidence.items():
        assert e.p <= e.p_holm <= 1 and sum(e.equivalence) == pytest.approx(1)
        assert (e.improvement.estimate > 0.5) == (
            np.mean([a > b for a in one.tables[0].row(name).scores for b in one.leader.scores])
            + 0.5 * np.mean([a == b for a in one.tables[0].row(name).scores for b in one.leader.scores])
            > 0.5
        )
    for s in one.stability.values():
        assert 0 <= s.window <= 1 and s.diverged == 0 and s.deviation.low <= s.deviation.estimate <= s.deviation.high
    told = str(one)
    assert "cannot reach 0.05 with 3 seeds (2 · 2/2^3 = 0.5); 7 seeds can" in told


@pytest.mark.parametrize(
    ("on", "says"),
    [("digits,xor", "a list of them"), ("all", "a list of them"), (["digits", "digit"], "digits"), ([], "digits")],
    ids=str,
)
def test_several_tasks_are_a_list(on, says: str) -> None:
    with pytest.raises(RheobaseError) as caught:
        rb.compare(["relu"], on, store=":memory:")
    assert says in str(caught.value)


def test_tasks_are_named_once_each() -> None:
    assert [task.id for task in tasks_of("xor, digits")] == ["xor", "digits"]
    assert {"digits", "xor", "deep-digits"} <= {task.id for task in tasks_of("all")}
    with pytest.raises(RheobaseError, match="named twice"):
        tasks_of("xor,xor")


def test_the_rank_diagram_puts_the_best_left() -> None:
    drawn = diagrams.ranks(["a", "b", "c"], [2.5, 1.0, 2.5], [("a", "c")], 1.2)
    stems = [float(x) for x in re.findall(r'class="stem" x1="([\d.]+)%" x2="\1%"', drawn)]
    assert min(stems) < 50 < max(stems) and drawn.count('class="tie"') == 1 and "critical difference 1.2" in drawn
    assert "critical" not in diagrams.ranks(["a", "b"], [1.0, 2.0], [("a", "b")], 9.0)


def test_nothing_beats_what_lies_on_the_front() -> None:
    spots = diagrams.pareto([("slow", 3, 0.9), ("good", 2, 0.9), ("cheap", 1, 0.5), ("bad", 2, 0.4)])
    assert [s.label for s in spots if s.best] == ["good", "cheap"]


def test_paired_differences_use_the_seeds_both_have(found: Comparisons) -> None:
    one = found.on("tiny")
    for row in one.rows:
        if row.standing != "leader":
            assert row.difference == paired_difference(row.scores, one.leader.scores)


def test_the_page_of_one_task_tells_the_tests_and_the_stability(found: Comparisons, tmp_path: Path) -> None:
    page = found.on("tiny").report(tmp_path / "r.html").read_text()
    for word in ("by ranks", "Stability", "decades", "everything.json", "cannot reach 0.05 with 3 seeds"):
        assert word in page
    (link,) = re.findall(r'download="everything.json" href="data:application/json;base64,([^"]+)"', page)
    held = json.loads(base64.b64decode(link))
    assert held["task"] == "tiny" and len(held["rows"]) == 3
