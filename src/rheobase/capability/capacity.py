"""How often the answer of one neuron can change along a line, at most: what its activation's proven shape allows.

With f the activation and θ the threshold, the answer along the sums w·x + b is 1 on {f > θ} or on its complement
(orientation +1), or on {f < θ} or its complement (−1). A monotone f crosses a level once; an f with m turning points
has m + 1 monotone pieces one after another, jumps included, and crosses it m + 1 times at most; a polynomial of degree
d has at most d roots at each level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rheobase.capability import facts
from rheobase.expr import Expr


@dataclass(frozen=True)
class Capacity:
    """At most `changes` changes of the answer along a line, and why, as a clause about f."""

    changes: int
    why: str


def capacity(f: Expr, *, threshold: bool = True) -> Capacity | None:
    """The smallest bound that is proven; None where none is.

    Args:
        threshold: whether θ is free; at θ = 0 the signs of f say more.
    """
    return min(_bounds(f, threshold=threshold), key=lambda found: found.changes, default=None)


def _bounds(f: Expr, *, threshold: bool) -> Iterator[Capacity]:
    way = facts.monotone(f)
    if way is not None:
        told = "is constant" if way.value == "constant" else f"is {way.value}: it never turns back"
        yield Capacity(0 if way.value == "constant" else 1, f"{told} ({way.method})")
        return
    degree = facts.degree(f)
    if degree is not None:
        yield Capacity(degree, f"is a polynomial of degree {degree}: it takes each value at most {degree} times")
    if not threshold and (signs := facts.signs(f)) is not None:
        assert isinstance(signs.value, tuple)
        text = ", ".join("0" if s == 0 else "+" if s > 0 else "−" for s in signs.value)
        yield Capacity(_changes(signs.value), f"has the signs {text} from left to right ({signs.method})")
    turns = facts.turning_points(f)
    if turns is not None:
        assert isinstance(turns.value, int)
        points = "1 turning point" if turns.value == 1 else f"{turns.value} turning points"
        yield Capacity(turns.value + 1, f"has {points} ({turns.method})")


def _changes(signs: tuple[int, ...]) -> int:
    """Most changes of `f > 0`, or of `−f > 0`, along these signs."""
    return max(sum((o * a > 0) != (o * b > 0) for a, b in pairwise(signs)) for o in (1, -1))
