"""The catalogue: every function is one TOML entry in the file of its family; nothing else is edited when one is added.

>>> from rheobase.catalogue import get, list
>>> get("swish:beta=1.5").parameters["beta"].default
1.5
>>> [e.id for e in list(word="gompertz")]
['golu', 'loglog']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rheobase.catalogue.entry import Entry, Repair, Source
from rheobase.catalogue.listing import list_entries as list
from rheobase.catalogue.load import entries

if TYPE_CHECKING:
    from rheobase.catalogue.recognise import Identification, Match, Neighbour, identify
    from rheobase.catalogue.specs import get

# Looking entries up needs no formula machinery; what needs it is imported when it is asked for.
_LATER = {
    "get": "specs",
    "identify": "recognise",
    "Identification": "recognise",
    "Match": "recognise",
    "Neighbour": "recognise",
}

__all__ = [
    "Entry",
    "Repair",
    "Source",
    "entries",
    "get",
    "list",
    "identify",
    "Identification",
    "Match",
    "Neighbour",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value
