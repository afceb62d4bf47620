"""An activation as a torch module."""

from __future__ import annotations

from typing import Any

import torch

from rheobase.catalogue import get
from rheobase.lower import compiled


class Activation(torch.nn.Module):
    """Any entry or formula as a module with fixed parameters.

    Args:
        spec: an id, an alias, `"swish:beta=1.5"`, a formula, or a `rheobase.Activation`.

    Shape: any; the output has the shape, dtype and device of the input.

    Raises:
        RheobaseError: for an unknown name or a formula that cannot be read.

    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), Activation("swish"))
    >>> model[1]
    Activation(swish: x*sigmoid(beta*x); beta=1)
    """

    def __init__(self, spec: Any) -> None:
        super().__init__()
        self.definition = get(spec)
        self._build()

    def _build(self) -> None:
        self._function = compiled(self.definition.bound, "torch")

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The activation of every element."""
        return self._function(input)

    def extra_repr(self) -> str:
        """The formula and the values of its parameters."""
        values = "".join(f"; {n}={p.default:g}" for n, p in self.definition.parameters.items())
        name = self.definition.id or self.definition.name
        return (f"{name}: " if name != self.definition.formula else "") + self.definition.formula + values

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__() if hasattr(super(), "__getstate__") else self.__dict__
        return {k: v for k, v in dict(state).items() if k != "_function"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._build()
