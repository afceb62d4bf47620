"""Running a user's model on a user's batch and leaving no trace: hooks, buffers, the mode and the random state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from rheobase.errors import RheobaseError

Batch = tuple[tuple[Any, ...], Mapping[str, Any]]
"""What a model is called with: arguments by position and by name."""
Hook = Callable[[str, torch.nn.Module, Any], None]
"""Called with the path of a module in the model, the module, and its inputs or its output."""


def checked_model(model: Any) -> torch.nn.Module:
    """The model, if it is one whose modules can be looked at and changed.

    Raises:
        RheobaseError: it is no torch module, or one that TorchScript has frozen.
    """
    if not isinstance(model, torch.nn.Module):
        raise RheobaseError(f"{type(model).__name__} is no model", instead="a torch.nn.Module")
    if any(isinstance(m, torch.jit.ScriptModule) for m in model.modules()):
        raise RheobaseError("the model is scripted", instead="the model as it was before torch.jit.script")
    return model


def arguments(batch: Any) -> Batch:
    """What a batch gives to a model: one tensor, a tuple of arguments, or a dict of named ones.

    >>> arguments((1, 2)), arguments({"x": 1}), arguments(3)
    (((1, 2), {}), ((), {'x': 1}), ((3,), {}))
    """
    match batch:
        case Mapping():
            return (), dict(batch)
        case tuple() | list():
            return tuple(batch), {}
        case _:
            return (batch,), {}


def tensors_of(batch: Batch) -> list[torch.Tensor]:
    """The tensors among the arguments."""
    return [value for value in (*batch[0], *batch[1].values()) if isinstance(value, torch.Tensor)]


def call(model: torch.nn.Module, batch: Any) -> Any:
    """What the model makes of a batch: a tensor, a tuple of arguments, or a dict of named ones.

    Raises:
        RheobaseError: the batch is on another device or of another dtype than the model, or the model raises.
    """
    given = arguments(batch)
    _check_fit(model, tensors_of(given))
    with refused(given):
        return model(*given[0], **given[1])


@contextmanager
def refused(batch: Batch) -> Iterator[None]:
    """Whatever a model raises inside is one line that says on what batch."""
    try:
        yield
    except RheobaseError:
        raise
    except Exception as error:
        shapes = ", ".join(
            f"{str(t.dtype).removeprefix('torch.')} {tuple(t.shape)} on {t.device}" for t in tensors_of(batch)
        )
        raise RheobaseError(
            f"the model cannot be run on this batch ({shapes or 'without a tensor'}): {first_line(error)}",
            instead="the inputs alone, as the model takes them: a tensor, a tuple of arguments or a dict of named ones",
        ) from error


def first_line(error: Exception) -> str:
    """The class of an error and the beginning of what it says.

    >>> first_line(ValueError("no luck\\nand more"))
    'ValueError: no luck'
    """
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__


def _check_fit(model: torch.nn.Module, tensors: list[torch.Tensor]) -> None:
    first = next((p for p in model.parameters() if not is_lazy(p) and p.is_floating_point()), None)
    for tensor in tensors if first is not None else ():
        assert first is not None
        if tensor.device != first.device:
            raise RheobaseError(
                f"the batch is on {tensor.device}, the model on {first.device}", instead=f'batch.to("{first.device}")'
            )
        if tensor.is_floating_point() and tensor.dtype != first.dtype and not torch.is_autocast_enabled():
            raise RheobaseError(
                f"the batch is {tensor.dtype}, the model {first.dtype}", instead=f"batch.to({first.dtype})"
            )


@contextmanager
def undisturbed(model: torch.nn.Module) -> Iterator[None]:
    """Whatever runs inside: buffers, training modes and random states are afterwards as they were."""
    held = [(module._buffers, dict(module._buffers)) for module in model.modules()]
    kept = [(b, b.detach().clone()) for b in model.buffers() if not is_lazy(b) and not b.is_meta]
    modes = [(module, module.training) for module in model.modules()]
    devices = {p.device.index for p in model.parameters() if p.device.type == "cuda"}
    with torch.random.fork_rng(sorted(d for d in devices if d is not None)):
        try:
            yield
        finally:
            for module, mode in modes:
                module.training = mode
            for now, before in held:  # a model may put other tensors there, longer ones too
                now.clear()
                now.update(before)
            for buffer, value in kept:
                with torch.no_grad(), torch.inference_mode(buffer.is_inference()):
                    buffer.copy_(value)


@contextmanager
def hooked(model: torch.nn.Module, before: Hook | None = None, after: Hook | None = None) -> Iterator[None]:
    """Hooks on every module of the model, gone at the end whatever happens; `after` comes also when a module raises."""
    with ExitStack() as stack:
        for path, module in model.named_modules():
            if before is not None:
                handle = module.register_forward_pre_hook(lambda m, args, p=path: before(p, m, args))
                stack.callback(handle.remove)
            if after is not None:
                handle = module.register_forward_hook(
                    lambda m, args, output, p=path: after(p, m, output), always_call=True
                )
                stack.callback(handle.remove)
        yield


def first_tensor(output: Any) -> torch.Tensor | None:
    """The first floating-point tensor of what a module returns.

    >>> first_tensor({"loss": None, "logits": (torch.ones(1),)})
    tensor([1.])
    """
    if isinstance(output, torch.Tensor):
        return output if output.is_floating_point() else None
    parts = output.values() if isinstance(output, Mapping) else output if isinstance(output, tuple | list) else ()
    return next((found for part in parts if (found := first_tensor(part)) is not None), None)
