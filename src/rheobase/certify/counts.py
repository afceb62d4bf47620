"""Counts: all zeros and all extrema, or the proof that there are infinitely many."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rheobase.certify.cover import directed, strict
from rheobase.certify.ends import swings
from rheobase.certify.items import Item
from rheobase.certify.points import Limit, less, plain_at, sides, value
from rheobase.certify.shape import covered, monotone
from rheobase.certify.subject import Subject
from rheobase.certify.verdict import Proven, Verdict
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.expansion import LEFT, RIGHT
from rheobase.enclosure.facts import periodic
from rheobase.enclosure.interval import NIL, WHOLE
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Number
from rheobase.parse import parse

ENDLESS = "infinitely many"


def steady(expr: Expr) -> bool:
    """Is the formula continuous on the whole line, by the table alone?"""
    return enclosure(expr)(WHOLE).continuous


def endless_signs(subject: Subject, order: int) -> dict[str, Any] | None:
    """A proof that a derivative takes both signs again and again."""
    expr = subject.f(order)
    for end in (LEFT, RIGHT):
        try:
            found = subject.towards(end, order)
        except Undecided:
            continue
        if found.alternates:
            return {"end": end.at, "r": found.algebra.r, "terms": found.algebra.order, "order": order}
    if periodic(expr) and steady(subject.expr):
        seen = subject.samples[order]
        up, down = (next((p for p, v in seen if v.sign == side), None) for side in (1, -1))
        if up is not None and down is not None:
            return {"rule": "periodic", "order": order, "points": [str(up), str(down)]}
    swing = swings(subject, RIGHT)
    if swing and swing.get("rule") == "wave":
        return swing
    return None


def endless_zeros(subject: Subject) -> dict[str, Any] | None:
    """A proof that f comes back to 0 again and again, whether it changes its sign there or not."""
    if proof := endless_signs(subject, 0):
        return proof
    if periodic(subject.expr):
        for p in subject.witnesses:
            if subject.at(p) == NIL:
                return {"rule": "periodic", "order": 0, "zero": str(p)}
    return None


def _place(item: Item) -> dict[str, Any]:
    if item.kind == "point":
        return {"at": item.at}
    return {"low": _number(item.low, -1), "high": _number(item.high, 1)}


def zeros(subject: Subject) -> Verdict:
    """All x with f(x) = 0; a stretch of zeros counts as infinitely many."""
    if proof := endless_zeros(subject):
        return Proven("f comes back to 0 without end", ENDLESS, proof=proof)
    items = covered(subject, 0, strict)
    found: list[dict[str, Any]] = []
    flat = False
    for item in items:
        if item.kind == "zero" or (item.kind == "point" and item.sign == "0" and not _inside_flat(items, item)):
            found.append(_place(item))
        elif item.sign == "0" and item.kind != "point":
            flat = True
        elif item.kind == "point" and item.sign == "?":
            raise Undecided(f"the sign at {item.at} is not told")
    proof = {"items": [i.to_list() for i in items]}
    if flat:
        return Proven("f = 0 on a whole piece of the line", ENDLESS, proof=proof)
    return Proven("signs of f on a cover of the line", found, proof=proof)


def _inside_flat(items: list[Item], item: Item) -> bool:
    i = items.index(item)
    return any(n.sign == "0" for n in (items[i - 1], items[i + 1]))


def extrema(subject: Subject) -> Verdict:
    """All turning points: where f stops rising and begins to fall, or the other way; a plateau counts once."""
    if proof := endless_signs(subject, 1):
        return Proven("f′ changes its sign without end", ENDLESS, proof=proof)
    try:
        found = monotone(subject)
        if isinstance(found, Proven):
            return Proven("f is monotone", [], proof={"monotone": found.proof})
    except RheobaseError:
        pass
    items = covered(subject, 1, directed)
    moves = _moves(subject, items)
    return Proven("signs of f′ on a cover of the line", _turns(moves), proof={"items": [i.to_list() for i in items]})


Move = tuple[int, bool, Item]
"""(direction, strictly so, where)"""


def _moves(subject: Subject, items: list[Item]) -> list[Move]:
    moves: list[Move] = []
    for item in items:
        if item.kind == "zero":
            moves += [(1 if item.sign[0] == "+" else -1, True, item), (1 if item.sign[1] == "+" else -1, True, item)]
        elif item.kind == "point":
            moves += [(way, True, item) for way in _jump(subject, item)]
        elif item.sign != "0":
            moves.append((1 if item.sign[0] == "+" else -1, len(item.sign) == 1, item))
    return moves


def _jump(subject: Subject, item: Item) -> list[int]:
    """The directions in which f jumps at a point: to its value there, and on from it."""
    p: Expr = parse(item.at or "0")
    if plain_at(subject.expr, p):
        return []
    here, at = sides(subject, p, 0), value(subject.expr, p)
    if at is None:
        raise Undecided(f"f has no value at {p}")
    steps: tuple[tuple[Limit, Limit], ...] = ((here.left, at), (at, here.right))
    return [way for a, b in steps if (way := less(a, b))]


def _turns(moves: list[Move]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    before: tuple[int, Item] | None = None
    weak: list[Move] = []
    for way, sharp, item in moves:
        if not sharp:
            weak.append((way, sharp, item))
            continue
        if before is not None:
            turned = before[0] != way
            if not turned and any(w != way for w, _, _ in weak):
                raise Undecided("a stretch on which the slope may be 0 is not told")
            if turned:
                found.append(_turn(before, (way, item)))
        elif any(w != way for w, _, _ in weak):
            raise Undecided("a tail on which the slope may be 0 is not told")
        before, weak = (way, item), []
    settled = before[0] if before is not None else 0
    if any(w != settled for w, _, _ in weak):  # with no sharp move at all, too
        raise Undecided("a tail on which the slope may be 0 is not told")
    return found


def _turn(before: tuple[int, Item], after: tuple[int, Item]) -> dict[str, Any]:
    kind = "maximum" if before[0] > 0 else "minimum"
    if before[1] is after[1]:
        return {"kind": kind, **_place(before[1])}
    low, high = _right_end(before[1]), _left_end(after[1])
    if low == high:
        return {"kind": kind, "at": str(low)}
    return {"kind": kind, "low": _number(low, -1), "high": _number(high, 1)}


def _right_end(item: Item) -> Fraction | str:
    """Where the item ends: a short number, or a point's name."""
    return item.high if item.high is not None else item.at or "inf"


def _left_end(item: Item) -> Fraction | str:
    return item.low if item.low is not None else item.at or "-inf"


def _number(end: Fraction | str | None, side: int) -> float | str:
    """An end as a double that does not cut the enclosure short; a point without a short number by its name."""
    if end is None:
        return "inf" if side > 0 else "-inf"
    if isinstance(end, str):
        named = parse(end) if end not in ("inf", "-inf") else None
        return outward(named.value, side) if isinstance(named, Number) else end
    return outward(end, side)
