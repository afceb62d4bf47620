"""Taylor polynomials in h around a number, from one side or both, whose coefficients are fractions or balls.

A germ is a tuple (c0, c1, …) with f(p + h) = c0 + c1 h + … + o(h**n) as h -> 0. A coefficient is a Fraction as long as
only rational numbers are met, so that a comparison at the edge of a branch is exact; else a ball. Derivatives come from
the arithmetic of power series (Arb's `arb_series`), not from anybody's rules. A germ of one coefficient is a value.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, arb_series, ctx, fmpq

Number = Fraction | arb
Germ = tuple[Any, ...]
LONG = 4000
"""Bits of a fraction that is rounded to a ball."""
LARGEST = 25_000
"""Bits before the point of a number whose exponential is worked out."""
TINY = arb(2) ** (-(2**62))


class Undefined(Exception):
    """There is no value, for sure."""


class Untold(Exception):
    """The value, or a derivative, is beyond this arithmetic, or the balls are too wide."""


def ball(c: Any) -> arb:
    return arb(fmpq(c.numerator, c.denominator)) if isinstance(c, Fraction) else c


def _short(c: Number) -> Number:
    if isinstance(c, Fraction) and max(abs(c.numerator), c.denominator).bit_length() > LONG:
        return ball(c)
    if isinstance(c, arb) and not c.is_finite():
        raise Untold
    return c


def sign(c: Number) -> int | None:
    """The sign of a coefficient, None where a ball does not tell."""
    return 1 if c > 0 else -1 if c < 0 else 0 if c == 0 else None


def add(a: Germ, b: Germ) -> Germ:
    return tuple(
        _short(p + q if isinstance(p, Fraction) and isinstance(q, Fraction) else ball(p) + ball(q))
        for p, q in zip(a, b, strict=False)
    )


def neg(a: Germ) -> Germ:
    return tuple(-c for c in a)


def sub(a: Germ, b: Germ) -> Germ:
    return add(a, neg(b))


def _times(p: Number, q: Number) -> Number:
    return _short(p * q if isinstance(p, Fraction) and isinstance(q, Fraction) else ball(p) * ball(q))


def mul(a: Germ, b: Germ) -> Germ:
    made: list[Number] = []
    for k in range(min(len(a), len(b))):
        parts = [_times(a[i], b[k - i]) for i in range(k + 1) if not (a[i] == 0 or b[k - i] == 0)]
        total: Number = Fraction(0)
        for part in parts:
            (total,) = add((total,), (part,))
        made.append(total)
    return tuple(made)


def div(a: Germ, b: Germ, side: int) -> Germ:
    """a/b; beside a common zero what is left when it is taken out."""
    if len(b) == 1 and b[0] == 0 and side == 0:
        raise Undefined
    common = 0
    while side and common + 1 < min(len(a), len(b)) and a[common] == 0 and b[common] == 0:
        common += 1
    a, b = a[common:], b[common:]
    if not sign(b[0]):
        raise Untold
    made: list[Number] = []
    for k in range(min(len(a), len(b))):
        rest = a[k]
        for i in range(1, k + 1):
            (rest,) = sub((rest,), (_times(b[i], made[k - i]),))
        lead = b[0]
        exact = isinstance(rest, Fraction) and isinstance(lead, Fraction)
        made.append(_short(rest / lead if exact else ball(rest) / ball(lead)))
    return tuple(made)


def leading(a: Germ, side: int) -> int | None:
    """The sign of a germ on its side; of a value, its sign. None where it is not told."""
    for k, c in enumerate(a):
        s = sign(c)
        if s is None:
            return None
        if s:
            return s * side**k if k == 0 or side else None
    return 0 if len(a) == 1 and side == 0 else None


def series(a: Germ, rule: Callable[[Any], Any]) -> Germ:
    """A function of power series applied to a germ."""
    found = rule(arb_series([ball(c) for c in a], prec=len(a)))
    kept: list[Number] = []
    for k in range(len(a)):
        if not found[k].is_finite():
            break
        kept.append(found[k])
    if not kept:
        raise Untold
    return tuple(kept)


def constant(value: Number, like: Germ) -> Germ:
    return (value, *[Fraction(0)] * (len(like) - 1))


ONE, TWO = Fraction(1), Fraction(2)


def _scaled(a: Germ, k: Fraction) -> Germ:
    return mul(constant(k, a), a)


def exp(a: Germ) -> Germ:
    if a[0] == 0 and len(a) == 1:
        return (ONE,)
    size = ball(a[0])
    if abs(size) < 2**50:
        return series(a, lambda s: s.exp())
    bits = int(abs(size).upper().log().upper().floor().unique_fmpz() or 0) * 3 // 2 + 2
    if bits > LARGEST:
        if size < 0:
            return (TINY + arb(0, TINY),)
        raise Untold
    before = ctx.prec
    ctx.prec += bits
    try:  # 2**n exp(a - n log 2), with as many bits of log 2 as a has before the point
        twos = (size / arb(2).log()).mid().floor().unique_fmpz()
        assert twos is not None
        rest = series((size - twos * arb(2).log(), *a[1:]), lambda s: s.exp())
    finally:
        ctx.prec = before
    return tuple(+c * arb((1, twos)) for c in rest)


def log(a: Germ, side: int) -> Germ:
    s = leading(a[:1], 0)
    if s == -1 or (s == 0 and len(a) == 1 and side == 0):
        raise Undefined
    if not s:
        raise Untold
    return (Fraction(0),) if a == (ONE,) else series(a, lambda v: v.log())


def log1p(a: Germ, side: int) -> Germ:
    found = log(add(constant(ONE, a), a), side)
    return (a[0] if a[0] == 0 else ball(a[0]).log1p(), *found[1:])


def expm1(a: Germ) -> Germ:
    found = exp(a)
    own = ball(a[0]).expm1() if abs(ball(a[0])) < 1 else found[0] - 1
    return (a[0] if a[0] == 0 else own, *found[1:])


def power(a: Germ, b: Germ, side: int) -> Germ:
    exponent = b[0]
    whole = all(c == 0 for c in b[1:]) and isinstance(exponent, Fraction)
    if whole and exponent.denominator == 1:
        if a[0] == 0 and len(a) == 1 and side == 0 and exponent < 0:
            raise Undefined
        return _whole(a, int(exponent), side)
    s = leading(a, side)
    if s == -1:
        if isinstance(exponent, Fraction) and exponent.denominator != 1:
            raise Undefined
        raise Untold
    if s == 0:
        e = sign(exponent)
        if e is None:
            raise Untold
        if e < 0:
            raise Undefined
        return (Fraction(0) if e else ONE,)
    if s is None:
        raise Untold
    if a[0] != 0:
        return (ONE,) if a == (ONE,) else exp(mul(b, log(a, side)))
    if not whole or exponent < 0:
        raise Untold
    return _root(a, exponent, side)


def _whole(a: Germ, n: int, side: int) -> Germ:
    if n < 0:
        return div(constant(ONE, a), _whole(a, -n, side), side)
    if n > 40 and len(a) == 1 and not isinstance(a[0], Fraction):
        return (_short(a[0] ** n),)
    result, base = constant(ONE, a), a
    while n:
        result, base, n = mul(result, base) if n & 1 else result, mul(base, base) if n > 1 else base, n >> 1
    return result


def _root(a: Germ, exponent: Fraction, side: int) -> Germ:
    """A power, not a whole one, of what is 0 at h = 0 and positive beside it."""
    first = next(k for k, c in enumerate(a) if c != 0)
    order = first * exponent
    if order.denominator != 1:
        return tuple(Fraction(0) for _ in range(min(int(order) + 1, len(a))))
    turned = _scaled(a[first:], Fraction(side**first))
    rest = exp(mul(constant(exponent, turned), log(turned, side)))
    return (*[Fraction(0)] * int(order), *_scaled(rest, Fraction(side ** int(order))))


def floor(a: Germ, side: int) -> Germ:
    c = a[0]
    if isinstance(c, Fraction):
        low = Fraction(c.numerator // c.denominator)
        if low == c and len(a) > 1:
            if not (s := leading((Fraction(0), *a[1:]), side)):
                raise Untold
            low -= s < 0
        return constant(low, a)
    found = ball(c).floor()
    whole = found.unique_fmpz()
    if whole is None and len(a) > 1:
        raise Untold
    if len(a) > 1 and ball(c).is_exact() and c == found:
        raise Untold
    return (found,) if whole is None else constant(Fraction(int(whole)), a)


def nearest(a: Germ, side: int) -> Germ:
    """The nearest whole number, halves to the even one; beside a half, the one on that side."""
    raised = add(a, constant(Fraction(1, 2), a))
    found = floor(raised, side)
    tie = len(a) == 1 and ball(raised[0]) == ball(found[0])
    return (found[0] - 1,) if tie and isinstance(found[0], Fraction) and found[0] % 2 else found


def sinc(a: Germ) -> Germ:
    if a[0] == 0 or abs(ball(a[0])) < TINY_ARGUMENT:
        return _composed(a, [1, 0, (-1, 6), 0, (1, 120), 0, (-1, 5040)], (1, 362880))
    return div(series(a, lambda s: s.sin()), a, 0)


def dsinc(a: Germ) -> Germ:
    if a[0] == 0 or abs(ball(a[0])) < TINY_ARGUMENT:
        return _composed(a, [0, (-1, 3), 0, (1, 30), 0, (-1, 840)], (1, 45360))
    return div(sub(series(a, lambda s: s.cos()), sinc(a)), a, 0)


TINY_ARGUMENT = arb(2) ** -60


def _composed(a: Germ, factors: list[Any], last: Any) -> Germ:
    """An alternating series about 0, at most four coefficients of it; the error is below the first term left out."""
    told = [Fraction(*f) if isinstance(f, tuple) else Fraction(f) for f in factors]
    total = constant(Fraction(0), a)
    for factor in reversed(told):
        total = add(constant(factor, a), mul(a, total))
    if a[0] == 0:
        return total[: len(told)]
    room = ball(Fraction(*last)) * abs(ball(a[0])) ** len(told)
    return (ball(total[0]) + arb(0, room.upper()),)
