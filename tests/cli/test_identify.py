"""`rheobase identify`."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("formula", "spec"),
    [("x/(1+exp(-x))", "silu"), ("0.5*x*(1+tanh(x/2))", "silu"), ("-min(-x, 0)", "relu"), ("x - x**3", "ncu")],
)
def test_finds_the_entry(rheobase, formula: str, spec: str) -> None:
    done = rheobase("identify", formula)
    assert done.code == 0 and done.out.split()[0] == spec
    facts = json.loads(rheobase("identify", "--json", formula).out)
    assert facts["spec"] == spec and facts["new"] is False


def test_a_new_function_names_its_neighbours(rheobase) -> None:
    done = rheobase("identify", "x*cos(x)**3")
    assert done.code == 0 and done.out.startswith("new")
    facts = json.loads(rheobase("identify", "x*cos(x)**3", "--json").out)
    assert facts["new"] is True and facts["id"] is None
    distances = [n["distance"] for n in facts["nearest"]]
    assert len(distances) == 5 and distances == sorted(distances) and distances[0] > 0


def test_a_formula_that_cannot_be_read(rheobase) -> None:
    done = rheobase("identify", "x*sigmiod(x)")
    assert done.code == 2 and "sigmoid" in done.err
