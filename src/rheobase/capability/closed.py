"""Parity of every n at once: a curve that swings about a level for ever, shown by a rule and not by name.

Put x = start + k·period into the formula, with k = 0, 1, 2, … Each sine, cosine and sinc of it becomes a number times
(−1)^k, or a number; the rest is a rational function of k with coefficients in ℚ[π], computed exactly. When
f = A + (−1)^k B with A a constant and B of one sign for all k ≥ 0, the level A parts even from odd k for every n.
B has one sign when its numerator has coefficients of one sign and its denominator too (no root at any k ≥ 0).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from flint import arb, fmpq

from rheobase.expr import Apply, Constant, Expr, Number, Variable, add, div, mul, postorder, rebuild, with_args, x
from rheobase.simplify import simplify

Poly = dict[tuple[int, int], Fraction]
"""Exponents of k and of π, and the coefficient."""

MOST_TERMS = 200


class Ratio(NamedTuple):
    """A rational function of k and π."""

    top: Poly
    bottom: Poly


class Swing(NamedTuple):
    """even + (−1)^k · odd."""

    even: Ratio
    odd: Ratio


class Alternation(NamedTuple):
    """f(start + k·period) − level changes sign with every k, for ever; `above` is the sign at k = 0."""

    start: Expr
    period: Expr
    level: Expr
    above: int


ZERO: Poly = {}
ONE: Poly = {(0, 0): Fraction(1)}


def alternations(f: Expr) -> Iterator[Alternation]:
    """Arithmetic progressions on which f alternates about a level for every n.

    >>> from rheobase.parse import parse
    >>> found = next(alternations(parse("x*cos(x)")))
    >>> str(found.start), str(found.period), str(found.level), found.above
    ('pi', 'pi', '0', -1)
    >>> list(alternations(parse("x + sin(x)**2")))
    []
    """
    unfolded = _unfolded(f)
    for slope in sorted(_slopes(unfolded)):
        period = simplify(div(Constant("pi"), Number(slope)))
        for halves in range(7):
            start = simplify(mul(Number(Fraction(halves, 2)), period)) if halves else Number(0)
            place = simplify(add(start, mul(_K, period)))
            swing = _evaluate(unfolded, place)
            found = _judged(swing, start, period) if swing else None
            if found:
                yield found


_K = Variable("k")


def _judged(swing: Swing, start: Expr, period: Expr) -> Alternation | None:
    level, sign = _constant(swing.even), _one_sign(swing.odd)
    return Alternation(start, period, level, sign) if level is not None and sign else None


# ------------------------------------------------------------------------------------------------ squares of sines


def _unfolded(f: Expr) -> Expr:
    """sin² and cos² as cosines of the double angle, so that every swing is linear in a sine or cosine."""
    return rebuild(f, lambda node, args: _double_angle(with_args(node, args)))


def _double_angle(node: Expr) -> Expr:
    if isinstance(node, Apply) and node.op == "pow" and node.args[1] is Number(2):
        base = node.args[0]
        if isinstance(base, Apply) and base.op in ("sin", "cos"):
            twice = Apply("cos", (simplify(mul(Number(2), base.args[0])),))
            return div(Number(1) - twice if base.op == "sin" else Number(1) + twice, Number(2))
    return node


def _slopes(f: Expr) -> set[Fraction]:
    """The frequencies of the sines and cosines whose argument is linear in x with a rational slope."""
    found = set()
    for node in postorder(f):
        if isinstance(node, Apply) and node.op in ("sin", "cos", "sinc") and "x" in node.symbols:
            ratio = _rational(node.args[0], {x: {(1, 0): Fraction(1)}})
            if ratio and ratio.bottom == ONE and set(ratio.top) <= {(1, 0), (0, 0), (0, 1)} and ratio.top.get((1, 0)):
                found.add(abs(ratio.top[(1, 0)]))
    return found


# --------------------------------------------------------------------------------------------- arithmetic in k and π


def _times(a: Poly, b: Poly) -> Poly:
    out: Poly = {}
    for (i, j), u in a.items():
        for (k, m), v in b.items():
            out[i + k, j + m] = out.get((i + k, j + m), Fraction(0)) + u * v
    return {key: v for key, v in out.items() if v}


def _plus(a: Poly, b: Poly) -> Poly:
    out = dict(a)
    for key, v in b.items():
        out[key] = out.get(key, Fraction(0)) + v
    return {key: v for key, v in out.items() if v}


def _add(a: Ratio, b: Ratio) -> Ratio:
    if a.bottom == b.bottom:
        return Ratio(_plus(a.top, b.top), a.bottom)
    if not a.top:
        return b
    if not b.top:
        return a
    return Ratio(_plus(_times(a.top, b.bottom), _times(b.top, a.bottom)), _times(a.bottom, b.bottom))


def _mul(a: Ratio, b: Ratio) -> Ratio:
    top = _times(a.top, b.top)
    return Ratio(top, _times(a.bottom, b.bottom) if top else ONE)


def _evaluate(f: Expr, place: Expr) -> Swing | None:
    """f at x = place, which is linear in k; None where a node is of another kind."""
    made: dict[Expr, Swing] = {}
    for node in postorder(f):
        swing = _node(node, place, [made[a] for a in node.args])
        if swing is None or max(len(p) for ratio in swing for p in ratio) > MOST_TERMS:
            return None
        made[node] = swing
    return made[f]


def _node(node: Expr, place: Expr, args: list[Swing]) -> Swing | None:
    if isinstance(node, Apply) and node.op in ("sin", "cos", "sinc"):
        return _wave(node.op, args[0])
    if isinstance(node, Variable):
        known = _rational(place, {_K: {(1, 0): Fraction(1)}})
        return None if known is None else Swing(known, Ratio(ZERO, ONE))
    return _arithmetic(node, args)


def _arithmetic(node: Expr, args: list[Swing]) -> Swing | None:
    nothing = Ratio(ZERO, ONE)
    match node:
        case Number():
            return Swing(Ratio({(0, 0): node.value} if node.value else ZERO, ONE), nothing)
        case Constant(name="pi"):
            return Swing(Ratio({(0, 1): Fraction(1)}, ONE), nothing)
        case Apply(op="neg"):
            return _scaled(args[0], Fraction(-1))
        case Apply(op="add"):
            return Swing(_add(args[0].even, args[1].even), _add(args[0].odd, args[1].odd))
        case Apply(op="sub"):
            minus = _scaled(args[1], Fraction(-1))
            return Swing(_add(args[0].even, minus.even), _add(args[0].odd, minus.odd))
        case Apply(op="mul"):
            return _product(*args)
        case Apply(op="div"):
            inverse = _inverse(args[1])
            return _product(args[0], inverse) if inverse else None
        case Apply(op="pow", args=(_, Number(value=n))) if n.denominator == 1 and 0 <= n <= 8:
            power = Swing(Ratio(ONE, ONE), nothing)
            for _ in range(int(n)):
                power = _product(power, args[0])
            return power
    return None


def _product(a: Swing, b: Swing) -> Swing:
    """((−1)^k)² = 1."""
    return Swing(
        _add(_mul(a.even, b.even), _mul(a.odd, b.odd)),
        _add(_mul(a.even, b.odd), _mul(a.odd, b.even)),
    )


def _scaled(a: Swing, by: Fraction) -> Swing:
    return Swing(*(Ratio({key: v * by for key, v in ratio.top.items()}, ratio.bottom) for ratio in a))


def _inverse(a: Swing) -> Swing | None:
    """1/a where a has only one of its parts, and that is 0 at no k ≥ 0."""
    if not a.odd.top and _one_sign(a.even):
        return Swing(Ratio(a.even.bottom, a.even.top), Ratio(ZERO, ONE))
    if not a.even.top and _one_sign(a.odd):
        return Swing(Ratio(ZERO, ONE), Ratio(a.odd.bottom, a.odd.top))
    return None


def _wave(op: str, argument: Swing) -> Swing | None:
    """sin, cos, sinc of π(a·k + r) with a whole and 2r whole: 0, or ±1 times 1 or (−1)^k."""
    if argument.odd.top or argument.even.bottom != ONE or not set(argument.even.top) <= {(1, 1), (0, 1)}:
        return None
    a, r = argument.even.top.get((1, 1), Fraction(0)), argument.even.top.get((0, 1), Fraction(0))
    if a.denominator != 1 or (2 * r).denominator != 1:
        return None
    quarter = int(2 * r) % 4 if op != "cos" else int(2 * r + 1) % 4
    size = Fraction((0, 1, 0, -1)[quarter])
    value = Ratio({(0, 0): size} if size else ZERO, ONE)
    nothing = Ratio(ZERO, ONE)
    wave = Swing(nothing, value) if a % 2 else Swing(value, nothing)
    if op != "sinc":
        return wave
    inverse = _inverse(argument)
    return _product(wave, inverse) if inverse else None


def _rational(expr: Expr, variables: dict[Variable, Poly]) -> Ratio | None:
    """A formula of numbers, π and the variables, without sines, as a rational function."""
    made: dict[Expr, Swing] = {}
    for node in postorder(expr):
        if isinstance(node, Variable) and node in variables:
            made[node] = Swing(Ratio(variables[node], ONE), Ratio(ZERO, ONE))
            continue
        swing = _arithmetic(node, [made[a] for a in node.args])
        if swing is None:
            return None
        made[node] = _reduced(swing)
    return made[expr].even


def _reduced(a: Swing) -> Swing:
    """A numeric denominator divided out."""
    even = a.even
    if set(even.bottom) == {(0, 0)}:
        even = Ratio({key: v / even.bottom[0, 0] for key, v in even.top.items()}, ONE)
    return Swing(even, a.odd)


# ----------------------------------------------------------------------------------------------------------- verdicts


def _by_power(poly: Poly) -> dict[int, arb]:
    """The coefficient of each power of k, a polynomial in π, as a ball; structural zeros are absent."""
    out: dict[int, arb] = {}
    for (i, j), v in poly.items():
        out[i] = out.get(i, arb(0)) + arb(fmpq(v.numerator, v.denominator)) * arb.pi() ** j
    return out


def _one_sign(ratio: Ratio) -> int:
    """+1 or −1 where the rational function has that sign at every k ≥ 0; 0 where this rule does not tell."""
    signs = []
    for poly in ratio:
        coefficients = _by_power(poly)
        if 0 not in coefficients:
            return 0
        for sign in (1, -1):
            if all(sign * c > 0 for c in coefficients.values()):
                signs.append(sign)
                break
        else:
            return 0
    return signs[0] * signs[1]


def _constant(ratio: Ratio) -> Expr | None:
    """The value of a rational function that does not depend on k."""
    if not ratio.top:
        return Number(0)
    if any(i for i, _ in ratio.top) or any(i for i, _ in ratio.bottom):
        return None
    parts = []
    for poly in ratio:
        total: Expr = Number(0)
        for (_, j), v in poly.items():
            total = add(total, mul(Number(v), Constant("pi") ** j) if j else Number(v))
        parts.append(total)
    return simplify(div(*parts))
