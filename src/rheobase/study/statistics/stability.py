"""Stability in numbers: how wide the range of learning rates is that work, and how much the seeds scatter."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from rheobase.study.statistics.bootstrap import RESAMPLES, Interval, expanded_level

_SEED = 20_240_301


def window(rates: Sequence[float], scores: Sequence[float], within: float) -> tuple[float, bool]:
    """How many decades of learning rates stay within `within` of the best score, and whether that reaches an end.

    Args:
        rates: learning rates, in any order.
        scores: the mean score at each, higher is better.
        within: how far below the best still counts, in the scores' unit.

    Between two rates the score is taken as linear in the rate's logarithm. Where the window reaches the end of the
    rates it may be wider than they are: the answer is then "at least".

    >>> window([0.001, 0.01, 0.1], [0.5, 0.9, 0.5], 0.1)
    (0.5, False)
    >>> window([0.001, 0.01], [0.9, 0.9], 0.1)
    (1.0, True)
    """
    order = np.argsort(rates)
    at, y = np.log10(np.asarray(rates, float)[order]), np.asarray(scores, float)[order]
    best = int(np.nanargmax(y))
    line = y[best] - within
    ends = [_crossing(at, y, best, line, step) for step in (-1, 1)]
    return float(ends[1][0] - ends[0][0]), ends[0][1] or ends[1][1]


def _crossing(at: np.ndarray, y: np.ndarray, start: int, line: float, step: int) -> tuple[float, bool]:
    i = start
    while 0 <= i + step < len(at):
        here, there = y[i], y[i + step]
        if not there >= line:  # NaN counts as below
            share = (here - line) / (here - there) if math.isfinite(there) else 0.0
            return float(at[i] + share * (at[i + step] - at[i])), False
        i += step
    return float(at[i]), True


def deviation_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """The standard deviation over seeds, with an interval from the χ² distribution; unbounded for one value.

    >>> [round(v, 2) for v in deviation_interval([1.0, 2.0, 3.0, 4.0, 5.0])]
    [1.58, 0.95, 4.54]
    """
    from scipy.special import chdtri

    sample = np.asarray(values, dtype=float)
    n = len(sample)
    if n < 2:
        return Interval(math.nan, 0.0, math.inf)
    s, tail = float(sample.std(ddof=1)), (1 - confidence) / 2
    low, high = (s * math.sqrt((n - 1) / float(chdtri(n - 1, p))) for p in (tail, 1 - tail))
    return Interval(s, low, high)


def deviation_ratio(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> Interval:
    """The standard deviation of a over that of b, with a bootstrap interval over seeds (pairs are kept together).

    Below 1 means that a scatters less. Unbounded where either side has no spread.

    >>> round(deviation_ratio([1.0, 3.0] * 8, [1.0, 2.0] * 8).estimate, 6)
    2.0
    """
    pairs = np.stack([np.asarray(a, float), np.asarray(b, float)])
    n = pairs.shape[1]
    top, bottom = pairs.std(axis=1, ddof=1) if n > 1 else (math.nan, math.nan)
    if n < 2 or not top or not bottom:
        return Interval(math.nan, 0.0, math.inf)
    picks = np.random.Generator(np.random.PCG64(_SEED)).integers(n, size=(RESAMPLES, n))
    spread = pairs[:, picks].std(axis=2, ddof=1)
    kept = (spread > 0).all(axis=0)
    logs = np.log(spread[0][kept] / spread[1][kept])
    tail = expanded_level(n, confidence)
    centre = math.log(top / bottom)
    low, high = np.quantile(logs, [tail, 1 - tail])
    return Interval(math.exp(centre), math.exp(float(low)), math.exp(float(high)))
