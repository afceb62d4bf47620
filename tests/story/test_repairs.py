"""Each drawback has a judge, each repair a verdict that is found again, and the judges know what everybody knows."""

from __future__ import annotations

import pytest

from rheobase.catalogue import entries
from rheobase.catalogue.entry import DRAWBACKS
from rheobase.errors import RheobaseError
from rheobase.story import lineage
from rheobase.story.drawbacks import JUDGES
from rheobase.story.recorded import recorded
from rheobase.story.repairs import Branch, judge, key, tree

REPAIRS = [(entry.id, repair) for entry in entries().values() for repair in entry.repairs]


def test_every_drawback_has_a_judge() -> None:
    assert set(JUDGES) == set(DRAWBACKS), "src/rheobase/story/drawbacks.py: JUDGES"


@pytest.mark.parametrize(("by", "repair"), REPAIRS, ids=lambda x: getattr(x, "of", x))
def test_what_is_recorded_of_a_repair_is_what_is_found(by: str, repair) -> None:
    then = recorded().edges.get(key(by, repair))
    assert then is not None, "not recorded: python tools/tell.py"
    assert judge(repair.of, by, repair.drawback, repair.at) == then, "python tools/tell.py"


def test_no_verdict_is_recorded_without_its_repair() -> None:
    assert set(recorded().edges) == {key(by, repair) for by, repair in REPAIRS}


@pytest.mark.parametrize(
    ("old", "new", "drawback", "verdict", "gone"),
    [
        ("heaviside", "sigmoid", "no gradient", "proven", True),
        ("heaviside", "sigmoid", "discontinuous", "proven", True),
        ("sigmoid", "tanh", "not zero-centred", "proven", True),
        ("sigmoid", "tanh", "vanishing gradient", "refuted", False),
        ("sigmoid", "relu", "vanishing gradient", "proven", False),
        ("tanh", "arctan", "vanishing gradient", "proven", False),
        ("sigmoid", "relu", "costly to compute", "proven", True),
        ("gelu", "gelu_tanh", "costly to compute", "unknown", False),
        ("relu", "leaky_relu", "dying units", "proven", True),
        ("relu", "leaky_relu", "kink at zero", "refuted", False),
        ("relu", "relu6", "dying units", "refuted", False),
        ("relu", "relu6", "unbounded output", "proven", True),
        ("relu", "elu", "not zero-centred", "proven", False),
        ("relu", "gelu", "kink at zero", "proven", True),
        ("relu", "swish", "monotone", "proven", True),
        ("swish", "relu", "monotone", "refuted", False),
        ("leaky_relu", "prelu", "fixed shape", "proven", False),
        ("relu", "gcu", "one hyperplane a neuron", "proven", True),
        ("relu", "elu", "one hyperplane a neuron", "refuted", False),
        ("elu", "selu", "needs normalisation", "proven", True),
        ("elu", "gelu", "needs normalisation", "refuted", False),
        ("identity", "tanh", "needs normalisation", "proven", True),
        ("relu", "snake", "no periodic extrapolation", "proven", True),
        ("relu", "elu", "no periodic extrapolation", "refuted", False),
        ("sine", "snake", "hard to train", "proven", True),
        ("relu", "siren", "spectral bias", "proven", False),
        ("siren", "relu", "spectral bias", "refuted", False),
        ("relu", "elephant", "forgets earlier tasks", "unknown", False),
        ("relu", "swish", "no gradient", "refuted", False),  # nothing to mend
    ],
)
def test_the_judges_know_the_textbook(old: str, new: str, drawback: str, verdict: str, gone: bool) -> None:
    found = judge(old, new, drawback)
    assert (found.verdict, found.gone) == (verdict, gone), found.text
    assert found.text


def test_at_other_values_another_answer() -> None:
    assert judge("elu", "celu", "kink at zero").text.startswith("nothing to mend")
    assert judge("elu", "celu", "kink at zero", {"alpha": 2.0}).verdict == "proven"


def test_what_cannot_be_worked_out_is_unknown() -> None:
    assert judge("symexp", "symexp", "spectral bias").verdict in ("unknown", "refuted")
    assert judge("relu", "log(x)", "spectral bias").verdict == "unknown"


def test_an_unknown_drawback_gets_the_nearest() -> None:
    with pytest.raises(RheobaseError, match="instead: dying units"):
        judge("relu", "elu", "dieing units")


def test_the_essays_line_is_there() -> None:
    line = {(edge.of, edge.by) for edge in lineage()}
    essay = [("heaviside", "sigmoid"), ("sigmoid", "relu"), ("relu", "leaky_relu"), ("relu", "elu"), ("relu", "prelu")]
    assert set(essay) <= line
    assert {edge.by for edge in lineage("sigmoid")} >= {"sigmoid", "relu", "elu", "gelu"}


def test_the_tree_holds_every_repair_once_and_goes_in_no_circle() -> None:
    def walk(branch: Branch, above: tuple[str, ...]):
        assert branch.id not in above
        yield from branch.edges
        for child in branch.branches:
            yield from walk(child, (*above, branch.id))

    found = [edge for root in tree(lineage()) for edge in walk(root, ())]
    assert len(found) == len(set(found)) == len(lineage())


def test_a_lineage_is_what_leads_there_and_on() -> None:
    ids = {name for edge in lineage("prelu") for name in (edge.of, edge.by)}
    assert ids == {"heaviside", "sigmoid", "relu", "leaky_relu", "prelu", "rprelu"}
    assert lineage("sinc_af") == ()
    assert lineage("max(x, 0)") == lineage("relu")
    for spec in ("gleu", "x*tanh(x)**3 + 0.123*x**5", ""):
        with pytest.raises(RheobaseError):
            lineage(spec)
