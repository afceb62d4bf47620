"""What `init_` did to a model: a table for people, plain values for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rheobase.meanfield.plain import plain
from rheobase.nn.starting.choice import Choice
from rheobase.nn.starting.plan import Layer


@dataclass(frozen=True)
class Initialised:
    """What `init_` did.

    Attributes:
        how, weights: as asked.
        seen: "torch.fx" or "a batch": how the model was looked at.
        layers: every layer in the order of calls: what it got, what was expected and measured.
        activations: what theory says of each, and how it was recentred.
        notes: residual sums, and what could not be done.
        warnings: activations at which no scale is stable.
        within: how far a measured mean square may be from what is expected; None without a batch.
        dry: was nothing changed?
    """

    how: str
    weights: str
    seen: str
    layers: tuple[Layer, ...]
    activations: tuple[Choice, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    within: float | None
    dry: bool

    @property
    def verified(self) -> bool | None:
        """Is every layer's mean square within the tolerance of what is expected? None without a batch."""
        if self.within is None:
            return None
        return not self.outside

    @property
    def outside(self) -> tuple[Layer, ...]:
        """The layers that are not."""
        if self.within is None:
            return ()
        return tuple(layer for layer in self.layers if not layer.within(self.within))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; infinite numbers are the texts "inf" and "-inf", and what there is not is null."""
        names = ("how", "weights", "seen", "notes", "warnings", "within", "dry", "verified")
        found: dict[str, Any] = {n: getattr(self, n) for n in names}
        found["layers"] = [layer.to_dict() for layer in self.layers]
        found["activations"] = [choice.to_dict() for choice in self.activations]
        return plain(found)

    def __str__(self) -> str:
        head = ["layer", "type", "behind", "before", "gain", "bias", "expected"]
        rows = [_row(layer, self.within is not None) for layer in self.layers]
        lines = _aligned([head + ["measured", "repaired", "then"] * (self.within is not None) + ["note"], *rows])
        for choice in _distinct(self.activations):
            lines.append(f"{choice.name}: {choice.kind}, {choice.done}; {choice.reason}")
        lines += [f"note: {note}" for note in self.notes] + [f"warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, self._end()])

    def _end(self) -> str:
        done = "nothing was changed: this is what would be done" if self.dry else "done"
        if self.within is None:
            return f"{done}; not measured, for that takes a batch: init_(model, batch)"
        count = sum(layer.repaired != 1 for layer in self.layers)
        held = "every layer is" if self.verified else f"all but {len(self.outside)} of the layers are"
        return f"{done}; on the batch {held} within {100 * self.within:g} % of what is expected, {count} repaired"


def _distinct(choices: Sequence[Choice]) -> list[Choice]:
    """One of those of which the same is said."""
    return list({(c.name, c.kind, c.done, c.reason): c for c in choices}.values())


def _row(layer: Layer, measured: bool) -> list[str]:
    gain = "as it was" if layer.left else f"{layer.gain:.4g}"
    parts = [f"± {layer.sigma_b:.3g}"] * bool(layer.sigma_b) + [f"+ {layer.lift:.4g}"] * bool(layer.lift)
    parts += [f"− {layer.drop:.4g} ΣW"] * bool(layer.drop)
    row = [layer.name, layer.type, layer.after, layer.before, gain, " ".join(parts) or "0", _number(layer.expected)]
    if measured:
        repaired = f"× {layer.repaired:.3g}" if layer.repaired != 1 else ""
        row += [_number(layer.measured), repaired, _number(layer.finally_)]
    return [*row, layer.note]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
