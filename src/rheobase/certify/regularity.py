"""Regularity: where the formula is defined, continuous and differentiable, with all its kinks and jumps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from rheobase.certify.cover import Cover, anything
from rheobase.certify.points import less, number, plain_at, sides, value
from rheobase.certify.subject import Subject
from rheobase.certify.switching import kink_in
from rheobase.certify.verdict import Proven, Refuted, Unknown, Verdict
from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import polynomial
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, ZERO, Coefficient, rational, reciprocal
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.interval import precision
from rheobase.enclosure.memory import remembered
from rheobase.enclosure.pieces import one_formula
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, postorder
from rheobase.parse import parse

METHOD = "analytic on boxes and towards ±∞, one-sided expansions at the points between"


@remembered(maxsize=64)
def cover_of(subject: Subject) -> list[Any]:
    """Items on each of which the formula is continuous, and analytic unless marked.

    Raises:
        Undecided: where a place is not told.
    """
    merged: list[Any] = []
    for item in Cover(subject, subject.expr, anything).search():
        # A switch that is enclosed coarsely leaves several boxes about its one root.
        if merged and _kinked(subject, merged[-1]) and _kinked(subject, item):
            item = replace(item, low=merged.pop().low)
        merged.append(item)
    return merged


def _kinked(subject: Subject, item: Any) -> bool:
    if item.kind != "box":
        return False
    with precision(BITS):
        return not enclosure(subject.expr)(iv.between(item.low, item.high)).analytic


def proof_of(subject: Subject) -> dict[str, Any]:
    return {"items": [i.to_list() for i in cover_of(subject)]}


def breaks(subject: Subject) -> list[Expr]:
    """The special points at which the formula is not analytic."""
    return [p for p in cuts(subject) if not plain_at(subject.expr, p)]


def cuts(subject: Subject) -> list[Expr]:
    return [parse(i.at) for i in cover_of(subject) if i.kind == "point"]


def rough(subject: Subject) -> list[Any]:
    """Boxes on which the formula is continuous but may have a kink."""
    return [i for i in cover_of(subject) if _kinked(subject, i)]


def endless(subject: Subject) -> bool:
    """Does the formula climb stairs without end?"""
    nodes = postorder(subject.expr)
    return any(isinstance(n, Apply) and n.op in ("floor", "round") and "x" in n.symbols for n in nodes)


def defined(subject: Subject) -> Verdict:
    """Has the formula, as it is given, a value at every real x?"""
    if enclosure(subject.given)(iv.WHOLE).defined:
        return Proven("each primitive has a value everywhere (table)", proof={"rule": "table"})
    if subject.given is not subject.expr:
        return subject.keep("defined", lambda s: defined(Subject(s.given, simpler=False)))
    for p in [*subject.points, *map(Number, subject.witnesses)]:
        if not plain_at(subject.expr, p) and _undefined(subject, p):
            witness = {"x": str(p), "why": "the formula has no value there"}
            return Refuted("evaluation", witness, proof={"x": str(p)})
    for p in breaks(subject):
        value(subject.expr, p)
    return Proven(METHOD, proof=proof_of(subject))


def _undefined(subject: Subject, p: Expr) -> bool:
    try:
        return value(subject.expr, p) is None
    except RheobaseError:
        return False


def jumps(subject: Subject) -> Verdict:
    """Where the limits from both sides and the value are not one number."""
    if endless(subject):
        return _stairs(subject)
    found = []
    for p in breaks(subject):
        here, at = sides(subject, p, 0), value(subject.expr, p)
        if not (here.agree and at is not None and isinstance(here.left, Coefficient) and less(here.left, at) == 0):
            found.append({"at": str(p), "left": number(here.left), "value": number(at), "right": number(here.right)})
    return Proven(METHOD, found, proof=proof_of(subject) | {"rough": _gaps(subject)})


def _gaps(subject: Subject) -> list[dict[str, str]]:
    return [{"low": str(i.low), "high": str(i.high)} for i in rough(subject)]


def _stairs(subject: Subject) -> Verdict:
    return Unknown("floor and round step without end, which this prover does not follow")


def step(subject: Subject) -> dict[str, Any] | None:
    """A jump of a stair (floor, round) of a x + b, where the formula as a whole jumps, too."""
    for node in postorder(subject.expr):
        if not isinstance(node, Apply) or node.op not in ("floor", "round") or "x" not in node.symbols:
            continue
        line = polynomial(node.args[0])
        if line is None or set(line) - {0, 1} or not line.get(1, ZERO).terms:
            continue
        for k in (0, 1, -1, 2, -2):
            at = Fraction(k) if node.op == "floor" else Fraction(2 * k + 1, 2)
            p = ((rational(at) + -line.get(0, ZERO)) * reciprocal(line[1])).expr()
            if found := _jump_at(subject, p):
                return found
    return None


def _jump_at(subject: Subject, p: Expr) -> dict[str, Any] | None:
    try:
        here, at = sides(subject, p, 0), value(subject.expr, p)
        if here.agree and at is not None and isinstance(here.left, Coefficient) and less(here.left, at) == 0:
            return None
    except RheobaseError:
        return None
    return {"at": str(p), "left": number(here.left), "value": number(at), "right": number(here.right)}


def continuous(subject: Subject) -> Verdict:
    """Is f continuous on the whole line?"""
    if endless(subject):
        found = subject.keep("step", step)
        if not found:
            return _stairs(subject)
        return Refuted("one-sided expansions", dict(found), proof={"at": found["at"], "order": 0})
    found = jumps(subject)
    assert isinstance(found, Proven)
    if found.value:
        return Refuted("one-sided expansions", dict(found.value[0]), proof={"at": found.value[0]["at"], "order": 0})
    return Proven(METHOD, proof=proof_of(subject))


def kinks(subject: Subject) -> Verdict:
    """Where f is continuous but its slope is not."""
    if endless(subject):
        return _stairs(subject)
    found = []
    for p in breaks(subject):
        here, at = sides(subject, p, 0), value(subject.expr, p)
        if not here.agree or at is None or less(here.left, at) != 0:
            continue
        slopes = sides(subject, p, 1)
        if not slopes.agree:
            found.append({"at": str(p), "left_slope": number(slopes.left), "right_slope": number(slopes.right)})
    rest = _rough_kinks(subject)
    found += [{"low": outward(Fraction(k["low"]), -1), "high": outward(Fraction(k["high"]), 1)} for k in rest]
    return Proven(METHOD, found, proof=proof_of(subject) | {"rough": rest})


def _rough_kinks(subject: Subject) -> list[dict[str, Any]]:
    """Kinks at points that have no short name: a box in which a switch passes 0 and the branches part.

    Raises:
        Undecided: where a box is not told.
    """
    return [kink_in(subject, i) for i in rough(subject)]


def _differentiable(subject: Subject, order: int) -> Verdict:
    whole = continuous(subject)
    if not isinstance(whole, Proven):
        return whole
    if found := _rough_kinks(subject):
        return Refuted("branches part at a switch", found[0], proof={"rough": found[0]})
    return _parting(subject, range(1, order + 1)) or Proven(METHOD, proof=proof_of(subject))


def _parting(subject: Subject, orders: Iterable[int]) -> Refuted | None:
    """The first derivative, and the first break, at which the limits from both sides are not one number."""
    for k in orders:
        for p in breaks(subject):
            slopes = sides(subject, p, k)
            if not slopes.agree:
                witness = {"at": str(p), "order": k, "left": number(slopes.left), "right": number(slopes.right)}
                return Refuted("one-sided expansions", witness, proof={"at": str(p), "order": k})
    return None


def c1(subject: Subject) -> Verdict:
    """Has f a continuous derivative?"""
    return _differentiable(subject, 1)


def c2(subject: Subject) -> Verdict:
    """Has f a continuous second derivative?"""
    return _differentiable(subject, 2)


def smooth(subject: Subject) -> Verdict:
    """Has f derivatives of every order?"""
    second = _differentiable(subject, 2)
    if not isinstance(second, Proven):
        return second
    broken = breaks(subject)
    if not broken:
        return Proven("analytic everywhere", proof=proof_of(subject))
    if all(one_formula(subject.expr, p, broken) for p in broken):
        return Proven("both sides of every break are one analytic formula", proof=proof_of(subject))
    return _parting(subject, range(3, 6)) or Unknown(
        f"no derivative up to the fifth jumps at {broken[0]}, and the two sides are different formulas"
    )
