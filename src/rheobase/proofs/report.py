"""What a check found: the verdicts by name, as JSON, as text, as HTML in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Literal

import msgspec

from rheobase.proofs.words import in_words
from rheobase.properties import PROPERTIES

Status = Literal["proven", "refuted", "unknown"]


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """One verdict as plain data.

    Attributes:
        verdict: "proven", "refuted" or "unknown".
        value: what was found, True where the property is a plain yes; None unless proven.
        low, high: an enclosure of the number that the property is about ("inf" and "-inf" as text).
        witness: points and what happens there, where it is refuted.
        method: how it was shown; reason: what stood in the way of an answer.
        ms: the milliseconds that it took.
    """

    verdict: Status
    value: Any = None
    low: float | str | None = None
    high: float | str | None = None
    witness: dict[str, Any] | None = None
    method: str | None = None
    reason: str | None = None
    ms: float = 0.0


class Check(Mapping[str, Found]):
    """The verdicts on one function, by the property's name.

    >>> import rheobase as rb
    >>> found = rb.check("relu", "monotone", "c1")
    >>> found["monotone"].value, found["c1"].verdict
    ('increasing', 'refuted')
    """

    def __init__(
        self,
        activation: str,
        formula: str,
        found: Mapping[str, Found],
        proofs: Mapping[str, Any],
        backward: str | None = None,
    ) -> None:
        self.activation = activation
        self.formula = formula
        self.backward = backward
        self.found = dict(found)
        self.proofs = dict(proofs)

    def __getitem__(self, name: str) -> Found:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def to_dict(self) -> dict[str, Any]:
        """`{activation, formula, backward, properties: {name: {verdict, value, low, high, witness, method, …}}}`."""
        return {
            "activation": self.activation,
            "formula": self.formula,
            "backward": self.backward,
            "properties": {name: msgspec.structs.asdict(f) for name, f in self.found.items()},
        }

    def certificate(self) -> dict[str, Any]:
        """What `rheobase verify proof` replays: the formula, the claims and their proofs."""
        from rheobase import __version__

        return {"rheobase": __version__, "formula": self.formula, "proofs": self.proofs}

    @property
    def remark(self) -> str:
        """That forward and backward may differ, where the function's literature trains it with another's derivative.

        >>> import rheobase as rb
        >>> rb.check("sign", "monotone").remark
        'backward, where asked for: the derivative of clip(x, -1, 1); what is found here is of the formula itself'
        """
        if self.backward is None:
            return ""
        return (
            f"backward, where asked for: the derivative of {self.backward}; what is found here is of the formula itself"
        )

    def rows(self) -> list[tuple[str, str, str]]:
        """(property, verdict, what was found in words), by theme."""
        kept = sorted(self.found.items(), key=lambda item: PROPERTIES.index(item[0]))
        return [(name, found.verdict, in_words(name, found)) for name, found in kept]

    def __repr__(self) -> str:
        counts = {s: sum(f.verdict == s for f in self.found.values()) for s in ("proven", "refuted", "unknown")}
        told = ", ".join(f"{n} {s}" for s, n in counts.items() if n)
        return f"<Check {self.activation}: {told}>"

    def __str__(self) -> str:
        width = max((len(name) for name in self.found), default=0)
        lines = [f"{name:<{width}}  {verdict:<7}  {words}".rstrip() for name, verdict, words in self.rows()]
        return "\n".join([*lines, self.remark] if self.remark else lines)

    def _repr_html_(self) -> str:
        colours = {"proven": "#009e73", "refuted": "#d55e00", "unknown": "#999999"}
        rows = "".join(
            f'<tr><td>{escape(n)}</td><td style="color:{colours[v]}">{v}</td><td>{escape(w)}</td></tr>'
            for n, v, w in self.rows()
        )
        return f"<div><code>{escape(self.formula)}</code><table>{rows}</table>{escape(self.remark)}</div>"
