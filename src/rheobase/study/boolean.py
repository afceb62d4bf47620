"""Training one neuron on a Boolean function from many random starts: the study's `xor`, and every task like it.

The neuron puts out φ(w·x + b). Read out by its sign, nothing is learned after φ, not even a threshold; the affine
read-out learns a and c of a·φ(w·x + b) + c, which is a threshold and an orientation. Mean squared error to ±1, Adam,
all inputs in each step; a start succeeds when every sign is right at the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Literal

from rheobase.errors import RheobaseError
from rheobase.study.device import seconds as clock
from rheobase.study.spec import Budget, Data, Metric, Outcome, Stack, Task

if TYPE_CHECKING:
    import torch

    from rheobase.study.training import Activation

STARTS = 25
"""Random starts that one seed stands for, in validation and again in test."""
CHECKPOINTS = 25
BUDGET = Budget(epochs=1000, batch=4, rates=(0.003, 0.01, 0.03, 0.1), tuning_seeds=10)
"""The learning rates end at 0.1 as in the protocol that is followed; a larger one would raise some low figures."""

Coding = Literal["pm1", "01"]
ReadOut = Literal["sign", "affine"]
READ_OUTS: tuple[ReadOut, ...] = ("affine", "sign")

_CODED = {"pm1": "inputs ±1", "01": "inputs 0/1"}


def train_neurons(
    stack: Stack,
    activation: Activation,
    *,
    table: str,
    codings: Sequence[Coding],
    read_out: ReadOut = "sign",
    epochs: int = BUDGET.epochs,
) -> Sequence[Outcome]:
    """Train a stack; the score is the share of starts that learn the table with the first coding.

    Args:
        table: the 2^n bits wanted, in the order in which the inputs count up.
        codings: the first is scored; "01" behind it becomes the measure `zero_one`.
        epochs: steps, at least 25.
    """
    import torch

    from rheobase.study.training import Adam

    n, size = len(table).bit_length() - 1, len(stack.members)
    learned = n + 1 + (2 if read_out == "affine" else 0)
    draws = [torch.rand(2, STARTS, learned, generator=stack.generator(m, "weights")) for m in stack.members]
    # (member, coding, validation or test, start, weights and bias and, where it is learned, the read-out)
    weights = (torch.stack(draws) * 2 - 1) * torch.tensor([1 / math.sqrt(n)] * (n + 1) + [1.0] * (learned - n - 1))
    weights = weights.unsqueeze(1).repeat(1, len(codings), 1, 1, 1).to(stack.device)
    rates = torch.tensor([m.rate for m in stack.members], device=stack.device).view(-1, 1, 1, 1, 1)
    optimiser = Adam(rates.expand_as(weights).contiguous())
    signs = torch.tensor(list(product((-1.0, 1.0), repeat=n)))
    points = torch.stack([signs if c == "pm1" else (signs + 1) / 2 for c in codings]).view(1, len(codings), 1, -1, n)
    points = points.to(stack.device)
    wanted = torch.tensor([2.0 * int(bit) - 1 for bit in table], device=stack.device)

    def output() -> torch.Tensor:
        out = activation(weights[..., :n] @ points.transpose(-1, -2) + weights[..., n : n + 1])
        return out if read_out == "sign" else weights[..., n + 1 : n + 2] * out + weights[..., n + 2 :]

    def right() -> torch.Tensor:
        return ((output().detach() > 0) == (wanted > 0)).all(dim=-1).cpu().double().mean(dim=-1)

    curve, began, steps = [], clock(stack.device), epochs
    weights.requires_grad_()
    for step in range(1, steps + 1):
        loss = (output() - wanted).square().mean(dim=-1)
        (gradient,) = torch.autograd.grad(loss.sum(), weights)
        with torch.no_grad():
            optimiser.step(weights, gradient)
        if step % (steps // CHECKPOINTS) == 0:
            curve.append(right()[:, 0, 0])
    seconds = (clock(stack.device) - began) / steps / size

    with torch.no_grad():
        loss = (output() - wanted).square().mean(dim=-1)
    success, sound = right(), weights.detach().isfinite().all(dim=-1) & loss.isfinite()
    final = stack.stage == "final"
    outcomes = []
    for i in range(size):
        kept = loss[i, 0, 0][sound[i, 0, 0]]
        outcomes.append(
            Outcome(
                validation=float(success[i, 0, 0]),
                validation_loss=float(kept.mean()) if len(kept) else math.inf,
                test=float(success[i, 0, 1]) if final else None,
                diverged=int((~sound[i, 0, 1]).sum()),
                curve=tuple(float(score[i]) for score in curve),
                seconds_per_step=seconds,
                measures={"zero_one": float(success[i, 1, 1])} if final and len(codings) > 1 else {},
            )
        )
    return outcomes


def address(table: str, inputs: Coding, read_out: ReadOut) -> str:
    """What names such a task to `compare` and to a worker; the study's own `xor` or `parity` where it is that one.

    >>> address("0110", "pm1", "sign"), address("0001", "01", "affine")
    ('xor', 'neuron:0001:01:affine')
    """
    named = {"0110": "xor", "01101001": "parity"} if (inputs, read_out) == ("pm1", "sign") else {}
    return named.get(table, f"neuron:{table}:{inputs}:{read_out}")


def task_at(words: str) -> Task:
    """The task of an address such as `neuron:0001:01:affine`.

    Raises:
        RheobaseError: the address has another form.
    """
    parts = words.split(":")
    match parts:
        case ["neuron", table, ("pm1" | "01") as inputs, ("sign" | "affine") as read_out] if len(table) in (
            2,
            4,
            8,
            16,
        ) and set(table) <= {"0", "1"}:
            return _task(words, table, inputs, read_out)
    raise RheobaseError(f"there is no task {words!r}", instead="neuron:0110:01:sign, with pm1 and affine as choices")


def _task(words: str, table: str, inputs: Coding, read_out: ReadOut) -> Task:
    n = len(table).bit_length() - 1
    after = "read out by its sign" if read_out == "sign" else "read out by the sign of a·φ + c, with a and c learned"
    return Task(
        id=words,
        title=f"The table {table} with one neuron, {_CODED[inputs]}",
        stands_for="what a single neuron learns of what theory lets it do",
        metric=Metric("starts that learn it", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1),
        data=Data(
            name=f"the {2**n} inputs of the table {table}, {_CODED[inputs]}",
            source="the truth table; what varies are the starts",
            licence="public domain",
            checksum="the table is in the task's name",
            split=f"a seed is {STARTS} starts for validation and {STARTS} others for test",
        ),
        architecture=f"one neuron, φ(w·x + b), {after}; squared error to ±1, Adam, full batch",
        budget=BUDGET,
        inits={"default": "torch's default: weights and bias uniform in ±1/√n, a and c in ±1"},
        train=partial(train_neurons, table=table, codings=(inputs,), read_out=read_out),
    )
