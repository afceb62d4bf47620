"""What mpmath says against each verdict: one function a property, each giving the contradictions that it finds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf
from truth import UNDEFINED, Truth

from rheobase.certify import Proven, Refuted, Verdict
from rheobase.expr import Expr, Number, postorder
from rheobase.parse import parse

SLACK = mpf(10) ** -18
FAR = [Fraction(s * 10**k + 7, 3) for k in (2, 3, 5, 8, 12) for s in (1, -1)]


class Case:
    """One formula: its truth, points at which it is looked at, and all verdicts."""

    def __init__(self, expr: Expr, verdicts: dict[str, Verdict], rng: random.Random, many: int = 120) -> None:
        self.expr, self.verdicts = expr, verdicts
        self.f = Truth(expr)
        self.special = sorted({n.value for n in postorder(expr) if isinstance(n, Number)} | {Fraction(0)})
        self.points = sorted(self._points(rng, many))
        self.seen = [(p, v) for p in self.points if not isinstance(v := self.f(p), str)]

    def _points(self, rng: random.Random, many: int) -> set[Fraction]:
        found = {Fraction(k, 2) for k in range(-8, 9)} | {
            s * Fraction(10) ** k for s in (1, -1) for k in (-12, -6, 2, 4)
        }
        for c in [*self.special, *named(self.verdicts)][:24]:
            found |= {c, -c} | {c + s * Fraction(1, 10**k) for s in (1, -1) for k in (1, 3, 9)}
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
                found += [p for p in map(_place, _texts(place)) if p is not None]
    return sorted(set(found))


def _texts(place: Any) -> list[str]:
    if not isinstance(place, dict):
        return []
    told = [place[k] for k in ("at", "low", "high") if k in place]
    if isinstance(place.get("where"), str):
        told.append(place["where"].split()[-1])
    return [str(t) for t in told]


def _place(text: str) -> Fraction | None:
    if text in ("inf", "-inf"):
        return None
    try:
        with mp.workdps(40):
            value = Truth(parse(text))(0)
            return None if isinstance(value, str) else Fraction(str(mp.nstr(value, 30)))
    except Exception as error:  # noqa: BLE001 - a place that is no number is not looked at
        assert "x" not in text or error
        return None


def number(end: Any) -> mpf:
    """An end of a verdict."""
    if isinstance(end, Fraction):
        return mpf(end.numerator) / end.denominator
    text = end.str(60, radius=False) if abs(end) < 10**300000 else ("inf" if end > 0 else "-inf")
    return mpf(text)


Check = Callable[[Case, Any], Iterator[str]]
PROVEN: dict[str, Check] = {}
REFUTED: dict[str, Check] = {}


def proven(*names: str) -> Callable[[Check], Check]:
    return lambda check: (PROVEN.update(dict.fromkeys(names, check)), check)[1]


def refuted(*names: str) -> Callable[[Check], Check]:
    return lambda check: (REFUTED.update(dict.fromkeys(names, check)), check)[1]


def slack(*values: Any) -> mpf:
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


@proven("defined", "continuous", "c1", "c2", "smooth", "positive", "monotone", "convex", "odd", "homogeneous")
def _defined(case: Case, v: Proven) -> Iterator[str]:
    for p in case.points:
        if case.f(p) == UNDEFINED:
            yield f"f is not defined at {float(p)}"
    name = next(n for n, w in case.verdicts.items() if w is v)
    if name in MORE:
        yield from MORE[name](case, v)


@refuted("defined")
def _(case: Case, v: Refuted) -> Iterator[str]:
    p = _place(str(v.witness["x"]))
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
    if a == UNDEFINED or (not isinstance(a, str) and a > 0):
        yield f"f({v.proof['x']}) = {a}"


@proven("supremum", "bounded_above")
def _(case: Case, v: Proven) -> Iterator[str]:
    high, low = number(v.high), number(v.low)
    for p, a in case.seen:
        if a - high > slack(a, high):
            yield f"f({float(p)}) = {mp.nstr(a, 25)} > {mp.nstr(high, 25)}"
    yield from _reached(case, [a for _, a in case.seen], low)


@proven("infimum", "bounded_below")
def _(case: Case, v: Proven) -> Iterator[str]:
    high, low = number(v.high), number(v.low)
    for p, a in case.seen:
        if low - a > slack(a, low):
            yield f"f({float(p)}) = {mp.nstr(a, 25)} < {mp.nstr(low, 25)}"
    yield from _reached(case, [-a for _, a in case.seen], -high)


def _reached(case: Case, values: list[Any], low: mpf) -> Iterator[str]:
    """Does f come near the bound, at least far out or beside a special point?"""
    if not values:
        return
    more = [
        case.f(p) for p in [*FAR, *[c + s * Fraction(1, 10**k) for c in case.special for s in (1, -1) for k in (5, 15)]]
    ]
    best = max([*values, *[m for m in more if not isinstance(m, str)], *[-m for m in more if not isinstance(m, str)]])
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


def _far(case: Case, name: str) -> list[tuple[Fraction, Any]]:
    side = -1 if name.endswith("left") else 1
    points = [side * p for p in FAR if p > 0] + [side * Fraction(10**30 + 1, 3)]
    return [(p, v) for p in points if not isinstance(v := case.f(p), str)]


def _limit(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        far = _far(case, name)
        if not far:
            return
        low, high = number(v.low), number(v.high)
        p, last = far[-1]
        if abs(low) == mpf("inf"):
            if mp.sign(low) * last < 1 or mp.sign(low) * (last - far[0][1]) < 0:
                yield f"the limit is {low}, but f({float(p)}) = {mp.nstr(last, 10)}"
        elif max(low - last, last - high) > mpf("0.05") * (1 + abs(low)):
            yield f"the limit is {mp.nstr(low, 10)}, but f({float(p)}) = {mp.nstr(last, 10)}"

    return check


def _no_limit(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        seen = [case.f(side * (10**6 + Fraction(k * 314159, 10**5) / 5)) for k in range(40)]
        values = [a for a in seen if not isinstance(a, str)]
        if len(values) > 30 and (max(values) - min(values) <= mpf(10) ** -9 * abs(values[0]) or min(values) > 1000):
            yield f"soft: hardly moves far out: {mp.nstr(min(values), 12)} to {mp.nstr(max(values), 12)}"

    return check


def _asymptote(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        a, b = (Truth(parse(v.value[k]))(0) for k in ("slope", "intercept"))
        far = _far(case, name)
        if far and not isinstance(a, str) and not isinstance(b, str):
            p, last = far[-1]
            gap = last - a * number(p) - b
            if abs(gap) > mpf("0.05") * (1 + abs(b)):
                yield f"the line {v.value['slope']} x + {v.value['intercept']} misses f({float(p)}) by {mp.nstr(gap, 8)}"

    return check


def _no_asymptote(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        at = [side * (10**8 + 37 * k * k + Fraction(k * 314159, 10**6)) for k in range(1, 30)]
        seen = [(number(p), a) for p in at if not isinstance(a := case.f(p), str)]
        if len(seen) > 25:
            (p, a), (q, b) = seen[0], seen[-1]
            slope = (b - a) / (q - p)
            if all(abs(c - a - slope * (r - p)) < mpf(10) ** -25 * (1 + abs(a)) for r, c in seen):
                yield f"a line far out: slope {mp.nstr(slope, 10)}"

    return check


for _name in ("left", "right"):
    PROVEN[f"limit_{_name}"], REFUTED[f"limit_{_name}"] = _limit(_name), _no_limit(_name)
    PROVEN[f"asymptote_{_name}"], REFUTED[f"asymptote_{_name}"] = _asymptote(_name), _no_asymptote(_name)


@proven("growth")
def _(case: Case, v: Proven) -> Iterator[str]:
    for name in ("left", "right"):
        order = v.value[name]
        far = _far(case, name)
        if order == "at most 1" or len(far) < 3:
            continue
        if order == "0":
            if any(a != 0 for _, a in far[-2:]):
                yield f"0 on the {name}, but {mp.nstr(far[-1][1], 8)}"
            continue
        m = Truth(parse(re.sub(r"\bt\b", "x", order)))
        ratios = [abs(a / b) for p, a in far if not isinstance(b := m(abs(p)), str) and b]
        ratios = [r for r in ratios if r]
        if len(ratios) > 2 and not mpf(10) ** -4 < ratios[-1] / ratios[-2] < mpf(10) ** 4:
            yield f"soft: f over {order} on the {name}: {[mp.nstr(r, 6) for r in ratios]}"


def _saturates(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        slopes = [s for k in (2, 3, 5, 8, 12) if not isinstance(s := case.f.slope(side * Fraction(10**k + 7, 3)), str)]
        if slopes and abs(slopes[-1]) > mpf("0.05"):
            yield f"the slope far out is {mp.nstr(slopes[-1], 8)}"

    return check


def _moves_on(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        at = [side * Fraction(10**5 + 37 * k, 9) for k in range(12)]
        slopes = [abs(s) for p in at if not isinstance(s := case.f.slope(p), str)]
        if len(slopes) == 12 and max(slopes) < mpf(10) ** -6:
            yield f"soft: the slope far out is at most {mp.nstr(max(slopes), 8)}"

    return check


for _name in ("left", "right"):
    PROVEN[f"saturates_{_name}"], REFUTED[f"saturates_{_name}"] = _saturates(_name), _moves_on(_name)


def _mirror(sign: int) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        for p, a in case.seen:
            b = case.f(-p)
            if b == UNDEFINED or (not isinstance(b, str) and abs(a - sign * b) > slack(a, b)):
                yield f"f({float(p)}) = {mp.nstr(a, 10)}, f({-float(p)}) = {b if isinstance(b, str) else mp.nstr(b, 10)}"

    return check


PROVEN["even"] = _mirror(1)


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


def _interval(place: dict[str, Any]) -> tuple[mpf, mpf]:
    if "at" in place:
        value = Truth(parse(place["at"]))(0)
        return value - abs(value) * SLACK, value + abs(value) * SLACK
    low, high = mpf(place["low"]), mpf(place["high"])
    return low - abs(low) * mpf(10) ** -15, high + abs(high) * mpf(10) ** -15


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
        if (
            isinstance(v.value, list)
            and high - low <= 2 * abs(low) * SLACK
            and (m := case.f((low + high) / 2)) == UNDEFINED
        ):
            yield f"not defined at {m}"


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


def _breaks(case: Case, order: int) -> Iterator[tuple[Fraction, Any]]:
    """Special points at which f, or a derivative, seems to jump."""
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
    told = {_place(j["at"]) for j in v.value}
    for c, gap in _breaks(case, 0):
        if not any(t is not None and abs(t - c) < Fraction(1, 10**8) for t in told):
            yield f"a jump of {mp.nstr(gap, 6)} at {c}"


@proven("kinks")
def _(case: Case, v: Proven) -> Iterator[str]:
    told = [(Fraction(k["low"]), Fraction(k["high"])) if "low" in k else (_place(k["at"]),) * 2 for k in v.value]
    jumps = {c for c, _ in _breaks(case, 0)}
    for c, gap in _breaks(case, 1):
        if c not in jumps and not any(
            a is not None and b is not None and a - Fraction(1, 10**8) <= c <= b + Fraction(1, 10**8) for a, b in told
        ):
            yield f"the slope jumps by {mp.nstr(gap, 6)} at {c}"


@refuted("continuous", "c1", "c2", "smooth")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if "at" not in v.witness or (c := _place(v.witness["at"])) is None:
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
        if not any(isinstance(w, str) for w in (a, b, d, e)) and max(abs(a - d), abs(b - e), abs(b - d)) < mpf(
            10
        ) ** -9 * abs(b):
            yield f"derivative {order} does not jump at {c}: {mp.nstr(b, 15)}, {mp.nstr(d, 15)}"


@proven("trainable")
def _(case: Case, v: Proven) -> Iterator[str]:
    s = case.f.slope(Fraction(v.proof["x"]))
    if not isinstance(s, str) and abs(s) < mpf(10) ** -30:
        yield f"f' at {v.proof['x']} is {mp.nstr(s, 6)}"


@refuted("trainable")
def _(case: Case, v: Refuted) -> Iterator[str]:
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
    found = _mean(case)
    if found is not None and abs(found) > mpf("0.02"):
        yield f"E f is about {mp.nstr(found, 8)}"


@refuted("zero_centred")
def _(case: Case, v: Refuted) -> Iterator[str]:
    if "mean_low" not in v.witness:
        return
    found, low, high = _mean(case), v.witness["mean_low"], v.witness["mean_high"]
    if found is not None and not low - 0.02 * (1 + abs(low)) <= found <= high + 0.02 * (1 + abs(high)):
        yield f"E f is about {mp.nstr(found, 10)}, claimed in [{low}, {high}]"


def _mean(case: Case) -> Any:
    """E f(z) by the midpoint rule on 4,000 short pieces between -12 and 12."""
    total, n = 0.0, 4000
    run = Truth(case.expr).run
    with mp.workdps(20):
        for k in range(n):
            z = -12 + 24 * (k + 0.5) / n + 1e-9
            value = run(mpf(z))
            if isinstance(value, str):
                return None
            total += float(value) * 2.718281828459045 ** (-z * z / 2)
    return mpf(total * 24 / n / 2.5066282746310002)


MORE: dict[str, Check] = {
    "continuous": _continuous, "c1": _c1, "c2": _c2, "smooth": _c2, "positive": _positive, "monotone": _monotone,
    "convex": _convex, "odd": _mirror(-1), "homogeneous": _homogeneous,
}  # fmt: skip
