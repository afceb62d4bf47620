"""Facts about a function: a property, an equal formula, a Gaussian moment, its flat parts, how near a step it is."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from rheobase.printing import figure
from rheobase.story.facts import PROVEN, Bounded, Fact, Found, between, intervals, sizes
from rheobase.story.tongue import in_korean, witness
from rheobase.story.words import Text, Verdict

if TYPE_CHECKING:
    from rheobase.expr import Expr


class Checked(Fact, kw_only=True, frozen=True, tag="check"):
    """A property of a function, or "not" and a property: proven or refuted."""

    line = "rheobase check {of} --is {has}"

    of: str
    has: str

    def find(self) -> Found:
        """Ask the prover."""
        from rheobase.proofs import check
        from rheobase.proofs.claims import holds

        found = check(self.of)
        return Found(PROVEN[holds(found, self.has)], witness(found, self.has))


class Same(Fact, kw_only=True, frozen=True, tag="formula"):
    """A function, or its derivative in x or in a parameter, is the same as a formula: proven by a normal form."""

    line = "rheobase show {of}"

    of: str
    derivative: str = ""
    equals: str

    def find(self) -> Found:
        """Compare the two, exactly."""
        from rheobase.catalogue import get
        from rheobase.simplify import simplify

        function = get(self.of)
        mine = simplify((function.derivative(self.derivative) if self.derivative else function).bound)
        name = {"": "f(x)", "x": "f′(x)"}.get(self.derivative, f"∂f/∂{self.derivative}")
        told = f"{name} = {mine}"
        return Found(PROVEN[_same(mine, get(self.equals).bound)], Text(told, told))


PLACES = (1, -1, Fraction(1, 2), Fraction(-1, 2), 2, -2)
"""Where two formulas are compared before a proof is looked for."""


def _same(a: Expr, b: Expr) -> bool | None:
    """Is a − b 0 everywhere? Yes by one normal form, or where it is continuous, constant, and 0 somewhere; no where a
    ball excludes 0."""
    from rheobase.enclosure.algebra import equal
    from rheobase.proofs import check
    from rheobase.reference import true_value
    from rheobase.simplify import simplify

    if equal(a, b):
        return True
    rest = simplify(a - b)
    if any(true_value(rest, at) != 0 for at in PLACES):
        return False
    found = check(rest, "monotone", "continuous")
    still = found["monotone"].value == "constant" and found["continuous"].verdict == "proven"
    return True if still and true_value(rest, PLACES[0]) == 0 else None


class Moment(Bounded, kw_only=True, frozen=True, tag="moment"):
    """A certified moment for a standard normal input; with `than`, its absolute value less that of another function."""

    line = "rheobase theory {of} --certified"

    of: str
    moment: Literal["E_f", "E_f2", "E_df2"]
    than: str | None = None

    def find(self) -> Found:
        """Enclose it."""
        low, high = self._ends(self.of)
        told = f"{self.moment} = {figure((low + high) / 2, 6)}"
        if self.than is not None:
            other = self._ends(self.than)
            told += f", {self.than} {figure(sum(other) / 2, 6)}"
            (low, high), (least, most) = sizes(low, high), sizes(*other)
            low, high = low - most, high - least
        return Found(PROVEN[self.side(low, high)], Text(told, told), low, high)

    def _ends(self, spec: str) -> tuple[float, float]:
        from rheobase.meanfield import certified_moments

        low, high = certified_moments(spec)[self.moment]
        return float(low), float(high)


class Flat(Bounded, kw_only=True, frozen=True, tag="flat"):
    """The share of units whose slope is 0, for one standard normal input; where f is flat is proven."""

    line = "rheobase theory {of}"

    of: str

    def find(self) -> Found:
        """Weigh the flat parts."""
        from rheobase.catalogue import get
        from rheobase.meanfield.dying import flat_parts, inactive
        from rheobase.meanfield.moments import moments

        f = get(self.of).bound
        parts = flat_parts(f)
        if parts is None:
            return Found("undecided", Text("where it is flat is not told", "평평한 곳을 알 수 없다"))
        share = inactive(moments(f))
        words = Text("no interval on which the slope is 0", "기울기가 0인 구간이 없다")
        if parts:
            told, where = f"{figure(100 * share)} %", intervals(parts)
            words = Text(f"{told}: the slope is 0 on {where}", f"{told}: 구간 {where}에서 기울기가 0")
        return Found(PROVEN[self.side(share, share)], words, share, share)


class Near(Fact, kw_only=True, frozen=True, tag="near"):
    """A rising function from 0 to 1 is within `at_most` of the step wherever |x| is at least `beyond`."""

    line = "rheobase check {of}"
    """For what the bound rests on: it rises from 0 to 1."""

    of: str
    beyond: float
    at_most: float

    def find(self) -> Found:
        """Evaluate it at both ends in ball arithmetic: a function that rises is nowhere further away."""
        from rheobase.catalogue import get
        from rheobase.enclosure.doubles import outward
        from rheobase.proofs import check
        from rheobase.reference import true_value

        found = check(self.of, "monotone", "limit_left", "limit_right")
        if [one.value for one in found.values()] != ["increasing", "0", "1"]:
            return Found("undecided", Text("no proof that it rises from 0 to 1", "0에서 1로 증가한다는 증명이 없다"))
        f, end = get(self.of).bound, Fraction(str(self.beyond))
        gaps = [true_value(f, -end), 1 - true_value(f, end)]
        low = max(float(outward(gap.lower(), -1)) for gap in gaps)
        high = max(float(outward(gap.upper(), 1)) for gap in gaps)
        told = between(low, high)
        words = Text(
            f"at most {told.en} away where |x| ≥ {self.beyond:g}",
            f"|x| ≥ {self.beyond:g}에서 차이는 많아야 {told.ko}",
        )
        return Found(PROVEN[True if high <= self.at_most else False if low > self.at_most else None], words, low, high)


class Mends(Fact, kw_only=True, frozen=True, tag="repair"):
    """`than` has less of a drawback than `of` has, as `rheobase lineage` judges it; for any two functions."""

    of: str
    than: str
    drawback: str

    @property
    def replay(self) -> str:
        """The same in Python, for the tree of repairs holds the catalogue's alone."""
        arguments = ", ".join(json.dumps(one) for one in (self.of, self.than, self.drawback))
        return f"python -c 'from rheobase.story.repairs import judge; print(judge({arguments}))'"

    def find(self) -> Found:
        """Judge it."""
        from rheobase.story.repairs import judge

        found = judge(self.of, self.than, self.drawback)
        verdicts: dict[str, Verdict] = {"proven": "proven", "refuted": "refuted", "unknown": "undecided"}
        return Found(verdicts[found.verdict], Text(found.text, in_korean(found.text)))
