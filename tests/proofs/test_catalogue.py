"""Verdicts that come with the package: those of the prover today, replayable, no claim refuted in silence."""

from __future__ import annotations

import json

import pytest

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.catalogue.entry import Entry
from rheobase.certify.certificate import certificate
from rheobase.certify.checker import replay
from rheobase.certify.judge import judged
from rheobase.proofs import judged_claims
from rheobase.proofs.checking import plain
from rheobase.proofs.report import Found
from rheobase.proofs.store import shipped
from rheobase.properties import PROPERTIES

AT_MOST_UNKNOWN = 0.05


def told(found: Found) -> tuple[object, ...]:
    """What may not differ: all but the time. Tuples are lists in JSON."""
    rest = (found.verdict, found.value, found.low, found.high, found.witness, found.method, found.reason)
    return tuple(json.loads(json.dumps(rest)))


@pytest.mark.parametrize("id", entries())
def test_shipped_verdicts_are_those_of_today_and_their_proofs_replay(id: str) -> None:
    bound = rb.get(id).bound
    kept = shipped(str(bound))
    assert kept is not None, f"{id} is not in the file: python tools/prove.py"
    found = judged(bound)
    different = [n for n, t in found.items() if told(plain(t)) != told(kept[n])]
    assert not different, f"{different} of {id} are out of date: python tools/prove.py"
    proofs = json.loads(json.dumps(certificate(str(bound), {n: t.verdict for n, t in found.items()}, "")))["proofs"]
    said = replay(str(bound), proofs)
    assert {n: s for n, s in said.items() if s != "holds"} == {}
    assert len(said) == sum(f.verdict != "unknown" for f in kept.values())


def test_few_are_unknown() -> None:
    every = [f for id in entries() for f in (shipped(str(rb.get(id).bound)) or {}).values()]
    assert len(every) == len(entries()) * len(PROPERTIES)
    assert sum(f.verdict == "unknown" for f in every) <= AT_MOST_UNKNOWN * len(every)


@pytest.mark.parametrize("entry", [e for e in entries().values() if e.claims], ids=str)
def test_a_refuted_claim_is_acknowledged(entry: Entry) -> None:
    outcomes = judged_claims(entry, rb.check(entry.id))
    refuted = {claim for claim, outcome in outcomes.items() if outcome == "refuted"}
    missing = refuted - set(entry.acknowledged)
    assert not missing, f"{entry.id} in {entry.family}.toml: acknowledged = {{ {missing} = why }}"
    idle = set(entry.acknowledged) - refuted
    assert not idle, f"{entry.id} in {entry.family}.toml acknowledges what is not refuted: {idle}"
