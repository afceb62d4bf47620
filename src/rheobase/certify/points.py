"""What happens at one special point: the limits from both sides, the value, the slopes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from rheobase.certify.subject import Subject, settled, value_of
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, Coefficient, Undefined
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.expansion import End
from rheobase.enclosure.interval import precision
from rheobase.expr import Expr, substitute, x

TINY = Fraction(1, 2**20)
Limit = Coefficient | str


@dataclass(frozen=True, slots=True)
class Sides:
    """A derivative's limits at a point, from the left and from the right."""

    left: Limit
    right: Limit

    @property
    def agree(self) -> bool:
        """Are both the same number? Raises Undecided."""
        return (
            isinstance(self.left, Coefficient) and isinstance(self.right, Coefficient) and same(self.left, self.right)
        )


def same(a: Coefficient, b: Coefficient) -> bool:
    with precision(BITS):
        return (a + -b).sign() == 0


def plain_at(expr: Expr, p: Expr) -> bool:
    """Is the formula analytic around the point, so that nothing happens there?"""
    with precision(BITS):
        around = iv.add(value_of(p), iv.between(-TINY, TINY))
        return enclosure(expr)(around).analytic


def sides(subject: Subject, p: Expr, order: int) -> Sides:
    """The limits of a derivative on both sides of the point.

    Raises:
        Undecided: where one oscillates or is not told.
    """
    return Sides(*(settled(subject.f(order), End(p, side)).limit for side in (-1, 1)))


def value(expr: Expr, p: Expr) -> Coefficient | None:
    """The exact value at the point, None where the formula is not defined there.

    Raises:
        Undecided: where neither is told.
    """
    with precision(BITS):
        try:
            return exactly(substitute(expr, {x: p}))
        except (Undefined, ZeroDivisionError):
            return None


def less(a: Limit, b: Limit) -> int:
    """The sign of b - a, infinities included."""
    if isinstance(a, str) or isinstance(b, str):
        return _size(b) - _size(a) if a != b else 0
    with precision(BITS):
        return (b + -a).sign()


def _size(a: Limit) -> int:
    return {"inf": 1, "-inf": -1}[a] if isinstance(a, str) else 0


def number(a: Limit | None) -> str | None:
    """For a reader."""
    return None if a is None else str(a)
