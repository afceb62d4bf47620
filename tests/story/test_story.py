"""Every statement is told in both languages, is decided by something, and what is recorded is what is found today."""

from __future__ import annotations

import re

import msgspec
import pytest

from rheobase.catalogue import entries
from rheobase.story import Row, of_evidence, rows
from rheobase.story.facts import MISSING, Fact
from rheobase.story.kinds import KINDS
from rheobase.story.of_evidence import Behind, Studied
from rheobase.story.of_functions import Checked, Flat, Mends, Moment, Near, Same
from rheobase.story.of_neurons import Able, Fires, Learned, Taught
from rheobase.story.recorded import recorded
from rheobase.story.results import studies
from rheobase.story.words import VERDICTS, Text, weakest
from rheobase.study.claims import studies_in
from rheobase.study.tasks import tasks

IDS = """
why-not-several neuron threshold step-unnatural step-untrainable sigmoid vanishing trade-offs two-ways parametric prelu
own-shape harder-patterns oscillating sine-periodic ncu xor relu combining dying leaky elu-smooth elu-mean swish-gelu
five-directions beyond
""".split()  # noqa: SIM905
"""The essay's statements in its order; an id never changes."""

EVERY = pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
FACTS = [fact for row in rows() for fact in row.facts]
FOUND_ANEW = [fact for fact in FACTS if not isinstance(fact, Studied | Behind)]
HANGUL = re.compile(r"[가-힣]")
NOTHING = Text("", "")


def test_the_story_has_the_essays_statements_in_order() -> None:
    assert [row.id for row in rows()] == IDS
    assert [row.number for row in rows()] == list(range(1, len(IDS) + 1))


@EVERY
def test_a_statement_is_told_in_both_languages(row: Row) -> None:
    for said in (row.claim, *(fact.says for fact in row.facts)):
        assert HANGUL.search(said.ko) and not HANGUL.search(said.en), said
        assert said.ko.strip() == said.ko and said.en.strip() == said.en and not re.search(r" {2}", said.en + said.ko)
    assert row.claim.en.endswith(".") and re.search(r"(다|까)\.$", row.claim.ko)


@EVERY
def test_what_was_found_is_told_in_both_languages(row: Row) -> None:
    """Of English words only names and formulas stand in the Korean evidence."""
    names = {*entries(), *tasks()}
    for one in row.evidence:
        assert one.text.en and one.text.ko
        prose = re.sub(r"^(f|f′|∂f/∂\w+)(\(x\))? = .*", "", one.text.ko)
        words = set(re.findall(r"(?<![\w(|])[a-z_-]{5,}(?![\w(=:])", prose))
        assert not words - names, f"{row.id}: {one.text.ko}"


@EVERY
def test_a_statement_is_decided_by_something(row: Row) -> None:
    assert row.facts, f"{row.id}: [[row.fact]] in story.toml"
    missing = [fact.key for fact, one in zip(row.facts, row.evidence, strict=True) if one.verdict == "not yet shown"]
    assert not missing, f"{row.id}: python tools/tell.py, or run the study and record it"


def test_every_study_and_statement_that_is_told_of_is_there() -> None:
    said = {study.id: {one.says for one in study.statement} for study in studies_in([])}
    for fact in FACTS:
        if isinstance(fact, Studied):
            assert fact.statement in said[fact.study], f"{fact.key}: studies/{fact.study}.toml does not say so"


@pytest.mark.parametrize("fact", FOUND_ANEW, ids=lambda fact: fact.key)
def test_what_is_recorded_is_what_is_found(fact: Fact) -> None:
    now, then = fact.find(), recorded().facts.get(fact.key)
    assert then is not None, "not recorded: python tools/tell.py"
    assert (now.verdict, now.text) == (then.verdict, then.text), "python tools/tell.py"
    for a, b in ((now.low, then.low), (now.high, then.high)):
        assert a == b or a == pytest.approx(b, rel=1e-9), "python tools/tell.py"


def test_nothing_is_recorded_that_is_not_told() -> None:
    assert set(recorded().facts) == {fact.key for fact in FOUND_ANEW}


WRONG = [
    Checked(says=NOTHING, of="relu", has="c1"),
    Same(says=NOTHING, of="relu", equals="leaky_relu"),
    Same(says=NOTHING, of="prelu", derivative="negative_slope", equals="max(x, 0)"),
    Moment(says=NOTHING, of="relu", moment="E_f", than="elu", at_most=0.0),
    Moment(says=NOTHING, of="tanh", moment="E_df2", at_least=0.5),
    Flat(says=NOTHING, of="relu", at_most=0.25),
    Flat(says=NOTHING, of="swish", at_least=0.25),
    Near(says=NOTHING, of="sigmoid(10*x)", beyond=0.1, at_most=0.1),
    Near(says=NOTHING, of="exp(-exp(-x))", beyond=1.0, at_most=0.1),  # within 0.07 on the left, 0.31 on the right
    Mends(says=NOTHING, of="swish", than="mish", drawback="costly to compute"),
    Fires(says=NOTHING, of="step", weights=(1.0, 1.0), bias=-0.5, computes="and"),
    Able(says=NOTHING, of="relu", task="xor", able=True),
    Able(says=NOTHING, of="sine", task="xor", able=False),
    Taught(says=NOTHING, of="step", task="xor", rule="surrogate", at_least=0.5),
    Learned(says=NOTHING, of="prelu", parameter="negative_slope", per="layer", values=(-1.0, 1.0), at_least=0.5),
]


@pytest.mark.parametrize("fact", WRONG, ids=lambda fact: fact.key)
def test_what_is_wrong_is_refuted(fact: Fact) -> None:
    assert fact.find().verdict == "refuted"


def test_what_cannot_be_decided_is_not_claimed() -> None:
    """Where stairs without end are flat is not told; how near the step a curve is that falls, neither."""
    assert Flat(says=NOTHING, of="floor(x)", at_most=0.0).find().verdict == "undecided"
    assert Near(says=NOTHING, of="x*sigmoid(x)", beyond=1.0, at_most=1.0).find().verdict == "undecided"


def test_an_interval_on_both_sides_decides_nothing() -> None:
    half = Flat(says=NOTHING, of="relu", at_least=0.5)
    assert [half.side(0.6, 0.7), half.side(0.4, 0.6), half.side(0.1, 0.4)] == [True, None, False]


def test_a_study_speaks_as_it_was_recorded_unless_the_story_says_the_opposite() -> None:
    said = {(name, one["says"]): one["verdict"] for name, study in studies().items() for one in study["statements"]}
    turned = {"reproduced": "refuted", "refuted": "reproduced", "undecided": "undecided"}
    for (name, statement), verdict in said.items():
        fact = Studied(says=NOTHING, study=name, statement=statement)
        assert fact.find().verdict == verdict
        assert msgspec.structs.replace(fact, denied=True).find().verdict == turned[verdict]
        assert msgspec.structs.replace(fact, study="no-such-study").find().verdict == "not yet shown"
        assert msgspec.structs.replace(fact, statement="no such statement").find().verdict == "not yet shown"


def test_one_that_is_behind_nowhere_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"activation": "a", "behind": 2}, {"activation": "b", "behind": 1}, {"activation": "c", "behind": 1}]
    monkeypatch.setattr(of_evidence, "comparison", lambda: {"overall": rows, "tasks": [{}, {}]})
    found = Behind(says=NOTHING).find()
    assert found.verdict == "reproduced"
    assert found.text.en == "each of 3 functions is behind on 1 of 2 tasks or more, b, c on the fewest"
    rows[2]["behind"] = 0
    assert Behind(says=NOTHING).find().verdict == "refuted"
    monkeypatch.setattr(of_evidence, "comparison", lambda: None)
    assert Behind(says=NOTHING).find() == MISSING


def test_every_kind_of_fact_is_used() -> None:
    assert {type(fact) for fact in FACTS} == set(KINDS.__args__)


def test_a_row_is_as_strong_as_its_weakest_evidence() -> None:
    for row in rows():
        assert row.verdict == weakest(one.verdict for one in row.evidence)
        assert row.verdict in ("proven", "reproduced") or row.lacking
        assert row.verdict in VERDICTS and row.to_dict()["verdict"] == row.verdict


def test_without_torch_what_was_learned_stands_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    from rheobase.story import of_neurons

    row = next(row for row in rows() if row.id == "own-shape")
    monkeypatch.setattr(of_neurons, "find_spec", lambda name: None)
    assert row.facts[0].find() == MISSING
    assert row.again().evidence == row.evidence
