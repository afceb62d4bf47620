"""Two spirals, wound round each other three times: a boundary that no straight line comes near."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

POINTS = 97
"""A spiral, as in the original; 32 points make a turn."""
SPIRALS = Data(
    name="Two spirals (Lang & Witbrock 1988, Learning to Tell Two Spirals Apart), 194 points by formula",
    source="radius 6.5 (104 − i)/104, angle iπ/16 for i = 0 … 96, and the same points mirrored at the origin",
    licence="public domain",
    checksum="the formula is in the task's file",
    split="train: the 194 points; validation: a third of a step behind each; test: two thirds of a step behind each",
)
METRIC = Metric("test accuracy", "%", higher_is_better=True, floor=0.5, scale=100)
BUDGET = Budget(epochs=200, batch=64, rates=(0.001, 0.003, 0.01, 0.03, 0.1), block=12)


@cache
def load() -> Split:
    """Points (194, 2) and which spiral they are of; the last points have none behind them."""
    import torch

    from rheobase.study.training import Split

    def spiral(shift: float) -> tuple[torch.Tensor, torch.Tensor]:
        i = torch.arange(POINTS if shift == 0 else POINTS - 1, dtype=torch.float64) + shift
        radius, angle = (104 - i) / 104, i * math.pi / 16
        one = torch.stack([radius * torch.sin(angle), radius * torch.cos(angle)], dim=1)
        return (torch.cat([one, -one]) * 2).float(), torch.arange(2).repeat_interleave(len(one))

    return Split(spiral(0), spiral(1 / 3), spiral(2 / 3))


def work() -> Work:
    """Three hidden layers of 24."""
    from rheobase.study.training import CLASSES, Work, mlp

    return Work(load(), mlp(24, 24, 24)(load(), True), CLASSES)


TASK = Task(
    id="spirals",
    domain="logic",
    title="Two spirals",
    stands_for="boundaries that wind: how much bending does a unit bring?",
    metric=METRIC,
    data=SPIRALS,
    architecture="plain MLP 2–24–24–24–2, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
