"""The rule that shows parity of every n, held against mpmath for every function on which it speaks."""

from __future__ import annotations

import pytest
from mpmath import mp

import oracle
import rheobase as rb
from rheobase.capability.closed import alternations
from rheobase.parse import parse
from rheobase.simplify import simplify

FORMULAS = [
    *(e.id for e in rb.list(family="oscillating")),
    "sin(3*x + 0)",
    "cos(x)**2",
    "(x**2 + 1)*cos(2*x)",
    "sin(x)/x + 7",
    "sinc(x)",
    "2 - sin(pi*x)",
    "cos(x)/(x**2 + 1) + 1/3",
    "x*sin(x)**2 + x*cos(x)**2 + sin(x)",
    "cos(x)/(1 - (x + 2)**2)",
    "sin(x)/(-1 - x)",
]


@pytest.mark.parametrize("spec", FORMULAS)
def test_it_alternates_at_every_k_that_is_tried(spec: str) -> None:
    f = simplify(rb.get(spec).bound)
    for found in alternations(f):
        with mp.workdps(50):
            start, period = oracle.value(found.start, 0), oracle.value(found.period, 0)
            level = oracle.value(found.level, 0)
            for k in [*range(60), 999, 1000, 10**6 + 1]:
                sign = mp.sign(oracle.value(f, start + k * period) - level)
                assert sign == found.above * (-1) ** k


@pytest.mark.parametrize(
    "spec", ["sine", "cosine", "gcu", "dsu", "ssu", "sinc(x)", "cos(x)**2", "cos(x)/(1 - (x + 2)**2)"]
)
def test_it_speaks_where_it_should(spec: str) -> None:
    assert next(alternations(simplify(rb.get(spec).bound)), None) is not None


@pytest.mark.parametrize(
    "formula",
    [
        "x + sin(x)",
        "x + sin(x)**2",
        "exp(-x)*sin(x)",
        "tanh(x)",
        "x**3 - x",
        "sin(x) + sin(pi*x)",
        "0*sin(x)",
        "sin(x**2)",
    ],
)
def test_it_is_silent_where_it_must_be(formula: str) -> None:
    """Some of these alternate for ever all the same (exp(−x) sin x does); the rule does not know them."""
    assert next(alternations(parse(formula)), None) is None
