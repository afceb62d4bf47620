"""Formulas said to be regular by their form alone, against ball arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rheobase.catalogue import entries, get
from rheobase.differentiate import differentiate
from rheobase.lower.guard import regular
from rheobase.parse import parse
from rheobase.reference import true_value
from rheobase.simplify import simplify


def test_formulas_that_are_regular_by_form_have_finite_values_and_slopes():
    expressions = [get(id_).bound for id_ in entries()]
    found = [expr for expr in expressions if regular(expr)]
    assert len(found) > len(expressions) / 3
    for expr in found:
        slope = simplify(differentiate(expr))
        for point in (0, 1, -1, Fraction(1, 2), 7, -30):
            assert true_value(expr, Fraction(point)).is_finite() and true_value(slope, Fraction(point)).is_finite()


@pytest.mark.parametrize(
    "text", ["1/x", "sqrt(x)", "log(x)", "tan(x)", "x**0.5", "x/(1 - exp(x))", "2**x/x", "log1p(x)"]
)
def test_a_formula_with_a_singular_point_is_never_called_regular(text: str):
    assert not regular(parse(text))
