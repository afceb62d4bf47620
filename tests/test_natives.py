"""The frameworks' own functions: those used keep the bounds, those refused break them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rheobase.activation import define
from rheobase.lower import compiled
from rheobase.lower.natives import NATIVES, REFUSED, Native, Refused, native, spelt
from rheobase.testing import Report, conformance, running, suite

NUMBERS = {"m": "0.5", "n": "2.0"}


def _filled(text: str) -> str:
    names = {"(x, m, n)": "(x, 0.5, 2.0)", "> m": "> 0.5", ", n)": ", 2.0)"}
    for pattern, numbers in names.items():
        text = text.replace(pattern, numbers)
    return text


def _judge(formula: str, call: str, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The conformance of `call`, put in place of the function generated for `formula`."""
    activation = define(formula)
    raw = eval(f"lambda x: {spelt(call)}", {"torch": torch})  # a row of our own table

    def function(x: torch.Tensor) -> torch.Tensor:
        return raw(x.float()).to(x.dtype) if x.dtype.itemsize == 2 else raw(x)

    def stand_in(expr: object, backend: str) -> object:
        return function if expr is activation.bound and backend == "torch" else compiled(expr, backend)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "compiled", stand_in)
    monkeypatch.setattr(suite, "compiled", stand_in)
    return conformance(activation, backends=["torch"])


@pytest.mark.parametrize("row", NATIVES, ids=lambda row: row.formula)
def test_a_native_that_is_used_keeps_the_bounds(row: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    formula = _filled(row.formula)
    assert native(define(formula).bound, "torch") == spelt(row.torch).format(**NUMBERS)
    report = _judge(formula, row.torch.format(**NUMBERS), monkeypatch)
    assert report.ok, str(report)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.formula)
def test_a_native_that_is_refused_breaks_the_bounds(row: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    assert native(define(row.formula).bound, "torch") is None
    assert not _judge(row.formula, row.torch, monkeypatch).ok


def test_a_native_agrees_with_the_composition_where_both_are_exact() -> None:
    x = torch.tensor([-3.0, 0.0, 0.5, 6.0, 7.0])
    expected = np.clip(x.numpy(), 0.0, 6.0)
    assert compiled(define("min(max(x, 0), 6)").bound, "torch")(x).tolist() == expected.tolist()


def test_a_number_that_single_precision_moves_gets_no_native() -> None:
    assert native(define("clip(x, 0.1, 1)").bound, "torch") is None
