"""Formula text: what is accepted, and that everything else is a clear error, quickly."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulas import hostile_text
from rheobase.errors import FormulaError, RheobaseError
from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable
from rheobase.ops import FUNCTIONS, OPS
from rheobase.parse import parse
from rheobase.refusals import HINTS
from rheobase.syntax import MAX_TEXT

X = Variable("x")

SAME = [
    ("max(x, 0)", "maximum(x, 0)"),
    ("min(x, 1, 2)", "minimum(minimum(x, 1), 2)"),
    ("max(x, 1, 2, 3)", "maximum(maximum(maximum(x, 1), 2), 3)"),
    ("+x", "x"),
    ("x**2**3", "x**(2**3)"),
    ("-x**2", "-(x**2)"),
    ("2*-x", "2*(-x)"),
    ("1_000*x", "1000*x"),
    (".5*x", "0.5*x"),
    ("5.*x", "5*x"),
    ("  x\t+ 1 ", "x+1"),
    ("1e-3*x", "0.001*x"),
    ("(((x)))", "x"),
    ("x # a remark", "x"),
]


@pytest.mark.parametrize(("text", "same"), SAME)
def test_two_ways_to_write_one_formula(text: str, same: str) -> None:
    assert parse(text) is parse(same)


def test_decimals_are_exact() -> None:
    tenth = parse("0.1")
    assert isinstance(tenth, Number)
    assert (tenth.value.numerator, tenth.value.denominator) == (1, 10)
    assert parse("0.1 + 0.2") is parse("0.3")


def test_constants_without_x_are_formulas() -> None:
    assert parse("pi") is Constant("pi")
    assert parse("1") is Number(1)
    assert parse("e") is Constant("e")


def test_a_parameter_may_bear_a_constants_name() -> None:
    assert parse("e*x", ["e"]) is Parameter("e") * X


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_primitive_can_be_written(name: str) -> None:
    arguments = {1: "x", 2: "x, 1", 3: "x < 0, x, 1" if name == "where" else "x, 0, 1"}[OPS[name].arity]
    expr = parse(f"{name}({arguments})")
    assert isinstance(expr, Apply)
    assert expr.op == name


REFUSED = [
    # text, words of the message, character under the caret (None: the end), hint
    ("x^2", "not a power", "^", "** for powers"),
    ("2x", "cannot be read", "x", "write * between factors"),
    ("2 x", "cannot be read", "x", "write * between factors"),
    ("x x", "cannot be read", "x", "write * between factors"),
    ("012*x", "no decimal number", "0", "for instance"),
    ("1_*x", "no decimal number", "1", "for instance"),
    ("1e1_0*x", "no decimal number", "1", "for instance"),
    ("x <> 1", "cannot be read", ">", "for instance"),
    ("3(x+1)", "only the primitives", "3", "one of"),
    ("x(2)", "unknown function 'x'", "x", "x*("),
    ("ln(x)", "unknown function 'ln'", "l", "log("),
    ("arctan(x)", "unknown function", "a", "atan("),
    ("sigmiod(x)", "unknown function", "s", "sigmoid"),
    ("tanhh(x)", "unknown function", "t", "tanh"),
    ("pow(x, 2)", "unknown function", "p", "a**b"),
    ("1 + y", "unknown name 'y'", "y", "y=1"),
    ("bta*x", "unknown name 'bta'", "b", "beta"),
    ("sin", "needs its argument", "s", "sin(x)"),
    ("1 + max", "needs its argument", "m", "max(x)"),
    ("x < 2", "comparison is no activation", "x", "where(x < 2, 1, 0)"),
    ("x + (x < 2)", "belongs in where", "x", "where(x < 0, p, q)"),
    ("where(0 < x < 1, x, 0)", "chain of comparisons", "0", "one where"),
    ("where(x == 1, x, 0)", "only < <= > >=", "=", "x <= a"),
    ("where(x != 1, x, 0)", "only < <= > >=", "!", "x <= a"),
    ("where(x in x, x, 0)", "word of Python", "i", "where("),
    ("where(x, 1, 0)", "begins with a comparison", "x", "where(x < 0, p, q)"),
    ("where(x < 1, x)", "takes 3 arguments, not 2", "w", "where(condition, p, q)"),
    ("sin(x, x)", "takes 1 argument, not 2", "s", "sin(a)"),
    ("sin()", "takes 1 argument, not 0", "s", "sin(a)"),
    ("max(x)", "takes 2 arguments, not 1", "m", "maximum(a, b)"),
    ("sin(a=x)", "gives nothing a value", "=", "b=1.5"),
    ("sin(*x)", "cannot be read", "*", "for instance"),
    ("x/0", "division by zero", "0", "not 0"),
    ("x/(1 - 1)", "division by zero", "1", "not 0"),
    ("x + 0**-1", "division by zero", "0", "not 0"),
    ("9**9**9", "exponent is beyond", "9", "smaller exponent"),
    ("x**10001", "exponent is beyond", "1", "smaller exponent"),
    ("(9**999)**(9**999)", None, None, None),
    ("1e999", "out of range", "1", "between"),
    ("x*1e-999", "out of range", "1", "between"),
    ("1e400*x", "out of range", "1", "between"),
    ("1e99999999999999999999", "out of range", "1", "between"),
    ("0x10*x", "no decimal number", "0", "for instance"),
    ("0b1", "no decimal number", "0", "for instance"),
    ("1j*x", "no decimal number", "1", "for instance"),
    ("True", "word of Python", "T", "where("),
    ("None", "word of Python", "N", "where("),
    ("'x'", "sign ' cannot", "'", "numbers, x"),
    ("b'x'", "sign ' cannot", "'", "numbers, x"),
    ("...", "sign ... cannot", ".", "numbers, x"),
    ("x // 2", "sign // cannot", "/", "numbers, x"),
    ("x % 2", "sign % cannot", "%", "numbers, x"),
    ("x @ x", "sign @ cannot", "@", "numbers, x"),
    ("x and x", "word of Python", "a", "where("),
    ("not x", "word of Python", "n", "where("),
    ("~x", "sign ~ cannot", "~", "numbers, x"),
    ("x if x < 0 else 1", "word of Python", "i", "where("),
    ("[x]", "bracket [ cannot", "[", "( )"),
    ("{x}", "bracket { cannot", "{", "( )"),
    ("x, x", "between the arguments", ",", "max(x, 0)"),
    ("x[0]", "bracket [ cannot", "[", "( )"),
    ("(y := x)", "sign := cannot", ":", "numbers, x"),
    ("lambda x: x", "word of Python", "l", "where("),
    ("(x for x in x)", "word of Python", "f", "where("),
    ("f'{x}'", "sign ' cannot", "'", "numbers, x"),
    ("x.real", "sign . cannot", ".", "numbers, x"),
    ("__import__('os')", "sign ' cannot", "'", "numbers, x"),
    ("__import__(x)", "unknown function", "_", "one of"),
    ("().__class__", "cannot be read", ")", "for instance"),
    ("eval(x)", "unknown function 'eval'", "e", None),
    ("x.sin(x)", "sign . cannot", ".", "numbers, x"),
    ("sin(x)(x)", "only the primitives", "s", "one of"),
    ("(x", "bracket has no partner", "(", "for instance"),
    ("x)", "bracket has no partner", ")", "for instance"),
    ("(x]", "bracket has no partner", "]", "for instance"),
    ("x +", "not complete", None, "for instance"),
    ("sin(", "not complete", None, "for instance"),
    ("# x", "not complete", None, "for instance"),
    ("x = 1", "gives nothing a value", "=", "b=1.5"),
    ("import os", "word of Python", "i", "where("),
    ("x; x", "sign ; cannot", ";", "numbers, x"),
    ("x ** ** x", "cannot be read", "*", "for instance"),
    ("", "empty", None, "for instance"),
    ("   \t ", "empty", None, "for instance"),
    ("\n", "empty", None, "for instance"),
    ("x\n+1", "cannot stand in a formula", None, "ASCII"),
    ("x\x00", "cannot stand in a formula", None, "ASCII"),
    ("x²", "cannot stand in a formula", "²", "**2"),
    ("σ(x)", "cannot stand in a formula", "σ", "sigmoid"),
    ("2×x", "cannot stand in a formula", "×", "*"),
    ("x − 1", "cannot stand in a formula", "−", "-"),
    ("ｘ", "cannot stand in a formula", "ｘ", "ASCII"),
    ("x\u202e", "cannot stand in a formula", None, "ASCII"),
    ("(" * 101 + "x" + ")" * 101, "nest deeper", "(", "fewer"),
    ("-" * 300 + "x", "nests", None, "shorter"),
    ("-" * 4000 + "x", "nests", None, "shorter"),
    ("sin(" * 99 + "x" + ")" * 98, "bracket has no partner", None, "for instance"),
    ("+".join(["x"] * 400), "nests deeper", None, "shorter"),
    ("x" * 5000, "characters", None, "shorter"),
    ("9" * 4000, "out of range", "9", "between"),
    ("9" * 400, "out of range", "9", "between"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "under", "hint"), REFUSED, ids=[repr(r[0][:30]) for r in REFUSED])
def test_refused_with_a_caret_and_a_hint(text: str, words: str | None, under: str | None, hint: str | None) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, ["beta"])
    message = str(caught.value)
    assert words is None or words in message
    _, line, mark, *rest = message.splitlines()
    assert mark.strip() == "^"
    assert under is None or line[mark.index("^")] == under
    assert rest and rest[0].startswith("instead: "), message
    assert hint is None or hint in rest[0]


def test_every_hint_is_reached() -> None:
    for typed, cure in HINTS.items():
        with pytest.raises(FormulaError) as caught:
            parse(f"{typed}(x)" if typed.isidentifier() and typed.isascii() else f"x{typed}2")
        assert caught.value.instead == cure


def test_caret_stands_right_with_blanks_before_the_formula() -> None:
    with pytest.raises(FormulaError) as caught:
        parse(" \t x + yy")
    assert caught.value.text[caught.value.position :] == "yy"


def test_nothing_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a formula's text was evaluated")

    for name in ("eval", "exec"):
        monkeypatch.setattr(builtins, name, refuse)
    assert parse("x*sigmoid(1.5*x)").symbols == {"x"}
    for text in ("__import__('os').system('true')", "eval('1')", "(lambda: 1)()", "x.__class__", "sin.__globals__"):
        with pytest.raises(FormulaError):
            parse(text)


def test_ten_thousand_random_texts() -> None:
    """Only clear errors or valid formulas; a text that is accepted parses back."""
    rng = random.Random(20240)
    accepted = 0
    for _ in range(10_000):
        text = hostile_text(rng)
        try:
            expr = parse(text, ["beta"])
        except RheobaseError as error:
            assert isinstance(error, FormulaError), text
            assert error.what and error.instead, text
            assert "\n" in str(error)
        else:
            assert isinstance(expr, Expr)
            accepted += 1
            if len(str(expr)) <= MAX_TEXT and expr.depth < 90:  # printing may need more brackets than were typed
                assert parse(str(expr), ["beta"]) is expr, text
    assert accepted > 50, "the texts no longer reach the formulas"


@settings(max_examples=500)
@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(parse(text), Expr)
    except FormulaError as error:
        assert error.instead
