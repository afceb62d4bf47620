"""How a plain network starts: which weights, and where on its activation's curve each layer works."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from rheobase.errors import RheobaseError
from rheobase.nn import Activation as Module
from rheobase.study.training.parameters import Activation


@dataclass(frozen=True)
class Start:
    """The start of one stack; each layer is φ(W x + b + lift) − shift.

    Attributes:
        weights: default, glorot, he or orthogonal.
        gain, first: the factor on orthogonal weights, and on those of the first layer.
        sigma_b: the standard deviation of the biases.
        lift, shift: added before the activation, taken off after it.
    """

    weights: str
    gain: float = 1.0
    first: float = 1.0
    sigma_b: float = 0.0
    lift: float = 0.0
    shift: float = 0.0


def starting(init: str, activation: Activation) -> Start:
    """The start that an initialisation means for an activation.

    `theory` is `rheobase.theory(…).init()`: orthogonal weights times its gain, its shifts, the first layer's variance
    its `start`; where it has none, torch's default.

    Raises:
        RheobaseError: `theory` for something other than a rheobase activation, of which no formula is known.
    """
    if init == "orthogonal":
        gain = critical_gain(activation)
        return Start("orthogonal", gain, gain, shift=float(activation(torch.zeros(()))))
    if init != "theory":
        return Start(init)
    if not isinstance(activation, Module):
        raise RheobaseError(
            "theory needs a formula to start from", instead="rheobase.nn.Activation('tanh'), or --init default"
        )
    from rheobase.meanfield import theory

    found = theory(activation.definition).init()
    if found.kind == "none":
        return Start("default")
    return Start("orthogonal", found.gain, math.sqrt(found.start), found.sigma_b, found.input_shift, found.output_shift)


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
