"""What takes longer than a page may: which functions equal each other, what one neuron of each makes of XOR, theory.

The answers for the catalogue come with the package (`facts.json`, written by `tools/site_facts.py`); one whose formula
has changed since is worked out again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from rheobase.web.theory import theory

FILE = Path(__file__).with_name("facts.json")


class Equal(msgspec.Struct, frozen=True):
    """An entry that equals the function, with the values that it needs for that."""

    id: str
    spec: str
    how: str


class Xor(msgspec.Struct, frozen=True):
    """What one neuron makes of XOR: weights that do it, or why none do; `solvable` is None where neither is known."""

    solvable: bool | None
    proof: str
    weights: tuple[float, ...] = ()
    bias: float = 0.0
    threshold: float = 0.0
    orientation: int = 1


class Facts(msgspec.Struct, frozen=True):
    """What is kept of one function at its default values."""

    formula: str
    equal: tuple[Equal, ...]
    xor: Xor
    theory: dict[str, Any]


def facts(name: str) -> Facts:
    """The facts of an entry, from the file where its formula is still the same.

    >>> [(e.id, e.spec) for e in facts("gelu_sigmoid").equal][:2]
    [('swish', 'swish:beta=1.702'), ('acon_c', 'acon_c:beta=1.702')]
    """
    from rheobase.catalogue import get

    found = kept().get(name)
    return found if found is not None and found.formula == str(get(name).bound) else worked_out(name)


@cache
def kept() -> dict[str, Facts]:
    """The facts that come with the package."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, Facts]) if FILE.exists() else {}


def worked_out(name: str) -> Facts:
    """The facts of an entry, worked out now: about a second."""
    import rheobase as rb

    function = rb.get(name)
    matches = [m for m in rb.identify(function).matches if m.entry.id != name]
    answer: dict[str, Any] = rb.neuron("xor", function).to_dict()
    xor = Xor(answer["solvable"], answer["proof"] or "")
    if answer["solvable"]:
        numbers = {key: answer[key] for key in ("bias", "threshold", "orientation")}
        xor = Xor(True, answer["proof"] or "", tuple(answer["weights"]), **numbers)
    equal = tuple(Equal(m.entry.id, m.spec, m.how) for m in matches)
    return Facts(str(function.bound), equal, xor, theory(function))
