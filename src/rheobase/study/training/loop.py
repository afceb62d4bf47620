"""The training loop: batches, steps, scores on validation data, and the test set once.

Each member of a stack has its own order of the data, its own learning rate and its own optimiser state. The sum of
the members' losses passes each its own gradient alone, so a member that diverges leaves the others bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from rheobase.study.device import seconds
from rheobase.study.spec import Budget, Metric, Outcome, Stack, Task
from rheobase.study.training.adam import Adam
from rheobase.study.training.mlp import Mlp, gradient_norms, initial_weights
from rheobase.study.training.objectives import CLASSES, Each, Objective
from rheobase.study.training.parameters import Activation, Model, Network, Stacked
from rheobase.study.training.start import starting

CHECKPOINTS = 40
"""The most points that a learning curve has."""


class Split(NamedTuple):
    """Inputs (N, …) and targets (N, …) for training, validation and test."""

    train: tuple[Tensor, Tensor]
    validation: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


Build = Callable[[Stack, Activation, torch.dtype], Model]
"""Makes the members' networks, each from its own random numbers."""


@dataclass(frozen=True)
class Work:
    """Everything that a stack needs to train, beside its task's budget and metric.

    Attributes:
        split: the data; the training set's order is drawn anew for each member and epoch.
        build: makes the networks.
        objective: the loss and the score.
        loss: the training loss (S,) of a model on a batch, where the objective's own on the outputs will not do.
        measures: further numbers from the outputs on test data.
        epoch: how many of the training examples an epoch draws; None for all.
        chunk: how many examples are evaluated at once.
        gradients: whether the norm of each layer's gradient is measured at the start (a plain MLP's alone).
    """

    split: Split
    build: Build
    objective: Objective
    loss: Callable[[Model, Tensor, Tensor, Activation], Tensor] | None = None
    measures: Mapping[str, Each] = field(default_factory=dict)
    epoch: int | None = None
    chunk: int = 1024
    gradients: bool = False


def mlp(*hidden: int, ending: Callable[[Tensor, Tensor], Tensor] | None = None) -> Callable[[Split, bool], Build]:
    """A plain MLP with these hidden layers; inputs and outputs follow from the data (classes or values).

    Args:
        ending: what becomes of outputs (S, N, k), given inputs (S, N, features) too.
    """

    def shaped(split: Split, classes: bool) -> Build:
        x, y = split.train
        widths = [x.shape[1], *hidden, int(y.max()) + 1 if classes else y.shape[1]]

        def build(stack: Stack, activation: Activation, dtype: torch.dtype) -> Mlp:
            start = starting(stack.init, activation)
            draws = [initial_weights(widths, start, stack.generator(m, "weights")) for m in stack.members]
            nets = [[p.to(stack.device, dtype) for p in net] for net in draws]
            return Mlp(widths, nets, start.lift, start.shift, ending)

        return build

    return shaped


def network(described: Network) -> Build:
    """Members of a network that is described for one."""

    def build(stack: Stack, activation: Activation, dtype: torch.dtype) -> Stacked:
        draws = [described.initial(stack.generator(m, "weights"), stack.init) for m in stack.members]
        return Stacked(described, [{name: p.to(stack.device, dtype) for name, p in net.items()} for net in draws])

    return build


class Run:
    """A stack in training; `steps` goes on, `evaluate` looks at it."""

    def __init__(
        self, work: Work, budget: Budget, stack: Stack, activation: Activation, dtype: torch.dtype = torch.float32
    ) -> None:
        self.work, self.budget, self.activation = work, budget, activation
        self.dtype, self.device = dtype, stack.device
        self.x, self.y = (self._cast(t).to(self.device) for t in work.split.train)
        self.model = work.build(stack, activation, dtype)
        self.optimiser = Adam(self.model.spread([m.rate for m in stack.members]))
        self._orders = [stack.generator(m, "order") for m in stack.members]

    def _cast(self, data: Tensor) -> Tensor:
        return data.to(self.dtype) if data.is_floating_point() else data

    def epoch(self) -> Iterator[Tensor]:
        """The examples of each batch (S, B) of one epoch; those that would not fill a batch are left out."""
        order = torch.stack([torch.randperm(len(self.x), generator=g) for g in self._orders]).to(self.device)
        length = min(len(self.x), self.work.epoch or len(self.x))
        batch = min(self.budget.batch, length)
        for at in range(0, length - batch + 1, batch):
            yield order[:, at : at + batch]

    def step(self, pick: Tensor) -> None:
        """One step of every member, on its own batch."""
        self.model.gradient.zero_()
        self._losses(self.x[pick], self.y[pick]).sum().backward()
        self.optimiser.step(self.model.flat, self.model.gradient)

    def _losses(self, x: Tensor, y: Tensor) -> Tensor:
        if self.work.loss is not None:
            return self.work.loss(self.model, x, y, self.activation)
        return self.work.objective.loss(self.model(x, self.activation), y)

    @torch.no_grad()
    def outputs(self, x: Tensor) -> Tensor:
        """The outputs (S, N, …) for inputs (N, …) that all members share; on the processor, as scores are."""
        size, parts = self.model.size, self._cast(x).to(self.device).split(self.work.chunk)
        shown = (self.model(part.expand(size, *part.shape), self.activation) for part in parts)
        return torch.cat([part.cpu() for part in shown], dim=1)

    def evaluate(self, data: tuple[Tensor, Tensor], floor: float) -> tuple[Tensor, Tensor]:
        """Score (S,) and loss (S,); where a network gives NaN its score is the floor."""
        score, loss, _ = self.tested(data, floor, {})
        return score, loss

    @torch.no_grad()
    def tested(
        self, data: tuple[Tensor, Tensor], floor: float, measures: Mapping[str, Each]
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Score (S,), loss (S,), and further measures (S,)."""
        outputs = self.outputs(data[0])
        y = self._cast(data[1]).expand(self.model.size, *data[1].shape)
        loss = self.work.objective.loss(outputs, y).double()

        def guarded(measure: Each) -> Tensor:
            return torch.where(loss.isfinite(), measure(outputs, y), floor)

        return guarded(self.work.objective.score), loss, {name: guarded(m) for name, m in measures.items()}


def fit(
    work: Work,
    budget: Budget,
    metric: Metric,
    stack: Stack,
    activation: Activation,
    dtype: torch.dtype = torch.float32,
) -> list[Outcome]:
    """Train a stack with Adam for a budget; one outcome a member.

    The curve is the score on validation data after each epoch (after every few, where there are many). Test data is
    looked at once, at the end of a final run.
    """
    run, floor, size = Run(work, budget, stack, activation, dtype), metric.floor, len(stack.members)
    norms = torch.empty(size, 0)
    if work.gradients and type(run.model) is Mlp:
        x, y = run.x[:256], run.y[:256]
        norms = gradient_norms(run.model, x.expand(size, -1, -1), y.expand(size, -1), activation)
    steps, clock, points = 0, 0.0, min(budget.epochs, CHECKPOINTS)
    curve: list[tuple[Tensor, Tensor]] = []
    for epoch in range(budget.epochs):
        began = seconds(run.device)
        for pick in run.epoch():
            run.step(pick)
            steps += 1
        clock += seconds(run.device) - began
        if (epoch + 1) * points // budget.epochs > len(curve):
            curve.append(run.evaluate(work.split.validation, floor))
    sound = run.model.finite().cpu() & curve[-1][1].isfinite()
    tested, measures = None, {}
    if stack.stage == "final":
        tested, _, measures = run.tested(work.split.test, floor, work.measures)

    def kept(values: Tensor, i: int, failed: float) -> float:
        return float(values[i]) if sound[i] else failed

    return [
        Outcome(
            validation=kept(curve[-1][0], i, floor),
            validation_loss=kept(curve[-1][1], i, math.inf),
            test=None if tested is None else kept(tested, i, floor),
            diverged=int(not sound[i]),
            curve=tuple(float(score[i]) for score, _ in curve),
            seconds_per_step=clock / max(steps, 1) / size,
            measures={name: kept(values, i, floor) for name, values in measures.items()},
            gradients=tuple(norms[i].tolist()),
        )
        for i in range(size)
    ]


def train_classifier(
    task: Task, stack: Stack, activation: Activation, data: Split, hidden: Sequence[int], *, gradients: bool = False
) -> list[Outcome]:
    """Train a stack of MLPs on classes: `fit` with cross-entropy and accuracy.

    With `gradients`, the gradient's norm by layer on the first 256 training examples is measured at the start.
    """
    work = Work(data, mlp(*hidden)(data, True), CLASSES, gradients=gradients)
    return fit(work, task.budget, task.metric, stack, activation)
