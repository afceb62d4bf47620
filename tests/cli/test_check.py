"""`rheobase check` and `rheobase verify proof`: answers, exit codes, JSON, certificates, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rheobase.properties import PROPERTIES

NAMES = {"verdict", "value", "low", "high", "witness", "method", "reason", "ms"}


def test_json_has_every_property_with_every_key(rheobase: Any) -> None:
    done = rheobase("check", "swish", "--json")
    found = json.loads(done.out)
    assert set(found) == {"activation", "formula", "backward", "properties"}
    assert tuple(found["properties"]) == PROPERTIES
    assert all(set(one) == NAMES for one in found["properties"].values())
    assert found["properties"]["supremum"]["low"] == found["properties"]["supremum"]["high"] == "inf"
    assert done.err == ""


def test_infinite_infimum_is_text(rheobase: Any) -> None:
    found = json.loads(rheobase("check", "ncu", "--json").out)["properties"]["infimum"]
    assert found["low"] == found["high"] == "-inf"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (["--is", "smooth", "--is", "bounded_below"], 0),
        (["--is", "monotone"], 1),
        (["--is", "not monotone"], 0),
        (["--is", "smooth", "--is", "monotone"], 1),
        (["--is", "saturating_left", "--is", "not bounded"], 0),
    ],
)
def test_questions_are_answered_by_the_exit_code(rheobase: Any, asked: list[str], code: int) -> None:
    assert rheobase("check", "swish", *asked).code == code


def test_unknown_is_three(rheobase: Any) -> None:
    assert rheobase("check", "floor(exp(x))", "--is", "continuous").code == 3


def test_a_certificate_is_written_and_replayed(rheobase: Any, tmp_path: Path) -> None:
    path = tmp_path / "swish.json"
    assert rheobase("check", "swish", "--certificate", str(path)).code == 0
    done = rheobase("verify", "proof", str(path), "--json")
    assert done.code == 0 and json.loads(done.out)["holds"] is True
    forged = json.loads(path.read_text())
    forged["proofs"]["infimum"]["low"] = "-1/10"
    path.write_text(json.dumps(forged))
    done = rheobase("verify", "proof", str(path))
    assert done.code == 1 and "infimum" in done.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["check", "swihs"], "swish"),
        (["check", "x*tanh(x"], "^"),
        (["check", "swish", "--is", "monoton"], "monotone"),
        (["check", "swish", "--certificate", "no/such/folder/a.json"], "cannot write"),
        (["verify", "proof", "no-such-file.json"], "cannot read"),
        (["verify", "prof", "a.json"], "rheobase verify proof"),
    ],
)
def test_bad_input_is_told_and_ends_with_two(rheobase: Any, words: list[str], told: str) -> None:
    done = rheobase(*words)
    assert done.code == 2 and told in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"formula": "x", "proofs": {"odd": 3}}', "{" * 5000, "\x00"])
def test_what_is_no_certificate_is_told(rheobase: Any, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    done = rheobase("verify", "proof", str(path))
    assert done.code in (1, 2) and "Traceback" not in done.err


def test_show_tells_claims_strengths_and_weaknesses(rheobase: Any) -> None:
    shown = rheobase("show", "step").out
    assert "no gradient" in shown
    facts = json.loads(rheobase("show", "ssu", "--json").out)
    assert facts["claims_judged"]["not saturating"] == "refuted" and "not saturating" in facts["acknowledged"]


def test_list_by_claim(rheobase: Any) -> None:
    found = {one["id"] for one in json.loads(rheobase("list", "--claim", "refuted", "--json").out)}
    assert found == {"ssu", "dsu"}
    assert rheobase("list", "--claim", "refutd").code == 2
