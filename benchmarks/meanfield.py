"""Time of all that theory says of a function, and of its enclosures: `python benchmarks/meanfield.py`, some minutes.

For every entry, its formula compiled: moments, gains, edges at three σ_b, initialisation, class and what dies
(`theory`); certified moments and edges of chaos (`certified`). Milliseconds are processor time of this machine; the
column `evaluations` counts them in evaluations of the entry on 2^20 doubles, timed in turn. Results:
benchmarks/results/meanfield.csv.
"""

from __future__ import annotations

import csv
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.errors import RheobaseError
from rheobase.meanfield import certified_edges, certified_moments
from rheobase.meanfield.moments import moments
from rheobase.meanfield.report import theory

RESULTS = Path(__file__).parent / "results" / "meanfield.csv"
ROUNDS = 3
HEAD = ("entry", "theory_ms", "theory_evaluations", "certified_ms", "certified_evaluations", "certified_reason")


def clock(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def fresh(id: str) -> Callable[[], object]:
    def work() -> object:
        moments.cache_clear()
        return theory(id)

    return work


def certified(id: str) -> None:
    certified_moments(id)
    certified_edges(id)


def main() -> None:
    x = np.linspace(-6, 6, 1 << 20)
    rows: list[list[object]] = []
    for id in entries():
        f, reason = rb.get(id), ""
        theory(id)
        told, proven, unit = [], [], []
        for _ in range(ROUNDS):
            unit.append(clock(lambda f=f: f(x)))
            told.append(clock(fresh(id)))
            try:
                proven.append(clock(lambda id=id: certified(id)))
            except RheobaseError as error:
                reason = error.what
        base = statistics.median(unit)
        one, other = statistics.median(told), statistics.median(proven) if proven else None
        ratio = "" if other is None else round(other / base, 1)
        rows.append([id, round(one, 1), round(one / base, 1), "" if other is None else round(other), ratio, reason])
    for column in (1, 3):
        values = sorted(float(str(row[column])) for row in rows if row[column] != "")
        middle, high = statistics.median(values), values[int(0.95 * len(values))]
        print(
            f"{HEAD[column]:13} {len(values)} entries: median {middle:.0f} ms, 95 % {high:.0f}, worst {values[-1]:.0f}"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", newline="") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}, medians of {ROUNDS} rounds\n")
        csv.writer(file, lineterminator="\n").writerows([HEAD, *rows])


if __name__ == "__main__":
    main()
