"""How sure a share is that was counted."""

from __future__ import annotations


def exact_interval(hits: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact binomial interval of a share (Clopper & Pearson 1934, Biometrika 26).

    >>> exact_interval(0, 250)
    (0.0, 0.0146...)
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, of - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, of - hits, 1 - tail)) if hits < of else 1.0
    return low, high
