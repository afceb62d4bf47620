"""Certificates: what the prover says is replayed after a trip through JSON; what is tampered with is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.certify import Unknown, judge
from rheobase.certify.certificate import certificate
from rheobase.certify.checker import Replay, replay
from rheobase.certify.rules import swings
from rheobase.enclosure import interval as iv
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.constants import exactly
from rheobase.expr import Expr
from rheobase.parse import parse

SAMPLE = [*list(entries())[::9], "relu", "snake", "gelu"]
"""Every ninth entry; `python tests/certify/refute.py --catalogue` replays them all."""


@cache
def told(text: str, *names: str) -> dict[str, Any]:
    expr: Expr = rb.get(text).bound if text in entries() else parse(text)
    return certificate(str(expr), judge(expr, names or None), rb.__version__)


@pytest.mark.parametrize("id", sorted(set(SAMPLE)))
def test_every_verdict_of_an_entry_is_replayed(id: str) -> None:
    made = json.loads(json.dumps(told(id)))
    found = replay(made["formula"], made["proofs"])
    assert {name: answer for name, answer in found.items() if answer != "holds"} == {}
    assert len(found) >= 26
    verdicts = judge(rb.get(id).bound, ["limit_left", "monotone"])
    assert {n for n, v in verdicts.items() if not isinstance(v, Unknown)} <= set(found)


def test_only_what_a_claim_is_about_is_looked_at() -> None:
    """The slopes beside -1 are too long to be written: no matter to a claim of jumps."""
    made = told("sinc(sin(minimum(-1, x)/(1 + phi(x)**2)))", "jumps", "kinks")
    assert list(made["proofs"]) == ["jumps"]
    assert replay(made["formula"], made["proofs"]) == {"jumps": "holds"}


Tamper = Callable[[dict[str, Any]], Any]


def drop_tail(claim: dict[str, Any]) -> None:
    del claim["proof"]["items"][-1]


def drop_first(claim: dict[str, Any]) -> None:
    del claim["proof"]["items"][0]


def gap(claim: dict[str, Any]) -> None:
    box = next(i for i in claim["proof"]["items"] if i[0] == "box")
    box[3] = str(float(box[2]) + 1e-3) if "/" not in box[2] else box[2]


def jump_over(claim: dict[str, Any]) -> None:
    """A point that ends elsewhere than it begins skips what is between."""
    items = claim["proof"]["items"]
    i = next(k for k, item in enumerate(items) if item[0] == "point")
    items[i][3] = items[i + 1][3]
    del items[i + 1]


def swap_sign(claim: dict[str, Any]) -> None:
    item = next(i for i in claim["proof"]["items"] if i[0] != "point" and i[1][0] in "+-")
    item[1] = {"+": "-", "-": "+"}[item[1][0]] + item[1][1:]


def swap_every_sign(claim: dict[str, Any]) -> None:
    turn = str.maketrans("+-", "-+")
    for item in claim["proof"]["items"]:
        item[1] = item[1].translate(turn)
    claim["proof"]["side"] = -claim["proof"].get("side", 1)
    claim["value"] = {"increasing": "decreasing"}.get(str(claim["value"]), claim["value"])


def zero_for_box(claim: dict[str, Any]) -> None:
    item = next(i for i in claim["proof"]["items"] if i[0] == "box")
    item[0], item[1] = "zero", "-+"


def bent(claim: dict[str, Any]) -> None:
    """A box on which the gap to the bound is not convex is no vertex."""
    item = next(i for i in claim["proof"]["items"] if i[0] == "box")
    item[6] = "vertex"


def low_vertex(claim: dict[str, Any]) -> None:
    """A bound that the function exceeds at the vertex."""
    claim.update(low="1/5", high="1/4")
    claim["proof"]["bound"] = "1/4"


def steep_wave(claim: dict[str, Any]) -> None:
    """A wave whose argument's slope has a limit is not steep without bound."""
    claim.update(low="inf", high="inf", proof={"wave": {"rule": "wave", "end": "inf", "r": 16, "order": 1}})


def nearer(claim: dict[str, Any]) -> None:
    """A tail that is said to hold from further in."""
    item = claim["proof"]["items"][-1]
    before = claim["proof"]["items"][-2]
    item[2] = before[3] = "1"


def set_to(**values: Any) -> Tamper:
    return lambda claim: claim.update(values)


def prove_by(**values: Any) -> Tamper:
    return lambda claim: claim["proof"].update(values)


def higher(claim: dict[str, Any]) -> None:
    """A bound that is one, but that is not reached."""
    claim.update(low="2", high="2")
    claim["proof"]["bound"] = "2"


def drop_found(claim: dict[str, Any]) -> None:
    claim["value"].pop()


def add_found(claim: dict[str, Any]) -> None:
    claim["value"].append(dict(claim["value"][0]))


def move_found(claim: dict[str, Any]) -> None:
    claim["value"][0] = {
        k: "7" if k == "at" else 7.0 if k in ("low", "high") else v for k, v in claim["value"][0].items()
    }


def other_kind(claim: dict[str, Any]) -> None:
    claim["value"][0]["kind"] = "maximum" if claim["value"][0]["kind"] == "minimum" else "minimum"


def flat_falls(claim: dict[str, Any]) -> None:
    """A flat stretch that may be one on which f falls, before f rises."""
    for item in claim["proof"]["items"]:
        if item[0] != "point" and item[1] == "0":
            item[1] = "-0"


def from_kink(claim: dict[str, Any]) -> None:
    """A kink is no jump."""
    claim.clear()
    claim.update({"verdict": "refuted", "witness": {}, "proof": {"at": "0", "order": 1}})


TAMPERED: list[tuple[str, str, Tamper]] = [
    ("x*sigmoid(x)", "supremum", set_to(low="5", high="5")),
    ("x*sigmoid(x)", "infimum", drop_tail),
    ("x*sigmoid(x)", "infimum", drop_first),
    ("x*sigmoid(x)", "infimum", gap),
    ("x*sigmoid(x)", "infimum", set_to(low="-1/8", high="-1/8")),
    ("x*sigmoid(x)", "infimum", set_to(high="-1")),
    ("x*sigmoid(x)", "infimum", prove_by(bound="1/4")),
    ("x*sigmoid(x)", "infimum", jump_over),
    ("x*sigmoid(x)", "infimum", swap_sign),
    ("x*sigmoid(x)", "infimum", zero_for_box),
    ("x*sigmoid(x)", "infimum", bent),
    ("x/(1 + x**4)", "supremum", low_vertex),
    ("x/(1 + x**4)", "supremum", bent),
    ("tanh(x)", "supremum", set_to(high="1/2", low="1/2")),
    ("tanh(x)", "supremum", set_to(low="2", high="2")),
    ("tanh(x)", "supremum", prove_by(bound="2")),
    ("tanh(x)", "supremum", higher),
    ("tanh(x)", "supremum", prove_by(bound="1/2")),
    ("tanh(x)", "bounded_above", set_to(high="1/2")),
    ("tanh(x)", "limit_right", set_to(value="2")),
    ("tanh(x)", "limit_right", set_to(low="2", high="2")),
    ("x*sigmoid(x)", "limit_right", set_to(value="0", low="0", high="0")),
    ("x*sigmoid(x)", "asymptote_right", set_to(value={"slope": "2", "intercept": "0",
    "intercept_low": 0, "intercept_high": 0})),
    ("x*sigmoid(x)", "asymptote_right", set_to(low="2", high="2")),
    ("x*sigmoid(x)", "growth", set_to(value={"left": "t", "right": "t"})),
    ("x*sigmoid(x)", "growth", set_to(value={"left": "t**2*exp(-1*t)", "right": "t"})),
    ("x*sigmoid(x)", "growth", set_to(value={"left": "0", "right": "t"})),
    ("tanh(x)", "saturates_right", set_to(value={"rate": "exponential", "approach": "exp(-1*t)", "limit": "1"})),
    ("tanh(x)", "saturates_right", set_to(value={"rate": "Gaussian", "approach": "exp(-2*t)", "limit": "1"})),
    ("tanh(x)", "saturates_right", set_to(value={"rate": "exponential", "approach": "exp(-2*t)", "limit": "2"})),
    ("tanh(x)", "saturates_right", set_to(value={"rate": "constant from some point on", "approach": "0",
    "limit": "1"})),
    ("exp(-x)", "saturates_right", set_to(value={"rate": "constant from some point on", "approach": "0",
    "limit": "0"})),
    ("atan(x)", "saturates_right", set_to(value={"rate": "algebraic, 1/x^2", "approach": "t**(-2)", "limit": "pi/2"})),
    ("log(1 + x**2)", "saturates_right", set_to(value={"rate": "algebraic, 1/x^2", "of": "the slope"})),
    ("x*sigmoid(x)", "zeros", drop_found),
    ("x*sigmoid(x)", "zeros", add_found),
    ("x*sigmoid(x)", "zeros", move_found),
    ("x*sigmoid(x)", "zeros", drop_tail),
    ("x*sigmoid(x)", "extrema", drop_found),
    ("x*sigmoid(x)", "extrema", other_kind),
    ("x*sigmoid(x)", "extrema", move_found),
    ("x*sigmoid(x)", "extrema", swap_sign),
    ("relu(x)*(2 - x)", "extrema", flat_falls),
    ("x*sigmoid(x)", "lipschitz", set_to(low="1/4", high="1/4")),
    ("x*sigmoid(x)", "lipschitz", set_to(high="1")),
    ("sin(log(1 + x**2))", "limit_right", prove_by(order=1)),
    ("cos(2*x + sqrt(abs(x)))", "lipschitz", steep_wave),
    ("x*sigmoid(x)", "monotone", prove_by(rises=["0", "-1"])),
    ("x*sigmoid(x)", "monotone", prove_by(falls=["1", "2"])),
    ("x*sigmoid(x)", "convex", prove_by(points=["-1", "0", "1"])),
    ("x*sigmoid(x)", "positive", prove_by(x="1")),
    ("x*sigmoid(x)", "odd", prove_by(x="0")),
    ("x*sigmoid(x)", "homogeneous", prove_by(x="0")),
    ("x*sigmoid(x)", "zero_centred", prove_by(cuts=["0"])),
    ("x - tanh(x)", "monotone", swap_every_sign),
    ("x - tanh(x)", "monotone", zero_for_box),
    ("x - tanh(x)", "monotone", drop_tail),
    ("x - tanh(x)", "monotone", gap),
    ("x - tanh(x)", "monotone", nearer),
    ("x - tanh(x)", "monotone", set_to(value="constant")),
    ("x - tanh(x)", "monotone", set_to(value="decreasing")),
    ("where(x < 0, 0, 1)", "monotone", set_to(value="constant")),
    ("x - tanh(x)", "zero_centred", prove_by(rule="halves", items=[])),
    ("step(x)", "monotone", set_to(value="constant")),
    ("step(x)", "monotone", set_to(value="decreasing")),
    ("step(x)", "lipschitz", set_to(low="0", high="0")),
    ("step(x)", "jumps", drop_found),
    ("step(x)", "jumps", move_found),
    ("step(x)", "extrema", set_to(value=[{"kind": "maximum", "at": "0"}])),
    ("step(x)", "continuous", prove_by(at="1")),
    ("relu(x)", "kinks", drop_found),
    ("relu(x)", "kinks", add_found),
    ("relu(x)", "continuous", from_kink),
    ("relu(x)", "c1", prove_by(at="1")),
    ("relu(x)", "convex", drop_tail),
    ("relu(x)", "zeros", set_to(value=[{"at": "0"}])),
    ("relu(x)", "homogeneous", drop_tail),
    ("relu(x)", "universal", prove_by(at="1")),
    ("relu(x)", "universal", prove_by(items=[])),
    ("relu(x)", "trainable", prove_by(x="-1")),
    ("relu(x)", "saturates_right", set_to(verdict="proven")),
    ("max(x**3, 1 - x)", "kinks", drop_found),
    ("exp(-x**2)", "positive", drop_tail),
    ("exp(-x**2)", "even", set_to(verdict="refuted", proof={"x": "1"})),
    ("sin(x)", "extrema", set_to(value=[])),
    ("sin(x)", "limit_right", set_to(verdict="proven", value="0", low="0", high="0")),
    ("x**2", "universal", set_to(verdict="proven", proof={"at": "0", "order": 1, "items": []})),
    ("x**2", "lipschitz", set_to(low="2", high="2")),
    ("step(x - 0.1)", "defined", set_to(verdict="refuted", proof={"x": "0.1"})),
    ("1/x", "defined", prove_by(x="1")),
    ("1/x", "supremum", set_to(low="0", high="0")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "tamper"), TAMPERED)
def test_a_tampered_certificate_does_not_hold(text: str, name: str, tamper: Tamper) -> None:
    made = told(text)
    proofs = {name: json.loads(json.dumps(copy.deepcopy(made["proofs"][name])))}
    assert replay(made["formula"], proofs)[name] == "holds"
    before = json.dumps(proofs)
    tamper(proofs[name])
    assert json.dumps(proofs) != before
    assert replay(made["formula"], proofs)[name] != "holds"


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("x - tanh(x)", "monotone", "x - 1.01*tanh(x)"), ("exp(-x**2)", "positive", "exp(-x**2) - 0.001"),
        ("exp(-x**2)", "positive", "exp(-x**2) - 1e-300"),
        ("tanh(x)", "supremum", "1.5*tanh(x)"), ("relu(x)", "kinks", "relu(x - 1)"), ("x*sigmoid(x)", "zeros",
        "x*sigmoid(x) - 0.1"),
        ("x*sigmoid(x)", "lipschitz", "2*x*sigmoid(x)"), ("relu(x)", "convex", "-relu(x)"), ("exp(-x**2)", "even",
        "exp(-x**2) + x"),
        ("tanh(x)", "smooth", "tanh(abs(x))"), ("x**2", "universal", "abs(x)**2.5"), ("tanh(x)", "zero_centred",
        "sigmoid(x)"),
    ],
)  # fmt: skip
def test_a_certificate_of_another_formula_does_not_hold(text: str, name: str, other: str) -> None:
    made = told(text)
    assert replay(other, {name: made["proofs"][name]})[name] != "holds"


@pytest.mark.parametrize(
    "proof", [{}, {"items": 3}, {"items": [["box"]]}, {"items": [["box", "+", "a", "b", 1, 2, 3]]}, [], None]
)
def test_what_is_no_proof_is_refused_with_a_reason(proof: Any) -> None:
    for verdict in ("proven", "refuted", "perhaps"):
        for name in ("monotone", "zeros", "supremum", "limit_left", "nothing"):
            found = replay("x*sigmoid(x)", {name: {"verdict": verdict, "value": True, "proof": proof}})
            assert found[name] != "holds"


def test_a_box_is_a_vertex_only_where_the_formula_is_convex() -> None:
    for text, convex in (("x**2 + 1/2", True), ("1/2 - x**2", False)):
        it = Replay(text)
        assert it._box(it.f(), "box", iv.between(Fraction(-1), Fraction(1)), "+", "vertex") == convex


def test_a_wave_whose_steepness_fades_swings_and_its_slope_does_not() -> None:
    proof = {"rule": "wave", "end": "inf", "r": 16}
    assert [swings(Replay("sin(log(1 + x**2))"), {**proof, "order": order}) for order in (0, 1)] == [True, False]
    assert swings(Replay("sin(x**2)"), {**proof, "order": 1})


def test_the_floor_of_a_number_that_is_not_told_from_1_is_not_told() -> None:
    assert exactly(parse("floor(sqrt(2))")).rational == 1
    with pytest.raises(Undecided):
        exactly(parse("floor(sin(1)**2 + cos(1)**2)"))
