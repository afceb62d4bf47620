"""The scale of a function, so that margins of different functions can be compared."""

from __future__ import annotations

import numpy as np

from rheobase.activation import Activation

MOST_POWER = 16
MOST = 1e100
"""Beyond this a sample tells of overflow and not of the function."""


def scale(function: Activation) -> float | None:
    """The largest |f| of a bounded f; else the c of a growth like c·|x|^p, p whole; None for faster growth.

    So the scale of the sine is 1, and that of GELU, which grows like x, is 1 too: c·f has c times the scale of f. It is
    sampled up to |x| = 10,000, not proven, and no verdict depends on it.

    >>> import rheobase as rb
    >>> round(scale(rb.get("sine")), 3), round(scale(rb.get("gelu")), 3), scale(rb.define("x*exp(x)"))
    (1.0, 1.0, None)
    """
    ends = np.geomspace(1e-3, 1e4, 60_001)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(function.numpy(ends)), np.abs(function.numpy(-ends)))
    if not np.isfinite(size).all():
        return None
    far, near = ends > 5e3, (ends > 1e2) & (ends <= 1e3)
    if size[0] > 1.05 * size[ends < 1e-2].min():  # a pole at 0
        return None
    for power in range(MOST_POWER + 1):
        ratio = size / ends**power
        parts = [float(part.max()) for part in (ratio[near], ratio[far][::2], ratio[far][1::2])]
        if max(parts) <= 1.05 * min(parts):
            found = float(size.max()) if power == 0 else max(parts[1:])
            return found if 0 < found < MOST else None
        if power == 0 and max(parts[1:]) <= parts[0]:  # it dies away, or its samples differ
            return float(size.max()) if parts[0] < MOST and size[near].max() <= size.max() else None
    return None
