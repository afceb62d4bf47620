"""Symbolic derivatives: the chain rule over the table's rows."""

from __future__ import annotations

from rheobase.expr import ONE, ZERO, Apply, Expr, Number, Parameter, Variable, postorder, uses
from rheobase.ops import OPS

BY_BRANCH = ("where", "minimum", "maximum")
"""Primitives whose slope is that of a branch, not a sum over the table's partial derivatives."""


def differentiate(expr: Expr, name: str = "x", *, by_output: bool = False) -> Expr:
    """The derivative of `expr` with respect to the variable or parameter `name`.

    At a kink it is the derivative of the branch that `where` takes; `minimum`, `maximum`, `clip`,
    `relu` and `abs` have 0 on the flat side. Not simplified. `by_output` gives it as the frameworks'
    automatic differentiation computes it: tanh' is 1 - tanh**2 there.

    >>> from rheobase.parse import parse
    >>> str(differentiate(parse("x*tanh(x)")))
    'tanh(x) + x*sech(x)**2'
    """
    slopes: dict[Expr, Expr | None] = {}
    for node in postorder(expr):
        if not uses(node, name):
            slopes[node] = None
        elif isinstance(node, Variable | Parameter):
            slopes[node] = ONE
        else:
            assert isinstance(node, Apply)
            slopes[node] = _chain(node, slopes, by_output)
    return _or_zero(slopes[expr])


def _chain(node: Apply, slopes: dict[Expr, Expr | None], by_output: bool) -> Expr | None:
    args, row = node.args, OPS[node.op]
    inner = [slopes[a] for a in args]
    rule = row.by_output if by_output and row.by_output else row.d
    match node.op:
        case "where":
            p, q = inner[1], inner[2]
            return None if p is None and q is None else Apply("where", (args[0], _or_zero(p), _or_zero(q)))
        case "minimum" | "maximum":
            return _extremum("lt" if node.op == "minimum" else "gt", args, inner)
        case "pow" if inner[1] is None and inner[0] is not None:
            base, exponent = args
            if isinstance(exponent, Number) and exponent.value == 2:
                return _times(2 * base, inner[0])
            return _times(exponent * base ** (exponent - ONE), inner[0])
        case "div" if inner[0] is None and inner[1] is not None and _number_power(args[1]):
            # c/a**n: the square of a**n would underflow or overflow long before a**(n + 1)
            base, n = args[1].args
            return _times(-(n * args[0]) / base ** (n + ONE), _or_zero(slopes[base]))
        case "div" if inner[1] is None and inner[0] is not None:
            return ONE / args[1] if inner[0] is ONE else inner[0] / args[1]
    total: Expr | None = None
    for partial, slope in zip(rule(*args), inner, strict=True):
        if partial is None or slope is None:
            continue
        term = _times(partial, slope)
        total = term if total is None else total + term
    return total


def _number_power(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op == "pow" and isinstance(expr.args[1], Number)


def _or_zero(slope: Expr | None) -> Expr:
    return ZERO if slope is None else slope


def _times(partial: Expr, slope: Expr) -> Expr:
    return partial if slope is ONE else slope if partial is ONE else partial * slope


def _extremum(op: str, args: tuple[Expr, ...], inner: list[Expr | None]) -> Expr | None:
    """The slope of the winner; at a tie that of a side which does not move."""
    (p, q), (dp, dq) = args, inner
    if dp is None and dq is None:
        return None
    if dp is None:
        p, q, dp, dq = q, p, dq, dp
    return Apply("where", (Apply(op, (p, q)), _or_zero(dp), _or_zero(dq)))
