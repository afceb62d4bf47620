"""The parameters of S networks of one shape in one flat tensor, and a network that is described once, for one member.

The flat tensor is what makes the optimiser's step a handful of calls at any depth; the networks see views of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

Activation = Callable[[Tensor], Tensor]
Parameters = Mapping[str, Tensor]


class Flat:
    """Parameters of S networks by layer, each (S, …), as views of one flat tensor; the gradients likewise.

    Args:
        nets: one sequence of tensors a network, all of one shape.
    """

    def __init__(self, nets: Sequence[Sequence[Tensor]]) -> None:
        self.size = len(nets)
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

    def spread(self, values: Sequence[float]) -> Tensor:
        """One value a network, repeated for each of its parameters, in the order of the flat tensor."""
        each = torch.tensor(values, dtype=self.flat.dtype, device=self.flat.device).unsqueeze(1)
        return torch.cat([each.expand(-1, p[0].numel()).reshape(-1) for p in self.parameters])

    def finite(self) -> Tensor:
        """Which networks (S,) have finite parameters."""
        return torch.stack([p.detach().isfinite().view(self.size, -1).all(dim=1) for p in self.parameters]).all(dim=0)


class Model(Protocol):
    """S networks that train at once: parameters and gradients as flat tensors, and outputs (S, N, …)."""

    size: int
    flat: Tensor
    gradient: Tensor
    parameters: list[Tensor]

    def __call__(self, x: Tensor, activation: Activation) -> Tensor:
        """The outputs (S, N, …) for inputs (S, N, …)."""
        ...

    def spread(self, values: Sequence[float]) -> Tensor:
        """One value a network, repeated for each of its parameters."""
        ...

    def finite(self) -> Tensor:
        """Which networks (S,) have finite parameters."""
        ...


@dataclass(frozen=True)
class Network:
    """A network described once, for a single member.

    Attributes:
        initial: the parameters of one member by name, from its random numbers and the name of an initialisation.
        apply: the outputs (N, …) for inputs (N, …), given one member's parameters and the activation.
        together: whether `apply` takes the parameters (S, …) and inputs (S, N, …) of all members at once as well,
            as the layers of `rheobase.study.training.layers` do; otherwise `torch.func.vmap` makes it so.
    """

    initial: Callable[[torch.Generator, str], Parameters]
    apply: Callable[[Parameters, Tensor, Activation], Tensor]
    together: bool = False


class Stacked(Flat):
    """S members of a network, each with its own parameters, as one batched program.

    >>> net = Network(lambda g, init: {"w": torch.randn(2, 1, generator=g)}, lambda p, x, f: f(x @ p["w"]))
    >>> model = Stacked(net, [net.initial(torch.Generator().manual_seed(s), "default") for s in range(3)])
    >>> model(torch.ones(3, 5, 2), torch.tanh).shape
    torch.Size([3, 5, 1])
    """

    def __init__(self, network: Network, members: Sequence[Parameters]) -> None:
        self.network, self.names = network, list(members[0])
        super().__init__([[member[name] for name in self.names] for member in members])

    def __call__(self, x: Tensor, activation: Activation) -> Tensor:
        """The outputs (S, N, …) for inputs (S, N, …)."""
        named = dict(zip(self.names, self.parameters, strict=True))
        if self.network.together:
            return self.network.apply(named, x, activation)
        return torch.func.vmap(lambda p, own: self.network.apply(p, own, activation))(named, x)
