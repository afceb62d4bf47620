"""Where a model's activations stand: as modules, as attributes that hold a function, as calls in the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

import torch

from rheobase.activation import Activation as Definition
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.nn.blend import Blend
from rheobase.nn.calls import RECORDS, Unsafe, calls, has_own_code, original, rewire, sites_of, written_calls
from rheobase.nn.known import of_callable, of_module
from rheobase.pictures import label
from rheobase.simplify import simplify

Kind = Literal["module", "attribute", "call"]
FAST = "activation_relu_or_gelu"
"""The attribute by which torch's transformer layer chooses its fast path: 1 relu, 2 gelu, 0 none."""
INSIDE = {"RNN_TANH": ("tanh",), "RNN_RELU": ("relu",), "LSTM": ("sigmoid", "tanh"), "GRU": ("sigmoid", "tanh")}
"""What torch's recurrent layers compute inside, by their mode."""


@dataclass(frozen=True)
class Wanted:
    """One line of what is to be changed: what is looked for."""

    key: Any
    definition: Definition | None
    any_values: bool

    def means(self, thing: Any, function: Definition | None) -> bool:
        """Is this thing, which computes that function, what is looked for?"""
        if self.definition is None:
            return thing is self.key or type(thing) is self.key
        if function is None:
            return False
        if self.any_values and function.id == self.definition.id and function.id is not None:
            return True
        return simplify(function.bound) is simplify(self.definition.bound)


def wanted(key: Any) -> Wanted:
    """From a spec, which means every use of an entry unless it gives values, or from a class or a callable itself."""
    known = isinstance(key, str | Definition)
    if not known and (isinstance(key, torch.nn.Module) or not callable(key)):
        raise RheobaseError(f"{key!r} is nothing to look for", instead='a spec such as "relu", a class, or a function')
    if not known:
        definition = of_callable(key)
        return Wanted(key, definition, any_values=definition is not None)
    definition = get(key)
    entry = definition.entry
    plain = entry is not None and all(definition.parameters[n].default == p.default for n, p in entry.params.items())
    return Wanted(key, definition, plain)


@dataclass
class Place:
    """Where one activation stands: the attribute `name` of `owner`, whose path in the model is `path`.

    Attributes:
        old: what stands there: a module, a function, or for a call the function's definition.
        told: what that is called.
        where: file and line, of a call.
        notes: what goes with the change.
    """

    kind: Kind
    path: str
    owner: torch.nn.Module
    name: str
    old: Any
    told: str
    wanted: Wanted
    where: str | None = None
    site: Any = None
    notes: list[str] = field(default_factory=list)

    @property
    def full(self) -> str:
        """The path of the activation in the model."""
        return f"{self.path}.{self.name}" if self.path else self.name


@dataclass(frozen=True)
class Left:
    """What was looked for and found, and why it is not changed."""

    path: str
    old: str
    where: str | None
    reason: str


def name_of(thing: Any, function: Definition | None) -> str:
    """What a thing is called in a report."""
    if function is not None:
        return label(function)
    return getattr(thing, "__name__", type(thing).__name__)


def held(model: torch.nn.Module, looked_for: Mapping[Wanted, Any]) -> Iterator[Place | Left]:
    """The modules and the attributes that are looked for, in the order of the model."""
    for path, owner in model.named_modules(remove_duplicate=True):
        if isinstance(owner, Blend):
            continue
        for name, child in list(owner._modules.items()):
            if child is not None and (found := _match(child, of_module(child), looked_for)):
                notes = ["it worked in place; this takes a tensor more"] if getattr(child, "inplace", False) else []
                yield Place("module", path, owner, name, child, found[0], found[1], notes=notes)
        if not type(owner).__module__.startswith("rheobase."):
            yield from _attributes(path, owner, looked_for)
        yield from _inside(path, owner, looked_for)


def _match(thing: Any, function: Definition | None, looked_for: Mapping[Wanted, Any]) -> tuple[str, Wanted] | None:
    for one in looked_for:
        if one.means(thing, function):
            return name_of(thing, function), one
    return None


def _attributes(path: str, owner: torch.nn.Module, looked_for: Mapping[Wanted, Any]) -> Iterator[Place | Left]:
    for name, value in list(vars(owner).items()):
        if name.startswith("_") or name == "training" or (isinstance(owner, torch.nn.RNNBase) and name == "mode"):
            continue
        if callable(value) and (found := _match(value, of_callable(value), looked_for)):
            yield Place("attribute", path, owner, name, value, *found)
        at = f"{path}.{name}" if path else name
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        for part in parts:
            if callable(part) and (found := _match(part, of_callable(part), looked_for)):
                yield Left(at, found[0], None, f"stands in a {type(value).__name__}; a ModuleList would do")
        if isinstance(value, str) and ("act" in name or "nonlin" in name) and not isinstance(owner, torch.nn.RNNCell):
            for one in looked_for:
                if one.definition is not None and _named(value) and one.means(None, _named(value)):
                    yield Left(at, value, None, "is a name; what the code makes of it is not known")


def _named(name: str) -> Definition | None:
    try:
        return get(name)
    except RheobaseError:
        return None


def _inside(path: str, owner: torch.nn.Module, looked_for: Mapping[Wanted, Any]) -> Iterator[Left]:
    mode = owner.mode if isinstance(owner, torch.nn.RNNBase) else ""
    if isinstance(owner, torch.nn.RNNCell):
        mode = f"RNN_{owner.nonlinearity.upper()}"
    elif isinstance(owner, torch.nn.LSTMCell | torch.nn.GRUCell):
        mode = type(owner).__name__.removesuffix("Cell")
    for name in INSIDE.get(mode, ()):
        if found := _match(None, get(name), looked_for):
            yield Left(path or "the model", found[0], None, f"is computed inside {type(owner).__name__}, in one kernel")


def called(model: torch.nn.Module, looked_for: Mapping[Wanted, Any]) -> Iterator[Place | Left]:
    """The calls that are looked for, in the code of the model's own modules."""
    for path, owner in model.named_modules():
        kind, _ = original(type(owner))
        if not has_own_code(kind):
            continue
        done = sites_of(type(owner))
        try:
            found = [call for call in calls(owner) if call.site not in done]
            reason = None
        except Unsafe as error:
            found, reason = written_calls(kind), str(error)
        for call in found:
            match = _match(None, call.function, looked_for)
            if match is None:
                continue
            if reason is None:
                yield Place("call", path, owner, "", call.function, *match, where=call.where, site=call.site)
            else:
                yield Left(path or "the model", match[0], call.where, reason)


def seen(model: torch.nn.Module) -> list[str]:
    """The names of all activations found in a model, each once: for whoever looked for another."""
    anything: dict[str, None] = {}
    for owner in model.modules():
        if isinstance(owner, Blend):
            continue
        for thing in (*owner._modules.values(), *(v for k, v in vars(owner).items() if not k.startswith("_"))):
            if callable(thing) and (function := of_callable(thing)) is not None:
                anything[label(function)] = None
        kind, _ = original(type(owner))
        if has_own_code(kind):
            for call in written_calls(kind):
                anything[label(call.function)] = None
    return [name for name in anything if name != "identity"]


def nothing_found(model: torch.nn.Module, keys: list[str]) -> RheobaseError:
    """The error that says what there is instead."""
    if (itself := of_module(model)) is not None:
        return RheobaseError(f"the model is {label(itself)} itself", instead="torch.nn.Sequential(model)")
    there = seen(model)
    what = f"no {' and no '.join(keys)} in the model"
    near = nearest(keys[0], there)
    if not there:
        return RheobaseError(
            f"{what}, nor any activation that is known", instead="a class or function of its own as key"
        )
    return RheobaseError(what, instead=near or f"one of those that it has: {', '.join(there)}")


def free_name(owner: torch.nn.Module) -> str:
    """A name for a new submodule that nothing of the module has."""
    return next(name for n in count() if not hasattr(owner, name := f"activation_{n}"))


Undo = Callable[[], None]
"""Takes one change back; it may be called before the change is made, and twice."""


def put(place: Place, new: torch.nn.Module, undo: list[Undo]) -> None:
    """Put a module where an activation stands; what takes it away again is added to `undo` first."""
    owner = place.owner
    if place.kind == "call":
        _send(place, new, undo)
        return
    flag = getattr(owner, FAST, None) if isinstance(owner, torch.nn.TransformerEncoderLayer) else None

    def back() -> None:
        if place.kind == "module":
            owner._modules[place.name] = place.old
        else:
            owner._modules.pop(place.name, None)
            vars(owner)[place.name] = place.old
        if flag is not None:
            setattr(owner, FAST, flag)

    undo.append(back)
    if place.kind == "module":
        owner._modules[place.name] = new
    else:
        setattr(owner, place.name, new)
    if flag is not None and place.name == "activation":
        # In evaluation it would go on computing relu or gelu in a kernel of its own.
        setattr(owner, FAST, 0)
        if flag:
            place.notes.append("the layer's fast path in evaluation is off: it knows relu and gelu alone")


def _send(place: Place, new: torch.nn.Module, undo: list[Undo]) -> None:
    owner, kind, records = place.owner, type(place.owner), vars(place.owner).get(RECORDS)
    place.name = free_name(owner)

    def back() -> None:
        owner._modules.pop(place.name, None)
        owner.__class__ = kind
        vars(owner).pop(RECORDS, None)
        if records is not None:
            vars(owner)[RECORDS] = records

    undo.append(back)
    owner.add_module(place.name, new)
    rewire(owner, {place.site: place.name})


def without_nested_tensors(model: torch.nn.Module, undo: list[Undo]) -> None:
    """Stacks of transformer layers whose layers have lost the fast path: they may hand them no nested tensors.

    A stack decides so when it is made, and not again.
    """
    off = [
        m
        for m in model.modules()
        if isinstance(m, torch.nn.TransformerEncoder)
        and getattr(m, "use_nested_tensor", False)
        and not all(getattr(layer, FAST, 1) for layer in m.layers)
    ]

    def set_all(use: bool) -> None:
        for stack in off:
            stack.use_nested_tensor = use

    undo.append(lambda: set_all(True))
    set_all(False)


def roll_back(undo: list[Undo]) -> None:
    """Take everything back, the last change first, also when Ctrl-C comes in between."""
    try:
        while undo:
            undo[-1]()
            undo.pop()
    finally:
        if undo:
            roll_back(undo)
