"""Every entry of the catalogue and every primitive, on every backend, in every precision, against its true values."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rheobase.activation import define
from rheobase.catalogue import entries
from rheobase.ops import FUNCTIONS, OPS
from rheobase.testing import Report, conformance

ACCURACY = Path(__file__).parents[1] / "docs" / "accuracy.csv"
ARGUMENTS = {"minimum": "x, 0.25", "maximum": "x, -0.75", "clip": "x, -1.5, 2", "where": "x < 0.1, x*x, 3*x"}
DEFINED = {"log": "abs(x) + 0.5", "log1p": "abs(x)", "sqrt": "1 + x*x", "tan": "x/32"}
"""Arguments within the domain, and between the poles, of the primitives that are not defined everywhere."""
FORMS = [
    *(f"{name}({ARGUMENTS.get(name, DEFINED.get(name, 'x'))})" for name in sorted(FUNCTIONS)),
    "abs(x)**2.5",
    "(1 + abs(x))**(-0.3)",
    "x**5",
    "1/(2 + x)**3 * where(x > 0, 1, 0)",
    "(x - 1)/(x*x + 1)",
    "-x",
    "1",
    "pi",
]


def check(report: Report) -> None:
    assert report.ok, str(report)
    assert report.undecided == 0, f"{report.name}: the truth at {report.undecided} points is not known"


@pytest.mark.parametrize("name", sorted(entries()))
def test_an_entry_keeps_its_bounds(name: str) -> None:
    check(conformance(name))


@pytest.mark.parametrize("form", FORMS)
def test_a_primitive_keeps_its_bounds(form: str) -> None:
    check(conformance(define(form)))


PERTURBED = [
    "smooth_step:width=1.1418578246352402",  # its coefficients are fractions of 48 digits
    "lif:threshold=0.7635723121494179,tau=0.9,refractory=0.08",  # a pole at a number that no format holds
    "lif:threshold=0.977161704207623,tau=1.4,refractory=0.09",
    "elephant:a=1.0486795,d=3.3928045",  # falls with a power that is no simple fraction
    "polyrelu:a0=0.25,a1=0.29,a2=0.24,a3=0.21827061",  # the square of x overflows, a fifth of it does not
    "finer:omega_0=36.751332186682575",  # far out every result is as good as any other
]


@pytest.mark.parametrize("spec", PERTURBED)
def test_an_entry_keeps_its_bounds_with_other_parameters(spec: str) -> None:
    # XLA joins the two parts of lif's threshold again.
    check(conformance(spec, backends=["numpy", "torch"]))


@pytest.mark.conformance
@pytest.mark.parametrize("name", sorted(entries()))
def test_an_entry_keeps_its_bounds_at_every_point(name: str) -> None:
    check(conformance(name, dense=True))


def test_every_primitive_is_put_to_the_test() -> None:
    assert {form.split("(")[0] for form in FORMS} >= FUNCTIONS
    assert set(OPS) - FUNCTIONS == {"add", "sub", "mul", "div", "neg", "pow", "lt", "le", "gt", "ge"}


def _marked() -> list[str]:
    with ACCURACY.open(encoding="utf-8") as file:
        return [row["id"] for row in csv.DictReader(file) if row["four_ulp"] == "yes"]


def test_the_accuracy_of_every_entry_is_on_record() -> None:
    with ACCURACY.open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == sorted(entries()), "run python tools/accuracy.py"
    assert all(row["failures"] == "0" for row in rows.values())


@pytest.mark.parametrize("name", _marked())
def test_an_entry_marked_so_keeps_four_ulp_outright(name: str) -> None:
    report = conformance(name, backends=["numpy", "torch", "js"], seed=1)
    kept = {label: ulp for label, ulp in report.ulp.items() if not label.startswith(("gradient", "second"))}
    assert max(kept.values()) <= 4.0, kept
