"""A second opinion on every formula: mpmath at many digits, sharing nothing with the table of primitives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import mp, mpf

from rheobase.expr import Apply, Constant, Expr, Number, postorder

BEYOND = mpf(10) ** 1000
"""exp of more than this cannot be represented even here; it is taken for infinite, or 0."""


def _exp(a: Any) -> Any:
    if abs(a) > BEYOND:
        return mpf("inf") if a > 0 else mpf(0)
    return mpmath.exp(a)


def _tanh(a: Any) -> Any:
    small = _exp(-2 * abs(a))
    size = mpmath.tanh(abs(a)) if abs(a) < 1 else (1 - small) / (1 + small)
    return mpmath.sign(a) * size


def _erf(a: Any) -> Any:
    return mpmath.sign(a) if abs(a) > 1000 else mpmath.erf(a)


def _erfc(a: Any) -> Any:
    return (mpf(0) if a > 0 else mpf(2)) if abs(a) > 1000 else mpmath.erfc(a)


def _step(a: Any) -> Any:
    return mpf(1) if a >= 0 else mpf(0)


def _softplus(a: Any) -> Any:
    return max(a, mpf(0)) + mpmath.log1p(_exp(-abs(a)))


def _sinc(a: Any) -> Any:
    return mpf(1) if a == 0 else mpmath.sin(a) / a


def _where(condition: bool, p: Any, q: Any) -> Any:
    return p if condition else q


MEANING: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: mpf(0) if 0 in (a, b) else a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": lambda a, b: mpf(0) if a == 0 else _exp(b * mpmath.log(a)) if b != int(b) else a ** int(b),
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "where": _where,
    "minimum": min,
    "maximum": max,
    "clip": lambda a, low, high: min(max(a, low), high),
    "abs": abs,
    "relu": lambda a: max(a, mpf(0)),
    "sign": mpmath.sign,
    "step": _step,
    "floor": mpmath.floor,
    "round": mpmath.nint,
    "exp": _exp,
    "expm1": lambda a: mpmath.expm1(a) if abs(a) < 1 else _exp(a) - 1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "sqrt": mpmath.sqrt,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "atan": mpmath.atan,
    "sinc": _sinc,
    "tanh": _tanh,
    "sinh": lambda a: mpmath.sinh(a) if abs(a) < 1 else (_exp(a) - _exp(-a)) / 2,
    "cosh": lambda a: (_exp(a) + _exp(-a)) / 2,
    "sech": lambda a: 2 * _exp(-abs(a)) / (1 + _exp(-2 * abs(a))),
    "asinh": mpmath.asinh,
    "sigmoid": lambda a: 1 / (1 + _exp(-a)) if a > 0 else _exp(a) / (1 + _exp(a)),
    "softplus": _softplus,
    "log_sigmoid": lambda a: -_softplus(-a),
    "erf": _erf,
    "erfc": _erfc,
    "Phi": lambda a: _erfc(-a / mpmath.sqrt(2)) / 2,
    "phi": lambda a: _exp(-a * a / 2) / mpmath.sqrt(2 * mpmath.pi),
}


def value(expr: Expr, x: Any) -> Any:
    """f(x) at the working precision of mpmath; a branch that is not taken may be anything."""
    kept: dict[Expr, Any] = {}
    for node in postorder(expr):
        if isinstance(node, Number):
            kept[node] = mpf(node.value.numerator) / node.value.denominator
        elif isinstance(node, Constant):
            kept[node] = +mp.pi if node.name == "pi" else +mp.e
        elif isinstance(node, Apply):
            kept[node] = _apply(node, [kept[a] for a in node.args])
        else:
            kept[node] = mpf(x)
    return kept[expr]


def _apply(node: Apply, args: list[Any]) -> Any:
    if node.op != "where" and any(isinstance(a, mpmath.mpf) and not mpmath.isfinite(a) for a in args):
        return _with_infinity(node.op, args)
    try:
        return MEANING[node.op](*args)
    except (ZeroDivisionError, ValueError):
        return mpf("nan")


def _with_infinity(op: str, args: list[Any]) -> Any:
    limits = {"tanh": 1, "sigmoid": 1, "erf": 1, "sech": 0, "erfc": 0, "atan": mpmath.pi / 2}
    if args[0] == mpf("inf") and op in limits:
        return mpf(limits[op])
    if op in ("add", "sub", "neg", "lt", "le", "gt", "ge", "maximum", "minimum", "log", "log1p", "sqrt", "softplus"):
        return MEANING[op](*args) if op != "softplus" else args[0]
    if op == "div" and mpmath.isfinite(args[0]):
        return mpf(0)
    if op == "exp":
        return mpf("inf") if args[0] > 0 else mpf(0)
    if op == "mul" and 0 not in args:
        return args[0] * args[1]
    return mpf("nan")


def slope(expr: Expr, x: float) -> Any:
    """f'(x) by a central difference at 240 digits: some 80 digits right where f is smooth about x."""
    with mp.workdps(240):
        step = mpf(10) ** -80 * max(1, abs(mpf(x)))
        at = mpf(x)
        return (value(expr, at + step) - value(expr, at - step)) / (2 * step)


def as_fraction(number: Any) -> Fraction:
    """The exact value of an mpmath number."""
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent
