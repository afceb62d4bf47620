"""Verdicts: proven, refuted with a witness, or unknown with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from flint import arb

Number = Fraction | arb


@dataclass(frozen=True, slots=True)
class Proven:
    """The property holds; a replayable certificate says why.

    Attributes:
        method: how it was shown, in a few words.
        value: what was found ("increasing", a list of zeros, …); True where the property is a plain yes.
        low, high: an enclosure of the number that the property is about, None where it is about none.
    """

    method: str
    value: Any = True
    low: Number | None = None
    high: Number | None = None
    proof: dict[str, Any] = field(default_factory=dict, compare=False)

    status: Literal["proven"] = field(default="proven", init=False)


@dataclass(frozen=True, slots=True)
class Refuted:
    """The property fails, as the witness shows.

    Attributes:
        witness: points and what happens there, for a reader and for a machine.
    """

    method: str
    witness: dict[str, Any]
    proof: dict[str, Any] = field(default_factory=dict, compare=False)

    status: Literal["refuted"] = field(default="refuted", init=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither shown nor refuted.

    Attributes:
        reason: what stood in the way.
    """

    reason: str

    status: Literal["unknown"] = field(default="unknown", init=False)


Verdict = Proven | Refuted | Unknown
