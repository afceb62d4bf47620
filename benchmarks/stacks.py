"""How far stacking can help: `python benchmarks/stacks.py [TASK …]`, about six minutes.

What a stack saves is what a step costs besides its arithmetic: calls from Python, small kernels. All networks of the
stack share that, so the time of one falls, as the stack grows, towards the time of the arithmetic alone. Measured in
one process, for the perceptrons on which stacks are not ten times as fast as a loop, and for the digits: the loop of
benchmarks/tasks.py against stacks of 1, 4, 16 and 64 networks, in turn in every round; and, by torch's profiler, the
share of the time that goes into matrix products and the activation, which nothing can save. Results:
benchmarks/results/stacks.csv: the ratio of the times of one training, the median of the rounds, the lowest and highest.
"""

from __future__ import annotations

import csv
import platform
import statistics
import sys
import time
from dataclasses import replace

import torch
from measure import RESULTS
from tasks import ACTIVATION, brief, naive
from torch.profiler import ProfilerActivity, profile

import rheobase as rb
from rheobase.study.recipe import shortened
from rheobase.study.spec import Function, Member, Task, tuning_stack
from rheobase.study.tasks import find
from rheobase.study.worker import train

TASKS = ("digits", "deep-digits", "picture", "helmholtz")
SIZES, ROUNDS = (1, 4, 16, 64), 3
ARITHMETIC = frozenset(("aten::bmm", "aten::baddbmm", "aten::mm", "aten::addmm", "aten::tanh", "aten::tanh_backward"))


def stacked(task: Task, size: int) -> float:
    """Seconds a training takes in a stack of so many."""
    rate = task.budget.rates[1]
    stack = replace(tuning_stack(task, "default", ""), members=tuple(Member(seed, rate) for seed in range(size)))
    began = time.perf_counter()
    train(task, Function(rb.get(ACTIVATION).formula, {}, ""), stack)
    return (time.perf_counter() - began) / size


def looped(task: Task) -> float:
    """Seconds of the loop that one writes first."""
    began = time.perf_counter()
    naive(task, 0, task.budget.rates[1])
    return time.perf_counter() - began


def arithmetic(task: Task, size: int) -> float:
    """The share of the processor's time that products and activations take."""
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        stacked(task, size)
    times = {one.key: one.self_cpu_time_total for one in seen.key_averages()}
    return sum(times.get(key, 0.0) for key in ARITHMETIC) / sum(times.values())


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    rows: list[list[str | int]] = []
    for name in names or TASKS:
        task = brief(find(name))
        rounds = [(looped(task), *(stacked(task, size) for size in SIZES)) for _ in range(1 + ROUNDS)][1:]
        base = statistics.median(times[0] for times in rounds)
        for i, size in enumerate(SIZES, 1):
            ratios = sorted(times[0] / times[i] for times in rounds)
            share = arithmetic(shortened(task, max(1, task.budget.epochs // 10), batches=1_000_000), size)
            figures = (1e3 * base, statistics.median(ratios), ratios[0], ratios[-1], share)
            rows.append([name, size, *(f"{figure:.3g}" for figure in figures)])
            print(*rows[-1], flush=True)
    with (RESULTS / "stacks.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("task", "size", "loop_ms", "ratio", "low", "high", "arithmetic"))
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
