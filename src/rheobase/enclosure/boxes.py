"""The values that a formula takes on a box, through the table's Arb column.

A primitive that never falls (the table's `monotone`) is enclosed by its values at the box's ends, so
that sigmoid on [-50, 50] costs two evaluations and is exact. An even one is folded at 0, and a stretch
on which a primitive is monotone (`stretch`) is used there; all else goes through balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from flint import arb, ctx

from rheobase.enclosure.interval import (
    INF,
    NEG_INF,
    NIL,
    WHOLE,
    Interval,
    add,
    around,
    div,
    down,
    hull,
    meet,
    mul,
    neg,
    outward,
    point,
    size,
    sub,
    up,
    whole_power,
)
from rheobase.enclosure.polynomials import Polynomial, mixed
from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable, postorder, x
from rheobase.ops import COMPARISONS, OPS, Op

SLACK = 1e-12
"""Ends of a range that are no whole numbers are doubles near the true ones."""


class Seen(NamedTuple):
    """What a formula does on a box.

    Attributes:
        range: an enclosure of its values.
        analytic: is it one analytic function there, defined at every point?
        continuous: is it at least continuous there, and defined?
        defined: has it a value at every point, whether it jumps or not?
    """

    range: Interval
    analytic: bool
    continuous: bool
    defined: bool


ANALYTIC, CONTINUOUS, DEFINED, BROKEN = range(4)
BY_EXPONENTIALS = frozenset(
    ("exp", "expm1", "sinh", "cosh", "sech", "erf", "erfc", "sigmoid", "softplus", "log_sigmoid", "Phi", "phi")
)
"""Primitives whose balls give up far out."""


class _State:
    """The worst that one node met."""

    __slots__ = ("worst",)

    def __init__(self) -> None:
        self.worst = ANALYTIC

    def kink(self) -> None:
        self.worst = max(self.worst, CONTINUOUS)

    def jump(self) -> None:
        self.worst = max(self.worst, DEFINED)

    def break_(self) -> None:
        self.worst = BROKEN


Rule = Callable[[list[Any], _State], Any]


class Enclosure:
    """A formula in x as a list of steps over intervals."""

    def __init__(self, expr: Expr, by_terms: bool = False) -> None:
        whole = set() if by_terms else {node for node in postorder(expr) if mixed(node)}
        nodes = _reached(expr, whole)
        index = {node: i for i, node in enumerate(nodes)}
        steps: list[tuple[int, Expr, Rule, tuple[int, ...]]] = []
        for i, node in enumerate(nodes):
            rule, args = (_polynomial(node), (x,)) if node in whole else (_rule(node), node.args)
            steps.append((i, node, rule, tuple(index[a] for a in args)))
        self.fixed = [step for step in steps if not step[1].symbols]
        self.varying = [step for step in steps if step[1].symbols and not isinstance(step[1], Variable)]
        self.inputs = [i for i, node, _, _ in steps if isinstance(node, Variable)]
        self.size = len(nodes)
        self.known: dict[int, tuple[list[Any], list[int]]] = {}

    def __call__(self, box: Interval) -> Seen:
        if ctx.prec not in self.known:
            kept: tuple[list[Any], list[int]] = [None] * self.size, [ANALYTIC] * self.size
            self._run(self.fixed, *kept)
            self.known[ctx.prec] = kept
        values, worst = self.known[ctx.prec][0].copy(), self.known[ctx.prec][1].copy()
        for i in self.inputs:
            values[i] = box
        self._run(self.varying, values, worst)
        flaw = worst[-1]
        # 0 times what has no value looks like 0: nothing is known at one point without a value.
        range_ = WHOLE if flaw == BROKEN and box.low == box.high else values[-1]
        return Seen(range_, flaw == ANALYTIC, flaw <= CONTINUOUS, flaw <= DEFINED)

    @staticmethod
    def _run(steps: list[tuple[int, Expr, Rule, tuple[int, ...]]], values: list[Any], worst: list[int]) -> None:
        flawed = any(worst)
        state = _State()
        for i, node, rule, args in steps:
            values[i] = rule([values[a] for a in args], state)
            if state.worst or flawed:
                worst[i] = max([state.worst, *_flaws(node, args, values, worst)])
                state.worst, flawed = ANALYTIC, True


def _reached(expr: Expr, whole: set[Expr]) -> list[Expr]:
    """The nodes in order, but for those within a polynomial; x always, where it occurs."""
    kept: set[Expr] = set()
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if node not in kept:
            kept.add(node)
            waiting += [x] if node in whole else node.args
    return [node for node in postorder(expr) if node in kept]


def _polynomial(node: Expr) -> Rule:
    program, by_terms = Polynomial(node), Enclosure(node, by_terms=True)

    def rule(args: list[Any], _: _State) -> Interval:
        (box,) = args
        if not (abs(box.low) < INF and abs(box.high) < INF):
            return by_terms(box).range
        found, exact = program(box)
        return found if exact else meet(found, by_terms(box).range)

    return rule


def _flaws(node: Expr, args: tuple[int, ...], values: list[Any], worst: list[int]) -> list[int]:
    """The flaws of the arguments that reach the node: of a `where` that is decided those of the branch taken.

    Jumps in its condition do not matter then, but where the condition has no value, the node has none.
    """
    if isinstance(node, Apply) and node.op == "where" and values[args[0]] is not None:
        condition, taken = worst[args[0]], worst[args[1] if values[args[0]] else args[2]]
        return [taken, condition if condition == BROKEN else ANALYTIC]
    return [worst[a] for a in args]


@lru_cache(maxsize=4096)
def enclosure(expr: Expr) -> Enclosure:
    """`expr` made ready to be enclosed on boxes.

    >>> from rheobase.parse import parse
    >>> seen = enclosure(parse("sigmoid(x)"))(Interval(arb(-30), arb(30)))
    >>> seen.analytic, bool(seen.range.low > 0), bool(seen.range.high < 1)
    (True, True, True)
    """
    return Enclosure(expr)


def _rule(node: Expr) -> Rule:
    if isinstance(node, Number):
        return lambda _, __: point(node.value)
    if isinstance(node, Constant):
        return lambda _, __: around(arb.pi() if node.name == "pi" else arb.const_e())
    assert not isinstance(node, Parameter), "parameters have their values before anything is enclosed"
    if not isinstance(node, Apply):
        return lambda _, __: WHOLE
    if node.op in ("minimum", "maximum") and node.args[0] is node.args[1]:
        return lambda a, _: a[0]
    if node.op in COMPARISONS and node.args[0] is node.args[1]:
        return lambda _, __: node.op in ("le", "ge")
    if node.op in _SPECIAL:
        return _SPECIAL[node.op]
    if node.op in COMPARISONS:
        return _comparison(node.op)
    if node.op == "pow":
        return _power(node.args[1])
    return _primitive(OPS[node.op])


def _primitive(row: Op) -> Rule:
    bounds = Interval(_end(row.range[0], -1), _end(row.range[1], +1))
    low, high = row.domain

    def rule(args: list[Any], state: _State) -> Interval:
        (a,) = args
        if row.smooth < 0:
            if a.low != a.high and (_steps_in(row, a) if row.kinks is None else any(k in a for k in row.kinks)):
                state.jump() if row.monotone else state.break_()
        elif row.smooth == 0 and any(k in a for k in row.kinks or ()):
            state.kink()
        if a.low <= low > -math.inf or a.high >= high < math.inf:
            if a.low < low or a.high > high or _infinite_at(row, a):
                state.break_()
            else:
                state.kink()  # sqrt at 0: defined, without a slope
            a = Interval(_greater(a.low, low), _lesser(a.high, high))
            if a.low > a.high:
                return WHOLE
        return meet(_values(row, a), bounds) if bounds != WHOLE else _values(row, a)

    return rule


def _steps_in(row: Op, a: Interval) -> bool:
    """May a stair (floor, round) step, or tan have a pole, within the box?"""
    if not (abs(a.low) < INF and abs(a.high) < INF):
        return True
    return not (row.arb(a.low) == row.arb(a.high) if row.monotone else row.arb(a.ball).is_finite())


def _infinite_at(row: Op, a: Interval) -> bool:
    return any(not row.arb(end).is_finite() for end in (a.low, a.high) if abs(end) < INF)


def _greater(a: arb, floor: float) -> arb:
    return a if a >= floor else arb(floor)


def _lesser(a: arb, ceiling: float) -> arb:
    return a if a <= ceiling else arb(ceiling)


def _end(value: float, side: int) -> arb:
    if math.isinf(value) or value == int(value):
        return arb(value) if math.isfinite(value) else INF if value > 0 else NEG_INF
    return arb(value + side * SLACK)


def _values(row: Op, a: Interval) -> Interval:
    if row.name in BY_EXPONENTIALS:
        a = outward(a)
    if row.monotone:
        ends = [_at(row, a.low), _at(row, a.high)]
        if row.monotone < 0:
            ends.reverse()
        return Interval(down(ends[0]), up(ends[1]))
    if row.parity == "even":
        a = size(a)
    if row.stretch is not None and a.low >= row.stretch[0] and a.high <= row.stretch[1]:
        ends = [_at(row, a.low), _at(row, a.high)]
        if row.stretch[2] < 0:
            ends.reverse()
        return Interval(down(ends[0]), up(ends[1]))
    if not (abs(a.low) < INF and abs(a.high) < INF):
        return Interval(_end(row.range[0], -1), _end(row.range[1], +1))
    return around(row.arb(a.ball))


def _at(row: Op, end: arb) -> arb:
    value = row.arb(end)
    if not value.is_nan():
        return value
    if end == row.domain[0] or end == NEG_INF:
        return NEG_INF if row.monotone >= 0 else INF
    return INF if row.monotone >= 0 else NEG_INF


def _comparison(op: str) -> Rule:
    def rule(args: list[Any], _: _State) -> bool | None:
        a, b = args if op in ("lt", "le") else reversed(args)
        if op in ("lt", "gt"):
            return True if a.high < b.low else False if a.low >= b.high else None
        return True if a.high <= b.low else False if a.low > b.high else None

    return rule


def _where(args: list[Any], state: _State) -> Interval:
    condition, a, b = args
    if condition is None:
        state.jump()
        return hull([a, b])
    return a if condition else b


def _choose(pick: Callable[[arb, arb], bool]) -> Rule:
    def rule(args: list[Any], state: _State) -> Interval:
        a, b = args
        if not (a.high < b.low or b.high < a.low) and not (a == b and a.low == a.high):
            state.kink()
        return Interval(
            a.low if pick(a.low, b.low) else b.low,
            a.high if pick(a.high, b.high) else b.high,
        )

    return rule


_minimum, _maximum = _choose(lambda a, b: bool(a <= b)), _choose(lambda a, b: bool(a >= b))


def _clip(args: list[Any], state: _State) -> Interval:
    a, low, high = args
    return _minimum([_maximum([a, low], state), high], state)


def _relu(args: list[Any], state: _State) -> Interval:
    return _maximum([args[0], NIL], state)


def _abs(args: list[Any], state: _State) -> Interval:
    (a,) = args
    if a.low < 0 < a.high or (a.low == 0) != (a.high == 0):
        state.kink()
    return size(a)


def _division(args: list[Any], state: _State) -> Interval:
    a, b = args
    if b.low <= 0 <= b.high:
        state.break_()
    return div(a, b)


def _power(exponent: Expr) -> Rule:
    if isinstance(exponent, Number) and exponent.value.denominator == 1:
        n = int(exponent.value)

        def whole(args: list[Any], state: _State) -> Interval:
            if n < 0 and args[0].low <= 0 <= args[0].high:
                state.break_()
            return whole_power(args[0], n)

        return whole

    def rule(args: list[Any], state: _State) -> Interval:
        a, b = args
        if not a.low > 0:
            if a.low < 0 or not b.low > 0:
                state.break_()
            else:
                state.kink()
            a = Interval(_greater(a.low, 0.0), a.high)
            if a.low > a.high:
                return WHOLE
        logs = Interval(NEG_INF if a.low == 0 else down(a.low.log()), up(a.high.log()) if a.high > 0 else NEG_INF)
        return exponential(mul(b, logs))

    return rule


def exponential(a: Interval) -> Interval:
    """exp of an interval.

    >>> tiny = exponential(Interval(-(arb(2) ** 2000), -(arb(2) ** 2000)))
    >>> bool(tiny.high > 0), bool(tiny.low < tiny.high)
    (True, True)
    """
    return _values(OPS["exp"], a)


_SPECIAL: dict[str, Rule] = {
    "add": lambda a, _: add(a[0], a[1]),
    "sub": lambda a, _: sub(a[0], a[1]),
    "mul": lambda a, _: mul(a[0], a[1]),
    "neg": lambda a, _: neg(a[0]),
    "div": _division,
    "where": _where,
    "minimum": _minimum,
    "maximum": _maximum,
    "clip": _clip,
    "relu": _relu,
    "abs": _abs,
}


def at(expr: Expr, value: Fraction) -> Interval:
    """f at one exact number."""
    return enclosure(expr)(point(value)).range
