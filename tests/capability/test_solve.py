"""Weights that do it, and proofs that none exist: answers are checked by mpmath and attacked by random search."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from mpmath import mp

import oracle
import rheobase as rb
from rheobase.capability.boolean import boolean, coded
from rheobase.capability.capacity import capacity
from rheobase.capability.facts import degree
from rheobase.capability.model import Neuron, as_float, check, number
from rheobase.capability.solve import Answer, parity_limit, solve
from rheobase.simplify import simplify

MONOTONE = ["step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus", "snake"]
ONE_TURN = ["gelu", "silu", "mish", "hard_swish", "squ", "gaussian", "abs"]
ENDLESS = ["sine", "cosine", "gcu", "dsu", "ssu"]


@cache
def asked(task: str, spec: str, inputs: str = "01", threshold: bool = True) -> Answer:
    return solve(boolean(task), rb.get(spec), inputs, threshold=threshold)  # type: ignore[arg-type]


def second_opinion(answer: Answer) -> float:
    """Twice the smallest distance of f from the threshold over all 2^n inputs, by mpmath at 40 digits; −1 if wrong."""
    assert answer.found is not None
    neuron, smallest = answer.found.neuron, mp.inf
    with mp.workdps(40):
        weights = [oracle.value(w, 0) for w in neuron.weights]
        bias, threshold = oracle.value(neuron.bias, 0), oracle.value(neuron.threshold, 0)
        for bits in answer.task.bits():
            net = bias + sum(w * coded(b, answer.inputs) for w, b in zip(weights, bits, strict=True))
            distance = neuron.orientation * (oracle.value(answer.activation.bound, net) - threshold)
            if (distance > 0) != (answer.task.answer(bits) == 1):
                return -1.0
            smallest = min(smallest, 2 * abs(distance))
    return float(smallest)


@pytest.mark.parametrize("inputs", ["01", "pm1"])
@pytest.mark.parametrize("spec", [*ONE_TURN, "ncu", *ENDLESS])
def test_xor_by_weights(spec: str, inputs: str) -> None:
    answer = asked("xor", spec, inputs)
    assert answer.solvable is True and answer.found is not None
    truth = second_opinion(answer)
    assert 0 < answer.found.margin <= truth * (1 + 1e-15) and truth < 1.0001 * answer.found.margin
    assert answer.float32 and answer.float16


@pytest.mark.parametrize("spec", MONOTONE)
def test_xor_is_refused_with_a_proof_by_what_only_rises(spec: str) -> None:
    answer = asked("xor", spec)
    assert answer.solvable is False and answer.found is None
    assert "increasing" in answer.proof and "at most once" in answer.proof and "at least twice" in answer.proof


@pytest.mark.parametrize(
    ("spec", "most"), [*((s, 1) for s in MONOTONE), *((s, 2) for s in ONE_TURN), ("ncu", 3)], ids=lambda v: str(v)
)
@pytest.mark.parametrize("inputs", ["01", "pm1"])
def test_parity_goes_exactly_so_far(spec: str, most: int, inputs: str) -> None:
    limit = parity_limit(rb.get(spec), inputs)  # type: ignore[arg-type]
    assert (limit.solved, limit.proven, limit.every) == (most, True, False)


@pytest.mark.parametrize("spec", ENDLESS)
def test_parity_of_every_n_by_equal_weights_of_pi(spec: str) -> None:
    assert parity_limit(rb.get(spec)).every
    for n in (2, 3, 4, 9, 64):
        answer = asked(f"parity-{n}", spec)
        assert answer.found is not None
        assert {str(w) for w in answer.found.neuron.weights} == {"pi"}
        assert answer.found.margin > 0 and len(answer.found.sums) == n + 1
        if n <= 4:
            assert second_opinion(answer) > 0


def test_the_margins_of_gelu_and_of_the_sine() -> None:
    """0.17 and 2.0 of their scale: GELU's dip is 0.17 deep, the sine swings from −1 to 1."""
    gelu, sine = asked("xor", "gelu").relative_margin, asked("xor", "sine").relative_margin
    assert gelu is not None and sine is not None
    assert round(gelu, 2) == 0.17 and round(sine, 2) == 2.0


@pytest.mark.parametrize("spec", ["swish", "gelu"])
def test_a_single_minimum_solves_xor_by_firing_below(spec: str) -> None:
    found = asked("xor", spec).found
    assert found is not None and found.neuron.orientation == -1
    assert len(set(found.neuron.weights)) == 1


@pytest.mark.parametrize("factor", [1e-9, 0.5, 3.0, 1e9])
def test_the_relative_margin_does_not_change_with_the_size_of_f(factor: float) -> None:
    plain, scaled = asked("xor", "gelu"), asked("xor", f"c*x*Phi(x); c={factor!r}")
    assert plain.relative_margin is not None and scaled.relative_margin is not None
    assert scaled.relative_margin == pytest.approx(plain.relative_margin, rel=0.03)  # both within 2 % of the best


# ------------------------------------------------------------------------------------------- attacks on what is proven


def separated(task: str, spec: str, weights: np.ndarray, bias: np.ndarray, *, zero: bool = False) -> np.ndarray:
    """Which of many neurons have some threshold (or 0) that gives the task's answers, on either side of it."""
    wanted = np.array([int(c) for c in boolean(task).table]) == 1
    points = np.array(list(product((0, 1), repeat=weights.shape[1])))
    nets = weights @ points.T + bias[:, None]
    if zero:  # far out the double is 0 where the value is not
        nets = nets[(np.abs(nets) < 30).all(axis=1)]
    with np.errstate(all="ignore"):
        values = rb.get(spec).numpy(nets)
    one, nil = values[:, wanted], values[:, ~wanted]
    if zero:
        above = (one.min(axis=1) > 0) & (nil.max(axis=1) <= 0)
        return above | ((one.max(axis=1) < 0) & (nil.min(axis=1) >= 0))
    return (one.min(axis=1) > nil.max(axis=1)) | (one.max(axis=1) < nil.min(axis=1))


REFUSED = [
    ("xor", "sigmoid", False),
    ("xor", "elu", False),
    ("xnor", "softplus", False),
    ("parity-3", "gelu", False),
    ("parity-3", "gaussian", False),
    ("parity-4", "ncu", False),
    ("01101001", "squ", False),
    ("01101010", "tanh", False),
    ("xor", "swish", True),
    ("xor", "gelu", True),
]


@pytest.mark.parametrize(("task", "spec", "zero"), REFUSED)
def test_no_random_neuron_does_what_is_proven_impossible(task: str, spec: str, zero: bool) -> None:
    assert asked(task, spec, threshold=not zero).solvable is False
    draw = np.random.Generator(np.random.PCG64(11))
    n = boolean(task).inputs
    for reach in (1.0, 4.0, 15.0):
        weights, bias = draw.normal(size=(100_000, n)) * reach, draw.normal(size=100_000) * reach
        assert not separated(task, spec, weights, bias, zero=zero).any()


@pytest.mark.parametrize(("task", "spec"), [("xor", "squ"), ("xor", "gelu"), ("parity-3", "ncu"), ("xor", "sine")])
def test_the_attack_itself_finds_what_exists(task: str, spec: str) -> None:
    draw = np.random.Generator(np.random.PCG64(11))
    n = boolean(task).inputs
    weights, bias = draw.normal(size=(100_000, n)) * 2, draw.normal(size=100_000) * 2
    assert separated(task, spec, weights, bias).any()


@pytest.mark.parametrize("family", sorted({e.family for e in rb.list()}))
def test_no_curve_crosses_a_level_more_often_than_is_proven(family: str) -> None:
    """Every function of the catalogue, at levels drawn from its own values, on a coarse, a fine and a wide grid."""
    draw = np.random.Generator(np.random.PCG64(5))
    bounded = 0
    for entry in rb.list(family=family):
        function = rb.get(entry.id)
        if function.bound.symbols - {"x"}:
            continue
        free, zero = (capacity(simplify(function.bound), threshold=t) for t in (True, False))
        bounded += free is not None
        for reach in (3.0, 12.0, 300.0):
            x = np.sort(draw.uniform(-reach, reach, size=4001))
            with np.errstate(all="ignore"):
                y = function.numpy(x)
            y = y[np.isfinite(y)]
            steps = 4 * np.finfo(float).eps * np.abs(y).max(initial=0)  # rounding is no crossing
            for bound, levels in ((free, draw.choice(y, 40)), (zero, [0.0])):
                if bound is None:
                    continue
                for level in levels:
                    side = (y > level)[np.abs(y - level) > steps]
                    assert (side[1:] != side[:-1]).sum() <= bound.changes, (entry.id, level, bound)
    assert bounded, "no function of the family has a bound: nothing was tested"


# ------------------------------------------------------------------------------------------------- tables and read-outs


@pytest.mark.parametrize("spec", ["sigmoid", "swish", "ncu"])
def test_every_table_of_two_inputs_is_decided_and_right(spec: str) -> None:
    separable = {f"{v:04b}" for v in range(16)} - {"0110", "1001"}
    for value in range(16):
        table = f"{value:04b}"
        answer = asked(table, spec)
        assert answer.solvable is (spec != "sigmoid" or table in separable)
        assert answer.solvable is False or second_opinion(answer) > 0


@pytest.mark.parametrize("table", ["01111110", "10000001", "0001011001101000", "1000000000000001", "0010010001000100"])
@pytest.mark.parametrize("spec", ["gelu", "gcu"])
def test_longer_tables_are_decided_and_right(spec: str, table: str) -> None:
    answer = asked(table, spec, "pm1")
    if answer.solvable:
        assert second_opinion(answer) > 0
    else:
        assert answer.proof and answer.found is None


@pytest.mark.parametrize(("formula", "most"), [("(x - 1)*x*(x + 1)", 3), ("x*(x - 1)", 2), ("pi*x/3 - 2", 1)])
def test_a_polynomial_goes_as_far_as_its_degree(formula: str, most: int) -> None:
    assert degree(rb.get(formula).bound) == most
    assert (parity_limit(rb.get(formula)).solved, parity_limit(rb.get(formula)).proven) == (most, True)


def test_where_neither_is_found_it_says_what_was_tried() -> None:
    """A spike a thousandth wide, five hundred out, of which nothing could be proven."""
    answer = asked("xor", "exp(-1000000*(x-500.123)**2) + 0*sin(x)*floor(x)")
    assert answer.solvable is None and answer.found is None
    assert "Tried" in answer.proof and "families of weights" in answer.proof


@pytest.mark.parametrize(
    ("task", "spec", "solvable"),
    [
        ("and", "relu", True),
        ("xor", "abs", True),
        ("xor", "squ", True),
        ("xor", "gaussian", False),
        ("nor", "relu", True),
        ("xor", "-abs(x)", True),
    ],
)
def test_with_the_threshold_0_touching_it_counts_as_0(task: str, spec: str, solvable: bool) -> None:
    answer = asked(task, spec, threshold=False)
    assert answer.solvable is solvable
    if answer.found is not None:
        assert str(answer.found.neuron.threshold) == "0" and second_opinion(answer) >= 0


def test_a_wrong_neuron_is_refused() -> None:
    """Each of the four answers made wrong in turn, by its threshold, its bias, its orientation."""
    f, half = rb.get("abs").bound, number(Fraction(1, 2))
    right = Neuron((number(1), number(1)), number(-1), half, -1)
    assert check(f, boolean("xor"), right, "01") is not None
    wrong = [
        replace(right, orientation=1),
        replace(right, threshold=number(2)),
        replace(right, threshold=number(-1)),
        replace(right, bias=number(0)),
        replace(right, weights=(number(1), number(3))),
    ]
    for neuron in wrong:
        assert check(f, boolean("xor"), neuron, "01") is None
    assert check(rb.get("log(x)").bound, boolean("or"), Neuron(right.weights, number(0), half, 1), "01") is None


def test_an_affine_read_out_parts_the_answers_by_one() -> None:
    answer = asked("xor", "gelu")
    assert answer.affine is not None and answer.found is not None
    slope, shift = answer.affine
    for total in answer.found.sums:
        out = slope * float(total.value) + shift
        assert out >= 1 - 1e-12 if total.wanted else out <= -1 + 1e-12


def test_weights_too_fine_for_half_precision_are_told() -> None:
    answer = asked("xor", "tanh(x) + 0.0001*sin(x)")
    assert answer.solvable and answer.float32 and answer.float16 is False


def test_a_distant_turning_point_is_found() -> None:
    assert asked("xor", "exp(-1000*(x-50)**2)").solvable


def test_the_object_has_the_keys_of_the_command_line() -> None:
    keys = "task activation solvable weights bias threshold orientation margin proof inputs success_rate low high"
    for answer in (asked("xor", "swish"), asked("xor", "relu"), asked("parity-3", "sine", "pm1")):
        plain = json.loads(json.dumps(answer.to_dict()))
        assert list(plain) == keys.split()


@pytest.mark.parametrize(("task", "bias"), [("and", "-1.5"), ("or", "-1")])
def test_sums_keep_away_from_a_jump(task: str, bias: str) -> None:
    found = asked(task, "step").found
    assert found is not None and str(found.neuron.bias) == bias
    assert all(abs(as_float(total.net)) >= 0.5 for total in found.sums)
