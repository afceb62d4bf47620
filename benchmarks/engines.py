"""Who trains, and what it costs: `python benchmarks/engines.py`, some five minutes on a quiet machine; needs Ray.

The same comparison, from an empty store: in one process, in two worker processes, and in two workers of a Ray on this
machine. Once at work, with Ray running already, and once from nothing with a single stack a function, where starting is
all that counts. Contenders take turns; figures are ratios of wall time. Results: benchmarks/results/engines.csv.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib import metadata
from importlib.util import find_spec

import torch
from measure import interleaved, report

import rheobase as rb
from rheobase.study.cluster import LOCAL_MEMORY, SETTINGS
from rheobase.study.hands import Engine

SPECS = ("relu", "tanh", "sine", "x*tanh(x)")
TASK, SEEDS, ROUNDS = "digits", 5, 2
SHORT = ("relu", "tanh"), "wine"


def at_work(workers: int, engine: Engine = "inline") -> int:
    return rb.compare(SPECS, TASK, seeds=SEEDS, store=":memory:", workers=workers, engine=engine).trained


def from_nothing(engine: Engine) -> int:
    specs, task = SHORT
    return rb.compare(specs, task, seeds=2, store=":memory:", workers=2, engine=engine).trained


def main() -> int:
    if find_spec("ray") is None:
        print("Ray is not installed, so there is nothing to compare: pip install 'rheobase[ray]'")
        return 0
    torch.set_num_threads(1)
    os.environ |= SETTINGS
    ray = importlib.import_module("ray")
    ray.init("local", num_cpus=2, include_dashboard=False, object_store_memory=LOCAL_MEMORY, log_to_driver=False)
    trials = at_work(0)
    worked = interleaved(
        {"one process": lambda: at_work(0), "two processes": lambda: at_work(2), "Ray, 2": lambda: at_work(2, "ray")},
        rounds=ROUNDS,
        reference="one process",
        what=f"{TASK}, {trials} trials",
    )
    ray.shutdown()
    started = interleaved(
        {"two processes": lambda: from_nothing("inline"), "Ray, 2": lambda: from_nothing("ray")},
        rounds=ROUNDS,
        reference="two processes",
        what=f"start, and {SHORT[1]} with {len(SHORT[0])} functions",
    )
    report("engines", [*worked, *started], torch=torch.__version__, ray=metadata.version("ray"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
