"""Can one neuron with this activation compute this Boolean function? Weights that do it, or a proof that none exist."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rheobase.activation import Activation
from rheobase.capability import facts
from rheobase.capability.boolean import Boolean, Coding
from rheobase.capability.capacity import Capacity, capacity
from rheobase.capability.closed import Alternation, alternations
from rheobase.capability.model import Checked, Neuron, check, number, realised
from rheobase.capability.orders import Line, candidate_lines, fewest_changes
from rheobase.capability.scale import scale
from rheobase.capability.search import AROUND_ZERO, RADII, STEPS, Place, Window, around, places
from rheobase.catalogue.specs import spec_text
from rheobase.expr import Constant, Expr, Number, add, div
from rheobase.simplify import simplify

MOST_LINES = 150
"""Families of weights that are searched at most."""
ENOUGH = 2.0
"""A margin of as many times the function's scale is not widened further: the sine's, from −1 to 1."""
FEW = 12
"""Families of weights that are searched about each proven turning point."""
MOST_PARITY = 12
"""How far `parity_limit` climbs."""


@dataclass(frozen=True)
class Answer:
    """What was found out about one neuron and one task.

    Attributes:
        task, activation, inputs: what was asked; inputs are coded "01" or "pm1" (±1).
        solvable: True with `found`, False with a `proof`, None where neither was reached.
        found: the neuron, checked on every input in ball arithmetic.
        proof: why, in words: the proof that none exists, how the weights were verified, or what was tried.
        scale: the function's scale, see `capability.scale`.
        float32, float16: do the rounded weights still do it, all computed in that precision?
        success_rate, low, high, starts: what training from random starts found, with its 95 % interval.
        read_out: what was trained behind the activation, "sign" or "affine".
        name: what the user called the activation.
    """

    task: Boolean
    activation: Activation
    inputs: Coding
    free_threshold: bool
    solvable: bool | None
    found: Checked | None
    proof: str
    scale: float | None = None
    float32: bool | None = None
    float16: bool | None = None
    success_rate: float | None = None
    low: float | None = None
    high: float | None = None
    starts: int = 0
    read_out: str = "sign"
    name: str = ""

    @property
    def label(self) -> str:
        """What the activation was called, or its spec, or its formula."""
        return self.name or label(self.activation)

    @property
    def relative_margin(self) -> float | None:
        """The margin in units of the function's scale."""
        return self.found.margin / self.scale if self.found and self.scale else None

    @property
    def affine(self) -> tuple[float, float] | None:
        """The read-out a·f + c that gives at least 1 where the answer is 1 and at most −1 where it is 0."""
        if self.found is None or self.found.margin == 0:
            return None
        slope = 2 * self.found.neuron.orientation / self.found.margin
        return slope, -slope * self.found.neuron.floats()[2]

    def to_dict(self) -> dict[str, Any]:
        """The object that `rheobase neuron --json` prints."""
        weights, bias, threshold = self.found.neuron.floats() if self.found else (None, None, None)
        return {
            "task": self.task.name,
            "activation": self.label,
            "solvable": self.solvable,
            "weights": weights,
            "bias": bias,
            "threshold": threshold,
            "orientation": self.found.neuron.orientation if self.found else None,
            "margin": self.found.margin if self.found else None,
            "proof": self.proof,
            "inputs": self.inputs,
            "success_rate": self.success_rate,
            "low": self.low,
            "high": self.high,
        }

    def __str__(self) -> str:
        from rheobase.capability.words import told

        return told(self)


def solve(
    task: Boolean, function: Activation, inputs: Coding = "01", *, threshold: bool = True, name: str = ""
) -> Answer:
    """Weights, bias, threshold and orientation with which one neuron computes the task, or a proof that none exist.

    Args:
        threshold: whether it may be chosen; otherwise it is 0.
        name: what to call the function; by default its spec.

    >>> import rheobase as rb
    >>> from rheobase.capability.boolean import boolean
    >>> round(solve(boolean("xor"), rb.get("sine")).found.margin, 9)
    2.0
    """
    f = simplify(function.bound)
    asked = Answer(task, function, inputs, threshold, None, None, "", scale(function), name=name)
    lines = candidate_lines(task)
    checked = _closed(f, asked) or _searched(f, asked, lines[:1], AROUND_ZERO[:1])
    if checked:
        return _solved(asked, checked)
    bound = capacity(f, threshold=threshold)
    needed, orders = fewest_changes(task)
    if bound is not None and bound.changes < needed:
        return replace(asked, solvable=False, proof=_proof(asked, bound, needed, orders))
    able = [found for found in lines if bound is None or found.changes <= bound.changes][:MOST_LINES]
    turns = facts.turning_places(f)
    checked = _searched(f, asked, able[:FEW], around(turns)) or _searched(f, asked, able, AROUND_ZERO)
    return _solved(asked, checked) if checked else replace(asked, proof=_tried(asked, bound, needed, len(able)))


@dataclass(frozen=True)
class Limit:
    """How far parity goes: solved for every n up to `solved`, and no further where `proven`; `every` n by a rule."""

    solved: int
    proven: bool
    every: bool = False

    def __str__(self) -> str:
        if self.every:
            return "every n"
        return f"n ≤ {self.solved}" if self.proven else f"n ≤ {self.solved}, beyond that unknown"


def parity_limit(function: Activation, inputs: Coding = "01", *, threshold: bool = True) -> Limit:
    """The largest n for which one neuron with this activation computes parity-n.

    >>> import rheobase as rb
    >>> str(parity_limit(rb.get("gcu")))
    'every n'
    """
    from rheobase.capability.boolean import boolean

    if next(_alternating(simplify(function.bound), threshold=threshold), None):
        return Limit(MOST_PARITY, proven=True, every=True)
    for n in range(1, MOST_PARITY + 1):
        solvable = solve(boolean(f"parity-{n}"), function, inputs, threshold=threshold).solvable
        if not solvable:
            return Limit(n - 1, proven=solvable is False)
    return Limit(MOST_PARITY, proven=False)


def label(function: Activation) -> str:
    """The spec of a function of the catalogue, else its formula."""
    if function.id is None:
        return function.name
    from rheobase.catalogue.specs import get

    own = get(function.id).parameters
    return spec_text(function.id, {n: p.default for n, p in function.parameters.items() if p.default != own[n].default})


# -------------------------------------------------------------------------------------------------------- constructions


def _alternating(f: Expr, *, threshold: bool) -> Iterator[Alternation]:
    return (a for a in alternations(f) if threshold or a.level is Number(0))


def _closed(f: Expr, asked: Answer) -> Checked | None:
    """Equal weights of one period of a swing that never ends: parity of any n."""
    if not asked.task.parity or asked.task.inputs < 2:
        return None
    for swing in _alternating(f, threshold=asked.free_threshold):
        neuron = _coded_neuron(swing.start, [swing.period] * asked.task.inputs, swing.level, -swing.above, asked.inputs)
        if (checked := check(f, asked.task, neuron, asked.inputs)) is not None:
            return checked
    return None


def _searched(f: Expr, asked: Answer, lines: Sequence[Line], windows: Sequence[Window]) -> Checked | None:
    curve, enough = asked.activation.numpy, ENOUGH * (asked.scale or math.inf)
    for line in lines:
        for place in places(curve, line, windows, threshold=asked.free_threshold, enough=enough):
            checked = check(f, asked.task, _neuron(place, line, asked.inputs), asked.inputs)
            if checked is not None:
                return checked
    return None


def _neuron(place: Place, line: Line, inputs: Coding) -> Neuron:
    weights: list[Expr] = [number(place.spacing * w) for w in line.weights]
    return _coded_neuron(number(place.shift), weights, number(place.threshold), place.orientation, inputs)


def _coded_neuron(bias: Expr, weights: list[Expr], threshold: Expr, orientation: int, inputs: Coding) -> Neuron:
    """The neuron for 0/1 inputs, or the same sums from ±1 inputs: half the weights, and half their sum in the bias."""
    if inputs == "pm1":
        weights = [simplify(div(w, Number(2))) for w in weights]
        for weight in weights:
            bias = simplify(add(bias, weight))
    return Neuron(tuple(weights), bias, threshold, orientation)


def _solved(asked: Answer, checked: Checked) -> Answer:
    function, task = asked.activation, asked.task
    single, half = (realised(function, task, checked.neuron, asked.inputs, p) for p in ("float32", "float16"))
    closed = any(isinstance(n, Constant) or n.args for n in checked.neuron.weights)
    every = "; equal weights of this kind do parity of any number of inputs" if closed else ""
    sums = "1 sum" if len(checked.sums) == 1 else f"{len(checked.sums)} different sums"
    proof = (
        f"verified on all 2^{task.inputs} inputs in ball arithmetic ({sums}){every}"
        if checked.margin
        else f"verified on all 2^{task.inputs} inputs exactly; f meets the threshold on some, which counts as 0"
    )
    return replace(asked, solvable=True, found=checked, proof=proof, float32=single, float16=half)


# ------------------------------------------------------------------------------------------------------------- in words


def _times(n: int) -> str:
    return "once" if n == 1 else "twice" if n == 2 else f"{n} times"


def _proof(asked: Answer, bound: Capacity, needed: int, orders: int) -> str:
    task, level = asked.task, "a threshold" if asked.free_threshold else "0"
    if task.parity:
        why = (
            "from the input with the smallest w·x, flipping one input after another raises w·x or leaves it, and "
            f"changes the answer each time, so that the answer changes at least {_times(needed)}"
        )
    else:
        why = (
            f"in each of the {orders} orders into which weights can put the inputs it changes at least {_times(needed)}"
        )
    limit = f"at most {_times(bound.changes)}" if bound.changes else "never"
    return (
        f"{asked.label} {bound.why}, so along the line of sums w·x + b it crosses {level} {limit}. "
        f"{task.name} needs more: {why}, whatever the weights. So no weights, bias and threshold exist."
    )


def _tried(asked: Answer, bound: Capacity | None, needed: int, lines: int) -> str:
    allowed = f"the proven shape of {asked.label} allows {bound.changes}" if bound else "no bound could be proven"
    return (
        f"neither weights nor a proof found. {asked.task.name} needs at least {needed} changes of the answer along the "
        f"line of sums; {allowed}. Tried: {lines} families of weights, sums within ±{RADII[-1]:g}, "
        f"{STEPS} shifts and spacings in each of {len(RADII)} windows, and about every proven turning point"
    )
