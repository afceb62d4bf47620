"""Layers for networks that are described once: the same call serves one member and all members of a stack.

Parameters have the members' axis in front or not: weights (in, out) or (S, in, out), vectors (n,) or (S, n). Inputs
are (…, features) or (S, …, features) accordingly. Images have their channels last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from rheobase.errors import RheobaseError
from rheobase.study.training.parameters import Activation, Parameters


def initial(fan_in: int, fan_out: int, init: str, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A weight (in, out) and a bias (out,) of one member, in float32.

    Raises:
        RheobaseError: an unknown initialisation.
    """
    w, b = torch.empty(fan_in, fan_out), torch.zeros(fan_out)
    if init == "default":
        bound = 1 / math.sqrt(fan_in)
        w.uniform_(-bound, bound, generator=generator)
        b.uniform_(-bound, bound, generator=generator)
    elif init == "glorot":
        bound = math.sqrt(6 / (fan_in + fan_out))
        w.uniform_(-bound, bound, generator=generator)
    elif init == "he":
        w.normal_(0, math.sqrt(2 / fan_in), generator=generator)
    else:
        raise RheobaseError(f"unknown initialisation {init!r}", instead="default, glorot or he")
    return w, b


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """x W + b over the last axis, one product for all members."""
    if weight.dim() == 2:
        return x @ weight + bias
    out = torch.baddbmm(bias.unsqueeze(1), x.reshape(len(x), -1, x.shape[-1]), weight)
    return out.view(*x.shape[:-1], weight.shape[-1])


def scale(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    """gain · x + bias, by feature."""
    if gain.dim() == 2:
        shape = (len(gain), *[1] * (x.dim() - 2), gain.shape[-1])
        gain, bias = gain.view(shape), bias.view(shape)
    return torch.addcmul(bias, gain, x)


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    """Mean 0 and variance 1 over the features of each position (Ba, Kiros & Hinton 2016), then scaled."""
    return scale(F.layer_norm(x, x.shape[-1:]), gain, bias)


def image_norm(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    """Mean 0 and variance 1 over a whole image (…, C, H, W): group norm with one group (Wu & He 2018); then scaled by
    channel."""
    shape = (*gain.shape[:-1], 1, gain.shape[-1], 1, 1)
    return torch.addcmul(bias.view(shape), gain.view(shape), F.layer_norm(x, x.shape[-3:]))


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A convolution that keeps the size: images (…, N, C, H, W), weights (9 C, O) for 3 × 3 pixels, zeros outside.

    The members of a stack are the groups of one grouped convolution. Their axis is kept behind the examples' in memory,
    so that only the first of several convolutions has to move anything.
    """
    channels = x.shape[-3]
    kernel = weight.transpose(-1, -2).reshape(-1, channels, 3, 3)
    if weight.dim() == 2:
        return F.conv2d(x, kernel, bias, padding=1)
    size, count = x.shape[:2]
    merged = x.transpose(0, 1).reshape(count, size * channels, *x.shape[3:])
    out = F.conv2d(merged, kernel, bias.flatten(), padding=1, groups=size)
    return out.view(count, size, -1, *out.shape[2:]).transpose(0, 1)


def embed(table: Tensor, index: Tensor) -> Tensor:
    """Rows of a table (V, d) or (S, V, d) by integers (…) or (S, …)."""
    if table.dim() == 2:
        return F.embedding(index, table)
    size, rows, _ = table.shape
    first = torch.arange(0, size * rows, rows, device=table.device).view(size, *[1] * (index.dim() - 1))
    return F.embedding(index + first, table.flatten(0, 1))


def attention(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """Causal attention (Vaswani et al. 2017, equation 1) in several heads, over positions (…, T, d)."""
    length, width = q.shape[-2:]

    def split(x: Tensor) -> Tensor:
        return x.reshape(-1, length, heads, width // heads).transpose(1, 2)

    out = F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=True)
    return out.transpose(1, 2).reshape(q.shape)


def patches(x: Tensor, side: int) -> Tensor:
    """Disjoint squares of an image (…, H, W, C) as features: (…, H/side, W/side, side² C)."""
    *lead, h, w, c = x.shape
    cut = x.reshape(*lead, h // side, side, w // side, side, c).transpose(-4, -3)
    return cut.reshape(*lead, h // side, w // side, side * side * c)


def neighbours(x: Tensor) -> Tensor:
    """The 3 × 3 neighbourhood of each pixel of (…, H, W, C) as features, zero outside: (…, H, W, 9 C).

    A linear layer on it is a convolution; concatenated slices are several times faster here than grouped kernels.
    """
    h, w = x.shape[-3:-1]
    padded = F.pad(x, (0, 0, 1, 1, 1, 1))
    return torch.cat([padded[..., i : i + h, j : j + w, :] for i in range(3) for j in range(3)], dim=-1)


def named(parts: Sequence[tuple[str, tuple[Tensor, Tensor]]]) -> dict[str, Tensor]:
    """Weights and biases by name: `name` and `name.b`."""
    out: dict[str, Tensor] = {}
    for name, (weight, bias) in parts:
        out[name], out[name + ".b"] = weight, bias
    return out


class Norm(NamedTuple):
    """What stands before the blocks of a transformer: parameters by name and width, and the call."""

    initial: Callable[[Sequence[str], int], dict[str, Tensor]]
    apply: Callable[[Parameters, str, Tensor, Activation], Tensor]


def _gains(names: Sequence[str], width: int) -> dict[str, Tensor]:
    return named([(name, (torch.ones(width), torch.zeros(width))) for name in names])


LAYER_NORM = Norm(_gains, lambda p, name, x, f: layer_norm(x, p[name], p[name + ".b"]))


def _rates(names: Sequence[str], width: int) -> dict[str, Tensor]:
    return _gains(names, width) | {name + ".a": torch.full((1,), 0.5) for name in names}


def _bent(p: Parameters, name: str, x: Tensor, f: Activation) -> Tensor:
    rate = p[name + ".a"]
    rate = rate if rate.dim() == 1 else rate.view(len(rate), *[1] * (x.dim() - 1))
    return scale(f(rate * x), p[name], p[name + ".b"])


ELEMENTWISE = Norm(_rates, _bent)
"""γ·f(α·x) + β in place of a norm, α learned (Zhu, Chen, He, LeCun & Liu 2025, arXiv:2503.10622)."""
