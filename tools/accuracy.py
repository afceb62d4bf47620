"""Write docs/accuracy.csv: how much of its rounding bound every entry uses, and which keep 4 ulp outright.

The dense conformance run of every entry on every backend: `python tools/accuracy.py`, some ten minutes on two cores.
`--only ID …` measures those entries again and leaves the other rows.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
TABLE = Path(__file__).parents[1] / "docs" / "accuracy.csv"
OUTRIGHT = 4.0
"""Units in the last place."""
COLUMNS = ("id", "bound_used", "value_ulp", "derivative_ulp", "gradient_ulp", "four_ulp", "failures")


def judge(name: str) -> tuple[object, ...]:
    """One row of the table."""
    from rheobase.testing import conformance

    report = conformance(name, backends=("numpy", "torch", "jax"), dense=True)
    # XLA flushes subnormal numbers, which are then infinitely many ulp off: the mark speaks of NumPy and PyTorch.
    kept = {label: u for label, u in report.ulp.items() if "jax" not in label}
    ulps = {kind: max(u for label, u in kept.items() if label.startswith(kind)) for kind in KINDS}
    outright = max(ulps["value"], ulps["derivative"]) <= OUTRIGHT
    shown = [f"{ulps[kind]:.3g}" for kind in KINDS]
    if report.failures:
        print(report, file=sys.stderr)
    return name, f"{report.worst:.3f}", *shown, "yes" if outright else "no", len(report.failures)


KINDS = ("value", "derivative", "gradient")


def _kept() -> Sequence[tuple[object, ...]]:
    with TABLE.open(encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def main() -> int:
    from rheobase.catalogue import entries

    only = sys.argv[sys.argv.index("--only") + 1 :] if "--only" in sys.argv else []
    names = only or sorted(entries())
    rows = []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for row in pool.map(judge, names):
            rows.append(row)
            print(f"{len(rows):4}/{len(names)}  " + "  ".join(map(str, row)), file=sys.stderr, flush=True)
    failed = sum(int(str(row[-1])) > 0 for row in rows)
    table = {str(row[0]): row for row in _kept() if row[0] in entries()} if only else {}
    table.update({str(row[0]): row for row in rows})
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row for _, row in sorted(table.items()))
    print(f"{len(rows)} entries, {failed} fail, {sum(row[5] == 'yes' for row in rows)} keep {OUTRIGHT:g} ulp outright")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
