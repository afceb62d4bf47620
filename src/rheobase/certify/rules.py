"""What each verdict's certificate has to show, a rule a verdict; the checker's half of the definitions.

A rule gets the formula, the claim (value, low, high, witness) and the proof, and says whether the proof shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as Q
from typing import Any

from rheobase.certify.checker import DOWN, EVERY, UP, Replay, require
from rheobase.differentiate import differentiate
from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import equal
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Coefficient, Undefined
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.expansion import End
from rheobase.enclosure.facts import by_composition, periodic
from rheobase.enclosure.monomials import growth
from rheobase.enclosure.pieces import one_formula, resolved
from rheobase.expr import ZERO, Apply, Expr, Number
from rheobase.parse import parse
from rheobase.simplify import simplify

Proof = dict[str, Any]
Rule = Callable[[Replay, Proof, Proof], Any]
RULES: dict[tuple[str, str], Rule] = {}


def rule(verdict: str, *names: str) -> Callable[[Rule], Rule]:
    def add(function: Rule) -> Rule:
        RULES.update({(name, verdict): function for name in names})
        return function

    return add


def regular(it: Replay, items: list[Any], order: int = 0) -> list[Expr]:
    """The breaks of f, which is analytic everywhere else and has `order` continuous derivatives at each."""
    breaks = [p for p in it.cover(items, it.f(), EVERY, rough=()) if not it.plain(p)]
    require(all(it.agrees(p, k) for p in breaks for k in range(order + 1)), "the sides of a break agree")
    return breaks


def end_of(proof: Proof) -> End:
    goal = proof["end"]
    return End(goal) if goal in ("inf", "-inf") else End(parse(goal), proof["side"])


def infinite(it: Replay, of: Expr, proof: Proof) -> bool:
    """Is `of` unbounded above towards the end?"""
    found = it.towards(end_of(proof), of, proof["r"], proof["terms"])
    return (
        found.alternates and growth(found.series.terms[0][1]) > 0 if proof.get("alternates") else found.limit == "inf"
    )


def swings(it: Replay, proof: Proof) -> bool:
    """Does f, or a derivative, oscillate without end?"""
    of = it.f(proof.get("order", 0))
    if proof.get("rule") == "periodic":
        a, b = (it.at(p, proof["order"]) for p in proof["points"])
        return periodic(of) and bool(a.high < b.low or b.high < a.low)
    if proof.get("rule") == "wave":
        slope = wave(it, proof) if proof["order"] == 1 else "not looked at"
        return proof["order"] in (0, 1) and grows(it, proof) and (isinstance(slope, str) or slope.sign() != 0)
    return it.towards(end_of(proof), of, proof["r"], proof["terms"]).swings


def grows(it: Replay, proof: Proof) -> bool:
    """Is f the sine or cosine of what grows without end?"""
    of = it.f()
    require(isinstance(of, Apply) and of.op in ("sin", "cos"), "a wave")
    inner = it.towards(end_of(proof), of.args[0], proof["r"])
    return isinstance(inner.limit, str) and not inner.stairs


def wave(it: Replay, proof: Proof) -> Coefficient | str:
    """The limit of the slope of a wave's argument; where that is 0, so is f′ at sin = ±1, else ± it at sin = 0."""
    return it.towards(end_of(proof), slope_of(it.f().args[0])).limit


def exact_bound(proof: Proof) -> Expr:
    """The bound, a fraction of any length or a formula."""
    text = proof["bound"]
    return Number(Q(text)) if set(text) <= set("-/0123456789") else parse(text)


def no_more(it: Replay, p: Expr, bound: Expr, of: Expr) -> bool:
    """Is the value at a point no more than the bound, or is there none?"""
    try:
        it.value(p)
    except Undefined:
        return True
    return it.value(p, simplify(bound - of)).sign() >= 0


def below(it: Replay, of: Expr, low: Any, high: Any, proof: Proof, names: tuple[str, ...] = UP) -> bool:
    """Is `high` an upper bound of `of`, and is a value of at least `low` reached or approached?"""
    if "bound" not in proof:
        return low == high == "inf" and infinite(it, of, proof)
    bound, reached = exact_bound(proof), proof["reached"]
    points = it.cover(proof["items"], simplify(bound - of), names)
    require(all(it.plain(p) or no_more(it, p, bound, of) for p in points), "a value at a point")
    top = exactly(bound).interval()
    met = exactly(bound)
    if "at" in reached:
        met = it.value(parse(reached["at"]), of)
    elif "end" in reached:
        met = it.towards(end_of(reached), of, reached["r"]).limit
    require(isinstance(met, Coefficient) and not (met + -exactly(bound)).sign(), "the bound is not reached")
    floor = top
    if "x" in reached:
        seen = enclosure(of)(iv.point(Q(reached["x"])))
        require(seen.defined, "the bound is reached where f has no value")
        floor = seen.range
    return bool(floor.low >= iv.point(Q(low)).low and top.high <= iv.point(Q(high)).high)


# --- regularity -----------------------------------------------------------------------------------
@rule("proven", "defined")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    it.orders = [it.given]
    if proof.get("rule") == "table":
        return enclosure(it.f())(iv.WHOLE).defined
    points = it.cover(proof["items"], it.f(), EVERY)
    return all(it.plain(p) or it.value(p) is not None for p in points)


@rule("proven", "continuous")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return all(it.plain(p) or it.agrees(p) for p in it.cover(proof["items"], it.f(), EVERY))


@rule("proven", "c1")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return regular(it, proof["items"], 1) is not None


@rule("proven", "c2")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return regular(it, proof["items"], 2) is not None


@rule("proven", "smooth")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    breaks = regular(it, proof["items"], 2)
    return all(one_formula(it.f(), p, breaks) for p in breaks)


@rule("refuted", "continuous", "c1", "c2", "smooth")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    most = {"continuous": 0, "c1": 1, "c2": 2, "smooth": 9}[claim["name"]]
    if "rough" in proof:
        return most > 0 and parts(it, proof["rough"])
    return 0 <= proof["order"] <= most and not it.agrees(parse(proof["at"]), proof["order"])


@rule("proven", "kinks", "jumps")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    rough = proof.get("rough", [])
    points = [p for p in it.cover(proof["items"], it.f(), EVERY, rough=rough) if not it.plain(p)]
    require(claim["name"] == "jumps" or all(parts(it, r) for r in rough), "a kink in a box")
    boxes = [v for v in claim["value"] if "at" not in v]
    told = (
        []
        if claim["name"] == "jumps"
        else [{"low": outward(Q(r["low"]), -1), "high": outward(Q(r["high"]), 1)} for r in rough]
    )
    require(boxes == told, "the kinks in boxes")
    named = [v["at"] for v in claim["value"] if "at" in v]
    if claim["name"] == "jumps":
        return named == [str(p) for p in points if not it.agrees(p)]
    return named == [str(p) for p in points if it.agrees(p) and not it.agrees(p, 1)]


@rule("refuted", "defined")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    it.orders = [it.given]
    try:
        return it.value(parse(proof["x"])) is None
    except Undefined:
        return True


def slope_of(expr: Expr) -> Expr:
    return simplify(differentiate(expr))


def parts(it: Replay, kink: Proof) -> bool:
    """Does a switch change its sign once in a box, while the slopes of the two branches stay apart?"""
    low, high = Q(kink["low"]), Q(kink["high"])
    box, switch = iv.between(low, high), parse(kink["switch"])
    ends = [enclosure(switch)(iv.point(p)).range.sign for p in (low, high)]
    sides = [parse(text) for text in kink["sides"]]
    at_ends = [resolved(it.f(), low), resolved(it.f(), high)]
    slopes = [enclosure(slope_of(side))(box) for side in sides]
    same_ends = all(
        any(equal(here, resolved(s, p)) for s in sides) for here, p in zip(at_ends, (low, high), strict=True)
    )
    return bool(
        ends[0]
        and ends[0] == -(ends[1] or 0)
        and enclosure(slope_of(switch))(box).range.sign
        and same_ends
        and all(s.analytic for s in slopes)
        and iv.sub(slopes[0].range, slopes[1].range).sign
    )


# --- shape ----------------------------------------------------------------------------------------
@rule("proven", "monotone")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    way = {"increasing": 1, "decreasing": -1, "constant": 2}[claim["value"]]
    if proof.get("rule") == "composition":
        return by_composition(it.f()) == way and enclosure(it.f())(iv.WHOLE).defined
    side = proof["side"]
    signs = ("0",) if way == 2 else UP if side > 0 else DOWN
    points = [p for p in it.cover(proof["items"], it.f(1), signs) if not it.plain(p)]
    return way in (side, 2) and all(it.agrees(p) if way == 2 else ordered(it, p, side) for p in points)


def ordered(it: Replay, p: Expr, side: int) -> bool:
    """Do the left limit, the value and the right limit go one way?"""
    left, right = it.sides(p)
    if isinstance(left, str) or isinstance(right, str):
        return False
    return side * (it.value(p) + -left).sign() >= 0 and side * (right + -it.value(p)).sign() >= 0


@rule("refuted", "monotone")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    (a, b), (c, d) = ([Q(p) for p in proof[way]] for way in ("rises", "falls"))
    return a < b and c < d and bool(it.at(a).high < it.at(b).low and it.at(c).low > it.at(d).high)


@rule("proven", "convex")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    for p in it.cover(proof["items"], it.f(2), UP, rough=()):
        if not it.plain(p):
            left, right = it.sides(p, 1)
            require(it.agrees(p), "a jump")
            if isinstance(left, str) or isinstance(right, str):
                return False
            require((right + -left).sign() >= 0, "the slope falls")
    return True


@rule("refuted", "convex")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    a, m, b = (Q(p) for p in proof["points"])
    weight = (b - m) / (b - a)
    chord = iv.add(iv.mul(it.at(a), iv.point(weight)), iv.mul(it.at(b), iv.point(1 - weight)))
    return a < m < b and bool(it.at(m).low > chord.high)


@rule("proven", "positive")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    points = it.cover(proof["items"], it.f(), ("+",))
    return all(it.value(p).sign() > 0 for p in points)


@rule("refuted", "positive")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return bool(it.at(proof["x"]).high <= 0)


@rule("proven", "trainable")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    p = Q(proof["x"])
    return bool(it.at(p, 1).sign) and enclosure(it.f())(iv.between(p - Q(1, 2**40), p + Q(1, 2**40))).analytic


@rule("refuted", "trainable")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return it.f(1) is ZERO if proof.get("rule") == "flat" else it.cover(proof["items"], it.f(1), ("0",)) is not None


# --- extent ---------------------------------------------------------------------------------------
@rule("proven", "supremum")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return below(it, it.f(), claim["low"], claim["high"], proof)


@rule("proven", "infimum")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return below(it, simplify(-it.f()), opposite(claim["high"]), opposite(claim["low"]), proof)


def opposite(end: str) -> str:
    return {"inf": "-inf", "-inf": "inf"}.get(end) or str(-Q(end))


@rule("proven", "bounded_above")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return claim["high"] != "inf" and below(it, it.f(), claim["low"], claim["high"], proof)


@rule("proven", "bounded_below")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return claim["low"] != "-inf" and below(
        it, simplify(-it.f()), opposite(claim["high"]), opposite(claim["low"]), proof
    )


@rule("refuted", "bounded_above")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return infinite(it, it.f(), proof)


@rule("refuted", "bounded_below")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return infinite(it, simplify(-it.f()), proof)


@rule("proven", "lipschitz")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    if "jump" in proof:
        it.value(parse(proof["jump"]))
        return claim["low"] == claim["high"] == "inf" and not it.agrees(parse(proof["jump"]))
    if "wave" in proof:
        endless = claim["low"] == claim["high"] == "inf" and grows(it, proof["wave"])
        return endless and isinstance(wave(it, proof["wave"]), str)
    side = proof["side"]
    slope = it.f(1) if side > 0 else simplify(-it.f(1))
    if "unbounded" in proof:
        return claim["low"] == claim["high"] == "inf" and infinite(it, slope, proof["unbounded"])
    other = simplify(exact_bound(proof["steepest"]) + slope)
    points = it.cover(proof["other"], other, UP)
    return all(it.plain(p) or it.agrees(p) for p in points) and slopes_below(it, slope, claim, proof["steepest"])


def slopes_below(it: Replay, slope: Expr, claim: Proof, proof: Proof) -> bool:
    """The slope at a kink is one of its sides', which the items beside it bound."""
    plain = [[*i[:1], "?", *i[2:]] if i[0] == "point" else i for i in proof["items"]]
    bound, reached = exact_bound(proof), proof["reached"]
    it.cover(plain, simplify(bound - slope), UP)
    low, high = (iv.point(Q(claim[end])) for end in ("low", "high"))
    if "x" in reached:
        near = Q(reached["x"]) + Q(1, 2**60), Q(reached["x"]) - Q(1, 2**60)
        require(enclosure(it.f())(iv.between(*near[::-1])).analytic, "a slope at a kink")
        floor = enclosure(slope)(iv.point(Q(reached["x"]))).range
    else:
        met = it.towards(end_of(reached), slope, reached["r"]).limit
        require(isinstance(met, Coefficient), "a finite slope")
        floor = met.interval() if isinstance(met, Coefficient) else iv.WHOLE
    return bool(floor.low >= low.low and exactly(bound).interval().high <= high.high)
