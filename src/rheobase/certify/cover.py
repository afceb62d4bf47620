"""The search for a cover of the line by items on each of which a formula keeps one sign.

The line is cut at the special points of the subject; beside each, and towards ±inf, an expansion tells the sign;
between, boxes are halved until plain enclosure, monotony between the ends, or the mean-value form tells.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import arb, fmpq

from rheobase.certify.items import Item
from rheobase.certify.subject import ORDERS, Subject, close_to, derivative, settled, value_of, with_sign
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Undecided
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.expansion import LEFT, RIGHT, End
from rheobase.enclosure.interval import Interval, precision
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Number, substitute, x

SIGNS = {1: "+", -1: "-", 0: "0"}
MAX_BOXES = 4000
MAX_STEPS = 500_000
"""Boxes times the operations of the formula and of its slope."""
NARROW = Fraction(1, 2**44)
HAIR = Fraction(1, 2**44)
CURVED = Fraction(1, 256)
"""Width of a box on which the second derivative is looked at, too."""
FINE = Fraction(1, 2**30)
"""Width of a box that may hold a kink: it is told from its neighbours' by nine digits."""


class _Again(Exception):
    """An exact zero was met: cut the line there and begin again."""

    def __init__(self, point: Expr) -> None:
        self.point = point


def weak_sign(range_: Interval) -> str | None:
    """The sign of all numbers of the interval, 0 allowed beside it."""
    if range_.low >= 0:
        return "+" if range_.low > 0 else "0" if range_.high == 0 else "+0"
    if range_.high <= 0:
        return "-" if range_.high < 0 else "-0"
    return None


class Cover:
    """A cover for the sign of `expr`, whose places of trouble are those of `subject`.

    `accept(sign)` says whether an item's sign will do: a proof that f' >= 0 takes "+", "0" and "+0", while a
    full structure takes no sign that may hide a zero.
    """

    def __init__(self, subject: Subject, expr: Expr, accept: Callable[[str], bool]) -> None:
        self.subject = subject
        self.expr = expr
        self.accept = accept
        self.boxes = 0
        self.steady = Fraction(0), Fraction(0)
        """The last box on which f was found continuous; so it is on every part of it."""
        self.most = min(MAX_BOXES, MAX_STEPS // (enclosure(expr).size + enclosure(derivative(expr, 1)).size))

    def search(self) -> list[Item]:
        """The items, from left to right.

        Raises:
            Undecided: where a place is not settled; says where.
        """
        points = list(self.subject.points)
        for _ in range(8):
            try:
                with precision(BITS):
                    return self._all(points)
            except _Again as again:
                if again.point in points:
                    raise Undecided(f"cannot settle the sign near {again.point}") from None
                points = sorted([*points, again.point], key=lambda p: value_of(p).ball.mid())
        raise Undecided("too many zeros at which nothing changes")

    def _all(self, points: list[Expr]) -> list[Item]:
        left = self._tail(LEFT, close_to(points[0]))
        right = self._tail(RIGHT, close_to(points[-1]))
        assert left.high is not None and right.low is not None
        items, begin = [left], left.high
        for i, p in enumerate(points):
            following = points[i + 1] if i + 1 < len(points) else None
            room = self._room(points, i)
            before = self._near(p, -1, room)
            after = self._near(p, +1, room)
            assert before.low is not None and after.high is not None
            items += [*self._between(begin, before.low), before, self._point(p), after]
            begin = after.high
            if following is None:
                items += self._between(begin, right.low)
        return [*items, right]

    def _room(self, points: list[Expr], i: int) -> Fraction:
        gaps = [abs(close_to(points[i]) - close_to(points[j])) for j in (i - 1, i + 1) if 0 <= j < len(points)]
        return min([Fraction(1), *[g / 3 for g in gaps]])

    def _tail(self, end: End, outermost: Fraction) -> Item:
        least = int(abs(outermost)) + 2
        side = 1 if end is RIGHT else -1
        own = self.subject.expr
        if self.accept("?"):
            return _tail_item(side, settled(self.expr, end, least, own).algebra.r, "?", ORDERS[0])
        try:
            sign, r, order = with_sign(self.expr, end, least, own)
            if self.accept(SIGNS[sign]):
                return _tail_item(side, r, SIGNS[sign], order)
        except Undecided as error:
            if item := self._weak_tail(end, side, least):
                return item
            for r in (least, 4 * least, 64 * least, 4096 * least):
                box = iv.between(Fraction(r), None) if side > 0 else iv.between(None, Fraction(-r))
                seen = enclosure(self.expr)(box)
                sign = weak_sign(seen.range)
                if sign and self.accept(sign) and seen.analytic and enclosure(own)(box).analytic:
                    return _tail_item(side, r, sign, None)
            raise Undecided(f"towards {end.at}: {error.what}") from None
        raise Undecided(f"the sign towards {end.at} is {SIGNS[sign]}")

    def _weak_tail(self, end: End, side: int, least: int) -> Item | None:
        """A tail whose expansion touches 0 but does not pass it, as 1 - sin(2*x) does."""
        try:
            found = settled(self.expr, end, least, self.subject.expr)
            sign = weak_sign(found.box)
        except Undecided:
            return None
        if not sign or not self.accept(sign):
            return None
        return _tail_item(side, found.algebra.r, sign, ORDERS[0])

    def _near(self, p: Expr, side: int, room: Fraction) -> Item:
        least = 1 << int(1 / room).bit_length()  # a power of two, so that 1/r is an exact number
        try:
            if self.accept("?"):
                found = settled(self.expr, End(p, side), least, self.subject.expr)
                reach = inward(p, side, Fraction(1, found.algebra.r))
                low, high = (None, reach) if side > 0 else (reach, None)
                return Item("right" if side > 0 else "left", "?", low, high, str(p), found.algebra.r, ORDERS[0])
            sign, r, order = with_sign(self.expr, End(p, side), least, self.subject.expr)
        except Undecided as error:
            where = "right" if side > 0 else "left"
            raise Undecided(f"to the {where} of {p}: {error.what}") from None
        reach = inward(p, side, Fraction(1, r))
        if not self.accept(SIGNS[sign]):
            raise Undecided(f"the sign beside {p} is {SIGNS[sign]}")
        low, high = (None, reach) if side > 0 else (reach, None)
        return Item("right" if side > 0 else "left", SIGNS[sign], low, high, str(p), r, order)

    def _point(self, p: Expr) -> Item:
        try:
            sign = SIGNS[exactly(substitute(self.expr, {x: p})).sign()]
        except (RheobaseError, ZeroDivisionError):
            sign = "?"
        return Item("point", sign, at=str(p))

    def _between(self, low: Fraction, high: Fraction) -> list[Item]:
        if low >= high:
            if low == high:
                return []
            raise Undecided(f"two special points near {float(low):.6g} are too close")
        done: list[Item] = []
        waiting = [(low, high)]
        last = high - low
        while waiting:
            a, b = waiting.pop()
            if b - a > 8 * last:  # no box much wider than the last one is likely to tell
                middle = _cut(a, a + 4 * last)
                waiting.append((middle, b))
                b = middle
            self.boxes += 1
            if self.boxes > self.most:
                raise Undecided(f"more than {self.most} boxes, the last near x = {float(a):.6g}")
            items = self._box(a, b)
            if items is not None:
                done += items
                last = b - a
                continue
            if b - a < NARROW * max(1, abs(a)):
                self._stuck(a, b)
            middle = _cut(a, b)
            waiting += [(middle, b), (a, middle)]
        return done

    def _stuck(self, a: Fraction, b: Fraction) -> None:
        middle = (a + b) / 2
        for bound in (12, 1000, 10**6):
            simple = middle.limit_denominator(bound)
            if abs(simple - middle) < 4 * (b - a) and _exact_zero(self.expr, Number(simple)):
                raise _Again(Number(simple))
        raise Undecided(f"cannot settle the sign near x = {float(middle):.9g}")

    def _box(self, a: Fraction, b: Fraction) -> list[Item] | None:
        box = iv.between(a, b)
        seen = enclosure(self.expr)(box)
        if self.accept("?"):
            narrow = b - a < FINE * max(1, abs(a))
            return [Item("box", "?", a, b, how="plain")] if seen.analytic or (seen.continuous and narrow) else None
        # What jumps need not show in a slope: that of sign(x) is 0.
        if not self.steady[0] <= a < b <= self.steady[1]:
            own = seen if self.expr is self.subject.expr else enclosure(self.subject.expr)(box)
            if not own.continuous:
                return None
            self.steady = a, b
        sign = weak_sign(seen.range)
        if sign and self.accept(sign):
            return [Item("box", sign, a, b, how="plain")]
        return self._by_slope(a, b, box) if seen.analytic else None

    def _by_slope(self, a: Fraction, b: Fraction, box: Interval) -> list[Item] | None:
        slope = enclosure(derivative(self.expr, 1))(box).range
        if slope.sign:
            ends = [enclosure(self.expr)(iv.point(p)).range.sign for p in (a, b)]
            if 0 in ends:
                raise _Again(Number(a if ends[0] == 0 else b))
            if ends[0] is None or ends[1] is None:
                return None
            sign = SIGNS[ends[0]]
            if ends[0] == ends[1]:
                return [Item("box", sign, a, b, how="slope")] if self.accept(sign) else None
            return self._narrowed(a, b, ends[0]) if self.accept("zero") else None
        middle = (a + b) / 2
        value = enclosure(self.expr)(iv.point(middle)).range
        half = iv.point((b - a) / 2)
        range_ = iv.add(value, iv.mul(slope, Interval(-half.high, half.high)))
        if range_.sign and self.accept(SIGNS[range_.sign]):
            return [Item("box", SIGNS[range_.sign], a, b, how="mean")]
        return [Item("box", "+", a, b, how="vertex")] if b - a < CURVED and self._vertex(a, b) else None

    def _vertex(self, a: Fraction, b: Fraction) -> bool:
        """Is the formula positive on a stretch on which it is convex, by f ≥ f(m) - f′(m)²/(2 min f″)?"""
        box = iv.between(a, b)
        bend = enclosure(derivative(self.expr, 2))(box)
        if not (bend.analytic and bend.range.low > 0 and self.accept("+")):
            return False
        middle = iv.around(box.ball.mid())
        slope = enclosure(derivative(self.expr, 1))(middle).range
        depth = iv.div(iv.whole_power(slope, 2), iv.mul(iv.point(2), bend.range))
        return bool(iv.sub(enclosure(self.expr)(middle).range, depth).low > 0)

    def _newton(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction] | None:
        """Short numbers on both sides of m - f(m)/f′, taken over the box, where that is much narrower."""
        middle = iv.point((low + high) / 2)
        slope = enclosure(derivative(self.expr, 1))(iv.between(low, high)).range
        found = iv.sub(middle, iv.div(enclosure(self.expr)(middle).range, slope))
        if not slope.sign or not found.width < iv.point((high - low) / 4).low:
            return None
        ends = [Fraction(float(end)) for end in found]
        room = (ends[1] - ends[0]) / 8 + HAIR / 4 * max(1, abs(low))
        left, right = max(low, ends[0] - room), min(high, ends[1] + room)
        return (left, right) if 0 < right - left < (high - low) / 2 else None

    def _narrowed(self, a: Fraction, b: Fraction, first: int) -> list[Item]:
        """The box around the one zero of a monotone stretch, cut down to a hair."""
        low, high = a, b
        program = enclosure(self.expr)

        def sign(p: Fraction) -> int | None:
            found = program(iv.point(p)).range.sign
            if found == 0:
                raise _Again(Number(p))
            return found

        while high - low > HAIR * max(1, abs(low)):
            if (nearer := self._newton(low, high)) and [sign(p) for p in nearer] == [first, -first]:
                low, high = nearer
                continue
            middle = _cut((low + high) / 2, (low + high) / 2 + (high - low) / 2**10)
            here = sign(middle)
            if here is None:
                break
            low, high = (middle, high) if here == first else (low, middle)
        simple = ((low + high) / 2).limit_denominator(1000)
        if low <= simple <= high and _exact_zero(self.expr, Number(simple)):
            raise _Again(Number(simple))
        items = [Item("zero", "-+" if first < 0 else "+-", low, high)]
        if a < low:
            items.insert(0, Item("box", SIGNS[first], a, low, how="slope"))
        if high < b:
            items.append(Item("box", SIGNS[-first], high, b, how="slope"))
        return items


def _tail_item(side: int, r: int, sign: str, order: int | None) -> Item:
    """A tail told by an expansion, or, where there is none, by enclosure on an endless box."""
    low, high = (Fraction(r), None) if side > 0 else (None, Fraction(-r))
    if order is None:
        return Item("box", sign, low, high, how="plain")
    return Item("left" if side > 0 else "right", sign, low, high, r=r, order=order)


def inward(p: Expr, side: int, reach: Fraction) -> Fraction:
    """A short number beside p, within `reach` of it and well away from it."""
    if isinstance(p, Number):
        return p.value + side * reach
    around = value_of(p)
    middle = around.ball.mid()
    target = middle + side * arb(fmpq(reach.numerator, reach.denominator)) * 3 / 4
    return Fraction(float(target)).limit_denominator(2**24)


def _cut(a: Fraction, b: Fraction) -> Fraction:
    """A short number near the middle, never a simple one: zeros like to be at simple ones."""
    if a < -8 and b > 8:
        return Fraction(37, 1024)
    if a >= 8 and b > 4 * a:
        middle = 2 * a
    elif b <= -8 and a < 4 * b:
        middle = 2 * b
    else:
        middle = (a + b) / 2
    scale = 2 ** max(0, 12 - int(b - a).bit_length()) if b - a >= 1 else 2**12 * int(1 / (b - a) + 1)
    return Fraction(int(middle * scale) * 2 + 1, 2 * scale)


def _exact_zero(expr: Expr, p: Expr) -> bool:
    try:
        return not exactly(substitute(expr, {x: p})).terms
    except (RheobaseError, ZeroDivisionError):
        return False


def strict(sign: str) -> bool:
    return sign in ("+", "-", "0", "zero")


def directed(sign: str) -> bool:
    return sign not in ("?",)


def rising(sign: str) -> bool:
    return sign in ("+", "0", "+0")


def falling(sign: str) -> bool:
    return sign in ("-", "0", "-0")


def positive(sign: str) -> bool:
    return sign == "+"


def anything(_: str) -> bool:
    return True
