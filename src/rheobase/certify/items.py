"""Items of a certificate: pieces of the line on which one thing is known, in order from -inf to inf."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One piece.

    Attributes:
        kind: "left" or "right" (the stretch to the left of `high_at`, or to the right of `low_at`, told by an
            expansion towards that end), "point", "box", or "zero" (a box that holds exactly one zero, where the
            sign changes).
        sign: "+", "-", "0", "+0" (at least 0), "-0" (at most 0), "?" (not told); of a zero "-+" or "+-".
        low, high: the ends that are numbers; None is infinity, or a special point.
        at: the special point that an expansion goes to, or the point itself, as a formula's text.
        r: of the expansion; order: its number of terms.
        how: for a box, "plain", "slope" (monotone between its ends), "mean" (mean-value form) or
            "vertex" (convex, so that no value is below f(m) - f′(m)²/(2 min f″)).
    """

    kind: str
    sign: str
    low: Fraction | None = None
    high: Fraction | None = None
    at: str | None = None
    r: int | None = None
    order: int | None = None
    how: str | None = None

    def to_list(self) -> list[Any]:
        """[kind, sign, from, to, r, order, how], the ends as texts."""
        low = str(self.low) if self.low is not None else self.at or "-inf"
        high = str(self.high) if self.high is not None else self.at or "inf"
        return [self.kind, self.sign, low, high, self.r, self.order, self.how]
