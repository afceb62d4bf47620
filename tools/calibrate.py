"""Is the method right, at full size: `python tools/calibrate.py [STORE]`, some twenty minutes from an empty store.

What `rheobase study calibrate` does: simulated placebos with rates from the grid and by successive halving, and real
ones on the digits by halving, which chooses less steadily than the grid. Results: benchmarks/results/calibration.csv.
"""

from __future__ import annotations

import csv
import platform
import sys
from pathlib import Path

import torch

from rheobase.study import calibration
from rheobase.study.calibration import Check

TABLE = Path(__file__).parents[1] / "benchmarks/results/calibration.csv"
SIMULATED, SEEDS, EFFECT = 1000, 10, 1.0
FUNCTIONS = (
    *("relu", "leaky_relu", "elu", "selu", "celu:alpha=0.5", "sigmoid", "tanh", "softplus", "silu", "gelu", "mish"),
    *("hard_swish", "softsign", "arctan", "sine", "cosine", "siren", "gcu", "ncu", "squ", "snake", "identity", "relu6"),
    *("prelu", "erf_af", "telu", "tanhexp", "serf", "smish", "logish", "phish", "lisht", "hard_tanh", "hard_sigmoid"),
    *("penalized_tanh", "symlog", "bent_identity", "squareplus", "isrlu", "asinh_af", "gaussian", "laplacian_inr"),
    *("sqnl", "swish:beta=2"),
)


def main(store: str) -> int:
    found: list[tuple[str, Check]] = [
        ("grid", calibration.simulated_placebos(SIMULATED, SEEDS)),
        ("grid", calibration.simulated_looks(SIMULATED)),
        ("grid", calibration.simulated_tuning(SIMULATED, SEEDS, "grid")),
        ("halving", calibration.simulated_tuning(SIMULATED, SEEDS, "halving")),
    ]
    real, differences = calibration.real_placebos(FUNCTIONS, "digits", SEEDS, store, tuning="halving", workers=1)
    found += [("halving", real), ("halving", calibration.planted(differences, EFFECT, SIMULATED))]
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tuning", *found[0][1].to_dict()])
        writer.writerows([way, *check.to_dict().values()] for way, check in found)
    for way, check in found:
        print(way, *check.to_dict().values(), sep=" | ")
    return 0 if all(check.passed for _, check in found) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["calibration.sqlite"]))
