"""Extent: the infimum and supremum, whether they are attained and where, and the Lipschitz constant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from flint import arb

from rheobase.certify.cover import Cover, positive, rising
from rheobase.certify.ends import ends_of, faster_wave, inner_slope
from rheobase.certify.items import Item
from rheobase.certify.points import plain_at, value
from rheobase.certify.subject import Subject, derivative, exact, settled
from rheobase.certify.verdict import Proven, Refuted, Verdict
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided
from rheobase.enclosure.expansion import LEFT, RIGHT, End
from rheobase.enclosure.facts import periodic
from rheobase.enclosure.interval import Interval, precision
from rheobase.enclosure.memory import remembered
from rheobase.enclosure.monomials import growth
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Number
from rheobase.parse import parse
from rheobase.simplify import simplify

KINKLESS = Fraction(1, 2**60)
"""So near no kink is when a slope counts as reached."""
DIGITS = 33
"""Bits to which a supremum without a short name is enclosed: ten decimal digits."""
GOLDEN = Fraction(6180339887, 10**10)


@dataclass(frozen=True, slots=True)
class Greatest:
    """A supremum.

    Attributes:
        low, high: an enclosure; both infinite where there is none.
        name: its exact value as text, where there is one.
        attained: True, False, or None where it was not told.
        where: a point near which it is attained or approached.
        proof: what the checker replays.
    """

    low: arb
    high: arb
    name: str | None
    attained: bool | None
    where: str
    proof: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: Coefficient
    where: str
    attained: bool
    proof: dict[str, Any]


class _Higher(Exception):
    """A point at which the function exceeds what was taken for its supremum."""

    def __init__(self, at: Fraction) -> None:
        self.at = at


class _Below(Cover):
    """A cover that shows h <= s, given as the sign of s - h; at `peak`, and maybe at -peak, h comes closest to s."""

    def __init__(self, subject: Subject, expr: Expr, accept: Callable[[str], bool], peak: Fraction | None) -> None:
        super().__init__(subject, expr, accept)
        self.peaks = [] if peak is None else [peak, -peak]

    def _between(self, low: Fraction, high: Fraction) -> list[Item]:
        """As every cover, but with one box around each peak, as wide as may be."""
        for peak in [p for p in self.peaks if low < p < high]:
            for bits in range(3, 24):
                left, right = peak - Fraction(1, 2**bits), peak + Fraction(1, 2**bits)
                if not (low < left and right < high and self.subject.on(left, right).analytic):
                    continue
                if self._vertex(left, right):
                    item = Item("box", "+", left, right, how="vertex")
                    return [*self._between(low, left), item, *self._between(right, high)]
        return super()._between(low, high)

    def _box(self, a: Fraction, b: Fraction) -> list[Item] | None:
        items = super()._box(a, b)
        if items is None:
            middle = (a + b) / 2
            if enclosure(self.expr)(iv.point(middle)).range.high < 0:
                raise _Higher(middle)
        return items


def supremum_of(subject: Subject, h: Expr, order: int) -> Greatest:
    """The supremum of h, which is ± a derivative of the subject's function.

    Raises:
        Undecided: where it is not told.
    """
    exact_ones: list[_Candidate] = []
    rivals = iv.NEG_INF
    for end in (LEFT, RIGHT):
        found = _towards(h, end)
        if isinstance(found, Greatest):
            return found
        if isinstance(found, _Candidate):
            exact_ones.append(found)
            found = found.value.interval().high
        rivals = found if found > rivals else rivals
    for p in subject.points:
        here = _at_point(subject, h, p, order)
        if isinstance(here, Greatest):
            return here
        exact_ones += here
        for candidate in here:
            top = candidate.value.interval().high
            rivals = top if not candidate.attained and top > rivals else rivals
    best = _summit(subject, h)
    for candidate in sorted(exact_ones, key=lambda c: (_middle(c.value), c.attained), reverse=True):
        if candidate.value.interval().high >= best[1].low:
            proven = _exactly_below(subject, h, candidate, order)
            if proven is not None:
                return proven
            break
    return _numerically(subject, h, order, best, rivals)


def _middle(value: Coefficient) -> float:
    with precision(BITS):
        return float(value.interval().ball.mid())


def _towards(h: Expr, end: End) -> Greatest | _Candidate | arb:
    """What h does far out: no supremum, a limit, or else how high it may come there."""
    found = settled(h, end)
    proof = {"end": end.at, "r": found.algebra.r, "terms": found.algebra.order}
    if found.swings:
        _, m = found.series.terms[0]
        if growth(m) > 0 and found.alternates:
            return Greatest(iv.INF, iv.INF, "inf", False, f"towards {end.at}", proof | {"alternates": True})
        return found.box.high
    try:
        top = found.limit
    except Undecided:
        if found.series.top is not None and growth(found.series.top) > 0:
            raise
        return found.box.high
    if top == "inf":
        return Greatest(iv.INF, iv.INF, "inf", False, f"towards {end.at}", proof)
    return iv.NEG_INF if isinstance(top, str) else _Candidate(top, f"towards {end.at}", False, proof)


def _at_point(subject: Subject, h: Expr, p: Expr, order: int) -> Greatest | list[_Candidate]:
    found: list[_Candidate] = []
    for side in (-1, 1):
        beside = settled(h, End(p, side))
        proof = {"end": str(p), "side": side, "r": beside.algebra.r, "terms": beside.algebra.order}
        top = beside.limit
        if top == "inf":
            return Greatest(iv.INF, iv.INF, "inf", False, f"beside {p}", proof)
        if isinstance(top, Coefficient):
            found.append(_Candidate(top, f"beside {p}", False, proof))
    if order == 0:
        at = value(h, p)
        if at is not None:
            found.append(_Candidate(at, f"at {p}", True, {"at": str(p)}))
    return found


@remembered(maxsize=64)
def _summit(subject: Subject, h: Expr) -> tuple[Fraction, Interval]:
    """The greatest value found on the grid, and by golden section beside its best points."""
    with precision(64):
        program = enclosure(h)
        seen = [(p, program(iv.point(p)).range) for p in subject.smooth_grid]
        if not seen:
            raise Undecided("f is not shown to be analytic at any point")
        ranked = sorted(seen, key=lambda t: float(t[1].low) if abs(t[1].low) < iv.INF else -1e300, reverse=True)
        grid = [p for p, _ in seen]
        best = ranked[0]
        for p, _ in ranked[:2]:
            i = grid.index(p)
            best = max(best, _golden(program, grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]), key=_low)
    with precision(BITS):
        return best[0], enclosure(h)(iv.point(best[0])).range


def _low(t: tuple[Fraction, Interval]) -> float:
    return float(t[1].low)


def _golden(program: Any, a: Fraction, b: Fraction) -> tuple[Fraction, Interval]:
    def at(p: Fraction) -> tuple[Fraction, Interval]:
        return p, program(iv.point(p)).range

    left, right = at(_short(b - (b - a) * GOLDEN)), at(_short(a + (b - a) * GOLDEN))
    for _ in range(44):
        if left[1].low >= right[1].low:
            b, right = right[0], left
            left = at(_short(b - (b - a) * GOLDEN))
        else:
            a, left = left[0], right
            right = at(_short(a + (b - a) * GOLDEN))
    return max(left, right, key=_low)


def _short(p: Fraction) -> Fraction:
    return Fraction(round(p * 2**50), 2**50)


def _exactly_below(subject: Subject, h: Expr, c: _Candidate, order: int) -> Greatest | None:
    """h <= c on the whole line, for an exact c that is a limit or a value."""
    gap = simplify(c.value.expr() - h)
    try:
        items = _Below(subject, gap, rising, None).search()
    except (RheobaseError, _Higher):
        return None
    points = [i for i in items if i.kind == "point"]
    if any(i.sign == "-" for i in points) or (order == 0 and not _told(subject, h, points)):
        return None
    low, high = _as_balls(*ends_of(c.value))
    # At a kink the slope is one of its sides': an item "point" of a slope shows nothing.
    touching = c.attained or any(i.sign == "0" for i in items)
    open_ = any(i.sign == "+0" or (i.kind == "point" and i.sign == "?") for i in items)
    where = next((i.at for i in points if i.sign == "0" and order == 0), None)
    flat = next((i for i in items if i.sign == "0" and i.kind != "point"), None)
    place = f"at {where}" if where else f"for x from {_end(flat, 2)} to {_end(flat, 3)}" if flat else c.where
    attained = True if touching else None if open_ else False
    proof = {"bound": str(c.value), "items": [i.to_list() for i in items], "reached": c.proof}
    return Greatest(low, high, str(c.value), attained, place, proof)


def _told(subject: Subject, h: Expr, points: list[Item]) -> bool:
    """Is the value at every special point told to be no exception, where there is one?"""
    untold = [parse(i.at or "0") for i in points if i.sign == "?"]
    return all(plain_at(subject.expr, p) or value(h, p) is None for p in untold)


def _end(item: Item, place: int) -> str:
    return item.to_list()[place]


def _as_balls(low: Any, high: Any) -> tuple[arb, arb]:
    with precision(BITS):
        return (
            iv.point(low).low if isinstance(low, Fraction) else low,
            iv.point(high).high if isinstance(high, Fraction) else high,
        )


def _numerically(subject: Subject, h: Expr, order: int, best: tuple[Fraction, Interval], rivals: arb) -> Greatest:
    """The supremum within ten digits; it is attained where no limit (the greatest is `rivals`) comes up to it."""
    scale = _scale(subject, h)
    for _ in range(12):
        at, seen = best
        if not abs(seen.low) < iv.INF:
            raise Undecided("the supremum is not told")
        exact(seen.low)
        ceiling = _ceiling(seen.high, scale)
        try:
            items = _Below(subject, simplify(Number(ceiling) - h), positive, at).search()
        except _Higher as higher:
            with precision(BITS):
                width = Fraction(1, 16)
                best = _golden(enclosure(h), higher.at - width, higher.at + width)
                if enclosure(h)(iv.point(higher.at)).range.low > best[1].low:
                    best = higher.at, enclosure(h)(iv.point(higher.at)).range
            continue
        if order > 0 and not subject.on(at - KINKLESS, at + KINKLESS).analytic:
            raise Undecided(f"f may have a kink at {float(at):.10g}")
        points = [i for i in items if i.kind == "point"]
        if order == 0 and not (all(i.sign in "+?" for i in points) and _told(subject, h, points)):
            raise Undecided("the value at a special point is not told")
        proof = {"bound": str(ceiling), "items": [i.to_list() for i in items], "reached": {"x": str(at)}}
        again = order == 0 and periodic(h) and enclosure(h)(iv.WHOLE).continuous
        attained = True if again or rivals < seen.low else None
        return Greatest(seen.low, iv.point(ceiling).high, None, attained, f"near {float(at):.10g}", proof)
    raise Undecided("the supremum moves on and on")


def _scale(subject: Subject, h: Expr) -> Fraction:
    """How large h is at half the places where it is looked at: an error far below that is none."""
    with precision(BITS):
        sizes = [iv.size(enclosure(h)(iv.point(p)).range).high for p in subject.smooth_grid if abs(p) <= 8]
    known = sorted((s for s in sizes if 0 < s < iv.INF), key=cmp_to_key(lambda a, b: (a > b) - (a < b)))
    if not known:
        return Fraction(1)
    try:
        return exact(known[len(known) // 2])
    except Undecided:  # nearly 0 at most places
        return Fraction(0)


def _ceiling(value: arb, scale: Fraction) -> Fraction:
    """A short number a little above: by ten digits of its size, or of the scale where it is nearly 0."""
    middle = exact(value)
    size = max(abs(middle), scale / 2**DIGITS) or Fraction(1)
    unit = Fraction(2) ** (size.numerator.bit_length() - size.denominator.bit_length() - DIGITS)
    return Fraction(int(middle / unit) + 2) * unit


def _upper(subject: Subject) -> Greatest:
    return supremum_of(subject, subject.f(), 0)


def _lower(subject: Subject) -> Greatest:
    return supremum_of(subject, simplify(-subject.f()), 0)


def supremum(subject: Subject) -> Verdict:
    """The least upper bound, and whether it is attained."""
    top = subject.keep("supremum", _upper)
    facts = {"value": top.name, "attained": top.attained, "where": top.where}
    return Proven("f ≤ s on a cover of the line, and s is reached", facts, top.low, top.high, proof=top.proof)


def infimum(subject: Subject) -> Verdict:
    """The greatest lower bound, and whether it is attained."""
    top = subject.keep("infimum", _lower)
    name = "-inf" if top.name == "inf" else None if top.name is None else str(simplify(-_parsed(top.name)))
    facts = {"value": name, "attained": top.attained, "where": top.where}
    return Proven("f ≥ s on a cover of the line, and s is reached", facts, -top.high, -top.low, proof=top.proof)


def _parsed(text: str) -> Expr:
    if text in ("inf", "-inf"):
        return Number(0)
    return Number(Fraction(text)) if set(text) <= set("-/0123456789") else parse(text)


def bounded_above(subject: Subject) -> Verdict:
    """Is there a number that f never exceeds?"""
    return _bounded(supremum(subject), -1)


def bounded_below(subject: Subject) -> Verdict:
    """Is there a number below which f never falls?"""
    return _bounded(infimum(subject), 1)


def _bounded(found: Verdict, side: int) -> Verdict:
    assert isinstance(found, Proven)
    end = found.high if side < 0 else found.low
    if end is not None and abs(end) == iv.INF:
        return Refuted("expansion", {"where": found.value["where"]}, proof=found.proof)
    return Proven(found.method, low=found.low, high=found.high, proof=found.proof)


def lipschitz(subject: Subject) -> Verdict:
    """The least L with |f(a) - f(b)| <= L |a - b|: infinite where f jumps, else the supremum of |f′|."""
    from rheobase.certify.regularity import continuous

    whole = continuous(subject)
    if isinstance(whole, Refuted):
        return Proven("f jumps", "inf", iv.INF, iv.INF, proof={"jump": whole.proof["at"]})
    if not isinstance(whole, Proven):
        raise Undecided("whether f jumps is not told")
    for end in (LEFT, RIGHT):
        if (wave := faster_wave(subject, end)) and isinstance(inner_slope(subject, end), str):
            return Proven("a wave that grows ever steeper", "inf", iv.INF, iv.INF, proof={"wave": wave | {"order": 1}})
    slope = derivative(subject.expr, 1)
    sides = [slope, simplify(-slope)]
    order = sorted((0, 1), key=lambda k: _reach(subject, sides[k]), reverse=True)
    for k in order:
        top = supremum_of(subject, sides[k], 1)
        if top.high == iv.INF:
            proof = {"unbounded": top.proof, "side": 1 - 2 * k}
            return Proven(f"f′ is unbounded {top.where}", "inf", iv.INF, iv.INF, proof=proof)
        gap, peak = simplify(_parsed(top.proof["bound"]) - sides[1 - k]), _summit(subject, sides[1 - k])[0]
        try:
            items = _Below(subject, gap, rising, peak).search()
        except (_Higher, Undecided):
            continue
        facts = {"value": top.name, "attained": top.attained, "where": top.where}
        proof = {"steepest": top.proof, "side": 1 - 2 * k, "other": [i.to_list() for i in items]}
        return Proven("|f′| ≤ L on a cover of the line", facts, top.low, top.high, proof=proof)
    raise Undecided("which slope is the steepest is not told")


def _reach(subject: Subject, h: Expr) -> float:
    """About how high h goes: by its values on the grid and its limits."""
    found = float(_summit(subject, h)[1].low)
    for end in [LEFT, RIGHT, *[End(p, side) for p in subject.points for side in (-1, 1)]]:
        try:
            top = settled(h, end)
            limit = top.limit
        except Undecided:
            continue
        found = max(found, float(limit) if isinstance(limit, str) else _middle(limit))
    return found
