"""A formula without x as a coefficient: exact where its parts allow it, else an atom that balls enclose."""

from __future__ import annotations

from fractions import Fraction

from flint import arb, fmpq

from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import (
    BITS,
    ZERO,
    Coefficient,
    Undecided,
    Undefined,
    atom,
    power,
    rational,
    reciprocal,
)
from rheobase.enclosure.interval import WHOLE, precision
from rheobase.enclosure.memory import remembered
from rheobase.expr import Apply, Constant, Expr, Number, Parameter, substitute
from rheobase.ops import COMPARISONS, OPS

NEAR = 2**64
"""Beyond, a ball may be exact that stands for a number which is not, as erf's is."""


@remembered(maxsize=4096)
def exactly(expr: Expr) -> Coefficient:
    """A formula without x as a coefficient.

    >>> from rheobase.parse import parse
    >>> exactly(parse("sqrt(2)*sqrt(2) - exp(0)")).rational
    Fraction(1, 1)

    Raises:
        Undecided: where a part is not defined, or a comparison cannot be told.
    """
    if isinstance(expr, Number):
        return rational(expr.value)
    if isinstance(expr, Constant):
        return atom(expr)
    assert isinstance(expr, Apply) and not expr.symbols
    if expr.op in COMPARISONS:
        raise Undecided("a comparison is no number")
    if expr.op == "where":
        return exactly(expr.args[1] if _holds(expr.args[0]) else expr.args[2])
    parts = [exactly(a) for a in expr.args]
    match expr.op:
        case "add":
            return parts[0] + parts[1]
        case "sub":
            return parts[0] + -parts[1]
        case "neg":
            return -parts[0]
        case "mul":
            return parts[0] * parts[1]
        case "div":
            return parts[0] * reciprocal(parts[1])
        case "pow" if (exponent := parts[1].rational) is not None:
            return power(parts[0], exponent)
        case "sqrt" if parts[0].terms:
            return power(parts[0], Fraction(1, 2))
        case "exp" if (exponent := parts[0].rational) is not None and exponent:
            return atom(Constant("e"), exponent)
    return applied(expr.op, parts)


def applied(op: str, parts: list[Coefficient]) -> Coefficient:
    """A primitive at numbers: a rational where ball arithmetic gives one exactly, else an atom.

    Raises:
        Undecided: where it is not defined.
    """
    if op in ("sin", "cos") and (turns := _quarter_turns(parts[0])) is not None:
        return rational((0, 1, 0, -1)[(turns + (op == "cos")) % 4])
    if op in ("sinc", "dsinc") and parts[0].terms:
        sine, cosine = applied("sin", parts), applied("cos", parts)
        ratio = sine * reciprocal(parts[0])
        return ratio if op == "sinc" else (cosine + -ratio) * reciprocal(parts[0])
    if (mirrored := _mirrored(op, parts)) is not None:
        return mirrored
    if op == "log" and (exponent := _exponent_of(parts[0])) is not None:
        return exponent
    _in_domain(op, parts)
    whole = Apply(op, tuple(p.expr() for p in parts))
    if op in ("relu", "abs", "sign", "step", "minimum", "maximum", "clip"):
        return _chosen(op, parts)
    if all(p.rational is not None and abs(p.rational) < NEAR for p in parts):
        value = OPS[op].arb(*(_ball(p.rational or Fraction(0)) for p in parts))
        if value.is_exact() and value.is_finite():
            return rational(_exact(value))
    seen = enclosure(whole)(WHOLE)
    if op in ("floor", "round") and seen.range.low == seen.range.high:
        return rational(_exact(seen.range.low))
    if not seen.continuous:
        raise Undecided(f"{whole} is not defined")
    return atom(whole)


def _exact(value: arb) -> Fraction:
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _exponent_of(value: Coefficient) -> Coefficient | None:
    """a, where the number is exp(a) by its form."""
    ((product, factor),) = value.terms.items() if len(value.terms) == 1 else [((), 0)]
    if factor != 1 or len(product) != 1:
        return None
    (base, power_of) = product[0]
    if isinstance(base, Constant) and base.name == "e":
        return rational(power_of)
    if isinstance(base, Apply) and base.op == "exp":
        return exactly(base.args[0]) * rational(power_of)
    return None


def _in_domain(op: str, parts: list[Coefficient]) -> None:
    """Raises Undefined for a logarithm or root of a number of which there is none."""
    row = OPS[op]
    if row.domain[0] > -OPS["exp"].lipschitz:
        sign = (parts[0] + rational(-Fraction(row.domain[0]))).sign()
        if sign < 0 or (sign == 0 and not row.arb(arb(row.domain[0])).is_finite()):
            raise Undefined(f"{op}({parts[0]}) is not defined")


def _mirrored(op: str, parts: list[Coefficient]) -> Coefficient | None:
    """The value at a negative number by that at its opposite, so that tanh(-1) and tanh(1) are told to cancel."""
    row = OPS[op]
    if len(parts) != 1 or not (row.parity or row.mirror) or op in ("abs", "sign", "round", "neg"):
        return None
    with precision(BITS):
        if parts[0].sign() >= 0:
            return None
    opposite = -parts[0]
    if row.parity:
        value = applied(op, [opposite])
        return -value if row.parity == "odd" else value
    from rheobase.parse import parse

    return exactly(substitute(parse(row.mirror, ("a",)), {Parameter("a"): opposite.expr()}))


def _quarter_turns(value: Coefficient) -> int | None:
    """How many times pi/2 the number is, where it is so exactly."""
    if list(value.terms) != [((Constant("pi"), Fraction(1)),)]:
        return None
    turns = 2 * next(iter(value.terms.values()))
    return int(turns) if turns.denominator == 1 else None


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _chosen(op: str, parts: list[Coefficient]) -> Coefficient:
    a = parts[0]
    match op:
        case "relu":
            return a if a.sign() > 0 else ZERO
        case "abs":
            return a if a.sign() >= 0 else -a
        case "sign":
            return rational(a.sign())
        case "step":
            return rational(int(a.sign() >= 0))
        case "minimum" | "maximum":
            smaller = (a + -parts[1]).sign() < 0
            return a if smaller == (op == "minimum") else parts[1]
        case _:
            return _chosen("minimum", [_chosen("maximum", parts[:2]), parts[2]])


def _holds(condition: Expr) -> bool:
    assert isinstance(condition, Apply) and condition.op in COMPARISONS
    difference = (exactly(condition.args[0]) + -exactly(condition.args[1])).sign()
    return {"lt": difference < 0, "le": difference <= 0, "gt": difference > 0, "ge": difference >= 0}[condition.op]
