"""Which function of the catalogue a module, a callable or a call of PyTorch computes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch.nn import functional as F

from rheobase.activation import Activation as Definition
from rheobase.activation import define
from rheobase.catalogue import Entry, entries, get
from rheobase.errors import RheobaseError
from rheobase.nn.module import Activation

RENAMED = {"lambd": "threshold"}
"""Arguments of torch that entries call by another name."""
POSITIONS = {"softplus": ("beta", "threshold")}
"""The arguments behind the input where an entry has not the same parameters."""
ROOMS = {"nn": torch.nn, "F": F, "torch": torch}


def of_module(module: torch.nn.Module) -> Definition | None:
    """The elementwise function that the module computes, None for any other module, or one of unknown code.

    >>> of_module(torch.nn.LeakyReLU(0.2)), of_module(torch.nn.Linear(1, 1))
    (<Activation leaky_relu: where(x >= 0, x, negative_slope*x); negative_slope=0.2>, None)
    """
    if isinstance(module, Activation):
        return module.definition
    for kind in type(module).__mro__:
        entry = torch_objects().get(kind)
        if entry is not None:
            own = type(module).forward is kind.forward
            return _with_arguments(entry, vars(module)) if own else None
    return None


def of_callable(function: Any) -> Definition | None:
    """The function that something with one argument computes: `F.relu`, `torch.tanh`, `partial(F.elu, alpha=2)`.

    >>> of_callable(F.gelu).id, of_callable(functools.partial(F.gelu, approximate="tanh")).id, of_callable(len)
    ('gelu', 'gelu_tanh', None)
    """
    if isinstance(function, torch.nn.Module):
        return of_module(function)
    if isinstance(function, Definition):
        return function
    if isinstance(function, functools.partial):
        return None if function.args else of_call(function.func, (), function.keywords)
    return of_call(function, (), {})


def of_call(function: Any, others: Sequence[Any], keywords: Mapping[str, Any]) -> Definition | None:
    """The function of the input that a call computes: `others` are its positional arguments behind the input.

    >>> of_call(F.elu, (0.5,), {}).parameters["alpha"].default, of_call("relu_", (), {}).id
    (0.5, 'relu')
    >>> str(of_call(F.softplus, (2.0,), {}).bound)
    'softplus(2*x)/2'
    """
    try:
        entry = methods().get(function) if isinstance(function, str) else torch_objects().get(function)
    except TypeError:  # what cannot be hashed is no function of torch
        return None
    if entry is None:
        return None
    names = POSITIONS.get(entry.id, tuple(entry.params))
    return _with_arguments(entry, dict(zip(names, others, strict=False)) | {**keywords})


def _with_arguments(entry: Entry, arguments: Mapping[str, Any]) -> Definition | None:
    """The entry with the values among the arguments; None where one is no number."""
    if entry.id == "gelu" and arguments.get("approximate", "none") == "tanh":
        return get("gelu_tanh")
    named = {RENAMED.get(name, name): value for name, value in arguments.items()}
    if entry.id == "softplus" and named.get("beta", 1) != 1:
        return define("softplus(beta*x)/beta", beta=named["beta"], name="softplus with beta")
    values = {name: named[name] for name in entry.params if name in named}
    if not all(isinstance(value, int | float) for value in values.values()):
        return None
    try:
        return get(entry).with_values(**values) if values else get(entry)
    except RheobaseError:  # a value that torch allows and the entry does not
        return None


@cache
def torch_objects() -> Mapping[Callable[..., Any], Entry]:
    """Every class and function of torch that an entry names, those that write in place included."""
    found: dict[Callable[..., Any], Entry] = {}
    for entry in entries().values():
        for name in entry.frameworks.get("torch", ()):
            room, _, last = name.partition(".")
            for spelt in (last, last + "_"):
                for place in (ROOMS[room], torch) if room == "F" else (ROOMS[room],):
                    if hasattr(place, spelt):
                        found[getattr(place, spelt)] = entry
    return found


@cache
def methods() -> Mapping[str, Entry]:
    """The methods of a tensor that are such a function, by name: relu, tanh_, …"""
    named = [(name.rpartition(".")[2], e) for e in entries().values() for name in e.frameworks.get("torch", ())]
    spelt = [(last + ending, entry) for last, entry in named for ending in ("", "_")]
    return {name: entry for name, entry in spelt if hasattr(torch.Tensor, name)}
