"""`rheobase theory`: its table, its JSON, bad input."""

from __future__ import annotations

import json
from typing import Any


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
