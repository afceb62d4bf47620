"""Gaussian moments as certified enclosures: quadrature whose error is enclosed, tails bounded by expansions."""

from __future__ import annotations

from rheobase.certify.moments import mean
from rheobase.certify.regularity import jumps
from rheobase.certify.subject import Subject
from rheobase.certify.verdict import Proven
from rheobase.enclosure.coefficients import BITS, Undecided
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.interval import precision
from rheobase.expr import Expr
from rheobase.simplify import simplify

Ends = tuple[float | str, float | str]


def certified(expr: Expr) -> dict[str, Ends]:
    """E_f, E_f2 and E_df2 of a standard normal input, each as doubles (low, high) that surely hold it.

    E_df2 is that of the derivative almost everywhere, and infinite where the formula jumps.

    Raises:
        Undecided: where a tail is not bounded or a kink lies where it cannot be told.

    >>> from rheobase.parse import parse
    >>> low, high = certified(parse("relu(x)"))["E_f2"]
    >>> low <= 0.5 <= high, high - low < 1e-15
    (True, True)
    """
    subject = Subject(expr)
    with precision(BITS):
        stepped = jumps(subject)
        if not isinstance(stepped, Proven):
            raise Undecided("whether the formula jumps is not told")
        wanted = {"E_f": subject.expr, "E_f2": simplify(subject.expr**2), "E_df2": simplify(subject.f(1) ** 2)}
        found: dict[str, Ends] = {}
        for name, integrand in wanted.items():
            if name == "E_df2" and stepped.value:
                found[name] = ("inf", "inf")
                continue
            low, high = mean(subject, integrand)[0]
            found[name] = (outward(low, -1), outward(high, 1))
    return found
