"""Moments, gains and edges against 40-digit references, closed forms, and simulated layers."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.meanfield import certified_moments
from rheobase.meanfield.angles import approach, states
from rheobase.meanfield.criticality import criticality
from rheobase.meanfield.dying import dying
from rheobase.meanfield.kernel import kernel
from rheobase.meanfield.kinks import kinks_of
from rheobase.meanfield.moments import Moments, Shifted, moments
from rheobase.meanfield.propagation import edges, fixed_points
from rheobase.parse import parse

REFERENCE = Path(__file__).with_name("reference.csv")
LARGEST_Q = 400.0
"""The reference looked for edges up to this variance."""


def rows() -> list[dict[str, str]]:
    lines = REFERENCE.read_text().splitlines()[1:]
    return list(csv.DictReader(lines))


MOMENTS: dict[str, Callable[[Moments], float]] = {
    "E_f": lambda m: m.first(),
    "E_f2": lambda m: m.second(),
    "Var_f": lambda m: m.second() - m.first() ** 2,
    "E_fprime": lambda m: m.slope_first(),
    "E_fprime2": lambda m: m.slope_second(),
    "P_fprime_zero": lambda m: m.flat(),
    "gain_fwd": lambda m: m.second() ** -0.5,
    "gain_grad": lambda m: m.slope_second() ** -0.5,
    "gain_var": lambda m: (m.second() - m.first() ** 2) ** -0.5,
    "chi1_unit": lambda m: m.slope_second() / m.second(),
    "chiq_unit": lambda m: m.second_by_q(1.0) / m.second(),
}


@pytest.mark.parametrize("spec", sorted({r["spec"] for r in rows()}))
def test_against_forty_digits(spec: str) -> None:
    m = moments(rb.get(spec).bound)
    for r in (r for r in rows() if r["spec"] == spec):
        wanted = float(r["value"])
        if r["quantity"] in MOMENTS:
            if wanted == math.inf:
                assert rb.theory(spec).moments["E_df2"] == math.inf
                continue
            found = MOMENTS[r["quantity"]](m)
        else:
            found = OTHERS[r["quantity"].partition("_")[0]](m, r)
        assert found == pytest.approx(wanted, rel=1e-10, abs=1e-10), (r["quantity"], r["at"])


def _at(r: dict[str, str]) -> dict[str, str]:
    return dict(p.split("=") for p in r["at"].split(",") if "=" in p)


def _on_the_edge(m: Moments, r: dict[str, str]) -> float:
    parts = _at(r)
    number, of = map(int, parts["root"].split("/"))
    found = [e for e in edges(m, math.sqrt(float(parts["sb2"]))) if 0 < e.q <= LARGEST_Q]
    assert len(found) == of, [e.q for e in found]
    edge = found[number - 1]
    return {
        "eoc_sw2": lambda: edge.sigma_w**2,
        "eoc_q": lambda: edge.q,
        "eoc_chiq": lambda: edge.chi_q,
        "eoc_xiq": lambda: edge.xi_q,
        "eoc_xic": lambda: edge.xi_c,
        "eoc_beta": lambda: approach(m, edge.q, edge.sigma_w),
    }[r["quantity"]]()


def _at_a_fixed_point(m: Moments, r: dict[str, str]) -> float:
    """The reference gives one fixed point a row: the stable one."""
    parts = _at(r)
    (found,) = [s for s in states(m, math.sqrt(float(parts["sw2"])), math.sqrt(float(parts["sb2"]))) if s.stable]
    return {"qstar": found.q, "chi1": found.chi_1, "xi_q": found.xi_q, "xi_c": found.xi_c}[r["quantity"]]


def _critical(m: Moments, r: dict[str, str]) -> float:
    found = criticality(m)
    assert found.kind == "half-stable"
    return {"crit_Kstar": found.q, "crit_CW": found.sigma_w**2, "crit_Cb": found.sigma_b**2}[r["quantity"]]


OTHERS: dict[str, Callable[[Moments, dict[str, str]], float]] = {
    "kernel": lambda m, r: kernel(m, float(_at(r)["c"]), float(_at(r)["q"])),
    "eoc": _on_the_edge,
    "qstar": _at_a_fixed_point,
    "chi1": _at_a_fixed_point,
    "xi": _at_a_fixed_point,
    "crit": _critical,
    "P": lambda m, r: dying(m, int(_at(r)["N"]), int(_at(r)["L"])).network,
}


CERTIFIED = {"E_f": "E_f", "E_f2": "E_f2", "E_fprime2": "E_df2"}


@pytest.mark.parametrize("spec", sorted({r["spec"] for r in rows() if r["quantity"] in CERTIFIED}))
def test_certified_enclosures_hold_the_forty_digits(spec: str) -> None:
    found = certified_moments(spec)
    for r in (r for r in rows() if r["spec"] == spec and r["quantity"] in CERTIFIED):
        low, high = found[CERTIFIED[r["quantity"]]]
        if r["value"] == "inf":
            assert low == high == "inf"
            continue
        assert isinstance(low, float) and isinstance(high, float)
        wanted = Fraction(r["value"])
        slack = Fraction(1, 10**17) * max(1, abs(wanted))  # the reference has 18 digits
        assert Fraction(low) - slack <= wanted <= Fraction(high) + slack, r["quantity"]
        assert high - low <= 1e-11 * max(1.0, abs(high))


@pytest.mark.parametrize("q", [1e-6, 0.3, 1.0, 50.0, 1e4, 1e6])
def test_closed_forms_at_every_variance(q: float) -> None:
    """E erf(√q z)² and E sin(√q z)² (Williams 1997); E of a square and its derivative in q."""
    erf = 2 / math.pi * math.asin(2 * q / (1 + 2 * q))
    assert moments(parse("erf(x)")).second(q) == pytest.approx(erf, rel=1e-12)
    if q <= 50:
        assert moments(parse("sin(x)")).second(q) == pytest.approx((1 - math.exp(-2 * q)) / 2, rel=1e-9)
    assert moments(parse("relu(x)")).second(q) == pytest.approx(q / 2, rel=1e-13)
    assert moments(parse("relu(x)")).second_by_q(q) == pytest.approx(0.5, rel=1e-12)
    assert moments(parse("x**3")).second(q) == pytest.approx(15 * q**3, rel=1e-12)


def test_kinks_of_any_formula() -> None:
    assert kinks_of(parse("max(x**2 - 2, x/3)")) == pytest.approx(((1 - 73**0.5) / 6, (1 + 73**0.5) / 6), rel=1e-15)
    assert kinks_of(parse("tanh(x)")) == ()
    assert kinks_of(parse("clip(x, -1, 2)")) == (-1.0, 2.0)


@pytest.mark.parametrize("spec", ["tanh", "relu", "gelu", "x*tanh(x)", "sine"])
def test_a_wide_random_layer_does_what_the_map_says(spec: str) -> None:
    """4,000 units: the mean square of the next layer lies within five standard errors."""
    function = rb.get(spec)
    m = moments(function.bound)
    rng = np.random.default_rng(0)
    for q in (0.2, 1.5):
        squares = function(math.sqrt(q) * rng.standard_normal(400_000)) ** 2
        assert abs(squares.mean() - m.second(q)) < 5 * squares.std() / math.sqrt(squares.size)


def test_a_fixed_point_is_one() -> None:
    m = moments(parse("tanh(x)"))
    ((q, chi_1, chi_q),) = fixed_points(m, 1.5, 0.2)
    assert 1.5**2 * m.second(q) + 0.2**2 == pytest.approx(q, rel=1e-12)
    step = 1e-5 * q
    slope = 1.5**2 * (m.second(q + step) - m.second(q - step)) / (2 * step)
    assert chi_q == pytest.approx(slope, rel=1e-6) and chi_1 == pytest.approx(1.5**2 * m.slope_second(q))


def test_what_cannot_be_is_told() -> None:
    assert rb.theory("softplus(x)").edge_of_chaos == ()
    assert "no solution" in rb.theory("softplus(x)").edge_reason
    assert "no gradient travels" in rb.theory("step").edge_reason
    assert "homogeneous" in rb.theory("relu").edge_reason
    assert "runs away" in rb.theory("gelu").edge_reason
    with pytest.raises(RheobaseError, match="standard deviation"):
        rb.theory("tanh", [-1.0])


def test_a_basin_ends_at_the_next_fixed_point() -> None:
    """SQU, z² + z: from below its second fixed point the variance returns, from above it runs away."""
    low, high = rb.theory("squ").at(0.7, 0.1)
    assert low.stable and not high.stable and low.basin == high.q and high.basin == 0
    m = moments(rb.get("squ").bound)
    for start, returns in ((0.99 * high.q, True), (1.01 * high.q, False)):
        q = start
        for _ in range(60):
            q = min(0.7**2 * m.second(q) + 0.1**2, 1e6)
        assert (q == pytest.approx(low.q, rel=1e-3)) == returns
    assert rb.theory("tanh").at(1.5, 0.2)[0].basin == math.inf


def test_no_basin_is_promised_where_the_map_falls() -> None:
    """A bump's variance map rises and falls again: what starts far above need not go straight to the fixed point."""
    (found,) = [s for s in rb.theory("exp(-x**2)").at(2.5, 0.1) if s.stable]
    assert math.isnan(found.basin)


def test_a_shifted_function_is_shifted_in_all_its_derivatives() -> None:
    m, by_hand = Shifted(moments(parse("sin(x)")), 0.7, 0.2), moments(parse("sin(x + 0.7) - 0.2"))
    x = np.linspace(-3, 3, 13)
    for one, other in ((m.value, by_hand.value), (m.slope, by_hand.slope), (m.bend, by_hand.bend)):
        assert one(x) == pytest.approx(other(x), abs=1e-15)
