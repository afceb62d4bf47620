"""What is born dead: exact chances, bounds against counted networks, and the proven flat parts."""

from __future__ import annotations

import math

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.meanfield.dying import born_dead, dying, flat_parts, inactive
from rheobase.meanfield.moments import moments
from rheobase.parse import parse
from rheobase.shares import exact_interval

RELU = moments(parse("relu(x)"))


@pytest.mark.parametrize(
    ("formula", "parts"),
    {
        "relu(x)": ((-math.inf, 0.0),),
        "relu(-x)": ((0.0, math.inf),),
        "clip(x, -1, 2)": ((-math.inf, -1.0), (2.0, math.inf)),
        "where(abs(x) > 0.5, x, 0)": ((-0.5, 0.5),),
        "relu(x)*sigmoid(x)": ((-math.inf, 0.0),),
        "relu(x**2 - 2)": ((-math.sqrt(2), math.sqrt(2)),),
        "x*clip(x + 3, 0, 6)": ((-math.inf, -3.0),),
        "tanh(x)": (),
        "exp(-exp(x))": (),
        "floor(x)": None,
    }.items(),
)
def test_flat_parts(formula: str, parts: tuple[tuple[float, float], ...] | None) -> None:
    """exp(-exp(x)) computes as flat beyond 6.6, where it underflows; it is not."""
    found = flat_parts(parse(formula))
    assert (found is None) == (parts is None)
    for one, wanted in zip(found or (), parts or (), strict=True):
        assert one == pytest.approx(wanted)


def test_the_inactive_share() -> None:
    assert inactive(RELU, 7.0) == 0.5
    assert inactive(moments(parse("clip(x, -1, 1)")), 4.0) == pytest.approx(1 - math.erf(0.5 / math.sqrt(2)), rel=1e-14)
    assert rb.theory("golu").moments["P_df_zero"] == 0.0


@pytest.mark.parametrize(("width", "depth"), [(1, 3), (2, 3), (2, 10), (3, 10), (4, 60)])
def test_counted_networks_lie_between_the_bounds(width: int, depth: int) -> None:
    found = dying(RELU, width, depth)
    assert found.network_low is not None
    counted = born_dead(RELU, width, depth, inputs=1, nets=3000, seed=width)
    assert found.network_low <= counted.high and counted.low <= found.network
    wide = born_dead(RELU, width, depth, inputs=6, nets=3000, seed=width)
    assert wide.low <= found.network


def test_one_unit_wide_is_exact() -> None:
    """With one unit a layer both bounds can be told by hand: the first unit lets one ray through."""
    found = dying(RELU, 1, 3)
    assert found.network_low == 0.75 and found.network == 0.875


def test_biases_do_not_change_the_chance_for_one_input() -> None:
    counted = born_dead(RELU, 2, 10, inputs=6, sigma_b=0.5, nets=3000)
    assert counted.low <= dying(RELU, 2, 10).network


def test_leaky_units_never_die() -> None:
    m = moments(rb.get("leaky_relu").bound)
    assert dying(m, 2, 100).network == 0 and born_dead(m, 2, 100, nets=200).estimate == 0
    assert dying(m, 2, 100).network_low is None


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [(81, 263, (0.2527, 0.3676)), (15, 148, (0.0578, 0.1617)), (0, 20, (0.0, 0.1684)), (1, 29, (0.0009, 0.1776))],
)
def test_exact_intervals(hits: int, of: int, interval: tuple[float, float]) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I, method 5."""
    assert exact_interval(hits, of) == pytest.approx(interval, abs=5e-5)


def test_bad_sizes() -> None:
    with pytest.raises(RheobaseError, match="no units"):
        dying(RELU, 0, 3)
    with pytest.raises(RheobaseError, match="no variance"):
        dying(RELU, 2, 3, q=-1.0)
