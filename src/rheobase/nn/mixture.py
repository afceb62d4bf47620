"""Several functions combined in one module, with weights that are learned, and the way back to one formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from rheobase.activation import Activation as Definition
from rheobase.activation import exact_number
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.expr import Apply, Expr, Number, x
from rheobase.lower import compiled
from rheobase.nn.module import Generated
from rheobase.pictures import label
from rheobase.simplify import simplify

How = Literal["sum", "softmax", "gated", "per-channel"]


@dataclass(frozen=True)
class Pruned:
    """The strongest member of a mixture, its share of the weight, and what the others were worth.

    Attributes:
        activation: the member, times its weight where the weights are a plain sum.
        share: the part of the absolute weights that was its.
        loss: root mean square of what is lost, over that of the mixture, on the inputs asked.
    """

    activation: Definition
    share: float
    loss: float


class Mixture(Generated):
    """A weighted sum of several functions of the same input.

    Args:
        specs: at least two functions; parameters stand at their values.
        how: "sum": one weight each, free, from 1/K on. "softmax": positive weights of sum 1, one each.
            "per-channel": such weights for every channel along `dim`. "gated": weights that depend on the input
            itself, softmax(a_k x + b_k), element by element.
        size: how many channels, for "per-channel".
        dim: the channels' dimension, as for `Activation`.

    Shape: any; the output has the shape, dtype and device of the input.

    Sources: Manessi & Rozza 2018 (affine and convex combinations); Qian, Liu, Liu, Wu & Wong 2018 (gated, mixed).

    Raises:
        RheobaseError: fewer than two functions, an unknown way of combining, a size that is missing or does not fit.

    >>> module = Mixture(["relu", "tanh"], how="softmax")
    >>> module(torch.tensor([1.0]))
    tensor([0.8808], grad_fn=<AddBackward0>)
    >>> module.collapse().formula
    '0.5*relu(x) + 0.5*tanh(x)'
    """

    generated = ("_functions",)

    def __init__(self, specs: Sequence[Any], how: How = "sum", *, size: int | None = None, dim: int = 1) -> None:
        super().__init__()
        self.members = [get(spec) for spec in specs]
        if len(self.members) < 2:
            raise RheobaseError("a mixture of fewer than two functions", instead='Mixture(["relu", "tanh"])')
        if how not in get_args(How):
            raise RheobaseError(
                f"combining by {how!r}", instead=nearest(how, get_args(How)) or ", ".join(get_args(How))
            )
        if (how == "per-channel") != (size is not None) or (size is not None and size < 1):
            raise RheobaseError(f"size={size} for {how!r}", instead='how="per-channel", size=16, or no size')
        self.how, self.dim = how, dim
        count = len(self.members)
        if how == "sum":
            self.weight = torch.nn.Parameter(torch.full((count,), 1 / count))
        elif how == "gated":
            self.slope = torch.nn.Parameter(torch.zeros(count))
            self.weight = torch.nn.Parameter(torch.zeros(count))
        else:
            self.weight = torch.nn.Parameter(torch.zeros(count if size is None else (count, size)))
        self._build()

    def _build(self) -> None:
        self._functions = [compiled(member.bound, "torch") for member in self.members]

    def shares(self) -> torch.Tensor:
        """The weights as they are now: (K,), or (K, channels); of a gated mixture those at x = 0."""
        return self.weight if self.how == "sum" else torch.softmax(self.weight, dim=0)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The mixture of every element."""
        wide = input.float() if input.dtype.itemsize == 2 else input
        weights = [w.to(wide.dtype) for w in self._weights(wide)]
        parts = [w * f(wide) for w, f in zip(weights, self._functions, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total.to(input.dtype)

    def _weights(self, input: torch.Tensor) -> Sequence[torch.Tensor]:
        if self.how == "gated":
            gates = input.unsqueeze(-1) * self.slope.to(input.dtype) + self.weight.to(input.dtype)
            return torch.softmax(gates, dim=-1).unbind(dim=-1)
        shares = self.shares()
        if self.how != "per-channel":
            return shares.unbind()
        if not -input.dim() <= self.dim < input.dim() or input.shape[self.dim] != shares.shape[1]:
            raise RheobaseError(
                f"an input of shape {tuple(input.shape)} for {shares.shape[1]} channels in dimension {self.dim}",
                instead="the same number, or dim=-1 for channels last",
            )
        shape = [-1 if d == self.dim % input.dim() else 1 for d in range(input.dim())]
        return [share.view(shape) for share in shares]

    @property
    def title(self) -> str:
        """What it is called in a report.

        >>> Mixture(["relu", "swish:beta=2"]).title
        'mixture of relu, swish:beta=2'
        """
        return f"mixture of {', '.join(map(label, self.members))}"

    @torch.no_grad()
    def collapse(self, channel: int | None = None) -> Definition:
        """The mixture as it stands, as one formula, which can be checked, plotted and identified.

        Raises:
            RheobaseError: a mixture per channel without a channel.
        """
        if (self.how == "per-channel") != (channel is not None):
            raise RheobaseError(
                f"channel={channel} of a mixture by {self.how!r}", instead="one of its channels, or none"
            )
        total: Expr = Number(0)
        for weight, member in zip(self._formulas(channel), self.members, strict=True):
            total = total + weight * member.bound
        return Definition(simplify(total), name=self.title)

    def _formulas(self, channel: int | None) -> list[Expr]:
        """The weights, as numbers, or as formulas of x where they depend on it."""
        if self.how != "gated":
            shares = self.shares()
            return [exact_number(float(s)) for s in (shares if channel is None else shares[:, channel])]
        slopes, starts = ([exact_number(float(v)) for v in part] for part in (self.slope, self.weight))
        found: list[Expr] = []
        for a, b in zip(slopes, starts, strict=True):
            others = [Apply("exp", (simplify((c - a) * x + (d - b)),)) for c, d in zip(slopes, starts, strict=True)]
            total: Expr = Number(0)
            for other in others:
                total = total + other
            found.append(Number(1) / simplify(total))
        return found

    @torch.no_grad()
    def prune(self, inputs: torch.Tensor | None = None) -> Pruned:
        """The member with the largest weight alone, and what that costs on these inputs (4,096 normal ones if none).

        Raises:
            RheobaseError: a mixture per channel, which may have another strongest member for each.
        """
        if self.how == "per-channel":
            raise RheobaseError("each channel has a strongest member of its own", instead="collapse(channel=0).formula")
        if inputs is None:
            inputs = torch.randn(4096, generator=torch.Generator().manual_seed(0))
        weights = torch.stack([w.expand(inputs.shape) for w in self._weights(inputs)]).flatten(1).abs().mean(dim=1)
        best = int(weights.argmax())
        member = self.members[best]
        if self.how == "sum":
            member = Definition(simplify(exact_number(float(self.weight[best])) * member.bound), name=member.name)
        whole = self(inputs)
        lost = (whole - member(inputs)).square().mean().sqrt() / whole.square().mean().sqrt()
        return Pruned(member, float(weights[best] / weights.sum()), float(lost))

    def extra_repr(self) -> str:
        """The members with their shares."""
        shares = self.shares().detach()
        mean = shares if shares.dim() == 1 else shares.mean(dim=1)
        told = (f"{float(share):.3g} {label(m)}" for share, m in zip(mean, self.members, strict=True))
        return f"{self.how}: {', '.join(told)}"
