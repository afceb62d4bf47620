"""The conformance suite: what every activation must hold on every backend. Ours and yours alike.

    import rheobase as rb
    from rheobase.testing import conformance
    print(conformance(rb.define("x*tanh(x)")))

A computed number is compared with its true value by ball arithmetic and may be off by at most 4 times
the formula's own first-order rounding bound (`rheobase.reference`); gradients that a framework takes by
itself have max(1, |g|) in place of |g|. 16-bit results are checked on all 65,536 inputs. NaN must give
NaN, and no finite input may give NaN or an infinity that is not true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase.activation import Activation
from rheobase.differentiate import differentiate
from rheobase.expr import Apply, Expr, Number, postorder
from rheobase.lower import compiled, lowered
from rheobase.lower.core import core
from rheobase.lower.tails import FORMATS, Format
from rheobase.ops import COMPARISONS
from rheobase.reference import as_pair, true_point
from rheobase.simplify import simplify

Array = NDArray[Any]
FACTOR = 4.0
"""Times the first-order bound: the primitives of every backend keep within 4 roundings."""
BACKENDS = ("numpy", "torch", "jax")
NORMAL = {"float32": float(np.finfo(np.float32).tiny), "float64": float(np.finfo(np.float64).tiny)}
"""XLA's CPU compiler flushes subnormal numbers: there the smallest normal number bounds the underflow."""


@dataclass(frozen=True, slots=True)
class Truth:
    """True values of a formula at points, with the sums of its rounding bound."""

    x: Array
    high: Array
    low: Array
    rounding: Array
    """Σ |v ∂f/∂v| without |f|."""
    underflow: Array
    known: NDArray[np.bool_]


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
        backends: of "numpy", "torch", "jax".
        dense: all points instead of a seeded sample of the sweeps (kinks are always all checked).
        seed: of the sample.

    >>> conformance("relu", backends=["numpy"]).ok
    True
    """
    if not isinstance(activation, Activation):
        from rheobase.catalogue import get

        activation = get(activation)
    report = Report(activation.name)
    for order, function in enumerate((activation, activation.derivative(), activation.derivative(2))):
        _check_tails(report, function.bound, order)
        kept = _sample(points(function.bound), dense, seed)
        truth = true_values(core(function.bound), tuple(kept))
        if order == 1:
            taken = _as_taken(truth, activation.bound)
        for backend in backends:
            for precision in ("float64", "float32"):
                if order < 2 or precision == "float64":
                    _check_values(report, function.bound, order, backend, precision, truth)
                if order == 1 and backend != "numpy":
                    _check_gradient(report, activation.bound, backend, precision, taken)
    for backend in backends:
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


def kinks(expr: Expr) -> list[float]:
    """Points at which a choice or a kinked primitive of `expr` switches, where its argument is a line in x."""
    found: set[float] = set()
    for node in postorder(core(expr)):
        if not isinstance(node, Apply) or not node.args or "x" not in node.args[0].symbols:
            continue
        if node.op in COMPARISONS:
            line = node.args[0] - node.args[1]
        elif node.op in ("abs", "relu", "sign", "step", "sqrt", "log"):
            line = node.args[0]
        else:
            continue
        slope = simplify(differentiate(line))
        level = simplify(_at_zero(line))
        if isinstance(slope, Number) and slope.value and isinstance(level, Number):
            found.add(float(-level.value / slope.value))
    return sorted(found)


def _at_zero(expr: Expr) -> Expr:
    from rheobase.expr import ZERO, substitute, x

    return substitute(expr, {x: ZERO})


@lru_cache(maxsize=1024)
def points(expr: Expr) -> tuple[float, ...]:
    """The conformance points of a formula: kinks, ends of its tails and their neighbours, tiny, huge, a dense sweep."""
    special = {0.0, -0.0}
    sizes = [2.0**-1074, 2.0**-1040, 2.0**-1022, 2.0**-149, 2.0**-140, 2.0**-126, 1e-8, 1e-4, 1e-2]
    sizes += [float(np.float32(10.0**k)) for k in range(-30, 31)]
    sizes += [1e-300, 1e-100, 1e100, 1e300, *(float(np.finfo(d).max) for d in (np.float32, np.float64))]
    for edge in {*kinks(expr), *_tail_ends(expr), 0.0}:
        for kind in (np.float32, np.float64):
            if abs(edge) > float(np.finfo(kind).max):
                continue
            near = kind(edge)
            around = [near, np.nextafter(near, kind(np.inf)), np.nextafter(near, kind(-np.inf))]
            special.update(float(p) for p in around if np.isfinite(p))
            special.update(float(kind(edge + s)) for s in (1e-4, -1e-4, 1e-2, -1e-2) if abs(edge) < 1e6)
    special.update(s for size in sizes for s in (size, -size))
    sweep = np.linspace(-30.0, 30.0, 601).astype(np.float32).astype(np.float64)
    return (*sorted(special), *(float(s) for s in sweep if float(s) not in special))


def _tail_ends(expr: Expr) -> Iterator[float]:
    for precision in FORMATS:
        for node in postorder(lowered(expr, precision).expr):
            if isinstance(node, Apply) and node.op in COMPARISONS and isinstance(node.args[1], Number):
                try:
                    yield float(node.args[1].value)
                except OverflowError:
                    continue


def _sample(every: Sequence[float], dense: bool, seed: int) -> list[float]:
    """All points, or those that are not of the sweep's grid and every eighth of the grid, by seed."""
    if dense:
        return list(every)
    grid = {float(np.float32(v)) for v in np.linspace(-30.0, 30.0, 601)}
    rng = np.random.default_rng(seed)
    return [p for p in every if p not in grid or abs(p) < 1e-6 or rng.random() < 1 / 8]


@lru_cache(maxsize=512)
def true_values(heart: Expr, xs: tuple[float, ...]) -> Truth:
    """True values and bounds of an expression that is computed as it stands."""
    rows = [true_point(heart, x) for x in xs]
    pairs = [as_pair(row.value) for row in rows]
    high = np.array([p[0] for p in pairs])
    with np.errstate(invalid="ignore"):
        rest = np.maximum(np.array([row.rounding for row in rows]) - np.abs(high), 0.0)
    return Truth(
        np.array(xs),
        high,
        np.array([p[1] for p in pairs]),
        np.where(np.isfinite(rest), rest, np.inf),
        np.array([row.underflow for row in rows]),
        ~np.isnan(high),
    )


def _as_taken(truth: Truth, expr: Expr) -> Truth:
    """The derivative's true values with the bound of the expression that automatic differentiation computes."""
    taken = true_values(differentiate(core(expr), by_output=True), tuple(truth.x.tolist()))
    return replace(
        truth,
        rounding=np.where(taken.known, taken.rounding, truth.rounding),
        underflow=np.where(taken.known, taken.underflow, truth.underflow),
    )


def _check_values(report: Report, expr: Expr, order: int, backend: str, precision: str, truth: Truth) -> None:
    here = _fitting(truth.x, precision)
    label = f"{('value', 'derivative', 'second derivative')[order]}, {backend} {precision}"
    computed = as_numpy(_call(expr, backend, precision)(truth.x[here]))
    _compare(report, label, computed, truth, here, FORMATS[precision], _eta(backend, precision), 0.0)
    _check_nan(report, label, as_numpy(_call(expr, backend, precision)(np.array([np.nan]))))


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
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(high), floor)
        allowed = FACTOR * (form.unit * (size + truth.rounding[here]) + eta * truth.underflow[here])
        error = np.abs((computed - high) - low)
        times = error / allowed
        overflow = np.abs(high) + allowed >= form.largest
        times = np.where(
            np.isinf(computed), np.where(overflow & (np.sign(computed) == np.sign(high)), 0.0, np.inf), times
        )
        times = np.where(np.isinf(high) & np.isfinite(computed), np.inf, times)
        times = np.where(~np.isfinite(allowed) & np.isfinite(computed), 0.0, times)
        times = np.where(np.isnan(computed), np.inf, times)
        times = np.where(known, times, 0.0)
        spacing = np.maximum(np.spacing(np.abs(high).astype(form.dtype)).astype(np.float64), form.smallest)
        ulps = np.where(np.isfinite(error) & np.isfinite(spacing), error / spacing, 0.0)
    if eta > form.smallest:
        times = np.where(
            (np.abs(x) < eta) & (x != 0), np.minimum(times, _times_at_zero(computed, truth, form, eta)), times
        )
    report.checks += 1
    report.points += len(x)
    report.undecided += int((~known).sum())
    report.worst = max(report.worst, float(times.max(initial=0.0)))
    report.ulp[label] = max(report.ulp.get(label, 0.0), float(ulps.max(initial=0.0)))
    for i in np.nonzero(times > 1.0)[0]:
        report.failures.append(Failure(label, float(x[i]), float(computed[i]), float(high[i]), float(times[i])))


def _times_at_zero(computed: Array, truth: Truth, form: Format, eta: float) -> Array:
    """Shares of the bound when a subnormal input is read as 0, which is what a flushing compiler does."""
    zero = int(np.nonzero(truth.x == 0)[0][0])
    allowed = FACTOR * (form.unit * (abs(truth.high[zero]) + truth.rounding[zero]) + eta * truth.underflow[zero])
    return np.where(np.isfinite(computed), np.abs(computed - truth.high[zero]) / allowed, np.inf)


def _check_nan(report: Report, label: str, computed: Array) -> None:
    report.checks += 1
    if not np.isnan(computed).all():
        report.failures.append(Failure(label, math.nan, float(np.ravel(computed)[0]), math.nan, math.inf))


def _call(expr: Expr, backend: str, precision: str) -> Callable[[Array], Any]:
    function = jitted(expr) if backend == "jax" else compiled(expr, backend)
    return lambda x: function(to_backend(x, backend, precision))


@lru_cache(maxsize=64)
def jitted(expr: Expr) -> Callable[[Any], Any]:
    """The JAX function under jit, as it is used."""
    import jax

    return jax.jit(compiled(expr, "jax"))


@lru_cache(maxsize=64)
def _jitted_gradient(expr: Expr) -> Callable[[Any], Any]:
    import jax

    function = compiled(expr, "jax")
    return jax.jit(lambda x: jax.vjp(function, x)[1](jax.numpy.ones_like(x))[0])


def to_backend(x: Array, backend: str, precision: str) -> Any:
    """The points as an array of the backend in a precision ("bfloat16" and "float16" too)."""
    if backend == "torch":
        import torch

        return torch.from_numpy(np.array(x)).to(getattr(torch, precision))
    if backend == "jax":
        import jax
        import jax.numpy as jnp

        if precision == "float64" and not jax.config.read("jax_enable_x64"):
            jax.config.update("jax_enable_x64", True)
        with np.errstate(all="ignore"):
            return jnp.asarray(np.asarray(x).astype(_numpy_kind(precision)))
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(_numpy_kind(precision))


def _numpy_kind(precision: str) -> Any:
    if precision == "bfloat16":
        import ml_dtypes

        return ml_dtypes.bfloat16
    return np.dtype(precision)


def as_numpy(y: Any) -> Array:
    """An array of any backend as float64."""
    if hasattr(y, "detach"):
        return y.detach().double().numpy()
    with np.errstate(all="ignore"):
        return np.asarray(y).astype(np.float64)


def gradient(expr: Expr, backend: str, precision: str, x: Array) -> Array:
    """The gradient that the framework takes through the generated function, at each point."""
    given = to_backend(x, backend, precision)
    if backend == "torch":
        given.requires_grad_(True)
        compiled(expr, "torch")(given).sum().backward()
        return as_numpy(given.grad)
    return as_numpy(_jitted_gradient(expr)(given))


def check_halves(report: Report, activation: Activation, backend: str) -> None:
    """float16 and bfloat16 on all 65,536 inputs: the float32 result rounded once, NaN only for NaN."""
    for precision in ("float16", "bfloat16"):
        try:
            kind = _numpy_kind(precision)
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
        if backend != "numpy":
            slopes = gradient(activation.bound, backend, "float32", inputs)
            _check_finite(report, activation.derivative().bound, f"gradient, {backend} float32", inputs, slopes)


def _check_finite(report: Report, expr: Expr, label: str, x: Array, computed: Array) -> None:
    """Every NaN and infinity at a finite input must be true."""
    form = FORMATS["float32"]
    for i in np.nonzero(np.isfinite(x) & ~np.isfinite(computed))[0]:
        truth = true_point(core(expr), float(x[i]))
        high = as_pair(truth.value)[0]
        allowed = FACTOR * form.unit * truth.rounding
        true_overflow = abs(high) + (allowed if math.isfinite(allowed) else 0) >= form.largest
        if not (np.isinf(computed[i]) and true_overflow and (computed[i] > 0) == (high > 0)) and not math.isnan(high):
            report.failures.append(Failure(label, float(x[i]), float(computed[i]), high, math.inf))


__all__ = ["Failure", "Report", "Truth", "conformance", "gradient", "kinks", "points", "true_values"]
