"""The conformance suite with other values of the parameters: `python tools/perturb.py`, two minutes on two cores.

For every entry with parameters each is drawn twice, as default * exp(0.3 N(0, 1)) within its domain, and the function
is put through `rheobase.testing.conformance` on NumPy and PyTorch. `--draws N`, `--seed N`, `--only ID …` choose.

The suite's bound is of first order. Where a wave turns within the rounding of its argument (`tanh(8*sin(0.85*x))` at
1e8) and its slope happens to be small, the true error exceeds that. Such a point is not called a failure but counted
apart, when the number lies in the enclosure that ball arithmetic gives if every step may be off by 4 roundings.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.testing import Failure

os.environ.setdefault("OMP_NUM_THREADS", "1")
SPREAD = 0.3
TRIES = 1000


def drawn(name: str, seed: int, draw: int) -> str:
    """The spec of the entry with parameters drawn; the same for the same seed, whatever other entries there are."""
    import numpy as np

    from rheobase.catalogue import entries
    from rheobase.catalogue.specs import spec_text

    rng = np.random.default_rng([zlib.crc32(name.encode()), seed, draw])
    values = {}
    for parameter, p in entries()[name].params.items():
        for _ in range(TRIES):
            step = SPREAD * rng.standard_normal()
            value = float(p.default * np.exp(step) if p.default else step)
            if p.allows(value):
                break
        else:
            value = p.default
        values[parameter] = value
    return spec_text(name, values)


def judge(spec: str) -> tuple[str, str, bool]:
    """(spec, what to print, did it hold?)"""
    from rheobase.catalogue import get
    from rheobase.testing import conformance

    function = get(spec)
    report = conformance(function, backends=("numpy", "torch"))
    turning = [f for f in report.failures if within_rounding(function, f)]
    report.failures = [f for f in report.failures if f not in turning]
    told = f"; {len(turning)} numbers beyond the first order, within the rounding of every step" * bool(turning)
    return (
        spec,
        (f"{report.worst:.0%} of the bound used" if report.ok and not turning else str(report)) + told,
        report.ok,
    )


def within_rounding(function: Activation, failure: Failure) -> bool:
    """Does the computed number lie in the enclosure of the formula with 4 roundings of every step?"""
    from flint import arb

    from rheobase.differentiate import differentiate
    from rheobase.expr import Number, Variable
    from rheobase.lower.core import core
    from rheobase.lower.formats import FORMATS
    from rheobase.reference import ball, program

    kind, precision = failure.check.partition(", ")[0], failure.check.rpartition(" ")[2]
    if precision not in FORMATS or not math.isfinite(failure.computed):
        return False
    order = ("value", "derivative", "second derivative").index(kind) if kind != "gradient" else 0
    expr = core(function.derivative(order).bound)
    if kind == "gradient":
        expr = differentiate(expr, by_output=True)
    unit = FORMATS["float64" if "numpy" in failure.check else precision].unit
    values: list[Any] = []
    for rule, args, node in program(expr).steps:
        if isinstance(node, Variable):
            value = ball(failure.x)
        elif rule is None:
            value = program(node).run({})[0] if not isinstance(node, Number) else ball(node.value)
        else:
            value = rule(*(values[a] for a in args))
        widened = isinstance(value, arb) and not isinstance(node, Variable)
        values.append(value + arb(0, (4 * unit * abs(value)).upper()) if widened else value)
    return bool(values[-1].contains(ball(failure.computed)))


def main() -> int:
    from rheobase.catalogue import entries

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--only", nargs="+", metavar="ID", default=[])
    given = parser.parse_args()
    names = given.only or sorted(name for name, entry in entries().items() if entry.params)
    specs = [drawn(name, given.seed, draw) for name in names for draw in range(given.draws)]
    failed = 0
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for number, (spec, text, ok) in enumerate(pool.map(judge, specs), 1):
            failed += not ok
            print(f"{number:4}/{len(specs)}  {spec}  {text}", file=sys.stdout if ok else sys.stderr, flush=True)
    print(f"{len(specs)} functions of {len(names)} entries, {failed} fail")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
