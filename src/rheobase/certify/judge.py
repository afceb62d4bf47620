"""All properties by name, and their verdicts for one formula."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from flint import arb

from rheobase.certify import counts, ends, extent, regularity, shape, symmetry
from rheobase.certify.subject import Subject, exact
from rheobase.certify.verdict import Proven, Refuted, Unknown, Verdict
from rheobase.enclosure.coefficients import BITS
from rheobase.enclosure.interval import precision
from rheobase.errors import RheobaseError, SpecError, nearest
from rheobase.expr import Expr
from rheobase.properties import PROPERTIES as NAMES

_HOMES = (regularity, shape, extent, ends, counts, symmetry)


def _function(name: str) -> Callable[[Subject], Verdict]:
    """The function of a property: its name, with an underscore behind it where the word is taken in its module."""
    found: list[tuple[Any, Any]] = [(home, vars(home).get(word)) for home in _HOMES for word in (name, f"{name}_")]
    return next(f for home, f in found if getattr(f, "__module__", None) == home.__name__)


PROPERTIES: dict[str, Callable[[Subject], Verdict]] = {name: _function(name) for name in NAMES}
WHOLE_LINE = frozenset(
    (
        *("continuous", "c1", "c2", "smooth", "monotone", "convex", "positive"),
        *("lipschitz", "homogeneous", "universal", "zero_centred", "zeros"),
    )
)
"""What is not said of a formula that has no value somewhere; all else is said of where it has one."""


class Timed(NamedTuple):
    """A verdict and the milliseconds of the processor that it took."""

    verdict: Verdict
    ms: float


def judged(expr: Expr, names: Iterable[str] | None = None) -> dict[str, Timed]:
    """The verdicts on a formula in x, each with its time.

    Raises:
        SpecError: for an unknown property.
    """
    subject = _subject(expr)
    result: dict[str, Timed] = {}
    for name in PROPERTIES if names is None else names:
        if name not in PROPERTIES:
            near = nearest(name, PROPERTIES) or ", ".join(PROPERTIES)
            raise SpecError(f"there is no property {name!r}", instead=near)
        start = time.process_time()
        result[name] = Timed(_asked(name, subject), 1e3 * (time.process_time() - start))
    return result


@lru_cache(maxsize=64)
def _subject(expr: Expr) -> Subject:
    """What was found of a formula serves every property that is asked of it, now and later."""
    return Subject(expr)


def _asked(name: str, subject: Subject) -> Verdict:
    try:
        with precision(BITS):
            found = PROPERTIES[name](subject)
            if isinstance(found, Proven):
                for end in (found.low, found.high):
                    if isinstance(end, arb) and end.is_finite():
                        exact(end)  # says so where the number cannot be written
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
