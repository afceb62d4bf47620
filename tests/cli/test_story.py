"""`rheobase story` and `rheobase lineage`: every statement shows something, in both languages, and as JSON."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest

from rheobase.cli.app import verbs
from rheobase.story import Row, lineage, rows
from rheobase.story.of_functions import Checked, Mends


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_what_shows_a_statement_shows_something(
    row: Row, rheobase: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = rheobase(*shlex.split(row.shows))
    assert done.code in (0, 1, 3) and done.out.strip(), f"{row.replay}: {done.err}"
    assert not list(tmp_path.iterdir()), "it leaves a file behind"


EVIDENCE = [(row, fact, one) for row in rows() for fact, one in zip(row.facts, row.evidence, strict=True)]


def test_the_line_that_replays_a_proof_gives_the_same_answer(rheobase: Any) -> None:
    codes = {"proven": 0, "refuted": 1, "undecided": 3}
    for row, fact, one in EVIDENCE:
        if isinstance(fact, Checked):
            assert rheobase(*shlex.split(one.replay)[1:]).code == codes[one.verdict], f"{row.id}: {one.replay}"


def test_every_line_that_replays_something_is_a_verb(rheobase: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for row, fact, one in EVIDENCE:
        program, *words = shlex.split(one.replay)
        if isinstance(fact, Mends):
            assert (program, words[0]) == ("python", "-c")
            exec(words[1], {})
            assert one.text.en in capsys.readouterr().out
            continue
        assert program == "rheobase" and words[0] in verbs(), one.replay
        if words[0] == "story":
            assert words[1] == row.id
        elif words[0] == "study":
            assert rheobase("study", "show", words[2]).code == 0, one.replay


def test_the_list_has_every_statement_its_verdict_and_the_counts(rheobase: Any) -> None:
    shown = rheobase("story").out
    for row in rows():
        assert re.search(rf"^ ?{row.number} \S {row.id}: {row.verdict}$", shown, re.MULTILINE)
    last = shown.splitlines()[-1]
    assert last.startswith(f"{len(rows())} statements: ") and last.endswith("not yet shown")
    assert sum(map(int, re.findall(r"(\d+) (?:proven|reproduced|undecided|refuted|not)", last))) == len(rows())


def test_korean(rheobase: Any) -> None:
    shown = rheobase("story", "--lang", "ko").out
    assert rows()[0].claim.ko[:12] in shown and "아직 확인되지 않음" in shown.splitlines()[-1]
    assert "증명됨" in rheobase("story", "threshold", "--lang", "ko").out


def test_a_statement_is_walked_through(rheobase: Any) -> None:
    shown = rheobase("story", "3").out
    assert shown.startswith("3 threshold\nA signal below the threshold")
    assert "$ rheobase check step --is 'not continuous'" in shown and "\n→ proven\n" in shown
    assert shown.index("$ rheobase show step") < shown.index("derivative")
    assert rheobase("story", "threshold").out == shown


def test_an_answer_of_no_is_an_answer(rheobase: Any) -> None:
    done = rheobase("story", "oscillating")
    assert done.code == 0 and "monotone: no" in done.out


def test_json(rheobase: Any) -> None:
    every = json.loads(rheobase("story", "--json").out)
    assert [one["id"] for one in every] == [row.id for row in rows()]
    one = json.loads(rheobase("story", "threshold", "--json").out)
    assert one == every[2]
    assert set(one) == {"number", "id", "claim", "verdict", "shows", "replay", "evidence"}
    assert set(one["claim"]) == {"en", "ko"} and one["evidence"][0]["verdict"] == "proven"


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (("story", "tresholds"), "threshold"),
        (("story", "27"), "1 to 26"),
        (("story", ""), "1 to 26"),
        (("story", "--lang", "fr"), "en or ko"),
        (("lineage", "gleu"), "gelu"),
        (("lineage", "x*tanh(x)**3 + 0.1*x**5"), "instead"),
    ],
)
def test_bad_input(rheobase: Any, words: tuple[str, ...], instead: str) -> None:
    done = rheobase(*words)
    assert done.code == 2 and instead in done.err and "Traceback" not in done.err and not done.out


def test_the_tree_of_all_and_of_one(rheobase: Any) -> None:
    shown = rheobase("lineage").out
    assert re.search(r"^heaviside$", shown, re.MULTILINE) and re.search(
        r"├─ sigmoid  ✓ no gradient$", shown, re.MULTILINE
    )
    assert shown.splitlines()[-1].startswith(f"{len(lineage())} repairs: ")
    one = rheobase("lineage", "prelu").out
    assert one.startswith("heaviside\n└─ sigmoid") and "no learned parameters" in one
    assert "idea of its own" in rheobase("lineage", "sinc_af").out


def test_lineage_as_json(rheobase: Any) -> None:
    found = json.loads(rheobase("lineage", "prelu", "--json").out)
    assert set(found[0]) == {"of", "by", "drawback", "verdict", "text", "gone", "replay"}
    assert {(one["of"], one["by"]) for one in found} >= {("leaky_relu", "prelu"), ("heaviside", "sigmoid")}


def test_reading_the_story_loads_nothing_heavy() -> None:
    code = (
        "import sys; from rheobase.cli.app import main; import io, contextlib\n"
        "with contextlib.redirect_stdout(io.StringIO()): assert main(['story']) == 0 == main(['lineage'])\n"
        "print(*{'torch', 'scipy', 'matplotlib', 'rheobase.study', 'rheobase.certify'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
