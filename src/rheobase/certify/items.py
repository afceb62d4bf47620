"""Items of a certificate: pieces of the line on which one thing is known, in order from -inf to inf."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

KINDS = ("tail", "near", "point", "box", "zero")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece.

    Attributes:
        kind: "tail" (beyond ±r), "near" (beside a point, up to `low` or `high`), "point", "box", or
            "zero" (a box that holds exactly one zero, where the sign changes).
        sign: "+", "-", "0", "+0" (at least 0), "-0" (at most 0), "?" (not told).
        low, high: the ends; None is infinity.
        at: for near and point, the point as a formula's text.
        r: for tail and near, the r of the expansion.
        order: its number of terms.
        how: for a box, "plain", "slope" (monotone between its ends) or "mean" (mean-value form).
    """

    kind: str
    sign: str
    low: Fraction | None = None
    high: Fraction | None = None
    at: str | None = None
    r: int | None = None
    order: int | None = None
    how: str | None = None

    def with_sign(self, sign: str) -> Item:
        return replace(self, sign=sign)

    def to_list(self) -> list[Any]:
        return [
            self.kind,
            self.sign,
            *(None if end is None else str(end) for end in (self.low, self.high)),
            self.at,
            self.r,
            self.order,
            self.how,
        ]
