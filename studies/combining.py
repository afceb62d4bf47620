"""Tasks for the studies of combining: ordinary tasks whose networks use several functions at once, in several ways.

The function of such a task is a sum, such as `0.5*relu(x) + 0.5*tanh(x)`; its terms, without their weights, are what is
combined. How it is done stands where other tasks have their initialisations, so that the machinery tunes each way
alike, starts it from the same weights and pairs it by seed: `WAYS`. In PReLU's study the ways are how many slopes are
learned: `SLOPES`.

Beside the score each training tells its number of parameters and the bytes that one step keeps for the way back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from rheobase.expr import Apply, Expr, Number
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Outcome, Stack, Task
from rheobase.study.tasks import find

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from rheobase.nn.module import Per
    from rheobase.study.training import Activation, Mlp, Model, Network, Split
    from rheobase.study.training.parameters import Parameters

WAYS = {
    "alone": "the function as it stands, the same in every layer",
    "fixed": "the sum as it stands, one formula, the same in every layer",
    "longer": "the same, with twice the epochs",
    "sum": "in each layer weights of its own, learned, from those of an even sum on",
    "layers": "in each layer shares are learned; half-way the largest wins, and the layer has that function alone",
    "neurons": "each function has an equal part of every layer's neurons",
    "gated": "in each layer shares that depend on the input, softmax(a x + b), learned from even ones on",
}
LONGER = 2
"""Twice the epochs are more than a fixed sum costs in time a step, and the least that a learned one does."""

SLOPES = {
    "none": "the slope stays where it starts",
    "layer": "one slope a layer is learned",
    "channel": "one a channel",
    "neuron": "one for each channel at each pixel",
}
DECIDED = 50.0
"""Logits this far apart give shares of 1 and 0, and gradients (e^−50) far below what moves Adam's steps (1e-8)."""


def terms(expr: Expr) -> list[Expr]:
    """The terms of a sum, without the numbers that they are multiplied by.

    >>> import rheobase as rb
    >>> [str(term) for term in terms(rb.define("0.5*relu(x) + 0.5*(x*tanh(x)) + sin(x)").expr)]
    ['relu(x)', 'x*tanh(x)', 'sin(x)']
    """
    if isinstance(expr, Apply) and expr.op == "add":
        return [term for part in expr.args for term in terms(part)]
    if isinstance(expr, Apply) and expr.op == "mul" and isinstance(expr.args[0], Number):
        return terms(expr.args[1])
    return [expr]


def combined(activation: Activation, way: str, plain: Model, steps: int) -> Mlp:
    """The networks of `plain` with the terms of the activation's formula, combined in the hidden layers."""
    from rheobase.activation import Activation as Definition
    from rheobase.nn import Activation as Module
    from rheobase.nn import Mixture
    from rheobase.study.training import LearnedMlp, Mlp

    assert isinstance(activation, Module), "a stack is trained with a rheobase activation"
    assert isinstance(plain, Mlp), "the tasks of these studies train perceptrons"
    members = [Definition(term) for term in terms(activation.definition.bound)]
    if way == "neurons":
        return LearnedMlp(plain, lambda _: _shared([Module(member) for member in members]))
    if way == "layers":
        return _choosing(plain, lambda _: Mixture(members, how="softmax"), steps)
    return LearnedMlp(plain, lambda _: Mixture(members, how="sum" if way == "sum" else "gated"))


def _shared(modules: Sequence[torch.nn.Module]) -> torch.nn.Module:
    """A layer whose neurons, the last axis, are divided among modules."""
    import torch

    class Shared(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            parts = torch.tensor_split(x, len(modules), dim=-1)
            return torch.cat([f(part) for f, part in zip(modules, parts, strict=True)], dim=-1)

    return Shared()


def _choosing(plain: Mlp, module: Callable[[int], torch.nn.Module], steps: int) -> Mlp:
    """Networks whose layers choose by their largest share after so many steps."""
    import torch

    from rheobase.study.training import LearnedMlp

    class Choosing(LearnedMlp):
        taken = 0

        def __call__(self, x: Tensor, activation: Activation) -> Tensor:
            if torch.is_grad_enabled():
                if self.taken == steps:
                    self.choose()
                self.taken += 1
            return super().__call__(x, activation)

        @torch.no_grad()
        def choose(self) -> None:
            for value in self.values().values():
                value.copy_(DECIDED * torch.nn.functional.one_hot(value.argmax(dim=1), value.shape[1]))

    return Choosing(plain, module)


def train(base: Task, stack: Stack, activation: Activation) -> Sequence[Outcome]:
    """Train a stack of the base task's networks in the way that the stack's initialisation names."""
    from rheobase.study.training import fit

    assert isinstance(base.train, Recipe)
    work, budget = base.train.work(), base.budget
    models: list[Model] = []
    way, started = stack.init, dataclasses.replace(stack, init="default")
    if way == "longer":
        budget = dataclasses.replace(budget, epochs=LONGER * budget.epochs)
    steps = budget.epochs * (len(work.split.train[0]) // budget.batch) // 2

    def build(_: Stack, activation: Activation, dtype: torch.dtype) -> Model:
        made = work.build(started, activation, dtype)
        models.append(made if way in ("alone", "fixed", "longer") else combined(activation, way, made, steps))
        return models[-1]

    found = fit(dataclasses.replace(work, build=build), budget, base.metric, stack, activation)
    return costed(found, models[0], work.split, budget.batch, activation)


def costed(
    outcomes: Sequence[Outcome], model: Model, split: Split, batch: int, activation: Activation
) -> list[Outcome]:
    """The outcomes with the parameters and the bytes kept for the way back, of one network."""
    x = split.train[0][:batch].to(model.flat.device)
    told = {
        "parameters": float(model.flat.numel() // model.size),
        "memory": kept(model, x.expand(model.size, *x.shape), activation) / model.size,
    }
    return [msgspec.structs.replace(o, measures={**o.measures, **told}) for o in outcomes]


def kept(model: Model, x: Tensor, activation: Activation) -> int:
    """The bytes of the tensors that a forward pass keeps for the backward one, the parameters themselves left out."""
    import torch

    found: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in (model.flat.untyped_storage().data_ptr(), x.untyped_storage().data_ptr()):
            found[storage.data_ptr()] = max(found.get(storage.data_ptr(), 0), storage.nbytes())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs = model(x, activation)
        total = sum(found.values())  # while the graph is alive, so that no storage is used twice
    del outputs
    return total


def _task(base: str, **budget: object) -> Task:
    found = find(base)
    if budget:
        found = dataclasses.replace(found, id=f"short-{base}", budget=dataclasses.replace(found.budget, **budget))
    return dataclasses.replace(
        found,
        id=f"combining-{found.id}",
        title=f"{found.title}, functions combined",
        stands_for="what several functions in one network are worth, and what they cost",
        inits=WAYS,
        all_inits=False,
        train=partial(train, found),
    )


WINE, CANCER, SPIRALS, SERIES = map(_task, ("wine", "breast-cancer", "spirals", "sunspots"))
COSTS = _task("digits", epochs=2, rates=(0.003,), tuning_seeds=1, block=1)
"""A step of a larger network, timed for each seed by itself; what it learns in two epochs is of no interest."""


# -------------------------------------------------------------------------------------------------- slopes of PReLU


CHANNELS = 8
NOISE = {"EASY": 0.0, "MIDDLE": 1.0, "HARD": 2.0}
"""Standard deviations of noise that is added to the pixels, whose own variance is 1 over all."""


def noisy(deviation: float) -> Split:
    """The digits with the same noise for everybody."""
    import torch

    from rheobase.study.tasks.digits import load

    made = torch.Generator().manual_seed(15)
    return type(load())(*((x + deviation * torch.randn(x.shape, generator=made), y) for x, y in load()))


def convolutional(slopes: str, activation: Activation) -> Network:
    """Two 3 × 3 convolutions with 8 channels on the 8 × 8 pixels, each with its PReLU, and a linear read-out."""
    from rheobase.nn import Activation as Module
    from rheobase.study.training import Learned, Network
    from rheobase.study.training.layers import convolve, initial, linear, named

    assert isinstance(activation, Module)
    size = {"channel": CHANNELS, "neuron": (CHANNELS, 8, 8)}.get(slopes)
    per: Per = "channel" if slopes == "channel" else "neuron" if slopes == "neuron" else "layer"
    bent = Learned(Module(activation.definition, slopes != "none", per=per, size=size))

    def draw(g: torch.Generator, init: str) -> Parameters:
        weights = [("first", initial(9, CHANNELS, init, g)), ("second", initial(9 * CHANNELS, CHANNELS, init, g))]
        weights.append(("read", initial(64 * CHANNELS, 10, init, g)))
        return named(weights) | bent.initial("first") | bent.initial("second")

    def apply(p: Parameters, x: Tensor, f: Activation) -> Tensor:
        h = x.unflatten(-1, (1, 8, 8))
        for layer in ("first", "second"):
            h = bent(p, layer, convolve(h, p[layer], p[f"{layer}.b"]))
        return linear(h.flatten(-3), p["read"], p["read.b"])

    return Network(draw, apply, together=True)


def train_slopes(base: Task, deviation: float, stack: Stack, activation: Activation) -> Sequence[Outcome]:
    """Train a stack of convolutional networks with as many learned slopes as the stack's initialisation says."""
    from rheobase.study.training import CLASSES, Stacked, Work, fit

    split = noisy(deviation)
    models: list[Model] = []
    described = convolutional(stack.init, activation)

    def build(stack: Stack, _: Activation, dtype: torch.dtype) -> Model:
        nets = [described.initial(stack.generator(member, "weights"), "default") for member in stack.members]
        models.append(Stacked(described, [{key: p.to(stack.device, dtype) for key, p in net.items()} for net in nets]))
        return models[-1]

    found = fit(Work(split, build, CLASSES), base.budget, base.metric, stack, activation)
    return costed(found, models[0], split, base.budget.batch, activation)


def _slopes(name: str) -> Task:
    base = find("digits")
    budget = dataclasses.replace(base.budget, epochs=8, rates=(0.001, 0.003, 0.01), tuning_seeds=3, block=10)
    base = dataclasses.replace(base, budget=budget)
    return dataclasses.replace(
        base,
        id=f"slopes-{name.lower()}",
        title=f"Handwritten digits with noise of {NOISE[name]:g} standard deviations",
        stands_for="whether slopes of its own help a network, on easy and on hard data",
        architecture=f"convolutions 1–{CHANNELS}–{CHANNELS}, 3 × 3, on 8 × 8 pixels, linear read-out, Adam",
        inits=SLOPES,
        train=partial(train_slopes, base, NOISE[name]),
    )


EASY, MIDDLE, HARD = map(_slopes, NOISE)
