"""Balls of python-flint for the primitives that it lacks, and for those that need a case at 0 or far out.

Sources: identities of the logistic and normal distributions; sinc is the unnormalised sin(a)/a.
"""

from __future__ import annotations

from flint import arb, ctx, fmpq

ZERO = arb(0)
HALF = arb(fmpq(1, 2))
FAR = arb(2) ** 1100
"""Beyond every double: exp(a) of such an a, an exponential of an exponential, is taken for infinite."""
DEEP = arb(2) ** 60
"""Beyond this, Arb's own exponential gives up."""


def power(a: arb, b: arb) -> arb:
    """`a**b`, with `0**b = 0` for b > 0, which exp(b log a) does not give."""
    if a == 0 and b > 0:
        return arb(0)
    whole = b.unique_fmpz() if b.is_exact() else None
    if whole is not None:
        return a**whole
    return exp(b * a.log())


def exp(a: arb) -> arb:
    if not abs(a) > DEEP:
        return a.exp()
    if abs(a) > FAR:
        return arb.pos_inf() if a > 0 else arb(0)
    before = ctx.prec
    ctx.prec += 1100
    try:
        # exp(a) = 2**n exp(a - n log 2), with as many bits of log 2 as a has before the point.
        twos = (a / arb(2).log()).mid().floor().unique_fmpz()
        assert twos is not None
        rest = (a - twos * arb(2).log()).exp()
    finally:
        ctx.prec = before
    return +rest * arb((1, twos))


def expm1(a: arb) -> arb:
    return exp(a) - 1 if abs(a) > DEEP else a.expm1()


def sinh(a: arb) -> arb:
    return (exp(a) - exp(-a)) / 2 if abs(a) > DEEP else a.sinh()


def cosh(a: arb) -> arb:
    return (exp(a) + exp(-a)) / 2 if abs(a) > DEEP else a.cosh()


def sech(a: arb) -> arb:
    return 2 * exp(-abs(a)) if abs(a) > DEEP else a.sech()


def less(a: arb, b: arb) -> bool | None:
    """a < b; None where the balls do not tell, or one is NaN."""
    return True if a < b else False if a >= b else None


def at_most(a: arb, b: arb) -> bool | None:
    """a <= b; None where the balls do not tell, or one is NaN."""
    return True if a <= b else False if a > b else None


def where(condition: bool | None, a: arb, b: arb) -> arb:
    """The branch taken; the hull of both where the condition is not decided."""
    return a.union(b) if condition is None else a if condition else b


def sign(a: arb) -> arb:
    return arb(0) if a == 0 else arb(1) if a > 0 else arb(-1) if a < 0 else arb(0, 1)


def step(a: arb) -> arb:
    return arb(1) if a >= 0 else arb(0) if a < 0 else arb(HALF, HALF)


def nearest_integer(a: arb) -> arb:
    """Halves go to the even neighbour, as in IEEE 754."""
    up = (a + HALF).floor()
    if up - a == HALF and not (up / 2).is_integer():
        return up - 1
    return up


def erf(a: arb) -> arb:
    return sign(a) if abs(a) > FAR else a.erf()


def erfc(a: arb) -> arb:
    return 1 - sign(a) if abs(a) > FAR else a.erfc()


def sigmoid(a: arb) -> arb:
    if a > 0:
        return 1 / (1 + exp(-a))
    grown = exp(a)
    return grown / (1 + grown)


def softplus(a: arb) -> arb:
    return a + exp(-a).log1p() if a > 0 else exp(a).log1p()


def Phi(a: arb) -> arb:
    return erfc(-a / arb(2).sqrt()) / 2


def phi(a: arb) -> arb:
    return exp(-a * a / 2) / (2 * arb.pi()).sqrt()


def sinc(a: arb) -> arb:
    return arb(1) if a == 0 else a.sin() / a


def dsinc(a: arb) -> arb:
    """sinc'(a) = (cos a - sinc a) / a."""
    return arb(0) if a == 0 else (a.cos() - a.sin() / a) / a
