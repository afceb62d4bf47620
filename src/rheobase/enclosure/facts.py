"""What the table's facts alone tell of a formula: monotony by composition, parity, periods."""

from __future__ import annotations

from rheobase.enclosure.algebra import polynomial
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Coefficient, reciprocal
from rheobase.enclosure.interval import INF, WHOLE, precision
from rheobase.expr import Apply, Expr, Number, Variable
from rheobase.ops import COMPARISONS, OPS
from rheobase.simplify import simplify

CONSTANT = 2
EVEN, ODD = 1, -1


def by_composition(expr: Expr) -> int:
    """+1 where f never falls, -1 where it never rises, 2 for a constant, 0 where the table does not tell."""
    if "x" not in expr.symbols:
        return CONSTANT
    if isinstance(expr, Variable):
        return 1
    if not isinstance(expr, Apply) or expr.op in COMPARISONS or expr.op in ("where", "pow"):
        return 0
    ways = [by_composition(a) for a in expr.args]
    if expr.op == "sub":
        return _together(ways[0], _turned(ways[1]))
    if expr.op in ("mul", "div"):
        if CONSTANT not in ways or (expr.op == "div" and ways[1] != CONSTANT):
            return 0
        k = 1 if ways[1] == CONSTANT else 0
        with precision(BITS):
            sign = enclosure(expr.args[k])(WHOLE).range.sign
        return _turned(ways[1 - k]) if sign == -1 else ways[1 - k] if sign == 1 else 0
    fact = OPS[expr.op].monotone
    if not fact or 0 in ways:
        return 0
    way = ways[0]
    for other in ways[1:]:
        way = _together(way, other)
    return way if fact > 0 else _turned(way)


def _together(a: int, b: int) -> int:
    return b if a == CONSTANT else a if b in (CONSTANT, a) else 0


def _turned(a: int) -> int:
    return a if a == CONSTANT else -a


def parity(expr: Expr) -> int | None:
    """EVEN, ODD, 0 for what is constantly 0, None where the table does not tell."""
    if "x" not in expr.symbols:
        return 0 if isinstance(expr, Number) and expr.value == 0 else EVEN
    if isinstance(expr, Variable):
        return ODD
    if not isinstance(expr, Apply):
        return None
    of = [parity(a) for a in expr.args]
    match expr.op:
        case "where":
            return _common(of[1:]) if of[0] == EVEN else None
        case op if op in COMPARISONS:
            return EVEN if all(p in (EVEN, 0) for p in of) else None
        case "add" | "sub":
            return _common(of)
        case "mul" | "div":
            return None if None in of else (of[0] or 0) * (of[1] or 0)
        case "neg":
            return of[0]
        case "pow":
            exponent = expr.args[1]
            if of[0] == ODD and isinstance(exponent, Number) and exponent.value.denominator == 1:
                return ODD if exponent.value % 2 else EVEN
            return EVEN if of == [EVEN, EVEN] else None
        case "clip" if of[0] == ODD and not expr.args[1].symbols and simplify(expr.args[1] + expr.args[2]) is Number(0):
            return ODD
    if all(p in (EVEN, 0) for p in of):
        return EVEN
    if len(of) == 1 and of[0] == ODD and OPS[expr.op].parity:
        return ODD if OPS[expr.op].parity == "odd" else EVEN
    return None


def _common(of: list[int | None]) -> int | None:
    kinds = {p for p in of if p != 0}
    return 0 if not kinds else kinds.pop() if len(kinds) == 1 else None


def bounded(expr: Expr) -> bool:
    """Has f a value everywhere, and all values within one finite interval, by the table's ranges alone?

    >>> from rheobase.parse import parse
    >>> bounded(parse("tanh(x**3)*sin(x)")), bounded(parse("x*exp(x)"))
    (True, False)
    """
    with precision(BITS):
        seen = enclosure(expr)(WHOLE)
    return seen.defined and bool(abs(seen.range.low) < INF and abs(seen.range.high) < INF)


def periodic(expr: Expr) -> bool:
    """Does x occur only in sines and cosines of a x + b, whose rates a have rational ratios?

    >>> from rheobase.parse import parse
    >>> periodic(parse("tanh(3*sin(2*x)) + cos(x/3)")), periodic(parse("x + sin(x)"))
    (True, False)
    """
    rates: list[Coefficient] = []
    if "x" not in expr.symbols or not _collect(expr, rates):
        return False
    with precision(BITS):
        return all((rate * reciprocal(rates[0])).rational is not None for rate in rates)


def _collect(expr: Expr, rates: list[Coefficient]) -> bool:
    if "x" not in expr.symbols:
        return True
    if not isinstance(expr, Apply):
        return False
    if expr.op in ("sin", "cos"):
        rate = _rate(expr.args[0])
        if rate is None:
            return False
        rates.append(rate)
        return True
    return all(_collect(a, rates) for a in expr.args)


def _rate(argument: Expr) -> Coefficient | None:
    """a, where the argument is a x + b with a not 0."""
    factors = polynomial(argument)
    if factors is None or set(factors) - {0, 1} or not factors.get(1, Coefficient({})).terms:
        return None
    return factors[1]
