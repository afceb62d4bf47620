"""`swap_`: other activations in a model that exists, what that changes, and the way back."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from rheobase.activation import Activation as Definition
from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.nn.blend import Blend
from rheobase.nn.calls import prepare
from rheobase.nn.known import of_module
from rheobase.nn.module import Activation
from rheobase.nn.places import (
    Left,
    Place,
    Undo,
    called,
    held,
    name_of,
    nothing_found,
    put,
    roll_back,
    wanted,
    without_nested_tensors,
)
from rheobase.nn.running import call, checked_model, first_tensor, hooked, undisturbed
from rheobase.nn.trained import signs_of_training

Maker = Callable[[], torch.nn.Module]


@dataclass(frozen=True)
class Change:
    """One activation that was changed.

    Attributes:
        path: where it is in the model; of a call, the submodule that it goes to now.
        kind: "module", "attribute" (a function in an attribute) or "call" (in the code, through torch.fx).
        old, new: what was and is there.
        where: file and line, of a call.
        note: what goes with it.
    """

    path: str
    kind: str
    old: str
    new: str
    where: str | None = None
    note: str = ""


@dataclass
class Surgery:
    """What `swap_` did.

    Attributes:
        changes: what was changed, in the model's order; with `dry_run` what would be.
        left: what was looked for, found, and could not be changed, each with its reason.
        effects: with a batch, by layer: root mean square of the change of its output over that of the output.
            "" is the whole model. With `anneal`, what it will be at the end.
        warnings: what to know before the model is used.
        dry_run: was it only looked at?
        steps: over how many steps the old functions fade.
    """

    changes: list[Change]
    left: list[Left]
    effects: dict[str, float]
    warnings: list[str]
    dry_run: bool
    steps: int = 0
    taken: int = 0
    _places: list[tuple[Place, torch.nn.Module]] = field(default_factory=list, repr=False)
    _undo: list[Undo] = field(default_factory=list, repr=False)

    def undo(self) -> None:
        """Put everything back as it was, the old modules with their old parameters.

        Raises:
            RheobaseError: there is nothing to undo, or another change stands on top of this one.
        """
        if not self._undo:
            raise RheobaseError("nothing to undo", instead="undo() once, of a swap_ that changed the model")
        for place, new in self._places:
            if place.owner._modules.get(place.name) is not new:
                raise RheobaseError(
                    f"{place.full} has been changed since", instead="undo the later changes first, the last one first"
                )
        roll_back(self._undo)
        self._places.clear()

    def step(self) -> float:
        """One step of `anneal`, after each step of the optimiser. Returns the new functions' share, 1 at the end.

        At the end the old functions are gone, and the model is as without `anneal`.
        """
        if not self.steps or not self._undo:
            raise RheobaseError("nothing to blend", instead="swap_(model, …, anneal=1000), then step() as you train")
        self.taken = min(self.taken + 1, self.steps)
        share = self.taken / self.steps
        for i, (place, blend) in enumerate(self._places):
            if isinstance(blend, Blend):
                blend.share.fill_(share)
                if share == 1 and place.owner._modules.get(place.name) is blend:
                    place.owner._modules[place.name] = blend.new
                    self._places[i] = (place, blend.new)
        return share

    def to_dict(self) -> dict[str, Any]:
        """As plain values: `changes left effects warnings dry_run anneal`; the first two are lists of dicts."""
        return {
            "changes": [asdict(change) for change in self.changes],
            "left": [asdict(one) for one in self.left],
            "effects": dict(self.effects),
            "warnings": list(self.warnings),
            "dry_run": self.dry_run,
            "anneal": self.steps,
        }

    def __str__(self) -> str:
        said = "would be changed" if self.dry_run else "changed"
        lines = [f"{len(self.changes)} {said}" + (f", over {self.steps} steps" if self.steps else "")]
        for c in self.changes:
            at = f" ({c.where})" if c.where else ""
            lines.append(f"  {c.path}{at}: {c.old} → {c.new}" + (f"; {c.note}" if c.note else ""))
        if self.left:
            lines.append(f"{len(self.left)} left as they are")
            lines += [f"  {o.path}{f' ({o.where})' if o.where else ''}: {o.old}: {o.reason}" for o in self.left]
        if self.effects:
            lines.append("output changes by, relative to its root mean square")
            width = max(map(len, (*self.effects, "the model")))
            lines += [f"  {path or 'the model':<{width}}  {value:.1%}" for path, value in self.effects.items()]
        return "\n".join([*lines, *(f"warning: {warning}" for warning in self.warnings)])


def swap_(
    model: torch.nn.Module,
    mapping: Mapping[Any, Any],
    *,
    batch: Any = None,
    dry_run: bool = False,
    anneal: int | None = None,
) -> Surgery:
    """Change the activations of a model in place, wherever they stand.

    Found are modules (`nn.ReLU()`), functions in attributes (`self.act = F.relu`), what strings and callables became
    in torch's transformer layers (whose fast path in evaluation is switched off, as it would ignore the change), and
    calls in the code of your modules (`F.relu(x)`, `x.relu()`). Calls are recorded with `torch.fx` and sent to new
    submodules where the record can be trusted; where it cannot, they are left and reported with file and line.

    Args:
        model: any model; its class, its other modules and its weights stay.
        mapping: what to look for, and what to put there. A key is a spec (`"relu"` means every ReLU, `"leaky_relu"`
            one of any slope, `"leaky_relu:negative_slope=0.2"` that alone), or a class or function of your own. A value
            is a spec, a module (each place gets a copy), or a function that makes one, as
            `lambda: Activation("swish", learnable=True)`.
        batch: inputs (a tensor, a tuple of arguments, a dict of named ones): tell how much each layer's output changes.
        dry_run: only tell what would be changed; the model is as before.
        anneal: fade from the old function to the new one over so many calls of `step()` of what is returned.

    Where one module is used at several places, its successor is too. New modules have device, dtype and training mode
    of where they stand.

    Raises:
        RheobaseError: an unknown name, nothing found or nothing that can be changed, a batch that the model does not
            take. The model is then unchanged, as after Ctrl-C.

    Warns:
        UserWarning: the weights look trained, for the old functions (unless `anneal` or `dry_run`).

    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    >>> change = swap_(model, {"relu": "swish"})
    >>> print(change)
    1 changed
      1: relu → swish
    >>> change.undo()
    >>> model[1]
    ReLU()
    """
    checked_model(model)
    looked_for = {wanted(key): _maker(value) for key, value in _checked(mapping).items()}
    if anneal is not None and (isinstance(anneal, bool) or not isinstance(anneal, int) or anneal < 1):
        raise RheobaseError(f"anneal={anneal!r}", instead="a number of steps, such as 1000")
    signs = signs_of_training(model)
    before = None if batch is None else _outputs(model, batch)
    done = Surgery([], [], {}, _warnings(signs, anneal), dry_run, anneal or 0)
    try:
        _operate(model, looked_for, done)
        if not done.changes:
            raise _nothing(model, [str(name_of(w.key, w.definition)) for w in looked_for], done.left)
        if before is not None:
            done.effects = _effects(model, batch, before, done)
    except BaseException:
        roll_back(done._undo)
        raise
    if dry_run:
        roll_back(done._undo)
        done._places.clear()
    elif signs and not anneal:
        warnings.warn(done.warnings[0], stacklevel=2)
    return done


def _checked(mapping: Any) -> Mapping[Any, Any]:
    if not isinstance(mapping, Mapping) or not mapping:
        raise RheobaseError(f"{mapping!r} says not what becomes what", instead='{"relu": "swish"}')
    return mapping


def _maker(value: Any) -> Maker:
    """What makes the new module for one place."""
    if isinstance(value, torch.nn.Module):
        return lambda: deepcopy(value)
    if callable(value) and not isinstance(value, Definition):
        return lambda: _made(value)
    definition = get(value)
    return lambda: Activation(definition)


def _made(maker: Callable[[], Any]) -> torch.nn.Module:
    try:
        made = maker()
    except TypeError as error:
        raise RheobaseError(f"{maker!r} makes no module: {error}", instead='lambda: Activation("swish")') from None
    if not isinstance(made, torch.nn.Module):
        raise RheobaseError(f"{type(made).__name__} is no module", instead='lambda: Activation("swish")')
    return made


def _warnings(signs: list[str], anneal: int | None) -> list[str]:
    if not signs:
        return []
    cure = "" if anneal else "; fine-tune it, or fade with anneal=1000"
    return [f"the weights look trained, for the old functions: {'; '.join(signs)}{cure}"]


def _operate(model: torch.nn.Module, looked_for: Mapping[Any, Maker], done: Surgery) -> None:
    """All changes. What is held comes first: a function in an attribute is no call any more when the code is read."""
    successors: dict[int, torch.nn.Module] = {}
    for found in _all(model, looked_for, done):
        if isinstance(found, Left):
            done.left.append(found)
            continue
        shared = found.kind == "module" and id(found.old) in successors
        new = successors[id(found.old)] if shared else _fitted(looked_for[found.wanted](), found.owner, model)
        told = name_of(new, of_module(new))
        if found.kind == "module" and any(True for _ in found.old.parameters()):
            found.notes.append("parameters of the old one are no longer used")
        if any(True for _ in new.parameters()):
            found.notes.append("has parameters: give them to the optimiser")
        if done.steps and not shared:
            new = Blend(Activation(found.old) if found.kind == "call" else found.old, new).train(found.owner.training)
            new = new.to(_home(found.owner, model)[0])
        successors.setdefault(id(found.old), new)
        put(found, new, done._undo)
        done._places.append((found, new))
        done.changes.append(Change(found.full, found.kind, found.told, told, found.where, "; ".join(found.notes)))
    for owner in {id(place.owner): place.owner for place, _ in done._places if place.kind == "call"}.values():
        prepare(owner)
    without_nested_tensors(model, done._undo)


def _all(model: torch.nn.Module, looked_for: Mapping[Any, Any], done: Surgery) -> Iterator[Place | Left]:
    yield from list(held(model, looked_for))
    yield from list(called(model, looked_for))


def _home(owner: torch.nn.Module, model: torch.nn.Module) -> tuple[torch.device | None, torch.dtype | None]:
    for near in (owner, model):
        for own in near.parameters():
            if own.is_floating_point():
                return own.device, own.dtype
    return None, None


def _fitted(new: torch.nn.Module, owner: torch.nn.Module, model: torch.nn.Module) -> torch.nn.Module:
    device, dtype = _home(owner, model)
    return new.to(device=device, dtype=dtype).train(owner.training)


def _nothing(model: torch.nn.Module, keys: list[str], left: list[Left]) -> RheobaseError:
    if not left:
        return nothing_found(model, keys)
    first = left[0]
    at = f"{first.path}{f' ({first.where})' if first.where else ''}"
    more = f", and {len(left) - 1} more" if len(left) > 1 else ""
    return RheobaseError(
        f"nothing can be changed: {first.old} at {at}: {first.reason}{more}",
        instead=f'a module of its own there, self.act = rheobase.nn.Activation("{first.old}")',
    )


def _outputs(model: torch.nn.Module, batch: Any) -> dict[str, list[torch.Tensor]]:
    """The outputs of the whole model, of its layers and of its activations, in the order of the calls."""
    found: dict[str, list[torch.Tensor]] = {}

    def note(path: str, module: torch.nn.Module, output: Any) -> None:
        tensor = first_tensor(output)
        layer = bool(module._parameters) or of_module(module) is not None
        if tensor is not None and (not path or layer):
            found.setdefault(path, []).append(tensor.detach().clone())

    with undisturbed(model), torch.no_grad(), hooked(model, after=note):
        torch.manual_seed(0)
        call(model, batch)
    return found


def _effects(
    model: torch.nn.Module, batch: Any, before: dict[str, list[torch.Tensor]], done: Surgery
) -> dict[str, float]:
    blends = [new for _, new in done._places if isinstance(new, Blend)]
    for blend in blends:
        blend.share.fill_(1.0)
    try:
        after = _outputs(model, batch)
    finally:
        for blend in blends:
            blend.share.fill_(0.0)
    after |= {place.full: after[place.full + ".new"] for place, _ in done._places if place.full + ".new" in after}
    found = {path: _relative(old, after[path]) for path, old in before.items() if path in after}
    broken = [
        path or "the model" for path, tensors in after.items() if not all(bool(t.isfinite().all()) for t in tensors)
    ]
    if broken:
        done.warnings.append(f"not finite on the batch: {', '.join(broken)}")
    return {path: value for path, value in found.items() if value is not None}


def _relative(old: list[torch.Tensor], new: list[torch.Tensor]) -> float | None:
    if [t.shape for t in old] != [t.shape for t in new]:
        return None
    size = math.sqrt(sum(float(t.double().square().sum()) for t in old))
    moved = math.sqrt(sum(float((a.double() - b.double()).square().sum()) for a, b in zip(old, new, strict=True)))
    return moved / size if size else (0.0 if moved == 0 else math.inf)
