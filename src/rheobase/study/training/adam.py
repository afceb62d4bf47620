"""Adam on one flat tensor, with a learning rate for each of its elements."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1) on a flat tensor, with a learning rate for each of its elements."""

    def __init__(self, rate: Tensor) -> None:
        self.rate = rate
        self.mean = torch.zeros_like(rate)
        self.square = torch.zeros_like(rate)
        self.work = torch.empty_like(rate)  # kept, because fresh megabytes cost more than the arithmetic on them
        self.steps = 0

    def step(self, parameters: Tensor, gradient: Tensor) -> None:
        """One update, in place."""
        self.steps += 1
        self.mean.lerp_(gradient, 0.1)
        self.square.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        torch.sqrt(self.square, out=self.work).div_(math.sqrt(1 - 0.999**self.steps)).add_(1e-8)
        torch.div(self.mean, self.work, out=self.work).mul_(self.rate)
        parameters.sub_(self.work, alpha=1 / (1 - 0.9**self.steps))
