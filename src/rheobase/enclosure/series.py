"""Expansions as t -> inf with an error that is enclosed for every t >= R: sums, products, quotients, compositions.

    f(t) = Σ c_k m_k(t) + ρ(t) m(t),    ρ(t) in an interval for every t >= R

with the monomials in falling order. What is beyond the wanted number of terms goes into ρ, so that limits,
signs and bounds read off an expansion hold for every t >= R, not only far enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cmp_to_key
from typing import NamedTuple

from flint import arb, fmpq

from rheobase.enclosure import interval as iv
from rheobase.enclosure.coefficients import ONE, Coefficient, Ratio, Undecided, power, rational, reciprocal
from rheobase.enclosure.interval import EINS, NIL, Interval
from rheobase.enclosure.monomials import UNITY, Monomial, TooNear, growth, outgrows, spread

Term = tuple[Coefficient, Monomial]
Error = tuple[Interval, Monomial]

_descending = cmp_to_key(outgrows)


MAX_WORK = 6000
"""Terms that are added in one expansion, with those of the coefficients; the catalogue's take up to 2,300."""


class Series(NamedTuple):
    """The expansion: terms in falling order, and the error, None where there is none."""

    terms: tuple[Term, ...]
    error: Error | None = None

    @property
    def zero(self) -> bool:
        return not self.terms and self.error is None

    @property
    def top(self) -> Monomial | None:
        """The largest monomial that may be there."""
        names = [m for _, m in self.terms[:1]] + ([self.error[1]] if self.error else [])
        return max(names, key=_descending) if names else None

    @property
    def certain(self) -> tuple[Term, ...]:
        """The terms that outgrow the error, and so are there."""
        if self.error is None:
            return self.terms
        return tuple(t for t in self.terms if outgrows(t[1], self.error[1]) > 0)

    @property
    def leads(self) -> bool:
        """Is the leading term a number times a monomial that outgrows all the rest?"""
        if not self.terms or not self.terms[0][0].constant:
            return False
        return self.error is None or outgrows(self.terms[0][1], self.error[1]) > 0

    def __str__(self) -> str:
        parts = [f"({c})*{m}" for c, m in self.terms]
        return " + ".join(parts + ([f"O({self.error[1]})"] if self.error else [])) or "0"


NONE = Series(())


def constant(value: Coefficient, m: Monomial = UNITY) -> Series:
    return Series(((value, m),)) if value.terms else NONE


class Algebra:
    """The arithmetic of expansions for one R and one number of terms."""

    def __init__(self, r: int, order: int) -> None:
        self.r = r
        self.order = order
        self.work = 0

    def collect(self, terms: Sequence[Term], errors: Sequence[Error]) -> Series:
        """Like terms put together; those beyond `order`, or below the error, absorbed in it."""
        self.work += len(errors) + sum(len(c.terms) for c, _ in terms)
        if self.work > MAX_WORK:
            raise Undecided(f"an expansion of more than {MAX_WORK} terms")
        sums: dict[Monomial, Coefficient] = {}
        for c, m in terms:
            sums[m] = sums[m] + c if m in sums else c
        kept = sorted(((c, m) for m, c in sums.items() if c.terms), key=lambda t: _descending(t[1]), reverse=True)
        rest = list(errors)
        largest = max((m for _, m in rest), key=_descending, default=None)
        cut = len(kept)
        if largest is not None:
            cut = next((i for i, (_, m) in enumerate(kept) if outgrows(m, largest) < 0), cut)
        cut = min(cut, self.order)
        rest += [(c.interval(), m) for c, m in kept[cut:]]
        if not rest:
            return Series(tuple(kept))
        scale = max((m for _, m in rest), key=_descending)
        total = NIL
        for bounds, m in rest:
            total = iv.add(total, iv.mul(bounds, spread(m / scale, self.r)))
        if total == NIL:
            return Series(tuple(kept[:cut]))
        return Series(tuple(kept[:cut]), (total, scale))

    def add(self, a: Series, b: Series) -> Series:
        if a.zero or b.zero:
            return b if a.zero else a
        return self.collect([*a.terms, *b.terms], [e for e in (a.error, b.error) if e])

    def neg(self, a: Series) -> Series:
        return Series(tuple((-c, m) for c, m in a.terms), (iv.neg(a.error[0]), a.error[1]) if a.error else None)

    def sub(self, a: Series, b: Series) -> Series:
        return self.add(a, self.neg(b))

    def times(self, a: Series, c: Coefficient, m: Monomial) -> Series:
        error = (iv.mul(a.error[0], c.interval()), a.error[1] * m) if a.error else None
        return self.collect([(d * c, n * m) for d, n in a.terms], [error] if error else [])

    def mul(self, a: Series, b: Series) -> Series:
        terms = [(c * d, m * n) for c, m in a.terms for d, n in b.terms]
        errors: list[Error] = []
        for one, other in ((a, b), (b, a)):
            if other.error:
                bounds, scale = other.error
                errors += [(iv.mul(c.interval(), bounds), m * scale) for c, m in one.terms]
        if a.error and b.error:
            errors.append((iv.mul(a.error[0], b.error[0]), a.error[1] * b.error[1]))
        return self.collect(terms, errors)

    def box(self, a: Series) -> Interval:
        """All values at t >= R."""
        top = a.top
        if top is None:
            return NIL
        lead = top if growth(top) > 0 else UNITY
        return iv.mul(self._over(a, lead), spread(lead, self.r))

    def sign(self, a: Series) -> int:
        """The one sign of a at every t >= R.

        Raises:
            TooNear: where a larger R may tell.
            Undecided: where the error hides it, or it oscillates.
        """
        if a.zero:
            return 0
        if a.leads or self._swept(a):
            return self.relative(a)[0]
        top = a.top
        assert top is not None
        if sign := self._over(a, top).sign:
            return sign
        raise Undecided(f"the sign of {a} is not told by its leading term")

    def _over(self, a: Series, scale: Monomial) -> Interval:
        """All values of a divided by a monomial, at t >= R."""
        inside = NIL
        for bounds, m in [(c.interval(), m) for c, m in a.terms] + ([a.error] if a.error else []):
            inside = iv.add(inside, iv.mul(bounds, spread(m / scale, self.r)))
        return inside

    @staticmethod
    def _swept(a: Series) -> bool:
        """Does the leading term oscillate on one side of 0?"""
        if not a.terms or (a.error is not None and outgrows(a.terms[0][1], a.error[1]) <= 0):
            return False
        return bool(a.terms[0][0].interval().sign)

    def relative(self, a: Series) -> tuple[int, Interval]:
        """(sign, an enclosure of a divided by its leading monomial) where one sign holds."""
        c, lead = a.terms[0]
        inside = self._over(a, lead)
        if not inside.sign:
            if c.constant and c.sign() == 0:
                raise Undecided(f"cannot tell {c} from 0")
            raise TooNear(f"the sign of {a} is not settled yet")
        return inside.sign, inside

    def split(self, a: Series) -> tuple[Coefficient, Monomial, Series]:
        """(c, m, u) with a = c m (1 + u) and u -> 0."""
        if not a.leads:
            raise Undecided(f"{a} has no leading term")
        c, m = a.terms[0]
        c.sign()
        rest = Series(a.terms[1:], a.error)
        return c, m, self.times(rest, reciprocal(c), UNITY / m)

    def compose(
        self, taylor: Callable[[int], Coefficient], remainder: Callable[[int, Interval], Interval], u: Series
    ) -> Series:
        """Σ taylor(k) u**k, with u -> 0; remainder(n, box) encloses the n-th coefficient at every point of the box."""
        top = u.top
        if top is None:
            return constant(taylor(0))
        if growth(top) >= 0:
            raise Undecided(f"{u} does not vanish")
        result, power = constant(taylor(0)), constant(ONE)
        for k in range(1, self.order):
            power = self.mul(power, u)
            if (c := taylor(k)).terms:
                result = self.add(result, self.times(power, c, UNITY))
        last = self.mul(power, u)
        bounds = iv.hull([self.box(u), NIL])
        edge = remainder(self.order, bounds)
        errors: list[Error] = [(iv.mul(c.interval(), edge), m) for c, m in last.terms]
        if last.error:
            errors.append((iv.mul(last.error[0], edge), last.error[1]))
        return self.collect(result.terms, [*errors, *([result.error] if result.error else [])])

    def reciprocal(self, a: Series) -> Series:
        c, m, u = self.split(a)

        def edge(n: int, box: Interval) -> Interval:
            below = iv.add(EINS, box)
            if not below.low > 0:
                raise TooNear("a divisor is not settled yet")
            return iv.mul(iv.point((-1) ** n), iv.inverse(below))

        inverse = self._geometric(u, edge)
        return self.times(inverse, reciprocal(c), UNITY / m)

    def _geometric(self, u: Series, edge: Callable[[int, Interval], Interval]) -> Series:
        return self.compose(lambda k: rational((-1) ** k), edge, u)

    def power(self, a: Series, exponent: Ratio) -> Series:
        """a**exponent: by products for a whole one, by (1 + u)**exponent for all others."""
        if exponent == 0:
            return constant(ONE)
        if exponent.denominator == 1 and 0 < exponent <= 16:
            result = a
            for _ in range(int(exponent) - 1):
                result = self.mul(result, a)
            return result
        if a.zero:
            if exponent > 0:
                return NONE
            raise Undecided("a power of 0")
        c, m, u = self.split(a)

        def binomial(k: int) -> Fraction:
            result = Fraction(1)
            for i in range(k):
                result = result * (exponent - i) / (i + 1)
            return result

        def edge(n: int, box: Interval) -> Interval:
            base = iv.add(EINS, box)
            if not base.low > 0:
                raise TooNear("a root is not settled yet")
            rest = exponent - n
            ends = [iv.down(_to_the(base.low, rest)), iv.up(_to_the(base.high, rest))]
            falling = [iv.down(_to_the(base.high, rest)), iv.up(_to_the(base.low, rest))]
            return iv.mul(iv.point(binomial(n)), Interval(*(ends if rest > 0 else falling)))

        inner = self.compose(lambda k: rational(binomial(k)), edge, u)
        return self.times(inner, power(c, exponent), m.to_the(exponent))


def _to_the(base: arb, exponent: Ratio) -> arb:
    return base ** arb(fmpq(exponent.numerator, exponent.denominator))
