"""Is a formula piecewise linear, and what are its pieces? Decided by the formula, not by its name.

The prover cuts the line where the formula is not analytic (`certify.regularity`). Between two cuts it is analytic, so
that it is linear there if it is so near a single point; near that point every switch stands as it does at the point,
and what is left is a polynomial whose degree can be read off.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase.certify.regularity import breaks, rough
from rheobase.certify.subject import Subject, close_to
from rheobase.enclosure.algebra import polynomial
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided
from rheobase.enclosure.interval import precision
from rheobase.enclosure.pieces import resolved
from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import Array

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

INSIDE = Fraction(531, 1000)
"""Where between two cuts the formula is read: at no number that a formula is likely to name."""


@dataclass(frozen=True)
class Linear:
    """A piecewise linear function: slope[i] · x + offset[i] between cuts[i - 1] and cuts[i].

    Attributes:
        activation: its id or name.
        cuts: where the slope breaks or the value jumps, in ascending order.
        slopes, offsets: one more than cuts.
    """

    activation: str
    cuts: tuple[float, ...]
    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    def piece(self, x: Array) -> Any:
        """Which piece each number lies on; a cut belongs to the piece on its right."""
        return np.searchsorted(self.cuts, x, side="right")

    def to_dict(self) -> dict[str, Any]:
        return {
            "activation": self.activation,
            "cuts": list(self.cuts),
            "slopes": list(self.slopes),
            "offsets": list(self.offsets),
        }


def linear_pieces(spec: str | Activation | Expr) -> Linear:
    """The pieces of a piecewise linear function.

    Raises:
        RheobaseError: where the function is not piecewise linear, or has no end of pieces.

    >>> linear_pieces("hard_tanh").cuts, linear_pieces("hard_tanh").slopes
    ((-1.0, 1.0), (0.0, 1.0, 0.0))
    """
    from rheobase.catalogue import get

    function = get(spec)
    name = function.id or function.name
    subject = Subject(function.bound)
    try:
        with precision(BITS):
            cuts = sorted([close_to(p) for p in breaks(subject)] + [(i.low + i.high) / 2 for i in rough(subject)])
            pieces = [_line(subject, name, at) for at in inside(cuts)]
    except Undecided as error:
        raise _curved(name, f"it is not told ({error.what})") from None
    kept = [i for i, (a, b) in enumerate(pairwise(pieces)) if a != b]
    chosen = [pieces[0], *(pieces[i + 1] for i in kept)]
    ends = tuple(float(cuts[i]) for i in kept)
    return Linear(name, ends, tuple(float(s) for s, _ in chosen), tuple(float(o) for _, o in chosen))


def inside(cuts: list[Fraction]) -> list[Fraction]:
    """A point of each piece of the line, cut at these numbers in order, from left to right."""
    if not cuts:
        return [INSIDE]
    return [cuts[0] - INSIDE, *(p + (q - p) * INSIDE for p, q in pairwise(cuts)), cuts[-1] + INSIDE]


def _line(subject: Subject, name: str, at: Fraction) -> tuple[float, float]:
    """(slope, offset) of the formula as it stands near a number."""
    formula = resolved(subject.expr, at)
    found = polynomial(formula)
    if found is None or any(n > 1 and c.terms for n, c in found.items()):
        raise _curved(name, f"near x = {float(at):.3g} it is {formula}")
    zero = Coefficient({})
    return _number(found.get(1, zero)), _number(found.get(0, zero))


def _number(value: Coefficient) -> float:
    return float(value.interval().ball.mid())


def _curved(name: str, why: str) -> RheobaseError:
    return RheobaseError(
        f"{name} is not piecewise linear with finitely many pieces: {why}", instead="relu, hard_tanh, leaky_relu, step"
    )
