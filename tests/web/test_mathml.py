"""LaTeX of formulas as MathML: every row of the table, every entry, and what is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from rheobase.catalogue import entries, get
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, Variable
from rheobase.lower.latex import to_latex
from rheobase.ops import ROWS, Op
from rheobase.parse import parse
from rheobase.web.mathml import mathml


def texts(made: str) -> str:
    """The signs of the formula in their order; fails where the markup is not well-formed."""
    tree = ElementTree.fromstring(made)
    assert {node.tag for node in tree.iter()} <= KNOWN
    return "".join(tree.itertext()).replace("\u2061", "").replace("\u2062", "")


KNOWN = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "msup", "msub", "mtable", "mtr", "mtd",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_of_the_table_can_be_set(row: Op) -> None:
    text = {"where": "where(x < 1, x, 2)"}.get(row.name)
    x = Variable("x")
    expr: Expr = parse(text) if text else Apply(row.name, tuple([x, Number(2), Number(3)][: row.arity]))
    assert "x" in texts(mathml(to_latex(expr)))


def test_every_entry_and_its_derivative_can_be_set() -> None:
    for name in entries():
        function = get(name)
        for one in (function, function.derivative()):
            assert "\\" not in texts(mathml(one.latex())), name


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("x*sigmoid(b*x)", "xσ(bx)"),
        ("x**2/3", "x23"),
        ("-x", "−x"),
        ("max(x, 1)", "max(x,1)"),
        ("abs(x)", "|x|"),
        ("floor(x)", "⌊x⌋"),
        ("where(x >= 0, x, b)", "{xif\xa0x≥0botherwise"),
        ("where(x < 0, 1, where(x <= 2, x, 3))", "{1if\xa0x<0xif\xa0x≤23otherwise"),
        ("Phi(x)/1e9", "Φ(x)109"),
        ("2*x", "2x"),
    ],
)
def test_the_signs_are_those_of_the_formula(formula: str, shown: str) -> None:
    assert texts(mathml(to_latex(parse(formula, ["b"])))) == shown


def test_factors_and_arguments_are_told_apart() -> None:
    assert "&#x2061;" in mathml(r"\sigma\left(x\right)")
    assert "&#x2062;" in mathml(r"x \, \left(x + 1\right)")
    assert "&#x2061;" not in mathml(r"x \, \left(x + 1\right)")


def test_long_names_and_greek_ones() -> None:
    assert mathml(to_latex(parse("a_low*beta", ["a_low", "beta"]))) == (
        '<math><mrow><msub><mi>a</mi><mi mathvariant="normal">low</mi></msub><mo>&#x2062;</mo><mspace width="0.16em"/>'
        "<mi>β</mi></mrow></math>"
    )


@pytest.mark.parametrize("latex", [r"\href{x}{y}", "x}", "{x", r"\frac{x}", "x&lt;", r"\left(x"])
def test_what_no_formula_is_written_in_is_refused(latex: str) -> None:
    with pytest.raises(RheobaseError, match="LaTeX"):
        mathml(latex)


def test_markup_in_a_name_stays_text() -> None:
    assert mathml("<i>") == "<math><mrow><mo>&lt;</mo><mi>i</mi><mo>&gt;</mo></mrow></math>"
