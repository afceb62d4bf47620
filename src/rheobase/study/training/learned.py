"""Activations whose parameters are trained with the weights: values of its own in each layer, for each member.

Any torch module of one input does: `rheobase.nn.Activation(…, learnable=True)`, `rheobase.nn.Mixture`. Its parameters
stand in the flat tensor beside the weights, so one optimiser moves both, at one learning rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.func import functional_call, vmap

from rheobase.study.training.mlp import Mlp
from rheobase.study.training.parameters import Activation, Flat, Parameters


class Learned:
    """A module in the place of an activation, called with parameters that are kept elsewhere.

    >>> import rheobase.nn
    >>> prelu = Learned(rheobase.nn.Activation("prelu", learnable=True))
    >>> own = prelu.initial("first")
    >>> own
    {'first.negative_slope': tensor(0.2500)}
    >>> both = {name: torch.stack([value, 2 * value]) for name, value in own.items()}
    >>> prelu(both, "first", -torch.ones(2, 1, 1)).flatten()
    tensor([-0.2500, -0.5000])
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self.module = module
        self._starts = {name: value.detach().clone() for name, value in module.named_parameters()}

    def initial(self, layer: str) -> dict[str, Tensor]:
        """The parameters of one layer of one member, as the module has them."""
        return {f"{layer}.{name}": value.clone() for name, value in self._starts.items()}

    def __call__(self, parameters: Parameters, layer: str, x: Tensor) -> Tensor:
        """The module's output for one member's parameters and inputs (N, …), or for (S, …) and (S, N, …)."""
        own = {name: parameters[f"{layer}.{name}"] for name in self._starts}

        def one(values: dict[str, Tensor], x: Tensor) -> Tensor:
            return functional_call(self.module, values, (x,))

        stacked = any(own[name].dim() > start.dim() for name, start in self._starts.items())
        return vmap(one)(own, x) if stacked else one(own, x)


class LearnedMlp(Mlp):
    """Plain perceptrons of one shape whose hidden layers have modules with parameters of their own.

    Args:
        plain: the networks, with their weights.
        module: the module of a hidden layer, given how many neurons it has.
    """

    def __init__(self, plain: Mlp, module: Callable[[int], torch.nn.Module]) -> None:
        hidden = plain.widths[1:-1]
        self.bent = [Learned(module(width)) for width in hidden]
        added = [one.initial(str(i)) for i, one in enumerate(self.bent)]
        self.names = [name for layer in added for name in layer]
        own = [value for layer in added for value in layer.values()]
        nets: Sequence[Sequence[Tensor]] = [
            [*(p.detach()[member] for p in plain.parameters), *(value.to(plain.flat) for value in own)]
            for member in range(plain.size)
        ]
        Flat.__init__(self, nets)
        self.widths, self.lift, self.shift, self.ending = plain.widths, plain.lift, plain.shift, plain.ending

    def values(self) -> dict[str, Tensor]:
        """The activations' parameters (S, …) by layer and name, such as `0.negative_slope`."""
        return dict(zip(self.names, self.parameters[2 * (len(self.widths) - 1) :], strict=True))

    def bend(self, layer: int, h: Tensor, activation: Activation) -> Tensor:
        """The layer's module; the activation that the stack was given is not used."""
        return self.bent[layer](self.values(), str(layer), h)
