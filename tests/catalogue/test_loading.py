"""A wrong entry is refused with a message that names the entry, the field and the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from rheobase.catalogue import specs
from rheobase.catalogue.load import entries, one, read
from rheobase.errors import RheobaseError

GOOD = """
[amish]
name = "Amish"
formula = "x * tanh(softplus(a*x))"
params = { a = { default = 1.0, above = 0 } }
source = { authors = "Doe", year = 2020, title = "Amish" }
claims = ["smooth", "not monotone"]
directions = ["non-monotone"]
repairs = [{ of = "mish", drawback = "fixed shape" }]
since = "0.1"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "family.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_entry_is_read(tmp_path: Path):
    (entry,) = read(written(tmp_path, GOOD))
    assert entry.id == "amish" and entry.family == "family" and entry.params["a"].above == 0


@pytest.mark.parametrize("field", ["name", "formula", "source", "claims", "directions", "repairs", "since"])
def test_a_missing_field_is_named(tmp_path: Path, field: str):
    lines = [line for line in GOOD.splitlines() if not line.startswith(field + " ")]
    with pytest.raises(RheobaseError) as caught:
        read(written(tmp_path, "\n".join(lines)))
    message = str(caught.value)
    assert "'amish'" in message and f"'{field}'" in message and "family.toml" in message and "missing" in message


@pytest.mark.parametrize(
    ("old", "new", "field", "hint"),
    [
        ('name = "Amish"', "name = 3", "name", "other entries"),
        ('name = "Amish"', 'name = "Amish"\nalias = []', "alias", "aliases"),
        ('"smooth"', '"smoooth"', "claims", "smooth"),
        ('"non-monotone"]', '"nonmonotone"]', "directions[0]", "other entries"),
        ('"fixed shape"', '"fixed shapes"', "repairs", "fixed shape"),
        ("default = 1.0", "defalt = 1.0", "params[...].defalt", "instead: default"),
        ('authors = "Doe", ', "", "source", "authors, year and title"),
        ('since = "0.1"', 'since = "0.1"\nbackward = "x"', "backward_source", "or neither"),
        ('since = "0.1"', 'since = "0.1"\nbackward_source = { framework = "torch" }', "backward", "or neither"),
        ('since = "0.1"', 'since = "0.1"\nbackward = "x"\nbackward_source = { year = 1 }', "backward_source", "title"),
        ('since = "0.1"', 'since = "0.1"\nbackward = "x"\nbackward_source = { via = 1 }', "backward_source.via", "see"),
        ("[amish]", "[Amish]", "id", "lower-case"),
        ("[amish]", '[amish]\nfamily = "x"', "id", "below"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, old: str, new: str, field: str, hint: str):
    assert old in GOOD
    with pytest.raises(RheobaseError) as caught:
        read(written(tmp_path, GOOD.replace(old, new, 1)))
    message = str(caught.value)
    assert "mish'" in message and f"'{field}'" in message and "family.toml" in message and hint in message


def test_a_backward_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    more = '\nbackward = "tanh(x"\nbackward_source = { framework = "torch" }'
    (entry,) = read(written(tmp_path, GOOD + more))
    monkeypatch.setattr(specs, "find", lambda _: entry)
    with pytest.raises(RheobaseError, match=r"'backward' of entry 'amish', file family\.toml"):
        specs.get("amish with a wrong backward")


def test_a_file_that_is_no_toml_is_named(tmp_path: Path):
    with pytest.raises(RheobaseError, match=r"family\.toml"):
        read(written(tmp_path, "[amish\n"))


def test_one_entry_read_alone_is_that_of_the_whole_catalogue():
    assert all(one(id_) == entry for id_, entry in entries().items())
    assert one("swish.params") is None and one("Swish") is None and one(".*") is None
