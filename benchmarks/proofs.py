"""Time of every property of every entry, each from the definition with nothing kept: `python benchmarks/proofs.py`.

About three minutes on one core. Milliseconds are those of the processor; the column `exps` counts them in
evaluations of a 128-bit exponential, timed in turn with the properties. Results: benchmarks/results/proofs.csv.
"""

from __future__ import annotations

import csv
import platform
import statistics
import sys
import time
from pathlib import Path

import flint
from flint import arb

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.certify.judge import PROPERTIES, judged

RESULTS = Path(__file__).parent / "results" / "proofs.csv"


def forget() -> None:
    """Empty every cache of the prover and of the formulas below it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("rheobase.") and not name.startswith("rheobase.catalogue"):
            for value in list(vars(module).values()):
                if callable(value) and "cache_clear" in dir(value):  # a primitive's rule that is loaded late has none
                    value.cache_clear()  # type: ignore[attr-defined]


def unit() -> float:
    """Milliseconds of one exponential."""
    x = arb("1.25")
    start = time.process_time()
    for _ in range(1000):
        x.exp()
    return time.process_time() - start


def main(ids: list[str]) -> None:
    bound = [(id, rb.get(id).bound) for id in ids or entries()]
    times: dict[str, list[tuple[float, str]]] = {name: [] for name in PROPERTIES}
    unknown = dict.fromkeys(PROPERTIES, 0)
    exponentials = []
    for id, expr in bound:
        exponentials.append(unit())
        for name in PROPERTIES:
            forget()
            one = judged(expr, [name])[name]
            times[name].append((one.ms, id))
            unknown[name] += one.verdict.status == "unknown"
    base = statistics.median(exponentials)
    everything = sorted(t for each in times.values() for t in each)
    rows = [("all", everything, sum(unknown.values()))] + [(n, sorted(t), unknown[n]) for n, t in times.items()]
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}, python-flint {flint.__version__}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["property", "verdicts", "unknown", "median_ms", "p95_ms", "worst_ms", "worst", "median_exps"])
        for name, each, missed in rows:
            median = statistics.median(ms for ms, _ in each)
            p95, (worst, slowest) = each[int(0.95 * (len(each) - 1))][0], each[-1]
            figures = [f"{v:.3g}" for v in (median, p95, worst)]
            row = [name, len(each), missed, *figures, slowest, f"{median / base:.3g}"]
            writer.writerow(row)
            told = f"{name:16} {len(each):5} {missed:4} unknown  median {median:8.3g} ms"
            print(f"{told}  95 % {p95:8.3g}  worst {worst:8.3g} ({slowest})")


if __name__ == "__main__":
    main(sys.argv[1:])
