"""The story as data: each statement with what shows it, what was found, and the line that replays it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from rheobase.errors import RheobaseError, nearest
from rheobase.story.facts import MISSING, Fact, Found
from rheobase.story.kinds import KINDS
from rheobase.story.recorded import recorded
from rheobase.story.words import Text, Verdict, weakest

FOLDER = Path(__file__).parent


class Evidence(msgspec.Struct, frozen=True):
    """One thing that a statement says, and what was found of it.

    Attributes:
        says: the thing, in both languages.
        verdict: what came of it.
        text: the interval, the witness, the proof or the count, in both languages.
        replay: the line of the shell that finds it again.
        low, high: the ends of the interval where it is a number.
    """

    says: Text
    verdict: Verdict
    text: Text
    replay: str
    low: float | None = None
    high: float | None = None


class Row(msgspec.Struct, frozen=True):
    """A statement of the story.

    Attributes:
        number: its place, from 1.
        id: its name, which never changes.
        claim: the statement in our own words, in both languages.
        shows: the verb with its arguments, the picture or the study that shows it: what follows `rheobase`.
        facts: what the statement comes to, each with what decides it.
        evidence: what was found of each.
    """

    number: int
    id: str
    claim: Text
    shows: str
    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]

    @property
    def verdict(self) -> Verdict:
        """That of all its evidence together; "not yet shown" where there is none."""
        return weakest(one.verdict for one in self.evidence)

    @property
    def lacking(self) -> tuple[Evidence, ...]:
        """What keeps it from being proven or reproduced: the evidence that gave it its verdict."""
        if self.verdict in ("proven", "reproduced"):
            return ()
        return tuple(one for one in self.evidence if one.verdict == self.verdict)

    @property
    def replay(self) -> str:
        """The line of the shell that shows it."""
        return f"rheobase {self.shows}"

    def found_again(self) -> Iterator[Evidence]:
        """Each thing found anew: proofs are looked up or made, neurons solved, units trained; studies are read.

        What cannot be found here, as nothing is learned without torch, stands as it was recorded.
        """
        for fact, before in zip(self.facts, self.evidence, strict=True):
            found = fact.find()
            yield before if found is MISSING else _evidence(self.id, fact, found)

    def again(self) -> Row:
        """The row with everything found anew."""
        return msgspec.structs.replace(self, evidence=tuple(self.found_again()))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "number": self.number,
            "id": self.id,
            "claim": msgspec.to_builtins(self.claim),
            "verdict": self.verdict,
            "shows": self.shows,
            "replay": self.replay,
            "evidence": [msgspec.to_builtins(one) for one in self.evidence],
        }


@cache
def rows() -> tuple[Row, ...]:
    """The statements in order, with what was found of them; nothing is computed.

    >>> rows()[0].id, len(rows())
    ('why-not-several', 26)
    """
    with (FOLDER / "story.toml").open("rb") as file:
        tables = tomllib.load(file)["row"]
    found = recorded().facts
    return tuple(_row(number, table, found) for number, table in enumerate(tables, 1))


def row(name: str) -> Row:
    """The statement of that id or number.

    Raises:
        RheobaseError: there is none.

    >>> row("xor").number, row("17").id
    (17, 'xor')
    """
    for one in rows():
        if name in (one.id, str(one.number)):
            return one
    ids = [one.id for one in rows()]
    raise RheobaseError(
        f"the story has no statement {name!r}", instead=nearest(name, ids) or f"1 to {len(ids)}, or {', '.join(ids)}"
    )


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of story.toml."""

    id: str
    claim: Text
    shows: str
    fact: tuple[KINDS, ...] = ()


def _row(number: int, table: dict[str, Any], found: dict[str, Found]) -> Row:
    try:
        told = msgspec.convert(table, Told)
    except msgspec.ValidationError as error:
        where = f"story.toml, row {number} ({table.get('id')})"
        raise RheobaseError(str(error), where=where, instead="a table as the others") from None
    evidence = tuple(_evidence(told.id, fact, fact.read(found)) for fact in told.fact)
    return Row(number, told.id, told.claim, told.shows, told.fact, evidence)


def _evidence(id_: str, fact: Fact, found: Found) -> Evidence:
    replay = fact.replay or f"rheobase story {id_}"
    return Evidence(fact.says, found.verdict, found.text, replay, found.low, found.high)
