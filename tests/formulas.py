"""Random formulas and lists of formulas that several tests use."""

from __future__ import annotations

import random
import string
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


TOKENS = [
    *UNARY, "x", "x", "x", "y", "pi", "e", "beta", "where", "max", "min", "clip", "(", "(", ")", ")", ",", "+", "-",
    "*", "/", "**", "<", "<=", ">", ">=", "==", "1", "0", "2.5", "1e300", "1e-300", "1e999", ".5", "1_0", "0x1", "'",
    '"', "lambda", ":", "[", "]", "{", "}", "if", "else", "for", "in", "not", "and", ":=", "=", ".", "__import__",
    "#", "\\", "@", "%", "//", "^", "~", "None", "...", "\t", " ", "await", "yield", "f''", "²", "σ", "\x00", "\n",
]  # fmt: skip


def hostile_text(rng: random.Random) -> str:
    """Signs of formulas, of Python and of other scripts; deep nesting; long numbers."""
    kind = rng.randrange(7)
    if kind == 0:
        return "".join(chr(rng.randrange(256)) for _ in range(rng.randrange(60)))
    if kind == 1:
        return "".join(
            chr(rng.choice([*range(0x20, 0x7F), *range(0x370, 0x400), 0x1F600])) for _ in range(rng.randrange(40))
        )
    if kind == 2:
        return "".join(rng.choice(string.printable) for _ in range(rng.randrange(80)))
    if kind == 3:
        return (
            rng.choice(["(", "-", "sin(", "x**", "1/", "where(x<", "max(x,", "9**", "[", "{", "x+", "not "])
            * rng.randrange(1, 1400)
            + "x"
            + ")" * rng.randrange(3)
        )
    if kind == 4:
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randrange(1, 700)))
        return f"{digits}{rng.choice(['', '.', 'e', 'e-', '.5e', '*x', '**x', '/'])}{digits[: rng.randrange(40)]}"
    return rng.choice(["", " "]).join(rng.choice(TOKENS) for _ in range(rng.randrange(1, 40)))


def mutated(rng: random.Random, text: str) -> str:
    """`text` with up to four of its characters or tokens put in, taken out or exchanged."""
    parts = list(text)
    for _ in range(rng.choice([1, 1, 2, 4])):
        place = rng.randrange(len(parts) + 1)
        match rng.randrange(3):
            case 0:
                parts.insert(place, rng.choice(TOKENS))
            case 1:
                parts[place : place + 1] = []
            case _:
                parts[place : place + 1] = [rng.choice(TOKENS)]
    return "".join(parts)


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
