"""A formula's expansion towards ±inf, or towards a point from one side, composed through its tree.

`expand(expr, End("inf"), r)` holds for every x >= r; at a point c for every x within 1/r of it. A primitive
whose argument grows is replaced by what equals it there (the table's `left` and `right`); at a finite limit
its Taylor series is taken from the table's derivatives; erfc has its own series (DLMF 7.12.1, whose error is
smaller than the first term left out and has its sign).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import factorial
from typing import NamedTuple

from rheobase.differentiate import differentiate
from rheobase.enclosure import interval as iv
from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.coefficients import BITS, ONE, Coefficient, Undecided, atom, rational, wave
from rheobase.enclosure.constants import applied, exactly
from rheobase.enclosure.interval import Interval, precision
from rheobase.enclosure.memory import remembered
from rheobase.enclosure.monomials import LOG, UNITY, Monomial, T, TooNear, exponential, growth
from rheobase.enclosure.series import NONE, Algebra, Series, constant
from rheobase.expr import Apply, Constant, Expr, Parameter, substitute, x
from rheobase.ops import COMPARISONS, OPS
from rheobase.parse import parse
from rheobase.simplify import simplify


class End(NamedTuple):
    """Where x goes: "inf", "-inf", or a point (a formula without x) from the left (-1) or right (+1)."""

    at: str | Expr
    side: int = 1


LEFT, RIGHT = End("-inf"), End("inf")


class Expansion(NamedTuple):
    """The expansion in t, for every t >= r: t = |x| towards ±inf, 1/|x - c| towards a point."""

    series: Series
    algebra: Algebra
    stairs: bool = False
    """Does a growing argument climb stairs (floor, round)? The formula is not continuous there then."""

    @property
    def sign(self) -> int:
        """The one sign at every t >= r; raises Undecided."""
        with precision(BITS):
            return self.algebra.sign(self.series)

    @property
    def limit(self) -> Coefficient | str:
        """The limit as t -> inf: a number, "inf" or "-inf"; raises Undecided where it oscillates or is not told."""
        top = self.series.top
        if top is None or growth(top) < 0:
            return Coefficient({})
        if growth(top) > 0 and (sure := self.series.certain) and not sure[0][0].constant:
            with precision(BITS):
                sign = sure[0][0].interval().sign
            if sign:
                return "inf" if sign > 0 else "-inf"
        if self.series.leads and growth(top) > 0:
            with precision(BITS):
                return "inf" if self.series.terms[0][0].sign() > 0 else "-inf"
        if self.series.leads and top == UNITY:
            return self.series.terms[0][0]
        raise Undecided("it oscillates, or its limit is not told")

    @property
    def swings(self) -> bool:
        """Does the leading term oscillate without dying out, so that there is no limit, not even an infinite one?"""
        if not self.series.certain:
            return False
        c, m = self.series.certain[0]
        if c.constant or growth(m) < 0:
            return False
        with precision(BITS):
            return c.varies() if growth(m) == 0 else c.alternates()

    @property
    def alternates(self) -> bool:
        """Does the leading term take both signs again and again, so that the formula does?"""
        if self.stairs or not self.series.certain:
            return False
        c, _ = self.series.certain[0]
        with precision(BITS):
            return not c.constant and c.alternates()

    @property
    def box(self) -> Interval:
        """All values at t >= r."""
        with precision(BITS):
            return self.algebra.box(self.series)


@remembered(maxsize=8192)
def expand(expr: Expr, end: End, r: int, order: int = 4) -> Expansion:
    """The expansion of `expr` towards an end.

    Raises:
        TooNear: where a larger `r` may do.
        Undecided: where the formula is beyond this method; says why.

    >>> from rheobase.parse import parse
    >>> str(expand(parse("x + sqrt(x**2 + 4)"), LEFT, 8, 3).series)
    '(2)*t**-1 + (-2)*t**-3 + O(t**-5)'
    """
    with precision(BITS):
        walk = _Walk(Algebra(r, order), end)
        return Expansion(walk.of(expr), walk.a, walk.stairs)


class _Walk:
    """One walk through a tree, with the expansions of its nodes kept."""

    def __init__(self, algebra: Algebra, end: End) -> None:
        self.a = algebra
        self.end = end
        self.stairs = False
        self.known: dict[Expr, Series] = {x: self._input()}

    def _input(self) -> Series:
        if isinstance(self.end.at, str):
            return Series(((rational(1 if self.end.at == "inf" else -1), T),))
        step = Series(((rational(self.end.side), UNITY / T),))
        return self.a.add(constant(exactly(self.end.at)), step)

    def of(self, expr: Expr) -> Series:
        found = self.known.get(expr)
        if found is None:
            found = constant(exactly(expr)) if not expr.symbols else self._apply(expr)
            self.known[expr] = found
        return found

    def _apply(self, node: Expr) -> Series:
        assert isinstance(node, Apply)
        a = self.a
        if node.op == "where":
            return self.of(node.args[1] if self._holds(node.args[0]) else node.args[2])
        args = [self.of(arg) for arg in node.args]
        match node.op:
            case "add":
                return a.add(*args)
            case "sub":
                return a.sub(*args)
            case "neg":
                return a.neg(args[0])
            case "mul":
                return a.mul(*args)
            case "div":
                return a.mul(args[0], a.reciprocal(args[1]))
            case "pow":
                return self._power(node, args)
            case "minimum" | "maximum":
                smaller = a.sign(a.sub(args[0], args[1])) < 0
                return args[0] if smaller == (node.op == "minimum") else args[1]
            case "clip":
                raised = args[1] if a.sign(a.sub(args[0], args[1])) < 0 else args[0]
                return args[2] if a.sign(a.sub(raised, args[2])) > 0 else raised
            case _:
                return self._primitive(node, args[0])

    def _holds(self, condition: Expr) -> bool:
        assert isinstance(condition, Apply) and condition.op in COMPARISONS
        sign = self.a.sign(self.a.sub(self.of(condition.args[0]), self.of(condition.args[1])))
        return {"lt": sign < 0, "le": sign <= 0, "gt": sign > 0, "ge": sign >= 0}[condition.op]

    def _power(self, node: Apply, args: list[Series]) -> Series:
        base, exponent = args
        if not node.args[1].symbols and (exact := exactly(node.args[1]).rational) is not None:
            return self.a.power(base, exact)
        if self.a.sign(base) <= 0:
            raise Undecided(f"{node} is not defined")
        return self.exp(self.a.mul(exponent, self.log(base)))

    def _primitive(self, node: Apply, s: Series) -> Series:
        """A primitive of one argument, whose expansion is `s`."""
        op = node.op
        match op:
            case "exp":
                return self.exp(s)
            case "log":
                return self.log(s)
            case "sqrt":
                return self.a.power(s, Fraction(1, 2))
            case "abs":
                return s if self.a.sign(s) >= 0 else self.a.neg(s)
            case "relu":
                return s if self.a.sign(s) > 0 else NONE
            case "sign":
                return constant(rational(self.a.sign(s)))
            case "step":
                return constant(rational(int(self.a.sign(s) >= 0)))
        top = s.top
        if top is None or growth(top) < 0 or (top == UNITY and s.leads):
            return self._at_finite(op, s)
        if op in ("floor", "round"):
            self.stairs = True
            low, high = ((-1, 0), (Fraction(-1, 2), Fraction(1, 2)))[op == "round"]
            return self.a.add(s, Series((), (Interval(iv.point(low).low, iv.point(high).high), UNITY)))
        if op in ("sin", "cos"):
            return self._oscillating(op, s)
        if not s.leads or growth(top) <= 0:
            return self._bounded(op, s)
        return self._at_infinity(op, node.args[0], s)

    def _at_infinity(self, op: str, argument: Expr, s: Series) -> Series:
        row = OPS[op]
        sign = self.a.sign(s)
        if sign < 0 and not row.left and row.parity:
            mirrored = self.of(Apply(op, (_negated(argument),)))
            return self.a.neg(mirrored) if row.parity == "odd" else mirrored
        if op == "erfc" and sign > 0:
            return self._erfc(s)
        text = row.right if sign > 0 else row.left
        if not text:
            raise Undecided(f"{op} of a growing argument")
        return self.of(substitute(_identity(text), {_A: argument}))

    def _erfc(self, s: Series) -> Series:
        """exp(-a²)/(a sqrt(pi)) Σ (-1)^k (2k-1)!!/(2a²)^k, between any two of its partial sums."""
        a = self.a
        square = a.mul(s, s)
        v = a.reciprocal(a.times(square, rational(2), UNITY))
        total, power, double = constant(ONE), constant(ONE), 1
        n = max(a.order, 2)
        for k in range(1, n):
            power, double = a.mul(power, v), double * (2 * k - 1)
            total = a.add(total, a.times(power, rational((-1) ** k * double), UNITY))
        last = a.times(a.mul(power, v), rational((-1) ** n * double * (2 * n - 1)), UNITY)
        edge = iv.hull([iv.NIL, iv.EINS])
        errors = [(iv.mul(c.interval(), edge), m) for c, m in last.terms]
        if last.error:
            errors.append((iv.mul(last.error[0], edge), last.error[1]))
        total = a.collect(total.terms, [*errors, *([total.error] if total.error else [])])
        outer = a.mul(self.exp(a.neg(square)), a.reciprocal(a.times(s, atom(_PI, Fraction(1, 2)), UNITY)))
        return a.mul(outer, total)

    def _at_finite(self, op: str, s: Series) -> Series:
        """The Taylor series about the limit; a stair by the side from which it is reached."""
        limit = s.terms[0][0] if s.terms and s.terms[0][1] == UNITY else rational(0)
        u = self.a.sub(s, constant(limit))
        if op in ("floor", "round"):
            return self._stair(op, limit, u)

        def taylor(k: int) -> Coefficient:
            return _taylor(op, k, limit)

        def edge(n: int, box: Interval) -> Interval:
            around = iv.add(limit.interval(), box)
            seen = enclosure(_derivative(op, n))(around)
            own = enclosure(Apply(op, (x,)))(around)
            if not (own.analytic and seen.continuous):
                raise TooNear(f"{op} is not smooth so far from its limit")
            return iv.mul(seen.range, iv.point(Fraction(1, factorial(n))))

        return self.a.compose(taylor, edge, u)

    def _stair(self, op: str, limit: Coefficient, u: Series) -> Series:
        shift = Fraction(0) if op == "floor" else Fraction(1, 2)
        raised = limit + rational(shift)
        if not iv.size(self.a.box(u)).high < 1:
            raise TooNear(f"{op} may step twice so far from its limit")
        if (exact := raised.rational) is not None and exact.denominator == 1:
            sign = self.a.sign(u)
            if sign == 0:
                return constant(applied(op, [limit]))
            return constant(rational(exact if sign > 0 else exact - 1))
        box = iv.add(raised.interval(), iv.hull([self.a.box(u), iv.NIL]))
        if box.low.floor() != box.high.floor():
            raise TooNear(f"{op} steps so far from its limit")
        return constant(applied("floor", [raised]))

    def _oscillating(self, op: str, s: Series) -> Series:
        """sin(w t + c) by the addition theorem, so that waves that cancel are seen to."""
        rates = {m: c for c, m in s.terms}
        rate, phase = rates.pop(T, None), rates.pop(UNITY, rational(0))
        if rates or rate is None or s.error or not (rate.constant and phase.constant):
            return Series((), (iv.UNIT, UNITY))
        sine, cosine = applied("sin", [phase]), applied("cos", [phase])
        if op == "sin":
            return constant(wave("sin", rate) * cosine + wave("cos", rate) * sine)
        return constant(wave("cos", rate) * cosine + -(wave("sin", rate) * sine))

    def _bounded(self, op: str, s: Series) -> Series:
        """An argument that has no limit: only the range is known."""
        seen = enclosure(Apply(op, (x,)))(self.a.box(s))
        if not seen.continuous:
            raise Undecided(f"{op} of an argument without a limit")
        return Series((), (seen.range, UNITY))

    def exp(self, s: Series) -> Series:
        a = self.a
        large = [(m, c) for c, m in s.terms if growth(m) > 0]
        if any(not c.constant for _, c in large) or (s.error and growth(s.error[1]) > 0):
            raise Undecided("an exponential of what oscillates without bound")
        for _, c in large:
            c.sign()
        scale = exponential(large)
        level = [c for c, m in s.terms if m == UNITY]
        small = Series(tuple((c, m) for c, m in s.terms if growth(m) < 0), s.error)
        unsettled = (s.error is not None and s.error[1] == UNITY) or any(not c.constant for c in level)
        if unsettled:
            rest = Series(tuple((c, m) for c, m in s.terms if growth(m) <= 0), s.error)
            box = enclosure(Apply("exp", (x,)))(a.box(rest)).range
            return Series((), (box, scale))
        factor = applied("exp", level) if level and level[0].rational is None else _exp_of(level)

        def edge(n: int, box: Interval) -> Interval:
            return iv.mul(enclosure(Apply("exp", (x,)))(box).range, iv.point(Fraction(1, factorial(n))))

        inner = a.compose(lambda k: rational(Fraction(1, factorial(k))), edge, small)
        return a.times(inner, factor, scale)

    def log(self, s: Series) -> Series:
        a = self.a
        if s.leads and s.terms[0][0].sign() < 0:
            raise Undecided("the logarithm of a negative number")
        c, m, u = a.split(s)

        def edge(n: int, box: Interval) -> Interval:
            base = iv.add(iv.EINS, box)
            if not base.low > 0:
                raise TooNear("a logarithm is not settled yet")
            return iv.mul(iv.point(Fraction((-1) ** (n - 1), n)), iv.inverse(iv.whole_power(base, n)))

        inner = a.compose(lambda k: rational(Fraction((-1) ** (k - 1), k) if k else 0), edge, u)
        return a.add(a.add(inner, self._log_of(m)), constant(_log_coefficient(c)))

    def _log_of(self, m: Monomial) -> Series:
        if m.log:
            raise Undecided("a logarithm of a logarithm")
        terms = [(c, inner) for inner, c in m.exponent]
        if m.power:
            terms.append((rational(m.power), LOG))
        return self.a.collect(terms, [])


_A = Parameter("a")
_PI = Constant("pi")


def _negated(a: Expr) -> Expr:
    return a.args[0] if isinstance(a, Apply) and a.op == "neg" else -a


def _exp_of(level: list[Coefficient]) -> Coefficient:
    exponent = level[0].rational if level else Fraction(0)
    return atom(Constant("e"), exponent) if exponent else ONE


def _log_coefficient(c: Coefficient) -> Coefficient:
    return applied("log", [c]) if c != ONE else rational(0)


@lru_cache(maxsize=256)
def _identity(text: str) -> Expr:
    return parse(text, ("a",))


@lru_cache(maxsize=1024)
def _derivative(op: str, n: int) -> Expr:
    return Apply(op, (x,)) if n == 0 else simplify(differentiate(_derivative(op, n - 1)))


@remembered(maxsize=4096)
def _taylor(op: str, k: int, limit: Coefficient) -> Coefficient:
    if k == 0:
        return applied(op, [limit])
    here = limit.expr()
    value = exactly(substitute(_derivative(op, k), {x: here}))
    return value * rational(Fraction(1, factorial(k)))
