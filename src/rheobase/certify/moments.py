"""Moments of the output under a standard normal input, as certified enclosures."""

from __future__ import annotations

from fractions import Fraction

from rheobase.certify.regularity import breaks, rough
from rheobase.certify.subject import Subject, close_to
from rheobase.enclosure.coefficients import Undecided
from rheobase.enclosure.integral import Cut, beyond, gaussian_mean
from rheobase.enclosure.interval import Interval
from rheobase.expr import Expr

REACH = (16, 32, 64, 256)


def mean(subject: Subject, expr: Expr) -> tuple[Interval, list[str | list[str]], int]:
    """E g(z), z ~ N(0, 1), for a formula g whose breaks are those of the subject; with the cuts and the R used.

    Raises:
        Undecided: where a tail cannot be bounded.
    """
    places: list[tuple[Fraction, Cut]] = [(close_to(p), p) for p in breaks(subject)]
    places += [(i.low, (i.low, i.high)) for i in rough(subject)]
    places.sort(key=lambda t: t[0])
    r = reach(expr, max((abs(place) for place, _ in places), default=Fraction(0)))
    cuts = [cut for _, cut in places]
    named = [[str(end) for end in cut] if isinstance(cut, tuple) else str(cut) for cut in cuts]
    return gaussian_mean(expr, cuts, r), named, r


def reach(expr: Expr, outermost: Fraction) -> int:
    """The R beyond which the expansions bound what is left of the integral.

    Raises:
        Undecided: where there is none.
    """
    reason = Undecided("the tails are not bounded")
    for r in REACH:
        if r <= outermost + 1:
            continue
        try:
            beyond(expr, r)
        except Undecided as error:
            reason = error
            continue
        return r
    raise Undecided(reason.what)
