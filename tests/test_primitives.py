"""Every row of the table is complete and true to its facts (its values: test_conformance, test_reference)."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from flint import arb

from rheobase.backends import BACKENDS, helpers
from rheobase.expr import Apply, Expr, Number, Parameter, Variable, substitute
from rheobase.lower.emit import helper_sources
from rheobase.lower.latex import to_latex
from rheobase.ops import COMPARISONS, FUNCTIONS, OPS, ROWS, Op
from rheobase.parse import parse
from rheobase.reference import Program, to_double, true_value

X = Variable("x")
UNARY = [row for row in ROWS if row.arity == 1 and row.name in FUNCTIONS]

# --- completeness ----------------------------------------------------------------------------------


def missing(row: Op) -> list[str]:
    """What a row lacks, as lines that name the row and the column."""
    found: list[str] = []

    def lacks(column: str, why: str) -> None:
        found.append(f"ops.py, row {row.name!r}, column {column!r}: {why}")

    arguments = [Variable(f"a{i}") for i in range(row.arity)]
    for backend in BACKENDS:
        cell = getattr(row, backend)
        if not cell or any(f"{{{i}}}" not in cell for i in range(row.arity)):
            lacks(backend, "no source, or an argument is not used")
            continue
        text = cell.format(*(a.name for a in arguments))
        for name in sorted(_names(text) - {a.name for a in arguments} - helpers(backend).keys()):
            lacks(backend, f"{name} is no helper of that backend")
    if not row.js or any(f"{{{i}}}" not in row.js for i in range(row.arity)):
        lacks("js", "no source, or an argument is not used")
    for name in re.findall(r"\b_\w+", row.js):
        if name not in helper_sources("js"):
            lacks("js", f"{name} is no helper of that backend")
    if not row.latex or any(f"{{{i}}}" not in row.latex for i in range(row.arity)):
        lacks("latex", "no template, or an argument is not used")
    partials = row.d(*arguments)
    if len(partials) != row.arity:
        lacks("d", f"{len(partials)} partial derivatives for {row.arity} arguments")
    used = {n.op for p in partials if p is not None for n in _nodes(p)}
    if unknown := used - OPS.keys() - {row.name}:
        lacks("d", f"is not closed within the table: {sorted(unknown)}")
    try:
        row.arb(*([True] if row.name == "where" else []), *[arb(0.5)] * (row.arity - (row.name == "where")))
    except (AttributeError, TypeError, ValueError) as error:
        lacks("arb", f"fails at 0.5: {error}")
    if row.monotone not in (-1, 0, 1) or row.parity not in ("", "odd", "even"):
        lacks("monotone or parity", "no such value")
    if not (row.domain[0] < row.domain[1] and row.range[0] < row.range[1]):
        lacks("domain or range", "is empty")
    if row.smooth <= 0 and row.kinks == () and row.name not in COMPARISONS:
        lacks("kinks", "not smooth, yet no kinks are given")
    if row.range[0] < 0 and row.positive:
        lacks("positive", "contradicts the range")
    return found


def _names(text: str) -> set[str]:
    import ast

    return {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}


def _nodes(expr: Expr) -> list[Apply]:
    return [expr, *(n for a in expr.args for n in _nodes(a))] if isinstance(expr, Apply) else []


def test_every_row_is_complete() -> None:
    assert [line for row in ROWS for line in missing(row)] == []
    assert len({row.name for row in ROWS}) == len(ROWS)


WRONG: list[tuple[str, Any]] = [
    ("numpy", ""),
    ("torch", "torch.nonesuch_name"),
    ("jax", "_nonesuch({0})"),
    ("js", ""),
    ("js", "_nonesuch({0})"),
    ("latex", ""),
    ("d", lambda a: ()),
    ("arb", lambda a: a.nonesuch()),
    ("kinks", None),
    ("parity", "oddish"),
    ("range", (1, 0)),
]


@pytest.mark.parametrize(("column", "value"), WRONG)
def test_a_row_that_lacks_something_is_told_by_name_and_column(column: str, value: Any) -> None:
    changes: dict[str, Any] = {column: value} if column != "kinks" else {"smooth": 0, "kinks": ()}
    row = dataclasses.replace(OPS["tanh"], **changes)
    (line, *_) = missing(row)
    assert "'tanh'" in line
    assert column in line


def test_every_primitive_of_the_design_is_there() -> None:
    named = """exp log log1p expm1 sqrt abs sign sin cos tan tanh sinh cosh sech atan asinh erf erfc sigmoid softplus
        log_sigmoid relu step Phi phi sinc minimum maximum clip floor round where"""
    assert set(named.split()) <= FUNCTIONS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_latex_is_balanced(row: Op) -> None:
    text = {"where": "where(x < 1, x, 2)"}.get(row.name)
    expr: Expr = parse(text) if text else Apply(row.name, tuple([X, Number(2), Number(3)][: row.arity]))
    made = to_latex(expr)
    assert made.count("{") == made.count("}")
    assert made.count(r"\left") == made.count(r"\right")
    assert "x" in made


# --- facts -----------------------------------------------------------------------------------------

GRID = [
    s * v
    for v in (0.0, 1e-300, 1e-9, 0.01, 0.3, 0.77, 1.0, 1.4, 2.6, 4.7, 8.2, 19.0, 40.5, 300.0, 1e4, 1e9)
    for s in (-1, 1)
]


def _at(row: Op, points: list[float]) -> list[tuple[float, float]]:
    low, high = row.domain
    return [(p, to_double(true_value(Apply(row.name, (X,)), p))) for p in sorted(set(points)) if low < p < high]


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_range_and_sign(row: Op) -> None:
    low, high = row.range
    for at, value in _at(row, GRID):
        assert low <= value <= high, (at, value)
        if row.positive and abs(at) < 1e4:  # farther out only the sign of an exponent of 10**17 digits is left
            assert true_value(Apply(row.name, (X,)), at) > 0, at
    values = [v for _, v in _at(row, [*GRID, *np.linspace(-7, 7, 561).tolist()])]
    if math.isfinite(low):
        assert min(values) <= low + 0.01, "the range is not the hull: nothing comes near its lower end"
    if math.isfinite(high):
        assert max(values) >= high - 0.01, "the range is not the hull: nothing comes near its upper end"


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_monotone(row: Op) -> None:
    values = [v for _, v in _at(row, [*GRID, *np.linspace(-7, 7, 561).tolist()])]
    steps = np.diff(np.array(values, dtype=object).astype(float))
    steps = steps[np.isfinite(steps)]
    rises, falls = bool((steps > 0).any()), bool((steps < 0).any())
    assert row.monotone == (1 if rises and not falls else -1 if falls and not rises else 0)


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_parity(row: Op) -> None:
    pairs = [(v, to_double(true_value(Apply(row.name, (X,)), -p))) for p, v in _at(row, GRID) if p > 0]
    pairs = [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    odd, even = all(a == -b for a, b in pairs), all(a == b for a, b in pairs)
    assert row.parity == ("odd" if odd and pairs else "even" if even and pairs else ""), row.parity


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_lipschitz(row: Op) -> None:
    """The greatest slope is nearly reached, and never passed."""
    expr = Apply(row.name, (X,))
    values = _at(row, np.linspace(-6.0, 6.0, 3073).tolist())  # 1/256 apart: exact differences
    steepest = max(
        (abs(b - a) / (q - p) for (p, a), (q, b) in itertools.pairwise(values) if math.isfinite(b - a)),
        default=0.0,
    )
    if math.isfinite(row.lipschitz):
        assert 0.99 * row.lipschitz <= steepest <= row.lipschitz * (1 + 1e-13), (steepest, row.lipschitz)
    else:
        grown = [abs(to_double(true_value(_slope(expr), p))) for p in (1e-9, 1 - 2.0**-40, *(v for v, _ in values))]
        jumps = row.smooth == -1
        assert jumps or max(g for g in grown if not math.isnan(g)) > 50, "a finite Lipschitz constant is missing"


def _slope(expr: Expr) -> Expr:
    from rheobase.differentiate import differentiate

    return differentiate(expr)


@pytest.mark.parametrize("row", [row for row in UNARY if row.left or row.right], ids=lambda row: row.name)
@pytest.mark.parametrize("side", [-1, 1])
def test_what_shows_the_tail_equals_the_primitive(row: Op, side: int) -> None:
    """At every argument of its side, to thirty digits; where one side has none, the parity gives it."""
    text = row.left if side < 0 else row.right
    if not text:
        assert row.parity or row.domain[0] > -math.inf or row.name == "erfc", "a side without its tail"
        return
    expr = Apply(row.name, (X,))
    shown = substitute(parse(text, ["a"]), {Parameter("a"): X})
    for size in (0.5, 3.0, 20.0, 300.0):
        truth, ours = (true_value(e, side * size) for e in (expr, shown))
        assert abs(truth - ours) <= abs(truth) * arb(10) ** -30, size


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_kinks_and_smoothness(row: Op) -> None:
    """At a kink value or slope jumps; a row without kinks jumps nowhere on the grid."""
    expr = Apply(row.name, (X,))
    for at in row.kinks or ():
        sides = [Program(e).run({"x": arb(at + h)})[-1] for e in (expr, _slope(expr)) for h in (-1e-9, 1e-9)]
        jump = [abs(float(sides[1] - sides[0])) > 0.1, abs(float(sides[3] - sides[2])) > 0.1]
        assert jump == [row.smooth == -1, row.smooth == 0], (at, jump)
    if row.smooth > 0:
        assert row.kinks == ()
    assert bool(row.kinks is None or row.kinks) == (row.smooth <= 0)


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_comparisons_are_no_functions_of_a_formula(name: str) -> None:
    assert name not in FUNCTIONS
    assert OPS[name].range == (0, 1)
