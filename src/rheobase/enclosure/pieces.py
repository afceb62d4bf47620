"""One piece of a formula: every switch as it stands at a number, and the equality of two formulas piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import equal
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.constants import exactly
from rheobase.expr import Apply, Expr, Number, rebuild, with_args
from rheobase.ops import COMPARISONS
from rheobase.simplify import simplify

NEARBY = Fraction(1, 2**12)

Branch = tuple[Expr, Expr, Expr]
"""(switch, what the node is where it is positive, where it is negative)"""


def branches(node: Apply) -> list[Branch]:
    """The switches of a node, in the order in which they decide."""
    a = node.args
    match node.op:
        case "where":
            condition = a[0]
            if not (isinstance(condition, Apply) and condition.op in COMPARISONS):
                return []
            if condition.args[0] is condition.args[1]:
                taken = a[1] if condition.op in ("le", "ge") else a[2]
                return [(Number(1), taken, taken)]
            above = condition.op in ("gt", "ge")
            switch = simplify(condition.args[0] - condition.args[1])
            return [(switch, a[1], a[2]) if above else (switch, a[2], a[1])]
        case "relu":
            return [(a[0], a[0], Number(0))]
        case "abs":
            return [(a[0], a[0], -a[0])]
        case "sign":
            return [(a[0], Number(1), Number(-1))]
        case "step":
            return [(a[0], Number(1), Number(0))]
        case "maximum" | "minimum" if a[0] is a[1]:
            return [(Number(1), a[0], a[0])]
        case "maximum":
            return [(simplify(a[0] - a[1]), a[0], a[1])]
        case "minimum":
            return [(simplify(a[0] - a[1]), a[1], a[0])]
        case "clip":
            lowered, floor = (Apply("minimum", (p, a[2])) for p in a[:2])
            raised = Apply("maximum", (a[0], a[1]))
            return [(simplify(a[0] - a[1]), lowered, floor), (simplify(raised - a[2]), a[2], raised)]
        case _:
            return []


def resolved(expr: Expr, around: Fraction) -> Expr:
    """The formula with every switch as it stands at a number.

    Raises:
        Undecided: where a switch is 0 there.

    >>> from rheobase.parse import parse
    >>> str(resolved(parse("where(x >= 0, x, expm1(x)) + relu(x)"), Fraction(-1)))
    'expm1(x)'
    """
    box = iv.point(around)

    def rule(node: Expr, args: tuple[Expr, ...]) -> Expr:
        made = with_args(node, args)
        for _ in range(4):
            found = branches(made) if isinstance(made, Apply) else []
            if not found:
                break
            switch, positive, negative = found[0]
            sign = enclosure(switch)(box).range.sign
            if not sign and not made.symbols:
                break  # abs(0) is a number, and no switch
            if not sign:
                raise Undecided(f"the sign of {switch} is not told within a piece")
            made = positive if sign > 0 else negative
        return made

    return simplify(rebuild(expr, rule))


def same(a: Expr, b: Expr, cuts: Sequence[Fraction]) -> bool:
    """Are two formulas one function between the cuts, on each piece by their normal forms?

    The caller knows that neither has a break between two cuts.
    """
    if not cuts:
        return equal(a, b)
    inside = [p + (q - p) * Fraction(531, 1000) for p, q in pairwise(cuts)]
    gaps = [cuts[0] - 1, *inside, cuts[-1] + 1]
    try:
        return all(equal(resolved(a, p), resolved(b, p)) for p in gaps)
    except Undecided:
        return False


def one_formula(expr: Expr, p: Expr, breaks: Sequence[Expr]) -> bool:
    """Is one formula, analytic around the point, what holds on both its sides, up to the breaks next to it?"""
    around = exactly(p).interval()
    gaps = [iv.size(iv.sub(exactly(q).interval(), around)).low for q in breaks if q is not p]
    reach = min([NEARBY, *[Fraction(float(g)) / 3 for g in gaps]])
    near = Fraction(float(around.ball.mid()))
    if not (iv.point(near - reach).high < around.low and around.high < iv.point(near + reach).low):
        return False
    try:
        left, right = (resolved(expr, near + side * reach) for side in (-1, 1))
    except Undecided:
        return False
    box = iv.add(around, iv.between(-2 * reach, 2 * reach))
    return equal(left, right) and any(enclosure(piece)(box).analytic for piece in (left, right))
