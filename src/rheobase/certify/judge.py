"""All properties by name, and their verdicts for one formula."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from flint import arb

from rheobase.certify import counts, ends, extent, regularity, shape, symmetry
from rheobase.certify.subject import Subject, exact
from rheobase.certify.verdict import Proven, Refuted, Unknown, Verdict
from rheobase.enclosure.coefficients import BITS
from rheobase.enclosure.interval import precision
from rheobase.errors import RheobaseError, SpecError, nearest
from rheobase.expr import Expr

PROPERTIES: dict[str, Callable[[Subject], Verdict]] = {
    "defined": regularity.defined,
    "continuous": regularity.continuous,
    "c1": regularity.c1,
    "c2": regularity.c2,
    "smooth": regularity.smooth,
    "monotone": shape.monotone,
    "convex": shape.convex,
    "bounded_below": extent.bounded_below,
    "bounded_above": extent.bounded_above,
    "positive": shape.positive_,
    "odd": symmetry.odd,
    "even": symmetry.even,
    "infimum": extent.infimum,
    "supremum": extent.supremum,
    "lipschitz": extent.lipschitz,
    "limit_left": ends.limit_left,
    "limit_right": ends.limit_right,
    "asymptote_left": ends.asymptote_left,
    "asymptote_right": ends.asymptote_right,
    "growth": ends.growth_,
    "saturates_left": ends.saturates_left,
    "saturates_right": ends.saturates_right,
    "zeros": counts.zeros,
    "extrema": counts.extrema,
    "kinks": regularity.kinks,
    "jumps": regularity.jumps,
    "homogeneous": symmetry.homogeneous,
    "zero_centred": symmetry.zero_centred,
    "trainable": shape.trainable,
    "universal": symmetry.universal,
}


WHOLE_LINE = frozenset(
    (
        *("continuous", "c1", "c2", "smooth", "monotone", "convex", "positive"),
        *("lipschitz", "homogeneous", "universal", "zero_centred", "zeros"),
    )
)
"""What is not said of a formula that has no value somewhere; all else is said of where it has one."""


class Timed(NamedTuple):
    """A verdict and the milliseconds that it took."""

    verdict: Verdict
    ms: float


def judged(expr: Expr, names: Iterable[str] | None = None) -> dict[str, Timed]:
    """The verdicts on a formula in x, each with its time.

    Raises:
        SpecError: for an unknown property.
    """
    subject = Subject(expr)
    result: dict[str, Timed] = {}
    for name in PROPERTIES if names is None else names:
        if name not in PROPERTIES:
            near = nearest(name, PROPERTIES) or ", ".join(PROPERTIES)
            raise SpecError(f"there is no property {name!r}", instead=near)
        start = time.perf_counter()
        result[name] = Timed(_asked(name, subject), 1e3 * (time.perf_counter() - start))
    return result


def _asked(name: str, subject: Subject) -> Verdict:
    try:
        with precision(BITS):
            found = PROPERTIES[name](subject)
            if isinstance(found, Proven):
                for end in (found.low, found.high):
                    _ = exact(end) if isinstance(end, arb) and end.is_finite() else None
            if name in WHOLE_LINE and isinstance(found, Proven):
                whole = regularity.defined(subject)
                if isinstance(whole, Refuted):
                    return Unknown(f"f has no value at {whole.witness['x']}, and so is no function on the whole line")
            return found
    except RheobaseError as error:
        return Unknown(error.what)


def judge(expr: Expr, names: Iterable[str] | None = None) -> dict[str, Verdict]:
    """The verdicts on a formula in x, by the property's name.

    >>> from rheobase.parse import parse
    >>> judge(parse("x*sigmoid(x)"), ["monotone", "limit_left"])["monotone"].status
    'refuted'

    Raises:
        SpecError: for an unknown property.
    """
    return {name: timed.verdict for name, timed in judged(expr, names).items()}
