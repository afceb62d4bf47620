"""What every function of the catalogue costs beside ReLU: `python benchmarks/steps.py`, about four minutes.

Two times for each entry, at its defaults, on one thread of this machine's CPU in PyTorch's eager mode: forward and
backward on a million float32 numbers, and a training step (forward, backward, Adam) of the network of the task
`digits`. ReLU is measured right before each, in every round; figures are ratios of times, the median of the rounds
and the middle half of them. Results: benchmarks/results/steps.csv; the explorer's pages show them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from measure import Ratio, interleaved, report
from torch import nn

import rheobase as rb
from rheobase.catalogue import entries

SIZE, WIDTHS, BATCH = 1 << 20, (64, 64, 64, 10), 64
STEPS, ROUNDS = 20, 9
REFERENCE = "relu"


def numbers(name: str) -> Callable[[], object]:
    """Forward and backward on a million numbers."""
    activation = rb.nn.Activation(name)
    x = torch.randn(SIZE, generator=torch.Generator().manual_seed(0)).requires_grad_()

    def run() -> None:
        x.grad = None
        activation(x).sum().backward()

    return run


def network(name: str) -> Callable[[], object]:
    """Some training steps of the small network for the digits."""
    torch.manual_seed(0)
    layers = [m for a, b in pairwise(WIDTHS) for m in (nn.Linear(a, b), rb.nn.Activation(name))]
    model = nn.Sequential(*layers[:-1])
    adam = torch.optim.Adam(model.parameters(), 1e-3)
    x, y = torch.rand(BATCH, WIDTHS[0]), torch.randint(WIDTHS[-1], (BATCH,))

    def run() -> None:
        for _ in range(STEPS):
            adam.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            adam.step()

    return run


def main() -> None:
    torch.set_num_threads(1)
    ratios: list[Ratio] = []
    for what, made in (("a million numbers", numbers), ("a training step", network)):
        for name in entries():
            if name == REFERENCE:
                continue
            contenders = {REFERENCE: made(REFERENCE), name: made(name)}
            ratios += interleaved(contenders, rounds=ROUNDS, reference=REFERENCE, what=what)
    report("steps", ratios, torch=torch.__version__)


if __name__ == "__main__":
    main()
