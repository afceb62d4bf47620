"""Helmholtz's equation solved by a physics-informed network: second derivatives of the activation at work."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    import torch

    from rheobase.study.training import Activation, Split, Work

WAVE = (1, 3)
"""Half waves of the solution along x and y."""
GRID = 16
EQUATION = Data(
    name="∂²u/∂x² + ∂²u/∂y² + u = q on the unit square, u = 0 at its edge, with the solution u = sin(πx) sin(3πy)",
    source="the equation (Raissi, Perdikaris & Karniadakis 2019, J. Comput. Phys. 378, for the method)",
    licence="public domain",
    checksum="the equation is in the task's file",
    split=f"train: a grid of {GRID} × {GRID} points, where only q is known; validation and test: the solution at the "
    "points between, in turn",
)
METRIC = Metric("test error relative to the solution", "%", higher_is_better=False, floor=1.0, scale=100)
BUDGET = Budget(epochs=300, batch=GRID * GRID, rates=(0.001, 0.003, 0.01, 0.03), tuning_seeds=3, block=6)


def solution(x: torch.Tensor) -> torch.Tensor:
    """u (N, 1) at points (N, 2) of the unit square."""
    return (math.pi * WAVE[0] * x[:, :1]).sin() * (math.pi * WAVE[1] * x[:, 1:]).sin()


@cache
def load() -> Split:
    """Points (N, 2); q (N, 1) for training, u (N, 1) for validation and test."""
    import torch

    from rheobase.study.training import Split

    def grid(n: int) -> torch.Tensor:
        line = (torch.arange(n, dtype=torch.float64) + 0.5) / n
        return torch.cartesian_prod(line, line)

    train, between = grid(GRID), grid(2 * GRID + 1)
    q = (1 - math.pi**2 * (WAVE[0] ** 2 + WAVE[1] ** 2)) * solution(train)
    held = [between[0::2], between[1::2]]
    return Split((train.float(), q.float()), *((x.float(), solution(x).float()) for x in held))


Solution = Callable[["torch.Tensor", "Activation"], "torch.Tensor"]


def residual(model: Solution, x: torch.Tensor, q: torch.Tensor, activation: Activation) -> torch.Tensor:
    """Mean squared residual (S,) of the equation at points (S, N, 2), as a share of the mean of q²."""
    import torch

    x = x.requires_grad_()
    bend = u = model(x, activation)
    (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    for i in range(2):
        (second,) = torch.autograd.grad(slope[..., i].sum(), x, create_graph=True)
        bend = bend + second[..., i : i + 1]
    return ((bend - q).square() / q.square().mean()).flatten(1).mean(dim=1)


def work() -> Work:
    """Three hidden layers of 32; u is the network times x(1−x) y(1−y), so that it is 0 at the edge by construction."""
    from rheobase.study.training import Objective, Work, mlp, squared_error

    def pinned(outputs: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return outputs * (4 * x * (1 - x)).prod(dim=-1, keepdim=True)

    def error(outputs: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        share = squared_error(outputs, u) / u.square().flatten(1).mean(dim=1)
        return share.sqrt().double().clamp(max=METRIC.floor)

    build = mlp(32, 32, 32, ending=pinned)(load(), False)
    return Work(load(), build, Objective(squared_error, error), loss=residual)


TASK = Task(
    id="helmholtz",
    domain="physics",
    title="Helmholtz's equation",
    stands_for="physics-informed networks, which train on the activation's second derivative",
    metric=METRIC,
    data=EQUATION,
    architecture="plain MLP 2–32–32–32–1 times x(1−x) y(1−y), squared residual of the equation, Adam, full batch",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
