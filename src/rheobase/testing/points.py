"""Where a formula is put to the test: kinks, ends of tails and their neighbours, tiny, huge, a dense sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from rheobase.differentiate import differentiate
from rheobase.expr import ZERO, Apply, Expr, Number, postorder, substitute, x
from rheobase.lower import lowered
from rheobase.lower.core import core
from rheobase.lower.formats import FORMATS
from rheobase.lower.probe import evaluate
from rheobase.ops import COMPARISONS, OPS
from rheobase.simplify import simplify


def kinks(expr: Expr) -> list[float]:
    """Points of [-40, 40], and beyond where the argument is a line, at which a choice or a kinked primitive switches.

    >>> from rheobase.parse import parse
    >>> kinks(parse("where(abs(x) > 0.5, x, 0)"))
    [-0.5, 0.0, 0.5]
    """
    found: set[float] = set()
    for node in postorder(core(expr)):
        if not isinstance(node, Apply) or not node.args:
            continue
        if node.op in COMPARISONS:
            found.update(_zeros(node.args[0] - node.args[1]))
        elif OPS[node.op].kinks == (0,) or node.op in ("sqrt", "log"):
            found.update(_zeros(node.args[0]))
    return sorted(found)


def _zeros(argument: Expr) -> list[float]:
    if "x" not in argument.symbols:
        return []
    slope, level = simplify(differentiate(argument)), simplify(substitute(argument, {x: ZERO}))
    if isinstance(slope, Number) and isinstance(level, Number):
        return [float(-level.value / slope.value)] if slope.value else []
    grid = np.linspace(-40.0, 40.0, 3201)
    values = np.broadcast_to(evaluate(argument, {"x": grid})[argument], grid.shape)
    exact = grid[values == 0].tolist()
    changes = np.nonzero(values[:-1] * values[1:] < 0)[0]
    return [
        *(exact if len(exact) < 20 else []),
        *(_bisected(argument, float(grid[i]), float(grid[i + 1])) for i in changes[:20]),
    ]


def _bisected(argument: Expr, low: float, high: float) -> float:
    """The double at which the sign changes."""
    below = float(evaluate(argument, {"x": np.array([low])})[argument][0]) < 0
    while (middle := low + (high - low) / 2) not in (low, high):
        here = float(evaluate(argument, {"x": np.array([middle])})[argument][0])
        if here == 0:
            return float(middle)
        low, high = (middle, high) if (here < 0) == below else (low, middle)
    return float(high)


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
            with np.errstate(over="ignore", under="ignore"):
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
