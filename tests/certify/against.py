"""What mpmath says against each verdict: one function a property, each giving the contradictions that it finds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb
from mpmath import mp, mpf
from truth import UNDEFINED, Truth

from rheobase.certify import Proven, Refuted, Verdict
from rheobase.expr import Expr, Number, postorder
from rheobase.parse import parse

SLACK = mpf(10) ** -18
NEAR = Fraction(1, 10**8)
HUGE = arb(10) ** 300000
FAR = [Fraction(s * 10**k + 7, 3) for k in (2, 3, 5, 8, 12) for s in (1, -1)]


class Case:
    """One formula: its truth, points at which it is looked at, and all verdicts."""

    def __init__(self, expr: Expr, verdicts: dict[str, Verdict], rng: random.Random, many: int = 120) -> None:
        self.expr, self.verdicts = expr, verdicts
        self.f = Truth(expr)
        self.breaks: dict[int, list[tuple[Fraction, Any]]] = {}
        self.special = sorted({n.value for n in postorder(expr) if isinstance(n, Number)} | {Fraction(0)})
        self.points = sorted(self._points(rng, many))
        self.seen = [(p, v) for p in self.points if not isinstance(v := self.f(p), str)]

    def _points(self, rng: random.Random, many: int) -> set[Fraction]:
        found = {Fraction(k, 2) for k in range(-8, 9)} | {
            s * Fraction(10) ** k for s in (1, -1) for k in (-12, -6, 2, 4)
        }
        for c in [*self.special, *named(self.verdicts)][:24]:
            found |= {c} | {c + s * Fraction(1, 10**k) for s in (1, -1) for k in (2, 9)}
        for _ in range(many):
            reach = rng.choice([1, 3, 3, 10, 30, 100])
            found.add(Fraction(round(rng.uniform(-reach, reach) * 2**20), 2**20))
        return found

    def value(self, x: Any) -> Any:
        return self.f(x)


def named(verdicts: dict[str, Verdict]) -> list[Fraction]:
    """Places that the verdicts tell of: where extrema, zeros, kinks and suprema are said to be."""
    found: list[Fraction] = []
    for verdict in verdicts.values():
        if isinstance(verdict, Proven):
            places = verdict.value if isinstance(verdict.value, list) else [verdict.value]
            for place in places:
                found += [p for p in map(place_of, _texts(place)) if p is not None]
    return sorted(set(found))


def _texts(place: Any) -> list[str]:
    if not isinstance(place, dict):
        return []
    told = [place[k] for k in ("at", "low", "high") if k in place]
    if isinstance(place.get("where"), str):
        told.append(place["where"].split()[-1])
    return [str(t) for t in told]


def place_of(text: str) -> Fraction | None:
    if text in ("inf", "-inf"):
        return None
    try:
        with mp.workdps(40):
            value = Truth(parse(text))(0)
            return None if isinstance(value, str) else Fraction(str(mp.nstr(value, 30)))
    except Exception as error:  # noqa: BLE001 - a place that is no number is not looked at
        assert "x" not in text or error
        return None


def number(end: Any) -> Any:
    """An end of a verdict."""
    if isinstance(end, Fraction):
        return mpf(end.numerator) / end.denominator
    text = end.str(60, radius=False) if abs(end) < HUGE else ("inf" if end > 0 else "-inf")
    return mpf(text)


Check = Callable[[Case, Any], Iterator[str]]
PROVEN: dict[str, Check] = {}
REFUTED: dict[str, Check] = {}


def proven(*names: str) -> Callable[[Check], Check]:
    return lambda check: (PROVEN.update(dict.fromkeys(names, check)), check)[1]


def refuted(*names: str) -> Callable[[Check], Check]:
    return lambda check: (REFUTED.update(dict.fromkeys(names, check)), check)[1]


def slack(*values: Any) -> Any:
    return SLACK * max([abs(v) for v in values] + [mpf(10) ** -6])


def contradictions(case: Case) -> list[str]:
    """All that mpmath says against the verdicts."""
    found = []
    with mp.workdps(120):
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
    if p is not None and p.denominator < 10**20 and not isinstance(value := case.f(p), str):
        yield f"f({float(p)}) is {mp.nstr(value, 8)}"


def _monotone(case: Case, v: Proven) -> Iterator[str]:
    for (p, a), (q, b) in pairwise(case.seen):
        up, down = b - a > slack(a, b), a - b > slack(a, b)
        if (v.value in ("increasing", "constant") and down) or (v.value in ("decreasing", "constant") and up):
            yield f"{v.value}, but f({float(p)}) = {mp.nstr(a, 15)}, f({float(q)}) = {mp.nstr(b, 15)}"


@refuted("monotone")
def _(case: Case, v: Refuted) -> Iterator[str]:
    for name, way in (("rises", 1), ("falls", -1)):
        a, b = (case.f(Fraction(p)) for p in v.proof[name])
        if not isinstance(a, str) and not isinstance(b, str) and not way * (b - a) > 0:
            yield f"{name} {v.proof[name]}: {mp.nstr(a, 12)}, {mp.nstr(b, 12)}"
        if UNDEFINED in (a, b):
            yield f"{name} {v.proof[name]}: not defined there"


def _convex(case: Case, v: Proven) -> Iterator[str]:
    s = case.seen
    for k in (1, 7, 23):
        for (a, fa), (m, fm), (b, fb) in zip(s, s[k:], s[2 * k :], strict=False):
            weight = mpf((b - m).numerator) / (b - m).denominator / (mpf((b - a).numerator) / (b - a).denominator)
            chord = weight * fa + (1 - weight) * fb
            if fm - chord > slack(fa, fm, fb):
                yield f"f above the chord at {float(m)} between {float(a)} and {float(b)}"


@refuted("convex")
def _(case: Case, v: Refuted) -> Iterator[str]:
    a, m, b = (Fraction(p) for p in v.proof["points"])
    fa, fm, fb = (case.f(p) for p in (a, m, b))
    if UNDEFINED in (fa, fm, fb):
        yield "a point of the chord is not defined"
    elif not any(isinstance(w, str) for w in (fa, fm, fb)):
        weight = number(Fraction(b - m) / (b - a))
        if not fm > weight * fa + (1 - weight) * fb:
            yield f"f is not above the chord at {m}"


def _positive(case: Case, v: Proven) -> Iterator[str]:
    for p, a in case.seen:
        if a <= 0:
            yield f"f({float(p)}) = {mp.nstr(a, 10)}"


@refuted("positive")
def _(case: Case, v: Refuted) -> Iterator[str]:
    a = case.f(Fraction(v.proof["x"]))
    if not isinstance(a, str) and a > 0:
        yield f"f({v.proof['x']}) = {a}"


@proven("supremum", "bounded_above")
def _(case: Case, v: Proven) -> Iterator[str]:
    high, low = number(v.high), number(v.low)
    yield from _attained(case, v, low)
    for p, a in case.seen:
        if a - high > slack(a, high):
            yield f"f({float(p)}) = {mp.nstr(a, 25)} > {mp.nstr(high, 25)}"
    yield from _reached(case, [a for _, a in case.seen], low)


@proven("infimum", "bounded_below")
def _(case: Case, v: Proven) -> Iterator[str]:
    high, low = number(v.high), number(v.low)
    yield from _attained(case, v, low)
    for p, a in case.seen:
        if low - a > slack(a, low):
            yield f"f({float(p)}) = {mp.nstr(a, 25)} < {mp.nstr(low, 25)}"
    yield from _reached(case, [-a for _, a in case.seen], -high)


def _attained(case: Case, v: Proven, bound: Any) -> Iterator[str]:
    """Has f a value, near the bound, where it is said to reach it?"""
    if not isinstance(v.value, dict) or not v.value["attained"] or v.value["where"].split()[0] not in ("near", "at"):
        return
    p = place_of(v.value["where"].split(None, 1)[1])
    if p is None:
        return
    value = case.f(p)
    if isinstance(value, str):
        if value == UNDEFINED:
            yield f"no value at {p}, where {mp.nstr(bound, 12)} is said to be reached"
    elif abs(value - bound) > mpf("0.001") * (1 + abs(bound)):
        yield f"f({float(p)}) = {mp.nstr(value, 12)}, and not {mp.nstr(bound, 12)}"


def _reached(case: Case, values: list[Any], low: Any) -> Iterator[str]:
    """Does f come near the bound, at least far out or beside a special point?"""
    if not values:
        return
    beside = [c + s * Fraction(1, 10**k) for c in case.special for s in (1, -1) for k in (5, 15)]
    more = [m for p in [*FAR, *beside] if not isinstance(m := case.f(p), str)]
    best = max([*values, *more, *[-m for m in more]])
    if best < (5 if low == mpf("inf") else low - mpf("0.05") * (1 + abs(low))):
        yield f"soft: nothing comes near {mp.nstr(low, 12)}, at best {mp.nstr(best, 12)}"


@refuted("bounded_above", "bounded_below")
def _(case: Case, v: Refuted) -> Iterator[str]:
    yield from _reached(case, [a for _, a in case.seen], mpf("inf"))


@proven("lipschitz")
def _(case: Case, v: Proven) -> Iterator[str]:
    high, low = number(v.high), number(v.low)
    steepest = mpf(0)
    for (p, a), (q, b) in pairwise(case.seen):
        quotient = abs(b - a) / number(q - p)
        steepest = max(steepest, quotient)
        if quotient - high > slack(quotient, high):
            yield f"steeper than {mp.nstr(high, 20)} between {float(p)} and {float(q)}: {mp.nstr(quotient, 20)}"
    slopes = [(abs(s), p) for p, _ in case.seen if not isinstance(s := case.f.slope(p), str)]
    for s, p in slopes:
        if s - high > mpf(10) ** -12 * (1 + abs(s)) and high < mpf("inf"):
            yield f"f' at {float(p)} is {mp.nstr(s, 20)} > {mp.nstr(high, 20)}"
    best = max([s for s, _ in slopes] + [steepest])
    if best < (10 if low == mpf("inf") else low - mpf("0.05") * (1 + low)):
        yield f"soft: no slope near {mp.nstr(low, 12)}, at best {mp.nstr(best, 12)}"


def _mirror(sign: int) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        for p, a in case.seen:
            b = case.f(-p)
            if b == UNDEFINED or (not isinstance(b, str) and abs(a - sign * b) > slack(a, b)):
                there = b if isinstance(b, str) else mp.nstr(b, 10)
                yield f"f({float(p)}) = {mp.nstr(a, 10)}, f({-float(p)}) = {there}"

    return check


PROVEN["even"], PROVEN["odd"] = _mirror(1), _mirror(-1)


def _not_mirror(sign: int) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        p = Fraction(v.proof["x"])
        a, b = case.f(p), case.f(-p)
        if not isinstance(a, str) and not isinstance(b, str) and not abs(a - sign * b) > 0:
            yield f"f(±{p}) agree"

    return check


REFUTED["even"], REFUTED["odd"] = _not_mirror(1), _not_mirror(-1)


def _homogeneous(case: Case, v: Proven) -> Iterator[str]:
    for p, a in case.seen:
        for k in (2, 5):
            b = case.f(k * p)
            if not isinstance(b, str) and abs(b - k * a) > slack(a, b):
                yield f"f({k}*{float(p)}) = {mp.nstr(b, 10)}, f({float(p)}) = {mp.nstr(a, 10)}"


@refuted("homogeneous")
def _(case: Case, v: Refuted) -> Iterator[str]:
    p = Fraction(v.proof["x"])
    a, b = case.f(p), case.f(2 * p)
    if not isinstance(a, str) and not isinstance(b, str) and b == 2 * a:
        yield f"f(2*{p}) = 2 f({p})"


MORE: dict[str, Check] = {
    "positive": _positive,
    "monotone": _monotone,
    "convex": _convex,
    "homogeneous": _homogeneous,
}
"""What is checked beside whether f is defined."""
