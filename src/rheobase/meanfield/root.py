"""A root between two points: SciPy has it too, but its optimisers take half a second to load."""

from __future__ import annotations

import math
from collections.abc import Callable

CLOSE = 1e-15
"""Relative width at which a root is found; about four units in the last place."""
MOST = 200
"""Steps; bisection alone needs 1,100 for the whole range of doubles, and 60 where the ends are of one size."""


def root(f: Callable[[float], float], a: float, b: float) -> float:
    """The x between a and b at which f changes its sign, to the last bits.

    Chandrupatla 1997, Advances in Engineering Software 28(3): inverse quadratic interpolation where it is safe, else
    bisection.

    Raises:
        ValueError: f has the same sign at both ends.

    >>> abs(root(lambda x: x * x - 2, 0.0, 2.0) - 2**0.5) < 4e-15
    True
    """
    fa, fb = f(a), f(b)
    if fa * fb > 0:
        raise ValueError("f has the same sign at both ends")
    if not fa or not fb:
        return b if fa else a
    c, fc, t, best = a, fa, 0.5, a
    for _ in range(MOST):
        x = a + t * (b - a)
        fx = f(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            b, fb, c, fc = a, fa, b, fb
        a, fa = x, fx
        best = a if abs(fa) < abs(fb) else b
        least = CLOSE * abs(best) / abs(b - a) if b != a else math.inf
        if least > 0.5 or not fa:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        if phi * phi < xi and (1 - phi) ** 2 < 1 - xi:
            t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        else:
            t = 0.5
        t = min(1 - least, max(least, t))
    return best
