"""What each verdict's certificate has to show, a rule a verdict; the checker's half of the definitions.

A rule gets the formula, the claim (value, low, high, witness) and the proof, and says whether the proof shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as Q
from typing import Any

from rheobase.certify.checker import DOWN, EVERY, UP, Replay, require
from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import equal, polynomial
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Coefficient, exactly
from rheobase.enclosure.expansion import End
from rheobase.enclosure.facts import EVEN, ODD, by_composition, parity, periodic
from rheobase.enclosure.integral import exact_mean, gaussian_mean
from rheobase.enclosure.monomials import UNITY, T, growth
from rheobase.enclosure.pieces import resolved, same
from rheobase.expr import Apply, Expr, Number, x
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
    breaks = [p for p in it.cover(items, it.f(), EVERY, analytic=True) if not it.plain(p)]
    require(all(it.agrees(p, k) for p in breaks for k in range(order + 1)), "the sides of a break agree")
    return breaks


def end_of(proof: Proof) -> End:
    goal = proof["end"]
    return End(goal) if goal in ("inf", "-inf") else End(parse(goal), proof["side"])


def infinite(it: Replay, of: Expr, proof: Proof) -> bool:
    """Is `of` unbounded above towards the end?"""
    found = it.towards(end_of(proof), of, proof["r"], proof["terms"])
    return found.alternates and growth(found.series.terms[0][1]) > 0 if proof.get("alternates") else found.limit == "inf"


def swings(it: Replay, proof: Proof) -> bool:
    """Does f, or a derivative, oscillate without end?"""
    of = it.f(proof.get("order", 0))
    if proof.get("rule") == "periodic":
        a, b = (it.at(p, proof["order"]) for p in proof["points"])
        return periodic(of) and bool(a.high < b.low or b.high < a.low)
    if proof.get("rule") == "wave":
        inner = it.towards(end_of(proof), of.args[0], proof["r"])
        return isinstance(of, Apply) and of.op in ("sin", "cos") and isinstance(inner.limit, str) and not inner.stairs
    return it.towards(end_of(proof), of, proof["r"], proof["terms"]).swings


def below(it: Replay, of: Expr, low: Any, high: Any, proof: Proof, names: tuple[str, ...] = UP) -> bool:
    """Is `high` an upper bound of `of`, and is a value of at least `low` reached or approached?"""
    if "bound" not in proof:
        return high == "inf" and infinite(it, of, proof)
    bound, reached = parse(proof["bound"]), proof["reached"]
    points = it.cover(proof["items"], simplify(bound - of), names)
    require(all(it.plain(p) or it.value(p, simplify(bound - of)).sign() >= 0 for p in points), "a value at a point")
    top = exactly(bound).interval()
    if "x" in reached:
        return bool(top.high <= iv.point(Q(high)).high and enclosure(of)(iv.point(Q(reached["x"]))).range.low >= iv.point(Q(low)).low)
    met = it.value(parse(reached["at"]), of) if "at" in reached else it.towards(end_of(reached), of, reached["r"]).limit
    return isinstance(met, Coefficient) and not (met + -exactly(bound)).sign() and low <= str(low) and top.low <= iv.point(Q(high)).high


# --- regularity -----------------------------------------------------------------------------------
@rule("proven", "defined")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
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
    for p in regular(it, proof["items"], 2):
        near = Q(proof["near"][str(p)])
        left, right = (resolved(it.f(), near + side * Q(1, 4096)) for side in (-1, 1))
        require(equal(left, right) and (it.plain(p, left) or it.plain(p, right)), "one formula on both sides")
    return True


@rule("refuted", "continuous", "c1", "c2", "smooth")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    return not it.agrees(parse(proof["at"]), proof["order"])


@rule("proven", "kinks", "jumps")
def _(it: Replay, claim: Proof, proof: Proof) -> bool:
    points = [p for p in it.cover(proof["items"], it.f(), EVERY, analytic=True) if not it.plain(p)]
    kinks = [str(p) for p in points if it.agrees(p) and not it.agrees(p, 1)]
    return [v["at"] for v in claim["value"]] in (kinks, [str(p) for p in points if not it.agrees(p)])
