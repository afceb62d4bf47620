"""An expression as source text of a backend: shared parts named once, constants rounded once."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rheobase.expr import Apply, Expr, Number, Parameter, Variable, postorder
from rheobase.lower.guard import propagates_nan
from rheobase.ops import COMPARISONS, OPS
from rheobase.printing import POWER, PRODUCT, SUM, UNARY

SINGLE_OVERFLOW = 2.0**128 - 2.0**103
"""From here on numbers round to infinity in single precision."""
MAX_INLINE = 12
"""Levels of one line of source; deeper parts get a line of their own."""


class Language(NamedTuple):
    """How a function is written around its steps."""

    head: str
    step: str
    result: str
    infinity: str
    helpers: str
    """The ending of the file of helpers."""


class Backend(NamedTuple):
    """What generated source of a backend looks like around the table's cells."""

    imports: str
    constant: str
    """A constant in the shape and precision of x; `{0}` is the number."""
    language: Language


PYTHON = Language("def {0}({1}):", "    {0} = {1}", "    return {0}", 'float("{0}inf")', ".py")
JAVASCRIPT = Language("function {0}({1}) {{", "  const {0} = {1};", "  return {0};\n}}", "{0}Infinity", ".js")
BACKENDS = {
    "numpy": Backend("import numpy as np", "np.full_like(x, {0})", PYTHON),
    "torch": Backend("import torch", "torch.full_like(x, {0})", PYTHON),
    "jax": Backend("import jax\nimport jax.numpy as jnp\nfrom jax import lax", "jnp.full_like(x, {0})", PYTHON),
    "js": Backend('"use strict";', "{0}", JAVASCRIPT),
}
STRENGTH = {"add": SUM, "sub": SUM, "mul": PRODUCT, "div": PRODUCT, "neg": UNARY, "pow": POWER}
LEFT_RIGHT = {"add": (SUM, PRODUCT), "sub": (SUM, PRODUCT), "mul": (PRODUCT, POWER), "div": (PRODUCT, POWER)}
DIRECTED = {"gt": -1, "le": -1, "lt": +1, "ge": +1}
"""x > c is x > the number of the format just below c; x >= c is x >= the one just above."""


def function_text(
    expr: Expr, backend: str, name: str = "f", precision: str = "float64", parameters: Sequence[str] = ()
) -> str:
    """Source of `def name(x, …)` that computes `expr` in one precision, NaN for NaN.

    >>> from rheobase.parse import parse
    >>> print(function_text(parse("x*sigmoid(x)"), "numpy"))
    def f(x):
        return x * _sigmoid(x)
    """
    lines, result = _Emitter(expr, backend, precision).run()
    made = BACKENDS[backend]
    if not propagates_nan(expr):
        if not expr.symbols & {"x"}:
            result = made.constant.format(result)
        result = getattr(OPS["where"], backend).format("x == x", result, "x")
    head, step, back, *_ = made.language
    steps = [step.format(*line) for line in lines]
    return "\n".join([head.format(name, ", ".join(("x", *parameters))), *steps, back.format(result)])


def literal(value: float, language: Language = PYTHON) -> str:
    if math.isnan(value):
        return "NaN" if language is JAVASCRIPT else 'float("nan")'
    return repr(float(value)) if math.isfinite(value) else language.infinity.format("-" if value < 0 else "")


def constant(expr: Expr) -> float:
    """The double nearest to a part without x."""
    if isinstance(expr, Number):
        return nearest_double(expr.value)
    # Imported here: python-flint takes 35 ms, and most formulas need no true value to be shown or computed.
    from rheobase.reference import to_double, true_value

    return to_double(true_value(expr, 0.0))


def nearest_double(value: Fraction) -> float:
    """`value` rounded once; inf beyond the largest double."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def threshold(expr: Expr, op: str, precision: str) -> float:
    """A comparison's constant rounded to the format in the direction that keeps every comparison with x exact."""
    kind = np.float32 if precision.startswith("float32") else np.float64
    with np.errstate(over="ignore"):
        near = kind(constant(expr))
    if not math.isfinite(near):
        return float(near)
    simple = Fraction(float(near))
    if isinstance(expr, Number):
        equal, below = simple == expr.value, simple < expr.value
    else:
        from rheobase.reference import ball, true_value

        exact = true_value(expr, 0.0)
        equal, below = bool(exact == ball(simple)), bool(ball(simple) < exact)
    if equal:
        return float(near)
    if DIRECTED[op] < 0 and not below:
        near = np.nextafter(near, kind(-np.inf))
    if DIRECTED[op] > 0 and below:
        near = np.nextafter(near, kind(np.inf))
    return float(near)


class _Emitter:
    def __init__(self, expr: Expr, backend: str, precision: str) -> None:
        self.expr, self.backend, self.precision = expr, backend, precision
        self.uses: dict[Expr, int] = {}
        for node in postorder(expr):
            for a in node.args:
                self.uses[a] = self.uses.get(a, 0) + 1
        self.lines: list[tuple[str, str]] = []

    def run(self) -> tuple[list[tuple[str, str]], str]:
        made: dict[Expr, tuple[str, int, int]] = {}
        for node in postorder(self.expr):
            text, strength, level = self.node(node, made)
            shared = self.uses.get(node, 0) > 1 and isinstance(node, Apply) and bool(node.symbols)
            if (shared or level > MAX_INLINE) and node is not self.expr:
                name = f"v{len(self.lines)}"
                self.lines.append((name, text))
                text, strength, level = name, 5, 0
            made[node] = text, strength, level
        return self.lines, made[self.expr][0]

    def constant(self, node: Expr) -> float:
        """The part without x, infinite beyond the format's largest number: frameworks refuse such a literal."""
        value = constant(node)
        beyond = self.precision.startswith("float32") and abs(value) >= SINGLE_OVERFLOW
        return math.copysign(math.inf, value) if beyond else value

    def node(self, node: Expr, made: dict[Expr, tuple[str, int, int]]) -> tuple[str, int, int]:
        if isinstance(node, Apply) and node.op in COMPARISONS and not node.symbols:
            return "", 5, 0  # inside a constant part, whose value is all that is written
        if not node.symbols:
            text = literal(self.constant(node), BACKENDS[self.backend].language)
            return text, UNARY if text.startswith("-") else 5, 0
        if isinstance(node, Variable | Parameter):
            return node.name, 5, 0
        assert isinstance(node, Apply)
        parts = [made[a] for a in node.args]
        level = 1 + max(p[2] for p in parts)
        if node.op in COMPARISONS and not node.args[1].symbols:
            bound = literal(threshold(node.args[1], node.op, self.precision), BACKENDS[self.backend].language)
            return OPS[node.op].__getattribute__(self.backend).format(_wrap(parts[0], SUM), bound), 0, level
        if node.op == "where" and not (node.args[1].symbols | node.args[2].symbols):
            parts[1] = (BACKENDS[self.backend].constant.format(parts[1][0]), 5, 0)
        strength = STRENGTH.get(node.op, 0 if node.op in COMPARISONS else 5)
        cell: str = getattr(OPS[node.op], self.backend)
        if node.op == "neg":
            return cell.format(_wrap(parts[0], POWER)), UNARY, level
        if node.op == "pow":
            strength, wrapped = (5 if cell.endswith(")") else POWER), [_wrap(parts[0], 5), _wrap(parts[1], 5)]
        elif node.op in LEFT_RIGHT:
            left, right = LEFT_RIGHT[node.op]
            wrapped = [_wrap(parts[0], left), _wrap(parts[1], right)]
        elif node.op in COMPARISONS:
            wrapped = [_wrap(p, SUM) for p in parts]
        else:
            wrapped = [p[0] for p in parts]
            strength = OPS[node.op].binding
        return cell.format(*wrapped), strength, level


def _wrap(part: tuple[str, int, int], at_least: int) -> str:
    return part[0] if part[1] >= at_least else f"({part[0]})"


@cache
def helper_sources(backend: str) -> dict[str, str]:
    """The source of every helper (functions, classes, constants) of a backend, by name, read without importing it."""
    ending = BACKENDS[backend].language.helpers
    text = (Path(__file__).parent.with_name("backends") / f"{backend}_helpers{ending}").read_text(encoding="utf-8")
    if ending == ".js":
        declared = r"^(?:function (\w+)\(.*?^}|const (\w+) = (?:\[$.*?^\];|[^\n]*;))$"
        return {m[1] or m[2]: m[0] for m in re.finditer(declared, text, re.MULTILINE | re.DOTALL)}
    found: dict[str, str] = {}
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
        ):
            # A rule of differentiation that belongs to the function it names.
            assert isinstance(node.value.func.value, ast.Name)
            found[node.value.func.value.id] += "\n\n\n" + "\n".join(lines[node.lineno - 1 : node.end_lineno])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def with_helpers(text: str, backend: str) -> str:
    """`text` preceded by the imports and by those helpers that it uses, directly or not: it stands alone."""
    language, imports = BACKENDS[backend].language, BACKENDS[backend].imports
    used = helpers_used([text], backend)
    starts = ("def ", "class ", "@", "function ")
    constants = [s for s in used.values() if not s.startswith(starts)]
    functions = [s for s in used.values() if s.startswith(starts)]
    gap = "\n\n" if language is JAVASCRIPT else "\n\n\n"
    return gap.join([imports, *(["\n".join(constants)] if constants else []), *functions, text]) + "\n"


def helpers_used(texts: Iterable[str], backend: str) -> dict[str, str]:
    """The helpers that the texts use, directly or not, each after those that it uses itself."""
    sources = helper_sources(backend)
    wanted: dict[str, str] = {}

    def collect(part: str) -> None:
        for name in _names(part, BACKENDS[backend].language):
            if name in sources and name not in wanted:
                wanted[name] = ""
                collect(sources[name])
                wanted[name] = wanted.pop(name) or sources[name]

    for text in texts:
        collect(text)
    return wanted


def _names(text: str, language: Language) -> list[str]:
    if language is JAVASCRIPT:
        return re.findall(r"\b_\w+", text)
    return [node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
