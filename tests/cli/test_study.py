"""`rheobase study`: what the shell sees of it; studies, power and calibration have tests of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rheobase.study.calibration import Check, allowed

STUDY = """
title = "Squaring learns XOR, ReLU does not"
claim = "A neuron that squares learns XOR."
source = "the parabola"
functions = ["squ", "relu"]
on = ["xor"]
seeds = 2

[[statement]]
says = "squ learns it from nearly every start"
of = "squ"
at_least = 50.0

[[statement]]
says = "relu learns it from none"
of = "relu"
at_most = 0.0
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies/squ.toml").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_study_from_its_claim_to_its_verdict(rheobase, folder: Path) -> None:
    before = rheobase("study", "list")
    assert before.code == 0 and "not run" in before.out
    shown = rheobase("study", "show", "studies/squ.toml")
    assert "A neuron that squares" in shown.out and "rheobase study run" in shown.err
    done = rheobase("study", "run", "studies/", "--workers", "0")
    assert done.code == 0 and "REPRODUCED" in done.out and "1 reproduced, 0 refuted" in done.out
    assert (folder / "studies.html").read_text().startswith("<!doctype html>")
    again = json.loads(rheobase("study", "run", "studies/squ.toml", "--workers", "0", "--json").out)
    assert again[0]["verdict"] == "reproduced" and again[0]["trained"] == 0
    assert "reproduced" in rheobase("study", "list").out
    assert rheobase("study", "export", "studies/squ.toml", "--to", "csv").out == "squ.csv\n"
    assert (folder / "squ.csv").read_text().startswith("task,metric,init,activation,n,mean")
    parts = rheobase("study", "export", "studies/squ.toml", "--out", "paper").out.split()
    assert {Path(part).name for part in parts} == {
        "table.tex", "methods.tex", "references.bib", "figure.pdf", "figure.svg"
    }  # fmt: skip
    check_paper(folder / "paper")
    assert json.loads(rheobase("study", "show", "studies/squ.toml", "--json").out)["verdict"] == "reproduced"


def check_paper(folder: Path) -> None:
    """The parts hold together: braces, columns, citations, numbers."""
    table, methods, references = ((folder / f).read_text() for f in ("table.tex", "methods.tex", "references.bib"))
    lines = [line for line in table.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    assert {line.count("&") for line in lines} == {5} and r"\toprule" in table and r"100.0 \%" in table
    cited = set(re.findall(r"\\cite\{(\w+)\}", methods))
    assert cited and all(f"{{{key}," in references for key in cited)
    assert "2 activation functions (squ, relu)" in methods and "rheobase study run studies/squ.toml" in methods
    assert not re.search(r"(?<!\\)%", "\n".join(line for line in methods.splitlines() if not line.startswith("%")))
    for text in (table, methods, references):
        assert text.count("{") == text.count("}")
    assert (folder / "figure.pdf").read_bytes().startswith(b"%PDF")
    assert "<text" in (folder / "figure.svg").read_text()


def test_a_study_that_has_not_been_run_is_not_exported(rheobase, folder: Path) -> None:
    done = rheobase("study", "export", "studies/squ.toml")
    assert done.code == 2 and "rheobase study run studies/squ.toml" in done.err


def test_every_inner_verb_explains_itself(rheobase) -> None:
    told = rheobase("study", "--help").out
    for verb in ("run", "list", "show", "power", "calibrate", "export"):
        assert f"\n  {verb} " in told
        done = rheobase("study", verb, "--help")
        assert done.code == 0 and f"Usage: rheobase study {verb}" in done.out


def test_power_answers_from_a_deviation_or_from_trainings(rheobase, monkeypatch) -> None:
    told = rheobase("study", "power", "--deviation", "0.6", "--difference", "0.3")
    assert told.code == 0 and told.out.splitlines()[1].split() == ["given", "0.60", "44"]
    more = json.loads(rheobase("study", "power", "--deviation", "0.6", "--comparisons", "8", "--json").out)
    assert int(more[0]["0.3 points"]) > 44
    asked = []
    monkeypatch.setattr("rheobase.study.compare", lambda *how, **more: asked.append(how))
    monkeypatch.setattr("rheobase.study.power_words.deviations", lambda _: {"gcu": 0.6})
    done = rheobase("study", "power", "squ", "gcu", "--on", "xor")
    assert done.code == 0 and done.out.splitlines()[1].split()[:2] == ["gcu", "0.60"]
    assert asked == [(["squ", "gcu"], "xor")]


def test_calibration_passes_and_can_fail(rheobase, folder: Path, monkeypatch) -> None:
    noise = np.random.default_rng(0).normal(size=10)
    real = (Check("real placebos", 0, 2, allowed(2), True), [noise, noise[::-1]])
    monkeypatch.setattr("rheobase.study.calibration.real_placebos", lambda *_, **__: real)
    done = rheobase("study", "calibrate", "squ", "gcu", "--on", "xor", "--simulated", "60", "--json")
    checks = json.loads(done.out)
    assert [c["of"] for c in checks] == [60, 60, 60, 2, 60] and all(c["passed"] for c in checks) and done.code == 0
    monkeypatch.setattr("rheobase.study.calibration.allowed", lambda count: -1)
    failed = rheobase("study", "calibrate", "--simulated", "5")
    assert failed.code == 1 and "FAILED" in failed.out


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["rn"], "rheobase study run"),
        (["run", "none.toml"], "study list"),
        (["run", "studies", "--report", "no/such/p.html"], "--report report.html"),
        (["show", "studies"], "studies"),
        (["power"], "--deviation 0.5"),
        (["power", "--deviation", "0.5", "--power", "2"], "--power 0.9"),
    ],
)
def test_bad_input_is_told_before_anything_is_trained(rheobase, folder: Path, arguments, right) -> None:
    done = rheobase("study", *arguments)
    assert done.code == 2 and right in done.err and "Traceback" not in done.err
    assert not (folder / "rheobase.sqlite").exists()


def test_ready_studies_are_found_from_anywhere(rheobase: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = rheobase("study", "list")
    assert listed.code == 0 and "relu-units-die" in listed.out
    assert "ReLU units" in rheobase("study", "show", "relu-units-die").out
    missing = rheobase("study", "show", "relu-units-dye")
    assert missing.code == 2 and "study list" in missing.err
