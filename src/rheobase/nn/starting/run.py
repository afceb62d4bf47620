"""`init_`: start a deep network by theory. All is done on a copy; the model changes at the end, or not at all."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import chain
from typing import Any, get_args

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from rheobase.errors import RheobaseError, nearest
from rheobase.nn.module import Activation
from rheobase.nn.places import FAST
from rheobase.nn.running import Batch, arguments, checked_model, first_line, refused, tensors_of
from rheobase.nn.shifted import Shifted
from rheobase.nn.starting.calls import Call, recorded, traced
from rheobase.nn.starting.choice import Choice, How, choices
from rheobase.nn.starting.graph import graph
from rheobase.nn.starting.plan import Plan, plan
from rheobase.nn.starting.report import Initialised
from rheobase.nn.starting.verify import measuring, verify
from rheobase.nn.starting.weights import Weights, draw, out_of_reach, unplanned

WITHIN = 0.1
"""How far a layer's mean square may be from what is expected before its weights are repaired."""


def init_(
    model: nn.Module,
    batch: Any = None,
    how: How = "theory",
    *,
    weights: Weights = "orthogonal",
    recentre: bool = True,
    within: float = WITHIN,
    seed: int | None = None,
    dry_run: bool = False,
) -> Initialised:
    """Start a model by the theory of its own activations: weights, biases, and the point of the curve to work at.

    Finds which activation follows each linear layer and convolution, however it is called, and gives the layer behind
    it weights of variance gain²/fan_in with the gain of `rheobase.theory(f).init()`, for that very formula. Where
    theory asks for f(x + a) − s, the activation module is wrapped in a `Shifted`; one that is a mere call is recentred
    by the biases around it; where neither is possible the report says why. Branches of residual sums are scaled
    by 1/√L (Hanin & Rolnick 2018). The model is changed in place, at the very end: if anything fails, not at all.

    Args:
        model: any module; its layers must be materialised.
        batch: an input, a tuple of arguments or a dict of keyword arguments. With it every layer's mean square is
            measured and, where it is out, its weights are scaled (Mishkin & Matas 2016).
        how: "theory": gradients keep their size. "variance": 1/√E f² keeps a unit variance, and no function moves.
        weights: "orthogonal" (Saxe et al. 2014) or "normal".
        recentre: may activations be wrapped, and biases used, to recentre them?
        within: the relative deviation of a mean square that is repaired.
        seed: decides the weights; None draws it from torch's generator.
        dry_run: only say what would be done.

    Returns:
        What was done to each layer: print it, or take `.to_dict()`.

    Raises:
        RheobaseError: no module, an unknown way, a model that cannot be followed or that raises on the batch, no layer
            or no activation in it. The model is then as it was.

    Memory: two copies of the model while it works.

    >>> model = torch.nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 2))
    >>> print(init_(model, seed=0))
    layer  type    behind  before  gain    bias  expected  note
    0      Linear  input   gelu    1       0     1
    2      Linear  gelu    gelu    0.8858  0     0.75
    4      Linear  gelu    output  1       0     0.757
    gelu: shifted, wrapped; at x = 1.41421 small signals keep their size; ...
    done; not measured, for that takes a batch: init_(model, batch)
    >>> model[1]
    Shifted(
      input_shift=1.414214, output_shift=1.302986
      (function): GELU(approximate='none')
    )
    """
    model = getattr(model, "_orig_mod", model)  # what torch.compile has wrapped
    _checked(model, how, weights, within, seed)
    args = None if batch is None else _arguments(batch)
    calls, seen = _calls(model, args)
    work = _copied(model)
    g = graph(calls, out_of_reach(model))
    if not g.of_kind("layer", "attention"):
        raise RheobaseError(
            f"{type(model).__name__} has no linear layer and no convolution", instead="a model with some"
        )
    if not g.activations:
        raise RheobaseError(
            f"no activation was found in {type(model).__name__}", instead="torch.nn.init for a linear one"
        )
    found = choices(g, work, how, recentre)
    made = plan(g, found, _square(args))
    made.notes += unplanned(model, made)
    state = torch.get_rng_state()
    generator = torch.Generator().manual_seed(int(torch.randint(2**62, ())) if seed is None else seed)
    if dry_run:
        torch.set_rng_state(state)
    fixed = draw(work, made, weights, generator)
    wraps = list({c.node.call.path: c for c in found.values() if c.done == "wrapped" and c.node.call}.values())
    for choice in wraps:
        _wrap(work, choice)
    if args is not None:
        verify(work, made, fixed, args, within)
    if not dry_run:
        _commit(model, work, made, wraps)
    warnings = tuple(dict.fromkeys(c.warning for c in found.values() if c.warning))
    return Initialised(
        how=how,
        weights=weights,
        seen=seen,
        layers=tuple(made.layers),
        activations=tuple(made.choices),
        notes=tuple(made.notes),
        warnings=warnings,
        within=None if args is None else within,
        dry=dry_run,
    )


def _checked(model: Any, how: str, weights: str, within: float, seed: int | None) -> None:
    checked_model(model)
    for value, known, name in ((how, get_args(How), "how"), (weights, get_args(Weights), "weights")):
        if value not in known:
            near = nearest(str(value), known) or " or ".join(known)
            raise RheobaseError(f"{name}={value!r} is no way to start", instead=f"{name}={near!r}")
    if not (isinstance(within, int | float) and 0 < within < 1):
        raise RheobaseError(f"within={within!r} is no relative deviation", instead=f"within={WITHIN}")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or not -(2**63) <= seed < 2**64):
        raise RheobaseError(f"seed={seed!r} is no whole number of 64 bits", instead="seed=0")
    for path, module in model.named_modules():
        if any(map(is_lazy, module.parameters(recurse=False))) and not isinstance(module, Activation):
            what = f"{path or type(module).__name__} has no size yet"
            raise RheobaseError(what, instead="run the model once, then init_")
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if tensor.is_inference():
            raise RheobaseError(f"{name} was made in inference mode", instead="a model made outside of it")
        if tensor.is_meta:
            raise RheobaseError(
                f"{name} is on the meta device, without numbers", instead='model.to_empty(device="cpu")'
            )


def _arguments(batch: Any) -> Batch:
    found = arguments(batch)
    given = tensors_of(found)
    if not given:
        raise RheobaseError(f"{type(batch).__name__} is no batch", instead="a tensor, a tuple of arguments, or a dict")
    for tensor in given:
        if tensor.is_meta:
            raise RheobaseError("the batch is on the meta device, without numbers", instead="a batch with numbers")
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise RheobaseError("the batch has numbers that are not finite", instead="a batch without NaN and inf")
    return found


def _square(batch: Batch | None) -> float:
    """The mean square of the input: that of the first floating-point tensor; 1 where nothing is known of it.

    Raises:
        RheobaseError: it is 0, from which nothing can be told.
    """
    if batch is not None:
        for value in tensors_of(batch):
            if value.is_floating_point():
                square = float(value.detach().double().square().mean()) if value.numel() else 0.0
                if square > 0:
                    return square
                raise RheobaseError("the batch is empty, or 0 everywhere", instead="inputs as the model sees them")
    return 1.0


def _copied(model: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(model)
    except Exception as error:
        raise RheobaseError(
            f"the model cannot be copied: {first_line(error)}", instead="a model that copy.deepcopy takes"
        ) from error


def _calls(model: nn.Module, batch: Batch | None) -> tuple[list[Call], str]:
    """The calls of a model, by tracing where that is possible, else by running it."""
    copied = _copied(model)
    try:
        return traced(copied), "torch.fx"
    except Exception as error:
        if batch is None:
            raise RheobaseError(
                f"torch.fx cannot follow the model: {first_line(error)}",
                instead="init_(model, batch), which runs it once",
            ) from error
    run = _copied(model)
    with measuring(run), refused(batch):
        return recorded(run, *batch), "a batch"


def _wrap(model: nn.Module, choice: Choice) -> list[tuple[nn.Module, str, nn.Module]]:
    """Put the shifted function in the place of an activation, under every name that it has; what stood there."""
    assert choice.node.call is not None
    old = model.get_submodule(choice.node.call.path)
    function = old.function if isinstance(old, Shifted) else old
    sample = next((p for p in chain(model.parameters(), model.buffers()) if p.is_floating_point()), torch.zeros(()))
    wide = torch.promote_types(sample.dtype, torch.float32)
    new = Shifted(function, choice.input_shift, choice.output_shift, device=sample.device, dtype=wide)
    new.training = old.training
    replaced: list[tuple[nn.Module, str, nn.Module]] = []
    for parent in list(model.modules()):
        for name, child in list(parent._modules.items()):
            if child is old and parent is not new:
                _replace(parent, name, new)
                replaced.append((parent, name, old))
    return replaced


def _replace(parent: nn.Module, name: str, new: nn.Module) -> None:
    """Put a module in a place; a transformer's layer must then no longer take its fused kernel, which knows two."""
    parent._modules[name] = new
    if isinstance(parent, nn.TransformerEncoderLayer) and name == "activation":
        setattr(parent, FAST, {nn.ReLU: 1, nn.GELU: 2}.get(type(new), 0))


def _commit(model: nn.Module, work: nn.Module, made: Plan, wraps: Sequence[Choice]) -> None:
    """Take over the copy's parameters and wrap activations; an interruption in the midst of it takes all of it back."""
    own, new = dict(model.named_parameters()), dict(work.named_parameters())
    kept: list[tuple[Tensor, Tensor]] = []
    replaced: list[tuple[nn.Module, str, nn.Module]] = []
    try:
        with torch.no_grad():
            for name, parameter in own.items():
                found = new.get(name)
                if found is not None and not is_lazy(parameter) and not torch.equal(found, parameter):
                    kept.append((parameter, parameter.clone()))
                    parameter.copy_(found)
        for choice in wraps:
            replaced += _wrap(model, choice)
    except BaseException:
        for parent, name, old in replaced:
            _replace(parent, name, old)
        with torch.no_grad():
            for parameter, before in kept:
                parameter.copy_(before)
        raise
