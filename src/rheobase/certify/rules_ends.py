"""Rules of the ends, the counts and the algebra; see `rules`."""

from __future__ import annotations

from fractions import Fraction as Q
from itertools import pairwise
from typing import Any

from rheobase.certify.checker import DOWN, EVERY, UP, Replay, require
from rheobase.certify.rules import RULES, Proof, end_of, regular, rule, swings
from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import polynomial
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Coefficient, Undecided
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.expansion import End
from rheobase.enclosure.facts import EVEN, ODD, bounded, parity, periodic
from rheobase.enclosure.integral import Cut, beyond, exact_mean, gaussian_mean
from rheobase.enclosure.monomials import UNITY, T, decay, growth
from rheobase.enclosure.pieces import one_formula, same
from rheobase.expr import Expr, Number, Parameter, substitute, x
from rheobase.parse import parse
from rheobase.simplify import simplify

__all__ = ["RULES"]


@rule("proven", "limit_left", "limit_right")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    limit = it.towards(End(side_of(claim)), it.f(), proof["r"]).limit
    require(str(limit) == claim["value"], "another limit")
    if isinstance(limit, str):
        return claim["low"] == claim["high"] == limit
    return (
        iv.point(Q(claim["low"])).low <= limit.interval().low
        and limit.interval().high <= iv.point(Q(claim["high"])).high
    )


def side_of(claim: Proof) -> str:
    return "-inf" if claim["name"].endswith("left") else "inf"


@rule("refuted", "limit_left", "limit_right")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return proof.get("end", side_of(claim)) == side_of(claim) and proof.get("order", 0) == 0 and swings(it, proof)


@rule("proven", "asymptote_left", "asymptote_right")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    slope, level = (exactly(parse(claim["value"][part])).interval() for part in ("slope", "intercept"))
    told = (iv.Interval(iv.point(Q(claim["low"])).low, iv.point(Q(claim["high"])).high), slope)
    require(told[0].low <= slope.low and slope.high <= told[0].high, "another slope")
    low, high = (Q(claim["value"][end]) for end in ("intercept_low", "intercept_high"))
    require(iv.point(low).low <= level.low and level.high <= iv.point(high).high, "another intercept")
    require(iv.point(high - low).high <= 1e-12 * (1 + abs(low)), "an intercept that is not told")
    series = it.towards(End(side_of(claim)), it.f(), proof["r"], proof["terms"]).series
    require(series.error is None or growth(series.error[1]) < 0, "the error vanishes")
    there = {m: c for c, m in series.certain if growth(m) >= 0}
    rise = there.pop(T, Coefficient({}))
    rise = -rise if side_of(claim) == "-inf" else rise
    return (
        str(rise) == claim["value"]["slope"]
        and str(there.pop(UNITY, Coefficient({}))) == claim["value"]["intercept"]
        and not there
    )


@rule("refuted", "asymptote_left", "asymptote_right")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if proof.get("rule"):
        return swings(it, proof)
    series = it.towards(End(side_of(claim)), it.f(), proof["r"], proof["terms"]).series
    odd = [c for c, m in series.certain if growth(m) >= 0 and (m not in (T, UNITY) or not c.constant)]
    return any(c.sign() if c.constant else c.varies() for c in odd)


@rule("proven", "growth")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return all(
        goes_like(it, it.f(), End(at), claim["value"][name]) for name, at in (("left", "-inf"), ("right", "inf"))
    )


def goes_like(it: Replay, of: Expr, end: End, order: str) -> bool:
    """Is a formula of the order told, a formula in t = |x|: is their quotient a number that is not 0, or a wave?"""
    if order in ("0", "at most 1"):
        top = it.towards(end, of).series.top
        return top is None or (order != "0" and growth(top) <= 0)
    c, m = it.towards(end, of / in_t(order, end)).series.certain[0]
    return m == UNITY and bool(c.sign() if c.constant else c.varies())


def in_t(text: str, end: End) -> Expr:
    return substitute(parse(text, ("t",)), {Parameter("t"): -x if end.at == "-inf" else x})


@rule("proven", "saturates_left", "saturates_right")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    end, told = End(side_of(claim)), claim["value"]
    slope = it.towards(end, it.f(1))
    require(isinstance(slope.limit, Coefficient) and not slope.limit.terms, "the slope vanishes")
    if "approach" not in told:
        return told["rate"] == decay(slope.series.top)
    whole = it.towards(end, it.f())
    require(isinstance(whole.limit, Coefficient) and str(whole.limit) == told["limit"], "another limit")
    if told["approach"] == "0":
        settled = whole.series.error is None and all(m == UNITY for _, m in whole.series.terms)
        return settled and told["rate"] == decay(None)
    gap = it.f() - parse(told["limit"])
    ((_, m),) = it.towards(end, in_t(told["approach"], end)).series.terms
    ratio = it.towards(end, gap / in_t(told["approach"], end)).series
    require(ratio.top is not None and growth(ratio.top) <= 0, "an approach that is as fast")
    return told["rate"] == decay(m) and all(n == UNITY for _, n in ratio.certain[:1])


@rule("refuted", "saturates_left", "saturates_right")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if proof.get("rule") or "leading term" in proof:
        return proof["order"] == 1 and swings(it, proof)
    slope = it.towards(End(side_of(claim)), it.f(1)).limit
    return isinstance(slope, str) or slope.sign() != 0


# --- counts ---------------------------------------------------------------------------------------
def endless(it: Replay, proof: Proof, order: int) -> bool:
    """Does a derivative change its sign, or come back to 0, again and again?"""
    if proof.get("rule") == "wave":
        return swings(it, proof)
    if proof.get("rule") != "periodic":
        return proof["order"] == order and it.towards(end_of(proof), it.f(order), proof["r"], proof["terms"]).alternates
    if "zero" in proof:
        return order == 0 and periodic(it.f()) and it.at(proof["zero"]) == iv.NIL
    a, b = (it.at(p, order).sign for p in proof["points"])
    require(enclosure(it.f())(iv.WHOLE).continuous, "f is continuous")
    return proof["order"] == order and periodic(it.f(order)) and bool(a and b and a == -b)


@rule("proven", "zeros")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if "items" not in proof:
        return claim["value"] == "infinitely many" and endless(it, proof, 0)
    items = proof["items"]
    it.cover(items, it.f(), ("+", "-", "0", "zero"))
    require(all(i[1] != "?" for i in items), "a point whose sign is not told")
    if any(i[0] != "point" and i[1] == "0" for i in items):
        return claim["value"] == "infinitely many"
    return claim["value"] == [place(i[2], i[3]) for i in items if i[0] == "zero" or i[1] == "0"]


def place(start: str, stop: str) -> dict[str, Any]:
    """Where something is, as a verdict tells it."""
    return {"at": start} if start == stop else {"low": place_of(start, -1), "high": place_of(stop, 1)}


def place_of(end: str, side: int) -> float | str:
    try:
        return outward(Q(end), side)
    except ValueError:
        return end


@rule("proven", "extrema")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if "monotone" in proof:
        kinds = ("increasing", "decreasing", "constant")
        shown = any(_holds(RULES["monotone", "proven"], it, k, proof["monotone"]) for k in kinds)
        return claim["value"] == [] and shown
    if "items" not in proof:
        return claim["value"] == "infinitely many" and endless(it, proof, 1)
    it.cover(proof["items"], it.f(1), ("+", "-", "0", "+0", "-0", "zero"))
    ways = [(*way, item) for item in proof["items"] for way in moves(it, item)]
    require(not hidden([way[:2] for way in ways]), "a stretch whose slope is not told")
    sharp = [(way, item) for way, strict, item in ways if strict]
    turns = []
    for (a, before), (b, after) in pairwise(sharp):
        if a != b:
            ends = (before[2], before[3]) if before is after else (before[3], after[2])
            turns.append({"kind": "maximum" if a > 0 else "minimum", **place(*ends)})
    return turns == claim["value"]


def _holds(check: Any, it: Replay, kind: str, proof: Proof) -> bool:
    try:
        return check(it, {"value": kind}, proof)
    except Undecided:
        return False


def moves(it: Replay, item: list[Any]) -> list[tuple[int, bool]]:
    """The directions in which f goes on an item, each with whether it does so for sure."""
    kind, sign, start, *_ = item
    if kind == "zero":
        return [(1 if s == "+" else -1, True) for s in sign]
    if kind != "point":
        return [] if sign == "0" else [(1 if sign[0] == "+" else -1, len(sign) == 1)]
    if it.plain(p := parse(start)):
        return []
    left, right = it.sides(p)
    steps = [-climb(it, p, left), climb(it, p, right)]
    return [(way, True) for way in steps if way]


def climb(it: Replay, p: Expr, limit: Coefficient | str) -> int:
    """The sign of what a limit is above the value."""
    if isinstance(limit, str):
        return 1 if limit == "inf" else -1
    return (limit + -it.value(p)).sign()


def hidden(ways: list[tuple[int, bool]]) -> bool:
    """Is there a weak stretch that goes against the sharp ones on both its sides?"""
    for i, (way, strict) in enumerate(ways):
        if not strict:
            before = next((w for w, s in reversed(ways[:i]) if s), None)
            after = next((w for w, s in ways[i + 1 :] if s), None)
            if way not in (before, after):
                return True
    return False


# --- algebra --------------------------------------------------------------------------------------
def mirrored(it: Replay, items: list[Any], wanted: int) -> bool:
    """Is f(-x) = ±f(x) but for finitely many x, piece by piece?"""
    points = [p for p in it.cover(items, it.f(), EVERY, rough=()) if not it.plain(p)]
    cuts = {p.value for p in points if isinstance(p, Number)}
    require(len(cuts) == len(points), "a break without a short name")
    image = substitute(it.f(), {x: -x})
    return same(simplify(image if wanted == EVEN else -image), it.f(), sorted({Q(0)} | cuts | {-p for p in cuts}))


@rule("proven", "odd", "even")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    wanted = EVEN if claim["name"] == "even" else ODD
    if proof["rule"] == "parity":
        return parity(it.f()) in (wanted, 0)
    points = it.cover(proof["items"], it.f(), EVERY, rough=())
    pairs = [(it.value(p), it.value(simplify(-p))) for p in points if not it.plain(p)]
    values = [a + (b if wanted == ODD else -b) for a, b in pairs]
    return mirrored(it, proof["items"], wanted) and not any(v.sign() for v in values)


@rule("refuted", "odd", "even")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    left, right = it.at(-Q(proof["x"])), it.at(proof["x"])
    return bool((iv.sub(right, left) if claim["name"] == "even" else iv.add(right, left)).sign)


@rule("proven", "homogeneous")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    breaks = [p for p in it.cover(proof["items"], it.f(), EVERY, rough=()) if not it.plain(p)]
    others = [p for p in breaks if p is not Number(0)]
    require(all(one_formula(it.f(), p, breaks) and it.agrees(p) for p in others), "one formula on each side of 0")
    for side in (-1, 1):
        series = it.towards(End(Number(0), side), it.f()).series
        require(series.error is None and all(m == UNITY / T for _, m in series.terms), "a line on each side of 0")
    return it.value(Number(0)).sign() == 0


@rule("refuted", "homogeneous")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    p = Q(proof["x"])
    return bool(iv.sub(it.at(2 * p), iv.mul(iv.point(2), it.at(p))).sign)


@rule("proven", "zero_centred")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if proof["rule"] in ("parity", "pieces"):
        require(bounded(it.f()) or integrable(it, proof), "a finite mean of |f|")
        return parity(it.f()) in (ODD, 0) if proof["rule"] == "parity" else mirrored(it, proof["items"], ODD)
    mean = halves(it, proof["items"])
    return mean is not None and not mean.terms


def integrable(it: Replay, proof: Proof) -> bool:
    """Is f bounded between its tails, and do these not outweigh the normal density?"""
    breaks = [p for p in it.cover(proof["items"], it.f(), EVERY) if not it.plain(p)]
    require(not any(isinstance(side, str) for p in breaks for side in it.sides(p)), "f is bounded near its breaks")
    return bool(beyond(it.f(), proof["r"]) < iv.INF)


def halves(it: Replay, items: list[Any]) -> Coefficient | None:
    breaks = [p for p in it.cover(items, it.f(), EVERY, rough=()) if not it.plain(p)]
    require(set(breaks) <= {Number(0)}, "a break besides 0")
    return exact_mean(it.f())


@rule("refuted", "zero_centred")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if "x" in proof:
        near = Q(proof["x"]) - Q(1, 2**40), Q(proof["x"]) + Q(1, 2**40)
        require(enclosure(it.f())(iv.between(*near)).continuous, "f is continuous where it is not 0")
        side = it.at(proof["x"]).sign
        it.cover(proof["items"], it.f(), UP if side == 1 else DOWN)
        return bool(side)
    if proof.get("rule") == "halves":
        return (halves(it, proof["items"]) or Coefficient({})).sign() != 0
    boxes = [cut for cut in proof["cuts"] if isinstance(cut, list)]
    rough = [{"low": low, "high": high} for low, high in boxes]
    breaks = [p for p in it.cover(proof["items"], it.f(), EVERY, rough=rough) if not it.plain(p)]
    require({str(p) for p in breaks} == {cut for cut in proof["cuts"] if isinstance(cut, str)}, "the cuts")
    cuts: list[Cut] = [parse(c) if isinstance(c, str) else (Q(c[0]), Q(c[1])) for c in proof["cuts"]]
    return bool(gaussian_mean(it.f(), cuts, proof["r"]).sign)


@rule("proven", "universal")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    breaks = [p for p in it.cover(proof["items"], it.f(), EVERY) if not it.plain(p)]
    require(not any(isinstance(side, str) for p in breaks for side in it.sides(p)), "f is bounded near its breaks")
    if "at" in proof:
        return not it.agrees(parse(proof["at"]), proof["order"])
    if proof.get("rule"):
        return swings(it, proof)
    series = it.towards(end_of(proof), it.f(), proof["r"], proof["terms"]).series
    for c, m in series.certain:
        whole = not m.exponent and not m.log and m.power >= 0 and m.power.denominator == 1
        if (not whole and c.constant and c.sign()) or (not c.constant and c.varies()):
            return True
    return False


@rule("refuted", "universal")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return polynomial(it.f()) is not None and regular(it, proof["items"]) == []
