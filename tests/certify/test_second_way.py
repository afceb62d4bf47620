"""The seed functions proven a second way: a table made with mpmath, SymPy's limits, roots isolated by bisection."""

from __future__ import annotations

import csv
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sympy
from mpmath import mp, mpf
from truth import Truth

from rheobase.certify import PROPERTIES, Proven, Refuted, judge
from rheobase.certify.subject import Subject
from rheobase.parse import parse

LINES = (Path(__file__).parent / "theory.tsv").read_text().splitlines()
ROWS = list(csv.DictReader([line for line in LINES if not line.startswith("#")], delimiter="\t"))
SIDE = {"-inf": "left", "+inf": "right"}
CLASS = {"c1": {"C1", "C2", "analytic"}, "c2": {"C2", "analytic"}, "smooth": {"analytic"}}


@cache
def subject(formula: str) -> Subject:
    return Subject(parse(formula))


@cache
def verdict(formula: str, name: str) -> Any:
    from rheobase.enclosure.coefficients import BITS
    from rheobase.enclosure.interval import precision

    with precision(BITS):
        return PROPERTIES[name](subject(formula))


def near(found: Any, wanted: str, close: float = 1e-9) -> bool:
    if wanted in ("inf", "-inf"):
        return float(found) == float(wanted)
    return abs(float(found) - float(wanted)) <= close * max(1, abs(float(wanted)))


def enclosed(found: Any, wanted: str) -> bool:
    return isinstance(found, Proven) and near(found.low, wanted) and near(found.high, wanted)


def agrees(row: dict[str, str]) -> bool:
    f, value, note = row["formula"], row["value"], row["note"] or ""
    match row["quantity"]:
        case "limit":
            found = verdict(f, f"limit_{SIDE[row['param']]}")
            return isinstance(found, Refuted) if value == "none" else enclosed(found, value)
        case "asymptote_slope,intercept":
            found = verdict(f, f"asymptote_{SIDE[row['param']]}")
            slope, level = value.split(",")
            return enclosed(found, slope) and near(found.value["intercept_low"], level)
        case "sup_f" | "inf_f":
            found = verdict(f, "supremum" if row["quantity"] == "sup_f" else "infimum")
            told = {"attained": True, "limit only": False}.get(note, found.value["attained"])
            return enclosed(found, value) and found.value["attained"] is told
        case "sup_abs_fprime":
            return enclosed(verdict(f, "lipschitz"), value)
        case "sign_changes_fprime":
            found = verdict(f, "extrema").value
            return found == "infinitely many" if value == "inf" else len(found) == int(value)
        case "monotone":
            return isinstance(verdict(f, "monotone"), Proven) is (value == "true")
        case "smoothness":
            return all(isinstance(verdict(f, n), Proven) is (value in kinds) for n, kinds in CLASS.items())
        case "parity":
            return all(isinstance(verdict(f, n), Proven) is (value == n) for n in ("odd", "even"))
        case "E_f":
            found = verdict(f, "zero_centred")
            if float(value) == 0:
                return isinstance(found, Proven)
            within = isinstance(found, Refuted) and found.witness["mean_low"] - 1e-9 <= float(value)
            return within and float(value) <= found.witness["mean_high"] + 1e-9
        case "argmin" | "argmax":
            found = verdict(f, "infimum" if row["quantity"] == "argmin" else "supremum")
            return near(found.high, str(float(Truth(parse(f))(float(value)))))
    raise AssertionError(row["quantity"])


def place_of(text: str) -> float:
    return float(Truth(parse(text))(0))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['function']}-{r['quantity']}{r['param'] or ''}")
def test_the_table_made_with_mpmath_agrees(row: dict[str, str]) -> None:
    assert agrees(row)


SMOOTH = {
    "sigmoid(x)": "1/(1 + exp(-x))", "tanh(x)": "tanh(x)", "x*sigmoid(x)": "x/(1 + exp(-x))",
    "softplus(x)": "log(1 + exp(x))",
    "(x + sqrt(x**2 + 4))/2": "(x + sqrt(x**2 + 4))/2", "x - x**3": "x - x**3", "exp(-x**2)": "exp(-x**2)",
    "x - tanh(x)": "x - tanh(x)", "atan(x)": "atan(x)", "x*Phi(x)": "x*(1 + erf(x/sqrt(2)))/2",
    "x + sin(x)**2": "x + sin(x)**2",
}  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_sympy_finds_the_same_limits(text: str) -> None:
    x = sympy.Symbol("x", real=True)
    formula = _sympy(text, x)
    for side, end in (("left", -sympy.oo), ("right", sympy.oo)):
        wanted = sympy.limit(formula, x, end)
        found = verdict(text, f"limit_{side}")
        assert isinstance(found, Proven)
        assert sympy.nsimplify(sympy.sympify(found.value.replace("inf", "oo")), rational=True) == wanted


@pytest.mark.parametrize(
    "text", [*SMOOTH, "x*tanh(softplus(x))", "x**2 + x", "x*exp(-x**2)", "x*(x**2 - 3)*exp(-x**2/8)"]
)
def test_roots_of_the_slope_are_where_the_extrema_are_told(text: str) -> None:
    """SymPy's derivative where there is one, a power series else; its sign on 3,000 points, roots by bisection."""
    slope = _slope(text)
    places = [mpf(k) / 97 - 12 for k in range(2330)]
    signs = [(p, mp.sign(v)) for p in places if (v := slope(p)) and abs(v) > mpf(10) ** -25]
    roots = [_bisected(slope, p, q) for (p, a), (q, b) in pairwise(signs) if a != b]
    found = verdict(text, "extrema")
    assert isinstance(found, Proven)
    told = [v for v in found.value if "at" in v or abs(float(v["low"])) < 12]
    assert len(told) == len(roots)
    for v, root in zip(told, roots, strict=True):
        low, high = (place_of(v["at"]),) * 2 if "at" in v else (v["low"], v["high"])
        assert low - 1e-10 <= root <= high + 1e-10


def _sympy(text: str, x: Any) -> Any:
    read: Any = sympy.sympify
    return read(SMOOTH[text], locals={"x": x})


def _slope(text: str) -> Any:
    if text in SMOOTH:
        x = sympy.Symbol("x", real=True)
        return sympy.lambdify(x, sympy.diff(_sympy(text, x), x), "mpmath")
    truth = Truth(parse(text))

    def slope(p: Any) -> Any:
        found = truth.slope(Fraction(int(p.man)) * Fraction(2) ** int(p.exp) * (-1 if p < 0 else 1))
        with mp.workdps(40):
            return mpf(found.str(40, radius=False))

    return slope


def _bisected(slope: Any, low: Any, high: Any) -> Any:
    with mp.workdps(30):
        below = mp.sign(slope(low))
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if mp.sign(slope(middle)) == below else (low, middle)
        return low


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("identity", 0), ("x - x**3", 2), ("x*sigmoid(x)", 1), ("x*Phi(x)", 1), ("x**2 + x", 1), ("exp(-x**2)", 1),
        ("abs(x)", 1),
        ("relu(x)", 0), ("step(x)", 0), ("x*clip(x + 3, 0, 6)/6", 1), ("sin(x)", "infinitely many"), ("x*cos(x)",
        "infinitely many"),
    ],
)  # fmt: skip
def test_how_often_a_seed_turns(text: str, count: int | str) -> None:
    found = judge(parse("x" if text == "identity" else text), ["extrema"])["extrema"]
    assert isinstance(found, Proven)
    assert found.value == count or len(found.value) == count
