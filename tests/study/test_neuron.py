"""`rb.neuron`: theory beside descent, and the rules for a function without a slope."""

from __future__ import annotations

from pathlib import Path

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study.boolean import address, task_at
from rheobase.study.one_neuron import interval, survey
from rheobase.study.rules import RULES, teach
from rheobase.study.spec import Member, Stack
from rheobase.study.tasks import find
from rheobase.study.worker import one_thread


def learned(task: str, spec: str, **options) -> tuple[float, float, float]:
    answer = rb.neuron(task, spec, store=":memory:", workers=0, **options)
    assert answer.success_rate is not None and answer.low is not None and answer.high is not None
    return answer.success_rate, answer.low, answer.high


@pytest.mark.parametrize(
    ("spec", "signs", "bits"), [("squ", 1.0, 1.0), ("ncu", 0.96, 0.78), ("gcu", 0.78, 0.41), ("sine", 0.14, 0.02)]
)
def test_xor_is_learned_as_often_as_known(spec: str, signs: float, bits: float) -> None:
    """Known from 250 starts; ours are 75, tuned for their coding. Allowed: four standard errors of the difference."""
    for inputs, known in (("pm1", signs), ("01", bits)):
        share, low, high = learned("xor", spec, inputs=inputs, train=75)
        p = min(max(known, 0.02), 0.98)
        assert low <= share <= high
        assert abs(share - known) <= 4 * (p * (1 - p) * (1 / 75 + 1 / 250)) ** 0.5


@pytest.mark.parametrize("spec", ["step", "sigmoid", "relu"])
def test_what_only_rises_never_learns_xor(spec: str) -> None:
    answer = rb.neuron("xor", spec, train=50, store=":memory:", workers=0)
    assert answer.solvable is False and answer.success_rate == 0 and answer.low == 0


@pytest.mark.parametrize("spec", ["swish", "gelu"])
def test_an_affine_read_out_lets_the_one_dip_learn_xor(spec: str) -> None:
    """The sign alone does not: θ = 0 lies above their only minimum."""
    assert learned("xor", spec, inputs="pm1", train=50, read_out="affine")[0] > 0.85
    assert learned("xor", spec, inputs="pm1", train=50)[0] == 0


def test_the_neuron_and_the_study_train_the_same_thing(tmp_path: Path) -> None:
    store = tmp_path / "a.sqlite"
    study = rb.compare(["ncu", "squ"], on="xor", seeds=2, store=store, workers=0)
    again = rb.neuron("xor", "ncu", inputs="pm1", train=50, store=store, workers=0)
    assert again.success_rate == pytest.approx(next(r.mean for r in study.rows if r.activation == "ncu"))


def test_two_codings_at_once_are_each_coding_alone() -> None:
    both, stack = find("xor"), Stack("xor", "final", "default", "", (Member(0, 0.03), Member(1, 0.1)))
    with one_thread():
        activation = rb.nn.Activation("gcu")
        pair = both.train(stack, activation)
        bits = task_at("neuron:0110:01:sign").train(stack, activation)
    assert [o.measures["zero_one"] for o in pair] == pytest.approx([o.test for o in bits])


def test_addresses_name_tasks_and_nothing_else_does() -> None:
    assert find(address("0001", "01", "affine")).id == "neuron:0001:01:affine"
    assert find(address("0110", "pm1", "sign")) is find("xor")
    for wrong in ("neuron:011:01:sign", "neuron:0110:02:sign", "neuron:0110:01:sing", "neuron:0110"):
        with pytest.raises(RheobaseError, match="neuron:0110:01:sign"):
            find(wrong)


def test_an_output_of_exactly_0_is_the_answer_0() -> None:
    """ReLU on AND by its sign: three inputs must lie on its flat side, where it puts out 0."""
    assert learned("and", "relu", train=50)[0] > 0


def test_three_inputs_are_trained_too() -> None:
    share, low, high = learned("parity-3", "ncu", inputs="pm1", train=50, read_out="affine")
    assert 0 < low <= share <= high


def test_an_exact_interval() -> None:
    """Clopper & Pearson at 0 of n is 1 − (α/2)^(1/n); symmetric about one half."""
    assert interval(0, 250).high == pytest.approx(1 - 0.025 ** (1 / 250), rel=1e-12)
    a, b = interval(30, 100), interval(70, 100)
    assert (a.low, a.high) == pytest.approx((1 - b.high, 1 - b.low))
    assert interval(100, 100).high == 1.0 and interval(0, 100).low == 0.0


def test_a_survey_sets_theory_beside_descent() -> None:
    found = survey("xor", ["relu", "squ", "silu", "swish"], train=50, store=":memory:", workers=0)
    relu, squ, silu, swish = found.findings
    assert relu.free.solvable is False and squ.free.solvable is True
    assert relu.learned["affine"].share == 0 and squ.learned["sign"].share > 0.9
    assert silu.learned == swish.learned, "two names of one function"
    assert (swish.free.solvable, swish.zero.solvable) == (True, False)
    text = str(found)
    assert "possible" in text and "n ≤ 1" in text and "95 % interval" in text
    assert [a.success_rate for a in found.answers()] == [f.learned["affine"].share for f in found.findings]


def test_without_training_there_is_theory_alone() -> None:
    found = survey("and", ["step", "swish"], train=0)
    assert all(f.free.solvable and not f.learned and f.parity is None for f in found.findings)
    assert "learned" not in str(found)


@pytest.mark.parametrize("spec", ["step", "sign"])
@pytest.mark.parametrize("task", ["and", "or"])
def test_rules_that_need_no_slope_learn_what_is_separable(task: str, spec: str) -> None:
    gradient, perceptron, surrogate = (teach(task, spec, rule) for rule in RULES)
    assert gradient.rate.share == 0 and gradient.moved == 0
    assert perceptron.rate.share == 1 and surrogate.rate.share == 1
    assert perceptron.moved == perceptron.rate.starts and perceptron.epochs is not None


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("inputs", ["01", "pm1"])
def test_no_rule_learns_xor_and_the_proof_is_given(rule: str, inputs: str) -> None:
    lesson = teach("xor", "step", rule, inputs=inputs)
    assert lesson.rate.share == 0 and lesson.lucky == 0 and lesson.epochs is None
    assert lesson.moved == (0 if rule == "gradient" else 250)
    assert "No rule can" in str(lesson) and "at most once" in str(lesson)


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda: teach("and", "swish"), "--train 250"),
        (lambda: teach("and", "step", "hebb"), "perceptron"),
        (lambda: teach("parity-5", "step"), "4 inputs"),
        (lambda: teach("and", starts=0), "--train 250"),
        (lambda: rb.neuron("xor", "sine", train=-1), "--train 250"),
        (lambda: rb.neuron("xor", "sine", read_out="afine"), "affine"),
        (lambda: rb.neuron("parity-5", "sine", train=50), "4 inputs"),
    ],
)
def test_bad_input_gets_the_right_words(call, instead: str) -> None:
    with pytest.raises(RheobaseError, match=instead):
        call()
