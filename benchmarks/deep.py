"""Fifty plain layers, started by default and by theory: `python benchmarks/deep.py [STORE]`, about an hour.

Every function is trained on the task `deep-digits` at torch's default initialisation and at `rheobase.theory`'s, with
the same budget: two learning rates to choose from, then ten fresh seeds at the one chosen. Sigmoid, tanh and ReLU get
the task's forty epochs, the others a half or a quarter of them. Finished trainings are kept in the store (deep.sqlite
if none is named), so that a run that was stopped goes on where it was. Results: benchmarks/results/deep.csv, a line a
function with the mean test accuracy and its 95 % interval (bootstrap over seeds) at both.
"""

from __future__ import annotations

import csv
import platform
import sys
from dataclasses import replace

import torch
from measure import RESULTS

import rheobase as rb
from rheobase.study.recipe import Recipe
from rheobase.study.result import Row
from rheobase.study.spec import Task
from rheobase.study.tasks import find

SEEDS, RATES = 10, (0.0003, 0.001)
GROUPS = {
    1: ("sigmoid", "tanh", "relu"),
    2: ("leaky_relu", "prelu", "relu6", "hard_tanh", "hard_sigmoid", "softsign", "arctan", "elu"),
    4: (
        *("selu", "sine", "isrlu", "isru", "elliott", "penalized_tanh", "scaled_tanh", "symlog", "sqnl", "ncu"),
        *("bent_identity", "squareplus", "softplus", "hard_swish", "smelu", "plu", "cosine", "snake", "starrelu"),
        *("erf_af", "asinh_af", "nlrelu", "gaussian", "sincos", "swish", "loglog", "lisht", "gelu", "mish", "wave"),
    ),
}
"""The functions, by what their epochs are a part of the task's."""


def budgeted(part: int) -> Task:
    """The task with the script's rates and a part of its epochs; gradients by layer are not asked for."""
    task = find("deep-digits")
    assert isinstance(task.train, Recipe)
    work = task.train.work
    epochs = task.budget.epochs // part
    budget = replace(task.budget, epochs=epochs, rates=RATES, tuning_seeds=1, block=SEEDS)
    train = replace(task.train, budget=budget, work=lambda: replace(work(), gradients=False))
    return replace(task, budget=budget, train=train)


def trained(name: str, part: int, init: str, store: str) -> Row:
    """One function's result at one initialisation."""
    return rb.compare([name], on=budgeted(part), seeds=SEEDS, init=init, store=store, workers=0).rows[0]


def line(name: str, part: int, default: Row, theory: Row) -> dict[str, str | int]:
    """A line of the table, in percent."""
    found = rb.theory(name).init()
    told: dict[str, str | int] = {
        "function": name,
        "kind": found.kind,
        "gain": f"{found.gain:.4g}",
        "input_shift": f"{found.input_shift:.4g}",
        "output_shift": f"{found.output_shift:.4g}",
        "epochs": budgeted(part).budget.epochs,
        "seeds": SEEDS,
    }
    for init, row in (("default", default), ("theory", theory)):
        told |= {f"{init}_{k}": f"{100 * v:.2f}" for k, v in (("mean", row.mean), ("low", row.low), ("high", row.high))}
        told[f"{init}_rate"] = f"{row.learning_rate:g}"
    return told


def main() -> None:
    """Train what is missing; the table is written anew after every function."""
    torch.set_num_threads(1)
    store = sys.argv[1] if len(sys.argv) > 1 else "deep.sqlite"
    lines: list[dict[str, str | int]] = []
    for part, name in ((part, name) for part, names in GROUPS.items() for name in names):
        lines.append(line(name, part, *(trained(name, part, init, store) for init in ("default", "theory"))))
        print(*lines[-1].values(), flush=True)
        RESULTS.mkdir(exist_ok=True)
        with (RESULTS / "deep.csv").open("w", newline="", encoding="utf-8") as file:
            file.write(f"# {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}\n")
            writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)


if __name__ == "__main__":
    main()
