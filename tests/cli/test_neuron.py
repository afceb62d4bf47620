"""`rheobase neuron`: what the shell sees of it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

KEYS = [
    "task", "activation", "solvable", "weights", "bias", "threshold", "orientation", "margin", "proof", "inputs",
    "success_rate", "low", "high",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_weights_for_xor(rheobase) -> None:
    done = rheobase("neuron", "xor", "--with", "swish")
    assert done.code == 0 and not done.err
    for word in (
        "computes xor",
        "weights",
        "bias",
        "threshold",
        "orientation −1",
        "margin",
        "verified",
        "float16",
        "▒",
    ):
        assert word in done.out


def test_a_proof_that_there_are_none(rheobase) -> None:
    done = rheobase("neuron", "xor", "--with", "sigmoid")
    assert done.code == 0 and "cannot compute xor" in done.out and "proof" in done.out


@pytest.mark.parametrize(("spec", "solvable"), [("swish", True), ("sigmoid", False)])
@pytest.mark.parametrize("inputs", ["01", "pm1"])
def test_json_has_the_stable_keys(rheobase, spec: str, solvable: bool, inputs: str) -> None:
    answer = json.loads(rheobase("neuron", "xor", "--with", spec, "--inputs", inputs, "--json").out)
    assert list(answer) == KEYS
    assert answer["solvable"] is solvable and answer["inputs"] == inputs and answer["success_rate"] is None
    if not solvable:
        assert answer["weights"] is None and answer["proof"]
        return
    import rheobase as rb

    f, low = rb.get(spec), 0 if inputs == "01" else -1
    for a in (low, 1):
        for b in (low, 1):
            net = answer["weights"][0] * a + answer["weights"][1] * b + answer["bias"]
            distance = answer["orientation"] * (f(net) - answer["threshold"])
            assert (distance > 0) == (a != b) and abs(distance) >= 0.499 * answer["margin"]


def test_a_table_of_the_essays_functions(rheobase) -> None:
    done = rheobase("neuron", "xor", "--train", "0")
    lines = done.out.splitlines()
    assert done.code == 0 and [line.split()[0] for line in lines[2:13]] == [
        "step", "sigmoid", "relu", "leaky_relu", "elu", "sine", "ncu", "swish", "gelu", "gcu", "squ",
    ]  # fmt: skip
    assert [line.split()[1] for line in lines[2:13]] == ["no"] * 5 + ["yes"] * 6


def test_training_is_kept_and_reused(rheobase, tmp_path: Path) -> None:
    words = ("neuron", "xor", "--with", "squ", "--train", "50", "--workers", "0", "--json")
    first, second = json.loads(rheobase(*words).out), json.loads(rheobase(*words).out)
    assert first == second and list(first) == KEYS
    assert first["low"] <= first["success_rate"] <= first["high"] and (tmp_path / "rheobase.sqlite").exists()


@pytest.mark.parametrize(("rule", "share"), [("gradient", 0.0), ("perceptron", 1.0), ("surrogate", 1.0)])
def test_rules_for_the_step(rheobase, tmp_path: Path, rule: str, share: float) -> None:
    assert json.loads(rheobase("neuron", "and", "--rule", rule, "--json").out)["success_rate"] == share
    done = rheobase("neuron", "and", "--with", "step", "--rule", rule, "-o", "limit.svg")
    assert done.code == 0 and "245" in done.out and ("slope of sigmoid" in done.out) == (rule == "gradient")
    ElementTree.parse(tmp_path / "limit.svg")


def test_a_neuron_fires(rheobase, tmp_path: Path) -> None:
    done = rheobase("neuron", "--with", "step", "--weights", "1,1", "--bias", "-1.5", "--output", "n.svg")
    assert done.code == 0 and "net = 0.5" in done.out and "It computes 0001 (and)." in done.out
    assert "n.svg" in done.err
    ElementTree.parse(tmp_path / "n.svg")


def test_negative_weights_and_a_task_to_hold_them_against(rheobase) -> None:
    done = rheobase("neuron", "xor", "--with", "abs", "--weights", "-1,1", "--at", "0,1")
    assert done.code == 0 and "It computes 0110 (xor): that is xor." in done.out
    plain = json.loads(rheobase("neuron", "--with", "abs", "--weights", "-1,1", "--json").out)
    assert plain["computes"] == "0110 (xor)" and [row["answer"] for row in plain["rows"]] == [0, 1, 1, 0]


def test_decision_regions_as_a_file(rheobase, tmp_path: Path) -> None:
    assert rheobase("neuron", "xor", "--with", "gelu", "-o", "r.svg").code == 0
    ElementTree.parse(tmp_path / "r.svg")
    done = rheobase("neuron", "xor", "--with", "relu", "-o", "none.svg")
    assert done.code == 0 and "no picture" in done.err and not (tmp_path / "none.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        ([], "rheobase neuron xor"),
        (["xro"], "xor"),
        (["xor", "--with", "swihs"], "swish"),
        (["01101", "--with", "swish"], "0110"),
        (["parity-99", "--with", "sine"], "parity-64"),
        (["xor", "--with", "swish", "--inputs", "2"], "pm1"),
        (["xor", "--with", "swish", "-o", "a.png"], "a.svg"),
        (["xor", "--with", "swish", "-o", "no/such/a.svg"], "folder"),
        (["xor", "-o", "a.svg"], "--with swish"),
        (["--weights", "1,1"], "--with step"),
        (["--with", "step", "--weights", "1,one"], "0.5,-2"),
        (["--with", "step", "--weights", "1,1", "--at", "1"], "--at 1,1"),
        (["xor", "--with", "step", "--weights", "1,1,1"], "--weights 1,1"),
        (["--with", "step", "--weights", "1,1", "--train", "50"], "--train"),
        (["xor", "--rule", "hebb"], "perceptron"),
        (["xor", "--with", "swish", "--rule", "gradient"], "--train 250"),
        (["xor", "--rule", "gradient", "--no-threshold"], "--rule gradient"),
        (["xor", "--with", "sine", "--read-out", "afine", "--train", "50"], "affine"),
        (["parity-5", "--with", "sine", "--train", "50"], "4 inputs"),
        (["xor", "--with", "sine", "--train", "-5"], "--train 250"),
        (["xor", "--wiht", "swish"], "--with"),
    ],
)
def test_bad_input_is_told(rheobase, tmp_path: Path, arguments: list[str], right: str) -> None:
    done = rheobase("neuron", *arguments)
    assert done.code == 2 and right in done.err and "Traceback" not in done.err and not done.out
    assert not list(tmp_path.iterdir())
