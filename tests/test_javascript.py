"""Generated JavaScript: its text, its values against mpmath, the functions of the browser with their parameters.

Values of every entry and primitive at every conformance point: test_conformance, whose backends have "js" among them
wherever Node.js is installed.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from oracle import value as true_value_of
from rheobase.activation import Activation, define
from rheobase.catalogue import entries, get
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Variable
from rheobase.lower import compiled, script, source
from rheobase.lower.asymptotes import agrees
from rheobase.lower.core import core
from rheobase.lower.emit import BACKENDS, helper_sources, literal
from rheobase.lower.formats import DOUBLE
from rheobase.ops import FUNCTIONS, OPS
from rheobase.parse import parse
from rheobase.testing.node import Node, installed, node

needs_node = pytest.mark.skipif(not installed(), reason="generated JavaScript needs Node.js, which is not installed")
X = Variable("x")
POINTS = np.array([*np.linspace(-12.0, 12.0, 97), 1e-300, -1e-9, 1e-3, 0.7, -0.999, 1.001, 5.5, -26.0, -37.5, 300.0])
UNARY = sorted(name for name in FUNCTIONS - {"dsinc"} if OPS[name].arity == 1)
"""dsinc has zeros, near which no composition keeps ulps; it is held to its bound in test_conformance."""
DOMAIN = {"log": 0.0, "log1p": -1.0, "sqrt": 0.0}

# --- the text --------------------------------------------------------------------------------------


def test_a_function_is_written_with_its_helpers_and_nothing_else() -> None:
    text = source(parse("3*sigmoid(2*x)"), "js", "gated")
    assert text.startswith('"use strict";\n\nfunction _sigmoid(x) {')
    assert text.endswith("function gated(x) {\n  return 3.0 * _sigmoid(2.0 * x);\n}\n")
    assert set(re.findall(r"function (\w+)", text)) == {"_sigmoid", "gated"}


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("where(x >= 0, x, expm1(x))", "  const v0 = x >= 0.0;\n  return (v0 ? x : Math.expm1((v0 ? 0.0 : x)));\n"),
        ("-x**2.5", "return -Math.pow(x, 2.5);"),  # JavaScript refuses -x ** 2.5
        ("7", "return (x == x ? 7.0 : x);"),
        ("erf(x)", "return _erf(x);"),
    ],
)
def test_javascript_differs_from_python_where_it_must(formula: str, wanted: str) -> None:
    assert wanted in source(parse(formula), "js")


def test_numbers_without_end_are_those_of_the_language() -> None:
    language = BACKENDS["js"].language
    texts = [literal(value, language) for value in (math.inf, -math.inf, math.nan, 1e-05)]
    assert texts == ["Infinity", "-Infinity", "NaN", "1e-05"]
    assert literal(math.inf) == 'float("inf")'
    assert literal(-math.inf) == 'float("-inf")'


def test_parameters_become_arguments_and_helpers_stay_outside() -> None:
    assert script(parse("a*softplus(x)", ["a"]), ["a"], "f") == "function f(x, a) {\n  return a * _softplus(x);\n}"


def test_every_helper_is_found_whole() -> None:
    for name, text in helper_sources("js").items():
        assert text.startswith((f"function {name}(", f"const {name} = "))
        assert text.count("{") == text.count("}")
        assert text.count("[") == text.count("]")


def test_javascript_is_source_and_no_function_of_python() -> None:
    with pytest.raises(RheobaseError, match="numpy, torch or jax"):
        compiled(parse("x"), "js")


def test_node_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    node.cache_clear()
    with pytest.raises(RheobaseError, match="not installed"):
        node()
    node.cache_clear()


# --- the values ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run() -> Node:
    return node()


def ulps(computed: float, truth: Any) -> float:
    """How far a number is from the truth, in units of the truth's last place."""
    near = float(truth)
    if math.isnan(computed) or math.isinf(near):
        return 0.0 if computed == near else math.inf
    return float(abs(mpf(computed) - truth) / max(math.ulp(near), 5e-324))


@needs_node
@pytest.mark.parametrize("name", UNARY)
def test_a_primitive_keeps_four_ulp(run: Node, name: str) -> None:
    low = DOMAIN.get(name, -math.inf)
    points = POINTS[low < POINTS]
    computed = run.evaluate(source(Apply(name, (X,)), "js"), "f", points)
    expr = Apply(name, (X,))
    with mp.workprec(300):
        off = [ulps(float(y), true_value_of(expr, float(x))) for x, y in zip(points, computed, strict=True)]
    assert max(off) <= 4, points[int(np.argmax(off))]


@needs_node
def test_the_browsers_functions_follow_their_parameters(run: Node) -> None:
    """Every entry, with its parameters at their values and moved, value and two derivatives, at two points."""
    rng = np.random.default_rng(5)
    for name in entries():
        given = get(name)
        values = moved(given, rng)
        for order in range(3):
            derived = given.derivative(order)
            text = _with_all(script(derived.expr, list(given.parameters)))
            for changed in {}, values:
                at = {n: changed.get(n, p.default) for n, p in given.parameters.items()}
                x = rng.normal(0.0, 2.0, 2)
                computed = run.evaluate(text, "f", x, *(np.full(2, value) for value in at.values()))
                truth = core(derived.with_values(**{n: at[n] for n in derived.parameters}).bound)
                for p, y in zip(x, computed, strict=True):
                    assert agrees(truth, float(p), float(y), DOUBLE, 1.0), (name, order, at, p, y)


def _with_all(text: str) -> str:
    return "\n".join([*helper_sources("js").values(), text])


def moved(function: Activation, rng: np.random.Generator) -> dict[str, float]:
    """Every parameter a little off, within its domain."""
    found = {}
    for name, p in function.parameters.items():
        value = round(float(p.default * rng.uniform(0.8, 0.99) + (0.01 if p.default == 0 else 0.0)), 3)
        found[name] = value if p.allows(value) else p.default
    return found


@needs_node
def test_node_says_what_is_wrong_and_goes_on(run: Node) -> None:
    one = np.array([1.0])
    with pytest.raises(RheobaseError, match="SyntaxError"):
        run.evaluate("function f(x) { return", "f", one)
    with pytest.raises(RheobaseError, match="ReferenceError"):
        run.evaluate("function f(x) { return nonesuch(x); }", "f", one)
    assert run.evaluate(source(define("x*x").bound, "js"), "f", np.array([3.0, -np.inf])).tolist() == [9.0, math.inf]
