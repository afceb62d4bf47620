"""Symmetry and algebra: odd, even, positively homogeneous, a polynomial or not, centred under a normal input."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rheobase.certify.regularity import breaks
from rheobase.certify.subject import Subject, settled
from rheobase.certify.verdict import Proven, Refuted, Verdict
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Coefficient, Undecided
from rheobase.enclosure.expansion import BITS, LEFT, RIGHT, End
from rheobase.enclosure.interval import precision
from rheobase.enclosure.monomials import UNITY, T
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, Variable, substitute, x
from rheobase.ops import COMPARISONS, OPS
from rheobase.simplify import simplify

EVEN, ODD = 1, -1


def parity(expr: Expr) -> int | None:
    """EVEN, ODD, or None where the table's facts alone do not tell; 0 for what is constantly 0."""
    if "x" not in expr.symbols:
        return 0 if isinstance(expr, Number) and expr.value == 0 else EVEN
    if isinstance(expr, Variable):
        return ODD
    if not isinstance(expr, Apply):
        return None
    of = [parity(a) for a in expr.args]
    match expr.op:
        case "where":
            return _common(of[1:]) if of[0] == EVEN else _mirrored(expr)
        case op if op in COMPARISONS:
            return EVEN if all(p in (EVEN, 0) for p in of) else None
        case "add" | "sub":
            return _common(of)
        case "mul" | "div":
            return None if None in of else (of[0] or 0) * (of[1] or 0)
        case "neg":
            return of[0]
        case "pow":
            exponent = expr.args[1]
            if of[0] == ODD and isinstance(exponent, Number) and exponent.value.denominator == 1:
                return ODD if exponent.value % 2 else EVEN
            return EVEN if of == [EVEN, EVEN] else None
    if all(p in (EVEN, 0) for p in of):
        return EVEN
    if expr.op == "clip" and of[0] == ODD and simplify(expr.args[1] + expr.args[2]) is Number(0):
        return ODD
    if len(of) == 1 and of[0] == ODD and OPS[expr.op].parity:
        return ODD if OPS[expr.op].parity == "odd" else EVEN
    return None


def _common(of: list[int | None]) -> int | None:
    kinds = {p for p in of if p != 0}
    return 0 if not kinds else kinds.pop() if len(kinds) == 1 else None


def _mirrored(expr: Apply) -> int | None:
    """`where(x >= 0, p, q)` whose branches are mirror images."""
    condition, p, q = expr.args
    if not (isinstance(condition, Apply) and condition.args[0] is x and condition.args[1] is Number(0)):
        return None
    if condition.op in ("lt", "le"):
        p, q = q, p
    on_right, on_left = substitute(p, {Apply("abs", (x,)): x}), substitute(q, {Apply("abs", (x,)): -x})
    mirror = simplify(substitute(on_left, {x: -x}))
    if mirror is simplify(on_right):
        return EVEN
    if simplify(-mirror) is simplify(on_right) and enclosure(expr)(iv.NIL).range == iv.NIL:
        return ODD
    return None


def _symmetry(subject: Subject, wanted: int, name: str) -> Verdict:
    for p in subject.grid:
        if p <= 0:
            continue
        left, right = subject.at(-p), subject.at(p)
        other = iv.sub(right, left) if wanted == EVEN else iv.add(right, left)
        if other.sign:
            witness = {"x": float(p), "f(x)": _near(right), "f(-x)": _near(left)}
            return Refuted("values", witness, proof={"x": str(p)})
    found = parity(subject.expr)
    if found in (wanted, 0):
        return Proven(f"f(-x) = {'' if wanted == EVEN else '-'}f(x) by rewriting", proof={"rule": "parity"})
    mirror = substitute(subject.expr, {x: -x})
    if simplify(subject.expr - mirror if wanted == EVEN else subject.expr + mirror) is Number(0):
        return Proven("rewriting", proof={"rule": "simplify"})
    raise Undecided(f"no rewriting shows that f is {name}, and no point that it is not")


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
    for p in subject.grid:
        twice, once = subject.at(2 * p), subject.at(p)
        if iv.sub(twice, iv.mul(iv.point(2), once)).sign:
            witness = {"x": float(p), "f(2x)": _near(twice), "2 f(x)": 2 * _near(once)}
            return Refuted("values", witness, proof={"x": str(p)})
    if any(p is not Number(0) for p in breaks(subject)):
        raise Undecided("f is not one formula on each half of the line")
    slopes = []
    for side in (-1, 1):
        series = settled(subject.expr, End(Number(0), side)).series
        if series.error or len(series.terms) > 1 or (series.terms and series.terms[0][1] != UNITY / T):
            raise Undecided("no rewriting shows that f is linear on each side of 0")
        slopes.append(str(series.terms[0][0]) if series.terms else "0")
    return Proven("linear on each side of 0", {"slopes": slopes}, proof={"rule": "halves"})


def degree(expr: Expr) -> int | None:
    """The degree of a polynomial in x, None where the formula is not one as it is written."""
    if "x" not in expr.symbols:
        return 0
    if isinstance(expr, Variable):
        return 1
    if not isinstance(expr, Apply):
        return None
    of = [degree(a) for a in expr.args]
    match expr.op, of:
        case ("add" | "sub", [int(a), int(b)]):
            return max(a, b)
        case ("neg", [int(a)]):
            return a
        case ("mul", [int(a), int(b)]):
            return a + b
        case ("div", [int(a), 0]):
            return a
        case ("pow", [int(a), 0]) if isinstance(n := expr.args[1], Number) and n.value.denominator == 1 and n.value > 0:
            return a * int(n.value)
    return None


def universal(subject: Subject) -> Verdict:
    """Does one hidden layer of f approximate every continuous function?

    It does exactly when f, locally bounded and continuous but for a closed set of measure 0, is not a polynomial
    (Leshno, Lin, Pinkus, Schocken 1993, theorem 1).
    """
    found = degree(subject.expr)
    if found is not None:
        return Refuted("a polynomial", {"degree": found}, proof={"rule": "polynomial"})
    for p in breaks(subject):
        if proof := _parted(subject, p):
            return Proven(f"no polynomial has the break at {p}", proof=proof)
    for end in (LEFT, RIGHT):
        try:
            found_ = subject.towards(end)
        except RheobaseError:
            continue
        for c, m in found_.series.terms:
            polynomial = not m.exponent and not m.log and m.power >= 0 and m.power.denominator == 1
            with precision(BITS):
                if not (polynomial and c.constant) and _shown(c):
                    proof = {"end": end.at, "r": found_.algebra.r, "terms": found_.algebra.order, "order": 0}
                    return Proven(f"no polynomial has a term {c}*{m} towards {end.at}", proof=proof)
    raise Undecided("no term towards ±∞ tells f from a polynomial")


def _shown(c: Coefficient) -> bool:
    _, waves = c.fourier()
    try:
        return any(a.terms and a.sign() for pair in waves.values() for a in pair) if not c.constant else c.sign() != 0
    except Undecided:
        return False


def _parted(subject: Subject, p: Expr) -> dict[str, Any] | None:
    from rheobase.certify.points import sides

    for order in range(4):
        try:
            if not sides(subject, p, order).agree:
                return {"at": str(p), "order": order}
        except RheobaseError:
            return None
    return None


def zero_centred(subject: Subject) -> Verdict:
    """Is E f = 0 for a standard normal input? Proven by symmetry, refuted by an enclosure of the mean."""
    from rheobase.certify.moments import mean

    try:
        if isinstance(odd(subject), Proven):
            return Proven("f is odd", True, Fraction(0), Fraction(0), proof={"rule": "odd"})
    except Undecided:
        pass
    found = mean(subject, subject.expr)
    if found.sign:
        return Refuted("enclosure of E f", {"mean_low": float(found.low), "mean_high": float(found.high)})
    raise Undecided(f"E f lies within {float(found.low):.3g} and {float(found.high):.3g}")
