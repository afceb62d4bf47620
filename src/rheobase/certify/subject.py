"""The function under proof: its derivatives, its special points, and a grid of points at which it is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from rheobase.differentiate import differentiate
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import Seen, enclosure
from rheobase.enclosure.coefficients import BITS, Coefficient, Undecided, power, reciprocal
from rheobase.enclosure.constants import exactly
from rheobase.enclosure.expansion import LEFT, RIGHT, End, Expansion, expand
from rheobase.enclosure.interval import Interval, precision
from rheobase.enclosure.memory import remembered
from rheobase.enclosure.monomials import UNITY, Monomial, TooNear
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, postorder, substitute, x
from rheobase.ops import COMPARISONS, OPS
from rheobase.simplify import simplify

RADII = (4, 16, 64, 256, 1024, 4096, 65536, 2**24)
"""Sizes of r that are tried in turn."""
ORDERS = (3, 6, 10)
FIRST_GRID = sorted(
    {Fraction(0)}
    | {
        sign * Fraction(k, d)
        for sign in (1, -1)
        for k, d in [(1, 2**20), (1, 64), (1, 8), (3, 8), (5, 8), (7, 8)]
        + [(9 + 4 * k, 8) for k in range(14)]
        + [(9, 1), (13, 1), (21, 1), (37, 1), (101, 1)]
    }
)
MAX_POINTS = 24
MAX_EXPONENT = 20_000
"""Bits before or behind the point of a number that is written as a fraction."""


@lru_cache(maxsize=1024)
def derivative(expr: Expr, order: int) -> Expr:
    """The derivative of an order, as the table's rows and the laws give it."""
    return simplify(expr) if order == 0 else simplify(differentiate(derivative(expr, order - 1)))


class Subject:
    """A formula in x without parameters, and what was found of it so far."""

    def __init__(self, expr: Expr, simpler: bool = True) -> None:
        self.given = expr
        self.expr = simplify(expr) if simpler else expr
        self.kept: dict[str, Any] = {}

    def f(self, order: int = 0) -> Expr:
        return derivative(self.expr, order)

    @cached_property
    def points(self) -> list[Expr]:
        """Where the formula may break, jump or have a kink, and 0, in order.

        Every candidate is kept: that the formula is analytic everywhere else is shown by the boxes, not here.
        """
        found: dict[Expr, Coefficient] = {Number(0): exactly(Number(0))}
        for argument in switches(self.expr):
            for root in _simple_roots(argument):
                if len(found) < MAX_POINTS:
                    found.setdefault(root.expr(), root)
        return in_order(found)

    @cached_property
    def grid(self) -> list[Fraction]:
        """Points at which values are looked at first: a fixed few, and some beside the special points."""
        beside = [
            near + side * step
            for p in self.points
            if abs(near := close_to(p)) < 10**6
            for side in (1, -1)
            for step in (Fraction(1, 2**16), Fraction(1, 32), Fraction(3, 8))
        ]
        return sorted({*FIRST_GRID, *beside})

    @cached_property
    def witnesses(self) -> list[Fraction]:
        """The grid with the numbers first that read best."""
        return sorted({Fraction(k) for k in range(-3, 4)} | set(self.grid), key=readable)

    def at(self, point: Fraction, order: int = 0) -> Interval:
        """An enclosure of f, or a derivative, at an exact number."""
        with precision(BITS):
            return enclosure(self.f(order))(iv.point(point)).range

    def on(self, low: Fraction | None, high: Fraction | None, order: int = 0) -> Seen:
        with precision(BITS):
            return enclosure(self.f(order))(iv.between(low, high))

    @cached_property
    def smooth_grid(self) -> list[Fraction]:
        """The points of the grid around which f is analytic."""
        tiny = Fraction(1, 2**40)
        return [p for p in self.grid if self.on(p - tiny, p + tiny).analytic]

    @cached_property
    def samples(self) -> dict[int, list[tuple[Fraction, Interval]]]:
        """Enclosures of f, f' and f'' on the grid."""
        return {0: [(p, self.at(p)) for p in self.grid]} | {
            order: [(p, self.at(p, order)) for p in self.smooth_grid] for order in (1, 2)
        }

    def towards(self, end: End, order: int = 0) -> Expansion:
        """The expansion of f, or of a derivative, at the first r that does.

        Raises:
            Undecided: where none does.
        """
        return settled(self.f(order), end)

    def keep(self, name: str, work: Callable[[Subject], Any]) -> Any:
        """What `work` finds, or why it finds nothing, worked out once."""
        if name not in self.kept:
            try:
                self.kept[name] = work(self)
            except RheobaseError as error:
                self.kept[name] = error.with_traceback(None)
        if isinstance(self.kept[name], RheobaseError):
            raise self.kept[name].with_traceback(None)
        return self.kept[name]


def readable(p: Fraction) -> tuple[bool, bool, int, Fraction]:
    """What sorts numbers so that those come first that read best."""
    return abs(p) > 8, p.denominator > 64, p.denominator, abs(p)


@remembered(maxsize=4096)
def settled(expr: Expr, end: End, least: int = 4, beside: Expr | None = None) -> Expansion:
    """The expansion for the least r for which there is one.

    Where `beside` is given it has an expansion, too, and climbs no stairs, so that it is continuous there.

    Raises:
        Undecided: where there is none.
    """
    last: Undecided | None = None
    for r in _radii(least):
        try:
            _steady(beside, end, r)
            return expand(expr, end, r, ORDERS[0])
        except TooNear as error:
            last = error
    assert last is not None
    raise Undecided(last.what)


def _radii(least: int) -> list[int]:
    return [least] * (least > RADII[0]) + [r for r in RADII if r > least or r == RADII[0] >= least]


def _steady(expr: Expr | None, end: End, r: int) -> None:
    if expr is not None and expand(expr, end, r, ORDERS[0]).stairs:
        raise Undecided(f"{expr} steps again and again")


@remembered(maxsize=4096)
def with_sign(expr: Expr, end: End, least: int = 4, beside: Expr | None = None) -> tuple[int, int, int]:
    """(sign, r, order): the one sign of the formula for every t >= r, on which `beside` is continuous.

    Raises:
        Undecided: where none is found.
    """
    last: Undecided | None = None
    hidden: set[Monomial] = set()
    for order in ORDERS:
        scale: Monomial | None = None
        for r in _radii(least):
            try:
                _steady(beside, end, r)
                found = expand(expr, end, r, order)
                scale = found.series.error[1] if found.series.error else None
                return found.sign, r, order
            except TooNear as error:
                last, scale = error, None
            except Undecided as error:
                last = error
                break
        if scale in hidden:
            break  # more terms do not make the error smaller: something oscillates
        hidden |= {scale} if scale else set()
    assert last is not None
    raise Undecided(last.what)


def exact(end: Any) -> Fraction:
    """A finite end of an interval as a fraction."""
    mantissa, exponent = end.man_exp()
    if abs(int(exponent)) > MAX_EXPONENT:
        raise Undecided("a number is too large, or too near 0, to be written")
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def close_to(point: Expr) -> Fraction:
    """A short number near an exact one."""
    if isinstance(point, Number):
        return point.value
    with precision(BITS):
        return Fraction(float(exactly(point).interval().ball.mid()))


def value_of(point: Expr) -> Interval:
    with precision(BITS):
        return exactly(point).interval()


def in_order(found: dict[Expr, Coefficient]) -> list[Expr]:
    """The points from left to right; of two that cannot be told apart one is kept."""
    kept: list[tuple[float, Expr]] = []
    for expr, value in found.items():
        with precision(BITS):
            middle = value.interval()
        if not any(middle.low <= value_of(other).high and value_of(other).low <= middle.high for _, other in kept):
            kept.append((float(middle.ball.mid()), expr))
    return [expr for _, expr in sorted(kept, key=lambda t: t[0])]


def switches(expr: Expr) -> Iterator[Expr]:
    """What must pass 0 where the formula breaks, jumps or has a kink."""
    for node in postorder(expr):
        if not isinstance(node, Apply) or not node.symbols:
            continue
        a = node.args
        match node.op:
            case "where":
                pass
            case op if op in COMPARISONS or op in ("minimum", "maximum"):
                yield simplify(a[0] - a[1])
            case "clip":
                yield from (simplify(a[0] - a[1]), simplify(a[0] - a[2]))
            case "div":
                yield a[1]
            case "pow" if not (isinstance(a[1], Number) and a[1].value.denominator == 1 and a[1].value > 0):
                yield a[0]
            case "floor" | "round" | "tan":
                pass
            case op:
                row = OPS[op]
                if math.isfinite(row.domain[0]):
                    yield simplify(a[0] - Number(Fraction(row.domain[0])))
                elif row.smooth < 1 and row.arity == 1:
                    yield a[0]


def _simple_roots(expr: Expr) -> Iterator[Coefficient]:
    """Roots of what is, towards either end, a t**n + b exactly, or has a root at a simple number."""
    if "x" not in expr.symbols:
        return
    for end, side in ((RIGHT, 1), (LEFT, -1)):
        try:
            series = settled(expr, end).series
        except RheobaseError:
            continue
        if series.error is not None or not 1 <= len(series.terms) <= 2:
            continue
        (c, m) = series.terms[0]
        rest = series.terms[1] if len(series.terms) == 2 else None
        if not c.constant or m.exponent or m.log or m.power <= 0 or (rest and rest[1] != UNITY):
            continue
        try:
            with precision(BITS):
                ratio = -(rest[0] * reciprocal(c)) if rest else Coefficient({})
                if rest and ratio.sign() < 0:
                    continue
                size = power(ratio, Fraction(1) / m.power) if rest else ratio
        except Undecided:
            continue
        yield size if side > 0 else -size
    for candidate in _candidates(expr):
        if _vanishes(expr, candidate):
            yield exactly(Number(candidate))


def _candidates(expr: Expr) -> list[Fraction]:
    named = {n.value for n in postorder(expr) if isinstance(n, Number) and abs(n.value) < 10**6}
    return sorted({Fraction(k) for k in range(-4, 5)} | named | {-v for v in named})[:24]


def _vanishes(expr: Expr, point: Fraction) -> bool:
    try:
        with precision(BITS):
            return not exactly(substitute(expr, {x: Number(point)})).terms
    except (RheobaseError, ZeroDivisionError):
        return False
