"""Two sines of incommensurate periods on a slope: what is learned inside the range, and what holds outside?"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    import torch

    from rheobase.study.training import Split, Work

END, BEYOND = 6.0, 9.0
"""Training stops at ±6; what comes after is asked for up to 9 on either side."""
POINTS = 240
SINES = Data(
    name="sin(2t) + sin(2√2 t)/2 + t/2, never repeating",
    source="the formula",
    licence="public domain",
    checksum="the formula is in the task's file",
    split=f"train: {POINTS} points in ±6; validation: points between them, and {POINTS} from −9 to −6; test: other "
    f"points between, and {POINTS} from 6 to 9",
)
METRIC = Metric("error beyond the training range", "%", higher_is_better=False, floor=1.0, scale=100, decimals=1)
BUDGET = Budget(epochs=300, batch=60, rates=(0.001, 0.003, 0.01, 0.03), block=12)


def signal(t: torch.Tensor) -> torch.Tensor:
    """The signal at times t."""
    return (2 * t).sin() + (2 * math.sqrt(2) * t).sin() / 2 + t / 2


@cache
def load() -> Split:
    """Times (N, 1) and values (N, 1). Held-out parts: `POINTS` inside the range, then as many outside."""
    import torch

    from rheobase.study.training import Split

    def at(t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return t.unsqueeze(1).float(), signal(t).unsqueeze(1).float()

    step = 2 * END / POINTS
    inside = torch.arange(POINTS, dtype=torch.float64) * step - END
    outside = torch.linspace(END, BEYOND, POINTS, dtype=torch.float64)
    return Split(
        at(inside),
        at(torch.cat([inside + step / 3, -outside])),
        at(torch.cat([inside + 2 * step / 3, outside])),
    )


def work() -> Work:
    """Two hidden layers of 48; errors are shares of a constant answer's (the mean of the training range is 0)."""
    from rheobase.study.training import Objective, Work, mlp, squared_error

    def error(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        share = squared_error(outputs, y) / y.square().flatten(1).mean(dim=1)
        return share.sqrt().double().clamp(max=METRIC.floor)

    def outside(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return error(outputs[:, POINTS:], y[:, POINTS:])

    def inside(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return error(outputs[:, :POINTS], y[:, :POINTS])

    objective = Objective(squared_error, outside)
    return Work(load(), mlp(48, 48)(load(), False), objective, measures={"inside": inside})


TASK = Task(
    id="periodic",
    domain="periodicity",
    title="Sines on a slope",
    stands_for="extrapolation of what repeats: sine's promise",
    metric=METRIC,
    data=SINES,
    architecture="plain MLP 1–48–48–1, squared error, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
    measures={"inside": "error inside"},
)
