"""What is computed: a simplified formula whose powers and extrema are spelt out in cheaper steps."""

from __future__ import annotations

from functools import lru_cache

from rheobase.expr import Apply, Expr, Number, mul, rebuild, with_args
from rheobase.ops import OPS
from rheobase.simplify import simplify

MAX_CHAIN = 64
"""Greatest whole exponent computed by products; above it the backend's power has the smaller error."""


@lru_cache(maxsize=4096)
def core(expr: Expr) -> Expr:
    """The expression that backends compute, before branches are guarded and tails extended.

    >>> from rheobase.parse import parse
    >>> str(core(parse("min(max(0, x), 6)**3")))
    'where(x <= 0, 0, where(x >= 6, 6, x))*where(x <= 0, 0, where(x >= 6, 6, x))*where(x <= 0, 0, where(x >= 6, 6, x))'
    """
    return rebuild(simplify(expr), lambda node, args: _spell(with_args(node, args)))


def _spell(node: Expr) -> Expr:
    if not isinstance(node, Apply):
        return node
    match node.op:
        case "pow":
            return _product(*node.args)
        case "minimum" | "maximum":
            return _extremum(node.op == "minimum", *node.args)
        case "clip":
            a, low, high = node.args
            return _flat("le", a, low, _flat("ge", a, high, a))
    steps = OPS[node.op].steps
    return rebuild(simplify(steps(*node.args)), lambda n, args: _spell(with_args(n, args))) if steps else node


def _product(base: Expr, exponent: Expr) -> Expr:
    """base**n by repeated squaring."""
    if not base.symbols or not isinstance(exponent, Number) or exponent.value.denominator != 1:
        return Apply("pow", (base, exponent))
    n = int(exponent.value)
    if not 2 <= n <= MAX_CHAIN:
        return Apply("pow", (base, exponent))
    square, result = base, None
    while n:
        if n & 1:
            result = square if result is None else mul(result, square)
        n >>= 1
        if n:
            square = mul(square, square)
    assert result is not None
    return result


def _extremum(least: bool, p: Expr, q: Expr) -> Expr:
    """A NaN and a tie both end on the right side: the one that varies, and the one that is flat."""
    if not p.symbols:
        p, q = q, p
    if not q.symbols:
        return _flat("ge" if least else "le", p, q, p)
    return Apply("where", (Apply("lt" if least else "gt", (p, q)), p, q))


def _flat(op: str, a: Expr, level: Expr, otherwise: Expr) -> Expr:
    return Apply("where", (simplify(Apply(op, (a, level))), level, otherwise))
