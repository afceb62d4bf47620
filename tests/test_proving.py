"""Tails hold for every x beyond their beginning: proven for each entry that has a limit, in value and in slope."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.differentiate import differentiate
from rheobase.lower.core import core
from rheobase.lower.formats import FORMATS
from rheobase.lower.guard import guarded, patched
from rheobase.lower.proving import proven
from rheobase.lower.tails import extended
from rheobase.parse import parse
from rheobase.simplify import simplify

SINGLE = FORMATS["float32"]


@pytest.mark.parametrize("id", entries())
def test_tails_of_an_entry_are_proven(id: str) -> None:
    function = rb.get(id)
    found = rb.check(function, "limit_left", "limit_right")
    heart = core(function.bound)
    slope = simplify(differentiate(simplify(function.bound)))
    for precision in ("float32", "float64"):
        form = FORMATS[precision]
        for side, at, tail in extended(heart, guarded(patched(heart)), precision).tails:
            if found["limit_right" if side > 0 else "limit_left"].verdict == "refuted":
                continue  # a wave whose phase the format no longer holds
            assert proven(simplify(function.bound), tail, side, at, form), (precision, side, str(tail))
            inner = simplify(differentiate(tail))
            assert proven(slope, inner, side, at, form, at_least=1), (precision, side, str(inner))


@pytest.mark.parametrize(
    ("formula", "tail", "side", "at", "holds"),
    [
        ("x*tanh(exp(x))", "x", 1, 40, True),
        ("x*tanh(exp(x))", "x*1.0001", 1, 40, False),
        ("x*sigmoid(x)", "0", -1, -200, True),
        ("x*sigmoid(x)", "0", -1, -50, False),
        ("1/(1 + x**2)", "1/x**2", 1, 10**6, True),
        ("1/(1 + x**2)", "1/x**2", 1, 100, False),
        ("exp(x)", "x*1e300*1e300", 1, 100, True),
        ("exp(x)", "x*1e300*1e300", 1, 50, False),
        ("sin(x)", "0", 1, 100, False),
    ],
)
def test_by_hand(formula: str, tail: str, side: int, at: int, holds: bool) -> None:
    assert proven(parse(formula), parse(tail), side, Fraction(at), SINGLE) is holds


def test_a_proven_tail_is_preferred_to_one_that_is_right_at_the_checkpoints() -> None:
    """aria2 in double precision: a constant had passed at every checkpoint, for its bound is infinite there."""
    aria2 = rb.get("aria2")
    assert aria2(np.array([9e307, 1.7e308])).tolist() == [9e307, 1.7e308]
