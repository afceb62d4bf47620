"""The long run: fifty functions on twelve tasks of eight domains, twelve seeds each: `python benchmarks/long.py`.

Some 21,000 trainings, an hour and a half on one core; interrupted, it goes on where it was. Results, with every number
to seven digits: benchmarks/results/long.json, in the form of `rheobase compare --json`; docs/long-run.md tells them.
Twelve seeds, for with ten no difference among so many could pass Holm's correction: 49 · 2/2**10 = 0.096.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import rheobase as rb
from rheobase.study.show import Bar

RESULTS = Path(__file__).parent / "results" / "long.json"
SEEDS = 12
TASKS = (
    "wine", "breast-cancer", "diabetes",  # tabular
    "sunspots", "ecg",  # series
    "digits", "mnist", "autoencoder",  # images, compression
    "spirals",  # logic
    "picture",  # implicit
    "periodic", "helmholtz",  # periodicity, physics
)  # fmt: skip
FUNCTIONS = (
    "identity", "heaviside",  # what a network without an activation, and one without its gradient, comes to
    "sigmoid", "tanh", "arctan", "softsign", "erf_af", "hard_tanh", "penalized_tanh", "symlog",
    "relu", "leaky_relu", "very_leaky_relu", "prelu", "relu6", "requ", "softplus", "squareplus", "smelu", "isrlu",
    "bent_identity", "elu", "selu", "serlu", "xielu",
    "swish", "gelu", "gelu_sigmoid", "mish", "hard_swish", "lisht", "golu", "telu", "serf", "smish", "logish", "sinlu",
    "sine", "siren", "snake", "gcu", "sinc_af", "gaussian", "wave", "hosc",
    "ncu", "squ", "vrelu", "elephant", "tanhshrink",
)  # fmt: skip


def short(value: Any) -> Any:
    """The same data with its numbers cut to seven digits, which is more than any of them means; dust is 0."""
    if isinstance(value, float):
        return (0.0 if abs(value) < 1e-12 else float(f"{value:.7g}")) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: short(one) for key, one in value.items()}
    return [short(one) for one in value] if isinstance(value, list | tuple) else value


def main() -> None:
    """Train what is missing and write the results."""
    store = sys.argv[1] if len(sys.argv) > 1 else "long.sqlite"
    with Bar() as bar:
        found = rb.compare(FUNCTIONS, TASKS, SEEDS, store=store, workers=1, watcher=bar)
    RESULTS.write_text(json.dumps(short(found.to_dict()), ensure_ascii=False) + "\n")
    print(found)


if __name__ == "__main__":
    main()
