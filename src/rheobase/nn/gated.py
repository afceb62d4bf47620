"""Gated functions: one half of a signal lets the other half through."""

from __future__ import annotations

from typing import Any

import torch

from rheobase.catalogue import get
from rheobase.errors import RheobaseError, SpecError, nearest
from rheobase.nn.module import Activation

VARIANTS = {
    "glu": "sigmoid",  # Dauphin, Fan, Auli & Grangier 2017, arXiv:1612.08083, equation 1
    "bilinear": "identity",  # Mnih & Hinton 2007; Shazeer 2020, arXiv:2002.05202, equation 5, as the others below
    "reglu": "relu",
    "geglu": "gelu",
    "swiglu": "silu",
}
"""Published gated functions, by the activation of their gate."""


class Gated(torch.nn.Module):
    """value ⊗ f(gate): GLU, SwiGLU, GeGLU, ReGLU, bilinear, and the same with any other function.

    Args:
        activation: the gate's f: the name of a gated function (`"swiglu"`), any spec (`"mish"`, a formula), or a
            module, as `Activation("swish", learnable=True)`.
        in_features: with it the two are made from the input by two linear layers, `value` and `gate`; without it the
            input is cut in two along `dim`.
        out_features: their width; that of the input unless given.
        dim: along which the input is cut; with linear layers it is the last.
        bias: have the linear layers a bias? Shazeer's have none.
        gate_first: is the gate the first half of the input? In `torch.nn.GLU` it is the second.
        device, dtype: of the linear layers.

    Shape: (…, 2n, …) to (…, n, …) along `dim`; with linear layers (…, in_features) to (…, out_features).

    A feed-forward layer has two matrices, with a gate three: Shazeer takes 2/3 of the width, for the same cost.

    Sources: Dauphin, Fan, Auli & Grangier 2017, arXiv:1612.08083, equation 1 (GLU); Shazeer 2020, arXiv:2002.05202,
    equation 5 (the others).

    Raises:
        RheobaseError: an unknown function, a size below 1, an input that cannot be cut in two.

    >>> Gated("glu")(torch.tensor([1.0, 2.0, 0.0, 0.0]))
    tensor([0.5000, 1.0000])
    >>> Gated("swiglu", 4, 8, bias=False)
    Gated(
      (activation): Activation(silu: x*sigmoid(x))
      (value): Linear(in_features=4, out_features=8, bias=False)
      (gate): Linear(in_features=4, out_features=8, bias=False)
    )
    """

    def __init__(
        self,
        activation: Any,
        in_features: int | None = None,
        out_features: int | None = None,
        *,
        dim: int = -1,
        bias: bool = True,
        gate_first: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.activation = _gate(activation)
        if isinstance(dim, bool) or not isinstance(dim, int):
            raise RheobaseError(f"dim={dim!r} is no dimension", instead="dim=-1, or dim=1 for channels")
        self.in_features, self.dim, self.gate_first = in_features, dim, gate_first
        if in_features is None:
            if out_features is not None:
                raise RheobaseError(
                    f"out_features={out_features} without in_features", instead="Gated(…, in_features, out_features)"
                )
            return
        out = in_features if out_features is None else out_features
        sizes = all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in (in_features, out))
        if not sizes or dim != -1 or gate_first:
            raise RheobaseError(
                f"in_features={in_features}, out_features={out}, dim={dim}, gate_first={gate_first}",
                instead='Gated("swiglu", 64, 128); dim and gate_first are for an input that is cut in two',
            )
        self.value = torch.nn.Linear(in_features, out, bias=bias, device=device, dtype=dtype)
        self.gate = torch.nn.Linear(in_features, out, bias=bias, device=device, dtype=dtype)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The gated signal."""
        if self.in_features is not None:
            if input.shape[-1:] != (self.in_features,):
                raise RheobaseError(
                    f"an input of shape {tuple(input.shape)} for {self.in_features} features",
                    instead="the features last",
                )
            return self.value(input) * self.activation(self.gate(input))
        if not -input.dim() <= self.dim < input.dim() or input.shape[self.dim] % 2:
            raise RheobaseError(
                f"an input of shape {tuple(input.shape)} cannot be cut in two along dimension {self.dim}",
                instead="an even size there, or another dim",
            )
        value, gate = input.chunk(2, dim=self.dim)
        if self.gate_first:
            value, gate = gate, value
        return value * self.activation(gate)

    def extra_repr(self) -> str:
        """How the input is cut."""
        if self.in_features is not None:
            return ""
        return f"dim={self.dim}" + (", gate_first=True" if self.gate_first else "")


def _gate(activation: Any) -> torch.nn.Module:
    if isinstance(activation, torch.nn.Module):
        return activation
    if isinstance(activation, str) and (known := VARIANTS.get(activation.strip().lower().removeprefix("nn."))):
        return Activation(known)
    try:
        return Activation(get(activation))
    except SpecError as error:
        near = nearest(str(activation), [*VARIANTS, error.instead or ""])
        if near not in VARIANTS:
            raise
        raise SpecError(error.what, instead=near) from None
