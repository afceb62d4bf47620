"""Parameters of an entry fitted to given values: a coarse scan, then damped least squares.

Small problems (a hundred points, a few parameters) that must be solved a hundred times within a tenth of a second;
importing scipy.optimize alone takes longer than that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Model = Callable[[Array], Array]
"""From the parameters' values to the weighted residuals."""

SCAN = (-2.0, -1.0, -0.5, -0.1, 0.0, 0.01, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Values that published parameters have or lie near."""
STEPS = 25
"""Steps of the damped iteration; a fit that succeeds takes 4 to 12."""


class Fit(NamedTuple):
    """Values and the root mean square of the residuals there."""

    values: Array
    error: float


def rms(residuals: Array) -> float:
    """Root mean square; infinite where a residual is not finite."""
    value = math.sqrt(float(residuals @ residuals) / residuals.size)
    return value if math.isfinite(value) else math.inf


def scan(model: Model, start: Array, index: int, allowed: Callable[[float], bool]) -> Fit:
    """The best of `SCAN` (and the start) for one parameter, the others as in `start`."""
    best = Fit(start, rms(model(start)))
    for value in SCAN:
        if allowed(value):
            trial = start.copy()
            trial[index] = value
            error = rms(model(trial))
            if error < best.error:
                best = Fit(trial, error)
    return best


def descend(model: Model, start: Fit, free: Sequence[int], low: Array, high: Array, goal: float) -> Fit:
    """Levenberg and Marquardt's iteration over the parameters `free`, kept within `low` and `high`."""
    best, damping = start, 1e-3
    chosen = list(free)
    for _ in range(STEPS):
        if best.error <= goal or best.error == math.inf:
            break
        residuals = model(best.values)
        slopes = _jacobian(model, best.values, residuals, chosen, high)
        if not np.all(np.isfinite(slopes)):
            break
        normal, pull = slopes.T @ slopes, slopes.T @ residuals
        before = best.error
        for _ in range(6):
            step = _solved(normal, pull, damping)
            trial = best.values.copy()
            trial[chosen] = np.clip(trial[chosen] + step, low[chosen], high[chosen])
            error = rms(model(trial))
            if error < best.error:
                best, damping = Fit(trial, error), damping / 10
                break
            damping *= 10
        if best.error > 0.999 * before:
            break
    return best


def _solved(normal: Array, pull: Array, damping: float) -> Array:
    """The damped step; a parameter without influence stays."""
    if len(pull) == 1:
        return -pull / (normal[0] * (1 + damping) + 1e-300)
    scaled = normal + damping * np.diag(np.diag(normal) + 1e-12)
    return np.linalg.lstsq(scaled, -pull, rcond=None)[0].astype(np.float64)


def _jacobian(model: Model, values: Array, residuals: Array, free: list[int], high: Array) -> Array:
    """Forward differences; backward where the domain ends."""
    columns: list[Array] = []
    for index in free:
        size = 1e-7 * max(1.0, abs(values[index]))
        if values[index] + size > high[index]:
            size = -size
        moved = values.copy()
        moved[index] += size
        columns.append((model(moved) - residuals) / size)
    return np.stack(columns, axis=1)


def snapped(values: Mapping[str, float], holds: Callable[[Mapping[str, float]], bool]) -> dict[str, float]:
    """`values` with each rounded to as few digits as keep `holds` true: 1.7019999998 becomes 1.702."""
    result = dict(values)
    for name in result:
        for digits in range(1, 13):
            trial = {**result, name: float(f"{result[name]:.{digits}g}")}
            if abs(result[name]) < 1e-7:
                trial[name] = 0.0
            if holds(trial):
                result = trial
                break
    return result
