"""Drawing what was planned: weights of variance gain²/fan_in, biases, norms; on a copy of the model."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.nn.utils import parametrize

from rheobase.nn.starting.formulas import of_module_now
from rheobase.nn.starting.graph import NORMS
from rheobase.nn.starting.plan import Layer, Plan

Weights = Literal["orthogonal", "normal"]


def out_of_reach(model: nn.Module) -> dict[str, str]:
    """The modules whose weights are left as they are, by path, and why."""
    owners: dict[int, list[str]] = defaultdict(list)
    for name, parameter in model.named_parameters(remove_duplicate=False):
        owners[id(parameter)].append(name)
    found: dict[str, str] = {}
    for path, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if isinstance(module, nn.MultiheadAttention):
            weight = module.out_proj.weight
        elif not isinstance(module, nn.Linear | _ConvNd):
            continue
        if parametrize.is_parametrized(module) or not isinstance(weight, nn.Parameter):
            found[path] = "left: its weight is computed from others (a parametrization)"
        elif not weight.requires_grad:
            found[path] = "left: its weight is frozen"
        elif weight.is_complex():
            found[path] = "left: its weight is complex"
        elif any(_is_table(model, name) for name in owners[id(weight)]):
            found[path] = "left: its weight is an embedding's table too"
    return found


def unplanned(model: nn.Module, made: Plan) -> list[str]:
    """A line for every module with weights that is no part of the plan."""
    planned = {layer.path for layer in made.layers}
    planned |= {f"{layer.path}.out_proj" for layer in made.layers if layer.part}
    lines: list[str] = []
    for path, module in model.named_modules():
        own = any(True for _ in module.parameters(recurse=False))
        known = isinstance(module, nn.Embedding | nn.EmbeddingBag) or of_module_now(module) is not None
        if own and path not in planned and not known:
            lines.append(f"{path or 'the model itself'} ({type(module).__name__}) is left as it is: not followed")
    return lines


def _is_table(model: nn.Module, name: str) -> bool:
    return isinstance(model.get_submodule(name.rpartition(".")[0]), nn.Embedding | nn.EmbeddingBag)


@torch.no_grad()
def draw(model: nn.Module, made: Plan, weights: Weights, generator: torch.Generator) -> dict[str, Tensor]:
    """Set every layer of the plan; by layer's name, what of its bias does not grow with its weights."""
    fixed: dict[str, Tensor] = {}
    drawn: set[int] = set()
    for layer in made.layers:
        module = model.get_submodule(layer.path)
        if layer.left:
            continue
        if isinstance(module, NORMS):
            for tensor, value in ((module.weight, layer.gain), (getattr(module, "bias", None), layer.lift)):
                if isinstance(tensor, Tensor):
                    tensor.fill_(value)
            continue
        for weight in _weights(module, layer.part):
            if id(weight) in drawn:
                layer.note = "its weight is another layer's too: drawn for the first"
                continue
            drawn.add(id(weight))
            _fill(weight, layer.gain, module, weights, generator)
        fixed[layer.name] = _biased(module, layer, generator)
    return fixed


def owned(module: nn.Module, part: str) -> tuple[list[Tensor], Tensor | None]:
    """The weights and the bias of a layer, or of a part of an attention."""
    if not isinstance(module, nn.MultiheadAttention):
        assert isinstance(module, nn.Linear | _ConvNd)
        return [module.weight], module.bias
    if part == "out_proj":
        return [module.out_proj.weight], module.out_proj.bias
    parts = [module.in_proj_weight, module.q_proj_weight, module.k_proj_weight, module.v_proj_weight]
    return [p for p in parts if p is not None], module.in_proj_bias


def _weights(module: nn.Module, part: str) -> Iterator[Tensor]:
    """The matrices of a layer, each by itself: an attention's three projections lie in one tensor."""
    for weight in owned(module, part)[0]:
        if isinstance(module, nn.MultiheadAttention) and weight is module.in_proj_weight:
            yield from weight.chunk(3)
        else:
            yield weight


def fan_in(module: nn.Module, weight: Tensor) -> float:
    """How many inputs an output adds up; of a transposed convolution on average, away from the border.

    >>> fan_in(nn.Conv2d(4, 8, 3, groups=2), nn.Conv2d(4, 8, 3, groups=2).weight)
    18.0
    >>> transposed = nn.ConvTranspose1d(6, 3, 4, stride=2)
    >>> fan_in(transposed, transposed.weight)
    12.0
    """
    if isinstance(module, _ConvTransposeNd):
        kernel = math.prod(weight.shape[2:]) / math.prod(module.stride)
        return module.in_channels / module.groups * kernel
    return float(weight[0].numel())


def _fill(weight: Tensor, gain: float, module: nn.Module, weights: Weights, generator: torch.Generator) -> None:
    """Normal with variance gain²/fan_in, or orthogonal rows (or columns) of that mean square (Saxe et al. 2014)."""
    spread = gain / math.sqrt(fan_in(module, weight))
    flat = (weight.shape[0], weight.numel() // weight.shape[0])
    if weights == "normal" or isinstance(module, _ConvTransposeNd) or min(flat) < 1:
        drawn = torch.randn(flat, generator=generator) * spread
    else:
        drawn = torch.empty(flat)
        nn.init.orthogonal_(drawn, generator=generator)
        drawn *= spread * math.sqrt(drawn.numel() / float(drawn.square().sum()))
    weight.copy_(drawn.view(weight.shape))


def _biased(module: nn.Module, layer: Layer, generator: torch.Generator) -> Tensor:
    """Set a layer's bias, and return the part of it that is independent of its weights."""
    weights, bias = owned(module, layer.part)
    if bias is None:
        return torch.zeros(())
    fixed = torch.full(bias.shape, layer.lift)
    if layer.sigma_b:
        fixed += layer.sigma_b * torch.randn(bias.shape, generator=generator)
    taken = torch.zeros(bias.shape)
    if layer.drop:
        taken = layer.drop * _sums(module, weights[0]).cpu().float()
    bias.copy_(fixed - taken)
    return fixed


def _sums(module: nn.Module, weight: Tensor) -> Tensor:
    """Of each output the sum of its weights; of a transposed convolution with a stride of 1."""
    if not isinstance(module, _ConvTransposeNd):
        return weight.flatten(1).sum(dim=1)
    groups = weight.view(module.groups, -1, *weight.shape[1:])
    return groups.sum(dim=1).flatten(2).sum(dim=2).flatten()
