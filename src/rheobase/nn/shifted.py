"""A module at another point of its curve: f(x + input_shift) − output_shift."""

from __future__ import annotations

from typing import Any

import torch


class Shifted(torch.nn.Module):
    """f(x + input_shift) − output_shift: a deep network works where f keeps small signals, and its outputs are centred.

    A shift that is not 0 is a buffer, so that a state dict with it does not load silently into a model without it.

    Args:
        function: the activation f, any module that works element by element.
        input_shift, output_shift: added to its input, taken off its output.
        device, dtype: of the shifts.

    Shape: that of `function`.

    >>> module = Shifted(torch.nn.Sigmoid(), output_shift=0.5)
    >>> module
    Shifted(
      output_shift=0.5
      (function): Sigmoid()
    )
    >>> module(torch.zeros(1))
    tensor([0.])
    """

    input_shift: torch.Tensor | None
    output_shift: torch.Tensor | None

    def __init__(
        self,
        function: torch.nn.Module,
        input_shift: float = 0.0,
        output_shift: float = 0.0,
        *,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.function = function
        for name, shift in (("input_shift", input_shift), ("output_shift", output_shift)):
            self.register_buffer(name, torch.tensor(shift, device=device, dtype=dtype) if shift else None)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The shifted function of every element, in the dtype of the input."""
        if self.input_shift is not None:
            input = input + self.input_shift
        output = self.function(input)
        return output if self.output_shift is None else output - self.output_shift

    def extra_repr(self) -> str:
        """The shifts that are not 0."""
        shifts = {"input_shift": self.input_shift, "output_shift": self.output_shift}
        return ", ".join(f"{name}={float(value):.7g}" for name, value in shifts.items() if value is not None)
