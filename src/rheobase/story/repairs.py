"""The tree of repairs: which function mends which drawback of which other, and whether it does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec

from rheobase.catalogue.entry import Repair
from rheobase.catalogue.specs import get, spec_text
from rheobase.errors import RheobaseError, nearest
from rheobase.story.drawbacks import JUDGES, Amount, Untold
from rheobase.story.judgement import Judgement, Mended
from rheobase.story.recorded import recorded


class Edge(msgspec.Struct, frozen=True):
    """One repair, as an entry of the catalogue states it, with its verdict.

    Attributes:
        of: the id of the function that has the drawback.
        by: the id of the one that is to mend it.
        drawback: what is to be mended.
        verdict: proven where the drawback of the one is proven and the other proven to have less of it or none;
            refuted where it has as much or more, or where there was nothing to mend; else unknown.
        text: what was found of both, or the reason.
        gone: whether nothing is left of it.
    """

    of: str
    by: str
    drawback: str
    verdict: Mended
    text: str
    gone: bool

    @property
    def replay(self) -> str:
        """The line of the shell that shows it."""
        return f"rheobase lineage {self.by}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return msgspec.to_builtins(self) | {"replay": self.replay}


def judge(old: str, new: str, drawback: str, at: Mapping[str, float] | None = None) -> Judgement:
    """Does a function mend a drawback of another? Found anew.

    Args:
        old, new: specs; with `at` ids of entries.
        drawback: a word of the catalogue's `repairs`.
        at: values of the parameters of both; their defaults without any.

    Raises:
        RheobaseError: a drawback without a judge, an unknown function.

    >>> judge("relu", "leaky_relu", "dying units").text
    'leaky_relu: slope 0 on no interval; relu: slope 0 on (−∞, 0)'
    >>> judge("relu", "leaky_relu", "kink at zero").verdict
    'refuted'
    """
    if drawback not in JUDGES:
        near = nearest(drawback, JUDGES)
        raise RheobaseError(f"no judge knows the drawback {drawback!r}", instead=near or ", ".join(JUDGES))
    old, new = spec_text(old, at or {}), spec_text(new, at or {})
    before, after = _amount(old, drawback), _amount(new, drawback)
    if isinstance(before, Untold):
        return Judgement("unknown", before.reason)
    if isinstance(after, Untold):
        return Judgement("unknown", after.reason)
    text = f"{new}: {after.words}; {old}: {before.words}"
    if before.high == 0:
        return Judgement("refuted", f"nothing to mend, {text}")
    if after.high < before.low:
        return Judgement("proven", text, gone=after.high == 0)
    return Judgement("refuted" if after.low >= before.high else "unknown", text)


def _amount(spec: str, drawback: str) -> Amount | Untold:
    try:
        return JUDGES[drawback].judge(get(spec))
    except RheobaseError as error:  # an integral that cannot be enclosed, a formula without a value somewhere
        return Untold(f"{spec}: {error.what}")


def lineage(spec: str | None = None) -> tuple[Edge, ...]:
    """The repairs of the catalogue with their verdicts, as they were found last; nothing is computed.

    Args:
        spec: the repairs that lead to this function and those that lead on from it; all of them where None.

    Raises:
        RheobaseError: an unknown function, or one that is not in the catalogue.

    >>> [(e.of, e.drawback, e.verdict) for e in lineage("prelu") if e.by == "prelu"]
    [('leaky_relu', 'fixed shape', 'proven'), ('relu', 'dying units', 'proven')]
    """
    if spec is None:
        return every_edge()
    name = named(spec)
    before, after = _reach(name, "by", "of"), _reach(name, "of", "by")
    return tuple(e for e in every_edge() if e.by in before or e.of in after)


@cache
def every_edge() -> tuple[Edge, ...]:
    """All the repairs of the catalogue; one that is not recorded is judged now."""
    from rheobase.catalogue import entries

    known = recorded().edges
    found = []
    for entry in entries().values():
        for repair in entry.repairs:
            told = known.get(key(entry.id, repair)) or judge(repair.of, entry.id, repair.drawback, repair.at)
            found.append(Edge(repair.of, entry.id, repair.drawback, told.verdict, told.text, told.gone))
    return tuple(found)


def key(by: str, repair: Repair) -> str:
    """The name under which the verdict on an entry's repair is recorded."""
    return f"{spec_text(by, repair.at)} mends {repair.of}: {repair.drawback}"


def _reach(name: str, here: str, there: str) -> set[str]:
    """All that can be reached from a function by going from one end of the repairs to the other."""
    reached, rest = {name}, [name]
    while rest:
        at = rest.pop()
        new = {getattr(e, there) for e in every_edge() if getattr(e, here) == at} - reached
        reached |= new
        rest += new
    return reached


def named(spec: str) -> str:
    """The id of the entry that a spec is about, or that equals its formula.

    Raises:
        RheobaseError: there is none.
    """
    from rheobase.catalogue import identify

    function = get(spec)
    entry, values = function.entry, {n: p.default for n, p in function.parameters.items()}
    if entry is None:
        found = identify(function)
        entry, values = found.entry, {}
        if entry is None or found.values:
            near = entry.id if entry else found.nearest[0].entry.id if found.nearest else "relu"
            raise RheobaseError(f"nothing is told of what {spec!r} mends: it is not in the catalogue", instead=near)
    changed = [name for name, value in values.items() if value != entry.params[name].default]
    if changed:
        raise RheobaseError(f"repairs are told at the default of {changed[0]}", instead=entry.id)
    return entry.id


MARKS: dict[Mended, str] = {"proven": "✓", "refuted": "✗", "unknown": "?"}


def counted(edges: Sequence[Edge]) -> str:
    """How many repairs came to which verdict."""
    verdicts = [edge.verdict for edge in edges]
    return f"{len(edges)} repairs: " + ", ".join(f"{verdicts.count(one)} {one}" for one in MARKS)


class Branch(NamedTuple):
    """A function in the tree: what it mends in the one above it, and what mends something in it."""

    id: str
    edges: tuple[Edge, ...]
    branches: tuple[Branch, ...]


def tree(edges: Sequence[Edge]) -> tuple[Branch, ...]:
    """Repairs as trees, one for each function that mends nothing; what mends two others stands below both, and what
    follows from it below the first.

    >>> (relu,) = tree([e for e in lineage() if e.of == "relu" and e.by == "elu"])
    >>> relu.id, [(b.id, [e.drawback for e in b.edges]) for b in relu.branches]
    ('relu', [('elu', ['dying units', 'not zero-centred'])])
    """
    grown: set[str] = set()

    def branch(name: str, above: str | None) -> Branch:
        mended = tuple(e for e in edges if e.by == name and e.of == above)
        if name in grown:
            return Branch(name, mended, ())
        grown.add(name)
        return Branch(name, mended, tuple(branch(one, name) for one in _by_year(e.by for e in edges if e.of == name)))

    made = {edge.by for edge in edges}
    return tuple(branch(name, None) for name in _by_year(e.of for e in edges if e.of not in made))


def _by_year(names: Iterable[str]) -> list[str]:
    from rheobase.catalogue import entries

    return sorted(dict.fromkeys(names), key=lambda name: (entries()[name].year or math.inf, name))
