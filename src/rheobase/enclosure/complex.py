"""One analytic piece of a formula on the complex plane, for quadrature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, fmpq

from rheobase.enclosure.coefficients import Undecided
from rheobase.expr import Apply, Constant, Expr, Number, postorder

Rule = Callable[..., Any]


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


class Analytic:
    """A formula without switches, on the complex plane.

    Raises:
        Undecided: for a primitive that is not analytic.
    """

    def __init__(self, expr: Expr) -> None:
        self.nodes = list(postorder(expr))
        self.index = {node: i for i, node in enumerate(self.nodes)}
        for node in self.nodes:
            if isinstance(node, Apply) and node.op not in COMPLEX and node.op != "pow":
                raise Undecided(f"{node.op} is not analytic")

    def __call__(self, z: acb, analytic: bool) -> acb:
        values: list[acb] = []
        for node in self.nodes:
            values.append(self._value(node, values, z, analytic))
        return values[-1]

    def _value(self, node: Expr, values: list[acb], z: acb, analytic: bool) -> acb:
        if isinstance(node, Number):
            return acb(arb(fmpq(node.value.numerator, node.value.denominator)))
        if isinstance(node, Constant):
            return acb(arb.pi() if node.name == "pi" else arb.const_e())
        if not isinstance(node, Apply):
            return z
        args = [values[self.index[a]] for a in node.args]
        if node.op != "pow":
            return COMPLEX[node.op](*args, analytic)
        exponent = node.args[1]
        if isinstance(exponent, Number) and exponent.value.denominator == 1:
            return args[0] ** int(exponent.value)
        return (args[1] * _log(args[0], analytic)).exp()
