"""Formula text to Expr: the parts that `syntax` finds, looked up and joined. Nothing is evaluated."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Any

from rheobase.errors import FormulaError, RheobaseError, nearest
from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable
from rheobase.ops import COMPARISONS, FUNCTIONS, OPS, SYNONYMS
from rheobase.printing import GREATEST, LEAST
from rheobase.refusals import HINTS, in_formula
from rheobase.syntax import MAX_NESTING, Node, tree

MAX_EXPONENT = 400
"""Decimal exponent of a literal; the largest double is below 1e309, the smallest above 1e-324."""
MAX_LITERAL = 1_300
"""Characters of a literal: as many as the longest exact number has."""
MAX_POWER = 10_000

CONSTANTS = ("pi", "e")
COMPARE = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def parse(text: str, parameters: Collection[str] = (), variables: Collection[str] = ("x",)) -> Expr:
    """The formula that `text` states.

    Args:
        text: at most 4,096 characters of `+ - * / **`, numbers, `x`, `pi`, `e`, parameters, and calls
            of the primitives, for instance `where(x > 0, x, a*expm1(x))`.
        parameters: names that may occur besides `x`.
        variables: names of the inputs.

    Raises:
        FormulaError: with a caret under the character at fault.

    >>> str(parse("x*sigmoid(b*x)", parameters=["b"]))
    'x*sigmoid(b*x)'
    >>> parse("x^2")
    Traceback (most recent call last):
    rheobase.errors.FormulaError: '^' is not a power here
        x^2
         ^
    instead: ** for powers
    """
    reader = _Reader(text, frozenset(parameters), frozenset(variables))
    try:
        expr = reader.read(tree(text), 0)
    except FormulaError:
        raise
    except RheobaseError as error:
        raise FormulaError(error.what, text, 0, instead=error.instead) from None
    if isinstance(expr, Apply) and expr.op in COMPARISONS:
        raise in_formula("comparison", text, 0, formula=text.strip(" \t"))
    return expr


class _Reader:
    """Turns the parts of a text into Expr, or points at the character that it cannot take."""

    def __init__(self, text: str, parameters: frozenset[str], variables: frozenset[str]) -> None:
        self.text = text
        self.parameters = parameters
        self.variables = variables

    def fail(self, key: str, node: Node, instead: str | None = None, **fields: Any) -> FormulaError:
        return in_formula(key, self.text, node.at, instead, **fields)

    def read(self, node: Node, level: int) -> Expr:
        if level > 2 * MAX_NESTING:
            raise self.fail("deep", node, most=2 * MAX_NESTING)
        match node.kind:
            case "number":
                return self.literal(node)
            case "name":
                return self.name(node)
            case "minus":
                return -self.value(node.parts[0], level)
            case "plus":
                return self.value(node.parts[0], level)
            case "call":
                return self.call(node, level)
            case "chain":
                raise self.fail("chain", node)
            case sign if sign in COMPARE:
                return Apply(COMPARE[sign], (self.value(node.parts[0], level), self.value(node.parts[1], level)))
        return self.binary(node, level)

    def value(self, node: Node, level: int) -> Expr:
        """Like `read`, but refuses a comparison."""
        result = self.read(node, level + 1)
        if isinstance(result, Apply) and result.op in COMPARISONS:
            raise self.fail("inside", node)
        return result

    def literal(self, node: Node) -> Expr:
        digits, _, exponent = node.text.lower().partition("e")
        value = Fraction(0)
        readable = abs(int(exponent or 0)) <= MAX_EXPONENT and len(node.text) <= MAX_LITERAL
        if readable:
            value = Fraction(digits.replace("_", "")) * Fraction(10) ** int(exponent or 0)
        if not readable or (value and not LEAST <= value <= GREATEST):
            raise self.fail("range", node, source=node.text[:20])
        return Number(value)

    def name(self, node: Node) -> Expr:
        name = node.text
        if name in self.parameters:
            return Parameter(name)
        if name in self.variables:
            return Variable(name)
        if name in CONSTANTS:
            return Constant(name)
        if name in FUNCTIONS or name in SYNONYMS:
            raise self.fail("argument", node, name=name)
        near = nearest(name, [*sorted(self.parameters), *sorted(self.variables), *CONSTANTS])
        raise self.fail(
            "name", node, HINTS.get(name) or near, name=repr(name), plain=name, formula=self.text.strip(" \t")
        )

    def binary(self, node: Node, level: int) -> Expr:
        left, right = node.parts
        a, b = self.value(left, level), self.value(right, level)
        match node.kind:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                if isinstance(b, Number) and not b.value:
                    raise self.fail("zero divisor", right)
                return a / b
        if isinstance(b, Number) and abs(b.value) > MAX_POWER:
            raise self.fail("exponent", right, most=f"{MAX_POWER:,}")
        if isinstance(a, Number) and not a.value and isinstance(b, Number) and b.value < 0:
            raise self.fail("zero base", left)
        if not a.symbols and isinstance(b, Apply) and b.op == "pow" and not b.symbols:
            raise self.fail("tower", right)
        return a**b

    def call(self, node: Node, level: int) -> Expr:
        called, *given = node.parts
        if called.kind != "name":
            raise self.fail("called", node, known=", ".join(sorted(FUNCTIONS)))
        name = SYNONYMS.get(called.text, called.text)
        if name in self.parameters | self.variables and name not in FUNCTIONS:
            raise self.fail("times", node, name=repr(name), plain=name)
        if name not in FUNCTIONS:
            near = HINTS.get(name) or nearest(name, sorted(FUNCTIONS | SYNONYMS.keys()))
            raise self.fail("function", node, near, name=repr(name), known=", ".join(sorted(FUNCTIONS)))
        return self.apply(name, given, node, level)

    def apply(self, name: str, given: list[Node], node: Node, level: int) -> Expr:
        wanted = OPS[name].arity
        if len(given) != wanted and not (name in SYNONYMS.values() and len(given) > 2):
            form = f"{name}({'condition, p, q' if name == 'where' else ', '.join('abc'[:wanted])})"
            plural = "s" * (wanted > 1)
            raise self.fail("arguments", node, name=name, wanted=wanted, plural=plural, given=len(given), form=form)
        if name == "where":
            condition = self.read(given[0], level + 1)
            if not (isinstance(condition, Apply) and condition.op in COMPARISONS):
                raise self.fail("condition", given[0])
            return Apply(name, (condition, self.value(given[1], level), self.value(given[2], level)))
        values = [self.value(a, level) for a in given]
        result = Apply(name, tuple(values[:wanted]))
        for more in values[wanted:]:
            result = Apply(name, (result, more))
        return result
