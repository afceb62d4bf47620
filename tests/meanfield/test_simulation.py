"""Mean field against random networks: variance, correlation and gradient, layer by layer."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import moments, shifted
from rheobase.meanfield.propagation import edges, fixed_points
from rheobase.meanfield.simulation import Setting, agreement, predicted, simulate

WIDTH, NETS = 200, 20

STABLE = ["tanh", "sigmoid", "elu", "sine", "hard_tanh", "erf(x)", "x/(1+abs(x))", "atan(x)"]
"""χ_q < 0.9 at the edge of chaos for σ_b = 0.3."""


@pytest.mark.parametrize("spec", STABLE)
def test_on_the_edge_of_chaos_networks_do_what_mean_field_says(spec: str) -> None:
    edge = edges(moments(rb.get(spec).bound), 0.3)[0]
    assert edge.stable and edge.chi_q < 0.9
    setting = Setting(edge.sigma_w, 0.3, depth=20, q0=edge.q)
    found = agreement(simulate(spec, setting, width=WIDTH, nets=NETS), predicted(spec, setting))
    assert found.holds, found


@pytest.mark.parametrize("spec", ["tanh", "sigmoid"])
@pytest.mark.parametrize("sigma_w", [0.8, 2.5])
def test_away_from_the_edge_too(spec: str, sigma_w: float) -> None:
    """In the ordered and in the chaotic phase, from a variance that is no fixed point."""
    setting = Setting(sigma_w, 0.4, depth=12, q0=2.0, c0=0.2)
    found = agreement(simulate(spec, setting, width=WIDTH, nets=NETS), predicted(spec, setting))
    assert found.holds, found


@pytest.mark.parametrize("spec", ["relu", "leaky_relu"])
def test_a_homogeneous_function_is_followed_for_ten_layers(spec: str) -> None:
    edge = edges(moments(rb.get(spec).bound), 0.0)[0]
    assert edge.chi_q == 1
    setting = Setting(edge.sigma_w, depth=10)
    found = agreement(simulate(spec, setting, width=500, nets=NETS), predicted(spec, setting))
    assert found.holds and found.layers == 10, found


@pytest.mark.parametrize("spec", ["gelu", "silu", "mish", "hard_swish"])
def test_where_the_variance_runs_away_we_say_unstable(spec: str) -> None:
    m = moments(rb.get(spec).bound)
    for edge in edges(m, 0.05):
        assert edge.chi_q > 1 and not edge.stable
        above = predicted(spec, Setting(edge.sigma_w, 0.05, 200, 1.2 * edge.q), correlation=False).q
        below = predicted(spec, Setting(edge.sigma_w, 0.05, 200, edge.q / 1.2), correlation=False).q
        assert above[-1] > 1.3 * edge.q and below[-1] < edge.q / 1.3


def test_theory_ends_at_its_own_fixed_point() -> None:
    m = moments(rb.get("tanh").bound)
    ((q, chi_1, _),) = fixed_points(m, 1.7, 0.2)
    found = predicted("tanh", Setting(1.7, 0.2, depth=60))
    assert found.q[-1] == pytest.approx(q, rel=1e-12)
    assert np.diff(found.log_gradient)[0] == pytest.approx(math.log(chi_1), rel=1e-9)


def test_a_recentred_function_is_simulated_as_such() -> None:
    """sigmoid(x) - 1/2 = tanh(x/2)/2: with σ_w = 4 its pre-activations are twice those of tanh with σ_w = 1."""
    setting = Setting(4.0, depth=8, shift=(0.0, 0.5))
    centred = predicted("sigmoid", setting)
    assert centred.q == pytest.approx(4 * predicted("tanh", Setting(1.0, depth=8, q0=0.25)).q, rel=1e-10)
    assert predicted("sigmoid", Setting(4.0, depth=8)).q[1] > 2 * centred.q[1]
    found = agreement(simulate("sigmoid", setting, width=WIDTH, nets=NETS), centred)
    assert found.holds, found
    x = np.array([-2.0, 0.1, 3.0])
    assert shifted(rb.get("relu").bound, (0.7, 0.3)).value(x) == pytest.approx([-0.3, 0.5, 3.4])
    moved = Setting(1.2, 0.1, depth=6, shift=(0.7, 0.3))
    found = agreement(simulate("relu", moved, width=500, nets=NETS), predicted("relu", moved))
    assert found.holds, found


def test_wrong_theory_is_noticed() -> None:
    """The tolerances tell a bias of 0.3 that is left out, and a growth factor that is 10 % off."""
    setting = Setting(1.4, 0.3, depth=20)
    networks = simulate("tanh", setting, width=WIDTH, nets=NETS)
    assert agreement(networks, predicted("tanh", setting)).holds
    without = agreement(networks, predicted("tanh", Setting(1.4, 0.0, depth=20)))
    assert without.q > 1 and without.c > 1
    steeper = agreement(networks, predicted("tanh", Setting(1.4 * 1.1, 0.3, depth=20)))
    assert steeper.log_gradient > 1
    other = agreement(networks, predicted("tanh", Setting(1.4, 0.3, depth=20, c0=0.8)), layers=3)
    assert other.c > 1


def test_the_gradient_is_that_of_the_network() -> None:
    """Backward, and forward by finite differences: one network of two layers, all its numbers drawn again."""
    setting, width, seed = Setting(1.3, 0.2, depth=2), 6, 5
    found = simulate("tanh", setting, width=width, nets=2, seed=seed)
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[0])
    inputs = np.linalg.qr(rng.standard_normal((width, 2)))[0][:, 0] * math.sqrt(width)
    layers = []
    for _ in range(2):
        w = rng.standard_normal((width, width)) * 1.3 / math.sqrt(width)
        layers.append((w, 0.2 * rng.standard_normal((width, 1))[:, 0]))
    gradient = rng.standard_normal(width)
    gradient /= np.linalg.norm(gradient)

    def loss(h: np.ndarray) -> float:
        for w, b in layers:
            h = w @ np.tanh(h) + b
        return float(gradient @ h)

    step = 1e-6
    slopes = [(loss(inputs + step * e) - loss(inputs - step * e)) / (2 * step) for e in np.eye(width)]
    assert found.log_gradient[0, -1] == pytest.approx(2 * math.log(np.linalg.norm(slopes)), abs=1e-6)


def test_networks_are_repeatable_and_their_number_changes_none() -> None:
    setting = Setting(1.2, 0.1, depth=4)
    few, many = (simulate("elu", setting, width=30, nets=n, seed=3) for n in (2, 5))
    assert np.array_equal(few.q, many.q[:2]) and np.array_equal(few.log_gradient, many.log_gradient[:2])
    assert not np.array_equal(few.q, simulate("elu", setting, width=30, nets=2, seed=4).q)
    assert json.loads(json.dumps(many.to_dict()))["setting"]["sigma_w"] == 1.2


def test_what_overflows_is_told_as_such() -> None:
    found = simulate("x**3", Setting(3.0, depth=15), width=20, nets=2)
    assert not np.isfinite(found.q[:, -1]).any() and found.to_dict()["q"][0][-1] in (None, "inf")
    assert predicted("x**3", Setting(3.0, depth=15)).to_dict()["q"][-1] == "inf"
    compared = agreement(found, predicted("x**3", Setting(3.0, depth=15)))
    assert not compared.holds


def test_a_stable_point_of_mean_field_may_have_a_basin_that_a_network_leaves() -> None:
    """NCU, x - x³: some networks of 200 units reach values at which the cube takes over."""
    edge = edges(moments(rb.get("ncu").bound), 0.3)[0]
    assert edge.stable
    setting = Setting(edge.sigma_w, 0.3, depth=20, q0=edge.q)
    assert predicted("ncu", setting).q[-1] == pytest.approx(edge.q, rel=1e-9)
    last = simulate("ncu", setting, width=WIDTH, nets=NETS).q[:, -1]
    lost = ~(last < 100 * edge.q)
    assert 0 < lost.sum() < NETS


def test_a_step_passes_no_gradient() -> None:
    setting = Setting(1.0, 0.1, depth=2)
    assert np.isneginf(simulate("step", setting, width=20, nets=2).log_gradient[:, 1:]).all()
    assert np.isneginf(predicted("step", setting).log_gradient[1:]).all()


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({"sigma_w": 0.0}, "σ_w > 0"),
        ({"sigma_b": -1.0}, "σ_b >= 0"),
        ({"q0": math.nan}, "finite"),
        ({"c0": 1.5}, "-1 to 1"),
        ({"depth": 0}, "depth=1"),
    ],
)
def test_what_is_no_network_is_told(change: dict[str, float], right: str) -> None:
    with pytest.raises(RheobaseError, match=right):
        Setting(**({"sigma_w": 1.0} | change))  # pyright: ignore[reportArgumentType]


def test_a_single_network_has_no_spread() -> None:
    with pytest.raises(RheobaseError, match="at least two"):
        simulate("relu", Setting(1.0), nets=1)
