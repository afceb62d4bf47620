"""From a name that someone types to the entry it means: an id wins over an alias, an alias over a likeness."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from rheobase.catalogue.entry import Entry
from rheobase.catalogue.load import entries, one
from rheobase.errors import nearest
from rheobase.refusals import in_spec


def find(name: str) -> Entry | None:
    """The entry of that id, alias or framework's name; None where there is none.

    Capitals, blanks, hyphens and underscores do not matter where only one entry can be meant.

    Raises:
        SpecError: when several entries can be meant.

    >>> find("nn.GELU").id, find("Leaky ReLU").id, find("jax.nn.gelu").id
    ('gelu', 'leaky_relu', 'gelu_tanh')
    """
    if (entry := one(name)) is not None:
        return entry
    known = entries()
    if name in known:
        return known[name]
    exact, loose, last = tables()
    for table, key in ((exact, name), (loose, fold(name)), (last, fold(name))):
        found = table.get(key)
        if found:
            if len(found) > 1:
                raise in_spec("several", name=repr(name), known=" or ".join(e.id for e in found))
            return found[0]
    return None


def suggestion(name: str) -> str | None:
    """The known name that is most like `name`."""
    exact, _, _ = tables()
    return nearest(name, [*entries(), *exact])


def fold(name: str) -> str:
    """`name` without what people spell differently.

    >>> fold("Leaky-ReLU") == fold("leaky_relu")
    True
    """
    return re.sub(r"[\s_\-]+", "", name.lower())


@cache
def tables() -> tuple[dict[str, list[Entry]], dict[str, list[Entry]], dict[str, list[Entry]]]:
    """Entries by exact alias; by folded id, name, alias and torch class; by other frameworks' last word."""
    exact: dict[str, list[Entry]] = {}
    loose: dict[str, list[Entry]] = {}
    last: dict[str, list[Entry]] = {}
    for entry in entries().values():
        torch = [n.rpartition(".")[2] for n in entry.frameworks.get("torch", ()) if n.startswith("nn.")]
        others = [re.split(r"[.:]", n)[-1] for names in entry.frameworks.values() for n in names]
        _note(exact, entry, entry.names)
        _note(loose, entry, map(fold, (entry.id, entry.name, *entry.names, *torch)))
        _note(last, entry, map(fold, others))
    return exact, loose, last


def _note(table: dict[str, list[Entry]], entry: Entry, names: Iterable[str]) -> None:
    for name in names:
        found = table.setdefault(name, [])
        if entry not in found:
            found.append(entry)
