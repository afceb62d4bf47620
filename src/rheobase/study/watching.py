"""What a network asks of its activation: how deep it stands, at which variances, how signals pass from call to call.

Read from the first step of a training, by an activation that watches its own calls and ends the training after the
first way back. The network is run twice, with f and with f/2: what changes tells how much of a call's input comes from
the calls before it, so that biases, normalisation and skip connections are seen without looking at the model's code.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rheobase.activation import Activation as Definition
from rheobase.errors import RheobaseError
from rheobase.study.device import present
from rheobase.study.spec import Function, Member, Stack, Task
from rheobase.study.worker import defined, one_thread

if TYPE_CHECKING:
    from torch import Tensor

CALLS = 2_000
"""A training that has called its activation so often without a way back is not watched any longer."""
AGREES = 2.0
"""Within this factor theory has to predict the incumbent's gradient from call to call, or it is not used there."""


class Enough(BaseException):  # no Exception, so that a training's own `except Exception` lets it through
    """The first step has been seen."""


@dataclass
class Call:
    """One place where the activation stands, at the first step."""

    variance: float
    """E z² of the inputs."""
    second: float
    """E f(z)² of the outputs."""
    gradient: float = math.nan
    """The root mean square of the loss's gradient in the inputs."""


@dataclass
class Record:
    """The calls along the longest path, first to last. Copies of a module share it."""

    calls: dict[int, Call] = field(default_factory=dict)
    taken: int = 0
    back: bool = False
    outputs: list[tuple[Any, int]] = field(default_factory=list)

    def __deepcopy__(self, memo: object) -> Record:
        return self


@dataclass(frozen=True)
class Layer:
    """How a call's input follows from the call before: variance = gain · second + floor."""

    gain: float
    floor: float


@dataclass(frozen=True)
class Seen:
    """What was seen of a network.

    Attributes:
        depth: calls on the longest path from input to loss.
        start: the variance of the first one's inputs.
        layers: from call to call; None where signals pass in a way that theory does not predict.
    """

    depth: int
    start: float
    layers: tuple[Layer | None, ...]

    @property
    def plain(self) -> int:
        """How many of the steps from call to call theory can follow."""
        return sum(layer is not None for layer in self.layers)


def watch(task: Task, function: Function, incumbent: Definition) -> Seen | None:
    """Start a training with the incumbent, twice, and end it after its first step; None where no call was seen.

    Raises:
        RheobaseError: what the training raises, or the device is not there.
    """
    one, half = (_first_step(task, function, scale) for scale in (1.0, 0.5))
    return None if not one.calls else _seen(one, half, incumbent)


def _first_step(task: Task, function: Function, scale: float) -> Record:
    record = Record()
    stack = Stack(task.id, "tune", next(iter(task.inits)), "", (Member(0, task.budget.rates[0]),), task.device)
    present(task.device)
    with one_thread(), _ended():
        task.train(stack, _watching(function, record, scale))
    return record


@contextmanager
def _ended() -> Iterator[None]:
    try:
        yield
    except Enough:
        pass
    except RheobaseError:
        raise
    except Exception as error:
        raise RheobaseError(f"{type(error).__name__}: {error}", where="the first step of the training") from error


def _watching(function: Function, record: Record, scale: float) -> Any:
    """The activation as a module that tells each of its calls."""
    from rheobase.nn import Activation as Module

    class Watching(Module):
        def forward(self, input: Tensor) -> Tensor:
            if record.back or record.taken >= CALLS:
                raise Enough
            record.taken += 1
            output = scale * super().forward(input)
            _note(record, input, output)
            return output

    return Watching(defined(function))


def _note(record: Record, input: Tensor, output: Tensor) -> None:
    if not output.requires_grad or input.grad_fn is None:
        return
    depth = 1 + max((d for node, d in record.outputs if _leads_to(input.grad_fn, node)), default=0)
    record.outputs.append((output.grad_fn, depth))
    if depth in record.calls:
        return
    z, y = input.detach().double(), output.detach().double()
    call = record.calls[depth] = Call(float(z.square().mean()), float(y.square().mean()))

    def back(gradient: Tensor) -> None:
        record.back = True
        call.gradient = float(gradient.detach().double().square().mean().sqrt())

    input.register_hook(back)


def _leads_to(start: Any, goal: Any) -> bool:
    """Is `goal` among the nodes of the graph from which `start` was computed?"""
    waiting, met = [start], {start}
    while waiting:
        node = waiting.pop()
        if node is goal:
            return True
        for following, _ in node.next_functions:
            if following is not None and following not in met:
                met.add(following)
                waiting.append(following)
    return False


def _seen(one: Record, half: Record, incumbent: Definition) -> Seen:
    from rheobase.meanfield.moments import moments

    m = moments(incumbent.bound)
    layers: list[Layer | None] = []
    for depth in range(1, len(one.calls)):
        here, there = one.calls[depth], one.calls[depth + 1]
        layer = None
        if depth + 1 in half.calls:
            change = here.second - half.calls[depth].second
            gain = (there.variance - half.calls[depth + 1].variance) / change if change > 0 else math.nan
            told = math.sqrt(gain * m.slope_second(here.variance)) if gain > 0 and here.variance > 0 else math.nan
            found = here.gradient / there.gradient if there.gradient > 0 else math.nan
            if told > 0 and 1 / AGREES <= found / told <= AGREES:
                layer = Layer(gain, max(there.variance - gain * here.second, 0.0))
        layers.append(layer)
    return Seen(len(one.calls), one.calls[1].variance, tuple(layers))
