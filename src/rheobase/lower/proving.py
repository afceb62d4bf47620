"""A tail proven for every x beyond its beginning, where the checkpoints of `asymptotes` are but sixty-four.

Both sides are expanded towards the end with an error that is enclosed (`rheobase.enclosure.expansion`); what is left
of their difference, divided by the leading term, must lie within the rounding bound that the tail is granted.
"""

from __future__ import annotations

from fractions import Fraction

from rheobase.enclosure import interval as iv
from rheobase.enclosure.coefficients import BITS, Undecided
from rheobase.enclosure.expansion import LEFT, RIGHT, End, expand
from rheobase.enclosure.interval import precision
from rheobase.enclosure.monomials import spread
from rheobase.expr import Expr
from rheobase.lower.formats import Format
from rheobase.simplify import simplify

FACTOR = 4
ORDERS = (3, 6)


def proven(formula: Expr, tail: Expr, side: int, at: Fraction, form: Format, *, at_least: int = 0) -> bool:
    """Is |tail - formula| <= 4 u max(|formula|, at_least) + 4 η for every x beyond `at`, or are both infinite there?

    `u` is the unit roundoff of the format and η its smallest number.

    >>> from rheobase.lower.formats import FORMATS
    >>> from rheobase.parse import parse
    >>> formula, single = parse("x*tanh(exp(x))"), FORMATS["float32"]
    >>> proven(formula, parse("x"), 1, Fraction(40), single), proven(formula, parse("x + 1"), 1, Fraction(40), single)
    (True, False)
    """
    r = int(abs(at))
    if r < 2 or side * at <= 0:
        return False
    end = RIGHT if side > 0 else LEFT
    for order in ORDERS:
        try:
            with precision(BITS):
                if _infinite(formula, tail, end, r, order, form) or _close(
                    formula, tail, end, r, order, form, at_least
                ):
                    return True
        except (Undecided, ZeroDivisionError):
            continue
    return False


def _infinite(formula: Expr, tail: Expr, end: End, r: int, order: int, form: Format) -> bool:
    """Are both beyond the largest number, on the same side?"""
    boxes = [expand(e, end, r, order).box for e in (formula, tail)]
    largest = iv.point(Fraction(form.largest))
    return all(b.low > largest.low for b in boxes) or all(b.high < -largest.low for b in boxes)


def _close(formula: Expr, tail: Expr, end: End, r: int, order: int, form: Format, at_least: int) -> bool:
    found = expand(formula, end, r, order)
    algebra = found.algebra
    rest = algebra.sub(found.series, expand(simplify(tail), end, r, order).series)
    apart = iv.size(algebra.box(rest)).high
    if apart <= iv.point(Fraction(FACTOR) * (Fraction(form.smallest) + at_least * Fraction(form.unit))).low:
        return True
    if not found.series.leads:
        return False
    lead = found.series.terms[0][1]
    size = iv.size(algebra.relative(found.series)[1]).low
    relative = iv.NIL
    for bounds, m in [(c.interval(), m) for c, m in rest.terms] + ([rest.error] if rest.error else []):
        relative = iv.add(relative, iv.mul(iv.size(bounds), spread(m / lead, r)))
    granted = iv.mul(iv.point(Fraction(FACTOR) * Fraction(form.unit)), iv.Interval(size, size)).low
    return bool(relative.high <= granted)
