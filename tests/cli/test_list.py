"""`rheobase list`."""

from __future__ import annotations

import json

import pytest

from rheobase.catalogue import entries

KEYS = ["id", "name", "family", "formula", "parameters", "source", "year", "aliases"]


def test_lists_every_function(rheobase) -> None:
    done = rheobase("list")
    assert done.code == 0 and not done.err
    head, *lines = done.out.splitlines()
    assert head.split() == ["id", "family", "year", "formula", "parameters"]
    assert [line.split()[0] for line in lines] == list(entries())


def test_json_has_the_stable_keys_first(rheobase) -> None:
    found = json.loads(rheobase("list", "--json").out)
    assert len(found) == len(entries())
    assert all(list(entry)[: len(KEYS)] == KEYS for entry in found)


@pytest.mark.parametrize(
    ("condition", "some", "not_some"),
    [
        (["--family", "oscillating"], {"gcu", "sine"}, {"relu", "swish"}),
        (["--year", "2017"], {"swish", "silu"}, {"mish", "relu"}),
        (["--year", "2017..2019"], {"swish", "mish"}, {"gcu", "relu"}),
        (["--year", "2021.."], {"gcu"}, {"swish"}),
        (["--word", "misra"], {"mish"}, {"swish"}),
        (["--parameter", "negative_slope"], {"leaky_relu", "prelu"}, {"relu"}),
        (["--direction", "learnable"], {"prelu", "swish"}, {"relu"}),
        (["--family", "oscillating", "--year", "2021"], {"gcu"}, {"snake", "swish"}),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_conditions_choose(rheobase, condition: list[str], some: set[str], not_some: set[str]) -> None:
    found = {entry["id"] for entry in json.loads(rheobase("list", "--json", *condition).out)}
    assert some <= found
    assert not not_some & found


def test_nothing_found_is_an_empty_answer(rheobase) -> None:
    assert rheobase("list", "--word", "qqqq", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["--family", "rectfied"], "rectified"),
        (["--direction", "eficiency"], "efficiency"),
        (["--year", "last"], "2017"),
        (["--famly", "rectified"], "--family"),
    ],
)
def test_misspelt_conditions_get_the_right_word(rheobase, arguments: list[str], right: str) -> None:
    done = rheobase("list", *arguments)
    assert done.code == 2 and not done.out
    assert right in done.err
