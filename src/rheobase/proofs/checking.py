"""`check`: the verdicts on any function, from what is kept or worked out now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rheobase.errors import SpecError, nearest
from rheobase.proofs.report import Check, Found
from rheobase.proofs.store import Kept, keep, kept, shipped
from rheobase.properties import PROPERTIES

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.certify.judge import Timed
    from rheobase.expr import Expr

PLAIN = 3
"""Digits of a millisecond."""


def check(spec: str | Activation | Expr, *names: str, proofs: bool = False) -> Check:
    """Prove or refute properties of a function.

    Every property is proven (with a certificate that an independent checker can replay), refuted (with a witness),
    or unknown (with the reason). The parameters stand at the values given.

    Args:
        spec: an id, an alias, a formula, or an Activation.
        *names: properties, such as "monotone"; all of them without any.
        proofs: keep the certificates, too (`Check.certificate()`).

    Raises:
        SpecError: for an unknown property or function.
        FormulaError: for a formula that cannot be read.

    >>> import rheobase as rb
    >>> found = rb.check("swish")
    >>> found["monotone"].verdict, found["infimum"].low
    ('refuted', -0.2784645428182557)
    """
    from rheobase.catalogue import get

    function = get(spec)
    formula = str(function.bound)
    wanted = _wanted(names)
    found = known(formula) if not proofs else None
    made: dict[str, Any] = {}
    if found is None:
        found, made = worked_out(function.bound, formula, wanted)
    return Check(
        function.id or function.name,
        formula,
        {name: found[name] for name in wanted},
        {name: made[name] for name in wanted if name in made},
        None if function.backward is None else str(function.backward.bound),
    )


def _wanted(names: Iterable[str]) -> list[str]:
    names = list(names)
    for name in names:
        if name not in PROPERTIES:
            near = nearest(name, PROPERTIES)
            raise SpecError(f"there is no property {name!r}", instead=near or ", ".join(PROPERTIES))
    return names or list(PROPERTIES)


def known(formula: str) -> dict[str, Found] | None:
    """The verdicts that are kept, None where they would have to be worked out."""
    found = shipped(formula)
    if found is None and (there := kept(formula)) is not None:
        found = there.properties
    return found


def worked_out(expr: Expr, formula: str, names: Sequence[str] = PROPERTIES) -> tuple[dict[str, Found], dict[str, Any]]:
    """The verdicts worked out now, and their proofs; where they are all there, they are kept in the cache folder."""
    from rheobase.certify.certificate import certificate
    from rheobase.certify.judge import judged

    timed = judged(expr, names)
    found = {name: plain(t) for name, t in timed.items()}
    proofs = certificate(formula, {name: t.verdict for name, t in timed.items()}, "")["proofs"]
    if len(found) == len(PROPERTIES):
        keep(Kept(formula, found))
    return found, proofs


def plain(timed: Timed) -> Found:
    from rheobase.certify.verdict import Proven, Refuted
    from rheobase.enclosure.doubles import outward

    verdict, ms = timed.verdict, round(timed.ms, PLAIN)
    if isinstance(verdict, Proven):
        low = None if verdict.low is None else outward(verdict.low, -1)
        high = None if verdict.high is None else outward(verdict.high, 1)
        return Found("proven", verdict.value, low, high, method=verdict.method, ms=ms)
    if isinstance(verdict, Refuted):
        return Found("refuted", witness=_simple(verdict.witness), method=verdict.method, ms=ms)
    return Found("unknown", reason=verdict.reason, ms=ms)


def _simple(witness: Mapping[str, Any]) -> dict[str, Any]:
    """Texts, numbers and lists of them."""
    plain = (str, int, float, list, tuple)
    return {key: value if isinstance(value, plain) else str(value) for key, value in witness.items()}
