"""One neuron with exact weights, and what it answers on every input, in ball arithmetic and in floating point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from rheobase.activation import Activation
from rheobase.capability.boolean import LARGEST_TABLE, Boolean, Coding, coded
from rheobase.expr import Expr, Number, add, mul
from rheobase.reference import PRECISIONS, Program, ball, program, settled, to_double
from rheobase.simplify import simplify

WANTED = 60
"""Bits of a value that must be certain before it is compared with the threshold."""
MOST_IN_FULL = 12
"""Inputs up to which all 2^n are run in floating point."""


@dataclass(frozen=True)
class Neuron:
    """Weights, bias, threshold and orientation: the answer is 1 when orientation · (f(w·x + b) − threshold) > 0.

    The numbers are formulas without a variable, so that π is π; `str` shows them, `float` is taken where needed.
    """

    weights: tuple[Expr, ...]
    bias: Expr
    threshold: Expr
    orientation: int

    def floats(self) -> tuple[list[float], float, float]:
        """Weights, bias and threshold as the nearest doubles."""
        return [as_float(w) for w in self.weights], as_float(self.bias), as_float(self.threshold)


@dataclass(frozen=True)
class Sum:
    """One value of w·x + b, the inputs that have it, what is wanted there, and f there as a ball."""

    net: Expr
    inputs: tuple[tuple[int, ...], ...]
    wanted: int
    value: arb


@dataclass(frozen=True)
class Checked:
    """A neuron that was checked on all inputs.

    Attributes:
        sums: in increasing order of w·x + b.
        margin: the width of the band around the threshold that f stays out of, as a lower bound; 0 where f meets
            the threshold exactly on an input whose answer is 0.
    """

    neuron: Neuron
    sums: tuple[Sum, ...]
    margin: float


def number(value: Fraction | int) -> Number:
    """An exact number as a formula."""
    return Number(Fraction(value))


def constant(expr: Expr) -> arb:
    """A formula without a variable as a ball at the working precision."""
    return Program(expr).run({})[-1]


def as_float(expr: Expr) -> float:
    """A formula without a variable as the nearest double."""
    before = ctx.prec
    try:
        ctx.prec = 160
        return to_double(constant(expr))
    finally:
        ctx.prec = before


def value_at(f: Expr, net: Expr) -> arb:
    """f at an exact number, to 60 bits; a NaN ball where it is undefined or cannot be told."""
    steps, place, before = program(f), Program(net), ctx.prec
    try:
        for ctx.prec in PRECISIONS:
            value = steps.run({"x": place.run({})[-1]})[-1]
            if settled(value, WANTED) or (value.is_exact() and not value.is_nan()):
                return value
        return arb("nan")
    finally:
        ctx.prec = before


def net_of(neuron: Neuron, bits: Sequence[int], inputs: Coding) -> Expr:
    """w·x + b for an input, as a formula without a variable."""
    total: Expr = neuron.bias
    for weight, bit in zip(neuron.weights, bits, strict=True):
        total = add(total, mul(weight, Number(coded(bit, inputs))))
    return simplify(total)


def representatives(task: Boolean, neuron: Neuron) -> Iterator[tuple[int, ...]]:
    """Inputs that between them have every sum: all 2^n, or one for each number of ones where the weights are equal."""
    if task.parity and len(set(neuron.weights)) == 1:
        n = task.inputs
        yield from ((1,) * ones + (0,) * (n - ones) for ones in range(n + 1))
    else:
        yield from task.bits()


def _alike(task: Boolean, neuron: Neuron, bits: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The inputs that `bits` stands for, where they are few enough to be named."""
    if len(set(neuron.weights)) > 1 or not task.parity or task.inputs > LARGEST_TABLE:
        return [bits]
    return [other for other in task.bits() if sum(other) == sum(bits)]


def check(f: Expr, task: Boolean, neuron: Neuron, inputs: Coding) -> Checked | None:
    """The neuron with its margin when it answers right on all 2^n inputs, in ball arithmetic; None when it does not.

    >>> from rheobase.capability.boolean import boolean
    >>> from rheobase.parse import parse
    >>> one = number(1)
    >>> found = check(parse("abs(x)"), boolean("xor"), Neuron((one, one), number(-1), number(Fraction(1, 2)), -1), "01")
    >>> found.margin if found else None
    1.0
    """
    grouped: dict[Expr, list[tuple[int, ...]]] = {}
    for bits in representatives(task, neuron):
        grouped.setdefault(net_of(neuron, bits, inputs), []).extend(_alike(task, neuron, bits))
    sums, margin = [], None
    before = ctx.prec
    try:
        ctx.prec = 160
        threshold = constant(neuron.threshold)
        for net, members in grouped.items():
            wanted = {task.answer(bits) for bits in members}
            value = value_at(f, net)
            distance = neuron.orientation * (value - threshold)
            if len(wanted) > 1 or not (distance > 0 if 1 in wanted else distance <= 0):
                return None
            sums.append(Sum(net, tuple(members), wanted.pop(), value))
            width = (2 * abs(distance)).lower() if distance != 0 else arb(0)
            margin = width if margin is None or width < margin else margin
        assert margin is not None, "a task has inputs"
        sums.sort(key=lambda s: to_double(constant(s.net)))
        return Checked(neuron, tuple(sums), _below(margin))
    finally:
        ctx.prec = before


def _below(bound: arb) -> float:
    """A double not above the ball."""
    nearest = to_double(bound)
    return nearest if ball(nearest) <= bound else float(np.nextafter(nearest, -np.inf))


def realised(function: Activation, task: Boolean, neuron: Neuron, inputs: Coding, precision: str) -> bool | None:
    """Do the rounded weights still do it when all is computed in `precision` ("float32", "float16")? None: not tried.

    Weights, bias and threshold are rounded once; the sum is formed input by input, f is the NumPy backend's.
    """
    if task.inputs > MOST_IN_FULL:
        return None
    kind = np.dtype(precision).type
    with np.errstate(all="ignore"):
        weights, bias, threshold = (np.asarray(v, dtype=kind) for v in neuron.floats())
        vertices = np.array(task.bits())
        points = (vertices if inputs == "01" else 2 * vertices - 1).astype(kind)
        total = np.full(len(points), bias, dtype=kind)
        for i in range(task.inputs):
            total = (total + weights[i] * points[:, i]).astype(kind)
        distance = kind(neuron.orientation) * (function.numpy(total) - threshold)
    wanted = np.array([task.answer(bits) for bits in task.bits()]) == 1
    return bool(np.isfinite(distance).all() and ((distance > 0) == wanted).all())
