"""The playground reads, refuses, derives and identifies as the library does: the same texts through both."""

from __future__ import annotations

import math
import random
import re
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

import rheobase as rb
from formulas import hostile_text, mutated, random_text
from playing import SPEC, ask, in_python
from rheobase.catalogue import entries
from rheobase.catalogue.targets import plain
from rheobase.differentiate import differentiate
from rheobase.errors import RheobaseError, nearest
from rheobase.expr import Number
from rheobase.lower.emit import nearest_double
from rheobase.ops import OPS
from rheobase.parse import parse
from rheobase.printing import number_text
from rheobase.refusals import REFUSALS
from rheobase.testing.node import installed
from rheobase.web.functions import slider
from rheobase.web.playground import EXAMPLES, address, slopes

pytestmark = pytest.mark.skipif(not installed(), reason="the playground's scripts need Node.js, which is not installed")

REFUSED = {
    "empty": "\u2028 ; b=1", "long": "x+" * 2100 + "x", "power": "x^2", "character": "σ(x)",
    "brackets": "(" * 101 + "x",
    "partner": "(x", "round": "[x]", "comma": "x, x", "incomplete": "x +", "unreadable": "x ** ** x", "factors": "2x",
    "sign": "x // 2", "equals": "x = 1", "compares": "where(x == 1, x, 0)", "word": "x and x", "deep": "-" * 300 + "x",
    "decimal": "0x10*x", "range": "1e400*x", "comparison": "x < 2", "inside": "x + (x < 2)",
    "chain": "where(0 < x < 1, x, 0)", "condition": "where(x, 1, 0)", "argument": "1 + max", "name": "1 + yy",
    "function": "x*sigmiod(x)", "times": "b(x); b=1", "called": "3(x + 1)", "arguments": "sin(x, x)",
    "exponent": "x**10001", "zero base": "x + 0**-1", "zero divisor": "x/(1 - 1)", "tower": "2**(2**(1/2))**(2**(1/2))",
    "number": "*".join(["1.7e308"] * 5), "no spec": " \t", "unknown": "swihs", "several": "Hardsigmoid",
    "parameter": "swish:bta=1", "assignment": "x*b; b", "twice": "x*b; b=1, b=2", "not finite": "x*b; b=1e999",
    "no number": "x*b; b='1'", "input": "x*x; x=2", "unused": "x*b; b=1, c=2", "nothing to use": "x; c=2",
    "outside": "elu:alpha=-1",
}  # fmt: skip
"""A text for every refusal; trees of over four million terms ("terms") are grown by no text of 4,096 characters."""

HOSTILE = [
    "constructor(x)", "__proto__", "__proto__(x)", "toString", "hasOwnProperty*x", "x*__proto__; __proto__=2",
    "x; constructor=1",
    "swish:__proto__=1", "swish:constructor=2", "<img src=x onerror=alert(1)>", "'; alert(1); '", "__import__('os')",
    "x;b=<b>", "x*b; b=\ud800", "x\u202e", "x\x00", "😀", "swish😀", "é", "ſwish", "Kelvin", "x # $(true)",
    "`x`", "${x}",
    "where(x<1,x,0)(x)", "(sin)(x)", "sin(x,)", "((x))", "swish(x)", "gelu + 1", "x*b; b=1_0", "x*b; b=learnable",
    "x;;;",
    "swish:beta=1;", "relu()", "nn.GELU(approximate='tanh')", "x*pi; pi=3", "x**x**x", "1" * 1301,
    "1e" + "9" * 3000 + "*x",
    "9" * 308 + "*x", "5e-324*x", "2e-324*x", "max(" + "x," * 900 + "x)", "+".join("x" * 300), "x*" * 199 + "x",
]  # fmt: skip
POINTS = (-7.3, -4.1, -2.2, -1.3, -0.7, -0.31, -0.05, 0.04, 0.33, 0.77, 1.21, 2.3, 3.9, 6.1)


def alike(specs: list[str]) -> int:
    """Hold both answers to every text together; how many of them are functions."""
    read = 0
    for spec, there in zip(specs, ask(specs, SPEC), strict=True):
        here = in_python(spec)
        for mine, other in zip(here.get("values", ()), there.get("values", ()), strict=False):
            # a constant such as 2*pi is rounded after every step there, once here
            if abs(mine[1] - other[1]) <= 2 * math.ulp(mine[1]):
                other[1] = mine[1]
        assert there == here, spec
        read += "text" in here
    return read


# --- texts -----------------------------------------------------------------------------------------


def test_every_refusal_is_told_in_the_same_words() -> None:
    assert set(REFUSED) == set(REFUSALS) - {"terms"}, "a refusal without a text, or a text without its refusal"
    for key, text in REFUSED.items():
        what = re.sub(r"\\{\w+\\}", ".*", re.escape(REFUSALS[key][0]))
        assert re.fullmatch(what, in_python(text)["what"], re.DOTALL), (key, in_python(text))
    alike([*REFUSED.values(), *HOSTILE])


def test_every_name_and_formula_of_the_catalogue_is_read_alike() -> None:
    known = entries().values()
    names = [n for e in known for n in (e.id, e.name, *e.names, *(f for given in e.frameworks.values() for f in given))]
    assert alike([*names, *(e.formula for e in known), *EXAMPLES]) > len(names)


def test_random_and_mutated_texts_are_read_or_refused_alike() -> None:
    rng = random.Random(8)
    seeds = [*(e.formula for e in entries().values()), *entries(), "x*sigmoid(b*x); b=1.5", "swish:beta=learnable:2"]
    texts = [hostile_text(rng) for _ in range(250)] + [mutated(rng, rng.choice(seeds)) for _ in range(450)]
    texts += [mutated(rng, random_text(rng, 3)) for _ in range(400)]
    assert alike([t for t in texts if len(t) < 2000]) > 30


def test_misspelt_words_find_the_same_word() -> None:
    rng = random.Random(3)
    words = [*entries(), *(n for e in entries().values() for n in e.names), *OPS]
    typed = ["".join(mutated(rng, rng.choice(words)).split()) for _ in range(60)]
    found = ask([typed, words], "asked[0].map((word) => rheobase.nearest(word, asked[1]))")
    assert found == [nearest(word, words) for word in typed]


# --- numbers ---------------------------------------------------------------------------------------


def test_numbers_are_exact_until_they_are_rounded_once() -> None:
    rng = random.Random(1)
    pairs = [
        (rng.getrandbits(rng.randrange(1, 1100)), rng.getrandbits(rng.randrange(1, 1100)) or 1) for _ in range(300)
    ]
    ties = [(2 * n + 1, 2 ** (53 + k)) for n in (2**52, 2**52 + 1, 7) for k in (1, 1000, 1020, 1021, 1022)]
    ties += [(top * 2**200 + off, bottom * 2**200) for top, bottom in ties for off in (1, -1)]  # far below the tie
    pairs += [*ties, (1, 2**1075), (3, 2**1076), (2**1024 - 2**970 - 1, 1), (2**1024, 1), (1, 3), (0, 1), (-1, 10**30)]
    code = """asked.map(([a, b]) => {
      const value = rheobase.exact.made(BigInt(a), BigInt(b));
      return [String(rheobase.exact.double(value)), rheobase.exact.text(value)];
    })"""
    for (a, b), (double, text) in zip(pairs, ask([list(map(str, p)) for p in pairs], code), strict=True):
        assert float(double.replace("Infinity", "inf")) == nearest_double(Fraction(a, b)), (a, b)
        assert text == number_text(Fraction(a, b))


def test_sliders_are_those_of_the_pages() -> None:
    given = [(name, p) for e in entries().values() for name, p in e.params.items()]
    asked = [{"name": n, "value": p.default, "low": p.low, "high": p.high, "above": p.above} for n, p in given]
    for (name, p), made in zip(given, ask(asked, "asked.map(rheobase.spec.slider)"), strict=True):
        here = slider(name, p)
        assert made == {key: here[key] for key in ("name", "value", "least", "most", "step")}


# --- derivatives -----------------------------------------------------------------------------------


def derivable(rng: random.Random) -> str:
    text = random_text(rng, rng.randrange(1, 5))
    for part in ("b", "x**b", "clip(x, b, 1)", "dsinc(x)", "x**2/3", "b/x**3", "b**x", "x**x", "-0.1"):
        if rng.random() < 0.2:
            text = text.replace("x", f"({part})", 1) if re.search(r"\bx\b", text[:1]) else f"({text})*({part})"
    return text


def test_derivatives_are_the_same_trees() -> None:
    """First and second in x, first in a parameter: node by node what `differentiate` gives, before any rewriting."""
    rng = random.Random(6)
    texts = [*(e.formula for e in entries().values() if not e.params), *(derivable(rng) for _ in range(250))]
    code = """asked.map((s) => answer(() => {
      const f = rheobase.parse(s, ["b"]);
      const slope = rheobase.derive(f);
      return [f, slope, rheobase.derive(slope), rheobase.derive(f, "b")].map(tree.text);
    }))"""
    for text, there in zip(texts, ask(texts, code), strict=True):
        here: Any
        try:
            f = parse(text, ["b"])
            slope = differentiate(f)
            here = [str(e) for e in (f, slope, differentiate(slope), differentiate(f, "b"))]
        except RheobaseError as error:
            here, there = error.what, there["what"]
        assert there == here, text


def test_rules_and_trees_outlive_a_store_that_is_emptied() -> None:
    code = """[0, 1].map(() => {
      tree.forget(0);
      return tree.text(rheobase.derive(rheobase.parse("x*tanh(b*x) + 1/x**2", ["b"])));
    })"""
    first, second = ask(None, code)
    assert first == second == str(differentiate(parse("x*tanh(b*x) + 1/x**2", ["b"])))


def test_values_of_every_entry_and_two_derivatives() -> None:
    """Plain arithmetic, no rewriting: 4e-15 of 1 + |value|, and 4e-12 where `finer` takes sines of large numbers."""
    code = """asked[0].map((id) => {
      const { expr, parameters } = rheobase.spec.get(id);
      const values = [...parameters.values()].map((p) => p.value);
      let f = expr;
      return [0, 1, 2].map((order) => {
        if (order) f = rheobase.light(rheobase.derive(f));
        const at = rheobase.program(f, ["x", ...parameters.keys()]);
        return asked[1].map((x) => at(x, ...values));
      });
    })"""
    names = list(entries())
    for name, orders in zip(names, ask([names, POINTS], code), strict=True):
        bound = 4e-12 if name == "finer" else 4e-15
        for order, values in enumerate(orders):
            with np.errstate(all="ignore"):  # of branches that are not taken
                truth = plain(rb.get(name).derivative(order).bound)(np.array(POINTS))
            assert np.all(np.abs(values - truth) <= bound * (1 + np.abs(truth))), (name, order)


def test_the_rules_are_the_tables() -> None:
    """Every primitive that has partial derivatives is read back from the script as the table has it."""
    for name, partials in slopes().items():
        names = ["a", "b", "c"][: OPS[name].arity]
        for text in filter(None, partials):
            assert str(parse(text, names, ())) == text
    assert set(OPS) - set(slopes()) == {"lt", "le", "gt", "ge", "where", "minimum", "maximum"}


# --- the catalogue ---------------------------------------------------------------------------------


def identified(specs: list[str]) -> list[dict[str, Any]]:
    code = """asked.map((spec) => {
      const { expr, parameters } = rheobase.spec.get(spec);
      const values = [...parameters].map(([name, p]) => [tree.parameter(name), tree.decimal(p.value)]);
      return rheobase.identify(tree.substitute(expr, new Map(values)));
    })"""
    return ask(specs, code)


def test_every_entry_is_found_by_its_formula() -> None:
    specs = {name: "0*x + " + str(rb.get(name).bound) for name in entries()}
    for name, found in zip(specs, identified(list(specs.values())), strict=True):
        if found["hole"] is None:
            assert name in [m["spec"] for m in found["matches"]], name


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("x/(1 + exp(-1.702*x))", "gelu_sigmoid"),
        ("0.5*x*(1 + tanh(x/2))", "silu"),
        ("x*sigmoid(b*x); b=1.25", "swish:beta=1.25"),
        ("max(x, 0.3*x)", "leaky_relu:negative_slope=0.3"),
        ("swish:beta=2.5", "swish:beta=2.5"),
        ("x*cos(x)**3", None),
        ("sqrt(x)", None),
        ("0", None),
    ],
)
def test_what_the_library_identifies(spec: str, wanted: str | None) -> None:
    (found,) = identified([spec])
    assert (found["matches"][0]["spec"] if found["matches"] else None) == wanted
    if spec == "sqrt(x)":
        assert found["hole"] < 0
    elif wanted is None:
        here = rb.identify(spec)
        assert here.new
        assert 0 < found["nearest"][0]["distance"] <= 1
    else:
        assert rb.identify(spec).spec == wanted
        assert found["matches"][0]["points"] == 289
        assert (1e-17 if "1 + " in spec else 0) <= found["matches"][0]["worst"] < 1e-14


def test_a_page_leads_to_the_playground_with_its_function() -> None:
    for name in ("celu", "swish", "relu", "scaled_tanh"):
        spec = unquote(address(rb.get(name)).removeprefix("#f="))
        assert rb.get(spec).bound is rb.get(name).bound


def test_a_double_is_the_decimal_that_was_written() -> None:
    values = [0.1, 1e-7, 1.5e300, -2.25, 0.0, 123456789.0]
    found = ask(values, "asked.map((v) => tree.text(tree.decimal(v)))")
    assert found == [str(Number(Fraction(repr(v)))) for v in values]
