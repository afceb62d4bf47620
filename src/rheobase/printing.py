"""An Expr as formula text that parses back to the same Expr."""

from __future__ import annotations

import sys
from fractions import Fraction

from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable, postorder

SUM, PRODUCT, UNARY, POWER, ATOM = 1, 2, 3, 4, 5
"""Binding strength, as in Python's grammar."""

LEAST, GREATEST = Fraction(5e-324) / 2, Fraction(sys.float_info.max)
"""Literals outside would round to 0, or beyond the largest double."""

COMPARE = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def to_text(expr: Expr) -> str:
    """The formula's text; `parse(to_text(e), parameters) is e`."""
    made: dict[Expr, tuple[str, int]] = {}
    for node in postorder(expr):
        made[node] = _node(node, [made[a] for a in node.args])
    return made[expr][0]


def figure(value: float, digits: int = 3) -> str:
    """A measured number as a reader sees it, to a few digits.

    >>> figure(-0.00012345), figure(2.0)
    ('−0.000123', '2')
    """
    return f"{value:.{digits}g}".replace("-", "−")


def number_text(value: Fraction) -> str:
    """A shortest exact text: `0.044715`, `1e-30`, or `1/3` where no decimal is exact.

    >>> number_text(Fraction("0.044715")), number_text(Fraction(1, 3)), number_text(Fraction("1e-30"))
    ('0.044715', '1/3', '1e-30')
    """
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1 or (value and not LEAST <= abs(value) <= GREATEST):
        top, bottom = _whole_text(value.numerator), _whole_text(value.denominator)
        return top if bottom == "1" else f"{top}/{bottom}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator)
    sign = "-" if value < 0 else ""
    if not places:
        zeros = len(digits) - len(digits.rstrip("0")) if value else 0
        return sign + (f"{digits[:-zeros]}e{zeros}" if zeros >= 7 else digits)
    if places - len(digits) >= 6:
        return f"{sign}{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e-{places - len(digits) + 1}"
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _whole_text(value: int) -> str:
    """Digits, or where a literal would be beyond the doubles a sum that the parser folds."""
    if value < 0:
        return "-" + _whole_text(-value)
    if value <= GREATEST:
        return str(value)
    high, low = divmod(value, 10**300)
    return f"({_whole_text(high)}*1e300 + {low})" if low else f"({_whole_text(high)}*1e300)"


def _node(node: Expr, args: list[tuple[str, int]]) -> tuple[str, int]:
    if isinstance(node, Number):
        text = number_text(node.value)
        return text, PRODUCT if "/" in text else UNARY if node.value < 0 else ATOM
    if isinstance(node, Constant | Variable | Parameter):
        return node.name, ATOM
    assert isinstance(node, Apply)
    if node.op in INFIX:
        sign, strength, left, right = INFIX[node.op]
        return _wrap(args[0], left) + sign + _wrap(args[1], right), strength
    if node.op == "neg":
        # A quotient of numbers would take the sign for its own.
        inner = _wrap(args[0], ATOM if isinstance(node.args[0], Number) else POWER)
        return "-" + inner, UNARY
    if node.op in COMPARE:
        return f"{_wrap(args[0], SUM)} {COMPARE[node.op]} {_wrap(args[1], SUM)}", 0
    return f"{node.op}({', '.join(text for text, _ in args)})", ATOM


def _wrap(part: tuple[str, int], at_least: int) -> str:
    text, strength = part
    return text if strength >= at_least else f"({text})"


INFIX = {
    # op:   text,   strength, least strength of left and right
    "add": (" + ", SUM, SUM, PRODUCT),
    "sub": (" - ", SUM, SUM, PRODUCT),
    "mul": ("*", PRODUCT, PRODUCT, POWER),
    "div": ("/", PRODUCT, PRODUCT, POWER),
    "pow": ("**", POWER, ATOM, POWER),
}
