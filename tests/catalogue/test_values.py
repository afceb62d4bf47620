"""Values at eight points, from other transcriptions of the published formulas, evaluated in mpmath with 30 digits.

What an id means never changes: a row is added for a new function, none is ever altered.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import rheobase as rb

with Path(__file__).with_name("values.csv").open(encoding="utf-8") as file:
    HEAD, *ROWS = csv.reader(file)
POINTS = np.array([float(point) for point in HEAD[1:]])

ALLOWED = 2e-12
"""Relative to 1 + |value|: the worst conditioned of all, finer at -7.3, loses 4e3 roundings of its argument."""


@pytest.mark.parametrize(("id_", "values"), [(row[0], np.array(row[1:], dtype=float)) for row in ROWS])
def test_an_id_means_what_it_meant(id_: str, values: np.ndarray):
    computed = rb.get(id_)(POINTS)
    off = np.abs(computed - values) > ALLOWED * (1 + np.abs(values))
    assert not off.any(), f"entry {id_!r} at x = {POINTS[off]}: {computed[off]}, it was {values[off]}"
