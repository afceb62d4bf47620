"""The files of the catalogue, read and checked once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from rheobase.catalogue.entry import CLAIMS, DRAWBACKS, Entry, Repair, Source
from rheobase.errors import RheobaseError, nearest
from rheobase.parameter import Param

FOLDER = Path(__file__).parent
ID = re.compile(r"[a-z][a-z0-9_]*")


@cache
def entries() -> Mapping[str, Entry]:
    """Every function of the catalogue, by id, in the order of the files.

    Raises:
        RheobaseError: names the entry, the field and the file that are at fault.

    >>> entries()["swish"].formula
    'x * sigmoid(beta*x)'
    """
    found: dict[str, Entry] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for entry in _family(path):
            if entry.id in found:
                raise _fault(entry.id, "id", path, f"is taken by the family {found[entry.id].family}", "another id")
            found[entry.id] = entry
    return MappingProxyType(found)


def one(id_: str) -> Entry | None:
    """The entry of that id, from the first file that has it: most calls need no other file. None where none has it.

    >>> one("swish").family, one("no_such_function")
    ('gated_self', None)
    """
    if not ID.fullmatch(id_):
        return None
    header = re.compile(rf"^\s*\[\s*{id_}\s*\]", re.MULTILINE)
    for path in sorted(FOLDER.glob("*.toml")):
        if header.search(path.read_text(encoding="utf-8")):
            for entry in _family(path):
                if entry.id == id_:
                    return entry
    return None


@cache
def _family(path: Path) -> list[Entry]:
    return read(path)


def read(path: Path) -> list[Entry]:
    """The entries of one family's file."""
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise RheobaseError(f"the file cannot be read: {error}", where=path.name, instead="valid TOML") from None
    return [_entry(id_, table, path) for id_, table in tables.items()]


def _entry(id_: str, table: Any, path: Path) -> Entry:
    if not ID.fullmatch(id_):
        raise _fault(id_, "id", path, "is no id", "lower-case letters, digits and _, a letter first")
    if not isinstance(table, dict) or {"id", "family"} & table.keys():
        raise _fault(id_, "id", path, "is no table of an entry's fields", f"[{id_}] and its fields below")
    try:
        entry = msgspec.convert({**table, "id": id_, "family": path.stem}, Entry)
    except msgspec.ValidationError as error:
        raise _fault(id_, *_field(str(error), path)) from None
    _check_words(entry, path)
    return entry


def _field(message: str, path: Path) -> tuple[str, Path, str, str]:
    """The field of which msgspec's message speaks, what is wrong with it, and what to write."""
    what, _, place = message.partition(" - at `$.")
    place = place.rstrip("`")
    word = re.search(r"(?P<kind>required|unknown) field `(?P<name>\w+)`", what)
    if word is None:
        return place or "fields", path, f"is wrong ({what})", "see the other entries"
    name = f"{place}.{word['name']}" if place else word["name"]
    if word["kind"] == "required":
        return name, path, "is missing", f"{word['name']} = …"
    kinds = {"params": Param, "source": Source, "repairs": Repair, "backward_source": Source}
    known = kinds.get(re.split(r"[.\[]", place)[0], Entry).__struct_fields__
    return name, path, "is unknown", _known(word["name"], known)


def _check_words(entry: Entry, path: Path) -> None:
    for claim in entry.claims:
        if claim.removeprefix("not ") not in CLAIMS:
            raise _fault(entry.id, "claims", path, f"has the unknown word {claim!r}", _known(claim, CLAIMS))
    for repair in entry.repairs:
        if repair.drawback not in DRAWBACKS:
            what = f"has the unknown drawback {repair.drawback!r}"
            raise _fault(entry.id, "repairs", path, what, _known(repair.drawback, DRAWBACKS))
    if (entry.backward is None) != (entry.backward_source is None):
        missing = "backward" if entry.backward is None else "backward_source"
        raise _fault(entry.id, missing, path, "is missing", "backward and backward_source, or neither")
    for field, source in (("source", entry.source), ("backward_source", entry.backward_source)):
        if source is not None:
            published = source.authors and source.year and source.title
            if sum(map(bool, (published, source.via, source.framework))) != 1:
                raise _fault(entry.id, field, path, "is not complete", "authors, year and title; or via; or framework")


def _known(word: str, words: tuple[str, ...]) -> str:
    return nearest(word, words) or "one of " + ", ".join(words)


def _fault(id_: str, field: str, path: Path, what: str, instead: str) -> RheobaseError:
    return RheobaseError(f"entry {id_!r}: the field {field!r} {what}", where=path.name, instead=instead)
