"""Moments of the output under a standard normal input, as certified enclosures."""

from __future__ import annotations

from rheobase.certify.regularity import breaks, rough
from rheobase.certify.subject import Subject, close_to
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.integral import beyond, gaussian_mean
from rheobase.enclosure.interval import Interval
from rheobase.expr import Expr

REACH = (16, 32, 64, 256)


def mean(subject: Subject, expr: Expr) -> tuple[Interval, list[str], int]:
    """E g(z), z ~ N(0, 1), for a formula g whose breaks are those of the subject; with the cuts and the R used.

    Raises:
        Undecided: where a tail cannot be bounded or a break has no short name.
    """
    if rough(subject):
        raise Undecided("a kink without a short name stands in the integral")
    points = breaks(subject)
    outermost = max((abs(close_to(p)) for p in points), default=0)
    reason = Undecided("the tails are not bounded")
    for r in REACH:
        if r <= outermost + 1:
            continue
        try:
            beyond(expr, r)
        except Undecided as error:
            reason = error
            continue
        return gaussian_mean(expr, points, r), [str(p) for p in points], r
    raise Undecided(reason.what)
