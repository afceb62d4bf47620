"""`rb.check`: what it takes, what is kept on disk and when it is not used, how verdicts read."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import rheobase as rb
from rheobase.certify.judge import PROPERTIES as JUDGED
from rheobase.certify.verdict import Unknown
from rheobase.enclosure.doubles import outward
from rheobase.proofs.claims import JUDGES, holds
from rheobase.proofs.numbers import digits
from rheobase.proofs.store import kept, prover
from rheobase.proofs.words import traits
from rheobase.properties import PROPERTIES


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHEOBASE_CACHE", str(tmp_path))


def test_every_name_has_its_own_function_that_says_what_it_asks() -> None:
    assert tuple(JUDGED) == PROPERTIES and len(set(PROPERTIES)) == 30
    assert len(set(JUDGED.values())) == 30
    assert {f.__annotations__["return"] for f in JUDGED.values()} == {"Verdict"}
    assert [n for n, f in JUDGED.items() if f.__name__.rstrip("_") != n or not (f.__doc__ or "").strip()] == []


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
    found = rb.check("x*tanh(x) + 2/7")
    assert kept(found.formula) is not None
    monkeypatch.setattr("rheobase.proofs.store.prover", lambda: "another")
    assert kept(found.formula) is None and prover() != "another"


def test_only_what_is_asked_is_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    prover = sys.modules["rheobase.certify.judge"]
    monkeypatch.setattr(prover, "_asked", lambda name, subject: asked.append(name) or Unknown("-"))
    rb.check("x*tanh(x) + 5/7", "odd", "jumps")
    assert asked == ["odd", "jumps"] and not list(tmp_path.glob("*.json"))  # a part is not kept as the whole


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


def test_numbers_in_a_verdict_enclose_what_they_are_about() -> None:
    """2^(1/3), the mean 1/2 + 1/sqrt(2 pi) and pi/2 are no doubles: their enclosures are more than one double."""
    (zero,) = rb.check("x**3 - 2", "zeros")["zeros"].value
    assert Fraction(zero["low"]) ** 3 < 2 < Fraction(zero["high"]) ** 3
    (turn,) = rb.check("3*x**4/4 - 2*x", "extrema")["extrema"].value
    assert Fraction(turn["low"]) ** 3 * 3 < 2 < Fraction(turn["high"]) ** 3 * 3
    mean = rb.check("step(x) + relu(x)", "zero_centred")["zero_centred"].witness or {}
    pi = Fraction("3.14159265358979323846264338327950288")
    assert (Fraction(mean["mean_low"]) - Fraction(1, 2)) ** 2 * 2 * pi < 1
    assert (Fraction(mean["mean_high"]) - Fraction(1, 2)) ** 2 * 2 * pi > 1
    line = rb.check("atan(x)", "asymptote_right")["asymptote_right"].value
    assert Fraction(line["intercept_low"]) < pi / 2 < Fraction(line["intercept_high"])


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
