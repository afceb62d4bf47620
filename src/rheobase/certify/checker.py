"""The checker: replays a certificate by the table's Arb column and tail rules; nothing of the search is used."""

from __future__ import annotations

from fractions import Fraction as Q
from itertools import pairwise
from typing import Any

from rheobase.differentiate import differentiate
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided, Undefined
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.expansion import End, Expansion, expand
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Number, substitute, x
from rheobase.parse import parse
from rheobase.simplify import simplify

SIGNS = {"+": {1}, "-": {-1}, "0": {0}, "+0": {0, 1}, "-0": {-1, 0}, "?": {-1, 0, 1}}
EVERY, UP, DOWN = tuple(SIGNS), ("+", "0", "+0"), ("-", "0", "-0")


class Broken(Undecided):
    """A certificate does not show what it is to show."""


def require(holds: Any, what: str) -> None:
    if not holds:
        raise Broken(f"the certificate does not hold: {what}")


def within(seen: iv.Interval, sign: str) -> bool:
    """Have all numbers of the interval a sign that `sign` allows?"""
    return all(s in SIGNS[sign] for s, there in ((-1, seen.low < 0), (1, seen.high > 0), (0, 0 in seen)) if there)


class Replay:
    """A formula and what of it can be replayed."""

    def __init__(self, formula: str) -> None:
        self.given = parse(formula)
        self.orders = [simplify(self.given)]

    def f(self, order: int = 0) -> Expr:
        while len(self.orders) <= order:
            self.orders.append(simplify(differentiate(self.orders[-1])))
        return self.orders[order]

    def at(self, point: Any, order: int = 0) -> iv.Interval:
        seen = enclosure(self.f(order))(iv.point(Q(point)))
        require(seen.defined, f"there is a value at {point}")
        return seen.range

    def value(self, p: Expr, of: Expr | None = None) -> Coefficient:
        return exactly(substitute(self.f() if of is None else of, {x: p}))

    def plain(self, p: Expr, of: Expr | None = None) -> bool:
        """Is the formula analytic around the point?"""
        around = iv.add(exactly(p).interval(), iv.between(-Q(1, 2**20), Q(1, 2**20)))
        return enclosure(self.f() if of is None else of)(around).analytic

    def sides(self, p: Expr, order: int = 0) -> list[Coefficient | str]:
        """The limits of a derivative from the left and from the right."""
        return [self.towards(End(p, side), self.f(order)).limit for side in (-1, 1)]

    def agrees(self, p: Expr, order: int = 0) -> bool:
        """Has a derivative one finite limit at the point, and f its value there?"""
        left, right = self.sides(p, order)
        if isinstance(left, str) or isinstance(right, str):
            return False
        try:
            return not (left + -right).sign() and (order > 0 or not (left + -self.value(p)).sign())
        except Undefined:
            return False

    def towards(self, end: End, of: Expr, r: int | None = None, terms: int = 3) -> Expansion:
        """The expansion of a formula, at the r told or at the first that does."""
        reason = ""
        for size in (4, 16, 64, 256, 1024, 4096, 65536, 2**24) if r is None else (r,):
            try:
                return expand(of, end, size, terms)
            except Undecided as error:
                reason = error.what
        raise Broken(reason)

    def cover(self, items: list[Any], of: Expr, signs: tuple[str, ...], *, rough: Any = None) -> list[Expr]:
        """The special points of a cover of the line on whose items f is continuous and `of` has a sign among `signs`.

        Where `rough` is given, f is analytic on all but the boxes that it names.
        """
        ends = [("", "-inf"), *((start, stop) for _, _, start, stop, *_ in items), ("inf", "")]
        require(all(a[1] == b[0] for a, b in pairwise(ends)), "a gap between two items")
        for kind, sign, start, stop, r, terms, how in items:
            require(sign in signs or kind == "point" or kind in signs, f"the sign {sign} on [{start}, {stop}]")
            if kind == "point":
                require(start == stop, "a point is one number")
                require(sign == "?" or self.value(parse(start), of).sign() in SIGNS[sign], f"the sign at {start}")
            elif kind in ("left", "right"):
                require(self._beside(of, kind, sign, start, stop, r, terms), f"the stretch from {start} to {stop}")
            else:
                box = iv.between(*(None if end in ("inf", "-inf") else Q(end) for end in (start, stop)))
                seen = enclosure(self.f())(box)
                kinked = rough is None or any([r["low"], r["high"]] == [start, stop] for r in rough)
                require(seen.analytic or (seen.continuous and kinked), f"continuity on [{start}, {stop}]")
                require(self._box(of, kind, box, sign, how), f"the sign on [{start}, {stop}]")
        return [parse(start) for kind, _, start, *_ in items if kind == "point"]

    def _beside(self, of: Expr, kind: str, sign: str, start: str, stop: str, r: int, terms: int) -> bool:
        side, goal, other = (-1, stop, Q(start)) if kind == "left" else (1, start, Q(stop))
        endless = goal in ("inf", "-inf")
        end = End(goal) if endless else End(parse(goal), side)
        here = Q(0) if endless else end.at.value if isinstance(end.at, Number) else None
        gap = iv.point(other - here) if here is not None else iv.sub(iv.point(other), exactly(parse(goal)).interval())
        gap = gap if (side > 0) != endless else iv.neg(gap)
        reached = gap.low >= r if endless else gap.low > 0 and gap.high <= iv.point(Q(1, r)).low
        found = expand(of, end, r, terms)
        holds = sign == "?" or (within(found.box, sign) if len(sign) > 1 else found.sign in SIGNS[sign])
        return bool(reached) and not expand(self.f(), end, r, 3).stairs and holds

    def _box(self, of: Expr, kind: str, box: iv.Interval, sign: str, how: str | None) -> bool:
        seen = enclosure(of)(box)
        if kind == "box" and how == "plain":
            return sign == "?" or within(seen.range, sign)
        slope, middle = simplify(differentiate(of)), iv.around(box.ball.mid())
        if how == "vertex":  # f >= f(m) + f'(m) d + min f'' d**2/2
            bend, steep = enclosure(simplify(differentiate(slope)))(box), enclosure(slope)(middle).range
            depth = iv.div(iv.whole_power(steep, 2), iv.mul(iv.point(2), bend.range))
            return sign == "+" and bend.analytic and bend.range.low > 0 < iv.sub(enclosure(of)(middle).range, depth).low
        if how == "mean":
            mean = iv.add(enclosure(of)(middle).range, iv.mul(enclosure(slope)(box).range, iv.sub(box, middle)))
            return seen.analytic and within(mean, sign)
        ends = [{enclosure(of)(iv.Interval(end, end)).range.sign} for end in box]
        return seen.analytic and bool(enclosure(slope)(box).range.sign) and ends == [SIGNS[s] for s in (sign * 2)[:2]]


def replay(formula: str, proofs: dict[str, Any]) -> dict[str, str]:
    """What the checker says of each property's proof: "holds", or why it does not."""
    from rheobase.certify.rules_ends import RULES

    found: dict[str, str] = {}
    for name, claim in proofs.items():
        try:
            with iv.precision(BITS):
                shown = RULES[name, claim["verdict"]](Replay(formula), {"name": name, **claim}, claim["proof"])
            require(shown, f"{name} does not follow")
            found[name] = "holds"
        except (RheobaseError, LookupError, AttributeError, ValueError, TypeError, ArithmeticError) as error:
            found[name] = getattr(error, "what", f"the certificate is not complete: {error}")
    return found
