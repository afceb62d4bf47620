"""Moments of the output under a standard normal input, as certified enclosures.

Between -R and R the pieces between the breaks are integrated by Arb's adaptive Gauss-Legendre quadrature, whose
error is enclosed (Johansson 2018, Numerical integration in arbitrary-precision ball arithmetic); beyond, the
expansion of x² f(x) φ(x) gives a bound.
"""

from __future__ import annotations

from fractions import Fraction

from flint import acb, arb, fmpq

from rheobase.certify.regularity import breaks, rough
from rheobase.certify.subject import Subject, close_to, value_of
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.complex import Resolved
from rheobase.enclosure.expansion import BITS, LEFT, RIGHT, expand
from rheobase.enclosure.interval import Interval, precision
from rheobase.expr import Apply, Expr, x
from rheobase.simplify import simplify

REACH = (16, 32, 64, 256)


def mean(subject: Subject, expr: Expr) -> Interval:
    """E g(z), z ~ N(0, 1), for a formula g whose breaks are those of the subject.

    Raises:
        Undecided: where a tail cannot be bounded or a break has no short name.
    """
    weighted = simplify(expr * Apply("phi", (x,)))
    reach, rest = _beyond(subject, weighted)
    if rough(subject):
        raise Undecided("a kink without a short name stands in the integral")
    cuts = [p for p in breaks(subject) if abs(close_to(p)) < reach]
    with precision(BITS):
        ends = [arb(-reach), *[value_of(p).ball for p in cuts], arb(reach)]
        marks = [Fraction(-reach), *[close_to(p) for p in cuts], Fraction(reach)]
        total = arb(0)
        for a, b, left, right in zip(ends, ends[1:], marks, marks[1:], strict=False):
            piece = Resolved(weighted, (left + right) / 2)
            found = acb.integral(lambda z, analytic, piece=piece: piece(z, analytic), a, b, rel_tol=arb(2) ** -60)
            if not found.real.is_finite():
                raise Undecided("the quadrature did not settle")
            total += found.real
        whole = total + arb(0, rest)
        return iv.around(whole)


def _beyond(subject: Subject, weighted: Expr) -> tuple[int, arb]:
    """(R, a bound of the two integrals beyond ±R)."""
    scaled = simplify(x**2 * weighted)
    outermost = max((abs(close_to(p)) for p in subject.points), default=Fraction(0))
    reason = "the tails are not bounded"
    for r in REACH:
        if r <= outermost + 1:
            continue
        try:
            with precision(BITS):
                bounds = [iv.size(expand(scaled, end, r).box).high for end in (LEFT, RIGHT)]
        except Undecided as error:
            reason = error.what
            continue
        if all(b < iv.INF for b in bounds):
            return r, (bounds[0] + bounds[1]) / r
    raise Undecided(reason)


__all__ = ["enclosure", "fmpq", "mean"]
