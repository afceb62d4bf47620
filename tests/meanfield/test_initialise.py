"""Initialisations: closed forms, what they promise tried on networks and on the maps, classes, and what has none."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.meanfield.criticality import criticality
from rheobase.meanfield.initialise import Init, init
from rheobase.meanfield.moments import Shifted, moments

INITS = {id: init(moments(rb.get(id).bound)) for id in list(entries())[::3]}


@pytest.mark.parametrize(
    ("spec", "wanted"),
    {
        "relu": ("scale-invariant", math.sqrt(2), 0.0, 0.0),
        "leaky_relu:negative_slope=0.2": ("scale-invariant", math.sqrt(2 / 1.04), 0.0, 0.0),
        "abs(x)": ("scale-invariant", 1.0, 0.0, 0.0),
        "tanh": ("centred", 1.0, 0.0, 0.0),
        "sigmoid": ("centred", 4.0, 0.0, 0.5),
        "elu": ("centred", 1.0, 0.0, 0.0),
        "siren": ("centred", 1 / 30, 0.0, 0.0),
        "x*Phi(x)": ("shifted", 0.8858148003664094, math.sqrt(2), math.sqrt(2) * 0.9213503964748574),
        "snake": ("shifted", 0.5, math.pi / 4, math.pi / 4 + 0.5),
        "exp(-x**2)": ("shifted", math.exp(0.5) / math.sqrt(2), 1 / math.sqrt(2), math.exp(-0.5)),
        "hard_swish": ("shifted", math.sqrt(2 / 3.25), 3.0, 3.0),
        "squareplus": ("shifted", 4 / 3, 2 / math.sqrt(3), math.sqrt(3)),
    }.items(),
)
def test_closed_forms(spec: str, wanted: tuple[str, float, float, float]) -> None:
    found = init(moments(rb.get(spec).bound))
    kind, gain, shift, level = wanted
    assert found.kind == kind and found.stable
    assert (found.gain, found.input_shift, found.output_shift) == pytest.approx(
        (gain, shift, level), rel=1e-7, abs=1e-12
    )


@pytest.mark.parametrize("spec", ["heaviside", "squ", "exp(x)", "x**2"])
def test_what_has_none_says_why(spec: str) -> None:
    found = rb.theory(spec).init()
    assert found.kind == "none" and not found.stable and math.isnan(found.gain)
    assert "gradient" in found.reason or "runs away" in found.reason


def test_ncu_has_a_basin() -> None:
    """E (x - x³)² = q - 6q² + 15q³ is below q up to q = 0.4."""
    found = rb.theory("ncu").init()
    assert found.basin == pytest.approx(0.4, rel=1e-9) and found.start < found.basin


@pytest.mark.parametrize("spec", INITS)
def test_the_variance_does_what_is_told(spec: str) -> None:
    """From `start` the variance map of the shifted function stays below it where the point is told to be stable, and
    a small angle neither opens nor closes: χ_1 is 1 at the point."""
    found = INITS[spec]
    if found.kind == "none":
        return
    m = Shifted(moments(rb.get(spec).bound), found.input_shift, found.output_shift)
    at = found.q if found.q > 0 else 1e-8
    assert found.gain**2 * m.slope_second(at) == pytest.approx(1, abs=3e-3)
    if not found.stable:
        return
    q = found.start
    for _ in range(200):
        q = found.gain**2 * m.second(q) + found.sigma_b**2
    assert q <= found.start * (1 + 1e-9) and q >= 0
    if found.kind == "edge":
        assert q == pytest.approx(found.q, rel=1e-6)


def test_most_of_the_catalogue_has_a_stable_one() -> None:
    kinds = Counter(i.kind for i in INITS.values())
    assert kinds["none"] <= len(INITS) / 8, kinds
    assert sum(i.stable for i in INITS.values()) >= 0.85 * len(INITS)


@pytest.mark.parametrize("name", ["linear", "relu", "leaky_relu"])
def test_agrees_with_calculate_gain_where_that_is_exact(name: str) -> None:
    spec = {"linear": "x", "leaky_relu": "leaky_relu:negative_slope=0.3"}.get(name, name)
    slope = 0.3 if name == "leaky_relu" else None
    theirs = torch.nn.init.calculate_gain(name, slope)  # pyright: ignore[reportArgumentType]
    assert rb.theory(spec).init().gain == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(("name", "critical"), [("tanh", 1.0), ("sigmoid", 4.0), ("selu", 0.690486)])
def test_differs_from_calculate_gain_where_that_is_a_rule_of_thumb(name: str, critical: float) -> None:
    """With 5/3 gradients of tanh explode at small variances; with 1 those of the sigmoid shrink fourfold a layer."""
    theirs, ours = torch.nn.init.calculate_gain(name), rb.theory(name).init().gain  # pyright: ignore[reportArgumentType]
    assert ours == pytest.approx(critical, rel=1e-5) and abs(theirs - ours) > 0.05


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("relu", "scale-invariant"),
        ("x", "scale-invariant"),
        ("tanh", "K* = 0"),
        ("sine", "K* = 0"),
        ("selu", "K* = 0"),
        ("gelu", "half-stable"),
        ("silu", "half-stable"),
        ("squ", "K* = 0, unstable"),
        ("softplus", "none"),
        ("sigmoid", "none"),
        ("heaviside", "none"),
    ],
)
def test_classes(spec: str, kind: str) -> None:
    assert rb.theory(spec).criticality.kind == kind


def test_the_half_stable_point_of_gelu() -> None:
    """K* = (3 + √17)/2 (Roberts, Yaida & Hanin 2022, section 5.3.4)."""
    assert criticality(moments(rb.get("gelu").bound)).q == pytest.approx((3 + math.sqrt(17)) / 2, rel=1e-12)


@pytest.mark.parametrize("spec", ["sigmoid", "gelu", "softplus", "tanh", "ncu"])
def test_gradients_survive_forty_layers(spec: str) -> None:
    """200 wide, orthogonal weights: from the last layer to the first a gradient keeps its size within a factor of 30;
    with a gain 1.5 times too large or too small it does not."""
    f, found = rb.get(spec), rb.theory(spec).init()

    def change(factor: float) -> float:
        rng = np.random.default_rng(0)
        h, slopes, weights = rng.standard_normal(200) * math.sqrt(found.start), [], []
        for _ in range(40):
            w = np.linalg.qr(rng.standard_normal((200, 200)))[0] * found.gain * factor
            slopes.append(f.derivative()(h + found.input_shift))
            weights.append(w)
            h = w @ (f(h + found.input_shift) - found.output_shift)
        g = rng.standard_normal(200)
        first = np.linalg.norm(g)
        for w, s in zip(weights[::-1], slopes[::-1], strict=True):
            g = s * (w.T @ g)
        return abs(math.log(np.linalg.norm(g) / first))

    assert change(1.0) < math.log(30) < change(1 / 1.5)


def test_init_is_plain_data() -> None:
    found = rb.theory("softplus").to_dict()["init"]
    assert set(found) == set(Init.__slots__) and found["basin"] == "inf"
