"""Asymptotes fitted to true values, and whether a computed number agrees with the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from flint import arb, ctx

from rheobase.balls import exp
from rheobase.differentiate import differentiate
from rheobase.expr import ONE, Apply, Expr, Number, rebuild, with_args, x
from rheobase.lower.formats import DOUBLE, Format
from rheobase.lower.probe import Array, probe
from rheobase.lower.proving import proven
from rheobase.lower.tails import join
from rheobase.reference import PRECISIONS, TINY, as_pair, ball, to_double, true_point, true_value
from rheobase.simplify import simplify

CHECKS = 64
BACK_OFF = (0.98, 0.9995)
"""The tail begins a little before the first break: backends break at slightly different places."""
FACTOR = 4.0


def comes_out_wrong(core: Expr, safe: Expr, form: Format, points: Array) -> bool:
    """Is a computed value or slope NaN, or off, where the truth is defined?"""
    computed = probe(safe, points, form.dtype, form.flushes)
    slope = simplify(differentiate(core))
    for i, point in enumerate(points):
        truth = true_value(core, float(point))
        if truth.is_nan():
            continue
        if not (
            agrees(core, float(point), float(computed.value[i]), form)
            and agrees(slope, float(point), float(computed.slope[i]), form, at_least=1.0)
        ):
            return True
    return False


def agrees(expr: Expr, point: float, computed: float, form: Format, at_least: float = 0.0) -> bool:
    """Is `computed` within the rounding bound of expr(point)? Overflow must be true overflow."""
    truth = true_point(expr, point)
    if truth.value.is_nan():
        return not math.isnan(computed)
    high, low = as_pair(truth.value)
    bound = FACTOR * (form.unit * max(truth.rounding, at_least) + form.smallest * truth.underflow)
    if math.isnan(computed):
        return False
    if math.isinf(bound):
        return True
    if math.isinf(computed):
        return math.copysign(1.0, computed) * high + bound >= form.largest * (1 - form.unit)
    if math.isinf(high):
        return False
    return abs((computed - high) - low) <= bound


def asymptote(core: Expr, form: Format, side: int, broken: tuple[float, float]) -> tuple[Fraction, Expr] | None:
    """(Where it begins, the asymptote) beyond the break: one that is proven, else one right at every checkpoint."""
    slope = simplify(differentiate(core))
    fallback: tuple[Fraction, Expr] | None = None
    for back_off in BACK_OFF:
        at = _short(broken[0] * back_off)
        points = side * _checkpoints(at, form)
        for tail in _candidates(core, form, side, at):
            edge = untrue_edge(tail, core, form, points)
            if not _holds(tail, core, slope, form, points if edge is None else points[np.abs(points) < edge]):
                continue
            if edge is None:
                found = Fraction(side * at), tail
                if proven(core, tail, side, found[0], form):
                    return found
                fallback = fallback or found
                continue
            for begin in (_short(edge * BACK_OFF[0]), *_beside(edge, form)):
                if (more := _steep(core, slope, form, side, begin)) is not None:
                    return Fraction(side * at), join(tail, [(side, *more)])
    if fallback:
        return fallback
    ends = (_steep(core, slope, form, side, at) for at in _beside(broken[0], form))
    return next((found for found in ends if found is not None), None)


def _beside(size: float, form: Format) -> tuple[float, float]:
    """The last number of the format up to `size`, at which the value has not overflowed yet, and the one below it."""
    last = form.dtype(size)
    if float(last) > size:
        last = np.nextafter(last, form.dtype(0))
    return float(last), float(np.nextafter(last, form.dtype(0)))


def _steep(core: Expr, slope: Expr, form: Format, side: int, at: float) -> tuple[Fraction, Expr] | None:
    """A tail whose value is infinite, as the truth is in this format, while its slope still is finite.

    Automatic differentiation multiplies the slope out of parts that overflow with the value. So the slope stands as a
    factor of x, behind `floor`, which is exact on numbers so large and through which no slope passes.
    """
    if abs(true_value(core, side * at * (1 + 64 * form.unit))) < form.largest * (1 - 2.0**-10):
        return None
    points = side * _checkpoints(at, form)
    for steepness in (slope, halved(slope), *_candidates(slope, form, side, at)):
        tail = Apply("floor", (steepness,)) * x
        if _holds(tail, core, slope, form, points) and untrue_edge(tail, core, form, points) is None:
            return Fraction(side * at), tail
    return None


def halved(expr: Expr) -> Expr:
    """p*exp(a) as p*exp(a/2)*exp(a/2), and so for powers of numbers: where p < 1 it overflows when the product does.

    >>> from rheobase.parse import parse
    >>> str(halved(parse("0.3*2**x")))
    '0.3*2**(x/2)*2**(0.5*x)'
    """

    def rule(node: Expr, args: tuple[Expr, ...]) -> Expr:
        node = with_args(node, args)
        if isinstance(node, Apply) and node.op == "mul":
            for p, q in (node.args, node.args[::-1]):
                if isinstance(q, Apply) and q.symbols and (q.op == "exp" or (q.op == "pow" and not q.args[0].symbols)):
                    *base, exponent = q.args
                    # Two nodes that are not the same: one shared step's adjoint would be the double, and overflow.
                    halves = (exponent / Number(2), Number(Fraction(1, 2)) * exponent)
                    first, second = (Apply(q.op, (*base, half)) for half in halves)
                    return p * first * second
        return node

    return rebuild(expr, rule)


def untrue_edge(tail: Expr, core: Expr, form: Format, points: Array) -> float | None:
    """The size of x at which value or slope of `tail` becomes infinite before the truth does."""
    points = points[np.argsort(np.abs(points))]
    computed = probe(tail, points, form.dtype, form.flushes)
    for index, expr in enumerate((core, simplify(differentiate(core)))):
        finite = np.isfinite(computed[index])
        turns = np.nonzero(finite[:-1] & ~finite[1:])[0]
        if not len(turns):
            continue
        low, high = float(points[turns[0]]), float(points[turns[0] + 1])
        for _ in range(12):
            fine = np.linspace(low, high, 9)
            sound = np.isfinite(probe(tail, fine, form.dtype, form.flushes)[index])
            last = int(np.nonzero(sound)[0][-1]) if sound.any() else 0
            low, high = float(fine[last]), float(fine[min(last + 1, 8)])
        high = float(form.dtype(high))
        there = float(probe(tail, np.array([high]), form.dtype, form.flushes)[index][0])
        if not agrees(expr, high, there, form, at_least=float(index)):
            return abs(low)
    return None


def _short(size: float) -> float:
    """`size` rounded down to 12 bits: exact in every format, short to print."""
    mantissa, exponent = math.frexp(size)
    return math.ldexp(math.floor(mantissa * 4096) / 4096, exponent)


def _checkpoints(at: float, form: Format) -> Array:
    """64 sizes from just beyond `at` to the largest finite number, even in the exponent, and denser near `at`."""
    far = np.exp(np.linspace(math.log(at), math.log(form.largest), CHECKS // 2))
    with np.errstate(over="ignore"):
        near = at * (1 + np.exp(np.linspace(math.log(4 * form.unit), 0.0, CHECKS // 2)))
    points = np.minimum(np.unique(np.concatenate([near, far[1:], [form.largest]])), form.largest)
    return points.astype(form.dtype).astype(np.float64)


def _holds(tail: Expr, core: Expr, slope: Expr, form: Format, points: Array) -> bool:
    computed = probe(tail, points, form.dtype, form.flushes)
    # The far end first: a wrong candidate is off there most.
    for i in sorted(range(len(points)), key=lambda i: -abs(points[i])):
        if not agrees(core, float(points[i]), float(computed.value[i]), form):
            return False
        if not agrees(slope, float(points[i]), float(computed.slope[i]), form, at_least=1.0):
            return False
    return True


def _candidates(core: Expr, form: Format, side: int, at: float) -> Iterator[Expr]:
    """Asymptotes in t = |x|, fitted to true values far out."""
    far = form.largest / 4
    middle = math.sqrt(at) * math.sqrt(form.largest)
    before = ctx.prec
    ctx.prec = PRECISIONS[2]
    try:
        # A line's level is what is left of values as large as `far`.
        values = [true_value(core, side * s, wanted=64 + math.frexp(far)[1]) for s in (middle, far / 2, far)]
        t = x if side > 0 else -x
        if not all(v.is_finite() for v in values):
            yield from _decay(core, side, at, t)
            yield from _overflow(core, form, side, at, t)
            if (halves := halved(core)) is not core:
                yield halves
            return
        if all(abs(v) < TINY for v in values):
            yield Number(0)
            # So small that only their smallness is known: a power shows nearer.
            half, whole = (true_value(core, side * at * k) for k in (2.0, 4.0))
            yield from _powers(half, whole, ball(at * 4), t)
        yield _exactly(true_value(core, side * at))
        yield from _fits(values, ball(far), t, at)
        yield from _decay(core, side, at, t)
        yield from _overflow(core, form, side, at, t)
        if (halves := halved(core)) is not core:
            yield halves
    finally:
        ctx.prec = before


def _fits(values: list[arb], far: arb, t: Expr, at: float) -> Iterator[Expr]:
    _, half, whole = values
    slope = (whole - half) / (far / 2)
    level = 2 * half - whole
    if abs(slope) * far < abs(level) * arb(2) ** -60:
        yield _exactly(whole)
    line = simplify(_exactly(slope) * t + _level(level, slope * at))
    if not (isinstance(line, Apply) and line.op == "mul" and line.args[0] is Number(0)):
        yield line
    yield from _powers(half, whole, far, t)
    growth = (whole - half) / arb(2).log()
    level = whole - growth * far.log()
    if growth != 0:
        yield simplify(_exactly(growth) * Apply("log", (t,)) + _level(level, growth))


def _powers(half: arb, whole: arb, far: arb, t: Expr) -> Iterator[Expr]:
    """c * t**k from the values at far/2 and far."""
    ratio = whole / half
    if arb(2) ** -17 < ratio < arb(2) ** 17:
        fitted = Fraction(to_double(ratio.log() / arb(2).log()))
        simple = fitted.limit_denominator(60)
        for exponent in (simple, *([fitted] if abs(fitted - simple) > 1e-9 else [])):
            if not exponent:
                continue
            scale = whole / far ** (arb(exponent.numerator) / exponent.denominator)
            yield _power_tail(_exactly(scale), t, exponent)


def _decay(core: Expr, side: int, at: float, t: Expr) -> Iterator[Expr]:
    """c * t**m * (1 + d/t) * exp(k t): the rate from values far out, the rest from nearer ones."""
    far = [true_value(core, side * at * 2.0**k, wanted=256) for k in (30, 31, 32)]
    if not all(v.is_finite() and abs(v) > 0 for v in far):
        return
    first, second = (far[1] / far[0]).log(), (far[2] / far[1]).log()
    start = arb(at) * 2**30
    rate, doubled = (second - first) / start, 2 * to_double((2 * first - second) / arb(2).log())
    if not abs(doubled) <= 32:
        return
    power, rate_number = Fraction(round(doubled), 2), _finely(rate)
    sizes = [arb(at) * 16, arb(at) * 32]
    near = [
        true_value(core, side * at * k, wanted=256)
        * exp(-size * _as_ball(rate_number))
        / size ** _as_ball(Number(power))
        for k, size in zip((16.0, 32.0), sizes, strict=True)
    ]
    scale = 2 * near[1] - near[0]
    if not (scale.is_finite() and abs(scale) > 0):
        return
    shift = (near[0] / scale - 1) * sizes[0]
    # Two parts, one before and one after t**m: neither 0 * inf far out, nor an early underflow. Where they grow they
    # are not equal: as one shared step they would double its adjoint, which overflows first.
    share = Fraction(1, 2) if rate_number.value < 0 else Fraction(9, 16)
    before, after = (Apply("exp", (simplify(Number(rate_number.value * part) * t),)) for part in (share, 1 - share))
    tail = _power_tail(_times(_exactly(scale), before), t, power)
    if abs(shift) > arb(at) * arb(2) ** -56:
        tail = tail * (ONE + _exactly(shift) / t)
    yield tail * after


def _overflow(core: Expr, form: Format, side: int, at: float, t: Expr) -> Iterator[Expr]:
    """Infinite in value and slope, as the truth is in this format."""
    beyond = true_value(core, side * at * 2)
    if abs(beyond) > form.largest:
        yield Number(2**1100 if beyond > 0 else -(2**1100)) * t


def _finely(value: arb) -> Number:
    """`value` to 200 bits, or the simple fraction that it is: an exponent's error grows with x."""
    rough = _exactly(value)
    if abs(value - _as_ball(rough)) <= abs(value) * arb(2) ** -100:
        return rough
    mantissa, exponent = value.mid().man_exp()
    cut = max(int(mantissa).bit_length() - 200, 0)
    return Number(Fraction(int(mantissa) >> cut) * Fraction(2) ** (int(exponent) + cut))


def _as_ball(number: Number) -> arb:
    return arb(number.value.numerator) / arb(number.value.denominator)


def _level(level: arb, beside: arb) -> Expr:
    """The constant of a line or a logarithm, 0 where it vanishes beside the rest."""
    return Number(0) if abs(level) < abs(beside) * arb(2) ** -64 else _exactly(level)


def _power_tail(scale: Expr, t: Expr, exponent: Fraction) -> Expr:
    """scale * t**exponent, dividing step by step so that nothing overflows on the way."""
    result = scale
    whole = int(exponent) if exponent > 0 else -int(-exponent)
    for _ in range(abs(whole)):
        result = _times(result, t) if exponent > 0 else result / t
    if rest := abs(exponent) - abs(whole):
        root = Apply("sqrt", (t,)) if rest == Fraction(1, 2) else Apply("pow", (t, Number(rest)))
        result = _times(result, root) if exponent > 0 else result / root
    return result


def _times(scale: Expr, factor: Expr) -> Expr:
    return factor if scale is ONE else -factor if scale is Number(-1) else scale * factor


def _exactly(value: arb) -> Number:
    """The nearest double as a number, snapped to a simple fraction where that is within the ball's reach."""
    nearest = to_double(value)
    double = Fraction(nearest if math.isfinite(nearest) else math.copysign(DOUBLE.largest, nearest))
    simple = double.limit_denominator(1000)
    close = abs(value - arb(simple.numerator) / arb(simple.denominator)) < abs(value) * arb(2) ** -60 + TINY
    return Number(simple if close else double)
