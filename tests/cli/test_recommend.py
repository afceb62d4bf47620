"""`rheobase recommend`: what the shell sees of it; races and screens have tests of their own."""

from __future__ import annotations

import json
from pathlib import Path

MINE = """
import torch

def train(activation, seed, learning_rate):
    torch.manual_seed(seed)
    x = torch.randn(16, 4)
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), activation, torch.nn.Linear(4, 1))
    net(x).mean().backward()
    return float(activation(torch.tensor(0.5))) + 0.001 * (seed % 10)

train.learning_rates = (0.01, 0.1)
train.tuning_seeds = 2
"""


def test_a_training_of_ones_own_gets_an_answer_and_goes_on_from_its_store(
    rheobase, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.py").write_text(MINE)
    asked = ("recommend", "my.py:train", "--among", "3*x,sigmoid,step", "--have", "tanh", "--workers", "0")
    done = rheobase(*asked)
    assert done.code == 0 and done.out.startswith("Use 3*x in place of tanh: +"), done
    assert "paired seeds, time ×" in done.out and "because it was the best of 2 on validation data" in done.out
    assert "1 by proof" in done.out and "step (its slope is 0 almost everywhere" in done.out
    assert " 0 reused" in done.err
    told = rheobase(*asked, "--json")
    found = json.loads(told.out)
    assert (found["answer"], found["use"], found["in_place_of"], found["depth"]) == ("use", "3*x", "tanh", 1)
    assert found["difference_low"] > 0 and found["trained"] == 0 and found["reused"] > 0
    assert [one["by"] for one in found["dropped"]] == ["proof"]
    kept = rheobase(*asked[:2], "--among", "sigmoid", "--have", "3*x", "--workers", "0")
    assert kept.code == 0 and kept.out.startswith("Keep 3*x. The best rival, sigmoid, is not shown to be better: −")


def test_without_a_training_the_answer_says_that_it_is_weak(rheobase) -> None:
    done = rheobase("recommend", "--kind", "tabular", "--have", "swish")
    assert done.code == 0 and "swish" in done.out.splitlines()[0] and "This is weak" in done.out
    assert json.loads(rheobase("recommend", "--kind", "tabular", "--json").out)["task"] is None


def test_bad_input_is_one_line_and_code_2(rheobase, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.py").write_text(MINE.replace("return float", "raise ValueError('no data')\n    return float"))
    for arguments, says in (
        (("my.py:train", "--on", "digits"), "a training and a task"),
        (("--budget", "1h"), "a budget without a training"),
        (("--on", "xor", "--budget", "soon"), "90s, 10m or 2h"),
        (("--kind", "tabulr"), "instead: tabular"),
        (("my.py:train", "--among", "sigmoid", "--workers", "0"), "no data"),
        (("none.py:train",), "there is no file"),
    ):
        done = rheobase("recommend", *arguments)
        assert done.code == 2 and says in done.err and done.err.count("\n") == 1 and not done.out, done
