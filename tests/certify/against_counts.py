"""What mpmath says against verdicts on zeros, extrema, kinks and jumps, regularity, means and polynomials."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from against import MORE, NEAR, SLACK, Case, named, number, place_of, proven, refuted, slack
from mpmath import mp, mpf
from truth import UNDEFINED, Truth

from rheobase.certify import Proven, Refuted
from rheobase.expr import Apply, postorder
from rheobase.parse import parse


def _interval(place: dict[str, Any]) -> tuple[Any, Any]:
    if "at" in place:
        value = Truth(parse(place["at"]))(0)
        return value - abs(value) * SLACK, value + abs(value) * SLACK
    low, high = (_end(place[end]) for end in ("low", "high"))
    return low - abs(low) * mpf(10) ** -15, high + abs(high) * mpf(10) ** -15


def _end(told: Any) -> Any:
    """A double, an infinity by name, or a special point by its formula."""
    return mpf(told) if not isinstance(told, str) or told in ("inf", "-inf") else Truth(parse(told))(0)


@proven("zeros")
def _(case: Case, v: Proven) -> Iterator[str]:
    if not isinstance(v.value, list):
        many = sum(1 for _, a in case.seen if a == 0) + _turned([a for _, a in case.seen if a])
        wide = [a for k in range(-300, 300) if not isinstance(a := case.f(Fraction(k * 377, 100)), str)]
        if many + _turned(wide) + sum(a == 0 for a in wide) < 3:
            yield "soft: infinitely many zeros, but hardly one is met"
        return
    places = [_interval(p) for p in v.value]
    for p, a in case.seen:
        if a == 0 and not any(low <= number(p) <= high for low, high in places):
            yield f"f({float(p)}) = 0"
    signed = [(number(p), mp.sign(a)) for p, a in case.seen if a]
    whole = case.verdicts.get("continuous")
    for (p, a), (q, b) in pairwise(signed):
        if a != b and isinstance(whole, Proven) and not any(p <= high and low <= q for low, high in places):
            yield f"a zero between {mp.nstr(p, 10)} and {mp.nstr(q, 10)}"
    for low, high in places:
        a, b = case.f(low), case.f(high)
        if high - low > abs(low) * mpf(10) ** -14 and not isinstance(a, str) and not isinstance(b, str) and a * b > 0:
            yield f"no change of sign in [{mp.nstr(low, 15)}, {mp.nstr(high, 15)}]"


def _turned(values: list[Any]) -> int:
    return sum(1 for a, b in pairwise([mp.sign(v) for v in values if v]) if a != b)


@proven("extrema")
def _(case: Case, v: Proven) -> Iterator[str]:
    ways = [mp.sign(b - a) for (_, a), (_, b) in pairwise(case.seen) if abs(b - a) > slack(a, b)]
    met = _turned(ways)
    if not isinstance(v.value, list):
        wide = [a for k in range(-400, 400) if not isinstance(a := case.f(Fraction(k * 377, 1000)), str)]
        if met + _turned([b - a for a, b in pairwise(wide)]) < 3:
            yield "soft: infinitely many extrema, but hardly one is met"
        return
    if met > len(v.value):
        yield f"{met} turns are met, {len(v.value)} claimed"
    for place in v.value if isinstance(case.verdicts.get("continuous"), Proven) else ():
        low, high = _interval(place)
        middle, h = (low + high) / 2, (high - low) + mpf(10) ** -6 * max(abs(low), mpf(1) / 1000)
        at, left, right = case.f(middle), case.f(low - h), case.f(high + h)
        if any(isinstance(w, str) for w in (at, left, right)) or high - low > mpf("0.001"):
            continue
        side = 1 if place["kind"] == "maximum" else -1
        if side * (at - left) < -slack(at, left) and side * (at - right) < -slack(at, right):
            yield f"{place} is the other kind"


def _one_sided(case: Case, c: Fraction, order: int) -> list[Any]:
    """f, or its slope, at 1e-12 and 1e-15 beside a point on both sides: [left, left nearer, right nearer, right]."""
    steps = [Fraction(-1, 10**12), Fraction(-1, 10**15), Fraction(1, 10**15), Fraction(1, 10**12)]
    at = [c + s for s in steps]
    return [case.f(p) if order == 0 else case.f.slope(p, order) for p in at]


def _breaks(case: Case, order: int) -> list[tuple[Fraction, Any]]:
    """Special points at which f, or a derivative, seems to jump."""
    if order not in case.breaks:
        case.breaks[order] = list(_breaking(case, order))
    return case.breaks[order]


def _breaking(case: Case, order: int) -> Iterator[tuple[Fraction, Any]]:
    for c in {*case.special, *named(case.verdicts)}:
        a, b, d, e = _one_sided(case, c, order)
        if any(isinstance(w, str) for w in (a, b, d, e)):
            continue
        gap = abs(d - b)
        if gap > mpf(10) ** -6 and abs(a - b) < gap / 100 and abs(d - e) < gap / 100:
            yield c, gap


def _continuous(case: Case, v: Proven) -> Iterator[str]:
    for c, gap in _breaks(case, 0):
        yield f"a jump of {mp.nstr(gap, 6)} at {c}"
    for c in case.special:
        at, near = case.f(c), case.f(c + Fraction(1, 10**20))
        if not isinstance(at, str) and not isinstance(near, str) and abs(at - near) > mpf("0.001") * (1 + abs(at)):
            yield f"soft: f({c}) = {mp.nstr(at, 8)}, beside it {mp.nstr(near, 8)}"


def _c1(case: Case, v: Proven) -> Iterator[str]:
    yield from _continuous(case, v)
    for c, gap in _breaks(case, 1):
        yield f"the slope jumps by {mp.nstr(gap, 6)} at {c}"


def _c2(case: Case, v: Proven) -> Iterator[str]:
    yield from _c1(case, v)
    for c, gap in _breaks(case, 2):
        yield f"the second derivative jumps by {mp.nstr(gap, 6)} at {c}"


@proven("jumps")
def _(case: Case, v: Proven) -> Iterator[str]:
    told = {place_of(j["at"]) for j in v.value}
    for c, gap in _breaks(case, 0):
        if not any(t is not None and abs(t - c) < Fraction(1, 10**8) for t in told):
            yield f"a jump of {mp.nstr(gap, 6)} at {c}"


@proven("kinks")
def _(case: Case, v: Proven) -> Iterator[str]:
    told = [(Fraction(k["low"]), Fraction(k["high"])) if "low" in k else (place_of(k["at"]),) * 2 for k in v.value]
    jumps = {c for c, _ in _breaks(case, 0)}
    for c, gap in _breaks(case, 1):
        if case.f(c) == UNDEFINED:
            continue
        near = any(a is not None and b is not None and a - NEAR <= c <= b + NEAR for a, b in told)
        if c not in jumps and not near:
            yield f"the slope jumps by {mp.nstr(gap, 6)} at {c}"


@refuted("continuous", "c1", "c2", "smooth")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if "at" not in v.witness or (c := place_of(v.witness["at"])) is None:
        return
    order = v.witness.get("order", 0)
    if case.f(c) == UNDEFINED or order > 2:
        return
    if order == 0 and not isinstance(case.f(c), str):
        near = [w for w in _one_sided(case, c, 0) if not isinstance(w, str)]
        if near and all(abs(w - case.f(c)) < mpf(10) ** -9 * (1 + abs(w)) for w in near) and len(near) == 4:
            yield f"no jump at {c}"
    if order > 0:
        a, b, d, e = _one_sided(case, c, order)
        told = not any(isinstance(w, str) for w in (a, b, d, e))
        if told and max(abs(a - d), abs(b - e), abs(b - d)) < mpf(10) ** -9 * abs(b):
            yield f"derivative {order} does not jump at {c}: {mp.nstr(b, 15)}, {mp.nstr(d, 15)}"


@proven("trainable")
def _(case: Case, v: Proven) -> Iterator[str]:
    s = case.f.slope(Fraction(v.proof["x"]))
    if not isinstance(s, str) and s == 0:
        yield f"soft: f' at {v.proof['x']} is {mp.nstr(s, 6)}"


@refuted("trainable")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if any(isinstance(node, Apply) and node.op in ("floor", "round") for node in postorder(case.expr)):
        return  # stairs narrower than a difference quotient look like a slope
    for p, _ in case.seen:
        s = case.f.slope(p)
        if not isinstance(s, str) and mpf(10) ** -12 < abs(s) < mpf(10) ** 12:
            yield f"f' at {float(p)} is {mp.nstr(s, 6)}"


def _differences(case: Case, degree: int) -> list[Any]:
    """Divided differences of one more than the degree."""
    found = []
    for start in (Fraction(-7, 2), Fraction(1, 3), Fraction(17, 4)):
        row = [case.f(start + Fraction(k, 3)) for k in range(degree + 2)]
        if any(isinstance(a, str) for a in row):
            continue
        while len(row) > 1:
            row = [b - a for a, b in pairwise(row)]
        found.append(row[0])
    return found


@refuted("universal")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if v.witness["degree"] < 15 and any(abs(d) > mpf(10) ** -40 for d in _differences(case, v.witness["degree"])):
        yield f"no polynomial of degree {v.witness['degree']}"


@proven("universal")
def _(case: Case, v: Proven) -> Iterator[str]:
    differences = _differences(case, 12)
    if len(differences) == 3 and all(abs(d) < mpf(10) ** -60 for d in differences):
        yield "soft: a polynomial, by its differences"


@proven("zero_centred")
def _(case: Case, v: Proven) -> Iterator[str]:
    yield from _other_mean(case, 0.0, 0.0)


@refuted("zero_centred")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if "mean_low" not in v.witness:
        return
    yield from _other_mean(case, v.witness["mean_low"], v.witness["mean_high"])


def _other_mean(case: Case, low: float, high: float) -> Iterator[str]:
    """The mean by a rough rule, and where that is far from what is claimed, by a finer one."""
    found = None
    for pieces in (250, 4000):
        found = _mean(case, pieces)
        if found is None or low - 0.1 * (1 + abs(low)) <= found <= high + 0.1 * (1 + abs(high)):
            return
    yield f"E f is about {mp.nstr(found, 10)}, claimed in [{low}, {high}]"


def _mean(case: Case, n: int) -> Any:
    """E f(z) by the midpoint rule on n short pieces between -12 and 12."""
    total = 0.0
    run = Truth(case.expr).run
    with mp.workdps(20):
        for k in range(n):
            z = -12 + 24 * (k + 0.5) / n + 1e-9
            value = run(mpf(z))
            if isinstance(value, str):
                return None
            total += float(value) * 2.718281828459045 ** (-z * z / 2)
    return mpf(total * 24 / n / 2.5066282746310002)


MORE.update({"continuous": _continuous, "c1": _c1, "c2": _c2, "smooth": _c2})
