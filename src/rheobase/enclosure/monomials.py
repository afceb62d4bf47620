"""Monomials of an expansion as t -> inf: log(t)**l * t**p * exp(sum of c_j m_j(t)), compared and enclosed.

A scale of this kind is closed under products, quotients and powers, and of two members one outgrows the other
(Hardy, Orders of Infinity, 1910). All statements hold for every t >= R, with R > 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from flint import arb, ctx, fmpq, fmpz

from rheobase.enclosure import boxes
from rheobase.enclosure.coefficients import Coefficient, Ratio, Undecided, lean, rational
from rheobase.enclosure.interval import EINS, INF, NIL, NOUGHT, Interval, add, down, mul, point, up


class TooNear(Undecided):
    """A statement about all t >= R wants a larger R."""


class Monomial(NamedTuple):
    """log(t)**log * t**power * exp(Σ coefficient * monomial)."""

    log: Ratio
    power: Ratio
    exponent: tuple[tuple[Monomial, Coefficient], ...] = ()

    def __mul__(self, other: object) -> Monomial:
        assert isinstance(other, Monomial)
        if other == UNITY:
            return self
        if not self.exponent and not other.exponent:
            return Monomial(self.log + other.log, self.power + other.power)
        return _product(self, other)

    def __truediv__(self, other: Monomial) -> Monomial:
        if other == UNITY:
            return self
        if not self.exponent and not other.exponent:
            return Monomial(self.log - other.log, self.power - other.power)
        return _quotient(self, other)

    def to_the(self, exponent: Ratio) -> Monomial:
        factor = rational(exponent)
        return Monomial(
            lean(self.log * exponent),
            lean(self.power * exponent),
            tuple((m, c * factor) for m, c in self.exponent) if exponent else (),
        )

    def __str__(self) -> str:
        parts = [
            f"{name}**{e if e.denominator == 1 else f'({e})'}"
            for name, e in (("log(t)", self.log), ("t", self.power))
            if e
        ]
        if self.exponent:
            parts.append("exp(" + " + ".join(f"{c}*{m}" for m, c in self.exponent) + ")")
        return "*".join(parts) or "1"


@lru_cache(maxsize=65536)
def _product(a: Monomial, b: Monomial) -> Monomial:
    return Monomial(a.log + b.log, a.power + b.power, _sum(a.exponent, b.exponent))


@lru_cache(maxsize=65536)
def _quotient(a: Monomial, b: Monomial) -> Monomial:
    return _product(a, b.to_the(-1))


@lru_cache(maxsize=65536)
def _name(m: Monomial) -> str:
    return str(m)


def _by_name(term: tuple[Monomial, Coefficient]) -> str:
    return _name(term[0])


def _sum(
    a: tuple[tuple[Monomial, Coefficient], ...], b: tuple[tuple[Monomial, Coefficient], ...]
) -> tuple[tuple[Monomial, Coefficient], ...]:
    if not a or not b:
        return a or b
    total = dict(a)
    for m, c in b:
        total[m] = total[m] + c if m in total else c
    return tuple(sorted(((m, c) for m, c in total.items() if c.terms), key=_by_name))


UNITY = Monomial(0, 0)
LOG = Monomial(1, 0)
T = Monomial(0, 1)


def exponential(terms: list[tuple[Monomial, Coefficient]]) -> Monomial:
    """exp(Σ coefficient * monomial) of large monomials; a multiple of log t becomes a power.

    Raises:
        Undecided: for a multiple of log t that is not rational, or roots of log t.
    """
    power: Ratio = 0
    kept: list[tuple[Monomial, Coefficient]] = []
    for m, c in terms:
        if m == LOG:
            if c.rational is None:
                raise Undecided(f"t to the power of {c}")
            power += c.rational
        elif not m.exponent and not m.power and m.log < 1:
            raise Undecided(f"exp({m})")
        else:
            kept.append((m, c))
    return Monomial(0, lean(power), tuple(sorted(kept, key=_by_name)))


@lru_cache(maxsize=65536)
def growth(m: Monomial) -> int:
    """+1 where m -> inf, -1 where m -> 0, 0 where m is 1."""
    if m.exponent:
        return _leading(m)[1].sign()
    size = m.power or m.log
    return (size > 0) - (size < 0)


@lru_cache(maxsize=65536)
def outgrows(a: Monomial, b: Monomial) -> int:
    """+1 where a/b -> inf, -1 where it -> 0, 0 where they are the same."""
    if not a.exponent and not b.exponent:
        return (a[1::-1] > b[1::-1]) - (a[1::-1] < b[1::-1])
    return 0 if a == b else growth(a / b)


def decay(m: Monomial | None) -> str:
    """The name of how fast something vanishes; None stands for what is 0 from some point on."""
    if m is None:
        return "constant from some point on"
    if m.exponent:
        top = _leading(m)[0]
        if top.exponent:
            return "doubly exponential"
        return "exponential" if top == T else "Gaussian" if top == T.to_the(2) else f"exp of {top}"
    return f"algebraic, 1/x^{-m.power}" if m.power != -1 else "algebraic, 1/x"


def _leading(m: Monomial) -> tuple[Monomial, Coefficient]:
    best = m.exponent[0]
    for other in m.exponent[1:]:
        if outgrows(other[0], best[0]) > 0:
            best = other
    return best


def value_at(m: Monomial, r: int) -> Interval:
    """m(R)."""
    t = arb(fmpz(r))
    total = arb(1)
    if m.log:
        total *= t.log() ** arb(fmpq(m.log.numerator, m.log.denominator))
    if m.power:
        total *= t ** arb(fmpq(m.power.numerator, m.power.denominator))
    result = Interval(down(total), up(total))
    if m.exponent:
        inside = NIL
        for inner, c in m.exponent:
            inside = add(inside, mul(c.interval(), value_at(inner, r)))
        result = mul(result, boxes.exponential(inside))
    return result


def spread(m: Monomial, r: int) -> Interval:
    """All values of m at t >= R.

    Raises:
        TooNear: where m does not rise or fall for good from R on.
    """
    return _spread(m, r, ctx.prec)


@lru_cache(maxsize=65536)
def _spread(m: Monomial, r: int, _: int) -> Interval:
    if m == UNITY:
        return EINS
    direction = growth(m)
    slope = _log_slope(m, r)
    if direction > 0 and slope.low >= 0:
        return Interval(value_at(m, r).low, INF)
    if direction < 0 and slope.high <= 0:
        return Interval(NOUGHT, value_at(m, r).high)
    raise TooNear(f"{m} turns beyond t = {r}")


def _log_slope(m: Monomial, r: int) -> Interval:
    """t d/dt log m over t >= R: log/log(t) + power + Σ c m_j (t d/dt log m_j), the largest m_j taken out."""
    total = point(m.power)
    if m.log:
        end = point(m.log)
        at_start = mul(end, Interval(NOUGHT, up(1 / arb(fmpz(r)).log())))
        total = add(total, at_start)
    if m.exponent:
        leading, _ = _leading(m)
        inside = NIL
        for inner, c in m.exponent:
            ratio = EINS if inner == leading else spread(inner / leading, r)
            inside = add(inside, mul(mul(c.interval(), ratio), _log_slope(inner, r)))
        total = add(total, mul(spread(leading, r), inside))
    return total
