"""The conformance suite: what every activation must hold on every backend. Ours and yours alike.

>>> from rheobase import define
>>> print(conformance(define("x*tanh(x)"), backends=["numpy"]))
x*tanh(x): ... checks, ... comparisons, ...% of the bound used

A computed number is compared with its true value by ball arithmetic and may be off by at most 4 times
the formula's own first-order rounding bound (`rheobase.reference`); gradients that a framework takes by
itself have max(1, |g|) in place of |g|. 16-bit results are checked on all 65,536 inputs. NaN must give
NaN, and no finite input may give NaN or an infinity that is not true.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase.activation import Activation
from rheobase.expr import Expr
from rheobase.lower import compiled, lowered
from rheobase.lower.core import core
from rheobase.lower.formats import FORMATS, Format
from rheobase.reference import as_pair, true_point
from rheobase.testing import node
from rheobase.testing.points import points, sample
from rheobase.testing.running import as_numpy, caller, gradient, jitted, numpy_kind, precisions, to_backend
from rheobase.testing.truth import Truth, as_taken, true_values

Array = NDArray[Any]
FACTOR = 4.0
"""Times the first-order bound: the primitives of every backend keep within 4 roundings."""
BACKENDS = ("numpy", "torch", "jax", "js")
DIFFERENTIATING = ("torch", "jax")
"""Backends that take gradients of generated functions by themselves."""
NORMAL = {"float32": float(np.finfo(np.float32).tiny), "float64": float(np.finfo(np.float64).tiny)}
"""XLA's CPU compiler flushes subnormal numbers: there the smallest normal number bounds the underflow."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One point at which a computed number is off."""

    check: str
    x: float
    computed: float
    true: float
    times: float
    """The error over the allowed error; inf for NaN and for an untrue infinity."""

    def __str__(self) -> str:
        return f"{self.check}: at x = {self.x!r} {self.computed!r}, true {self.true!r} ({self.times:.3g} × the bound)"


@dataclass(slots=True)
class Report:
    """What was checked, what failed, and the largest share of the bound that was used."""

    name: str
    checks: int = 0
    points: int = 0
    undecided: int = 0
    """Points whose truth is undefined or was not decided."""
    turning: int = 0
    """Points at which a comparison of two rounded sides is too close to call."""
    worst: float = 0.0
    ulp: dict[str, float] = field(default_factory=dict)
    """Largest error in units in the last place, by check."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Did everything hold?"""
        return not self.failures

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        head = f"{self.name}: {self.checks} checks, {self.points:,} comparisons, {self.worst:.0%} of the bound used"
        return "\n".join([head, *(f"  {f}" for f in self.failures[:20])])


def conformance(
    activation: Activation | str, *, backends: Sequence[str] = BACKENDS, dense: bool = False, seed: int = 0
) -> Report:
    """Put an activation through every check, on every backend that is installed.

    Args:
        activation: an Activation, or anything that `rheobase.get` takes.
        backends: of "numpy", "torch", "jax", "js" (generated JavaScript, in float64, run by Node.js).
        dense: all points instead of a seeded sample of the sweeps (kinks are always all checked).
        seed: of the sample.

    >>> conformance("relu", backends=["numpy"]).ok
    True
    """
    if not isinstance(activation, Activation):
        from rheobase.catalogue import get

        activation = get(activation)
    report = Report(activation.name)
    installed = [b for b in backends if (node.installed() if b == "js" else find_spec(b) is not None)]
    for order, function in enumerate((activation, activation.derivative(), activation.derivative(2))):
        _check_tails(report, function.bound, order)
        kept = tuple(sample(points(function.bound), dense, seed))
        truth = true_values(core(function.bound), kept)
        for backend in installed:
            for precision in precisions(backend):
                if order < 2 or precision == "float64":
                    _check_values(report, function.bound, order, backend, precision, truth)
                if order == 1 and backend in DIFFERENTIATING:
                    _check_gradient(report, activation.bound, backend, precision, as_taken(truth, activation.bound))
    for backend in [b for b in installed if b != "js"]:
        check_halves(report, activation, backend)
    return report


def _check_tails(report: Report, expr: Expr, order: int) -> None:
    """No side may be left on which the arithmetic is known to break."""
    for precision in FORMATS:
        if order == 2 and not precision.startswith("float64"):
            continue
        report.checks += 1
        for warning in lowered(expr, precision).warnings:
            where = float(warning.rsplit("=", 1)[1])
            report.failures.append(
                Failure(f"tail of derivative {order}, {warning}", where, math.nan, math.nan, math.inf)
            )


def _check_values(report: Report, expr: Expr, order: int, backend: str, precision: str, truth: Truth) -> None:
    here = _fitting(truth.x, precision)
    label = f"{('value', 'derivative', 'second derivative')[order]}, {backend} {precision}"
    computed = as_numpy(caller(expr, backend, precision)(truth.x[here]))
    _compare(report, label, computed, truth, here, FORMATS[precision], _eta(backend, precision), 0.0)
    _check_nan(report, label, as_numpy(caller(expr, backend, precision)(np.array([np.nan]))))


def _check_gradient(report: Report, expr: Expr, backend: str, precision: str, truth: Truth) -> None:
    """The framework's own gradient through the composition."""
    here = _fitting(truth.x, precision)
    computed = gradient(expr, backend, precision, truth.x[here])
    label = f"gradient, {backend} {precision}"
    _compare(report, label, computed, truth, here, FORMATS[precision], _eta(backend, precision), 1.0)


def _fitting(x: Array, precision: str) -> NDArray[np.bool_]:
    if precision == "float64":
        return np.ones(x.shape, bool)
    with np.errstate(over="ignore"):
        return x.astype(np.float32).astype(np.float64) == x


def _eta(backend: str, precision: str) -> float:
    return NORMAL[precision] if backend == "jax" else FORMATS[precision].smallest


def _compare(
    report: Report, label: str, computed: Array, truth: Truth, here: Array, form: Format, eta: float, floor: float
) -> None:
    x, high, low, known = truth.x[here], truth.high[here], truth.low[here], truth.known[here]
    # Where rounded sides meet, either branch may be taken: the bound's first order says nothing there.
    decided = truth.margin[here] > FACTOR * form.unit
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(high), floor)
        allowed = FACTOR * (form.unit * (size + truth.rounding[here]) + eta * truth.underflow[here])
        error = np.abs((computed - high) - low)
        times = error / allowed
        # An infinity stands for every number beyond the largest: one of them must be within the bound.
        overflow = np.sign(computed) * high + allowed >= form.largest
        times = np.where(np.isinf(computed), np.where(overflow, 0.0, np.inf), times)
        times = np.where(np.isinf(high) & np.isfinite(computed), np.inf, times)
        times = np.where(~np.isfinite(allowed) & np.isfinite(computed), 0.0, times)
        times = np.where(np.isnan(computed), np.inf, times)
        times = np.where(known & (decided | np.isnan(computed)), times, 0.0)
        spacing = np.maximum(np.spacing(np.abs(high).astype(form.dtype)).astype(np.float64), form.smallest)
        ulps = np.where(np.isfinite(error) & np.isfinite(spacing), error / spacing, 0.0)
    if eta > form.smallest:
        times = np.where(
            (np.abs(x) < eta) & (x != 0), np.minimum(times, _times_at_zero(computed, truth, form, eta)), times
        )
    report.checks += 1
    report.points += len(x)
    report.undecided += int((~known).sum())
    report.turning += int((known & ~decided).sum())
    report.worst = max(report.worst, float(times.max(initial=0.0)))
    report.ulp[label] = max(report.ulp.get(label, 0.0), float(ulps.max(initial=0.0)))
    for i in np.nonzero(times > 1.0)[0]:
        report.failures.append(Failure(label, float(x[i]), float(computed[i]), float(high[i]), float(times[i])))


def _times_at_zero(computed: Array, truth: Truth, form: Format, eta: float) -> Array:
    """Shares of the bound when a subnormal input is read as 0, which is what a flushing compiler does."""
    zero = int(np.nonzero(truth.x == 0)[0][0])
    allowed = FACTOR * (form.unit * (abs(truth.high[zero]) + truth.rounding[zero]) + eta * truth.underflow[zero])
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(np.isfinite(computed), np.abs(computed - truth.high[zero]) / allowed, np.inf)


def _check_nan(report: Report, label: str, computed: Array) -> None:
    report.checks += 1
    if not np.isnan(computed).all():
        report.failures.append(Failure(label, math.nan, float(np.ravel(computed)[0]), math.nan, math.inf))


def check_halves(report: Report, activation: Activation, backend: str) -> None:
    """float16 and bfloat16 on all 65,536 inputs: the float32 result rounded once, NaN only for NaN."""
    for precision in ("float16", "bfloat16"):
        try:
            kind = numpy_kind(precision)
        except ImportError:
            continue  # NumPy has no bfloat16 of its own; ml_dtypes comes with JAX
        every = np.arange(65_536, dtype=np.uint16).view(kind)
        with np.errstate(invalid="ignore"):
            inputs = every.astype(np.float32)
        function = jitted(activation.bound) if backend == "jax" else compiled(activation.bound, backend)
        wide = as_numpy(function(to_backend(inputs, backend, "float32")))
        with np.errstate(over="ignore", invalid="ignore"):
            wanted = wide.astype(np.float32).astype(kind).astype(np.float64)
        narrow = as_numpy(function(to_backend(inputs, backend, precision)))
        same = (narrow == wanted) | (np.isnan(narrow) & np.isnan(wanted))
        if backend == "jax":
            with np.errstate(invalid="ignore"):
                same |= (np.abs(narrow - wanted) <= NORMAL["float32"]) & (np.abs(wanted) <= NORMAL["float32"])
        label = f"value, {backend} {precision}"
        report.checks += 1
        report.points += len(every)
        for i in np.nonzero(~same)[0]:
            report.failures.append(Failure(label, float(inputs[i]), float(narrow[i]), float(wanted[i]), math.inf))
        _check_finite(report, activation.bound, label, inputs, wide)
        if backend in DIFFERENTIATING:
            slopes = gradient(activation.bound, backend, "float32", inputs)
            _check_finite(report, activation.derivative().bound, f"gradient, {backend} float32", inputs, slopes)


def _check_finite(report: Report, expr: Expr, label: str, x: Array, computed: Array) -> None:
    """Every NaN and infinity at a finite input must be true."""
    form = FORMATS["float32"]
    for i in _picked(x, computed):
        truth = true_point(core(expr), float(x[i]))
        high = as_pair(truth.value)[0]
        allowed = FACTOR * form.unit * truth.rounding
        true_overflow = np.sign(computed[i]) * high + (allowed if math.isfinite(allowed) else 0) >= form.largest
        if not (np.isinf(computed[i]) and true_overflow) and not math.isnan(high):
            report.failures.append(Failure(label, float(x[i]), float(computed[i]), high, math.inf))


def _picked(x: Array, computed: Array) -> list[int]:
    """Places of NaN and infinities at finite inputs; of a long run of equal ones its ends and every 64th between."""
    order = np.argsort(x, kind="stable")
    order = order[np.isfinite(x[order])]
    broken, kind = ~np.isfinite(computed[order]), np.nan_to_num(computed[order], nan=0.5)
    changes = np.nonzero(np.diff(np.where(broken, kind, 0.0)))[0]
    runs = np.split(np.arange(len(order)), changes + 1)
    return [int(order[i]) for run in runs if broken[run[0]] for i in sorted({int(run[-1]), *run[::64].tolist()})]
