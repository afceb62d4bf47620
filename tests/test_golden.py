"""Golden values of every entry by mpmath against our balls and against the computed numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rheobase.catalogue import entries, get
from rheobase.lower.core import core
from rheobase.reference import as_pair, true_point
from rheobase.simplify import simplify
from rheobase.testing.node import installed
from rheobase.testing.running import caller

GOLDEN = np.load(Path(__file__).with_name("golden") / "values.npz")
UNIT, SMALLEST = 2.0**-53, 2.0**-1074
BITS = 2.0**-96
"""Two doubles hold 106 bits."""
FLOOR = {"value": 1e-280, "slope": 1e-130}
"""The slope is a difference of values known to 240 digits over 1e-80: 160 digits after the point."""


def test_every_entry_has_golden_values() -> None:
    assert sorted(GOLDEN.files) == sorted(entries()), "run python tools/golden.py"


@pytest.mark.parametrize("name", sorted(entries()))
def test_balls_agree_with_mpmath(name: str) -> None:
    """The simplified formula and the derivative's rows give what the formula as written gives elsewhere."""
    activation = get(name)
    for which, expr in (("value", activation.bound), ("slope", activation.derivative().bound)):
        column = 1 if which == "value" else 3
        for row in GOLDEN[name]:
            x, high, low = float(row[0]), float(row[column]), float(row[column + 1])
            truth = true_point(simplify(expr), x)
            ours = as_pair(truth.value)
            if np.isnan(high) or np.isnan(ours[0]) or np.isinf(high):
                continue
            scale = max(abs(high), truth.rounding * 2.0**-60, FLOOR[which])
            assert abs((ours[0] - high) + (ours[1] - low)) <= BITS * scale, (which, x, ours, (high, low))


@pytest.mark.parametrize("name", sorted(entries()))
def test_numpy_and_javascript_agree_with_mpmath(name: str) -> None:
    """Computed values and derivatives keep the formula's rounding bound against numbers from elsewhere."""
    activation = get(name)
    for function, column in ((activation, 1), (activation.derivative(), 3)):
        table = GOLDEN[name]
        table = table[~np.isnan(table[:, column])]
        backends = ["numpy", *(["js"] if installed() else [])]
        computed = np.stack([np.asarray(caller(function.bound, b, "float64")(table[:, 0])) for b in backends], axis=1)
        for x, high, low, ys in zip(table[:, 0], table[:, column], table[:, column + 1], computed, strict=True):
            bound = true_point(core(function.bound), float(x))
            allowed = 4 * (UNIT * max(bound.rounding, abs(high)) + SMALLEST * bound.underflow) + 1e-150 * (column == 3)
            for backend, y in zip(backends, ys, strict=True):
                off = abs((y - high) - low) if np.isfinite(high) and np.isfinite(y) else 0.0 if y == high else np.inf
                assert off <= allowed, (backend, x, y, high)
