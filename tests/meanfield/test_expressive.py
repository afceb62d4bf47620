"""Expressiveness: growth of curves, linear regions, spectra, each against facts that are known without it."""

from __future__ import annotations

import json
import math
from itertools import combinations

import numpy as np
import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import moments
from rheobase.meanfield.piecewise import Linear, linear_pieces
from rheobase.meanfield.regions import Layer, Regions, cut, linear_regions, plane_network
from rheobase.meanfield.simulation import Setting
from rheobase.meanfield.spectrum import spectrum
from rheobase.meanfield.trajectory import trajectory

# ---------------------------------------------------------------------------------------------- growth of a trajectory


@pytest.mark.parametrize("sigma_w", [0.7, 1.0, 2.0])
def test_a_linear_network_stretches_a_curve_by_sigma_w(sigma_w: float) -> None:
    found = trajectory("identity", Setting(sigma_w, 0.5, depth=6))
    assert found.theory == pytest.approx(np.full(6, sigma_w), rel=1e-14)
    low, _, high = found.interval
    assert np.all(low < 1.01 * sigma_w) and np.all(high > 0.99 * sigma_w)
    assert found.length[:, 0] == pytest.approx(np.full(10, 2 * math.pi), rel=1e-12)


@pytest.mark.parametrize(
    ("spec", "sigma_w"), [("tanh", 0.8), ("tanh", 2.5), ("relu", 1.4), ("sine", 2.0), ("gelu", 1.5), ("sigmoid", 6.0)]
)
def test_networks_grow_curves_as_mean_field_says(spec: str, sigma_w: float) -> None:
    """Within four standard errors and 3 %, which a width of 200 leaves."""
    found = trajectory(spec, Setting(sigma_w, 0.3, depth=8))
    error = found.growth.std(axis=0, ddof=1) / math.sqrt(len(found.growth))
    assert np.all(np.abs(found.growth.mean(axis=0) - found.theory) < 0.03 * found.theory + 4 * error)
    assert found.by == "speed"


def test_the_speed_is_what_close_chords_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    from rheobase.meanfield import trajectory as home

    found = trajectory("tanh", Setting(1.5, 0.2, depth=3), width=40, nets=2)
    m = moments(rb.get("tanh").bound)
    rng = np.random.default_rng(np.random.SeedSequence(0).spawn(2)[0])
    monkeypatch.setattr(home, "CHORDS", 4000)
    chords = home._by_chords(m, found.setting, 40, rng)
    assert found.length[0] == pytest.approx(chords, rel=1e-4)


def test_a_jump_tears_the_curve() -> None:
    found = trajectory("step", Setting(1.5, 0.3, depth=3), nets=3)
    assert found.by == "chords" and np.isinf(found.theory).all()
    assert found.growth[:, 0].min() > 3 > found.growth[:, 1].max()
    assert json.loads(json.dumps(found.to_dict()))["theory"] == ["inf"] * 3


def test_a_jump_that_is_not_told_of_is_not_assumed_away() -> None:
    found = trajectory("floor(x)", Setting(1.0, depth=2), nets=2, width=20)
    assert found.by == "chords" and np.isnan(found.theory).all()


def test_what_overflows_is_not_a_number() -> None:
    found = trajectory("x**3", Setting(3.0, depth=12), nets=2, width=20)
    assert np.isnan(found.theory[-1]) and found.to_dict()["theory"][-1] is None


def test_a_shift_moves_the_function_under_the_curve() -> None:
    plain, moved = (trajectory("relu", Setting(1.4, depth=1, shift=(x0, 0.0)), nets=2) for x0 in (0.0, 9.0))
    assert plain.theory[0] == pytest.approx(1.4 / math.sqrt(2)) and moved.theory[0] == pytest.approx(1.4)


# ------------------------------------------------------------------------------------------------------- linear pieces


@pytest.mark.parametrize(
    ("spec", "cuts", "slopes", "offsets"),
    [
        ("relu", (0.0,), (0, 1), (0, 0)),
        ("leaky_relu", (0.0,), (0.01, 1), (0, 0)),
        ("hard_tanh", (-1.0, 1.0), (0, 1, 0), (-1, 0, 1)),
        ("step", (0.0,), (0, 0), (0, 1)),
        ("identity", (), (1,), (0,)),
        ("max(min(x, sqrt(2)), -pi)", (-math.pi, math.sqrt(2)), (0, 1, 0), (-math.pi, 0, math.sqrt(2))),
        ("abs(abs(x) - 1)", (-1.0, 0.0, 1.0), (-1, 1, -1, 1), (-1, 1, 1, -1)),
        ("relu(x) - relu(-x)", (), (1,), (0,)),
        ("where(x > 2, x, relu(x))", (0.0,), (0, 1), (0, 0)),
        ("max((x - 1)*(x + 1) - x**2 + 1 + x/3, -1/7)", (-3 / 7,), (0, 1 / 3), (-1 / 7, 0)),
    ],
)
def test_the_pieces_of_a_formula(spec: str, cuts: tuple, slopes: tuple, offsets: tuple) -> None:
    found = linear_pieces(spec)
    assert found.cuts == pytest.approx(cuts, rel=1e-9)
    assert found.slopes == pytest.approx(slopes) and found.offsets == pytest.approx(offsets)
    x = np.linspace(-5, 5, 1001) + 1e-4
    at = found.piece(x)
    assert np.array(found.slopes)[at] * x + np.array(found.offsets)[at] == pytest.approx(rb.get(spec)(x), abs=1e-12)


def test_a_cut_belongs_to_the_piece_on_its_right() -> None:
    assert linear_pieces("hard_tanh").piece(np.array([-1.0, 0.0, 1.0])).tolist() == [1, 1, 2]


@pytest.mark.parametrize("spec", ["tanh", "elu", "floor(x)", "relu(x)**2", "relu(exp(x) - 2)", "hard_swish", "sine"])
def test_what_is_not_piecewise_linear_is_told(spec: str) -> None:
    with pytest.raises(RheobaseError, match="not piecewise linear"):
        linear_regions(spec)


# ------------------------------------------------------------------------------------------------------ linear regions


def value_and_pattern(function: Linear, layers: list[Layer], x: np.ndarray) -> tuple[float, tuple[int, ...]]:
    """The network at one point, unit by unit, in plain code."""
    pattern: list[int] = []
    for weights, biases in layers[:-1]:
        out = []
        for row, b in zip(weights, biases, strict=True):
            h = float(row @ x + b)
            i = sum(h > c for c in function.cuts)
            pattern.append(i)
            out.append(function.slopes[i] * h + function.offsets[i])
        x = np.array(out)
    (row,), (b,) = layers[-1]
    return float(row @ x + b), tuple(pattern)


def area(polygon: np.ndarray) -> float:
    s, t = polygon.T
    return 0.5 * float(s @ np.roll(t, -1) - t @ np.roll(s, -1))


@pytest.mark.parametrize("spec", ["relu", "hard_tanh", "step", "abs(abs(x) - 1)", "clip(x, -1, 0.5) + step(x - 1)"])
def test_regions_are_the_patterns_of_the_network(spec: str) -> None:
    """One region a pattern (Hanin & Rolnick 2019): all differ, they tile the square, and no point finds another."""
    function, layers = linear_pieces(spec), plane_network(1.6, 0.5, 7, 3, seed=2)
    found = cut(function, layers, 1.5)
    patterns = set()
    for polygon, linear in zip(found.polygons, found.maps, strict=True):
        middle = polygon.mean(axis=0)
        value, pattern = value_and_pattern(function, layers, middle)
        assert linear @ np.append(middle, 1) == pytest.approx(value, abs=1e-12)
        assert area(polygon) > 0
        patterns.add(pattern)
    assert len(patterns) == found.count == found.by_layer[-1]
    assert sum(map(area, found.polygons)) == pytest.approx(9.0, rel=1e-12)
    for point in np.random.default_rng(0).uniform(-1.5, 1.5, (2000, 2)):
        assert value_and_pattern(function, layers, point)[1] in patterns


@pytest.mark.parametrize("seed", range(3))
def test_one_layer_of_relu_is_an_arrangement_of_lines(seed: int) -> None:
    """1 + the lines that enter the square + their crossings inside it (Schläfli; Zaslavsky 1975)."""
    layers = plane_network(1.4, 0.5, 12, 1, seed)
    weights, biases = layers[0]
    side, corners = 1.0, np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    entering = [i for i in range(12) if len({bool(weights[i] @ (side * c) + biases[i] > 0) for c in corners}) == 2]
    met = [np.linalg.solve(weights[[i, j]], -biases[[i, j]]) for i, j in combinations(entering, 2)]
    crossings = sum(bool(np.abs(p).max() < side) for p in met)
    assert cut(linear_pieces("relu"), layers, side).count == 1 + len(entering) + crossings


def test_two_kinks_a_unit_are_two_parallel_lines() -> None:
    layers: list[Layer] = [(np.array([[1.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))]
    found = cut(linear_pieces("hard_tanh"), layers, 3.0)
    assert sorted(map(area, found.polygons)) == pytest.approx([12.0, 12.0, 12.0])
    assert sorted(found.maps[:, 0].tolist()) == [0.0, 0.0, 1.0]


def test_a_line_has_one_region_and_layers_only_add() -> None:
    assert linear_regions("3*x - 1").by_layer == (1, 1, 1)
    found = linear_regions("relu")
    assert list(found.by_layer) == sorted(found.by_layer) and found.units == 48
    assert linear_regions("step").by_layer[0] == linear_regions("step").by_layer[-1]
    assert isinstance(json.loads(json.dumps(found.to_dict()))["count"], int)


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"depth": 0}, {"window": 0.0}, {"window": math.inf}], ids=lambda w: next(iter(w))
)
def test_no_network_and_no_window_are_told(wrong: dict) -> None:
    with pytest.raises(RheobaseError, match="instead"):
        linear_regions("relu", **wrong)


def test_too_many_regions_are_told() -> None:
    layers = plane_network(1.4, 0.5, 10, 3, seed=0)
    with pytest.raises(RheobaseError, match="more than 50 regions; instead: fewer layers"):
        cut(linear_pieces("relu"), layers, 2.0, most=50)


# ------------------------------------------------------------------------------------------------------------- spectra


def test_hermite_coefficients_in_closed_form() -> None:
    """relu: 1/√(2π), 1/2, then (-1)^(k+1) (2k-3)!!/√(2π (2k)!) (Daniely et al. 2016); sin: e^(-q/2) q^(n/2)/√n!."""
    relu = spectrum("relu").coefficients
    assert relu[:2] == pytest.approx([1 / math.sqrt(2 * math.pi), 0.5])
    for k in range(1, 10):
        odds = math.prod(range(2 * k - 3, 0, -2))
        assert relu[2 * k] == pytest.approx((-1) ** (k + 1) * odds / math.sqrt(2 * math.pi * math.factorial(2 * k)))
        assert abs(relu[2 * k + 1]) < 1e-14
    sine = spectrum("sine", 2.0).coefficients
    for n in range(20):
        size = math.exp(-1) * 2 ** (n / 2) / math.sqrt(math.factorial(n)) * (n % 2) * (-1) ** (n // 2)
        assert sine[n] == pytest.approx(size, abs=1e-14)


def test_erf_in_closed_form() -> None:
    """Its kernel, 2/π asin(2qc/(1 + 2q)) (Williams 1997), as a series in c: the coefficients' squares."""
    q = 0.7
    ratio = 2 * q / (1 + 2 * q)
    found = spectrum("erf(x)", q)
    for k in range(8):
        term = math.comb(2 * k, k) / 4**k / (2 * k + 1) * ratio ** (2 * k + 1) * 2 / math.pi
        assert found.coefficients[2 * k + 1] ** 2 == pytest.approx(term, rel=1e-10)


@pytest.mark.parametrize("spec", ["tanh", "gelu", "sine", "x**3 - x", "softplus"])
@pytest.mark.parametrize("q", [0.5, 1.0])
def test_parseval(spec: str, q: float) -> None:
    found = spectrum(spec, q, degrees=120)
    assert found.share(119) == pytest.approx(1.0, rel=1e-9)
    assert found.second == pytest.approx(moments(rb.get(spec).bound).second(q))


def test_fourier_magnitudes_in_closed_form() -> None:
    """Under N(0, s²) a constant has e^(-s²ω²/2), and a sine half the difference of two such bells, at ±1."""
    for window in (0.5, 2.0, 5.0):
        one, sine = spectrum("1 + 0*x", window=window), spectrum("sine", window=window)
        w = sine.frequencies
        assert one.magnitude == pytest.approx(np.exp(-0.5 * (window * w) ** 2), abs=1e-13)
        bells = [np.exp(-0.5 * (window * (w + side)) ** 2) for side in (-1, 1)]
        assert sine.magnitude == pytest.approx((bells[0] - bells[1]) / 2, abs=1e-13)


def test_kinks_off_the_middle_cost_no_digits() -> None:
    """At ω = 0 the magnitude is |E f|: of relu(x - a) under N(0, s²), s φ(a/s) - a Φ(-a/s)."""
    found, s, a = spectrum("relu(x - 0.3)", window=1.7), 1.7, 0.3
    density, tail = math.exp(-0.5 * (a / s) ** 2) / math.sqrt(2 * math.pi), 0.5 * math.erfc(a / s / math.sqrt(2))
    assert found.magnitude[0] == pytest.approx(s * density - a * tail, rel=1e-13)


@pytest.mark.parametrize(
    ("spec", "decay"),
    [("step", 1), ("relu", 2), ("max(x**2 - 2, x/3)", 2), ("elu", 3), ("relu(x)**3", 4), ("relu(x)**4", 5)],
)
def test_the_spectrum_falls_with_the_power_that_is_proven(spec: str, decay: int) -> None:
    """From ω = 20 to ω = 40 by 2^-decay; two kinks beat against each other, so that the envelope is taken."""
    found = spectrum(spec)
    assert found.decay == decay and found.words.endswith("like ω⁻" + "⁰¹²³⁴⁵"[decay])
    last = found.magnitude[found.frequencies > 36].max()
    middle = found.magnitude[(found.frequencies > 18) & (found.frequencies < 20)].max()
    assert math.log2(middle / last) == pytest.approx(decay, abs=0.25)


def test_smooth_functions_fall_faster_and_what_is_unknown_is_said() -> None:
    smooth = spectrum("gelu")
    assert smooth.decay == math.inf and smooth.magnitude[40:].max() < 1e-12 and smooth.to_dict()["decay"] == "inf"
    for spec in ("sqrt(abs(x))", "sign(x)*sqrt(abs(x))"):
        assert math.isnan(spectrum(spec).decay) and "not told" in spectrum(spec).words


@pytest.mark.parametrize("wrong", [{"q": 0.0}, {"q": math.inf}, {"window": -1.0}, {"degrees": 0}, {"degrees": 1000}])
def test_no_variance_and_no_degrees_are_told(wrong: dict) -> None:
    with pytest.raises(RheobaseError, match="instead"):
        spectrum("relu", **wrong)


def test_regions_are_a_plain_record() -> None:
    found = linear_regions("relu", width=3, depth=1)
    assert isinstance(found, Regions) and found.count == len(found.maps) == len(found.polygons)
