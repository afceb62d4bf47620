"""What the truth says against each verdict: one function a property, each giving the contradictions that it finds.

What is given is a wrong proof, but for hints, which begin with "soft:" and are about what no sample shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from case import BITS, FINE, Case, Place, agree, apart, digits, misses, named, near, number, place_of, stays
from flint import arb
from truth import UNDEFINED, told

from rheobase.certify import Proven, Refuted
from rheobase.enclosure.interval import precision

Check = Callable[[Case, Any], Iterator[str]]
PROVEN: dict[str, Check] = {}
REFUTED: dict[str, Check] = {}
__all__ = ["Case", "contradictions", "named"]


def proven(*names: str) -> Callable[[Check], Check]:
    return lambda check: (PROVEN.update(dict.fromkeys(names, check)), check)[1]


def refuted(*names: str) -> Callable[[Check], Check]:
    return lambda check: (REFUTED.update(dict.fromkeys(names, check)), check)[1]


def contradictions(case: Case) -> list[str]:
    """All that the truth says against the verdicts, two a property."""
    found = []
    with precision(BITS):
        for name, verdict in case.verdicts.items():
            table = PROVEN if isinstance(verdict, Proven) else REFUTED if isinstance(verdict, Refuted) else {}
            if name in table:
                found += [f"{name} {verdict.status}: {what}" for what in table[name](case, verdict)][:2]
    return found


@proven("defined", "continuous", "c1", "c2", "smooth", "positive", "monotone", "convex", "homogeneous")
def _defined(case: Case, v: Proven) -> Iterator[str]:
    for p in case.points:
        if case.f(p) == UNDEFINED:
            yield f"f is not defined at {float(p)}"
    name = next(n for n, w in case.verdicts.items() if w is v)
    if name in MORE:
        yield from MORE[name](case, v)


@refuted("defined")
def _(case: Case, v: Refuted) -> Iterator[str]:
    p = place_of(str(v.witness["x"]))
    if p is not None and told(value := case.f(p, FINE)):
        yield f"f({v.witness['x']}) is {digits(value)}"


def _monotone(case: Case, v: Proven) -> Iterator[str]:
    for (p, a), (q, b) in pairwise(case.seen):
        if (v.value in ("increasing", "constant") and a > b) or (v.value in ("decreasing", "constant") and a < b):
            yield f"{v.value}, but f({float(p)}) = {digits(a, 15)}, f({float(q)}) = {digits(b, 15)}"
    if v.value != "constant" and len(case.seen) > 9 and all(a == case.seen[0][1] for _, a in case.seen):
        yield f"soft: {v.value}, and everywhere the same"


@refuted("monotone")
def _(case: Case, v: Refuted) -> Iterator[str]:
    for name, way in (("rises", 1), ("falls", -1)):
        a, b = (case.f(Fraction(p), FINE) for p in v.proof[name])
        if UNDEFINED in (a, b) or (told(a) and told(b) and not way * (b - a) > 0):
            yield f"{name} {v.proof[name]}: {digits(a)}, {digits(b)}"


def _mixed(a: Fraction, m: Fraction, b: Fraction, fa: arb, fb: arb) -> arb:
    """The height of the chord."""
    weight = number((b - m) / (b - a))
    return weight * fa + (1 - weight) * fb


def _convex(case: Case, v: Proven) -> Iterator[str]:
    s = case.seen
    for k in (1, 7, 23):
        for (a, fa), (m, fm), (b, fb) in zip(s, s[k:], s[2 * k :], strict=False):
            if fm > _mixed(a, m, b, fa, fb):
                yield f"f above the chord at {float(m)} between {float(a)} and {float(b)}"


@refuted("convex")
def _(case: Case, v: Refuted) -> Iterator[str]:
    a, m, b = (Fraction(p) for p in v.proof["points"])
    fa, fm, fb = (case.f(p, FINE) for p in (a, m, b))
    if UNDEFINED in (fa, fm, fb):
        yield "a point of the chord is not defined"
    elif all(map(told, (fa, fm, fb))) and not fm > _mixed(a, m, b, fa, fb):
        yield f"f is not above the chord at {m}"


def _positive(case: Case, v: Proven) -> Iterator[str]:
    for p, a in case.seen:
        if a <= 0:
            yield f"f({float(p)}) = {digits(a)}"


@refuted("positive")
def _(case: Case, v: Refuted) -> Iterator[str]:
    a = case.f(Fraction(v.proof["x"]), FINE)
    if a == UNDEFINED or (told(a) and a > 0):
        yield f"f({v.proof['x']}) = {digits(a)}"


@proven("supremum", "bounded_above")
def _(case: Case, v: Proven) -> Iterator[str]:
    yield from _bound(case, v, number(v.low), number(v.high), 1)


@proven("infimum", "bounded_below")
def _(case: Case, v: Proven) -> Iterator[str]:
    yield from _bound(case, v, -number(v.high), -number(v.low), -1)


def _bound(case: Case, v: Proven, low: arb, high: arb, side: int) -> Iterator[str]:
    """Of ±f: is no value above the bound, does it reach it where it is said to?"""
    for p, a in case.seen:
        if side * a > high:
            yield f"f({float(p)}) = {digits(a, 25)}, beyond {digits(side * high, 25)}"
        if isinstance(v.value, dict) and v.value["attained"] is False and low == high == side * a:
            yield f"f({float(p)}) = {digits(a)}, and not only approached"
    if v.proof:
        yield from reaches(case, v.proof, low, high, side, 0)
    if isinstance(v.value, dict) and v.value["attained"] and v.value["where"].startswith("for x from"):
        a, b = (_end(text) for text in v.value["where"].split()[3::2])
        if told(value := case.f((a + b) / 2)) and side * value < low:
            yield f"f at {float((a + b) / 2)} is {digits(value)}"


def _end(text: str) -> Fraction:
    p = place_of(text)
    return Fraction(10**9) * (-1 if text[0] == "-" else 1) if p is None else near(p)


def reaches(case: Case, proof: dict[str, Any], low: arb, high: arb, side: int, order: int) -> Iterator[str]:
    """Does ±f, or its slope, come to within [low, high], or grow, where the proof says so?"""
    reached = proof.get("reached", proof)
    told_so = f"{digits(side * low)} is said to be reached at {reached}"
    if "x" in reached or "at" in reached:
        p = Fraction(reached["x"]) if "x" in reached else place_of(reached["at"])
        value = UNDEFINED if p is None else case.f.beside(p, 0, order) if order else case.f(p, FINE)
        if value == UNDEFINED or (told(value) and (side * value < low or ("at" in reached and side * value > high))):
            yield f"{told_so}: {digits(value)}"
        return
    end: str | Place | None = reached["end"] if reached["end"] in ("inf", "-inf") else place_of(reached["end"])
    if end is None:
        return
    before, after = case.towards(end, reached.get("side", 1), order)
    found = [side * v for v in before], [side * v for v in after]
    if stays(found, 1) if low == arb.pos_inf() else misses(found, low, high):
        yield f"{told_so}: {', '.join(digits(v) for v in [*before[-1:], *after[-1:]])}"
    if low == high == arb.pos_inf() or isinstance(end, str) or not isinstance(end, Fraction):
        return
    limit = case.f.beside(end, reached.get("side", 1), order, FINE)
    if told(limit) and (side * limit < low or side * limit > high):
        yield f"{told_so}: {digits(limit)}"


@refuted("bounded_above")
def _(case: Case, v: Refuted) -> Iterator[str]:
    yield from reaches(case, v.proof, arb.pos_inf(), arb.pos_inf(), 1, 0)


@refuted("bounded_below")
def _(case: Case, v: Refuted) -> Iterator[str]:
    yield from reaches(case, v.proof, arb.pos_inf(), arb.pos_inf(), -1, 0)


@proven("lipschitz")
def _(case: Case, v: Proven) -> Iterator[str]:
    high, low = number(v.high), number(v.low)
    for (p, a), (q, b) in pairwise(case.seen):
        if abs(b - a) / number(q - p) > high:
            yield f"steeper than {digits(high)} between {float(p)} and {float(q)}: {digits(abs(b - a) / number(q - p))}"
    for p, _ in case.seen:
        if told(s := case.f.slope(p)) and abs(s) > high:
            yield f"f' at {float(p)} is {digits(s, 20)}, steeper than {digits(high, 20)}"
    if "jump" in v.proof:
        yield from no_break(case, place_of(v.proof["jump"]), 0)
    elif "unbounded" in v.proof:
        yield from reaches(case, v.proof["unbounded"], low, high, v.proof["side"], 1)
    elif "steepest" in v.proof:
        yield from reaches(case, v.proof["steepest"], low, high, v.proof["side"], 1)


def no_break(case: Case, c: Place | None, order: int) -> Iterator[str]:
    """Is a derivative that is said to jump at a point the same on both its sides, and f there?"""
    if c is None:
        return
    left, right = case.sides(c, order)
    at = case.f(c, FINE) if order == 0 else left
    if agree(left, right, c) and (order or agree(left, at, c)):
        yield f"derivative {order} does not jump at {digits(number(c))}: {digits(left)}, {digits(right)}"


def _mirror(sign: int) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        for p, a in case.seen:
            b = case.f(-p)
            if b == UNDEFINED or apart(a, sign * b if told(b) else b):
                yield f"f({float(p)}) = {digits(a)}, f({-float(p)}) = {digits(b)}"

    return check


PROVEN["even"], PROVEN["odd"] = _mirror(1), _mirror(-1)


def _not_mirror(sign: int) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        p = Fraction(v.proof["x"])
        a, b = case.f(p, FINE), case.f(-p, FINE)
        if UNDEFINED in (a, b) or (told(a) and told(b) and a.overlaps(sign * b)):
            yield f"f(±{p}) agree: {digits(a)}, {digits(b)}"

    return check


REFUTED["even"], REFUTED["odd"] = _not_mirror(1), _not_mirror(-1)


def _homogeneous(case: Case, v: Proven) -> Iterator[str]:
    for p, a in case.seen:
        for k in (2, 5):
            if apart(b := case.f(k * p), k * a):
                yield f"f({k}*{float(p)}) = {digits(b)}, f({float(p)}) = {digits(a)}"


@refuted("homogeneous")
def _(case: Case, v: Refuted) -> Iterator[str]:
    p = Fraction(v.proof["x"])
    a, b = case.f(p, FINE), case.f(2 * p, FINE)
    if UNDEFINED in (a, b) or (told(a) and told(b) and b.overlaps(2 * a)):
        yield f"f(2*{p}) = 2 f({p})"


MORE: dict[str, Check] = {
    "positive": _positive,
    "monotone": _monotone,
    "convex": _convex,
    "homogeneous": _homogeneous,
}
"""What is checked beside whether f is defined."""
