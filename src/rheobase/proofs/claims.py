"""What a source claims of its function, judged by the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, get_args

from rheobase.errors import RheobaseError, SpecError, nearest
from rheobase.proofs.report import Found

if TYPE_CHECKING:
    from rheobase.catalogue.entry import Entry

Answer = bool | None
Outcome = Literal["proven", "refuted", "unknown", "not judged"]


def _is(name: str) -> Callable[[Mapping[str, Found]], Answer]:
    return lambda found: {"proven": True, "refuted": False}.get(found[name].verdict)


def _both(*names: str) -> Callable[[Mapping[str, Found]], Answer]:
    def answer(found: Mapping[str, Found]) -> Answer:
        each = [_is(name)(found) for name in names]
        return False if False in each else None if None in each else True

    return answer


def _nonnegative(found: Mapping[str, Found]) -> Answer:
    low, high = found["infimum"].low, found["infimum"].high
    if found["infimum"].verdict != "proven" or low is None or high is None:
        return None
    if isinstance(low, str) or isinstance(high, str):
        return False
    return True if low >= 0 else False if high < 0 else None


def _lipschitz(found: Mapping[str, Found]) -> Answer:
    return found["lipschitz"].high != "inf" if found["lipschitz"].verdict == "proven" else None


def _periodic(found: Mapping[str, Found]) -> Answer:
    """A function that is not constant and has a limit, finite or not, is not periodic."""
    if "proven" in (found["limit_left"].verdict, found["limit_right"].verdict):
        return found["monotone"].value == "constant"
    return (found["limit_right"].witness or {}).get("periodic")


JUDGES: dict[str, Callable[[Mapping[str, Found]], Answer]] = {
    "continuous": _is("continuous"),
    "differentiable": _is("c1"),
    "twice differentiable": _is("c2"),
    "smooth": _is("smooth"),
    "monotone": _is("monotone"),
    "convex": _is("convex"),
    "lipschitz": _lipschitz,
    "odd": _is("odd"),
    "even": _is("even"),
    "periodic": _periodic,
    "positive": _is("positive"),
    "nonnegative": _nonnegative,
    "bounded": _both("bounded_below", "bounded_above"),
    "bounded_below": _is("bounded_below"),
    "bounded_above": _is("bounded_above"),
    "saturating": _both("saturates_left", "saturates_right"),
    "saturating_left": _is("saturates_left"),
    "saturating_right": _is("saturates_right"),
    "zero_centred": _is("zero_centred"),
}
"""Each word of the claims by what decides it; "self_normalising" is a statement about depth and is not judged here."""


def holds(found: Mapping[str, Found], claim: str) -> Answer:
    """Does a claim, or a property, hold? "not " may stand before it.

    Raises:
        SpecError: for words that are neither.
    """
    word = claim.strip()
    if word.startswith("not "):
        answer = holds(found, word[4:])
        return None if answer is None else not answer
    if word in JUDGES:
        return JUDGES[word](found)
    if word in found:
        return _is(word)(found)
    known = [*JUDGES, *found]
    raise SpecError(f"there is no property {word!r}", instead=nearest(word, known) or ", ".join(dict.fromkeys(known)))


def judged_claims(entry: Entry, found: Mapping[str, Found]) -> dict[str, Outcome]:
    """Each claim of an entry's source with what the verdicts say of it."""
    result: dict[str, Outcome] = {}
    for claim in entry.claims:
        if claim.removeprefix("not ") not in JUDGES:
            result[claim] = "not judged"
            continue
        answer = holds(found, claim)
        result[claim] = "unknown" if answer is None else "proven" if answer else "refuted"
    return result


def entries_with(outcome: str, entries: Iterable[Entry]) -> list[Entry]:
    """The entries one of whose claims has that outcome: "proven", "refuted", "unknown" or "not judged".

    Raises:
        RheobaseError: for another word.
    """
    from rheobase.proofs.checking import check

    known = get_args(Outcome)
    if outcome not in known:
        near = nearest(outcome, known)
        raise RheobaseError(f"no claim is {outcome!r}", instead=near or ", ".join(known))
    return [e for e in entries if e.claims and outcome in judged_claims(e, check(e.id)).values()]
