"""A formula's value in mpmath at many digits, with what is not defined told from what is only too large."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
from mpmath import mp, mpf

sys.path.insert(0, str(Path(__file__).parents[1]))
import oracle
from rheobase.expr import Apply, Constant, Expr, Number, postorder
from rheobase.ops import COMPARISONS

MEANING = oracle.MEANING | {"dsinc": lambda a: (mpmath.cos(a) - mpmath.sin(a) / a) / a if a else mpf(0)}
UNDEFINED, UNTOLD = "undefined", "untold"
DIGITS = (50, 140)
NEAR = 50
"""Beyond, x + log(1 + exp(-x)) - x is 0 but for many digits."""
AGREE = mpf(10) ** -20
VANISHING = frozenset(("exp", "erfc", "sech", "phi", "Phi", "sigmoid", "softplus", "log_sigmoid"))
"""Never 0, though the oracle gives 0 far out."""
LEVELLING = frozenset(("sigmoid", "tanh", "erf", "Phi"))
"""Never 1 nor -1, though the oracle rounds to it: that matters where a switch looks at it."""
SWITCHING = COMPARISONS | {"floor", "round", "step", "sign"}


class Truth:
    """f at a number: an mpf, UNDEFINED, or UNTOLD where a step is too large or cancels too much to be told."""

    def __init__(self, expr: Expr) -> None:
        self.nodes = list(postorder(expr))
        self.index = {node: i for i, node in enumerate(self.nodes)}
        self.args = [tuple(self.index[a] for a in n.args) if isinstance(n, Apply) else () for n in self.nodes]
        self.switched = any(isinstance(n, Apply) and n.op in SWITCHING for n in self.nodes)
        self.vanishing = any(isinstance(n, Apply) and n.op in VANISHING | LEVELLING for n in self.nodes)
        self.kept: dict[Any, Any] = {}
        self.fixed: dict[int, tuple[list[Any], bool]] = {}

    def __call__(self, x: Fraction | float | Any) -> Any:
        if x not in self.kept:
            self.kept[x] = self._agreed(x)
        return self.kept[x]

    def _agreed(self, x: Any) -> Any:
        found = []
        for digits in DIGITS:
            with mp.workdps(digits):
                found.append(self.run(x))
        a, b = found
        if isinstance(a, str) or isinstance(b, str):
            return a if a == b else UNTOLD
        if a == b == 0 and abs(x) > NEAR and self.vanishing:
            return UNTOLD
        with mp.workdps(DIGITS[1]):
            return b if abs(a - b) <= AGREE * abs(b) else UNTOLD

    def run(self, x: Any) -> Any:
        """The value at the working precision."""
        at = mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mpf(x)
        if mp.prec not in self.fixed:
            values: list[Any] = [None] * len(self.nodes)
            self.fixed[mp.prec] = values, self._fill(values, at, fixed=True, levelled=False)
        values, levelled = self.fixed[mp.prec]
        values = values.copy()
        self._fill(values, at, fixed=False, levelled=levelled)
        return values[-1]

    def _fill(self, values: list[Any], at: Any, fixed: bool, levelled: bool) -> bool:
        """The values of the nodes without x, or of those with it; was one rounded to the limit of its primitive?"""
        for i, (node, places) in enumerate(zip(self.nodes, self.args, strict=True)):
            if fixed == bool(node.symbols):
                continue
            if isinstance(node, Number):
                values[i] = mpf(node.value.numerator) / node.value.denominator
            elif isinstance(node, Constant):
                values[i] = +mp.pi if node.name == "pi" else +mp.e
            elif isinstance(node, Apply):
                found = _apply(node, [values[k] for k in places])
                rounded = node.op in LEVELLING and not isinstance(found, str) and abs(found) == 1
                levelled |= rounded
                values[i] = UNTOLD if (rounded and self.switched) or (levelled and found == UNDEFINED) else found
            else:
                values[i] = at
        return levelled

    def slope(self, x: Any, order: int = 1, digits: int = 100) -> Any:
        """f' or f'' by central differences, some 20 digits right where f is smooth about x; else UNTOLD."""
        with mp.workdps(100):
            at = mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mpf(x)
            h = mpf(10) ** -25 * max(mpf(1) / 10**6, abs(at))
            seen = [self.run(at + k * h) for k in (-1, 0, 1)]
            if any(isinstance(v, str) for v in seen):
                return UNTOLD
            if order == 1:
                return (seen[2] - seen[0]) / (2 * h)
            return (seen[2] - 2 * seen[1] + seen[0]) / h**2


def _apply(node: Apply, args: list[Any]) -> Any:
    if node.op == "where":
        return args[0] if isinstance(args[0], str) else args[1] if args[0] else args[2]
    flaws = [a for a in args if isinstance(a, str)]
    if flaws:
        return UNDEFINED if UNDEFINED in flaws else UNTOLD
    try:
        if node.op == "pow" and args[0] < 0 and args[1] != int(args[1]):
            return UNDEFINED
        if node.op == "pow" and args[0] == 0 and args[1] <= 0:
            return mpf(1) if args[1] == 0 else UNDEFINED
        value = MEANING[node.op](*args)
    except (ZeroDivisionError, ValueError):
        return UNDEFINED
    except (OverflowError, MemoryError):
        return UNTOLD
    if isinstance(value, bool):
        return value
    if isinstance(value, mpmath.mpc):
        return UNDEFINED
    if mpmath.isnan(value) or (node.op in ("log", "log1p") and mpmath.isinf(value)):
        return UNDEFINED
    # exp of what is too large is 0 or infinite for the oracle; so is erfc of what is, and neither is true.
    if mpmath.isinf(value) or (value == 0 and node.op in VANISHING):
        return UNTOLD
    return value
