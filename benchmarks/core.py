"""Start-up, formula text to callable, and forward + backward: `python benchmarks/core.py`, about two minutes.

Every figure is a ratio of medians; contenders take turns within each round. Results: benchmarks/results/core.csv.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import torch
from measure import Ratio, interleaved, report

import rheobase as rb
from rheobase.lower import compiled, functions, without_limits
from rheobase.lower.core import core

SIZE = 1 << 20
NATIVE = {
    "relu": torch.relu,
    "elu": torch.nn.functional.elu,
    "silu": torch.nn.functional.silu,
    "gelu": torch.nn.functional.gelu,
    "mish": torch.nn.functional.mish,
    "hard_swish": torch.nn.functional.hardswish,
    "selu": torch.nn.functional.selu,
    "softplus": torch.nn.functional.softplus,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
AS_PEOPLE_WRITE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": lambda x: torch.maximum(x, torch.zeros_like(x)),
    "elu": lambda x: torch.where(x >= 0, x, torch.exp(x) - 1),
    "silu": lambda x: x / (1 + torch.exp(-x)),
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / 2**0.5)),
    "mish": lambda x: x * torch.tanh(torch.log(1 + torch.exp(x))),
    "hard_swish": lambda x: x * torch.clamp(x / 6 + 0.5, 0, 1),
    "selu": lambda x: 1.0507009873554805 * torch.where(x >= 0, x, 1.6732632423543772 * (torch.exp(x) - 1)),
    "softplus": lambda x: torch.log(1 + torch.exp(x)),
    "tanh": lambda x: (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
}


def startup() -> Iterator[Ratio]:
    """Fresh interpreters, their bytecode kept as it is by default, against one that imports NumPy alone."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def python(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)

    yield from interleaved(
        {
            "numpy": python("-c", "import numpy"),
            "import": python("-c", "import numpy, rheobase"),
            "--help": python("-m", "rheobase", "--help"),
            "list": python("-m", "rheobase", "list"),
            "show": python("-m", "rheobase", "show", "swish"),
        },
        rounds=15,
        reference="numpy",
        what="start-up",
    )


def compilation() -> Iterator[Ratio]:
    """From formula text to a callable that has run once, against evaluating the formula once on 1 Mi doubles."""
    x = np.linspace(-5, 5, SIZE)
    one = np.array([0.5])
    for number, formula in enumerate(("x*sigmoid({0}*x)", "x*tanh(softplus({0}*x))", "x*tanh(exp({0}*x))")):
        count = iter(range(1_000_000))

        def fresh(formula: str = formula, count: Iterator[int] = count) -> object:
            core.cache_clear()
            functions.lowered.cache_clear()
            return rb.define(formula.format(1 + next(count) / 1000))(one)

        whole = rb.define(formula.format(1))
        yield from interleaved(
            {"evaluate": lambda whole=whole: whole(x), "compile": fresh},
            rounds=25,
            reference="evaluate",
            what=f"text to callable {number}: {formula}",
        )


def both(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[], object]:
    """Forward and backward on 1 Mi float32 numbers, one thread."""
    torch.set_num_threads(1)
    given = torch.randn(SIZE, generator=torch.Generator().manual_seed(0))

    def run() -> object:
        x = given.clone().requires_grad_(True)
        function(x).backward(given)
        return x.grad

    return run


def passes() -> Iterator[Ratio]:
    """Forward and backward, against the native function and against the formula as people write it."""
    for name, native in NATIVE.items():
        generated = compiled(rb.get(name).bound, "torch")
        yield from interleaved(
            {"native": both(native), "rheobase": both(generated), "as written": both(AS_PEOPLE_WRITE[name])},
            rounds=25,
            reference="native",
            what=f"forward + backward, {name}",
        )


def limits() -> Iterator[Ratio]:
    """What the proven limits at ±inf cost: forward and backward with them, against without."""
    for name in ("silu", "gelu", "softsign", "ncu", "snake"):
        bound = rb.get(name).bound
        yield from interleaved(
            {"without": both(without_limits(bound)), "with": both(compiled(bound, "torch"))},
            rounds=25,
            reference="without",
            what=f"limits at ±inf, {name}",
        )


if __name__ == "__main__":
    report("core", [*startup(), *compilation(), *passes(), *limits()], torch=torch.__version__, numpy=np.__version__)
