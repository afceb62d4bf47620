"""Plain multilayer perceptrons, many at once: weights (S, in, out), one batched product a layer.

Nothing couples the networks of a stack. The products are batched, everything else is elementwise or within a network,
and a sum of losses passes each network its own gradient alone; so a network that diverges leaves the others bit for
bit as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from rheobase.study.training.layers import initial
from rheobase.study.training.objectives import cross_entropy
from rheobase.study.training.parameters import Activation, Flat
from rheobase.study.training.start import Start


class Mlp(Flat):
    """S plain multilayer perceptrons of one shape, each with its own weights (in, out) and biases (1, out) in turn.

    Args:
        widths: inputs, hidden layers, outputs.
        nets: the parameters of each network, as `initial_weights` gives them.
        lift, shift: what is added before each activation, and taken off after it.
        ending: what the outputs become, given the inputs too.
    """

    def __init__(
        self,
        widths: Sequence[int],
        nets: Sequence[Sequence[Tensor]],
        lift: float = 0.0,
        shift: float = 0.0,
        ending: Callable[[Tensor, Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__(nets)
        self.widths, self.lift, self.shift, self.ending = widths, lift, shift, ending

    def __call__(self, x: Tensor, activation: Activation) -> Tensor:
        """Outputs (S, N, classes) of inputs (S, N, features)."""
        inputs = x
        last = 2 * (len(self.widths) - 1)
        pairs = list(zip(self.parameters[:last:2], self.parameters[1:last:2], strict=True))
        for layer, (weight, bias) in enumerate(pairs[:-1]):
            h = torch.baddbmm(bias, x, weight)
            x = self.bend(layer, h + self.lift if self.lift else h, activation)
            if self.shift:
                x = x - self.shift
        weight, bias = pairs[-1]
        outputs = torch.baddbmm(bias, x, weight)
        return outputs if self.ending is None else self.ending(outputs, inputs)

    def bend(self, layer: int, h: Tensor, activation: Activation) -> Tensor:
        """The outputs of a hidden layer (0 is the first) for its pre-activations (S, N, width)."""
        return activation(h)


def initial_weights(widths: Sequence[int], start: Start, generator: torch.Generator) -> list[Tensor]:
    """Weights (in, out) and biases (1, out) of one network, in turn, in float32.

    default: torch.nn.Linear's own, uniform in ±1/√fan_in. glorot: Glorot & Bengio 2010, equation 16. he: He et al.
    2015, equation 10. orthogonal: Saxe et al. 2014, times the start's gain; the read-out layer without it.
    """
    weights: list[Tensor] = []
    last = len(widths) - 2
    for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
        if start.weights == "orthogonal":
            w, b = torch.empty(fan_in, fan_out), torch.zeros(fan_out)
            gain = 1.0 if i == last else start.gain if i else start.first
            torch.nn.init.orthogonal_(w, gain, generator=generator)
            if start.sigma_b and i < last:
                b.normal_(0, start.sigma_b, generator=generator)
        else:
            w, b = initial(fan_in, fan_out, start.weights, generator)
        weights += [w, b.unsqueeze(0)]
    return weights


def gradient_norms(model: Mlp, x: Tensor, y: Tensor, activation: Activation) -> Tensor:
    """Norm (S, layers) of the loss's gradient in each layer's weights; in float64, where 1e-40 is a number, and on the
    processor, because not every device has float64."""
    nets = list(zip(*(p.detach().cpu().double() for p in model.parameters), strict=True))
    twin = Mlp(model.widths, nets, model.lift, model.shift)
    cross_entropy(twin(x.cpu().double(), activation), y.cpu()).sum().backward()
    weights = [p.grad for p in twin.parameters[::2] if p.grad is not None]
    return torch.stack([g.flatten(1).norm(dim=1) for g in weights], dim=1)
