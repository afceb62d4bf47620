"""One function fading into another while a network is trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class Blend(torch.nn.Module):
    """(1 − share) · old(x) + share · new(x), the share being a buffer that goes from 0 to 1.

    >>> blend = Blend(torch.relu, torch.nn.Tanh())
    >>> blend.share.fill_(0.25), blend(torch.tensor([1.0]))
    (tensor(0.2500), tensor([0.9404]))
    """

    share: torch.Tensor

    def __init__(self, old: Callable[[torch.Tensor], torch.Tensor], new: torch.nn.Module) -> None:
        super().__init__()
        self.old = old
        self.new = new
        self.register_buffer("share", torch.zeros(()))

    def forward(self, input: Any) -> Any:
        """The blend of every element."""
        # The new one first: the old one may work in place.
        new = self.new(input)
        return torch.lerp(self.old(input.clone()), new, self.share.to(new.dtype))

    def extra_repr(self) -> str:
        """How far it has come."""
        return f"share={float(self.share):.3g}"
