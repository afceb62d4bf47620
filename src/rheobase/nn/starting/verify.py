"""Layer by layer on a batch: is the mean square what was planned, and where it is not, by what factor the weights
are out. After Mishkin & Matas 2016, All you need is a good init (layer-sequential unit variance)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

from rheobase.nn.running import Batch, refused, undisturbed
from rheobase.nn.starting.calls import slow_path
from rheobase.nn.starting.plan import Layer, Plan
from rheobase.nn.starting.weights import owned

FAR = 1e6
"""A factor further from 1 than this is no repair: the signal is dead or has run away."""


@torch.no_grad()
def verify(model: nn.Module, made: Plan, fixed: Mapping[str, Tensor], batch: Batch, within: float) -> None:
    """Run a copy of the model twice: once to repair layer after layer, once to measure what came of it.

    Raises:
        RheobaseError: the model raises on the batch.
    """
    _run(model, made, fixed, batch, within)
    for layer in made.layers:
        layer.measured, layer.finally_ = layer.finally_, None
    if any(layer.repaired != 1 for layer in made.layers):
        before = {layer.name: (layer.measured, layer.expected) for layer in made.layers}
        _run(model, made, fixed, batch, math.inf)
        for layer in made.layers:
            layer.measured = before[layer.name][0]
    else:
        for layer in made.layers:
            layer.finally_ = layer.measured


def _run(model: nn.Module, made: Plan, fixed: Mapping[str, Tensor], batch: Batch, within: float) -> None:
    handles = []
    try:
        for layer in made.layers:
            if layer.part != "in_proj":
                module = model.get_submodule(layer.path)
                hook = _Check(layer, fixed.get(layer.name), within)
                handles.append(module.register_forward_hook(hook, with_kwargs=True))
        with measuring(model), slow_path(), refused(batch):
            model(*batch[0], **batch[1])
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def measuring(model: nn.Module) -> Iterator[None]:
    """Dropout off, batch norms on their batch: what the first step of training sees, without its chance; all but the
    weights is afterwards as it was."""
    with undisturbed(model):
        model.eval()
        for module in model.modules():
            if isinstance(module, _NormBase):
                module.training = True
        yield


class _Check:
    """A hook on one layer: measures its first call, and where that is too far off scales weights and output."""

    def __init__(self, layer: Layer, fixed: Tensor | None, within: float) -> None:
        self.layer, self.fixed, self.within = layer, fixed, within
        self.seen = False

    def __call__(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        if self.seen:
            return None
        self.seen = True
        layer = self.layer
        whole = output[0] if isinstance(output, tuple) else output
        layer.finally_ = _square(whole, layer.lift)
        if layer.left or self.fixed is None:
            return None
        if layer.expected is None and layer.part == "" and (given := _given(args, kwargs)) is not None:
            layer.expected = _square(given, layer.drop) * layer.gain**2 + layer.sigma_b**2
        if not layer.expected or self.within == math.inf:
            return None
        if abs(layer.finally_ / layer.expected - 1) <= self.within:
            return None
        return self._repaired(module, output, whole)

    def _repaired(self, module: nn.Module, output: Any, whole: Tensor) -> Any:
        layer = self.layer
        assert self.fixed is not None and layer.expected is not None
        steady = _along(self.fixed.to(whole), module, whole)
        moving = whole - steady
        square = _square(moving, 0.0)
        wanted = layer.expected - layer.sigma_b**2
        factor = math.sqrt(wanted / square) if square > 0 and wanted > 0 else math.nan
        if not 1 / FAR < factor < FAR:
            layer.note = "not repaired: its outputs are all the same" if square == 0 else "not repaired: too far off"
            return None
        weights, bias = owned(module, layer.part)
        for weight in weights:
            weight.mul_(factor)
        if bias is not None:
            own = self.fixed.to(bias)
            bias.copy_(own + factor * (bias - own))
        layer.repaired = factor
        scaled = steady + factor * moving
        return (scaled, *output[1:]) if isinstance(output, tuple) else scaled


def _given(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor | None:
    value = args[0] if args else kwargs.get("input")
    return value if isinstance(value, Tensor) else None


def _square(value: Tensor, less: float) -> float:
    """The mean square of what is above a level, in double precision."""
    return float((value.double() - less).square().mean())


def _along(value: Tensor, module: nn.Module, output: Tensor) -> Tensor:
    """A bias in a shape that broadcasts against the output of its layer."""
    if not value.dim() or not isinstance(module, _ConvNd):
        return value
    spatial = module.weight.dim() - 2
    return value.view(-1, *[1] * spatial)
