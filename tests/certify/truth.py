"""A formula's value and derivatives at an exact number, or beside it: enclosed, or not told. No rule of the table's.

The meaning of each primitive is written here once more, in germs (see `germ`); `test_refutation` holds it against
mpmath. What is said is said for sure, so that a contradiction to it is a wrong proof.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Any

import germ
from flint import arb, ctx
from germ import Germ, Undefined, Untold, add, ball, constant, div, leading, mul, neg, sub

from rheobase.expr import Apply, Constant, Expr, Number, postorder

UNDEFINED, UNTOLD = "undefined", "untold"
PRECISIONS = (128, 512, 2048)
CLEAR = 64
"""Bits of a value that is clear enough."""
HALF = Fraction(1, 2)
Meaning = Callable[..., Any]


def told(value: Any) -> bool:
    return isinstance(value, arb)


def _compared(a: Germ, b: Germ, side: int) -> int:
    s = leading(sub(a, b), side)
    if s is None:
        raise Untold
    return s


def _smaller(a: Germ, b: Germ, side: int) -> Germ:
    try:
        return a if _compared(a, b, side) <= 0 else b
    except Untold:
        return (ball(a[0]).min(ball(b[0])),)


def _larger(a: Germ, b: Germ, side: int) -> Germ:
    return neg(_smaller(neg(a), neg(b), side))


def _sign(a: Germ, side: int) -> int:
    return _compared(a, constant(Fraction(0), a), side)


def _grown(a: Germ, of: Fraction = Fraction(1)) -> tuple[Germ, bool]:
    """(exp(-|of a|), is a positive?); either case holds for both signs."""
    above = bool(ball(a[0]) > 0)
    factor = constant(-abs(of) if above else abs(of), a)
    return germ.exp(mul(factor, a)), above


def _one(a: Germ) -> Germ:
    return constant(Fraction(1), a)


def _sigmoid(a: Germ, side: int) -> Germ:
    e, above = _grown(a)
    return div(_one(e) if above else e, add(_one(e), e), side)


def _tanh(a: Germ, side: int) -> Germ:
    if a[0] == 0 and len(a) == 1:
        return a
    e, above = _grown(a, Fraction(2))
    found = div(sub(_one(e), e), add(_one(e), e), side)
    return found if above else neg(found)


def _softplus(a: Germ, side: int) -> Germ:
    e, above = _grown(a)
    rest = germ.log1p(e, side)
    return add(a, rest) if above else rest


def _sech(a: Germ, side: int) -> Germ:
    e, _ = _grown(a)
    return div(add(e, e), add(_one(e), mul(e, e)), side)


def _asinh(a: Germ, side: int) -> Germ:
    if a[0] == 0 and len(a) == 1:
        return a
    above = bool(ball(a[0]) >= 0)
    size = a if above else neg(a)
    found = germ.log(add(size, germ.power(add(_one(a), mul(a, a)), constant(HALF, a), side)), side)
    return found if above else neg(found)


def _erf(a: Germ, _: int) -> Germ:
    """Far out Arb takes erf for 1, which it is not."""
    if a[0] == 0 and len(a) == 1:
        return a
    if abs(ball(a[0])) < 1000:
        return germ.series(a, lambda s: s.erf())
    tail = germ.exp(neg(mul(a[:1], a[:1])))[0]
    return ((1 if ball(a[0]) > 0 else -1) * (1 - tail.union(arb(0))),)


def _erfc(a: Germ, side: int) -> Germ:
    size = ball(a[0])
    if not abs(size) < 1000:
        return sub(_one(a[:1]), _erf(a, side)) if size < 0 else (germ.exp(neg(mul(a[:1], a[:1])))[0].union(arb(0)),)
    return germ.series(a, lambda s: s.erfc())


def _by(a: Germ, factor: arb | Fraction) -> Germ:
    return mul(constant(factor, a), a)


def _phi(a: Germ, _: int) -> Germ:
    return _by(germ.exp(_by(mul(a, a), -HALF)), 1 / (2 * arb.pi()).sqrt())


def _odd_at_zero(rule: Callable[[Any], Any]) -> Meaning:
    return lambda a, _: a if a[0] == 0 and len(a) == 1 else germ.series(a, rule)


def _halves(a: Germ, minus: bool) -> Germ:
    e, f = germ.exp(a), germ.exp(neg(a))
    return _by(sub(e, f) if minus else add(e, f), HALF)


MEANING: dict[str, Meaning] = {
    "add": lambda a, b, _: add(a, b),
    "sub": lambda a, b, _: sub(a, b),
    "neg": lambda a, _: neg(a),
    "mul": lambda a, b, _: mul(a, b),
    "div": div,
    "pow": germ.power,
    "lt": lambda a, b, side: _compared(a, b, side) < 0,
    "le": lambda a, b, side: _compared(a, b, side) <= 0,
    "gt": lambda a, b, side: _compared(a, b, side) > 0,
    "ge": lambda a, b, side: _compared(a, b, side) >= 0,
    "minimum": _smaller,
    "maximum": _larger,
    "clip": lambda a, low, high, side: _smaller(_larger(a, low, side), high, side),
    "abs": lambda a, side: _larger(a, neg(a), side),
    "relu": lambda a, side: _larger(a, constant(Fraction(0), a), side),
    "sign": lambda a, side: constant(Fraction(_sign(a, side)), a),
    "step": lambda a, side: constant(Fraction(_sign(a, side) >= 0), a),
    "floor": germ.floor,
    "round": germ.nearest,
    "exp": lambda a, _: germ.exp(a),
    "expm1": lambda a, _: germ.expm1(a),
    "log": germ.log,
    "log1p": germ.log1p,
    "sqrt": lambda a, side: germ.power(a, constant(HALF, a), side),
    "sin": _odd_at_zero(lambda s: s.sin()),
    "cos": lambda a, _: germ.series(a, lambda s: s.cos()),
    "tan": lambda a, side: div(germ.series(a, lambda s: s.sin()), germ.series(a, lambda s: s.cos()), side),
    "atan": _odd_at_zero(lambda s: s.atan()),
    "sinc": lambda a, _: germ.sinc(a),
    "dsinc": lambda a, _: germ.dsinc(a),
    "tanh": _tanh,
    "sinh": lambda a, _: a if a[0] == 0 and len(a) == 1 else _halves(a, minus=True),
    "cosh": lambda a, _: _halves(a, minus=False),
    "sech": _sech,
    "asinh": _asinh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "log_sigmoid": lambda a, side: neg(_softplus(neg(a), side)),
    "erf": _erf,
    "erfc": _erfc,
    "Phi": lambda a, side: _by(_erfc(_by(a, -1 / arb(2).sqrt()), side), HALF),
    "phi": _phi,
}


class Truth:
    """f at a number, a fraction or a ball: a ball, UNDEFINED, or UNTOLD."""

    def __init__(self, expr: Expr) -> None:
        self.nodes = list(postorder(expr))
        index = {node: i for i, node in enumerate(self.nodes)}
        self.args = [tuple(index[a] for a in n.args) if isinstance(n, Apply) else () for n in self.nodes]
        self.kept: dict[Any, Any] = {}

    def __call__(self, p: Fraction | int | float | arb, bits: tuple[int, ...] = PRECISIONS) -> Any:
        found = self.derivatives(p, 0, 0, bits)
        return found if isinstance(found, str) else found[0]

    def slope(self, p: Any, order: int = 1) -> Any:
        """A derivative, where the formula is one analytic function about the number."""
        return self.beside(p, 0, order)

    def beside(self, p: Any, side: int, order: int = 0, bits: tuple[int, ...] = PRECISIONS) -> Any:
        """The limit of a derivative from a side."""
        found = self.derivatives(p, side, order, bits)
        return found if isinstance(found, str) else found[order] if len(found) > order else UNTOLD

    def derivatives(self, p: Any, side: int, order: int, bits: tuple[int, ...] = PRECISIONS) -> Any:
        """f, f′, f″, …, as many as are told, at p itself or towards it from a side."""
        at = Fraction(p) if isinstance(p, int | float) else p
        key = (*at.mid().man_exp(), *at.rad().man_exp()) if isinstance(at, arb) else at, side, order, bits
        if key not in self.kept:
            self.kept[key] = self._clear(at, side, order, bits)
        return self.kept[key]

    def _clear(self, at: Fraction | arb, side: int, order: int, bits: tuple[int, ...]) -> Any:
        found: Any = UNTOLD
        for precision in bits:
            with ctx.workprec(precision):
                found = self._run(at, side, order)
            if found == UNDEFINED:
                return found
            if found != UNTOLD and len(found) > order and all(c.rel_accuracy_bits() >= CLEAR for c in found):
                return found
        return found

    def number(self) -> Fraction | arb | None:
        """A formula without x as a fraction, where it is seen to be one, or as a ball; None where it has no value."""
        found = self._germ((Fraction(0),), 0)
        return None if isinstance(found, str) else found[0]

    def _run(self, at: Fraction | arb, side: int, order: int) -> Any:
        # Beside a common zero of a quotient some coefficients are lost.
        more = order + 4 if side else order
        last = self._germ((at, Fraction(1), *[Fraction(0)] * more)[: more + 1], side)
        return last if isinstance(last, str) else [ball(c) * factorial(k) for k, c in enumerate(last[: order + 1])]

    def _germ(self, start: Germ, side: int) -> Any:
        values: list[Any] = []
        for node, places in zip(self.nodes, self.args, strict=True):
            values.append(_met(node, [values[i] for i in places], start, side))
        return values[-1]


def _met(node: Expr, args: list[Any], start: Germ, side: int) -> Any:
    if isinstance(node, Number):
        return constant(node.value, start)
    if isinstance(node, Constant):
        return constant(arb.pi() if node.name == "pi" else arb.const_e(), start)
    if not isinstance(node, Apply):
        return start
    if node.op == "where":
        return args[0] if isinstance(args[0], str) else args[1] if args[0] else args[2]
    flaws = [a for a in args if isinstance(a, str)]
    if flaws:
        return UNDEFINED if UNDEFINED in flaws else UNTOLD
    try:
        found = _same(node, args)
        return MEANING[node.op](*args, side) if found is None else found
    except Undefined:
        return UNDEFINED
    except Untold:
        return UNTOLD


def _same(node: Apply, args: list[Any]) -> Germ | bool | None:
    """What a difference, a comparison or the choice of one thing and itself is."""
    if len(node.args) != 2 or node.args[0] is not node.args[1]:
        return None
    match node.op:
        case "minimum" | "maximum":
            return args[0]
        case "lt" | "gt":
            return False
        case "le" | "ge":
            return True
        case "sub":
            return constant(Fraction(0), args[0])
    return None
