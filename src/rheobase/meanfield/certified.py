"""Gaussian moments and edges of chaos as certified enclosures: quadrature whose error is enclosed, bounded tails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from rheobase.certify.moments import mean
from rheobase.certify.regularity import jumps
from rheobase.certify.subject import Subject
from rheobase.certify.verdict import Proven
from rheobase.enclosure import interval as iv
from rheobase.enclosure.coefficients import BITS, Undecided
from rheobase.enclosure.doubles import outward
from rheobase.enclosure.interval import Interval, precision
from rheobase.expr import Expr, Number, substitute, x
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


WIDTH = 2.0**-38
"""The relative half-width of the interval of q in which an edge is shown to lie."""
DIGITS = 12
"""Of the q around which it lies, so that the last bits of a quadrature, which differ by machine, do not show."""


def certified_homogeneous(expr: Expr) -> dict[str, Ends | float]:
    """The edge of a positively homogeneous formula, q = 1 for any: σ_w = 1/√E f′².

    >>> from rheobase.parse import parse
    >>> low, high = certified_homogeneous(parse("relu(x)"))["sigma_w"]
    >>> low <= 2**0.5 <= high
    True
    """
    subject = Subject(expr)
    with precision(BITS):
        low, high = mean(subject, simplify(subject.f(1) ** 2))[0]
        ends = _outward(iv.down((1 / high).sqrt()), iv.up((1 / low).sqrt()))
    return {"sigma_b": 0.0, "q": (1.0, 1.0), "sigma_w": ends}


class Scaled(NamedTuple):
    """E f² and E f′² at the variance root²."""

    root: Fraction
    value: Interval
    slope: Interval


def certified_edge(expr: Expr, sigma_b: float, near: Sequence[float]) -> list[dict[str, Ends | float]]:
    """Edges of chaos that surely exist: for each q > 0 that is near one, enclosures of q and σ_w.

    q − E f²/E f′² − σ_b² has certified signs, which differ, on both sides of it. Within the interval of q the density
    of √q z changes by known factors, and with it E f′² = 1/σ_w². That there is no other edge is not shown.

    Raises:
        Undecided: where an integral cannot be enclosed, or the signs are not told.

    >>> from rheobase.parse import parse
    >>> (found,) = certified_edge(parse("tanh(x)"), 0.05, [0.15369193582121667])
    >>> [f"{end:.9f}" for end in found["sigma_w"]]
    ['1.122539005', '1.122539005']
    """
    found: list[dict[str, Ends | float]] = []
    with precision(BITS):
        bias = iv.point(Fraction(sigma_b) ** 2)
        for q in (float(f"{guess:.{DIGITS}g}") for guess in near):
            below, above = (_scaled(expr, math.sqrt(q * (1 + side * WIDTH))) for side in (-1, 1))
            if _gap(below, bias) * _gap(above, bias) >= 0:
                raise Undecided(f"whether the edge of chaos has a point near q = {q:.6g} is not told")
            ratio = iv.point(below.root / above.root)
            least, most = iv.mul(ratio, below.slope).low, iv.div(above.slope, ratio).high
            weights = [(1 / end).sqrt() for end in (most, least)]
            found.append(
                {
                    "sigma_b": sigma_b,
                    "q": _outward(iv.point(below.root**2).low, iv.point(above.root**2).high),
                    "sigma_w": _outward(iv.down(weights[0]), iv.up(weights[1])),
                }
            )
    return found


def _scaled(expr: Expr, root: float) -> Scaled:
    exact = Fraction(root)
    subject = Subject(substitute(expr, {x: Number(exact) * x}))
    value = mean(subject, simplify(subject.expr**2))[0]
    slope = mean(subject, simplify(subject.f(1) ** 2))[0]
    return Scaled(exact, value, iv.div(slope, iv.point(exact**2)))


def _gap(at: Scaled, bias: Interval) -> int:
    """The sign of q − E f²/E f′² − σ_b²; 0 where it is not told."""
    return iv.sub(iv.sub(iv.point(at.root**2), iv.div(at.value, at.slope)), bias).sign or 0


def _outward(low: arb, high: arb) -> Ends:
    return outward(low, -1), outward(high, 1)
