"""Coefficients of an expansion: sums of products of exact constants, and of sines of x where a tail oscillates.

A coefficient is a polynomial with rational factors in *atoms*: pi, e, roots of whole numbers, values such as
tanh(1/2), and sin(2*x). Sums are exact, so that what cancels is seen to cancel.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx, fmpq

from rheobase.enclosure.boxes import enclosure
from rheobase.enclosure.interval import (
    NIL,
    WHOLE,
    Interval,
    add,
    down,
    mul,
    point,
    precision,
    up,
    whole_power,
)
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, Variable

BITS = 128
"""The precision of all enclosures, unless a sign wants more."""
LARGEST_ROOT = 24
"""Roots up to this one are looked at for a rational value; under a 10,000th root stands a number too long for it."""
MAX_PRODUCTS = 300
"""Terms of a coefficient; those of the catalogue's formulas have up to 12 in an expansion."""
Ratio = Fraction | int
"""A rational number; a whole one is an int, which is quicker."""
Product = tuple[tuple[Expr, Ratio], ...]
"""Atoms with their exponents, in the order of their names."""


class Undecided(RheobaseError):
    """The method at hand does not tell; `what` says why."""


class Undefined(Undecided):
    """There is no value, for certain."""


class Coefficient:
    """Σ rational × Π atom**exponent; immutable, equal where its terms are equal."""

    __slots__ = ("_hash", "_intervals", "terms")

    def __init__(self, terms: dict[Product, Ratio]) -> None:
        self.terms = terms
        self._hash: int | None = None
        self._intervals: dict[int, Interval] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coefficient) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __add__(self, other: Coefficient) -> Coefficient:
        terms = dict(self.terms)
        for product, factor in other.terms.items():
            total = terms.get(product, 0) + factor
            if total:
                terms[product] = total
            else:
                terms.pop(product, None)
        return Coefficient(terms)

    def __mul__(self, other: Coefficient) -> Coefficient:
        if self is ONE or other is ONE:
            return other if self is ONE else self
        result: dict[Product, Ratio] = {}
        for p, a in self.terms.items():
            for q, b in other.terms.items():
                for product, factor in _products(p, q):
                    total = result.get(product, 0) + a * b * factor
                    if total:
                        result[product] = total
                    else:
                        result.pop(product, None)
        if len(result) > MAX_PRODUCTS:
            raise Undecided(f"a coefficient of more than {MAX_PRODUCTS} terms")
        return Coefficient(result)

    def __neg__(self) -> Coefficient:
        return Coefficient({p: -f for p, f in self.terms.items()})

    @property
    def constant(self) -> bool:
        """Is it a number, with no sine of x in it?"""
        return not any(atom.symbols for product in self.terms for atom, _ in product)

    @property
    def rational(self) -> Fraction | None:
        if not self.terms:
            return Fraction(0)
        return Fraction(self.terms[()]) if len(self.terms) == 1 and () in self.terms else None

    def fourier(self) -> tuple[Coefficient, dict[Coefficient, tuple[Coefficient, Coefficient]]]:
        """(mean, {rate: (factor of the cosine, factor of the sine)})."""
        mean: dict[Product, Ratio] = {}
        waves: dict[Coefficient, tuple[Coefficient, Coefficient]] = {}
        for product, factor in self.terms.items():
            found = next((a for a, _ in product if a in _RATES), None)
            if found is None:
                mean[product] = factor
                continue
            assert isinstance(found, Apply)
            part = Coefficient({tuple(t for t in product if t[0] is not found): factor})
            cosine, sine = waves.get(_RATES[found], (ZERO, ZERO))
            waves[_RATES[found]] = (cosine + part, sine) if found.op == "cos" else (cosine, sine + part)
        return Coefficient(mean), waves

    def varies(self) -> bool:
        """Is a wave in it that does not vanish? False where that cannot be told."""
        try:
            return any(a.terms and a.sign() for pair in self.fourier()[1].values() for a in pair)
        except Undecided:
            return False

    def alternates(self) -> bool:
        """Does it take both signs again and again? False where that cannot be told.

        A trigonometric polynomial without a constant term has mean 0, so that it takes both signs in every
        long stretch (Bohr 1925); with one, a single rate shows it by its amplitude.
        """
        mean, waves = self.fourier()
        try:
            shown = [a for pair in waves.values() for a in pair if a.terms and a.sign()]
            if not shown:
                return False
            if not mean.terms:
                return True
            if len(waves) > 1:
                return False
            ((cosine, sine),) = waves.values()
            return (cosine * cosine + sine * sine + -(mean * mean)).sign() > 0
        except Undecided:
            return False

    def interval(self) -> Interval:
        """An enclosure of its values, for every x."""
        found = self._intervals.get(ctx.prec)
        if found is None:
            found = self._swept() if not self.constant else self._sum()
            self._intervals[ctx.prec] = found
        return found

    def _sum(self) -> Interval:
        total = NIL
        for product, factor in self.terms.items():
            part = point(factor)
            for base, exponent in product:
                part = mul(part, _power(enclosure(base)(WHOLE).range, exponent))
            total = add(total, part)
        return total

    def _swept(self) -> Interval:
        """The mean, give or take the amplitude of every rate."""
        mean, waves = self.fourier()
        total = mean.interval()
        for cosine, sine in waves.values():
            square = add(whole_power(cosine.interval(), 2), whole_power(sine.interval(), 2))
            reach = up(square.high.sqrt())
            total = add(total, Interval(-reach, reach))
        return total

    def sign(self) -> int:
        """The sign of a number.

        Raises:
            Undecided: where 2,000 bits do not tell, or it oscillates.
        """
        if not self.terms:
            return 0
        if not self.constant:
            raise Undecided(f"{self} oscillates")
        for bits in (ctx.prec, 500, 2000):
            with precision(bits):
                sign = self.interval().sign
            if sign:
                return sign
        raise Undecided(f"cannot tell {self} from 0")

    def __str__(self) -> str:
        return str(self.expr())

    __repr__ = __str__

    def expr(self) -> Expr:
        """The same as a formula."""
        total: Expr | None = None
        for product, factor in sorted(self.terms.items(), key=lambda t: [(str(a), e) for a, e in t[0]]):
            part: Expr | None = None if factor == 1 and product else Number(factor)
            for atom, exponent in product:
                power = atom if exponent == 1 else atom ** Number(exponent)
                part = power if part is None else part * power
            assert part is not None
            total = part if total is None else total + part
        return Number(0) if total is None else total


def lean(value: Ratio) -> Ratio:
    return value.numerator if value.denominator == 1 else value


def rational(value: Ratio) -> Coefficient:
    return Coefficient({(): lean(value)} if value else {})


ZERO, ONE = rational(0), rational(1)


def atom(expr: Expr, exponent: Ratio = 1) -> Coefficient:
    return Coefficient({((expr, lean(exponent)),): 1})


t = Variable("t")
"""The variable of waves: not x, of whose sines other powers occur (see `algebra`)."""
_RATES: dict[Expr, Coefficient] = {}
"""Of each sine or cosine of t that is an atom, what multiplies t."""


_SUMS: dict[Expr, Coefficient] = {}
"""Of each sum of which a power is an atom, the sum."""


def wave(kind: str, rate: Coefficient) -> Coefficient:
    """sin(rate*t) or cos(rate*t); at most one of them stands in a product, as in a Fourier series."""
    sign = rate.sign()
    if sign == 0:
        return ONE if kind == "cos" else ZERO
    if sign < 0:
        return -wave(kind, -rate) if kind == "sin" else wave(kind, -rate)
    node = Apply(kind, (rate.expr() * t if rate != ONE else t,))
    _RATES[node] = rate
    return atom(node)


def _products(p: Product, q: Product) -> list[tuple[Product, Ratio]]:
    """The product of two products; sin*cos and the like as sums."""
    waves = [[a for a, _ in product if a in _RATES] for product in (p, q)]
    if not (waves[0] and waves[1]):
        return _opened(*_joined(p, q))
    first, second = waves[0][0], waves[1][0]
    rest, factor = _joined(tuple(t for t in p if t[0] is not first), tuple(t for t in q if t[0] is not second))
    total = Coefficient({rest: factor * Fraction(1, 2)}) * _beats(first, second)
    return list(total.terms.items())


def _opened(product: Product, factor: Ratio) -> list[tuple[Product, Ratio]]:
    """A product with its sums to a whole positive power multiplied out, so that 1/(1/(1 + pi)) is 1 + pi."""
    whole = next((t for t in product if t[0] in _SUMS and t[1] > 0 and t[1].denominator == 1), None)
    if whole is None:
        return [(product, factor)]
    total = Coefficient({tuple(t for t in product if t is not whole): factor})
    for _ in range(int(whole[1])):
        total = total * _SUMS[whole[0]]
    return list(total.terms.items())


def _beats(first: Expr, second: Expr) -> Coefficient:
    """Twice the product of two waves."""
    assert isinstance(first, Apply) and isinstance(second, Apply)
    a, b = _RATES[first], _RATES[second]
    match first.op, second.op:
        case "sin", "sin":
            return wave("cos", a + -b) + -wave("cos", a + b)
        case "cos", "cos":
            return wave("cos", a + -b) + wave("cos", a + b)
        case "sin", _:
            return wave("sin", a + b) + wave("sin", a + -b)
        case _:
            return wave("sin", a + b) + -wave("sin", a + -b)


def _joined(p: Product, q: Product) -> tuple[Product, Ratio]:
    if not p or not q:
        return p or q, 1
    exponents: dict[Expr, Ratio] = dict(p)
    for base, exponent in q:
        exponents[base] = exponents.get(base, 0) + exponent
    return _canonical(exponents)


def _canonical(exponents: dict[Expr, Ratio]) -> tuple[Product, Ratio]:
    """The product in order, and the rational factor that comes out of its roots."""
    factor: Ratio = 1
    kept: list[tuple[Expr, Ratio]] = []
    for base, exponent in exponents.items():
        if isinstance(base, Number):
            whole = exponent.numerator // exponent.denominator
            factor *= base.value**whole
            exponent -= whole
        if exponent:
            kept.append((base, lean(exponent)))
    if len(kept) > 1:
        kept.sort(key=_by_name)
    return tuple(kept), lean(factor)


@lru_cache(maxsize=4096)
def _name(node: Expr) -> str:
    return str(node)


def _by_name(power_of: tuple[Expr, Ratio]) -> str:
    return _name(power_of[0])


def _power(base: Interval, exponent: Ratio) -> Interval:
    if exponent.denominator == 1:
        return whole_power(base, int(exponent))
    if not base.low > 0:
        return WHOLE
    power = arb(fmpq(exponent.numerator, exponent.denominator))
    ends = [base.low**power, base.high**power]
    if exponent < 0:
        ends.reverse()
    return Interval(down(ends[0]), up(ends[1]))


def power(base: Coefficient, exponent: Ratio) -> Coefficient:
    """base**exponent for a number; a fractional exponent wants a positive base.

    Raises:
        Undecided: where the sign of the base does not allow it.
    """
    if exponent == 0:
        return ONE
    if exponent.denominator == 1 and exponent > 0:
        result = base
        for _ in range(int(exponent) - 1):
            result = result * base
        return result
    if not base.terms and exponent > 0:
        return ZERO
    sign = base.sign()
    if sign == 0 or (sign < 0 and exponent.denominator != 1):
        raise Undefined(f"({base})**{exponent} is not defined")
    if len(base.terms) > 1:
        return _sum_to(base, exponent)
    ((product, factor),) = base.terms.items()
    whole = exponent.denominator == 1
    if not whole and not (factor > 0 and all(enclosure(a)(WHOLE).range.low > 0 for a, _ in product)):
        return _sum_to(base, exponent)
    scaled = dict(_opened(*_canonical({a: e * exponent for a, e in product})))
    return _rational_power(Fraction(factor), Fraction(exponent)) * Coefficient(scaled)


def _sum_to(base: Coefficient, exponent: Ratio) -> Coefficient:
    whole = base.expr()
    _SUMS[whole] = base
    return atom(whole, exponent)


def _rational_power(value: Fraction, exponent: Fraction) -> Coefficient:
    if exponent.denominator == 1:
        return rational(value ** int(exponent))
    whole = exponent.numerator // exponent.denominator
    rest = exponent - whole
    if value == 1:
        return ONE
    if rest.denominator > LARGEST_ROOT:
        return rational(value**whole) * Coefficient({((Number(value), rest),): 1})
    root = arb(fmpq(value.numerator, value.denominator)) ** arb(fmpq(rest.numerator, rest.denominator))
    near = Fraction(float(root.mid())).limit_denominator(10**6)
    if near**rest.denominator == value**rest.numerator:
        return rational(near * value**whole)
    # In whole numbers: (p/q)**r = (p q**(n-1))**r / q**(n r) with r = m/n; n r is whole.
    n = rest.denominator
    base, out = _taken_out(value.numerator * value.denominator ** (n - 1), n)
    outside = value**whole * Fraction(out, value.denominator) ** rest.numerator
    return rational(outside) * Coefficient({((Number(base), rest),): 1})


def _taken_out(whole: int, n: int) -> tuple[int, int]:
    """(rest, root) with whole = rest * root**n, so that sqrt(8) is 2 sqrt(2)."""
    root = 1
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        while whole % prime**n == 0:
            whole, root = whole // prime**n, root * prime
    return whole, root


def reciprocal(value: Coefficient) -> Coefficient:
    return power(value, Fraction(-1))
