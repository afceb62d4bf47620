"""What a model computes, as a list of calls: by torch.fx without any data, or by running it once on a batch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.node import map_arg
from torch.overrides import TorchFunctionMode

from rheobase.nn.mixture import Mixture
from rheobase.nn.module import Activation
from rheobase.nn.shifted import Shifted
from rheobase.nn.starting.formulas import spelt

OPENED = (nn.Sequential, nn.TransformerEncoder, nn.TransformerEncoderLayer, nn.TransformerDecoder)
OPENED += (nn.TransformerDecoderLayer, nn.Transformer, nn.DataParallel, nn.parallel.DistributedDataParallel)
"""Modules of torch that are looked into; every other one is a single call."""


@dataclass(frozen=True)
class Ref:
    """The result of an earlier call, or an input."""

    at: int


@dataclass
class Call:
    """One call of a module (`path` and `module`) or of a function (`name` and `function`, of a method its name);
    tensors among its arguments are `Ref`s, parameters and buffers stand as they are."""

    at: int
    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    module: nn.Module | None = None
    function: Any = None


INPUT, OUTPUT, UNKNOWN = "input", "output", "unknown"


def single(module: nn.Module) -> bool:
    """Is a module one call, whatever happens inside?"""
    if isinstance(module, OPENED):
        return False
    if isinstance(module, Activation | Mixture | Shifted):
        return True
    return type(module).__module__.startswith("torch.nn") and not isinstance(module, nn.ModuleList | nn.ModuleDict)


def _named(function: Any) -> str:
    return spelt(function if isinstance(function, str) else getattr(function, "__name__", "?"))


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return single(m)


def traced(model: nn.Module) -> list[Call]:
    """The calls of a model by symbolic tracing (Reed, DeVito, He, Ussery & Ansel 2022, torch.fx).

    Raises:
        Exception: whatever tracing raises on a model that looks at its data.
    """
    with slow_path():
        graph = _Tracer().trace(model, concrete_args=_defaults(model))
    found: list[Call] = []
    refs: dict[fx.Node, Any] = {}

    def known(value: Any) -> Any:
        return map_arg(value, lambda n: refs[n])

    for node in graph.nodes:
        if node.op == "get_attr":
            refs[node] = _attribute(model, str(node.target))
            continue
        call = Call(len(found), INPUT)
        if node.op != "placeholder":
            call.name, call.function = _named(node.target), node.target
            call.args, call.kwargs = known(node.args), known(node.kwargs)
        if node.op == "call_module":
            call.name, call.path = "", str(node.target)
            call.module = model.get_submodule(call.path)
        elif node.op == "output":
            call.name = OUTPUT
        found.append(call)
        refs[node] = Ref(call.at)
    return found


def _defaults(model: nn.Module) -> dict[str, Any]:
    """Arguments that need not be given, at their defaults, so that `if mask is not None` is decided."""
    try:
        wanted = inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return {}
    return {n: p.default for n, p in wanted.items() if p.default is not p.empty}


def _attribute(model: nn.Module, target: str) -> Any:
    found: Any = model
    for part in target.split("."):
        found = getattr(found, part)
    return found


@contextmanager
def slow_path() -> Iterator[None]:
    """Transformers of torch layer by layer: their fused kernel in eval calls no module."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


class _Recorder(TorchFunctionMode):
    """Writes down every call that is not inside a single module."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.inside = 0
        self._refs: dict[int, Ref] = {}
        self._places: dict[tuple[Any, ...], Ref] = {}
        self._alive: list[Tensor] = []
        self._own = {id(t) for t in (*model.parameters(), *model.buffers())}
        for path, module in model.named_modules():
            if single(module):
                module.register_forward_pre_hook(self._enter)
                module.register_forward_hook(self._leaver(path), with_kwargs=True)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self.inside:
            return func(*args, **kwargs)
        before = (self._known(args), self._known(kwargs))
        result = func(*args, **kwargs)
        if _tensors(result):
            name = "view" if func.__name__ == "__get__" else _named(func)  # x.T, x.mT, x.data
            method = name if getattr(torch.Tensor, func.__name__, None) is func else func
            self._append(Call(0, name, *before, function=method), result)
        return result

    def given(self, value: Any) -> None:
        """Write down what the model is given."""
        for tensor in _tensors(value):
            self._append(Call(0, INPUT), tensor)

    def ended(self, value: Any) -> None:
        """Write down what it returns."""
        self._append(Call(0, OUTPUT, (self._known(value),)), ())

    def _enter(self, module: nn.Module, args: Any) -> None:
        self.inside += 1

    def _leaver(self, path: str) -> Callable[..., None]:
        def leave(module: nn.Module, args: Any, kwargs: Any, result: Any) -> None:
            self.inside -= 1
            if not self.inside:
                self._append(Call(0, "", self._known(args), self._known(kwargs), path, module), result)

        return leave

    def _append(self, call: Call, result: Any) -> None:
        call.at = len(self.calls)
        self.calls.append(call)
        made = _tensors(result)
        for i, tensor in enumerate(made):
            ref = Ref(call.at)
            if len(made) > 1 and call.module is None:
                ref = Ref(len(self.calls))
                self.calls.append(Call(ref.at, "getitem", (Ref(call.at), i)))
            self._refs[id(tensor)] = self._places[_place(tensor)] = ref
            self._alive.append(tensor)  # an id is taken again once its owner is gone

    def _known(self, value: Any) -> Any:
        """The value with a `Ref` in place of every tensor that a call has made."""
        match value:
            case Tensor() if id(value) not in self._own:
                return self._ref(value)
            case tuple() | list():
                return type(value)(self._known(v) for v in value) if type(value) in (tuple, list) else value
            case dict():
                return {k: self._known(v) for k, v in value.items()}
            case _:
                return value

    def _ref(self, tensor: Tensor) -> Any:
        """What is known of a tensor; one that a function of the user's own has handed on is known by its memory."""
        found = self._refs.get(id(tensor)) or self._places.get(_place(tensor))
        if found is None:
            found = Ref(len(self.calls))
            self.calls.append(Call(found.at, UNKNOWN))
            self._refs[id(tensor)] = found
            self._alive.append(tensor)
        return found


def _place(tensor: Tensor) -> tuple[Any, ...]:
    return tensor.data_ptr(), tuple(tensor.shape), tensor.dtype


def _tensors(value: Any) -> list[Tensor]:
    match value:
        case Tensor():
            return [value]
        case tuple() | list():
            return [t for v in value for t in _tensors(v)]
        case dict():
            return [t for v in value.values() for t in _tensors(v)]
        case _:
            return []


def recorded(model: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Call]:
    """The calls of a model as it runs once. Leaves hooks on it: meant for a copy.

    Raises:
        Exception: whatever the model raises.
    """
    recorder = _Recorder(model)
    recorder.given((tuple(args), dict(kwargs)))
    with slow_path(), torch.no_grad(), recorder:
        result = model(*args, **kwargs)
    recorder.ended(result)
    return recorder.calls
