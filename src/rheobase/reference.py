"""True values by ball arithmetic, and how far rounding may move a computed one.

The bound of a formula at a point is first-order rounding analysis: every rounded constant and every
inner node v of the expression that is computed may be off by the unit roundoff u, so that the value is

    |computed - f|  <=  4 u (|f| + Σ |v ∂f/∂v|)  +  4 η (1 + Σ |∂f/∂v|)

with η the smallest positive number of the format (Higham, Accuracy and Stability of Numerical
Algorithms, 2nd ed. 2002, sections 2.2 and 3.1; u = 2**-24 in float32 and 2**-53 in float64).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx, fmpq, fmpz

from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable, exact_in_single, postorder
from rheobase.ops import COMPARISONS, OPS

PRECISIONS = (160, 640, 2560, 10240)
"""Bits tried in turn; sin of the largest double needs 1,100."""
WANTED = 110
"""Bits of the result that must be certain: two doubles hold 106."""
TINY = arb(2) ** -1300
"""Below every subnormal by a margin; only its size matters."""
EXACT_NODES = frozenset(("neg", "where", *COMPARISONS))
"""Nodes whose result is never rounded."""


class Point(NamedTuple):
    """The truth at one point: f, and the two sums of the bound."""

    value: arb
    rounding: float
    """|f| + Σ |v ∂f/∂v|"""
    underflow: float
    """1 + Σ |∂f/∂v|"""


def ball(value: float | Fraction) -> arb:
    """The exact number as a ball of radius 0, or the nearest one at the working precision."""
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    if not math.isfinite(value):
        return arb("nan") if math.isnan(value) else arb.pos_inf() if value > 0 else arb.neg_inf()
    mantissa, exponent = math.frexp(value)
    return arb(fmpz(int(mantissa * 2**53))) * arb(2) ** (exponent - 53)


class Program:
    """A formula as a list of steps over balls."""

    def __init__(self, expr: Expr) -> None:
        self.expr = expr
        self.nodes = list(postorder(expr))
        index = {node: i for i, node in enumerate(self.nodes)}
        self.steps: list[tuple[Callable[..., Any] | None, tuple[int, ...], Expr]] = [
            (OPS[n.op].arb if isinstance(n, Apply) else None, tuple(index[a] for a in n.args), n) for n in self.nodes
        ]

    def run(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The ball of every node; inputs by name."""
        values: list[Any] = []
        for rule, args, node in self.steps:
            if rule is not None:
                values.append(rule(*(values[a] for a in args)))
            elif isinstance(node, Number):
                values.append(arb(fmpq(node.value.numerator, node.value.denominator)))
            elif isinstance(node, Constant):
                values.append(arb.pi() if node.name == "pi" else arb.const_e())
            else:
                assert isinstance(node, Variable | Parameter)
                values.append(inputs[node.name])
        return values

    def adjoints(self, values: list[Any]) -> list[arb | None]:
        """∂f/∂node for every node, backwards."""
        slopes: list[arb | None] = [None] * len(values)
        slopes[-1] = arb(1)
        for i in range(len(values) - 1, -1, -1):
            _, args, node = self.steps[i]
            slope = slopes[i]
            if slope is None or not isinstance(node, Apply):
                continue
            for j, local in zip(args, _local_slopes(node.op, [values[a] for a in args]), strict=True):
                if local is None:
                    continue
                part = slope * local
                before = slopes[j]
                slopes[j] = part if before is None else before + part
        return slopes


@cache
def _partial_programs(op: str) -> tuple[Program | None, ...]:
    row = OPS[op]
    partials = row.d(*(Variable(f"a{i}") for i in range(row.arity)))
    return tuple(None if p is None else Program(p) for p in partials)


def _local_slopes(op: str, args: list[Any]) -> list[arb | None]:
    if op == "where":
        if args[0] is None:
            return [None, arb("nan"), arb("nan")]
        taken = args[0] is not False
        return [None, arb(1) if taken else None, None if taken else arb(1)]
    inputs = {f"a{i}": a for i, a in enumerate(args)}
    return [None if p is None else p.run(inputs)[-1] for p in _partial_programs(op)]


@lru_cache(maxsize=512)
def program(expr: Expr) -> Program:
    return Program(expr)


def settled(value: arb, wanted: int = WANTED) -> bool:
    """Is the ball tight enough to judge a double by?"""
    if value.is_nan():
        return False
    return value.rel_accuracy_bits() >= wanted or abs(value) < TINY or value == arb.pos_inf() or value == arb.neg_inf()


def true_value(expr: Expr, x: float | Fraction, wanted: int = WANTED) -> arb:
    """f(x) to `wanted` bits; a NaN ball where f is undefined or more than 10,240 bits would be needed."""
    return _run(program(expr), x, wanted)[0]


def truth(condition: Expr, x: float | Fraction) -> bool | None:
    """Does a comparison hold at x? None where a side is undefined or 10,240 bits do not tell.

    >>> from rheobase.parse import parse
    >>> truth(parse("where(x < 1/3, x, 0)").args[0], 0.25)
    True
    """
    steps, before = program(condition), ctx.prec
    try:
        for ctx.prec in PRECISIONS:
            if (answer := steps.run({"x": ball(x)})[-1]) is not None:
                return answer
        return None
    finally:
        ctx.prec = before


def _run(steps: Program, x: float | Fraction, wanted: int = WANTED) -> tuple[arb, list[Any]]:
    before = ctx.prec
    value, values = arb("nan"), []
    try:
        for bits in PRECISIONS:
            ctx.prec = bits
            values = steps.run({"x": ball(x)})
            value = values[-1]
            if settled(value, wanted):
                return value, values
            if value.is_nan() and bits >= PRECISIONS[2]:
                break
        return arb("nan"), values
    finally:
        ctx.prec = before


def true_point(expr: Expr, x: float | Fraction) -> Point:
    """f(x) and the sums of its bound, for `expr` as it is computed.

    >>> from rheobase.parse import parse
    >>> point = true_point(parse("exp(-x*x)"), 9.0)
    >>> 80 < point.rounding / float(point.value) < 85
    True
    """
    steps = program(expr)
    before = ctx.prec
    value, values = _run(steps, x)
    try:
        ctx.prec = PRECISIONS[0]
        slopes = steps.adjoints(values)
        rounding, underflow = abs(value), arb(1)
        for i in _rounded_nodes(steps):
            slope = slopes[i]
            if slope is not None:
                rounding += abs(values[i] * slope)
                underflow += abs(slope)
        return Point(value, _upper(rounding), _upper(underflow))
    finally:
        ctx.prec = before


@lru_cache(maxsize=512)
def _rounded_nodes(steps: Program) -> tuple[int, ...]:
    """Constants that are not exact, and inner nodes that a rounding ends; a constant part counts once."""
    inside = {a for _, args, node in steps.steps if not node.symbols for a in args}
    kept = []
    for i, (_, _, node) in enumerate(steps.steps[:-1]):
        if i in inside or isinstance(node, Variable):
            continue
        if isinstance(node, Number) and exact_in_single(node.value):
            continue
        if isinstance(node, Apply) and node.op in EXACT_NODES:
            continue
        kept.append(i)
    return tuple(kept)


def _upper(value: arb) -> float:
    if value.is_nan():
        return math.inf
    return to_double(value.upper()) * (1 + 2**-50) if value.is_finite() else math.inf


def to_double(value: arb) -> float:
    """The double nearest to the ball's middle (inf beyond the largest)."""
    if value.is_nan():
        return math.nan
    if value == arb.pos_inf() or value == arb.neg_inf():
        return math.inf if value > 0 else -math.inf
    mantissa, exponent = value.mid().man_exp()
    return nearest_double(int(mantissa), int(exponent))


def nearest_double(mantissa: int, exponent: int) -> float:
    """mantissa * 2**exponent rounded once, subnormals included."""
    if not mantissa:
        return 0.0
    size = mantissa.bit_length() + exponent
    sign = 1.0 if mantissa > 0 else -1.0
    if size > 1025:
        return sign * math.inf
    if size < -1080:
        return sign * 0.0
    exact = Fraction(mantissa) * Fraction(2) ** exponent
    try:
        return float(exact)
    except OverflowError:
        return sign * math.inf


def true_values(expr: Expr, xs: Iterable[float]) -> tuple[Any, Any]:
    """f at each point as two doubles (high, low) whose sum holds 106 bits."""
    pairs = [as_pair(true_value(expr, x)) for x in xs]
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def as_pair(value: arb) -> tuple[float, float]:
    """The nearest double, and the nearest double of what is left."""
    top = to_double(value)
    if not math.isfinite(top):
        return top, 0.0
    before = ctx.prec
    try:
        ctx.prec = PRECISIONS[-1]
        return top, to_double(value - ball(top))
    finally:
        ctx.prec = before
