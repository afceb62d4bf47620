"""Where a formula is put to the test: kinks, ends of tails and their neighbours, tiny, huge, a dense sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from rheobase.differentiate import differentiate
from rheobase.expr import ZERO, Apply, Expr, Number, postorder, substitute, x
from rheobase.lower import lowered
from rheobase.lower.core import core
from rheobase.lower.tails import FORMATS
from rheobase.ops import COMPARISONS
from rheobase.simplify import simplify


def kinks(expr: Expr) -> list[float]:
    """Points at which a choice or a kinked primitive of `expr` switches, where its argument is a line in x."""
    found: set[float] = set()
    for node in postorder(core(expr)):
        if not isinstance(node, Apply) or not node.args or "x" not in node.args[0].symbols:
            continue
        if node.op in COMPARISONS:
            line = node.args[0] - node.args[1]
        elif node.op in ("abs", "relu", "sign", "step", "sqrt", "log"):
            line = node.args[0]
        else:
            continue
        slope = simplify(differentiate(line))
        level = simplify(substitute(line, {x: ZERO}))
        if isinstance(slope, Number) and slope.value and isinstance(level, Number):
            found.add(float(-level.value / slope.value))
    return sorted(found)


@lru_cache(maxsize=1024)
def points(expr: Expr) -> tuple[float, ...]:
    """The conformance points of a formula: kinks, ends of its tails and their neighbours, tiny, huge, a dense sweep."""
    special = {0.0, -0.0}
    sizes = [2.0**-1074, 2.0**-1040, 2.0**-1022, 2.0**-149, 2.0**-140, 2.0**-126, 1e-8, 1e-4, 1e-2]
    sizes += [float(np.float32(10.0**k)) for k in range(-30, 31)]
    sizes += [1e-300, 1e-100, 1e100, 1e300, *(float(np.finfo(d).max) for d in (np.float32, np.float64))]
    for edge in {*kinks(expr), *_tail_ends(expr), 0.0}:
        for kind in (np.float32, np.float64):
            if abs(edge) > float(np.finfo(kind).max):
                continue
            near = kind(edge)
            around = [near, np.nextafter(near, kind(np.inf)), np.nextafter(near, kind(-np.inf))]
            special.update(float(p) for p in around if np.isfinite(p))
            special.update(float(kind(edge + s)) for s in (1e-4, -1e-4, 1e-2, -1e-2) if abs(edge) < 1e6)
    special.update(s for size in sizes for s in (size, -size))
    sweep = np.linspace(-30.0, 30.0, 601).astype(np.float32).astype(np.float64)
    return (*sorted(special), *(float(s) for s in sweep if float(s) not in special))


def _tail_ends(expr: Expr) -> Iterator[float]:
    for precision in FORMATS:
        for node in postorder(lowered(expr, precision).expr):
            if isinstance(node, Apply) and node.op in COMPARISONS and isinstance(node.args[1], Number):
                try:
                    yield float(node.args[1].value)
                except OverflowError:
                    continue


def sample(every: Sequence[float], dense: bool, seed: int) -> list[float]:
    """All points, or those that are not of the sweep's grid and every eighth of the grid, by seed."""
    if dense:
        return list(every)
    grid = {float(np.float32(v)) for v in np.linspace(-30.0, 30.0, 601)}
    rng = np.random.default_rng(seed)
    return [p for p in every if p not in grid or abs(p) < 1e-6 or rng.random() < 1 / 8]
