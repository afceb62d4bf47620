"""Equality of formulas: quotients of polynomials, with exact factors, in x, exponentials, roots and other atoms."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from rheobase.enclosure.coefficients import ONE, Coefficient, Product, Ratio, Undecided, atom, lean, reciprocal
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.memory import remembered
from rheobase.expr import Apply, Expr, Number, Parameter, substitute, x
from rheobase.ops import OPS
from rheobase.parse import parse
from rheobase.simplify import simplify

MAX_TERMS = 300
MAX_POWER = 1000
BY_EXPONENTIALS = {
    "sigmoid": "exp(a)/(1 + exp(a))",
    "tanh": "(exp(2*a) - 1)/(exp(2*a) + 1)",
    "sech": "2*exp(a)/(exp(2*a) + 1)",
    "sinh": "(exp(a) - exp(-a))/2",
    "cosh": "(exp(a) + exp(-a))/2",
    "expm1": "exp(a) - 1",
    "log1p": "log(1 + a)",
    "log_sigmoid": "a - softplus(a)",
    "Phi": "erfc(-a/sqrt(2))/2",
    "erf": "1 - erfc(a)",
}
"""What a primitive is everywhere, in terms of fewer."""


class Quotient(NamedTuple):
    over: Coefficient
    under: Coefficient


def equal(a: Expr, b: Expr) -> bool:
    """Are the two one function, wherever both are defined? False where the normal form does not show it.

    >>> equal(parse("(x + 1)**2 - 1"), parse("x*(x + 2)")), equal(parse("tanh(x)"), parse("1 - 2*sigmoid(-2*x)"))
    (True, True)
    """
    if a is b:
        return True
    try:
        first, second = quotient(simplify(a)), quotient(simplify(b))
        return not _reduced(_short(first.over * second.under) + -_short(second.over * first.under)).terms
    except (Undecided, ZeroDivisionError):
        return False


def polynomial(expr: Expr) -> dict[int, Coefficient] | None:
    """The factors of a polynomial in x by its powers, None where the formula is none."""
    try:
        over, under = quotient(simplify(expr))
    except (Undecided, ZeroDivisionError):
        return None
    if not under.constant:
        return None
    factors: dict[int, Coefficient] = {}
    for product, factor in (over * reciprocal(under)).terms.items():
        power = sum((e for a, e in product if a is x), Fraction(0))
        rest = Coefficient({tuple(t for t in product if t[0] is not x): factor})
        if not rest.constant or power.denominator != 1 or power < 0:
            return None
        factors[int(power)] = factors.get(int(power), Coefficient({})) + rest
    return factors


@remembered(maxsize=4096)
def quotient(expr: Expr) -> Quotient:
    """The normal form; raises Undecided where it grows too long."""
    if not expr.symbols:
        return Quotient(exactly(expr), ONE)
    if not isinstance(expr, Apply):
        return Quotient(atom(expr), ONE)
    if expr.op in BY_EXPONENTIALS:
        return quotient(substitute(parse(BY_EXPONENTIALS[expr.op], ("a",)), {Parameter("a"): expr.args[0]}))
    if expr.op == "where":
        return _choice(expr)
    parts = [quotient(a) for a in expr.args]
    match expr.op:
        case "add" | "sub":
            (a, b), (c, d) = parts
            c = c if expr.op == "add" else -c
            return Quotient(a + c, b) if b == d else _lean(a * d + c * b, b * d)
        case "neg":
            return Quotient(-parts[0].over, parts[0].under)
        case "mul":
            return _lean(parts[0].over * parts[1].over, parts[0].under * parts[1].under)
        case "div":
            return _lean(parts[0].over * parts[1].under, parts[0].under * parts[1].over)
        case "pow" if isinstance(n := expr.args[1], Number) and n.value.denominator == 1 and abs(n.value) <= MAX_POWER:
            base = parts[0] if n.value > 0 else Quotient(parts[0].under, parts[0].over)
            result = Quotient(ONE, ONE)
            for _ in range(abs(int(n.value))):
                result = _lean(result.over * base.over, result.under * base.under)
            return result
        case "exp" if parts[0].under == ONE:
            return Quotient(_exponential(parts[0].over), ONE)
    return _mirrored(expr.op, parts) or Quotient(atom(Apply(expr.op, tuple(_text(p) for p in parts))), ONE)


def _choice(expr: Apply) -> Quotient:
    condition, *branches = expr.args
    if not condition.symbols:
        taken = exactly(Apply("where", (condition, Number(1), Number(0))))
        return quotient(branches[0] if taken.terms else branches[1])
    return Quotient(atom(Apply("where", (condition, *(_text(quotient(b)) for b in branches)))), ONE)


def _exponential(exponent: Coefficient) -> Coefficient:
    """exp of a sum as a product, so that exp(x)*exp(-x) is 1."""
    result = ONE
    for product, factor in exponent.terms.items():
        inner = Coefficient({product: 1})
        part = exactly(Apply("exp", (Number(factor),))) if not product else atom(Apply("exp", (inner.expr(),)), factor)
        result = result * part
    return result


def _text(p: Quotient) -> Expr:
    return p.over.expr() if p.under == ONE else p.over.expr() / p.under.expr()


def _lean(over: Coefficient, under: Coefficient) -> Quotient:
    over, under = _reduced(_short(over)), _reduced(_short(under))
    if len(under.terms) == 1:
        ((product, factor),) = under.terms.items()
        return Quotient(over * Coefficient({tuple((a, -e) for a, e in product): lean(Fraction(1) / factor)}), ONE)
    return Quotient(over, under)


def _short(value: Coefficient) -> Coefficient:
    if len(value.terms) > MAX_TERMS:
        raise Undecided("the normal form grows too long")
    return value


def _reduced(value: Coefficient) -> Coefficient:
    """The square of a root is what is under it."""
    for _ in range(8):
        for product, factor in value.terms.items():
            root = next((t for t in product if _is_root(t[0]) and abs(t[1]) >= 2), None)
            if root is None:
                continue
            base, exponent = root
            whole = int(Fraction(exponent) / 2)
            under = quotient(base.args[0])
            if under.under != ONE or whole < 0:
                continue
            rest = Coefficient({tuple(t for t in product if t is not root): factor})
            replaced = rest * (atom(base, exponent - 2 * whole) if exponent - 2 * whole else ONE)
            for _ in range(whole):
                replaced = replaced * under.over
            value = value + Coefficient({product: -factor}) + replaced
            break
        else:
            break
    return value


def _is_root(node: Expr) -> bool:
    return isinstance(node, Apply) and node.op == "sqrt" and bool(node.symbols)


def _mirrored(op: str, parts: list[Quotient]) -> Quotient | None:
    """atan(-a) as -atan(a), softplus(-a) as softplus(a) - a: the leading factor of an argument is positive."""
    row = OPS[op]
    if len(parts) != 1 or not (row.parity or row.mirror) or not _leads_negative(parts[0].over):
        return None
    opposite = _text(Quotient(-parts[0].over, parts[0].under))
    if row.parity:
        over, under = quotient(Apply(op, (opposite,)))
        return Quotient(-over if row.parity == "odd" else over, under)
    return quotient(substitute(parse(row.mirror, ("a",)), {Parameter("a"): opposite}))


def _leads_negative(value: Coefficient) -> bool:
    def rank(item: tuple[Product, Ratio]) -> list[tuple[str, Ratio]]:
        return [(str(a), e) for a, e in item[0]]

    return bool(value.terms) and max(value.terms.items(), key=rank)[1] < 0
