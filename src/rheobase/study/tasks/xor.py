"""XOR with a single neuron: can gradient descent find the weights, and from how many starts?

The neuron puts out φ(w·x + b) and its answer is the sign: nothing is learned after φ, not even a threshold. So a
monotone φ fails by geometry (XOR is not linearly separable, Minsky & Papert 1969), and a non-monotone one may succeed
(Noel, Trivedi & Dutta 2021, arXiv:2108.12943 and 2111.04020). The learning rates end at 0.1 as in the protocol that
is followed here; a larger one would raise some of the low figures.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rheobase.study.spec import Budget, Data, Metric, Outcome, Stack, Task

if TYPE_CHECKING:
    from torch import Tensor

    from rheobase.study.train import Activation

STARTS = 25
CHECKPOINTS = 25

XOR = Data(
    name="XOR: the four points, inputs coded ±1 (the score) and 0/1 (a column beside it)",
    source="the truth table; what varies are the starts",
    licence="public domain",
    checksum="the four points are in the task's file",
    split=f"a seed is {STARTS} starts for validation and {STARTS} others for test; weights and bias uniform in ±1/√2",
)


def train(stack: Stack, activation: Activation) -> Sequence[Outcome]:
    """Mean squared error to ±1, all four points a step; a start succeeds when all four signs are right at the end."""
    import torch

    from rheobase.study.train import Adam

    bound, size, steps = 1 / math.sqrt(2), len(stack.members), TASK.budget.epochs
    draws = [torch.rand(2, STARTS, 3, generator=stack.generator(m, "weights")) for m in stack.members]
    # (member, coding, validation or test, start, weights and bias)
    weights = ((torch.stack(draws) * 2 - 1) * bound).unsqueeze(1).repeat(1, 2, 1, 1, 1)
    rates = torch.tensor([m.rate for m in stack.members]).view(-1, 1, 1, 1, 1).expand_as(weights)
    optimiser = Adam(rates.contiguous())
    signs = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    points = torch.stack([signs, (signs + 1) / 2]).view(1, 2, 1, 4, 2)
    wanted = torch.tensor([-1.0, 1.0, 1.0, -1.0])

    def output() -> Tensor:
        return activation(weights[..., :2] @ points.transpose(-1, -2) + weights[..., 2:])

    def right() -> Tensor:
        return ((output().detach() > 0) == (wanted > 0)).all(dim=-1).double().mean(dim=-1)

    curve, began = [], time.thread_time()
    weights.requires_grad_()
    for step in range(1, steps + 1):
        loss = (output() - wanted).square().mean(dim=-1)
        (gradient,) = torch.autograd.grad(loss.sum(), weights)
        with torch.no_grad():
            optimiser.step(weights, gradient)
        if step % (steps // CHECKPOINTS) == 0:
            curve.append(right()[:, 0, 0])
    seconds = (time.thread_time() - began) / steps / size

    with torch.no_grad():
        loss = (output() - wanted).square().mean(dim=-1)
    success, sound = right(), weights.detach().isfinite().all(dim=-1) & loss.isfinite()
    final = stack.stage == "final"
    outcomes = []
    for i in range(size):
        kept = loss[i, 0, 0][sound[i, 0, 0]]
        outcomes.append(
            Outcome(
                validation=float(success[i, 0, 0]),
                validation_loss=float(kept.mean()) if len(kept) else math.inf,
                test=float(success[i, 0, 1]) if final else None,
                diverged=int((~sound[i, 0, 1]).sum()),
                curve=tuple(float(score[i]) for score in curve),
                seconds_per_step=seconds,
                measures={"zero_one": float(success[i, 1, 1])} if final else {},
            )
        )
    return outcomes


TASK = Task(
    id="xor",
    title="XOR with one neuron",
    stands_for="what a single neuron can learn: a function must turn back to do it, and not all of those learn it",
    metric=Metric("starts that learn XOR", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1),
    data=XOR,
    architecture="one neuron, φ(w·x + b), read out by its sign; squared error to ±1, Adam, full batch",
    budget=Budget(epochs=1000, batch=4, rates=(0.003, 0.01, 0.03, 0.1), tuning_seeds=10),
    inits={"default": "torch's default: weights and bias uniform in ±1/√2"},
    train=train,
    measures={"zero_one": "inputs 0/1"},
)
