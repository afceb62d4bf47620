"""Shape: does the function rise or fall for good, is it convex, is it positive, can it be trained?"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from rheobase.certify.cover import Cover, falling, positive, rising
from rheobase.certify.items import Item
from rheobase.certify.points import less, plain_at, sides, value
from rheobase.certify.subject import Subject, readable
from rheobase.certify.verdict import Proven, Refuted, Verdict
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.facts import by_composition
from rheobase.enclosure.interval import Interval
from rheobase.expr import ZERO
from rheobase.parse import parse


def covered(subject: Subject, order: int, accept: Callable[[str], bool]) -> list[Item]:
    """A cover for the sign of a derivative.

    Raises:
        Undecided: where a place is not told.
    """
    return Cover(subject, subject.f(order), accept).search()


def monotone(subject: Subject) -> Verdict:
    """Does f never fall, or never rise, on the whole line?

    Proven by f' keeping its sign on a cover, and by jumps that go the same way; refuted by two points
    between which f rises and two between which it falls.
    """
    if refuted := _both_ways(subject):
        return refuted
    if (way := by_composition(subject.expr)) and enclosure(subject.expr)(iv.WHOLE).defined:
        names = {1: "increasing", -1: "decreasing", 2: "constant"}
        return Proven("each primitive is monotone (table)", names[way], proof={"rule": "composition"})
    reasons = []
    for accept, side, name in ((rising, 1, "increasing"), (falling, -1, "decreasing")):
        try:
            items = covered(subject, 1, accept)
            _ordered(subject, items, side)
        except Undecided as error:
            reasons.append(error.what)
            continue
        flat = all(i.sign == "0" for i in items if i.kind != "point")
        return Proven(
            f"f′ {'≥' if side > 0 else '≤'} 0 on a cover of the line",
            "constant" if flat and not _jumps(subject) else name,
            proof={"items": [i.to_list() for i in items], "side": side},
        )
    raise Undecided(reasons[0])


def _jumps(subject: Subject) -> bool:
    from rheobase.certify.regularity import jumps

    found = jumps(subject)
    return not isinstance(found, Proven) or bool(found.value)


def _ordered(subject: Subject, items: list[Item], side: int) -> None:
    for item in items:
        if item.kind != "point" or plain_at(subject.expr, p := parse(item.at or "0")):
            continue
        here, at = sides(subject, p, 0), value(subject.expr, p)
        if at is None or side * less(here.left, at) < 0 or side * less(at, here.right) < 0:
            raise Undecided(f"a jump at {p} goes the other way")


def _both_ways(subject: Subject) -> Refuted | None:
    """Three points, or four, between which f rises and falls."""
    rise: list[Fraction] | None = None
    fall: list[Fraction] | None = None
    points = subject.samples[0]
    steps = sorted(pairwise(points), key=lambda t: max(readable(t[0][0]), readable(t[1][0])))
    for (p, a), (q, b) in steps:
        if a.high < b.low and rise is None:
            rise = [p, q]
        if b.high < a.low and fall is None:
            fall = [p, q]
    if rise is None or fall is None:
        for p, slope in subject.samples[1]:
            if slope.sign and (rise if slope.sign > 0 else fall) is None:
                pair = _pair(subject, p, slope.sign)
                if pair and slope.sign > 0:
                    rise = pair
                elif pair:
                    fall = pair
    if rise is None or fall is None:
        return None
    witness = {"rises": [float(p) for p in rise], "falls": [float(p) for p in fall]}
    return Refuted("values", witness, proof={"rises": _texts(rise), "falls": _texts(fall)})


def _texts(points: list[Fraction]) -> list[str]:
    return [str(p) for p in points]


def _pair(subject: Subject, p: Fraction, sign: int) -> list[Fraction] | None:
    """Two points close to p between which f goes as its slope says."""
    for bits in (4, 8, 12, 20, 30):
        q = p + Fraction(1, 2**bits)
        a, b = subject.at(p), subject.at(q)
        if (a.high < b.low) if sign > 0 else (b.high < a.low):
            return [p, q]
    return None


def convex(subject: Subject) -> Verdict:
    """Is f convex? Proven by f″ ≥ 0 on a cover and slopes that rise at kinks; refuted by a chord that f exceeds."""
    if refuted := _above_a_chord(subject):
        return refuted
    items = covered(subject, 2, rising)
    for item in items:
        if item.kind == "point" and not plain_at(subject.expr, p := parse(item.at or "0")):
            here, at = sides(subject, p, 0), value(subject.expr, p)
            if not here.agree or at is None or less(here.left, at) != 0:
                raise Undecided(f"f jumps at {p}")
            slopes = sides(subject, p, 1)
            if less(slopes.left, slopes.right) < 0:
                raise Undecided(f"the slope falls at {p}")
    if any(i.kind == "box" and i.how == "plain" and not _analytic(subject, i) for i in items):
        raise Undecided("a kink without a short name")
    return Proven("f″ ≥ 0 on a cover of the line", proof={"items": [i.to_list() for i in items]})


def _analytic(subject: Subject, item: Item) -> bool:
    return subject.on(item.low, item.high).analytic


def _above_a_chord(subject: Subject) -> Refuted | None:
    def exceeds(a: Fraction, m: Fraction, b: Fraction) -> bool:
        left, middle, right = subject.at(a), subject.at(m), subject.at(b)
        weight = (b - m) / (b - a)
        chord = _mix(left, right, weight)
        return bool(middle.low > chord.high)

    def refuted(a: Fraction, m: Fraction, b: Fraction) -> Refuted:
        witness = {"points": [float(a), float(m), float(b)], "why": "f lies above the chord at the middle point"}
        return Refuted("values", witness, proof={"points": _texts([a, m, b])})

    for p, bend in sorted(subject.samples[2], key=lambda t: readable(t[0])):
        if bend.sign == -1:
            for bits in (1, 3, 6, 12, 20):
                h = Fraction(1, 2**bits)
                if exceeds(p - h, p, p + h):
                    return refuted(p - h, p, p + h)
    points = subject.grid
    for a, m, b in zip(points, points[1:], points[2:], strict=False):
        if exceeds(a, m, b):
            return refuted(a, m, b)
    return None


def _mix(a: Interval, b: Interval, weight: Fraction) -> Interval:
    return iv.add(iv.mul(a, iv.point(weight)), iv.mul(b, iv.point(1 - weight)))


def positive_(subject: Subject) -> Verdict:
    """Is f > 0 at every x?"""
    for p in subject.witnesses:
        here = subject.at(p)
        if here.high <= 0:
            return Refuted("value", {"x": float(p), "f": float(here.high)}, proof={"x": str(p)})
    items = covered(subject, 0, positive)
    for item in items:
        if item.kind == "point" and item.sign != "+":
            raise Undecided(f"the sign at {item.at} is not told")
    return Proven("f > 0 on a cover of the line", proof={"items": [i.to_list() for i in items]})


def trainable(subject: Subject) -> Verdict:
    """Is there a stretch on which f′ is not 0, so that a gradient can move a weight?"""
    for p, slope in sorted(subject.samples[1], key=lambda t: readable(t[0])):
        if slope.sign:
            return Proven("value of f′", {"x": float(p), "slope": float(slope.low)}, proof={"x": str(p)})
    if subject.f(1) is ZERO:
        return Refuted("f′ = 0 by rewriting", {"why": "f′ is 0 wherever it exists"}, proof={"rule": "flat"})
    items = covered(subject, 1, lambda sign: sign == "0")
    witness = {"why": "f′ is 0 wherever it exists", "pieces": sum(i.kind == "point" for i in items) + 1}
    return Refuted("f′ = 0 on a cover of the line", witness, proof={"items": [i.to_list() for i in items]})
