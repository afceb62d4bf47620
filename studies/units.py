"""A task for the studies: what the hidden units of an ordinary network do, counted after training on the digits.

Three hidden layers of 64, as on `digits` otherwise. Counted over the training set, for each network of a stack:
a unit is *idle* when its slope φ' is 0 for every example, so that no gradient ever reaches its weights again; the
*silent* share is that of all (unit, example) pairs whose slope is 0; the *mean* is a unit's mean output, taken as a
distance from 0 and averaged over the units.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from rheobase.study.spec import Outcome, Stack
from rheobase.study.tasks import find
from rheobase.study.tasks.digits import load

if TYPE_CHECKING:
    from torch import Tensor

HIDDEN = (64, 64, 64)


def train(stack: Stack, activation: Callable[[Tensor], Tensor]) -> Sequence[Outcome]:
    """Train as on `digits`, then count."""
    from rheobase.study.training import CLASSES, Model, Work, fit, mlp

    models: list[Model] = []
    plain = mlp(*HIDDEN)(load(), True)

    def build(*how) -> Model:
        models.append(plain(*how))
        return models[-1]

    outcomes = fit(Work(load(), build, CLASSES), TASK.budget, TASK.metric, stack, activation)
    counted = count(models[0], activation, load().train[0])
    return [
        msgspec.structs.replace(o, measures={name: 1.0 if o.diverged else float(v[i]) for name, v in counted.items()})
        for i, o in enumerate(outcomes)
    ]


def count(model, activation: Callable[[Tensor], Tensor], x: Tensor) -> dict[str, Tensor]:
    """Shares (S,) of idle units and of silent pairs, and the mean distance (S,) of a unit's mean output from 0."""
    import torch

    slopes: list[Tensor] = []
    means: list[Tensor] = []

    def watched(z: Tensor) -> Tensor:
        z = z.detach().requires_grad_()
        y = activation(z)
        (slope,) = torch.autograd.grad(y.sum(), z)
        slopes.append(slope == 0)
        means.append(y.detach().mean(dim=1))
        return y.detach()

    model(x.expand(model.size, *x.shape), watched)
    flat = torch.cat(slopes, dim=2)
    return {
        "idle": flat.all(dim=1).double().mean(dim=1),
        "silent": flat.double().mean(dim=(1, 2)),
        "mean": torch.cat(means, dim=1).abs().double().mean(dim=1),
    }


TASK = dataclasses.replace(
    find("digits"),
    id="units",
    title="Hidden units on the digits",
    stands_for="what single units do after training: which take part in learning, and where their outputs lie",
    architecture="plain MLP 64–64–64–64–10, cross-entropy, Adam",
    train=train,
    measures={"idle": "units without slope", "silent": "pairs without slope", "mean": "|mean output|"},
)
