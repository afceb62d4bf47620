"""Many small networks trained at once: weights (S, in, out), one batched product a layer, each network on its own.

Nothing couples the networks of a stack. The products are batched, everything else is elementwise or within a network,
and a sum of losses passes each network its own gradient alone; so a network that diverges leaves the others bit for
bit as they were.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from rheobase.errors import RheobaseError
from rheobase.study.spec import Outcome, Stack, Task

Activation = Callable[[Tensor], Tensor]


class Split(NamedTuple):
    """Inputs (N, features) in float32 and classes (N,) for training, validation and test."""

    train: tuple[Tensor, Tensor]
    validation: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


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


class Mlp:
    """S plain multilayer perceptrons of one shape, each with its own weights; all are views of one flat tensor.

    The gradients are views of a flat tensor too, so that the optimiser's step is a handful of calls at any depth.
    """

    def __init__(self, widths: Sequence[int], nets: Sequence[Sequence[Tensor]], shift: Tensor | None) -> None:
        self.widths, self.size, self.shift = widths, len(nets), shift
        layers = [torch.stack(parameters) for parameters in zip(*nets, strict=True)]
        self.flat = torch.cat([p.reshape(-1) for p in layers])
        self.gradient = torch.zeros_like(self.flat)
        self.parameters = self._views(self.flat, layers)
        for parameter, gradient in zip(self.parameters, self._views(self.gradient, layers), strict=True):
            parameter.requires_grad_().grad = gradient

    @staticmethod
    def _views(flat: Tensor, layers: Sequence[Tensor]) -> list[Tensor]:
        parts = flat.split([p.numel() for p in layers])
        return [part.view(p.shape) for part, p in zip(parts, layers, strict=True)]

    def __call__(self, x: Tensor, activation: Activation) -> Tensor:
        """Logits (S, N, classes) of inputs (S, N, features)."""
        pairs = list(zip(self.parameters[::2], self.parameters[1::2], strict=True))
        for weight, bias in pairs[:-1]:
            x = activation(torch.baddbmm(bias, x, weight))
            if self.shift is not None:
                x = x - self.shift
        weight, bias = pairs[-1]
        return torch.baddbmm(bias, x, weight)

    def spread(self, values: Sequence[float]) -> Tensor:
        """One value a network, repeated for each of its parameters, in the order of the flat tensor."""
        each = torch.tensor(values, dtype=self.flat.dtype).unsqueeze(1)
        return torch.cat([each.expand(-1, p[0].numel()).reshape(-1) for p in self.parameters])

    def finite(self) -> Tensor:
        """Which networks (S,) have finite parameters."""
        return torch.stack([p.detach().isfinite().flatten(1).all(dim=1) for p in self.parameters]).all(dim=0)


def initial_weights(widths: Sequence[int], init: str, generator: torch.Generator, gain: float) -> list[Tensor]:
    """Weights (in, out) and biases (1, out) of one network, in turn, in float32.

    default: torch.nn.Linear's own, uniform in ±1/√fan_in. glorot: Glorot & Bengio 2010, equation 16. he: He et al.
    2015, equation 10. orthogonal: Saxe et al. 2014, times `gain`; the read-out layer without it.
    """
    weights: list[Tensor] = []
    last = len(widths) - 2
    for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
        w, b = torch.empty(fan_in, fan_out), torch.zeros(1, fan_out)
        if init == "default":
            bound = 1 / math.sqrt(fan_in)
            w.uniform_(-bound, bound, generator=generator)
            b.uniform_(-bound, bound, generator=generator)
        elif init == "glorot":
            bound = math.sqrt(6 / (fan_in + fan_out))
            w.uniform_(-bound, bound, generator=generator)
        elif init == "he":
            w.normal_(0, math.sqrt(2 / fan_in), generator=generator)
        elif init == "orthogonal":
            torch.nn.init.orthogonal_(w, gain if i < last else 1.0, generator=generator)
        else:
            raise RheobaseError(f"unknown initialisation {init!r}", instead="default, glorot, he or orthogonal")
        weights += [w, b]
    return weights


def critical_gain(activation: Activation) -> float:
    """The factor on orthogonal weights at which small signals neither grow nor fade: 1 / √E[φ'(z)²], z near 0.

    The criticality condition of Pennington, Schoenholz & Ganguli 2017 (χ = 1) in the limit of a small variance:
    4 for the sigmoid, 1 for tanh, √2 for ReLU. A function that is flat around 0 has none; it gets 1.
    """
    z = torch.special.ndtri((torch.arange(1024, dtype=torch.float64) + 0.5) / 1024) * 1e-3
    z.requires_grad_()
    (slope,) = torch.autograd.grad(activation(z).sum(), z)
    square = float(slope.square().mean())
    return 1 / math.sqrt(square) if math.isfinite(square) and square > 1e-6 else 1.0


def gradient_norms(model: Mlp, x: Tensor, y: Tensor, activation: Activation) -> Tensor:
    """Norm (S, layers) of the loss's gradient in each layer's weights; in float64, where 1e-40 is a number."""
    nets = list(zip(*(p.detach().double() for p in model.parameters), strict=True))
    twin = Mlp(model.widths, nets, None if model.shift is None else model.shift.double())
    losses(twin(x.double(), activation), y).sum().backward()
    weights = [p.grad for p in twin.parameters[::2] if p.grad is not None]
    return torch.stack([g.flatten(1).norm(dim=1) for g in weights], dim=1)


def losses(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy (S,) of logits (S, N, classes) and classes (S, N)."""
    each = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
    return each.view(y.shape).mean(dim=1)


def train_classifier(
    task: Task, stack: Stack, activation: Activation, data: Split, hidden: Sequence[int], *, gradients: bool = False
) -> list[Outcome]:
    """Train a stack of MLPs with Adam for the task's budget; one outcome a member.

    The curve is the score on validation data after each epoch. Test data is looked at once, at the end of a final
    run. With `gradients`, the gradient's norm by layer on the first 256 training examples is measured at the start.
    """
    (x, y), budget, size = data.train, task.budget, len(stack.members)
    widths = [x.shape[1], *hidden, int(y.max()) + 1]
    orthogonal = stack.init == "orthogonal"
    gain = critical_gain(activation) if orthogonal else 1.0
    shift = activation(torch.zeros(())).detach() if orthogonal else None
    nets = [initial_weights(widths, stack.init, stack.generator(m, "weights"), gain) for m in stack.members]
    model, orders = Mlp(widths, nets, shift), [stack.generator(m, "order") for m in stack.members]
    norms = torch.empty(size, 0)
    if gradients:
        norms = gradient_norms(model, x[:256].expand(size, -1, -1), y[:256].expand(size, -1), activation)
    optimiser = Adam(model.spread([m.rate for m in stack.members]))

    steps, curve, clock = 0, [], 0.0
    for _ in range(budget.epochs):
        began = time.thread_time()
        order = torch.stack([torch.randperm(len(x), generator=g) for g in orders])
        for at in range(0, len(x) - budget.batch + 1, budget.batch):
            pick = order[:, at : at + budget.batch]
            model.gradient.zero_()
            losses(model(x[pick], activation), y[pick]).sum().backward()
            optimiser.step(model.flat, model.gradient)
            steps += 1
        clock += time.thread_time() - began
        curve.append(_evaluate(task, model, activation, *data.validation))

    finite = model.finite() & curve[-1][1].isfinite()
    tested = _evaluate(task, model, activation, *data.test)[0] if stack.stage == "final" else None
    floor = task.metric.floor
    outcomes = []
    for i in range(size):
        sound = bool(finite[i])
        outcomes.append(
            Outcome(
                validation=float(curve[-1][0][i]) if sound else floor,
                validation_loss=float(curve[-1][1][i]) if sound else math.inf,
                test=None if tested is None else float(tested[i]) if sound else floor,
                diverged=0 if sound else 1,
                curve=tuple(float(score[i]) for score, _ in curve),
                seconds_per_step=clock / max(steps, 1) / size,
                gradients=tuple(norms[i].tolist()),
            )
        )
    return outcomes


@torch.no_grad()
def _evaluate(task: Task, model: Mlp, activation: Activation, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Accuracy (S,) and mean cross-entropy (S,); where a network gives NaN its accuracy is the task's floor."""
    size = model.size
    logits = model(x.expand(size, -1, -1), activation)
    right = (logits.argmax(dim=2) == y).double().mean(dim=1)
    loss = losses(logits, y.expand(size, -1)).double()
    return torch.where(loss.isfinite(), right, task.metric.floor), loss
