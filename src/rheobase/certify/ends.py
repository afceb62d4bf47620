"""The ends of the line: limits, asymptotes, growth, saturation."""

from __future__ import annotations

from typing import Any

from flint import arb

from rheobase.certify.subject import ORDERS, RADII, Subject, derivative, settled
from rheobase.certify.verdict import Number, Proven, Refuted, Verdict
from rheobase.enclosure.coefficients import BITS, Coefficient, Ratio, Undecided
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.expansion import LEFT, RIGHT, End, Expansion, expand
from rheobase.enclosure.facts import periodic
from rheobase.enclosure.interval import precision
from rheobase.enclosure.monomials import UNITY, Monomial, T, decay, growth
from rheobase.expr import Apply

METHOD = "expansion with an enclosed error"


def ends_of(value: Coefficient | str) -> tuple[Number, Number]:
    """An enclosure of a limit; a little wider than its own, so that the number's other forms have theirs within it."""
    if isinstance(value, str):
        end = arb.pos_inf() if value == "inf" else arb.neg_inf()
        return end, end
    with precision(BITS):
        if value.rational is not None:
            return value.rational, value.rational
        low, high = value.interval()
        room = (abs(low) + abs(high)) / 2**110
        return (low - room).lower(), (high + room).upper()


def _proof(end: End, found: Expansion, order: int = 0) -> dict[str, Any]:
    return {"end": end.at, "r": found.algebra.r, "terms": found.algebra.order, "order": order}


def leading(found: Expansion) -> dict[str, Any]:
    """The leading term, for a reader."""
    c, m = found.series.terms[0]
    return {"leading term": f"({c})*{m}" if m != UNITY else str(c), "t": "|x|"}


def swings(subject: Subject, end: End, order: int = 0) -> dict[str, Any] | None:
    """A proof that f, or a derivative, has no limit: it oscillates without dying out."""
    try:
        found = subject.towards(end, order)
    except Undecided:
        found = None
    if found and found.swings:
        known = {"periodic": True} if order == 0 and periodic(subject.expr) else {}
        return _proof(end, found, order) | leading(found) | known
    expr = subject.f(order)
    if periodic(expr) and (pair := _two_values(subject, order)):
        return {"rule": "periodic", "order": order, "points": pair, "periodic": order == 0}
    if (found := faster_wave(subject, end)) and (order == 0 or (order == 1 and _lasting(subject, end))):
        return found | {"order": order}
    return None


def faster_wave(subject: Subject, end: End) -> dict[str, Any] | None:
    """A proof that f is the sine or cosine of what grows without end, which may be in a curve."""
    expr = subject.expr
    if not (isinstance(expr, Apply) and expr.op in ("sin", "cos")):
        return None
    try:
        inner = settled(expr.args[0], end)
        endless = isinstance(inner.limit, str) and not inner.stairs
    except Undecided:
        return None
    return {"rule": "wave", "end": end.at, "r": inner.algebra.r} if endless else None


def inner_slope(subject: Subject, end: End) -> Coefficient | str:
    """The limit of the slope of a wave's argument: f′ comes back to ± it again and again."""
    assert isinstance(subject.expr, Apply)
    return settled(derivative(subject.expr.args[0], 1), end).limit


def _lasting(subject: Subject, end: End) -> bool:
    slope = inner_slope(subject, end)
    return isinstance(slope, str) or slope.sign() != 0


def _two_values(subject: Subject, order: int) -> list[str] | None:
    """Two points at which the values differ."""
    seen = subject.samples[order]
    for q, b in seen:
        p, a = seen[0]
        if a.high < b.low or b.high < a.low:
            return [str(p), str(q)]
    return None


def _limit(subject: Subject, end: End) -> Verdict:
    if swing := swings(subject, end):
        return Refuted("it oscillates without end", swing, proof=swing)
    found = subject.towards(end)
    value = found.limit
    low, high = ends_of(value)
    return Proven(METHOD, str(value), low, high, proof=_proof(end, found))


def limit_left(subject: Subject) -> Verdict:
    """The limit towards -inf; refuted where there is none, not even an infinite one."""
    return _limit(subject, LEFT)


def limit_right(subject: Subject) -> Verdict:
    """The limit towards inf."""
    return _limit(subject, RIGHT)


def _asymptote(subject: Subject, end: End) -> Verdict:
    """The line a x + b with f(x) - (a x + b) -> 0."""
    if (swing := swings(subject, end)) and swing.get("rule"):
        return Refuted("it oscillates without end", swing, proof=swing)
    found = subject.towards(end)
    slope, level = Coefficient({}), Coefficient({})
    error = found.series.error
    for c, m in found.series.certain:
        if growth(m) < 0:
            break
        if m not in (T, UNITY) or not c.constant:
            witness = {"term": f"({c})*{m}", "why": "no line has it"}
            if not (c.sign() if c.constant else c.varies()):
                raise Undecided("it may oscillate")
            return Refuted("expansion", witness, proof=_proof(end, found))
        slope, level = (c, level) if m == T else (slope, c)
    if error and growth(error[1]) >= 0:
        raise Undecided("the error of the expansion does not vanish")
    slope = slope if end is RIGHT else -slope
    low, high = ends_of(slope)
    between = [outward(end, side) for end, side in zip(ends_of(level), (-1, 1), strict=True)]
    value = {"slope": str(slope), "intercept": str(level), "intercept_low": between[0], "intercept_high": between[1]}
    return Proven(METHOD, value, low, high, proof=_proof(end, found))


def asymptote_left(subject: Subject) -> Verdict:
    """The line that f approaches towards -inf: slope and intercept."""
    return _asymptote(subject, LEFT)


def asymptote_right(subject: Subject) -> Verdict:
    """The line that f approaches towards inf."""
    return _asymptote(subject, RIGHT)


def _factor(c: Coefficient) -> str:
    return f"({c})" if len(c.terms) > 1 else str(c)


def _exponent(power: Ratio) -> str:
    return str(power) if power.denominator == 1 and power > 0 else f"({power})"


def _order(m: Monomial) -> str:
    parts = []
    if m.log:
        parts.append("log(t)" if m.log == 1 else f"log(t)**{_exponent(m.log)}")
    if m.power:
        parts.append("t" if m.power == 1 else f"t**{_exponent(m.power)}")
    if m.exponent:
        parts.append("exp(" + " + ".join(f"{_factor(c)}*{_order(inner)}" for inner, c in m.exponent) + ")")
    return "*".join(parts) or "1"


def order_of(found: Expansion) -> str:
    """The leading monomial as text; "0" where the formula is 0 from some point on.

    Raises:
        Undecided: where the error hides it.
    """
    top, error = found.series.top, found.series.error
    if top is None:
        return "0"
    if not found.series.terms or (error and growth(error[1] / top) >= 0):
        if top == UNITY and error:
            return "at most 1"
        raise Undecided("the leading term is not told")
    c, _ = found.series.terms[0]
    if not (c.sign() if c.constant else c.varies()):
        raise Undecided("the leading term may vanish")
    return _order(top)


def growth_(subject: Subject) -> Verdict:
    """How f grows towards both ends, t = |x|: "1" is a limit that is not 0, "t**2" a square, "t*exp(-1*t)" a decay."""
    value = {"left": order_of(subject.towards(LEFT)), "right": order_of(subject.towards(RIGHT))}
    return Proven(METHOD, value, proof={"ends": [_proof(e, subject.towards(e)) for e in (LEFT, RIGHT)]})


def _saturates(subject: Subject, end: End) -> Verdict:
    """f′ -> 0 (Gulcehre et al. 2016, Noisy Activation Functions, definition 1), and how fast f reaches its limit."""
    if swing := swings(subject, end, 1):
        return Refuted("the slope oscillates", swing, proof=swing)
    found = subject.towards(end, 1)
    if subject.towards(end).stairs:
        raise Undecided("f steps again and again")
    top = found.series.top
    proof = _proof(end, found, 1)
    if top is not None and growth(top) >= 0:
        slope = found.limit
        if isinstance(slope, Coefficient) and not slope.sign():
            raise Undecided("the slope's limit is not told")
        return Refuted("limit of f′", {"slope": str(slope)}, proof=proof)
    try:
        value = subject.towards(end).limit
    except Undecided:
        return Proven(METHOD, {"rate": decay(top), "of": "the slope; f itself may oscillate"}, proof=proof)
    if isinstance(value, str):
        return Proven(METHOD, {"rate": decay(top), "of": "the slope; f itself is unbounded"}, proof=proof)
    gap = _gap(subject, end, value)
    return Proven(
        METHOD, {"rate": decay(gap), "approach": _order(gap) if gap else "0", "limit": str(value)}, proof=proof
    )


def _gap(subject: Subject, end: End, value: Coefficient) -> Monomial | None:
    """The monomial by which f differs from its limit."""
    for order in ORDERS:
        for r in RADII:
            try:
                series = expand(subject.expr, end, r, order).series
            except Undecided:
                continue
            rest = [m for _, m in series.certain if m != UNITY]
            if rest or series.error is None:
                return rest[0] if rest else None
            return series.error[1]
    raise Undecided("the approach to the limit is not told")


def saturates_left(subject: Subject) -> Verdict:
    """Does the slope vanish towards -inf, and how fast?"""
    return _saturates(subject, LEFT)


def saturates_right(subject: Subject) -> Verdict:
    """Does the slope vanish towards inf?"""
    return _saturates(subject, RIGHT)
