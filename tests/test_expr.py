"""Nodes: interned, immutable, bounded; their text parses back to the same node."""

from __future__ import annotations

import copy
import gc
import pickle
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from formulas import X, exprs
from rheobase.catalogue import entries, get
from rheobase.errors import FormulaError, RheobaseError
from rheobase.expr import MAX_DEPTH, MAX_SIZE, Apply, Expr, Number, Parameter, as_expr, postorder, power, substitute
from rheobase.parse import parse
from rheobase.syntax import MAX_TEXT

PARAMETERS = ("alpha", "b")


def _divides_by_zero(expr: Expr) -> bool:
    def zero(e: Expr) -> bool:
        return isinstance(e, Number) and not e.value

    def below(e: Expr) -> bool:
        return isinstance(e, Number) and e.value < 0

    return any(
        isinstance(n, Apply)
        and ((n.op == "div" and zero(n.args[1])) or (n.op == "pow" and zero(n.args[0]) and below(n.args[1])))
        for n in postorder(expr)
    )


def _beyond_the_parser(expr: Expr) -> bool:
    """Towers, exponents and texts that the parser refuses on purpose."""
    for node in postorder(expr):
        if isinstance(node, Apply) and node.op == "pow":
            base, exponent = node.args
            tower = isinstance(exponent, Apply) and exponent.op == "pow" and not (base.symbols | exponent.symbols)
            if tower or (isinstance(exponent, Number) and abs(exponent.value) > 10_000):
                return True
    return False


@settings(max_examples=600)
@given(exprs())
def test_text_parses_back_to_the_same_node(expr: Expr) -> None:
    text = str(expr)
    assume(len(text) <= MAX_TEXT and not _divides_by_zero(expr) and not _beyond_the_parser(expr))
    assert parse(text, PARAMETERS) is expr


@given(st.fractions(max_denominator=10**40), st.integers(-1000, 1000))
def test_every_exact_number_has_a_text(value: Fraction, exponent: int) -> None:
    exact = value * Fraction(10) ** exponent if abs(exponent) < 600 else value * Fraction(2) ** exponent
    number = Number(exact)
    assert parse(f"{number}") is number
    assert parse(str(number * X)) is number * X
    assert parse(str(X - number)) is X - number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_has_a_text(value: float) -> None:
    assert parse(str(Number(Fraction(value)))) is Number(Fraction(value))


@pytest.mark.parametrize("name", sorted(entries()))
def test_catalogue_formulas_parse_back(name: str) -> None:
    activation = get(name)
    for expr in (activation.expr, activation.derivative().expr, activation.bound):
        assert parse(str(expr), list(activation.parameters)) is expr


def test_equal_formulas_are_one_object() -> None:
    a, b = parse("x*tanh(log1p(exp(x)))"), X * Apply("tanh", (Apply("log1p", (Apply("exp", (X,)),)),))
    assert a is b
    assert hash(a) == hash(b)
    assert parse("0.50*x") is parse("1/2*x") is parse("5e-1*x")


def test_nodes_are_forgotten_when_nothing_holds_them() -> None:
    from rheobase import expr as room

    gc.collect()
    before = len(room._nodes)
    kept = [parse(f"x + {n}.125") for n in range(1000, 1200)]
    assert len(room._nodes) >= before + 200
    del kept
    gc.collect()
    assert len(room._nodes) < before + 100


@pytest.mark.parametrize("field", ["name", "op", "args", "depth", "value", "other"])
def test_a_formula_cannot_be_changed(field: str) -> None:
    for node in (X, Number(2), X + 1):
        with pytest.raises((RheobaseError, AttributeError)):
            setattr(node, field, "y")
    assert str(X + 1) == "x + 1"


@pytest.mark.parametrize("text", ["x", "x + 1/3", "where(x < 0, alpha*x, sqrt(x))", "pi*x**2 - e"])
def test_copies_and_pickles_are_the_node_itself(text: str) -> None:
    expr = parse(text, PARAMETERS)
    assert copy.copy(expr) is expr
    assert copy.deepcopy(expr) is expr
    assert pickle.loads(pickle.dumps(expr)) is expr


def test_depth_is_bounded_with_a_clear_error() -> None:
    expr: Expr = X
    with pytest.raises(RheobaseError, match=f"deeper than {MAX_DEPTH}"):
        for _ in range(MAX_DEPTH + 1):
            expr = Apply("sin", (expr,))
    assert expr.depth == MAX_DEPTH


def test_size_is_bounded_with_a_clear_error() -> None:
    expr: Expr = X
    with pytest.raises(RheobaseError, match="terms"):
        for _ in range(40):
            expr = expr * (expr + 1)
    assert expr.size <= MAX_SIZE


def test_long_numbers_are_refused() -> None:
    with pytest.raises(RheobaseError, match="too long"):
        Number(10**2000)
    assert str(power(Number(9), Number(9**9))) == f"9**{9**9}", "a tower stays a node, it is not carried out"


def test_a_formula_has_no_truth_value() -> None:
    with pytest.raises(RheobaseError, match=r"where\(condition, p, q\)"):
        bool(X < 1)
    with pytest.raises(RheobaseError):
        assert 0 < X < 1


@pytest.mark.parametrize("value", [0.5, "x", None, 1j, [X]])
def test_only_exact_things_stand_in_a_formula(value: object) -> None:
    with pytest.raises(RheobaseError, match="cannot stand in a formula"):
        as_expr(value)  # type: ignore[arg-type]


@given(st.integers(-50, 50), st.integers(-50, 50), st.fractions(max_denominator=50))
def test_arithmetic_of_numbers_is_carried_out_exactly(a: int, b: int, c: Fraction) -> None:
    assert (Number(a) + b).value == a + b  # type: ignore[attr-defined]
    assert (c - Number(a) * b).value == c - a * b  # type: ignore[attr-defined]
    if b:
        assert (Number(a) / b).value == Fraction(a, b)  # type: ignore[attr-defined]


def test_substitution_reaches_every_place() -> None:
    a = Parameter("a")
    assert substitute(parse("a*x + sin(a)", ["a"]), {a: Number(2)}) is parse("2*x + sin(2)")
    assert substitute(parse("where(x < a, a, x)", ["a"]), {X: a}) is parse("where(a < a, a, a)", ["a"])


def test_error_of_a_long_formula_shows_the_place() -> None:
    text = "+".join(["x"] * 100) + "+y+" + "+".join(["x"] * 90)
    with pytest.raises(FormulaError) as caught:
        parse(text)
    line, mark = str(caught.value).splitlines()[1:3]
    assert line[mark.index("^")] == "y"
    assert len(line) < 90
