"""An activation as a torch module, its parameters fixed or learned by layer, channel or neuron."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal, NoReturn

import torch
from torch.nn.parameter import UninitializedParameter

from rheobase.activation import Activation as Definition
from rheobase.activation import exact_number
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.expr import Expr, Parameter, substitute
from rheobase.lower import compiled, opened
from rheobase.nn.domain import within

Per = Literal["layer", "channel", "neuron"]
PER = ("layer", "channel", "neuron")


class Generated(torch.nn.Module):
    """A module with functions that are generated from formulas: copies and pickles make them again."""

    generated: tuple[str, ...] = ()
    """The attributes that hold them."""

    @abstractmethod
    def _build(self) -> None:
        """Make them."""

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in self.generated}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._build()


class Activation(Generated):
    """Any entry or formula as a module.

    Args:
        spec: an id, an alias, `"swish:beta=1.5"`, a formula, or a `rheobase.Activation`.
        learnable: which parameters training may move: True for those that the definition marks (all where it marks
            none), their names, False for none; None for those that a formula of one's own marks (`"…; b=learnable:1"`).
        per: one value for the layer, for each channel along `dim`, or for each neuron (every element but the batch's).
        dim: the channels' dimension: 1 for (N, C), (N, C, L) and (N, C, H, W), -1 for channels last, as (N, L, C).
        size: how many channels, or the shape of a sample for "neuron"; None to read it off the first input.
        spread: the standard deviation by which values start around their default, relative to it (0: all alike).
        backward: another function whose derivative stands in for this one's on the way back, a surrogate or
            straight-through gradient: `Activation("step", backward="sigmoid(4*x)")` trains. True for the one that the
            entry's literature uses; it moves with the learned parameters, which take their gradient from it too. None
            for the true one.

    Shape: any; the output has the shape, dtype and device of the input.

    Each learned parameter is a `torch.nn.Parameter` of its own name that starts at its default and is kept in its
    domain by reflection (`rheobase.nn.domain`). Where a parameter is learned the far tails of the formula, which
    depend on its value, are left to the arithmetic.

    Raises:
        RheobaseError: for an unknown name, a formula that cannot be read, a parameter that is not there, a size that
            does not fit the input.

    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), Activation("swish"))
    >>> model[1]
    Activation(swish: x*sigmoid(beta*x); beta=1)
    >>> Activation("prelu", learnable=True, per="channel", size=3).negative_slope
    Parameter containing:
    tensor([0.2500, 0.2500, 0.2500], requires_grad=True)
    """

    generated = ("_function", "_stand_in")

    def __init__(
        self,
        spec: Any,
        learnable: bool | str | Sequence[str] | None = None,
        *,
        per: Per = "layer",
        dim: int = 1,
        size: int | Sequence[int] | None = None,
        spread: float = 0.0,
        backward: Any = None,
    ) -> None:
        super().__init__()
        self.definition = get(spec)
        self.surrogate = _surrogate(self.definition, backward)
        self.per, self.dim, self.spread = _known(per), dim, spread
        self.learned = _learned(self.definition, learnable)
        self.shape = _shape(self.per, size)
        self._build()
        for name in self.learned:
            made = UninitializedParameter() if self.shape is None else torch.nn.Parameter(torch.empty(self.shape))
            setattr(self, name, made)
        if self.shape is not None:
            self.reset_parameters()

    def _build(self) -> None:
        self._function = _opened(self.definition, self.learned)
        other = self.surrogate
        self._shared = () if other is None else tuple(n for n in self.learned if n in other.parameters)
        self._stand_in = None if other is None else _opened(other, self._shared)

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Learned parameters at their defaults again, scattered by `spread`."""
        for name in self.learned:
            start = self.definition.parameters[name].default
            own: torch.Tensor = getattr(self, name)
            own.fill_(start)
            if self.spread:
                own.add_(torch.randn_like(own), alpha=self.spread * (abs(start) or 1.0))

    def value(self, name: str) -> torch.Tensor:
        """What a learned parameter is worth now, within its domain."""
        return within(getattr(self, name), self.definition.parameters[name])

    def values(self) -> dict[str, torch.Tensor]:
        """The values of all learned parameters by name."""
        return {name: self.value(name) for name in self.learned}

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The activation of every element."""
        if self.learned and self.shape is None:
            self._materialize(self._read_off(input), input.device)
        values = {name: self._spread_out(self.value(name), input) for name in self.learned}
        if self._stand_in is None:
            return self._function(input, *values.values())
        # The stand-in less itself is 0, and has its gradient: so any transformation sees a plain composition.
        stand_in = self._stand_in(input, *(values[name] for name in self._shared))
        difference = stand_in - stand_in.detach()
        true = (value.detach() if name in self._shared else value for name, value in values.items())
        return self._function(input.detach(), *true) + torch.where(
            stand_in.isfinite(), difference, torch.zeros_like(difference)
        )

    def _read_off(self, input: torch.Tensor) -> tuple[int, ...]:
        if self.per == "neuron":
            return tuple(input.shape[1:])
        if not -input.dim() <= self.dim < input.dim():
            self._misfit(f"an input of shape {tuple(input.shape)} without a dimension {self.dim}", "channels")
        return (input.shape[self.dim],)

    def _materialize(self, shape: tuple[int, ...], device: Any = None) -> None:
        for name in self.learned:
            own: UninitializedParameter = getattr(self, name)
            own.materialize(shape, device=device)
        self.shape = shape
        self.reset_parameters()

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        if self.shape is not None:
            super()._save_to_state_dict(destination, prefix, keep_vars)
        else:
            destination.update({prefix + name: getattr(self, name) for name in self.learned})

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any, **kwargs: Any) -> None:
        stored = [state_dict.get(prefix + name) for name in self.learned]
        if self.shape is None and stored and all(isinstance(s, torch.Tensor) for s in stored):
            if not any(isinstance(s, UninitializedParameter) for s in stored):
                self._materialize(tuple(stored[0].shape))
            else:
                return
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def _spread_out(self, value: torch.Tensor, input: torch.Tensor) -> torch.Tensor:
        """The value in a shape that broadcasts against the input."""
        if self.per == "layer":
            return value
        if self.per == "neuron":
            if tuple(input.shape[1:]) != tuple(value.shape):
                self._misfit(f"samples of shape {tuple(input.shape[1:])}", tuple(value.shape))
            return value
        if not -input.dim() <= self.dim < input.dim():
            self._misfit(f"an input of shape {tuple(input.shape)} without a dimension {self.dim}", value.shape[0])
        if input.shape[self.dim] != value.shape[0]:
            self._misfit(f"{input.shape[self.dim]} channels in dimension {self.dim}", value.shape[0])
        return value.view([-1 if d == self.dim % input.dim() else 1 for d in range(input.dim())])

    def _misfit(self, found: str, own: object) -> NoReturn:
        raise RheobaseError(
            f"{found} for parameters of size {own}", instead="the same size, or dim=-1 for channels last"
        )

    def extra_repr(self) -> str:
        """The formula and the values of its parameters."""
        told = [f"{n}={p.default:g}" for n, p in self.definition.parameters.items() if n not in self.learned]
        told += [f"{n}={_told(getattr(self, n), self)} learned" for n in self.learned]
        name = self.definition.id or self.definition.name
        head = (f"{name}: " if name != self.definition.formula else "") + self.definition.formula
        more = [f"per {self.per}"] if self.learned and self.per != "layer" else []
        if self.surrogate is not None:
            more.append(f"backward: the derivative of {self.surrogate.formula}, not its own")
        return "; ".join([head, *told, *more])


def opened_at(module: Activation) -> Callable[..., torch.Tensor]:
    """A module's function of the input and of its learned parameters, in the order of `module.learned`."""
    return _opened(module.definition, module.learned)


def _opened(f: Definition, names: Sequence[str]) -> Callable[..., torch.Tensor]:
    """The function of the input and of the named parameters, the others at their values."""
    if not names:
        return compiled(f.bound, "torch")
    values = {n: exact_number(p.default) for n, p in f.parameters.items()}
    fixed: dict[Expr, Expr] = {Parameter(n): v for n, v in values.items() if n not in names}
    return opened(substitute(f.expr, fixed), tuple((n, values[n]) for n in names))


def _surrogate(f: Definition, backward: Any) -> Definition | None:
    """What stands in on the way back; the parameters of one that is given are numbers, whatever they are called."""
    if backward is None or backward is False:
        return None
    if backward is True:
        if f.backward is None:
            raise RheobaseError(f"{f.name} has no backward of its own", instead='backward="sigmoid(4*x)"')
        return f.backward
    given = get(backward)
    return Definition(given.bound, name=given.name)


def _told(own: torch.Tensor, module: Activation) -> str:
    if isinstance(own, UninitializedParameter):
        return "?"
    return f"{float(own.detach()):g}" if own.dim() == 0 else f"{float(own.detach().mean()):.4g} (mean of {own.numel()})"


def _known(per: str) -> Any:
    if per not in PER:
        raise RheobaseError(f"parameters per {per!r}", instead=nearest(per, PER) or "layer, channel or neuron")
    return per


def _shape(per: str, size: int | Sequence[int] | None) -> tuple[int, ...] | None:
    if per == "layer":
        return ()
    if size is None:
        return None
    shape = (size,) if isinstance(size, int) else tuple(size)
    if math.prod(shape) < 1 or (per == "channel" and len(shape) != 1):
        raise RheobaseError(
            f"size={size} for parameters per {per}", instead="size=16 (channel), size=(16, 8, 8) (neuron)"
        )
    return shape


def _learned(f: Definition, learnable: bool | str | Sequence[str] | None) -> tuple[str, ...]:
    marked = tuple(n for n, p in f.parameters.items() if p.learnable)
    match learnable:
        case None:
            return marked if f.id is None else ()
        case False:
            return ()
        case True:
            if not f.parameters:
                raise RheobaseError(
                    f"{f.name} has no parameter to learn", instead="prelu, swish, or a formula with one"
                )
            return marked or tuple(f.parameters)
        case _:
            names = (learnable,) if isinstance(learnable, str) else tuple(learnable)
            for name in names:
                if name not in f.parameters:
                    known = ", ".join(f.parameters) or "none"
                    raise RheobaseError(
                        f"{f.name} has no parameter {name!r}", instead=nearest(name, f.parameters) or f"one of: {known}"
                    )
            return names
