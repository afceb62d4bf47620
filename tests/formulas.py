"""Random formulas and lists of formulas that several tests use."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import strategies as st

from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable
from rheobase.ops import COMPARISONS, FUNCTIONS, OPS

UNARY = sorted(name for name in FUNCTIONS if OPS[name].arity == 1)
ARITHMETIC = ("+", "-", "*", "*", "/")
LEAVES = ("x", "x", "x", "x", "1", "2", "0.5", "3", "0.1", "pi")

X = Variable("x")


def random_text(rng: random.Random, depth: int, poles: bool = True) -> str:
    """A random formula over the primitives; `poles` allows division by what may be 0."""
    draw = rng.random()
    if depth == 0 or draw < 0.12:
        return rng.choice(LEAVES)

    def inner() -> str:
        return random_text(rng, depth - 1, poles)

    if draw < 0.5:
        return f"{rng.choice(UNARY)}({inner()})"
    if draw < 0.86:
        sign = rng.choice(ARITHMETIC)
        return f"({inner()} {sign} {inner()})" if poles or sign != "/" else f"({inner()} / (1 + abs({inner()})))"
    if draw < 0.92:
        return f"({inner()})**{rng.choice([2, 3])}"
    if draw < 0.96:
        return f"{rng.choice(['max', 'min'])}({inner()}, {inner()})"
    return f"where({inner()} > {rng.choice(['0', '1', 'x', '0.1'])}, {inner()}, {inner()})"


def _numbers() -> st.SearchStrategy[Expr]:
    decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1000, max_value=1000)
    exact = st.one_of(
        st.integers(-20, 20),
        decimals.map(Fraction),
        st.fractions(min_value=-100, max_value=100, max_denominator=999),
        st.floats(allow_nan=False, allow_infinity=False).map(Fraction),
    )
    return exact.map(Number)


def _grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    comparison = st.builds(lambda op, a, b: Apply(op, (a, b)), st.sampled_from(sorted(COMPARISONS)), inner, inner)
    three = st.builds(lambda c, p, q: Apply("where", (c, p, q)), comparison, inner, inner)
    one = st.builds(lambda op, a: Apply(op, (a,)), st.sampled_from(UNARY), inner)
    two = st.builds(lambda op, a, b: Apply(op, (a, b)), st.sampled_from(["minimum", "maximum"]), inner, inner)
    infix = st.builds(
        lambda build, a, b: build(a, b),
        st.sampled_from([Expr.__add__, Expr.__sub__, Expr.__mul__, Expr.__truediv__, Expr.__pow__]),
        inner,
        inner,
    )
    clipped = st.builds(lambda a, b, c: Apply("clip", (a, b, c)), inner, inner, inner)
    return st.one_of(one, infix, infix, inner.map(lambda a: -a), two, three, clipped)


def exprs(parameters: tuple[str, ...] = ("alpha", "b")) -> st.SearchStrategy[Expr]:
    """Any formula that the builders of `Expr` can make."""
    leaves = st.one_of(
        st.just(X),
        st.just(X),
        st.sampled_from([Constant("pi"), Constant("e")]),
        st.sampled_from([Parameter(p) for p in parameters]),
        _numbers(),
    )
    return st.recursive(leaves, _grown, max_leaves=12)
