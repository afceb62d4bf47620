"""Means under a normal input: by quadrature and exactly, against closed forms; cuts in disorder are refused."""

from __future__ import annotations

import math

import pytest

from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.integral import beyond, exact_mean, gaussian_mean
from rheobase.expr import Number
from rheobase.parse import parse


@pytest.mark.parametrize(
    ("text", "cuts", "mean"),
    [
        ("relu(x)", [0], 1 / math.sqrt(2 * math.pi)), ("abs(x)", [0], math.sqrt(2 / math.pi)), ("x**2", [], 1.0),
        ("x**4 - 3", [], 0.0), ("exp(x)", [], math.exp(0.5)), ("cos(x)", [], math.exp(-0.5)),
        ("step(x - 1)", [1], 0.15865525393145707),
        ("x*Phi(x)", [], 1 / (2 * math.sqrt(math.pi))), ("exp(-x**2)", [], 1 / math.sqrt(3)),
        ("sinc(x)", [], 0.8556243918921488),
    ],
)  # fmt: skip
def test_quadrature_encloses_the_closed_form(text: str, cuts: list[int], mean: float) -> None:
    found = gaussian_mean(parse(text), [Number(c) for c in cuts], 16)
    assert float(found.low) - 1e-15 <= mean <= float(found.high) + 1e-15
    assert found.width < 1e-12


def test_halves_that_are_polynomials_have_exact_means() -> None:
    assert str(exact_mean(parse("x**2 + x"))) == "1"
    assert exact_mean(parse("tanh(x)")) is None
    value = exact_mean(parse("relu(x)"))
    assert value is not None and abs(float(value.interval().low) - 1 / math.sqrt(2 * math.pi)) < 1e-15


def test_cuts_in_disorder_are_refused() -> None:
    with pytest.raises(Undecided, match="order"):
        gaussian_mean(parse("relu(x) + relu(x - 1)"), [Number(1), Number(0)], 16)


def test_tails_that_outweigh_the_density_are_refused() -> None:
    with pytest.raises(Undecided):
        beyond(parse("exp(x**2)"), 16)
    assert beyond(parse("x**3"), 16) < 1e-40


def test_the_bound_of_the_tails_bounds_them() -> None:
    tail = 2 * 0.5 * math.erfc(4 / math.sqrt(2))
    assert tail < float(beyond(parse("1 + 0*x"), 4)) < 1e-2
