"""Mean field against random networks at full size: `python benchmarks/theory.py`, about five minutes.

Width 500, depth 40, 20 networks a function, each at its edge of chaos for σ_b = 0.3 (positively homogeneous ones at
σ_b = 0, where mean field is followed for 10 layers). A figure is the worst deviation of all layers over its tolerance,
so that 1 or less agrees; tolerances are told at `rheobase.meanfield.simulation.agreement`. Where the edge is not stable
(χ_q > 1) there is nothing to agree with: the row says how far the networks' variance ran away from it.
Results: benchmarks/results/theory.csv.
"""

from __future__ import annotations

import csv
import platform
from dataclasses import replace

import numpy as np
from measure import RESULTS

import rheobase as rb
from rheobase.meanfield.moments import moments
from rheobase.meanfield.propagation import edges
from rheobase.meanfield.simulation import DEPTH, NETS, WIDTH, Setting, agreement, predicted, simulate

SPECS = ("tanh", "sigmoid", "elu", "sine", "hard_tanh", "x/(1+abs(x))", "relu", "leaky_relu", "gelu", "silu")
SIGMA_B = 0.3
HOMOGENEOUS = 10
"""Layers for which a function with χ_q = 1 is followed."""
COLUMNS = (
    *("function", "sigma_w", "sigma_b", "q", "chi_q", "stable", "width", "depth", "networks", "seed", "layers"),
    *(
        "q_over_tolerance",
        "c_over_tolerance",
        "log_gradient_over_tolerance",
        "log_gradient_sd_1",
        "log_gradient_sd_last",
    ),
    "median_q_last_over_edge",
)


def row(spec: str) -> dict[str, object]:
    """One function: theory and networks from the edge's own variance."""
    m = moments(rb.get(spec).bound)
    edge = (edges(m, SIGMA_B) or edges(m, 0.0))[0]
    homogeneous = edge.chi_q == 1
    setting = Setting(edge.sigma_w, edge.sigma_b, DEPTH, q0=edge.q)
    found = simulate(spec, setting)
    layers = HOMOGENEOUS if homogeneous else DEPTH
    compared = agreement(found, predicted(spec, replace(setting, depth=DEPTH)), layers)
    agrees = edge.stable or homogeneous
    sd = found.log_gradient.std(axis=0, ddof=1)
    values = (
        *(spec, edge.sigma_w, edge.sigma_b, edge.q, edge.chi_q, "yes" if edge.stable else "no"),
        *(WIDTH, DEPTH, NETS, found.seed, layers),
        *((compared.q, compared.c, compared.log_gradient) if agrees else ("", "", "")),
        *(sd[1], sd[layers], float(np.median(found.q[:, -1])) / edge.q),
    )
    return dict(zip(COLUMNS, values, strict=True))


def main() -> None:
    rows = []
    for spec in SPECS:
        rows.append(row(spec))
        print(
            ", ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in rows[-1].items()), flush=True
        )
    with (RESULTS / "theory.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}\n")
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in r.items()} for r in rows)


if __name__ == "__main__":
    main()
