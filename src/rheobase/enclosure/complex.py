"""One analytic piece of a formula on the complex plane, for quadrature."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import acb, arb, fmpq

from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Undecided
from rheobase.expr import Apply, Constant, Expr, Number, Variable, postorder
from rheobase.ops import COMPARISONS

Rule = Callable[..., Any]

_ROOT_TWO = Fraction(1, 2)


def _log(a: acb, analytic: bool) -> acb:
    return a.log(analytic=analytic)


COMPLEX: dict[str, Rule] = {
    "add": lambda a, b, _: a + b,
    "sub": lambda a, b, _: a - b,
    "mul": lambda a, b, _: a * b,
    "div": lambda a, b, _: a / b,
    "neg": lambda a, _: -a,
    "exp": lambda a, _: a.exp(),
    "expm1": lambda a, _: a.expm1(),
    "log": _log,
    "log1p": lambda a, analytic: _log(1 + a, analytic),
    "sqrt": lambda a, analytic: a.sqrt(analytic=analytic),
    "sin": lambda a, _: a.sin(),
    "cos": lambda a, _: a.cos(),
    "tan": lambda a, _: a.tan(),
    "atan": lambda a, analytic: (_log(1 + acb(0, 1) * a, analytic) - _log(1 - acb(0, 1) * a, analytic)) / acb(0, 2),
    "sinc": lambda a, _: a.sinc(),
    "dsinc": lambda a, _: (a.cos() - a.sinc()) / a if not a.contains(0) else _dsinc(a),
    "tanh": lambda a, _: a.tanh(),
    "sinh": lambda a, _: a.sinh(),
    "cosh": lambda a, _: a.cosh(),
    "sech": lambda a, _: a.sech(),
    "asinh": lambda a, analytic: _log(a + (a * a + 1).sqrt(analytic=analytic), analytic),
    "sigmoid": lambda a, _: 1 / (1 + (-a).exp()),
    "softplus": lambda a, analytic: _log(1 + a.exp(), analytic),
    "log_sigmoid": lambda a, analytic: -_log(1 + (-a).exp(), analytic),
    "erf": lambda a, _: a.erf(),
    "erfc": lambda a, _: a.erfc(),
    "Phi": lambda a, _: (-a / acb(2).sqrt()).erfc() / 2,
    "phi": lambda a, _: (-a * a / 2).exp() / (2 * acb.pi()).sqrt(),
}
"""Primitives that are analytic; each is so on a neighbourhood of the real numbers on which it is defined."""


def _dsinc(a: acb) -> acb:
    """Bounded by the maximum of |sinc'| on a disc around 0: cosh of its radius."""
    bound = abs(a).cosh()
    return acb(arb(0, bound), arb(0, bound))


class Resolved:
    """The piece of a formula that holds around a point, every switch as it stands there."""

    def __init__(self, expr: Expr, around: Fraction) -> None:
        box = iv.point(around)
        self.nodes = [n for n in postorder(expr)]
        self.index = {n: i for i, n in enumerate(self.nodes)}
        self.box = box

    def __call__(self, z: acb, analytic: bool) -> acb:
        values: list[Any] = []
        for node in self.nodes:
            values.append(self._value(node, values, z, analytic))
        return values[-1]

    def _value(self, node: Expr, values: list[Any], z: acb, analytic: bool) -> Any:
        if isinstance(node, Number):
            return acb(arb(fmpq(node.value.numerator, node.value.denominator)))
        if isinstance(node, Constant):
            return acb(arb.pi() if node.name == "pi" else arb.const_e())
        if isinstance(node, Variable):
            return z
        assert isinstance(node, Apply)
        if node.op in COMPARISONS:
            return None
        args = [values[self.index[a]] for a in node.args]
        match node.op:
            case "where":
                return args[1] if self._holds(node.args[0]) else args[2]
            case "pow":
                return self._power(node, args, analytic)
            case "abs":
                return args[0] if self._sign(node.args[0]) > 0 else -args[0]
            case "relu":
                return args[0] if self._sign(node.args[0]) > 0 else acb(0)
            case "sign":
                return acb(self._sign(node.args[0]))
            case "step":
                return acb(int(self._sign(node.args[0]) > 0))
            case "minimum" | "maximum":
                smaller = self._sign(node.args[0] - node.args[1]) < 0
                return args[0] if smaller == (node.op == "minimum") else args[1]
            case "clip":
                if self._sign(node.args[0] - node.args[1]) < 0:
                    return args[1]
                return args[2] if self._sign(node.args[0] - node.args[2]) > 0 else args[0]
            case op if op in COMPLEX:
                return COMPLEX[op](*args, analytic)
        raise Undecided(f"{node.op} is not analytic")

    def _holds(self, condition: Expr) -> bool:
        assert isinstance(condition, Apply)
        sign = self._sign(condition.args[0] - condition.args[1], zero=True)
        return {"lt": sign < 0, "le": sign <= 0, "gt": sign > 0, "ge": sign >= 0}[condition.op]

    def _sign(self, expr: Expr, *, zero: bool = False) -> int:
        sign = enclosure(expr)(self.box).range.sign
        if sign is None or (sign == 0 and not zero):
            raise Undecided(f"the sign of {expr} is not told within a piece")
        return sign

    def _power(self, node: Apply, args: list[Any], analytic: bool) -> acb:
        exponent = node.args[1]
        if isinstance(exponent, Number) and exponent.value.denominator == 1:
            return args[0] ** int(exponent.value)
        return (args[1] * _log(args[0], analytic)).exp()
