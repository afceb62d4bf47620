"""`rb.check`: what it takes, what is kept on disk and when it is not used, how verdicts read."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest

import rheobase as rb
from rheobase.certify.judge import PROPERTIES as JUDGED
from rheobase.proofs.claims import JUDGES, holds
from rheobase.proofs.names import PROPERTIES
from rheobase.proofs.numbers import digits
from rheobase.proofs.outward import outward
from rheobase.proofs.store import kept, prover
from rheobase.proofs.words import THEMES, traits


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHEOBASE_CACHE", str(tmp_path))


def test_names_are_those_of_the_prover_and_all_have_a_theme() -> None:
    assert tuple(JUDGED) == PROPERTIES
    assert sorted(n for names in THEMES.values() for n in names) == sorted(PROPERTIES)


def test_claims_are_judged_or_named_as_not_judged() -> None:
    from rheobase.catalogue.entry import CLAIMS

    assert set(CLAIMS) - set(JUDGES) == {"self_normalising"}


def test_verdicts_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    formula = "x*tanh(x) + 1/7"
    first = rb.check(formula)
    (file,) = tmp_path.glob("*.json")
    monkeypatch.setattr("rheobase.proofs.checking.worked_out", lambda *_: pytest.fail("worked out twice"))
    assert rb.check(formula).to_dict() == first.to_dict()
    file.write_bytes(file.read_bytes()[:100])  # a file that is not whole counts as none
    assert kept(first.formula) is None


def test_another_prover_does_not_meet_old_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = rb.check("x*tanh(x) + 2/7", "monotone")
    assert kept(found.formula) is not None
    monkeypatch.setattr("rheobase.proofs.store.prover", lambda: "another")
    assert kept(found.formula) is None and prover() != "another"


def test_no_folder_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHEOBASE_CACHE", "")
    assert rb.check("x*tanh(x) + 3/7", "odd")["odd"].verdict == "refuted"
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("RHEOBASE_CACHE", str(blocked / "below"))
    assert rb.check("x*tanh(x) + 4/7", "odd")["odd"].verdict == "refuted"


def test_parameters_stand_at_their_values() -> None:
    assert rb.check("elu:alpha=2", "c1")["c1"].verdict == "refuted"
    assert rb.check("elu", "c1")["c1"].verdict == "proven"
    assert rb.check(rb.define("a*x", a=-1.0), "monotone")["monotone"].value == "decreasing"


def test_unknown_property_is_told() -> None:
    with pytest.raises(rb.SpecError, match="monotone"):
        rb.check("swish", "monotne")
    with pytest.raises(rb.SpecError, match="bounded"):
        holds(rb.check("swish"), "boundd")


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(-1, 3), Fraction(10**400), Fraction(1, 10**400)])
def test_doubles_are_rounded_outwards(value: Fraction) -> None:
    low, high = outward(value, -1), outward(value, 1)
    assert math.inf == float(high) or Fraction(float(high)) >= value
    assert isinstance(low, str) or Fraction(low) <= value
    json.dumps([low, high], allow_nan=False)


def test_numbers_read_as_far_as_they_are_known() -> None:
    assert digits(0.25, 0.25) == "0.25"
    assert digits(1.09983931, 1.09983932) == "1.0998393…"
    assert digits("-inf", "-inf") == "-∞"


def test_what_a_function_is_good_for_follows_from_the_verdicts() -> None:
    good, bad = traits(rb.check("sigmoid"))
    assert any("bounded" in g for g in good) and any("saturates on both sides (exponential)" in b for b in bad)
    good, bad = traits(rb.check("relu"))
    assert "no gradient on the left: units can die" in bad
    assert any("universal" in b for b in traits(rb.check("ncu"))[1])


def test_a_check_shows_itself() -> None:
    found = rb.check("gelu", "monotone", "infimum")
    assert "monotone" in str(found) and "refuted" in str(found)
    assert "<table>" in found._repr_html_() and repr(found) == "<Check gelu: 1 proven, 1 refuted>"
