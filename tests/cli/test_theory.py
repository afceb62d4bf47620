"""`rheobase theory`: its table, its JSON, bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_json_has_moments_gains_and_edges(rheobase: Any) -> None:
    found = json.loads(rheobase("theory", "tanh", "--json", "--sigma-b", "0.05,0.3").out)
    assert set(found["moments"]) == {"E_f", "E_f2", "Var_f", "E_df", "E_df2", "P_df_zero"}
    assert set(found["gain"]) == {"forward", "backward"}
    assert [e["sigma_b"] for e in found["edge_of_chaos"]] == [0.05, 0.3]
    assert set(found["edge_of_chaos"][0]) == {"sigma_b", "sigma_w", "q", "chi_1", "chi_q", "xi_q", "xi_c", "stable"}
    assert found["edge_of_chaos"][0]["xi_c"] == "inf"


def test_the_table_says_what_is_not_stable(rheobase: Any) -> None:
    shown = rheobase("theory", "gelu").out
    assert "runs away" in shown and "forward 1.53353" in shown


def test_bad_input(rheobase: Any) -> None:
    for words in (["theory", "gleu"], ["theory", "gelu", "--sigma-b", "a"], ["theory", "gelu", "--sigma-b", "-1"]):
        done = rheobase(*words)
        assert done.code == 2 and "Traceback" not in done.err


def test_json_has_the_initialisation_the_class_and_what_dies(rheobase: Any) -> None:
    found = json.loads(rheobase("theory", "relu", "--json").out)
    assert found["init"]["gain"] == pytest.approx(2**0.5, rel=1e-12) and found["class"] == "scale-invariant"
    assert found["dying"]["flat"] == [["-inf", 0.0]] and found["dying"]["inactive"] == 0.5
    none = json.loads(rheobase("theory", "heaviside", "--json").out)
    assert none["init"]["gain"] is None and none["edge_of_chaos"] == [] and "jumps" in none["edge_reason"]


def test_certified_edges_hold_the_computed_ones(rheobase: Any) -> None:
    found = json.loads(rheobase("theory", "elu", "--certified", "--json", "--sigma-b", "0,0.3").out)
    (proven,) = found["certified"]["edge_of_chaos"]
    (edge,) = [e for e in found["edge_of_chaos"] if e["q"]]
    for name in ("q", "sigma_w"):
        low, high = proven[name]
        assert low < edge[name] < high and high - low < 1e-10


def test_the_table_tells_how_to_start_a_network(rheobase: Any) -> None:
    shown = rheobase("theory", "sigmoid").out
    assert "gain 4" in shown and "output_shift 0.5" in shown
    assert "init        none" in rheobase("theory", "squ").out
