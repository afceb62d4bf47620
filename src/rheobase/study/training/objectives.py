"""What a stack is trained on and what its score is, for one network each: outputs (S, N, …) and targets to (S,).

A score that is worse than having learned nothing counts as having learned nothing where the measure has no bound of
its own: else one training that has all but diverged would decide a mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

Each = Callable[[Tensor, Tensor], Tensor]
"""Outputs (S, N, …) and targets (S, N, …) to one number a network (S,)."""


class Objective(NamedTuple):
    """The loss that is minimised (and that names the better of two equal scores), and the score that is reported."""

    loss: Each
    score: Each


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy (S,) of logits (S, …, classes) and classes (S, …), in nats."""
    each = F.cross_entropy(logits.flatten(0, -2), y.flatten(), reduction="none")
    return each.view(len(logits), -1).mean(dim=1)


def accuracy(logits: Tensor, y: Tensor) -> Tensor:
    """The share (S,) of examples whose largest logit is the class."""
    return (logits.argmax(dim=-1) == y).double().flatten(1).mean(dim=1)


def squared_error(outputs: Tensor, y: Tensor) -> Tensor:
    """Mean squared error (S,) over examples and outputs."""
    return (outputs - y).square().flatten(1).mean(dim=1)


def explained(outputs: Tensor, y: Tensor) -> Tensor:
    """The share (S,) of the targets' variance about their mean that is explained, R²; less than 0 counts as 0."""
    total = (y - y.mean(dim=1, keepdim=True)).square().flatten(1).mean(dim=1)
    return (1 - squared_error(outputs, y) / total).double().clamp(min=0)


def at_most(measure: Each, floor: float) -> Each:
    """The same measure (S,), but `floor` where it is more."""
    return lambda outputs, y: measure(outputs, y).double().clamp(max=floor)


def root_error(scale: float, floor: float) -> Each:
    """Root mean squared error (S,) times `scale`, at most `floor`."""
    return lambda outputs, y: (squared_error(outputs, y).sqrt() * scale).double().clamp(max=floor)


def signal_to_noise(peak: float, floor: float) -> Each:
    """Peak signal-to-noise ratio (S,) in dB, 10 log₁₀(peak²/MSE), at least `floor`."""
    return lambda outputs, y: (10 * torch.log10(peak**2 / squared_error(outputs, y))).double().clamp(min=floor)


CLASSES = Objective(cross_entropy, accuracy)
VALUES = Objective(squared_error, explained)
