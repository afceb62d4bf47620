"""Symmetry and algebra: odd, even, positively homogeneous, a polynomial or not, centred under a normal input."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rheobase.certify.cover import falling, rising
from rheobase.certify.ends import swings
from rheobase.certify.moments import mean, reach
from rheobase.certify.points import same as same_number
from rheobase.certify.points import sides, value
from rheobase.certify.regularity import breaks, cover_of, rough
from rheobase.certify.shape import covered
from rheobase.certify.subject import ORDERS, RADII, Subject, close_to, settled
from rheobase.certify.verdict import Proven, Refuted, Verdict
from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import polynomial
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.expansion import LEFT, RIGHT, End, expand
from rheobase.enclosure.facts import EVEN, ODD, bounded, parity
from rheobase.enclosure.integral import exact_mean
from rheobase.enclosure.interval import precision
from rheobase.enclosure.monomials import UNITY, T
from rheobase.enclosure.pieces import one_formula, same
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, Number, substitute, x
from rheobase.simplify import simplify


def _symmetry(subject: Subject, wanted: int, name: str) -> Verdict:
    for p in subject.witnesses:
        if p < 0:
            continue
        left, right = subject.at(-p), subject.at(p)
        other = iv.sub(right, left) if wanted == EVEN else iv.add(right, left)
        if other.sign:
            witness = {"x": float(p), "f(x)": _near(right), "f(-x)": _near(left)}
            return Refuted("values", witness, proof={"x": str(p)})
    found = parity(subject.expr)
    if found in (wanted, 0):
        return Proven(f"f(-x) = {'' if wanted == EVEN else '-'}f(x) by rewriting", proof={"rule": "parity"})
    if _mirrors(subject, wanted) and _values_mirror(subject, wanted):
        return Proven(
            "each piece is rewritten into its mirror image", proof={"rule": "pieces", "items": _items(subject)}
        )
    raise Undecided(f"no rewriting shows that f is {name}, and no point that it is not")


def _mirrors(subject: Subject, wanted: int) -> bool:
    """Is f(-x) = ±f(x) but for finitely many x, piece by piece?"""
    if rough(subject):
        return False
    own = {close_to(p) for p in breaks(subject)}
    if any(not isinstance(p, Number) for p in breaks(subject)):
        return False
    mirror = substitute(subject.expr, {x: -x})
    cuts = sorted(own | {-p for p in own} | {Fraction(0)})
    return same(simplify(mirror if wanted == EVEN else -mirror), subject.expr, cuts)


def _values_mirror(subject: Subject, wanted: int) -> bool:
    """Is f(-p) = ±f(p) at the breaks, too?"""
    for p in breaks(subject):
        here, there = value(subject.expr, p), value(subject.expr, simplify(-p))
        if here is None or there is None or (here + (-there if wanted == EVEN else there)).sign():
            return False
    return True


def _items(subject: Subject) -> list[Any]:
    return [i.to_list() for i in cover_of(subject)]


def _near(a: iv.Interval) -> float:
    return float(a.ball.mid())


def odd(subject: Subject) -> Verdict:
    """Is f(-x) = -f(x)?"""
    return _symmetry(subject, ODD, "odd")


def even(subject: Subject) -> Verdict:
    """Is f(-x) = f(x)?"""
    return _symmetry(subject, EVEN, "even")


def homogeneous(subject: Subject) -> Verdict:
    """Is f(k x) = k f(x) for every k > 0?"""
    for p in subject.witnesses:
        twice, once = subject.at(2 * p), subject.at(p)
        if iv.sub(twice, iv.mul(iv.point(2), once)).sign:
            witness = {"x": float(p), "f(2x)": _near(twice), "2 f(x)": 2 * _near(once)}
            return Refuted("values", witness, proof={"x": str(p)})
    others = [p for p in breaks(subject) if p is not Number(0)]
    broken = any(not one_formula(subject.expr, p, breaks(subject)) or not _closed(subject, p) for p in others)
    if broken or rough(subject):
        raise Undecided("f is not one formula on each half of the line")
    slopes = []
    for side in (-1, 1):
        series = settled(subject.expr, End(Number(0), side)).series
        if series.error or len(series.terms) > 1 or (series.terms and series.terms[0][1] != UNITY / T):
            raise Undecided("no rewriting shows that f is linear on each side of 0")
        slopes.append(str(series.terms[0][0]) if series.terms else "0")
    return Proven("linear on each side of 0", {"slopes": slopes}, proof={"items": _items(subject)})


def _closed(subject: Subject, p: Expr) -> bool:
    """Is the value at a break the limit from both sides?"""
    here, at = sides(subject, p, 0), value(subject.expr, p)
    return here.agree and at is not None and isinstance(here.left, Coefficient) and same_number(here.left, at)


def _endless_at(subject: Subject, p: Expr) -> bool:
    """Is a limit beside the point infinite?"""
    here = sides(subject, p, 0)
    return isinstance(here.left, str) or isinstance(here.right, str)


def universal(subject: Subject) -> Verdict:
    """Does one hidden layer of f approximate every continuous function?

    It does exactly when f, locally bounded and continuous but for a closed set of measure 0, is not a polynomial
    (Leshno, Lin, Pinkus, Schocken 1993, theorem 1).
    """
    factors = polynomial(subject.expr)
    if factors is not None and not breaks(subject) and not rough(subject):
        return Refuted("a polynomial", {"degree": max(factors, default=0)}, proof={"items": _items(subject)})
    for p in breaks(subject):
        if _endless_at(subject, p):
            raise Undecided(f"f is not bounded near {p}")
    for p in breaks(subject):
        if proof := _parted(subject, p):
            return Proven(f"no polynomial has the break at {p}", proof=proof | {"items": _items(subject)})
    for end in (LEFT, RIGHT):
        if found := _unlike_a_polynomial(subject, end):
            return Proven(
                f"no polynomial has a term {found[0]} towards {end.at}", proof=found[1] | {"items": _items(subject)}
            )
        if (swing := swings(subject, end)) and swing.get("rule"):
            return Proven("no polynomial oscillates without end", proof=swing | {"items": _items(subject)})
    raise Undecided("no term towards ±∞ tells f from a polynomial")


def _unlike_a_polynomial(subject: Subject, end: End) -> tuple[str, dict[str, Any]] | None:
    for order in ORDERS:
        try:
            found = expand(subject.expr, end, RADII[2], order)
        except RheobaseError:
            continue
        for c, m in found.series.certain:
            whole = not m.exponent and not m.log and m.power >= 0 and m.power.denominator == 1
            with precision(BITS):
                if (not whole or not c.constant) and _shown(c):
                    proof = {"end": end.at, "r": found.algebra.r, "terms": order, "order": 0}
                    return f"({c})*{m}", proof
    return None


def _shown(c: Coefficient) -> bool:
    """Is the coefficient shown not to vanish?"""
    try:
        return c.sign() != 0 if c.constant else c.varies()
    except Undecided:
        return False


def _parted(subject: Subject, p: Expr) -> dict[str, Any] | None:
    for order in range(4):
        try:
            if not sides(subject, p, order).agree:
                return {"at": str(p), "order": order}
        except RheobaseError:
            return None
    return None


def zero_centred(subject: Subject) -> Verdict:
    """Is E f = 0 for a standard normal input? Proven by symmetry or exactly, refuted by an enclosure of the mean."""
    if parity(subject.expr) in (ODD, 0):
        proof = {"rule": "parity"} | _integrable(subject)
        return Proven("f(-x) = -f(x) by the table", True, Fraction(0), Fraction(0), proof=proof)
    if _mirrors(subject, ODD):
        proof = {"rule": "pieces", "items": _items(subject)} | _integrable(subject)
        return Proven(
            "f(-x) = -f(x), but for some points",
            True,
            Fraction(0),
            Fraction(0),
            proof=proof,
        )
    if not rough(subject) and set(breaks(subject)) <= {Number(0)} and (value := exact_mean(subject.expr)) is not None:
        proof = {"rule": "halves", "items": _items(subject)}
        if not value.sign():
            return Proven(
                "both halves are polynomials, whose means cancel", True, Fraction(0), Fraction(0), proof=proof
            )
        low, high = value.interval()
        return Refuted("exact mean of both halves", _between(low, high), proof=proof)
    return _mean_apart(subject)


def _integrable(subject: Subject) -> dict[str, Any]:
    """A proof that E |f| is finite: f is bounded, or piecewise continuous with tails that φ outweighs."""
    if bounded(subject.expr):
        return {}
    if any(_endless_at(subject, p) for p in breaks(subject)):
        raise Undecided("f is not bounded between its tails")
    outermost = max((abs(close_to(p)) for p in breaks(subject)), default=Fraction(0))
    return {"items": _items(subject), "r": reach(subject.expr, outermost)}


def _mean_apart(subject: Subject) -> Verdict:
    try:
        found, cuts, r = mean(subject, subject.expr)
    except Undecided as error:
        return _one_sided(subject, error)
    if found.sign:
        proof = {"cuts": cuts, "r": r, "items": _items(subject)}
        return Refuted("enclosure of E f", _between(*found), proof=proof)
    raise Undecided(f"E f lies within {float(found.low):.3g} and {float(found.high):.3g}")


def _between(low: Any, high: Any) -> dict[str, float | str]:
    ends = {"mean_low": outward(low, -1), "mean_high": outward(high, 1)}
    if any(isinstance(end, str) for end in ends.values()):
        raise Undecided("the mean is beyond every double")
    return ends


def _one_sided(subject: Subject, error: Undecided) -> Verdict:
    """A function that never changes its sign, and is not 0, has no mean of 0."""
    for side, accept in ((1, rising), (-1, falling)):
        point = next((p for p in subject.smooth_grid if subject.at(p).sign == side), None)
        if point is None:
            continue
        try:
            items = covered(subject, 0, accept)
        except Undecided:
            continue
        proof = {"items": [i.to_list() for i in items], "x": str(point)}
        return Refuted("f keeps its sign", {"sign": side, "x": float(point)}, proof=proof)
    raise error
