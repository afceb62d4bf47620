"""Timing for the scripts beside this file: contenders take turns, and what is reported is a ratio of medians."""

from __future__ import annotations

import csv
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent / "results"


class Ratio(NamedTuple):
    """A contender's time over the reference's: the median of the rounds, and the middle half of them."""

    what: str
    contender: str
    reference: str
    ratio: float
    low: float
    high: float
    rounds: int
    reference_ms: float


def interleaved(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, reference: str, what: str
) -> list[Ratio]:
    """Run every contender once a round, in turn, and compare each with `reference` round by round."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return [_ratio(what, name, reference, times) for name in contenders if name != reference]


def _ratio(what: str, name: str, reference: str, times: Mapping[str, list[float]]) -> Ratio:
    ratios = sorted(a / b for a, b in zip(times[name], times[reference], strict=True))
    quarter = len(ratios) // 4
    base = statistics.median(times[reference])
    return Ratio(
        what,
        name,
        reference,
        statistics.median(ratios),
        ratios[quarter],
        ratios[-1 - quarter],
        len(ratios),
        1e3 * base,
    )


def report(name: str, ratios: Iterable[Ratio], **versions: str) -> None:
    """Print the ratios and write them to results/NAME.csv with the versions that made them."""
    rows = list(ratios)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}")
        file.write("".join(f", {k} {v}" for k, v in versions.items()) + "\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Ratio._fields)
        for row in rows:
            writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in row])
    for row in rows:
        print(
            f"{row.what:34} {row.contender:>12} / {row.reference:<12} {row.ratio:6.2f}"
            f"  [{row.low:.2f}, {row.high:.2f}]  ({row.reference_ms:.3g} ms)"
        )
