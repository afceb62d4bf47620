"""Guards: a branch that is not taken is computed at a harmless point, so that no NaN leaks out of it.

`where(c, p(x), q(x))` becomes `where(c, p(where(c, x, s)), q(where(c, t, x)))`. Never min, max or clip,
whose gradient at a tie differs from the branch's (ELU's came out as 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from rheobase.differentiate import differentiate
from rheobase.expr import ZERO, Apply, Expr, Number, Variable, postorder, rebuild, substitute, with_args, x
from rheobase.lower.probe import probe
from rheobase.ops import COMPARISONS, OPS
from rheobase.simplify import simplify

FLAT = frozenset(("sign", "step", "floor", "round"))
"""Primitives through which no slope passes: frameworks are given their argument cut from the graph."""
ANCHORS = (0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), 4, -4, 10, -10, 30, -30)
"""Points tried, in this order, after the thresholds that the condition itself names."""
NEAR = Fraction(1, 2**100), Fraction(1, 2**200)
"""Distances at which the slope beside a singular point is read."""


def tame(expr: Expr) -> bool:
    """Is the gradient of `expr` finite at every finite input, by its form alone?"""
    kept: dict[Expr, bool] = {}
    for node in postorder(expr):
        if not isinstance(node, Apply) or not node.symbols:
            kept[node] = True
            continue
        inner = all(kept[a] for a in node.args)
        match node.op:
            case "add" | "sub" | "where":
                kept[node] = inner
            case "mul":
                kept[node] = inner and any(not a.symbols for a in node.args)
            case "div":
                kept[node] = inner and not node.args[1].symbols
            case op:
                kept[node] = inner and (op in COMPARISONS or math.isfinite(OPS[op].lipschitz))
    return kept[expr]


def regular(expr: Expr) -> bool:
    """Are value and slope of `expr` finite real numbers at every real x, by its form alone?

    >>> from rheobase.parse import parse
    >>> regular(parse("x*sigmoid(x)/(2*cosh(x))")), regular(parse("sqrt(x)")), regular(parse("1/x"))
    (True, False, False)
    """
    return all(map(_regular, postorder(expr)))


def _regular(node: Expr) -> bool:
    if not isinstance(node, Apply) or not node.symbols:
        return True
    match node.op:
        case "div":
            return _never_zero(node.args[1])
        case "pow":
            exponent = node.args[1]
            return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value > 0
        case "where" | "minimum" | "maximum" | "clip":
            return True
        case op:
            row = OPS[op]
            return row.domain == (-math.inf, math.inf) and (row.kinks is not None or row.smooth >= 0 or op in FLAT)


def _never_zero(expr: Expr) -> bool:
    match expr:
        case Number():
            return bool(expr.value)
        case Apply(op="mul"):
            return all(map(_never_zero, expr.args))
        case Apply(op="neg"):
            return _never_zero(expr.args[0])
        case Apply():
            return OPS[expr.op].positive
    return bool(not expr.symbols)


def guarded(expr: Expr, values: Mapping[Expr, Expr] | None = None) -> Expr:
    """`expr` with every branch guarded that could break where it is not taken; `values` are those of its parameters,
    at which harmless points are looked for."""
    return rebuild(expr, lambda node, args: _guard(with_args(node, args), values or {}))


def _guard(node: Expr, values: Mapping[Expr, Expr]) -> Expr:
    if not isinstance(node, Apply) or node.op != "where" or "x" not in node.args[0].symbols:
        return node
    condition, p, q = node.args
    return Apply("where", (condition, _shield(p, condition, True, values), _shield(q, condition, False, values)))


def _shield(branch: Expr, condition: Expr, taken: bool, values: Mapping[Expr, Expr]) -> Expr:
    if "x" not in branch.symbols or tame(branch):
        return branch
    anchor = _anchor(*(substitute(part, values) for part in (branch, condition)))
    if anchor is None:
        return branch
    point = Number(anchor)
    inside = Apply("where", (condition, x, point) if taken else (condition, point, x))
    return substitute(branch, {x: inside})


def _anchor(branch: Expr, condition: Expr) -> Fraction | None:
    """A point at which `branch` and its slope are finite at every step, in single precision too."""
    named = [n.value for n in condition.args if isinstance(n, Number) and abs(n.value) < 2**40]
    beside = [value + side * max(1, abs(value) / 2) for value in named for side in (1, -1)]
    for point in (*named, *map(Fraction, ANCHORS), *beside):
        here = np.array([float(point)])
        if float(np.float32(float(point))) == point and all(
            probe(branch, here, dtype).clean.all() for dtype in (np.float32, np.float64)
        ):
            return point
    return None


def singular_points(expr: Expr) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """Points where f is finite and its slope by formula is not: (point, f, slope to give there).

    The slope given is the limit where both sides agree, and 0 where it is truly infinite.
    """
    if regular(expr):
        return
    # Imported here: python-flint takes 35 ms, and most formulas need no true value to be shown or computed.
    from rheobase.reference import to_double, true_value

    slope = simplify(differentiate(expr))
    named = {abs(n.value) for n in postorder(expr) if isinstance(n, Number) and abs(n.value) <= 100}
    for size in sorted({Fraction(0), Fraction(1), *named})[:12]:
        for point in sorted({size, -size}):
            value = true_value(expr, point)
            broken = value.is_finite() and not true_value(slope, point).is_finite()
            if broken and Fraction(float(point)) == point:
                yield point, Fraction(to_double(value)), _limit(slope, point)


def _limit(slope: Expr, point: Fraction) -> Fraction:
    from rheobase.reference import to_double, true_value

    readings = [true_value(slope, point + side * distance) for side in (1, -1) for distance in NEAR]
    values = [to_double(r) for r in readings]
    spread = max(values) - min(values)
    return Fraction(values[1]) if math.isfinite(spread) and spread <= 1e-12 * max(map(abs, values)) else Fraction(0)


def at_point(point: Fraction) -> Expr:
    """The condition that x is `point`."""
    return Apply("le", (Apply("abs", (x - Number(point) if point else x,)), ZERO))


def patched(expr: Expr) -> Expr:
    """`expr` with its singular points on straight lines of their own, so that no gradient is infinite."""
    for point, value, slope in singular_points(expr):
        line = Number(value) + Number(slope) * (x - Number(point)) if slope else Number(value)
        expr = Apply("where", (at_point(point), simplify(line), expr))
    return expr


def propagates_nan(expr: Expr) -> bool:
    """Does a NaN in `x` come out as NaN, and does a slope reach `x`? Comparisons with NaN are false."""
    kept: dict[Expr, bool] = {}
    for node in postorder(expr):
        if isinstance(node, Apply) and node.op == "where":
            condition, p, q = node.args
            blind = any(kept[a] for a in condition.args)
            kept[node] = kept[q] and (blind or kept[p])
        elif isinstance(node, Apply) and node.op in FLAT:
            kept[node] = False
        elif isinstance(node, Apply) and node.op == "pow":
            kept[node] = kept[node.args[0]] and not (isinstance(node.args[1], Number) and node.args[1].value == 0)
        else:
            kept[node] = (isinstance(node, Variable) and node.name == "x") or any(kept[a] for a in node.args)
    return kept[expr]
