"""The entries that meet some conditions."""

from __future__ import annotations

import builtins
from typing import get_args

from rheobase.catalogue.entry import Direction, Entry
from rheobase.catalogue.load import entries
from rheobase.errors import RheobaseError, nearest


def list_entries(
    family: str | None = None,
    year: int | str | None = None,
    word: str | None = None,
    parameter: str | None = None,
    direction: str | None = None,
) -> builtins.list[Entry]:
    """The entries of the catalogue that meet every condition given; all of them without any.

    Args:
        family: `threshold`, `sigmoidal`, `rectified`, `exponential`, `gated_self`, `oscillating`, `polynomial` or
            `adaptive`.
        year: of publication: 2017, or a range "2015-2018" (also "2015..2018"), "2020-", "-1990".
        word: occurs in the id, name, an alias, the formula, or the source's authors or title; capitals do not matter.
        parameter: has a parameter of this name; "any" and "none" are understood.
        direction: `learnable`, `non-monotone`, `efficiency`, `domain`, `theory`.

    Raises:
        RheobaseError: for an unknown family or direction, or a year that cannot be read.

    >>> [e.id for e in list_entries(family="oscillating", year=2021)]
    ['gcu', 'ssu', 'dsu']
    """
    found = builtins.list(entries().values())
    if family is not None:
        _one_of("family", family, dict.fromkeys(e.family for e in found))
        found = [e for e in found if e.family == family]
    if direction is not None:
        _one_of("direction", direction, get_args(Direction))
        found = [e for e in found if direction in e.directions]
    if year is not None:
        first, last = _years(year)
        found = [e for e in found if e.year is not None and first <= e.year <= last]
    if word is not None:
        found = [e for e in found if _mentions(e, word.casefold())]
    if parameter is not None:
        found = [e for e in found if _has_parameter(e, parameter)]
    return found


def _one_of(what: str, word: str, words: builtins.list[str] | dict[str, None] | tuple[str, ...]) -> None:
    if word not in words:
        raise RheobaseError(f"unknown {what} {word!r}", instead=nearest(word, words) or ", ".join(words))


def _years(year: int | str) -> tuple[int, int]:
    first, dash, last = str(year).strip().replace("..", "-").partition("-")
    try:
        low = int(first) if first.strip() else 0
        high = (int(last) if last.strip() else 9999) if dash else low
    except ValueError:
        raise RheobaseError(f"{year!r} is no year", instead="2017, 2015-2018, 2020- or -1990") from None
    return low, high


def _mentions(entry: Entry, word: str) -> bool:
    texts = (entry.id, entry.name, *entry.names, entry.formula, entry.source.authors or "", entry.source.title or "")
    return any(word in text.casefold() for text in texts)


def _has_parameter(entry: Entry, parameter: str) -> bool:
    match parameter:
        case "any":
            return bool(entry.params)
        case "none":
            return not entry.params
    return parameter in entry.params
