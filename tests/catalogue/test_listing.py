"""Filters of the list."""

from __future__ import annotations

import pytest

from rheobase.catalogue import entries, list
from rheobase.errors import RheobaseError


def ids(**conditions) -> set[str]:
    return {entry.id for entry in list(**conditions)}


def test_without_a_condition_everything_is_listed_in_the_order_of_the_files():
    assert [e.id for e in list()] == [*entries()]


def test_each_filter():
    assert ids(family="polynomial") == {e.id for e in entries().values() if e.family == "polynomial"}
    assert "swish" in ids(year=2017) and "relu" not in ids(year=2017)
    assert ids(year="-1950") == {"heaviside", "lif"}
    assert ids(year="2015-2016") == ids(year=2015) | ids(year=2016) == ids(year="2015..2016")
    assert {"xielu", "dyt"} <= ids(year="2024-")
    assert {"ncu", "squ", "dsu", "ssu"} <= ids(word="Noel")
    assert ids(word="QuickGELU") == {"gelu_sigmoid"}
    assert ids(parameter="negative_slope") == {"leaky_relu", "leaky_relu_keras", "prelu"}
    assert ids(parameter="none") | ids(parameter="any") == set(entries())
    assert "prelu" in ids(direction="learnable") and "relu" not in ids(direction="learnable")


def test_conditions_are_joined():
    assert ids(family="oscillating", direction="learnable", year="2020-") == {"snake", "snakebeta"}


def test_functions_without_a_year_are_in_no_range():
    assert not [e for e in list(year="-") if e.year is None]


@pytest.mark.parametrize(
    ("conditions", "instead"),
    [
        ({"family": "ocillating"}, "oscillating"),
        ({"direction": "learnabel"}, "learnable"),
        ({"year": "new"}, "2017, 2015-2018, 2020- or -1990"),
    ],
)
def test_a_wrong_condition_is_told(conditions: dict[str, str], instead: str):
    with pytest.raises(RheobaseError) as caught:
        list(**conditions)  # type: ignore[arg-type]
    assert caught.value.instead == instead
