"""Every entry has everything that an entry must have. A failing message names the entry, the field and the file."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import rheobase as rb
from rheobase.catalogue import Entry, entries, list
from rheobase.catalogue.load import FOLDER
from rheobase.parse import parse

EVERY = pytest.mark.parametrize("entry", entries().values(), ids=str)

ESSAY = ["heaviside", "sign", "identity", "sigmoid", "relu", "leaky_relu"]
ESSAY += ["prelu", "elu", "sine", "ncu", "swish", "gelu"]
"""The functions of the essay: their sources are the first publications."""
LEAST = 110
"""Entries that the catalogue has at least; ids never change and never go."""


def fault(entry: Entry, field: str, what: str) -> str:
    return f"entry {entry.id!r}, field {field!r}, file src/rheobase/catalogue/{entry.family}.toml: {what}"


def test_the_catalogue_is_large_and_holds_the_essay():
    assert len(entries()) >= LEAST
    assert not set(ESSAY) - entries().keys()


def test_every_file_is_a_family_with_entries():
    assert {path.stem for path in Path(FOLDER).glob("*.toml")} == {e.family for e in entries().values()}


@pytest.mark.parametrize("id_", ESSAY)
def test_the_essays_functions_have_their_first_publication(id_: str):
    entry = entries()[id_]
    assert entry.source.authors and entry.source.year and entry.source.title, fault(entry, "source", "not the original")


@EVERY
def test_id_and_version_have_their_form(entry: Entry):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", entry.id), fault(entry, "id", "lower-case letters, digits, _")
    assert re.fullmatch(r"\d+\.\d+", entry.since), fault(entry, "since", "a version such as 0.1")


@EVERY
def test_the_formula_uses_exactly_the_parameters(entry: Entry):
    expr = parse(entry.formula, entry.params)
    used = expr.symbols - {"x"}
    assert used == set(entry.params), fault(entry, "params", f"formula uses {sorted(used)}")


@EVERY
def test_every_default_is_within_its_domain(entry: Entry):
    for name, p in rb.get(entry).parameters.items():
        assert p.allows(p.default), fault(entry, "params", f"{name} = {p.default} is outside {p.domain()}")


@EVERY
def test_the_source_can_be_looked_up(entry: Entry):
    source = entry.source
    if source.arxiv is not None:
        assert re.fullmatch(r"\d{4}\.\d{4,5}", source.arxiv), fault(entry, "source", "arxiv such as 1710.05941")
        century = 2000 + int(source.arxiv[:2])
        assert source.year in (century, century + 1), fault(entry, "source", "year and arxiv disagree")
    if source.doi is not None:
        assert re.fullmatch(r"10\.\d{4,}/\S+", source.doi), fault(entry, "source", "doi such as 10.1038/323533a0")
    if source.via is not None and source.via.startswith("Kunc"):
        form = r"Kunc & Kléma 2024, section \d(\.\d+){1,3}"
        assert re.fullmatch(form, source.via), fault(entry, "source", "via with the survey's section")


@EVERY
def test_claims_do_not_contradict_each_other(entry: Entry):
    assert len(set(entry.claims)) == len(entry.claims), fault(entry, "claims", "a claim stands twice")
    for claim in entry.claims:
        assert f"not {claim}" not in entry.claims, fault(entry, "claims", f"{claim} and its opposite")


@EVERY
def test_repairs_name_other_entries(entry: Entry):
    for repair in entry.repairs:
        assert repair.of in entries(), fault(entry, "repairs", f"no entry {repair.of!r}")
        assert repair.of != entry.id, fault(entry, "repairs", "mends itself")


@EVERY
def test_directions_agree_with_the_function(entry: Entry):
    assert entry.directions, fault(entry, "directions", "at least one of the five")
    learnable = any(p.learnable for p in entry.params.values())
    assert learnable == ("learnable" in entry.directions), fault(entry, "directions", f"learnable is {learnable}")
    steps = np.diff(rb.get(entry)(np.linspace(-20, 20, 4001)))
    turns = bool(np.any(steps > 1e-12) and np.any(steps < -1e-12))
    if not learnable or "non-monotone" in entry.directions:  # a learnt shape may turn by the way
        assert turns == ("non-monotone" in entry.directions), fault(entry, "directions", f"non-monotone is {turns}")


@EVERY
def test_a_backward_of_its_own_is_a_formula_that_trains_and_has_a_source(entry: Entry):
    f = rb.get(entry)
    assert (f.backward is None) == (entry.backward is None) == (entry.backward_source is None)
    if f.backward is not None:
        assert set(f.backward.parameters) <= set(entry.params), fault(entry, "backward", "a parameter of its own")
        slope = f.backward.derivative()(np.linspace(-0.9, 0.9, 7))
        assert np.all(np.isfinite(slope)) and np.all(slope > 0), fault(entry, "backward", f"slopes {slope}")
        assert rb.check(entry.id, "trainable")["trainable"].verdict == "refuted", fault(entry, "backward", "needs none")
        assert "backward" in repr(f) and f.backward.formula in repr(f)


@EVERY
def test_values_are_finite_on_the_whole_line(entry: Entry):
    """Out to ±20 always; beyond only a true overflow may be infinite, and NaN never comes."""
    f = rb.get(entry)
    assert np.all(np.isfinite(f(np.linspace(-20.0, 20.0, 1603)))), fault(entry, "formula", "not finite within ±20")
    far = np.array([s * 10.0**k for k in range(2, 100, 3) for s in (1, -1)])
    assert not np.any(np.isnan(f(far))), fault(entry, "formula", "NaN far out")


@EVERY
def test_infinite_gradients_are_declared_and_no_others(entry: Entry):
    """Between a point and its neighbour the slope grows without bound where, and only where, the entry says so."""
    f = rb.get(entry)
    params = {name: p.default for name, p in f.parameters.items()}
    declared = {float(params.get(str(p), p)) for p in entry.infinite_gradient_at}
    for point in {*declared, 0.0, *params.values(), *(-v for v in params.values())}:
        # (f(a + 2h) - f(a + h)) / h, on both sides, for h falling: jumps do not count, infinite slopes do
        h = np.array([s * 2.0**-k for s in (1, -1) for k in (20, 40)]) * max(1.0, abs(point))
        slopes = np.abs((f(point + 2 * h) - f(point + h)) / h)
        grows = bool(np.any(slopes[1::2] > 1e3 * np.maximum(slopes[::2], 1e-3)))
        assert grows == (point in declared), fault(entry, "infinite_gradient_at", f"slope at {point} grows: {grows}")


@EVERY
def test_the_plain_form_is_json_and_complete(entry: Entry):
    plain = json.loads(json.dumps(entry.to_dict()))
    assert {"id", "name", "family", "formula", "parameters", "source", "year", "aliases"} <= plain.keys()
    assert plain["source"]["text"] == str(entry.source)


@EVERY
def test_every_name_finds_its_entry(entry: Entry):
    for name in (entry.id, *entry.names):
        assert rb.get(name).id == entry.id, fault(entry, "aliases", f"{name!r} means {rb.get(name).id}")


def test_no_alias_is_an_id_and_no_two_entries_share_one():
    names = Counter(name for entry in entries().values() for name in entry.names)
    shared = {name: [e.id for e in entries().values() if name in e.names] for name, n in names.items() if n > 1}
    assert not shared, f"field 'aliases' or 'frameworks': names of several entries {shared}"
    taken = {name: e.id for e in entries().values() for name in e.aliases if name in entries()}
    assert not taken, f"field 'aliases': these are ids, and an id wins {taken}"


def test_no_two_entries_have_the_same_name():
    names = Counter(entry.name for entry in list())
    assert not [name for name, n in names.items() if n > 1]
