"""Random formulas through lowering: no NaN and no untrue infinity at a finite input that is not warned of."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from formulas import random_text
from rheobase.activation import Activation, define
from rheobase.errors import RheobaseError
from rheobase.lower.core import core
from rheobase.lower.formats import FORMATS, Format
from rheobase.reference import to_double, true_point, true_value

COUNT = 100
SIZES = (
    0.0,
    1e-30,
    1e-8,
    1e-4,
    0.01,
    0.1,
    0.3,
    0.5,
    0.7,
    1.0,
    1.5,
    2.0,
    3.0,
    5.0,
    8.0,
    10.0,
    17.0,
    30.0,
    60.0,
    88.0,
    89.0,
)
FAR = (100.0, 300.0, 709.0, 711.0, 1e3, 1e5, 1e8, 1e15, 1e20, 1e30)
END = {"float32": (3e38, float(np.finfo(np.float32).max)), "float64": (1e100, 1e160, 1e300, float(np.finfo(float).max))}
ALLOWED = 0.02
"""Share of formulas that may fail without a warning (measured: 0 to 1 %): what a helper does inside is not modelled."""


def _points(precision: str) -> NDArray[np.float64]:
    sizes = np.array([*SIZES, *FAR, *END[precision]])
    return np.unique(np.concatenate([-sizes, sizes]).astype(FORMATS[precision].dtype)).astype(np.float64)


def _formulas(seed: int, poles: bool) -> list[Activation]:
    rng, found = random.Random(seed), []
    while len(found) < COUNT:
        try:
            found.append(define(random_text(rng, 4, poles)))
        except RheobaseError:
            continue  # a division by a constant that is 0
    return found


def _untrue(
    activation: Activation, of: Activation, computed: NDArray[np.float64], x: NDArray[np.float64], form: Format
) -> str:
    """The first NaN or infinity of `activation` that the truth does not have; the truth must be defined."""
    for at, y in zip(x, computed, strict=True):
        if math.isfinite(y):
            continue
        truth = true_point(core(activation.bound), float(at))
        high = to_double(truth.value)
        if math.isnan(high) or math.isnan(to_double(true_value(core(of.bound), float(at)))):
            continue
        allowed = 4 * (form.unit * truth.rounding + form.smallest * truth.underflow)
        if math.isinf(y) and (abs(high) + allowed >= form.largest) and (high > 0 or y < 0 or math.isinf(allowed)):
            continue
        return f"at {at!r}: {y}, true {high}"
    return ""


def _refuted(activation: Activation) -> str:
    slope = activation.derivative()
    x = _points("float64")
    for name, function in (("value", activation), ("derivative", slope)):
        if bad := _untrue(function, activation, function.numpy(x), x, FORMATS["float64"]):
            return f"{activation.formula}: numpy {name} {bad}"
    for precision in ("float64", "float32"):
        x = _points(precision)
        given = torch.tensor(x, dtype=getattr(torch, precision), requires_grad=True)
        value = activation.torch(given)
        assert value.requires_grad, f"{activation.formula} is not attached to the graph"
        value.sum().backward()
        assert given.grad is not None
        pairs = (("value", activation, value.detach()), ("gradient", slope, given.grad))
        for name, function, computed in pairs:
            if bad := _untrue(function, activation, computed.double().numpy(), x, FORMATS[precision]):
                return f"{activation.formula}: torch {precision} {name} {bad}"
    return ""


@pytest.mark.parametrize("poles", [False, True], ids=["without poles", "with poles"])
def test_random_formulas_are_sound_or_warned_of(poles: bool) -> None:
    silent, warned = [], 0
    for activation in _formulas(seed=2024, poles=poles):
        bad = _refuted(activation)
        told = bool(activation.warnings or activation.derivative().warnings)
        if bad and not told:
            silent.append(bad)
        warned += bool(bad) and told
    print(f"{COUNT} formulas: {len(silent)} fail without a warning, {warned} fail and are warned of")
    assert len(silent) <= ALLOWED * COUNT, "\n".join(silent)
