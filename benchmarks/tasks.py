"""Trainings a second, stacked against one after another: `python benchmarks/tasks.py [TASK …]`, about five minutes.

The same trials, task by task, with a fifth of their epochs: the loop that one writes first (torch.nn modules,
torch.optim.Adam, one network after another, on one thread or on all of them, whichever is faster) against the study's
tuning stacks in one process of one thread, and in two. Contenders take turns in each round; the figures are ratios of
the time a trial takes, with the lowest and the highest round. Results: benchmarks/results/tasks.csv.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, wait
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from typing import Any, NamedTuple

import torch
from measure import RESULTS
from torch import Tensor, nn
from torch.nn import functional as F

import rheobase as rb
from rheobase.study.recipe import Recipe, shortened
from rheobase.study.spec import Function, Task, tuning_stack
from rheobase.study.tasks import find, tasks
from rheobase.study.tasks.mnist import load as mnist
from rheobase.study.tasks.text import CONTEXT, HEADS, LAYERS, SYMBOLS, WIDTH
from rheobase.study.worker import train

ROUNDS = 3
ACTIVATION = "tanh"
MLPS = {
    "autoencoder": (64, 48, 8, 48, 64),
    "breast-cancer": (30, 32, 32, 2),
    "deep-digits": (64, *[48] * 50, 10),
    "diabetes": (10, 32, 32, 1),
    "digits": (64, 64, 64, 10),
    "ecg": (32, 32, 32, 4),
    "helmholtz": (2, 32, 32, 32, 1),
    "periodic": (1, 48, 48, 1),
    "picture": (2, 48, 48, 48, 1),
    "spirals": (2, 24, 24, 24, 2),
    "sunspots": (12, 24, 24, 1),
    "wine": (13, 32, 32, 3),
}


def mlp(widths: tuple[int, ...]) -> nn.Module:
    layers: list[nn.Module] = []
    for a, b in pairwise(widths):
        layers += [nn.Linear(a, b), rb.nn.Activation(ACTIVATION)]
    return nn.Sequential(*layers[:-1])


class Residual(nn.Module):
    """The network of `mnist-residual`, on images (N, 1, 28, 28)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 4, stride=4)
        self.convolutions = nn.ModuleList(nn.Conv2d(16, 16, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.GroupNorm(1, 16) for _ in range(3))
        self.read = nn.Linear(784, 10)
        self.f = rb.nn.Activation(ACTIVATION)

    def forward(self, x: Tensor) -> Tensor:
        h = self.stem(x)
        for norm, convolution in zip(self.norms, self.convolutions, strict=False):
            h = h + convolution(self.f(norm(h)))
        return self.read(self.f(self.norms[-1](h)).flatten(1))


class Bent(nn.Module):
    """γ f(α x) + β, in place of a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.rate = nn.Parameter(torch.full((1,), 0.5))
        self.gain, self.offset = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.zeros(WIDTH))
        self.f = rb.nn.Activation(ACTIVATION)

    def forward(self, x: Tensor) -> Tensor:
        return self.f(self.rate * x) * self.gain + self.offset


class Block(nn.Module):
    """Attention and an MLP, each behind a norm."""

    def __init__(self, norm: Callable[[], nn.Module], f: nn.Module) -> None:
        super().__init__()
        self.before, self.between = norm(), norm()
        self.qkv, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), f, nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, h: Tensor) -> Tensor:
        n, t, _ = h.shape
        q, k, v = (p.view(n, t, HEADS, -1).transpose(1, 2) for p in self.qkv(self.before(h)).chunk(3, dim=-1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, t, WIDTH)
        h = h + self.mix(mixed)
        return h + self.mlp(self.between(h))


class Transformer(nn.Module):
    """The network of `text` and of `text-norm-free`."""

    def __init__(self, norm: Callable[[], nn.Module], f: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.symbols, self.places = nn.Embedding(SYMBOLS, WIDTH), nn.Parameter(torch.randn(CONTEXT, WIDTH))
        self.blocks = nn.Sequential(*(Block(norm, f()) for _ in range(LAYERS)))
        self.last, self.read = norm(), nn.Linear(WIDTH, SYMBOLS)

    def forward(self, x: Tensor) -> Tensor:
        return self.read(self.last(self.blocks(self.symbols(x) + self.places))).transpose(1, 2)


def network(task: str) -> nn.Module:
    """One network of a task, as one writes it with torch.nn."""
    if task in MLPS:
        return mlp(MLPS[task])
    f = rb.nn.Activation(ACTIVATION)
    if task == "mnist":
        convolutions = [nn.Conv2d(1, 8, 3, stride=2, padding=1), f, nn.Conv2d(8, 16, 2, stride=2), f]
        return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(784, 10))
    if task == "mnist-residual":
        return Residual()
    if task == "text":
        return Transformer(lambda: nn.LayerNorm(WIDTH), lambda: rb.nn.Activation(ACTIVATION))
    return Transformer(Bent, nn.GELU)


def solved(net: nn.Module, x: Tensor, q: Tensor) -> Tensor:
    """The loss of `helmholtz`."""
    x = x.clone().requires_grad_()
    u = net(2 * x - 1) * (4 * x * (1 - x)).prod(dim=1, keepdim=True)
    (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    bend = u
    for i in range(2):
        (second,) = torch.autograd.grad(slope[:, i].sum(), x, create_graph=True)
        bend = bend + second[:, i : i + 1]
    return (bend - q).square().mean() / q.square().mean()


def naive(task: Task, seed: int, rate: float) -> float:
    """One training as it is usually written; the validation loss after each epoch, as the study's curve has it."""
    assert isinstance(task.train, Recipe)
    work, budget = task.train.work(), task.budget
    split = mnist() if task.id.startswith("mnist") else work.split
    (x, y), (vx, vy) = split.train, split.validation
    if task.id.startswith("mnist"):
        x, vx = (images.permute(0, 3, 1, 2).contiguous() for images in (x, vx))
    torch.manual_seed(seed)
    net = network(task.id)
    objective: Any = F.mse_loss if y.is_floating_point() else F.cross_entropy
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    points, seen, found = min(budget.epochs, 40), 0, 0.0
    for epoch in range(budget.epochs):
        order = torch.randperm(len(x))[: work.epoch]
        for at in range(0, len(order) - budget.batch + 1, budget.batch):
            pick = order[at : at + budget.batch]
            optimiser.zero_grad()
            loss = solved(net, x[pick], y[pick]) if task.id == "helmholtz" else objective(net(x[pick]), y[pick])
            loss.backward()
            optimiser.step()
        if (epoch + 1) * points // budget.epochs > seen:
            seen += 1
            with torch.no_grad():
                found = float(objective(net(vx), vy))
    return found


class Row(NamedTuple):
    """A task's figures: milliseconds of a trial in the loop, and how many times more trials the stacks do."""

    task: str
    members: int
    naive_ms: float
    one_process: float
    one_low: float
    one_high: float
    two_processes: float
    two_low: float
    two_high: float


def apart() -> None:
    """A session for each process, as the study's workers have: schedulers share a busy machine by session."""
    if hasattr(os, "setsid"):
        os.setsid()


def brief(task: Task) -> Task:
    """The task with a fifth of its epochs: the time of a step does not depend on how many there are."""
    return shortened(task, max(1, task.budget.epochs // 5), batches=1_000_000)


def train_stack(task: str, stream: str, members: int | None = None) -> int:
    """Train the task's tuning stack, or its first members, in a process of its own; how many they are."""
    shorter, stack = brief(find(task)), tuning_stack(find(task), "default", stream)
    function, stack = rb.get(ACTIVATION), replace(stack, members=stack.members[:members])
    return len(train(shorter, Function(function.formula, {}, ""), stack))


def measured(task: Task, pools: tuple[Executor, Executor]) -> Row:
    shorter, members = brief(task), task.budget.tuning_trials

    def loop() -> float:
        began = time.perf_counter()
        naive(shorter, 0, task.budget.rates[1])
        return time.perf_counter() - began

    def timed(pool: Executor, processes: int) -> float:
        began = time.perf_counter()
        jobs = [pool.submit(train_stack, task.id, f"{i}") for i in range(processes)]
        trained = sum(job.result() for job in jobs)
        return (time.perf_counter() - began) / trained

    for pool, processes in zip(pools, (1, 2), strict=True):  # the data are loaded, and code is compiled
        wait([pool.submit(train_stack, task.id, "", 1) for _ in range(2 * processes)])
    threads: dict[int, float] = {}
    for n in (torch.get_num_threads(), 1):
        torch.set_num_threads(n)
        loop()
        threads[n] = loop()
    torch.set_num_threads(min(threads, key=lambda n: threads[n]))
    rounds = [(loop(), timed(pools[0], 1), timed(pools[1], 2)) for _ in range(ROUNDS)]
    torch.set_num_threads(max(threads))
    one, two = (sorted(r[0] / r[i] for r in rounds) for i in (1, 2))
    base = statistics.median(r[0] for r in rounds)
    median = statistics.median
    return Row(task.id, members, 1e3 * base, median(one), one[0], one[-1], median(two), two[0], two[-1])


def main(names: list[str]) -> None:
    """Measure the tasks named, or all that train in stacks of networks; their lines of the table are written anew."""
    chosen = [find(name) for name in names] or [t for t in tasks().values() if isinstance(t.train, Recipe)]
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context, apart) as single, ProcessPoolExecutor(2, context, apart) as double:
        for task in chosen:
            r = measured(task, (single, double))
            write(r)
            print(
                f"{r.task:16} naive {r.naive_ms:7.0f} ms a trial; stacks of {r.members}: "
                f"{r.one_process:5.1f} × [{r.one_low:.1f}, {r.one_high:.1f}] in one process, "
                f"{r.two_processes:5.1f} × [{r.two_low:.1f}, {r.two_high:.1f}] in two",
                flush=True,
            )


def write(row: Row) -> None:
    """Put a task's line into the table, in place of an older one."""
    path = RESULTS / "tasks.csv"
    RESULTS.mkdir(exist_ok=True)
    head = f"# {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}"
    old = path.read_text(encoding="utf-8").splitlines()[2:] if path.exists() else []
    line = ",".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row)
    lines = sorted([*(other for other in old if not other.startswith(f"{row.task},")), line])
    path.write_text("\n".join([head, ",".join(Row._fields), *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
