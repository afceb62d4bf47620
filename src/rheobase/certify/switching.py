"""A kink at a point without a short name: inside one box a switch passes 0 once and the branches part there."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rheobase.certify.items import Item
from rheobase.certify.subject import Subject
from rheobase.differentiate import differentiate
from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import equal
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Undecided
from rheobase.enclosure.interval import precision
from rheobase.enclosure.pieces import branches, resolved
from rheobase.expr import Apply, Expr, postorder, substitute
from rheobase.simplify import simplify


def kink_in(subject: Subject, item: Item) -> dict[str, Any]:
    """Shows that exactly one kink is in the box.

    Raises:
        Undecided: where it does not.
    """
    assert item.low is not None and item.high is not None
    with precision(BITS):
        box = iv.between(item.low, item.high)
        for node in postorder(subject.expr):
            if not isinstance(node, Apply):
                continue
            for switch, positive, negative in branches(node):
                sides = [simplify(substitute(subject.expr, {node: branch})) for branch in (positive, negative)]
                if _parts(subject.expr, box, item, switch, sides):
                    texts = [str(s) for s in sides]
                    return {"low": str(item.low), "high": str(item.high), "switch": str(switch), "sides": texts}
    raise Undecided(f"there may be a kink near x = {float(item.low):.9g}")


def _parts(expr: Expr, box: iv.Interval, item: Item, switch: Expr, sides: list[Expr]) -> bool:
    """Does the switch change its sign once, while the slopes of the two branches stay apart?"""
    assert item.low is not None and item.high is not None
    ends = [enclosure(switch)(iv.point(p)).range.sign for p in (item.low, item.high)]
    if not (ends[0] and ends[1] and ends[0] == -ends[1]):
        return False
    if not enclosure(simplify(differentiate(switch)))(box).range.sign:
        return False
    if not all(enclosure(s)(box).analytic for s in sides):
        return False
    first, second = (enclosure(simplify(differentiate(s)))(box).range for s in sides)
    return bool(iv.sub(first, second).sign) and _taken(expr, item.low, sides) and _taken(expr, item.high, sides)


def _taken(expr: Expr, p: Fraction, sides: list[Expr]) -> bool:
    """Is the formula one of its sides at a number, all other switches as they stand there?"""
    here = resolved(expr, p)
    return any(equal(here, resolved(side, p)) for side in sides)
