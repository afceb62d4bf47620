"""The floating-point formats in which a formula may be computed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Format(NamedTuple):
    """A floating-point format."""

    dtype: Any
    unit: float
    smallest: float
    largest: float
    flushes: bool = False
    """Are numbers below the smallest normal one read and written as 0, as XLA's CPU compiler does?"""


SINGLE = Format(np.float32, 2.0**-24, 2.0**-149, float(np.finfo(np.float32).max))
DOUBLE = Format(np.float64, 2.0**-53, 2.0**-1074, float(np.finfo(np.float64).max))
FORMATS = {
    "float32": SINGLE,
    "float64": DOUBLE,
    "float32 flushed": SINGLE._replace(smallest=2.0**-126, flushes=True),
    "float64 flushed": DOUBLE._replace(smallest=2.0**-1022, flushes=True),
}
