"""What is computed: a simplified formula whose powers and extrema are spelt out in cheaper steps."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np

from rheobase.expr import ONE, ZERO, Apply, Expr, Number, exact_in_single, mul, rebuild, with_args, x
from rheobase.lower.guard import regular
from rheobase.ops import OPS
from rheobase.simplify import simplify
from rheobase.simplify.flat import from_product, product_of, sum_of
from rheobase.simplify.matching import HOLDS

MAX_CHAIN = 64
"""Greatest whole exponent computed by products; above it the backend's power has the smaller error."""


@lru_cache(maxsize=4096)
def core(expr: Expr) -> Expr:
    """The expression that backends compute, before branches are guarded and tails extended.

    >>> from rheobase.parse import parse
    >>> str(core(parse("min(max(0, x), 6)**2")))
    'where(x <= 0, 0, where(x >= 6, 6, x))*where(x <= 0, 0, where(x >= 6, 6, x))'
    """
    plain = _near_poles(_short_numbers(simplify(expr)))
    return rebuild(_reciprocals(plain), lambda node, args: _spell(with_args(node, args)))


def _short_numbers(expr: Expr) -> Expr:
    """p*a/(q*b) as (p/q)*a/b where p or q has more digits than single precision holds: they may even overflow it."""

    def rule(node: Expr, args: tuple[Expr, ...]) -> Expr:
        node = with_args(node, args)
        if not (isinstance(node, Apply) and node.op == "div" and node.symbols):
            return node
        number, factors = product_of(node)
        if number.denominator == 1 or all(map(exact_in_single, map(Fraction, number.as_integer_ratio()))):
            return node
        above = {key: n for key, n in factors.items() if n and key[1]}
        below = {key: n for key, n in factors.items() if n and not key[1]}
        top = mul(Number(number), from_product(Fraction(1), above)) if above else Number(number)
        return top / from_product(Fraction(1), {(base, True): -n for (base, _), n in below.items()}) if below else top

    return rebuild(expr, rule)


def _near_poles(expr: Expr) -> Expr:
    """x - c as (x - h) - (c - h), h the single nearest to c, in formulas that may divide by it: no digit is lost."""
    if regular(expr):
        return expr

    def rule(node: Expr, args: tuple[Expr, ...]) -> Expr:
        node = with_args(node, args)
        if not (isinstance(node, Apply) and node.op in ("add", "sub")):
            return node
        level, terms = sum_of(node)
        if exact_in_single(level) or list(terms.items()) not in ([(x, 1)], [(x, -1)]):
            return node
        with np.errstate(over="ignore"):
            near = float(np.float32(float(level)))
        if not math.isfinite(near) or not near:
            return node
        sign = terms[x]
        shift, rest = Fraction(near), level - Fraction(near)
        head = Number(shift) - x if sign < 0 else x + Number(shift) if shift > 0 else x - Number(-shift)
        return head + Number(rest) if rest > 0 else head - Number(-rest)

    return rebuild(expr, rule)


def _reciprocals(expr: Expr) -> Expr:
    """c/a**n as c*(1/a)**n: were a**n to underflow, the gradient of the quotient would be inf * 0."""

    def rule(node: Expr, args: tuple[Expr, ...]) -> Expr:
        node = with_args(node, args)
        if not (isinstance(node, Apply) and node.op == "div") or node.args[0].symbols:
            return node
        top, below = node.args
        if not (isinstance(below, Apply) and below.op == "pow" and _is_chain(*below.args)):
            return node
        power = (ONE / below.args[0]) ** below.args[1]
        return power if top is ONE else top * power

    return rebuild(expr, rule)


def _is_chain(base: Expr, exponent: Expr) -> bool:
    """Is base**exponent computed by products?"""
    if not isinstance(exponent, Number) or exponent.value.denominator != 1:
        return False
    return bool(base.symbols) and 2 <= exponent.value <= MAX_CHAIN


def _spell(node: Expr) -> Expr:
    if not isinstance(node, Apply):
        return node
    match node.op:
        case "pow":
            return _product(*node.args)
        case "minimum" | "maximum":
            return _extremum(node.op == "minimum", *node.args)
        case "clip":
            return _clip(*node.args)
        case "where":
            return _choice(*node.args)
        case "step" | "sign" | "relu" | "abs":
            return _kinked(node)
    steps = OPS[node.op].steps
    return rebuild(simplify(steps(*node.args)), lambda n, args: _spell(with_args(n, args))) if steps else node


def _product(base: Expr, exponent: Expr) -> Expr:
    """base**n by repeated squaring."""
    if not (_is_chain(base, exponent) and isinstance(exponent, Number)):
        return Apply("pow", (base, exponent))
    n = int(exponent.value)
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
    return _choice(Apply("lt" if least else "gt", (p, q)), p, q)


def _clip(a: Expr, low: Expr, high: Expr) -> Expr:
    """min(max(a, low), high), which is `high` everywhere where the ends are the wrong way round."""
    if not low.symbols | high.symbols and not _holds(Apply("le", (low, high))):
        low = high
    return _flat("le", a, low, _flat("ge", a, high, a))


def _kinked(node: Apply) -> Expr:
    """A kink at a number that is not exact: the input is compared with it, not a rounded difference with 0."""
    (a,) = node.args
    level, terms = sum_of(a)
    if len(terms) != 1:
        return node
    (term, factor), *_ = terms.items()
    if not factor or (abs(factor) == 1 and exact_in_single(level)):
        return node
    if not level:
        # The sign of factor * term must not be lost to underflow.
        turned = Apply(node.op, (term if factor > 0 or node.op == "abs" else -term,))
        return turned if node.op in ("step", "sign") else Number(abs(factor)) * turned
    above, below = (simplify(Apply(op, (a, ZERO))) for op in ("gt", "lt"))
    # The last branch is for a tie and for NaN, which it keeps.
    tie = term + Number(level / factor)
    match node.op:
        case "step":
            return Apply("where", (below, ZERO, Apply("where", (simplify(Apply("ge", (a, ZERO))), ONE, tie))))
        case "sign":
            return Apply("where", (above, ONE, Apply("where", (below, -ONE, tie))))
        case "relu":
            return Apply("where", (simplify(Apply("le", (a, ZERO))), ZERO, a))
    flat = Apply("where", (simplify(Apply("le", (a, ZERO))), ZERO, a))
    return Apply("where", (above, a, Apply("where", (below, -a, flat))))


def _flat(op: str, a: Expr, level: Expr, otherwise: Expr) -> Expr:
    return _choice(simplify(Apply(op, (a, level))), level, otherwise)


def _choice(condition: Expr, p: Expr, q: Expr) -> Expr:
    """where(condition, p, q), decided here where x does not decide it."""
    if condition.symbols:
        return Apply("where", (condition, p, q))
    return p if _holds(condition) else q


def _holds(condition: Expr) -> bool:
    """Is a comparison of constant parts true?"""
    assert isinstance(condition, Apply)
    a, b = condition.args
    if isinstance(a, Number) and isinstance(b, Number):
        return HOLDS[condition.op](a.value, b.value)
    from rheobase.reference import truth

    return bool(truth(condition, 0.0))
