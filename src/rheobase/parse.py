"""Formula text to Expr: a subset of Python's expressions, read with `ast`, never evaluated."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection
from fractions import Fraction

from rheobase.errors import FormulaError, RheobaseError, nearest
from rheobase.expr import Apply, Constant, Expr, Number, Parameter, Variable, as_expr
from rheobase.ops import COMPARISONS, FUNCTIONS, OPS, SYNONYMS
from rheobase.printing import GREATEST, LEAST

MAX_TEXT = 4_096
MAX_NESTING = 100
MAX_EXPONENT = 400
"""Decimal exponent of a literal; the largest double is below 1e309, the smallest above 1e-324."""
MAX_LITERAL = 1_300
"""Characters of a literal: as many as the longest exact number has."""
MAX_POWER = 10_000

CONSTANTS = ("pi", "e")
HINTS = {
    "^": "** for powers",
    "ln": "log(…)",
    "arctan": "atan(…)",
    "arcsinh": "asinh(…)",
    "arsinh": "asinh(…)",
    "logistic": "sigmoid(…)",
    "heaviside": "step(…)",
    "normcdf": "Phi(…)",
    "pow": "a**b",
    "Max": "max(…)",
    "Min": "min(…)",
    "π": "pi",
    "×": "*",
    "·": "*",
    "−": "-",
    "²": "**2",
    "³": "**3",
    "√": "sqrt(…)",
    "σ": "sigmoid(…)",
    "Φ": "Phi(…)",
}
BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
COMPARE: dict[type[ast.cmpop], str] = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}
_LITERAL = re.compile(r"(\d+(_\d+)*)?\.?(\d+(_\d+)*)?([eE]([+-]?\d+))?")


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
    _check_text(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(" \t"), mode="eval")
    except SyntaxError as error:
        raise _syntax(text, error) from None
    except (RecursionError, MemoryError):
        raise FormulaError("the formula nests too deeply", text, 0, instead="a shorter formula") from None
    except ValueError as error:
        raise FormulaError(
            f"the formula cannot be read ({error})", text, 0, instead="for instance x*sigmoid(1.5*x)"
        ) from None
    reader = _Reader(text, frozenset(parameters), frozenset(variables))
    try:
        expr = reader.read(tree.body, 0)
    except FormulaError:
        raise
    except RheobaseError as error:
        raise FormulaError(error.what, text, 0, instead=error.instead) from None
    if isinstance(expr, Apply) and expr.op in COMPARISONS:
        raise FormulaError("a comparison is no activation", text, 0, instead=f"where({text.strip()}, 1, 0) or step(…)")
    return expr


def _check_text(text: str) -> None:
    if not text.strip():
        raise FormulaError("the formula is empty", text.replace("\n", " "), 0, instead="for instance x*sigmoid(x)")
    if len(text) > MAX_TEXT:
        raise FormulaError(
            f"the formula has {len(text):,} characters, over {MAX_TEXT:,}", text, MAX_TEXT, instead="a shorter formula"
        )
    level = 0
    for position, character in enumerate(text):
        if character == "^":
            raise FormulaError("'^' is not a power here", text, position, instead=HINTS["^"])
        if character not in "\t" and not (" " <= character <= "~"):
            hint = HINTS.get(character) or "letters, digits and + - * / ** ( ) , < <= > >= . of ASCII"
            raise FormulaError(f"the character {character!r} cannot stand in a formula", text, position, instead=hint)
        level += (character in "([{") - (character in ")]}")
        if level > MAX_NESTING:
            raise FormulaError(
                f"brackets nest deeper than {MAX_NESTING}", text, position, instead="a formula of fewer brackets"
            )


def _syntax(text: str, error: SyntaxError) -> FormulaError:
    lead = len(text) - len(text.lstrip(" \t"))
    position = lead + max((error.offset or 1) - 1, 0)
    what = "the formula is not complete" if "EOF" in (error.msg or "") else "the formula cannot be read here"
    if error.msg and ("never closed" in error.msg or "unmatched" in error.msg or "does not match" in error.msg):
        what = f"a bracket has no partner ({error.msg})"
    if re.search(r"\d\s*[A-Za-z(]|\)\s*[\w(]", text) and "invalid" in (error.msg or ""):
        return FormulaError(what, text, position, instead="write * between factors, for instance 2*x")
    return FormulaError(what, text, position, instead="for instance x*sigmoid(1.5*x)")


class _Reader:
    """Turns the nodes of Python's syntax tree into ours, or points at the character that it cannot take."""

    def __init__(self, text: str, parameters: frozenset[str], variables: frozenset[str]) -> None:
        self.text = text
        self.lead = len(text) - len(text.lstrip(" \t"))
        self.parameters = parameters
        self.variables = variables

    def fail(self, what: str, node: ast.expr, instead: str | None = None) -> FormulaError:
        return FormulaError(what, self.text, self.lead + node.col_offset, instead=instead)

    def read(self, node: ast.expr, level: int) -> Expr:
        if level > 2 * MAX_NESTING:
            raise self.fail(f"the formula nests deeper than {2 * MAX_NESTING} levels", node, "a shorter formula")
        match node:
            case ast.Constant():
                return self.literal(node)
            case ast.Name():
                return self.name(node)
            case ast.UnaryOp(op=ast.USub()):
                return -self.value(node.operand, level)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.value(node.operand, level)
            case ast.BinOp() if type(node.op) in BINARY:
                return self.binary(node, level)
            case ast.Compare():
                return self.comparison(node, level)
            case ast.Call():
                return self.call(node, level)
        raise self.fail(
            f"{type(node).__name__} cannot stand in a formula", node, "numbers, x, parameters, + - * / **, functions"
        )

    def value(self, node: ast.expr, level: int) -> Expr:
        """Like `read`, but refuses a comparison."""
        result = self.read(node, level + 1)
        if isinstance(result, Apply) and result.op in COMPARISONS:
            raise self.fail("a comparison belongs in where(…)", node, "where(x < 0, p, q)")
        return result

    def literal(self, node: ast.Constant) -> Expr:
        source = self.text[self.lead + node.col_offset : self.lead + (node.end_col_offset or node.col_offset)]
        matched = _LITERAL.fullmatch(source)
        if isinstance(node.value, bool | str | bytes | complex) or node.value is None or not matched:
            raise self.fail(f"{source[:20]} is no decimal number", node, "for instance 2, 0.5 or 1e-3")
        value = Fraction(0)
        readable = abs(int(matched[6] or 0)) <= MAX_EXPONENT and len(source) <= MAX_LITERAL
        if readable:
            value = Fraction(source.replace("_", ""))
        if not readable or (value and not LEAST <= value <= GREATEST):
            raise self.fail(f"the number {source[:20]} is out of range", node, "a number between 5e-324 and 1.79e308")
        return Number(value)

    def name(self, node: ast.Name) -> Expr:
        name = node.id
        if name in self.parameters:
            return Parameter(name)
        if name in self.variables:
            return Variable(name)
        if name in CONSTANTS:
            return Constant(name)
        if name in FUNCTIONS or name in SYNONYMS:
            raise self.fail(f"{name} is a function and needs its argument", node, f"{name}(x)")
        near = nearest(name, {*self.parameters, *self.variables, *CONSTANTS})
        raise self.fail(
            f"unknown name {name!r}",
            node,
            HINTS.get(name) or near or f"give it a value, for instance  {self.text.strip()}; {name}=1",
        )

    def binary(self, node: ast.BinOp, level: int) -> Expr:
        a, b = self.value(node.left, level), self.value(node.right, level)
        op = BINARY[type(node.op)]
        if op == "pow":
            if isinstance(b, Number) and abs(b.value) > MAX_POWER:
                raise self.fail(f"the exponent is beyond ±{MAX_POWER:,}", node.right, "a smaller exponent")
            if isinstance(a, Number) and not a.value and isinstance(b, Number) and b.value < 0:
                raise self.fail("division by zero", node.left, "a base that is not 0")
            if not a.symbols and isinstance(b, Apply) and b.op == "pow" and not b.symbols:
                raise self.fail("a tower of constant powers", node.right, "the number itself")
            return a**b
        if op == "div" and isinstance(b, Number) and not b.value:
            raise self.fail("division by zero", node.right, "a divisor that is not 0")
        return {"add": a.__add__, "sub": a.__sub__, "mul": a.__mul__, "div": a.__truediv__}[op](as_expr(b))

    def comparison(self, node: ast.Compare, level: int) -> Expr:
        if len(node.ops) > 1:
            raise self.fail("a chain of comparisons", node, "one where(…) inside another")
        kind = type(node.ops[0])
        if kind not in COMPARE:
            raise self.fail("only < <= > >= compare here", node, "x < a, x <= a, x > a or x >= a")
        return Apply(COMPARE[kind], (self.value(node.left, level), self.value(node.comparators[0], level)))

    def call(self, node: ast.Call, level: int) -> Expr:
        if not isinstance(node.func, ast.Name):
            raise self.fail("only the primitives can be called", node, f"one of {', '.join(sorted(FUNCTIONS))}")
        name = SYNONYMS.get(node.func.id, node.func.id)
        if name not in FUNCTIONS:
            near = HINTS.get(name) or nearest(name, FUNCTIONS | set(SYNONYMS))
            if name in self.parameters | self.variables:
                near = f"{name}*(…)"
            raise self.fail(f"unknown function {name!r}", node, near or f"one of {', '.join(sorted(FUNCTIONS))}")
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise self.fail(f"{name} takes plain arguments", node, f"{name}({', '.join('abc'[: OPS[name].arity])})")
        return self.apply(name, node, level)

    def apply(self, name: str, node: ast.Call, level: int) -> Expr:
        wanted, given = OPS[name].arity, len(node.args)
        if given != wanted and not (name in SYNONYMS.values() and given > 2):
            form = f"{name}({'condition, p, q' if name == 'where' else ', '.join('abc'[:wanted])})"
            raise self.fail(f"{name} takes {wanted} argument{'s' * (wanted > 1)}, not {given}", node, form)
        if name == "where":
            condition = self.read(node.args[0], level + 1)
            if not (isinstance(condition, Apply) and condition.op in COMPARISONS):
                raise self.fail("where(…) begins with a comparison", node.args[0], "where(x < 0, p, q)")
            return Apply(name, (condition, self.value(node.args[1], level), self.value(node.args[2], level)))
        values = [self.value(a, level) for a in node.args]
        result = Apply(name, tuple(values[:wanted]))
        for more in values[wanted:]:
            result = Apply(name, (result, more))
        return result
