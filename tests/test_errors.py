"""Misspelt names: the one that was meant is suggested, exchanged letters before others."""

from __future__ import annotations

import pytest

from rheobase.catalogue import get
from rheobase.errors import FormulaError, SpecError, nearest

PRIMITIVES = [
    ("tahn", "tanh"),
    ("sihn", "sinh"),
    ("cohs", "cosh"),
    ("lgo", "log"),
    ("sqtr", "sqrt"),
    ("ersf", "erf"),
    ("wehre", "where"),
    ("sotfplus", "softplus"),
    ("sgimoid", "sigmoid"),
    ("maxmium", "maximum"),
    ("reul", "relu"),
]
IDS = [
    ("swihs", "swish"),
    ("gleu", "gelu"),
    ("rleu", "relu"),
    ("mihs", "mish"),
    ("seul", "selu"),
    ("snkae", "snake"),
    ("prleu", "prelu"),
    ("lealy_relu", "leaky_relu"),
    ("soft_plsu", "softplus"),
    ("gaussan", "gaussian"),
]


@pytest.mark.parametrize(("typed", "meant"), PRIMITIVES)
def test_a_misspelt_primitive(typed: str, meant: str) -> None:
    with pytest.raises(FormulaError) as caught:
        get(f"1 + {typed}(x)")
    assert caught.value.instead == meant


@pytest.mark.parametrize(("typed", "meant"), IDS)
def test_a_misspelt_id(typed: str, meant: str) -> None:
    with pytest.raises(SpecError) as caught:
        get(typed)
    assert caught.value.instead == meant


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert nearest("qqq", ["tanh", "relu"]) is None
