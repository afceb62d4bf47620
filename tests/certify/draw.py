"""Random formulas over all primitives, with switches, powers, clipped bounds and divisions."""

from __future__ import annotations

import random

from rheobase.expr import Expr
from rheobase.ops import FUNCTIONS, OPS
from rheobase.parse import parse

RARE = ("floor", "round", "tan", "dsinc")
UNARY = [name for name in sorted(FUNCTIONS) if OPS[name].arity == 1 and name not in RARE]
LEAVES = ("x", "x", "x", "x", "x", "1", "2", "0.5", "3", "-1", "0.1", "pi", "1.702", "sqrt(2)")
POWERS = ("2", "2", "3", "4", "-1", "-2", "0.5", "1.5")


def text(rng: random.Random, depth: int) -> str:
    """A formula's text of at most that depth.

    >>> text(random.Random(3), 2)
    'sign(sinc(-1))'
    """
    draw = rng.random()
    if depth == 0 or draw < 0.08:
        return rng.choice(LEAVES)

    def inner() -> str:
        return text(rng, depth - 1)

    if draw < 0.42:
        return f"{rng.choice(UNARY)}({inner()})"
    if draw < 0.44:
        return f"{rng.choice(RARE)}({inner()})"
    if draw < 0.72:
        return f"({inner()} {rng.choice('+-**')} {inner()})"
    if draw < 0.78:
        return f"({inner()} / {rng.choice([inner(), f'(1 + abs({inner()}))', f'(1 + ({inner()})**2)', '3'])})"
    if draw < 0.85:
        return f"({inner()})**({rng.choice(POWERS)})"
    if draw < 0.90:
        return f"{rng.choice(['max', 'min'])}({inner()}, {inner()})"
    if draw < 0.93:
        return f"clip({inner()}, {rng.choice(['-1', '0', '-3', inner()])}, {rng.choice(['1', '6', '2', inner()])})"
    left, sign = rng.choice(["x", "x", inner()]), rng.choice(["<", "<=", ">", ">="])
    return f"where({left} {sign} {rng.choice(['0', '1', '-1', 'x', '0.1'])}, {inner()}, {inner()})"


def formula(rng: random.Random, depth: int = 4) -> Expr:
    """A formula in which x occurs and that can be read."""
    from rheobase.errors import RheobaseError

    while True:
        drawn = text(rng, rng.randint(2, depth))
        try:
            expr = parse(drawn)
        except RheobaseError:  # a division by 0, a tower of powers
            continue
        if "x" in expr.symbols and expr.size <= 60:
            return expr
