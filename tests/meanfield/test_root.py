"""Roots against SciPy's, on functions that are hard for interpolation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from rheobase.meanfield.root import root

HARD: dict[str, tuple[Callable[[float], float], float, float]] = {
    "line": (lambda x: 3 * x - 1, -5.0, 5.0),
    "steep": (lambda x: math.tanh(1e6 * (x - 0.3)), -1.0, 2.0),
    "flat": (lambda x: (x - 0.7) ** 9, 0.0, 3.0),
    "step": (lambda x: 1.0 if x > 1 / 3 else -1.0, 0.0, 1.0),
    "tiny": (lambda x: x - 1e-9, 0.0, 1.0),
    "decades": (lambda x: math.log10(x) + 5.5, 1e-6, 1e6),
    "exponential": (lambda x: math.exp(20 * x) - 7, -3.0, 3.0),
}


@pytest.mark.parametrize("name", HARD)
def test_it_is_where_scipy_finds_it(name: str) -> None:
    f, a, b = HARD[name]
    calls = []

    def counted(x: float) -> float:
        calls.append(x)
        return f(x)

    found = root(counted, a, b)
    theirs = float(brentq(f, a, b, xtol=1e-300, rtol=np.float64(1e-15), maxiter=2000))  # pyright: ignore[reportArgumentType]
    assert found == pytest.approx(theirs, rel=1e-14)
    assert a <= min(calls) and max(calls) <= b and len(calls) < 130


def test_ends_that_are_roots() -> None:
    assert root(lambda x: x, 0.0, 1.0) == 0.0 and root(lambda x: x - 1, 0.0, 1.0) == 1.0


def test_no_change_of_sign() -> None:
    with pytest.raises(ValueError, match="same sign"):
        root(lambda x: x * x + 1, -1.0, 1.0)
