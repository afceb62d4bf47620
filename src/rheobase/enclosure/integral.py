"""E g(z) for a standard normal z, as an enclosure.

Between -R and R each piece is integrated by Arb's adaptive Gauss-Legendre quadrature, whose error is enclosed
(Johansson 2018, Numerical integration in arbitrary-precision ball arithmetic); beyond, the expansion of
x² g(x) φ(x) bounds what is left by its supremum over R. Polynomial halves are integrated exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from flint import acb, arb

from rheobase.enclosure import interval as iv
from rheobase.enclosure.algebra import polynomial
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided, atom, rational
from rheobase.enclosure.complex import Analytic
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.expansion import LEFT, RIGHT, expand
from rheobase.enclosure.interval import Interval, precision
from rheobase.enclosure.pieces import resolved
from rheobase.expr import Apply, Constant, Expr, Number, x
from rheobase.simplify import simplify

OFF_CENTRE = Fraction(531, 1000)
"""Where within a piece its switches are read: not at a zero."""


TOLERANCE = arb(2) ** -60
EVALUATIONS = 10_000
"""Of the integrand on one piece; the catalogue's take up to 2,700 for all pieces together."""


def weighted(expr: Expr) -> Expr:
    return simplify(expr * Apply("phi", (x,)))


def beyond(expr: Expr, r: int) -> arb:
    """A bound of the integrals of g φ beyond -r and beyond r.

    Raises:
        Undecided: where none is found, or a larger r is wanted.
    """
    scaled = simplify(x**2 * weighted(expr))
    with precision(BITS):
        bounds = [iv.size(expand(scaled, end, r).box).high for end in (LEFT, RIGHT)]
        if not all(b < iv.INF for b in bounds):
            raise Undecided("the tails are not bounded")
        return (bounds[0] + bounds[1]) / r


Cut = Expr | tuple[Fraction, Fraction]
"""A point at which g breaks, or the ends of a box within which it does."""


def gaussian_mean(expr: Expr, cuts: Sequence[Cut], r: int) -> Interval:
    """E g(z), where g is analytic between the cuts, which are in order and within ±r.

    Raises:
        Undecided: where a tail cannot be bounded, or the quadrature does not settle.

    >>> from rheobase.parse import parse
    >>> found = gaussian_mean(parse("relu(x)"), [Number(0)], 16)
    >>> round(float(found.low), 12), bool(found.high - found.low < 1e-20)
    (0.398942280401, True)
    """
    rest = beyond(expr, r)
    product = weighted(expr)
    with precision(BITS):
        gaps = [(iv.point(-r).ball,) * 2, *[_ends(cut) for cut in cuts], (iv.point(r).ball,) * 2]
        if not all(a[1] <= b[0] for a, b in pairwise(gaps)):
            raise Undecided("the cuts are not in order")
        total = arb(0)
        for cut in cuts:
            if isinstance(cut, tuple):
                box = iv.between(*cut)
                total += iv.mul(enclosure(product)(box).range, iv.sub(iv.point(cut[1]), iv.point(cut[0]))).ball
        for (_, a), (b, _) in pairwise(gaps):
            inside = Fraction(float(a.mid())) + Fraction(float((b - a).mid())) * OFF_CENTRE
            found = acb.integral(Analytic(resolved(product, inside)), a, b, rel_tol=TOLERANCE, eval_limit=EVALUATIONS)
            if not found.real.is_finite():
                raise Undecided("the quadrature does not settle")
            total += found.real
        return iv.around(total + arb(0, rest))


def _ends(cut: Cut) -> tuple[arb, arb]:
    if isinstance(cut, tuple):
        return iv.point(cut[0]).ball, iv.point(cut[1]).ball
    here = exactly(cut).interval().ball
    return here, here


def exact_mean(expr: Expr) -> Coefficient | None:
    """E g(z) exactly, where g is a polynomial on either side of 0."""
    total = Coefficient({})
    for side in (-1, 1):
        try:
            factors = polynomial(resolved(expr, Fraction(side * 531, 1000)))
        except Undecided:
            return None
        if factors is None:
            return None
        for k, factor in factors.items():
            total = total + factor * rational(Fraction(side) ** k) * _half_moment(k)
    return total


def _half_moment(k: int) -> Coefficient:
    """∫ x^k φ(x) dx from 0 to inf: (k-1)!!/2 for an even k, (k-1)!!/sqrt(2 pi) for an odd one."""
    double = 1
    for i in range(k - 1, 1, -2):
        double *= i
    if k % 2 == 0:
        return rational(Fraction(double, 2))
    return rational(double) * atom(Constant("pi"), Fraction(-1, 2)) * exactly(Number(2) ** Number(Fraction(-1, 2)))
