"""One neuron at work: inputs times weights, their sum, the activation, the threshold, the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from rheobase.activation import Activation
from rheobase.capability.boolean import NAMED, Coding, boolean, coded
from rheobase.capability.solve import label
from rheobase.catalogue import get
from rheobase.errors import RheobaseError

MOST_ROWS = 4
"""Inputs up to which every row of the truth table is shown."""


@dataclass(frozen=True)
class Firing:
    """A neuron with one input on its way through it; plain floating point, as a network would compute it.

    Attributes:
        at: the input's numbers, one for each weight.
        orientation: 1 where the neuron fires above its threshold, −1 where it fires below.
    """

    function: Activation
    weights: tuple[float, ...]
    bias: float
    threshold: float
    orientation: int
    at: tuple[float, ...]
    name: str = ""

    @property
    def products(self) -> tuple[float, ...]:
        """What arrives over each synapse."""
        return tuple(w * v for w, v in zip(self.weights, self.at, strict=True))

    @property
    def net(self) -> float:
        """w·x + b."""
        return math.fsum((*self.products, self.bias))

    @property
    def value(self) -> float:
        """f(net)."""
        return float(self.function(self.net))

    @property
    def answer(self) -> int:
        """1 where the neuron fires."""
        return int(self.orientation * (self.value - self.threshold) > 0)

    @property
    def label(self) -> str:
        """What the activation was called, or its spec."""
        return self.name or label(self.function)

    def rows(self, inputs: Coding) -> list[Firing]:
        """The neuron on each of its 2^n inputs, in counting order; none for more than four inputs."""
        if len(self.weights) > MOST_ROWS:
            return []
        return [
            replace(self, at=tuple(float(coded(bit, inputs)) for bit in bits))
            for bits in product((0, 1), repeat=len(self.weights))
        ]

    def computes(self, inputs: Coding) -> str:
        """The bits that the neuron answers, and their name where they have one: "0001 (and)"; "" for many inputs."""
        table = "".join(str(row.answer) for row in self.rows(inputs))
        names = [name for name, bits in NAMED.items() if bits == table]
        return f"{table} ({names[0]})" if names else table

    def sentence(self, inputs: Coding, task: str | None = None) -> str:
        """What the neuron computes, and whether that is the task.

        Raises:
            RheobaseError: an unknown task, or one with another number of inputs.
        """
        found = f"It computes {self.computes(inputs)}"
        if task is None:
            return f"{found}."
        wanted = boolean(task)
        if wanted.inputs != len(self.weights):
            raise RheobaseError(
                f"{wanted.name} has {wanted.inputs} inputs and the neuron {len(self.weights)} weights",
                instead=f"--weights {','.join(['1'] * wanted.inputs)}",
            )
        same = wanted.table == "".join(str(row.answer) for row in self.rows(inputs))
        return f"{found}: {'that is' if same else 'not'} {wanted.name}."

    def to_dict(self, inputs: Coding) -> dict[str, Any]:
        """The object of `--json`."""
        return {
            "activation": self.label,
            "weights": list(self.weights),
            "bias": self.bias,
            "threshold": self.threshold,
            "orientation": self.orientation,
            "inputs": inputs,
            "computes": self.computes(inputs),
            "rows": [
                {"x": r.at, "net": r.net, "value": r.value, "answer": r.answer} for r in self.rows(inputs) or [self]
            ],
        }


def fire(
    spec: str | Activation,
    weights: Sequence[float],
    bias: float = 0.0,
    threshold: float = 0.0,
    *,
    orientation: int = 1,
    at: Sequence[float] | None = None,
) -> Firing:
    """A neuron with given weights, and one input to it.

    Args:
        at: the input; by default all its numbers are 1.

    Raises:
        RheobaseError: no weights, numbers that are not finite, an orientation other than ±1, an input of another
            length.

    >>> neuron = fire("step", [1, 1], bias=-1.5)
    >>> neuron.net, neuron.value, neuron.answer, neuron.computes("01")
    (0.5, 1.0, 1, '0001 (and)')
    """
    if not weights:
        raise RheobaseError("a neuron without weights", instead="--weights 1,1")
    place = tuple(float(v) for v in (at if at is not None else [1.0] * len(weights)))
    if len(place) != len(weights):
        raise RheobaseError(
            f"an input of length {len(place)} for {len(weights)} weights",
            instead=f"--at {','.join(['1'] * len(weights))}",
        )
    if orientation not in (1, -1):
        raise RheobaseError(f"the orientation {orientation}", instead="1 or -1")
    found = tuple(float(w) for w in weights)
    if not all(math.isfinite(v) for v in (*found, *place, bias, threshold)):
        raise RheobaseError(
            "a weight, bias, threshold or input that is not finite", instead="--weights 1,1 --bias -1.5"
        )
    name = spec.strip() if isinstance(spec, str) else ""
    return Firing(get(spec), found, float(bias), float(threshold), orientation, place, name)
