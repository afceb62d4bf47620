"""What the truth says against verdicts on zeros, extrema, kinks and jumps, regularity, means and polynomials."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from against import MORE, no_break, proven, refuted
from case import FINE, Case, Place, agree, apart, digits, near, number, place_of
from flint import arb
from germ import sign
from truth import UNDEFINED, told

from rheobase.certify import Proven, Refuted
from rheobase.enclosure.interval import precision

INFINITE = arb.pos_inf()


def _interval(place: dict[str, Any]) -> tuple[arb, arb]:
    if "at" in place:
        at = number(place_of(place["at"]))
        return at.lower(), at.upper()
    return _end(place["low"]), _end(place["high"])


def _end(at: Any) -> arb:
    """A double, an infinity by name, or a special point by its formula."""
    if isinstance(at, str):
        return INFINITE if at == "inf" else -INFINITE if at == "-inf" else number(place_of(at))
    return number(Fraction(at))


@proven("zeros")
def _(case: Case, v: Proven) -> Iterator[str]:
    if not isinstance(v.value, list):
        yield from _many_zeros(case)
        return
    places = [_interval(p) for p in v.value]
    for p, a in case.seen:
        if a == 0 and not any(low <= number(p) <= high for low, high in places):
            yield f"f({float(p)}) = 0"
    signed = [(number(p), s) for p, a in case.seen if (s := sign(a))]
    if isinstance(case.verdicts.get("continuous"), Proven):
        for (p, a), (q, b) in pairwise(signed):
            if a != b and not any(not (high < p or q < low) for low, high in places):
                yield f"a zero between {digits(p, 10)} and {digits(q, 10)}"
    for place, (low, high) in zip(v.value, places, strict=True):
        if "at" in place:
            c = place_of(place["at"])
            at = UNDEFINED if c is None else case.f(c, FINE)
            if at == UNDEFINED or (told(at) and sign(at)):
                yield f"f({place['at']}) = {digits(at)}"
        elif low > high or (low.is_finite() and high.is_finite() and _one_sign(case, low, high)):
            yield f"no change of sign in [{digits(low, 15)}, {digits(high, 15)}]"


def _one_sign(case: Case, low: arb, high: arb) -> bool:
    a, b = case.f(low, FINE), case.f(high, FINE)
    return told(a) and told(b) and (sign(a) or 0) * (sign(b) or 0) > 0


def _many_zeros(case: Case) -> Iterator[str]:
    """Signs of f are met again and again, unless the verdict is on a stretch of zeros."""
    many = sum(1 for _, a in case.seen if a == 0) + _turned([a for _, a in case.seen])
    wide = [a for k in range(-300, 300) if told(a := case.f(Fraction(k * 377, 100)))]
    if many + _turned(wide) + sum(a == 0 for a in wide) < 3:
        yield "soft: infinitely many zeros, but hardly one is met"


def _turned(values: list[arb]) -> int:
    signs = [s for s in map(sign, values) if s]
    return sum(1 for a, b in pairwise(signs) if a != b)


@proven("extrema")
def _(case: Case, v: Proven) -> Iterator[str]:
    if not isinstance(v.value, list):
        wide = [a for k in range(-400, 400) if told(a := case.f(Fraction(k * 377, 1000)))]
        ways = [b - a for a, b in pairwise([a for _, a in case.seen])]
        if _turned(ways) + _turned([b - a for a, b in pairwise(wide)]) < 3:
            yield "soft: infinitely many extrema, but hardly one is met"
        return
    kinds = [place["kind"] for place in v.value]
    if any(a == b for a, b in pairwise(kinds)):
        yield f"two of one kind side by side: {kinds}"
    first = {"maximum": 1, "minimum": -1}[kinds[0]] if kinds else 0
    places = [(-INFINITE, -INFINITE), *map(_interval, v.value), (INFINITE, INFINITE)]
    met = set()
    for k, ((_, begin), (end, _)) in enumerate(pairwise(places)):
        # At the ends f may jump, and have its value from either side.
        inside = [(p, a) for p, a in case.seen if begin < number(p) < end]
        for (p, a), (q, b) in pairwise(inside):
            way = sign(b - a)
            met |= {way} & {1, -1}
            if way and first and way != first * (-1) ** k:
                yield f"f goes the other way between {float(p)} and {float(q)}, claimed {v.value[:4]}"
        for p, _ in inside:
            if first and told(s := case.f.slope(p)) and sign(s) == -first * (-1) ** k:
                yield f"f' at {float(p)} is {digits(s)}, claimed {v.value[:4]}"
    if not kinds and len(met) > 1:
        yield "a turn is met, none claimed"


def _broken(case: Case, order: int) -> Iterator[tuple[Place, str]]:
    """Special points beside which a derivative has two limits, or f not its value."""
    for c in case.places:
        left, right = case.sides(c, order)
        if apart(left, right) or (order == 0 and told(at := case.f(c, FINE)) and (apart(left, at) or apart(at, right))):
            yield c, f"derivative {order} goes from {digits(left)} to {digits(right)} at {digits(number(c))}"


def _regular(order: int) -> Any:
    def check(case: Case, v: Proven) -> Iterator[str]:
        for k in range(order + 1):
            yield from (text for _, text in _broken(case, k))

    return check


@proven("jumps")
def _(case: Case, v: Proven) -> Iterator[str]:
    if not isinstance(v.value, list):
        return
    claimed = [place_of(j["at"]) for j in v.value]
    for c, text in _broken(case, 0):
        if not any(t is not None and number(t).overlaps(number(c)) for t in claimed):
            yield text
    for c in claimed:
        yield from no_break(case, c, 0)


@proven("kinks")
def _(case: Case, v: Proven) -> Iterator[str]:
    claimed = [_interval(k) for k in v.value]
    jumps = [number(c) for c, _ in _broken(case, 0)]
    for c, text in _broken(case, 1):
        at = number(c)
        if case.f(c, FINE) == UNDEFINED or any(at.overlaps(j) for j in jumps) or not _joined(case, c):
            continue
        if not any(not (at < low or at > high) for low, high in claimed):
            yield text
    for kink in v.value:
        if "at" in kink and (c := place_of(kink["at"])) is not None:
            yield from no_break(case, c, 1)
            if case.f(c, FINE) == UNDEFINED or any(number(c).overlaps(j) for j in jumps):
                yield f"f is not continuous at {kink['at']}"


def _joined(case: Case, c: Place) -> bool:
    """Is f continuous at a point as far as many digits go?"""
    left, right = case.sides(c, 0)
    return agree(left, right, c) and agree(left, case.f(c, FINE), c)


@refuted("continuous", "c1", "c2", "smooth")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if "at" in v.proof:
        yield from no_break(case, place_of(v.proof["at"]), v.proof["order"])


@proven("trainable")
def _(case: Case, v: Proven) -> Iterator[str]:
    if told(s := case.f.slope(Fraction(v.proof["x"]))) and s == 0:
        yield f"f' at {v.proof['x']} is {digits(s)}"


@refuted("trainable")
def _(case: Case, v: Refuted) -> Iterator[str]:
    for p, _ in case.seen:
        if told(s := case.f.slope(p)) and sign(s):
            yield f"f' at {float(p)} is {digits(s)}"


def _differences(case: Case, degree: int) -> list[arb]:
    """Differences of one order more than the degree."""
    found = []
    for start in (Fraction(-7, 2), Fraction(1, 3), Fraction(17, 4)):
        row = [case.f(start + Fraction(k, 3), FINE) for k in range(degree + 2)]
        if not all(map(told, row)):
            continue
        while len(row) > 1:
            row = [b - a for a, b in pairwise(row)]
        found.append(row[0])
    return found


@refuted("universal")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if v.witness["degree"] < 100 and any(map(sign, _differences(case, v.witness["degree"]))):
        yield f"no polynomial of degree {v.witness['degree']}"


@proven("universal")
def _(case: Case, v: Proven) -> Iterator[str]:
    differences = _differences(case, 12)
    if len(differences) == 3 and not any(map(sign, differences)):
        yield "soft: a polynomial, by its differences"


@proven("zero_centred")
def _(case: Case, v: Proven) -> Iterator[str]:
    yield from _other_mean(case, 0.0, 0.0)


@refuted("zero_centred")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if "mean_low" in v.witness:
        yield from _other_mean(case, v.witness["mean_low"], v.witness["mean_high"])


def _other_mean(case: Case, low: float, high: float) -> Iterator[str]:
    """The mean by the midpoint rule, with more and more pieces; nothing is said where these do not agree."""
    found: list[float] = []
    for pieces in (200, 600, 1800):
        mean = _mean(case, pieces)
        if mean is None:
            return
        found.append(mean)
    off = max(low - found[-1], found[-1] - high)
    moved = max(abs(a - b) for a, b in pairwise(found))
    if off > 20 * moved + 1e-9 * (1 + abs(low)):
        yield f"E f is about {found[-1]:.10g}, claimed in [{low}, {high}]"


REACH = 13


def _mean(case: Case, n: int) -> float | None:
    """E f(z) on n pieces between -13 and 13, cut at the special points; None where f is too large at the ends."""
    cuts = sorted({Fraction(-REACH), *[c for c in map(near, case.places) if abs(c) < REACH], Fraction(REACH)})
    total, largest = 0.0, 0.0
    with precision(64):
        for a, b in pairwise(cuts):
            m = max(1, round(n * float(b - a) / (2 * REACH)))
            for k in range(m):
                p = a + (b - a) * Fraction(2 * k + 1, 2 * m)
                value = case.f(_rounded(p), (64,))
                if not told(value) or not abs(value) < 10**200:
                    return None
                z = float(p)
                weighed = float(value) * 2.718281828459045 ** (-z * z / 2) * float(b - a) / m / 2.5066282746310002
                total, largest = total + weighed, max(largest, abs(weighed) if abs(z) > REACH - 1 else 0.0)
    return total if largest < 1e-12 else None


def _rounded(p: Fraction) -> Fraction:
    return Fraction(float(p))


MORE.update({"continuous": _regular(0), "c1": _regular(1), "c2": _regular(2), "smooth": _regular(3)})
