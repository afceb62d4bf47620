"""The pages as files: whole, linked, alone, and with what they promise on them."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.errors import RheobaseError
from rheobase.parameter import Param
from rheobase.web import results, site
from rheobase.web.facts import kept, worked_out
from rheobase.web.functions import page, slider, spark
from rheobase.web.site import write
from rheobase.web.theory import figure, theory

VOID = {"meta", "link", "input", "br", "rect", "path", "line", "circle", "mspace"}
FORBIDDEN = r"https?://(?!www\.w3\.org/2000/svg)|\beval\(|innerHTML|new Function|fetch\("
"""What no script of the pages may hold: addresses, and ways from text to code or markup."""
LIMIT = 300_000
"""Bytes of the first page."""


class Page(HTMLParser):
    """Links, sources, ids and headings of a page; fails where an element is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.labels: list[dict[str, str | None]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not any(name.startswith("on") or name == "style" for name in given), "the policy forbids it"
        if tag not in VOID:
            self.open.append(tag)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in ("script", "img", "link") and (source := given.get("src") or given.get("href")):
            self.sources.append(source)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "svg":
            self.labels.append(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self.labels.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def pages(site: Path) -> dict[str, Page]:
    return {str(p.relative_to(site)): Page(p.read_text(encoding="utf-8")) for p in sorted(site.rglob("*.html"))}


def test_every_page_is_there_and_well_formed(site: Path) -> None:
    found = set(pages(site))
    assert {
        "index.html",
        "story.html",
        "story.ko.html",
        "lineage.html",
        "compare.html",
        "play.html",
        "xor.html",
        "boards.html",
    } <= found
    assert {name for name in found if "/" in name} == {
        f"functions/{name}.html" for name in ("swish", "relu", "gcu", "leaky_relu", "heaviside")
    }


def test_every_link_leads_somewhere(site: Path) -> None:
    known = pages(site)
    for name, one in known.items():
        for link in one.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https"
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            assert target.is_file(), (name, link)
            anchor = parts.fragment
            if anchor and "=" not in anchor:
                assert anchor in known[str(target.resolve().relative_to(site.resolve()))].ids, (name, link)


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for name, one in pages(site).items():
        for source in one.sources:
            assert source == "data:," or ((site / name).parent / source).is_file(), (name, source)
        text = (site / name).read_text(encoding="utf-8")
        assert "default-src 'none'; script-src 'self'" in text
        assert "send nothing anywhere" in text
        # Every script is a file; the one kind of data in a page is JSON.
        assert set(re.findall(r"<script(?! src)([^>]*)>", text)) <= {' type="application/json" id="answers"'}
    for script in (site / "assets").iterdir():
        text = script.read_text(encoding="utf-8")
        assert not re.search(FORBIDDEN, text), script


def test_ids_are_unique_and_pictures_are_named(site: Path) -> None:
    for name, one in pages(site).items():
        assert len(set(one.ids)) == len(one.ids), name
        for svg in one.labels:
            assert svg.get("aria-hidden") == "true" or svg.get("aria-label"), (name, svg)


def test_the_first_page_stays_small_with_the_whole_catalogue(site: Path) -> None:
    few = (site / "index.html").stat().st_size
    card = max(len(m) for m in re.findall(r"<li data-family.*?</li>", (site / "index.html").read_text(), re.DOTALL))
    loaded = sum((site / "assets" / name).stat().st_size for name in ("site.css", "index.js"))
    assert few + card * len(entries()) + loaded < LIMIT


def test_the_page_of_a_function_tells_what_follows_from_it(site: Path) -> None:
    text = (site / "functions" / "leaky_relu.html").read_text(encoding="utf-8")
    for wanted in (
        "<math display=",
        "negative_slope",
        "Maas, Hannun, Ng (2013)",
        'Made to mend in <a href="relu.html">',
        "dying units",
        "torch.nn.functional.leaky_relu",
        "def leaky_relu(x):",
        "function leaky_relu(x) {",
        "No single neuron of it computes XOR",
        'href="../boards.html#leaky-relu-all-neurons"',
        "σ_w",
    ):
        assert wanted in text, wanted
    assert "One neuron of it computes XOR: verified" in (site / "functions" / "gcu.html").read_text(encoding="utf-8")


def test_the_same_site_is_written_twice(site: Path, tmp_path: Path) -> None:
    write(tmp_path / "again", ["relu"])
    first = (tmp_path / "again" / "functions" / "relu.html").read_text(encoding="utf-8")
    files = write(tmp_path / "again", ["torch:ReLU"])
    assert (tmp_path / "again" / "functions" / "relu.html").read_text(encoding="utf-8") == first
    assert all(path.is_file() for path in files)


# --- parts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(entries()))
def test_every_slider_stays_within_its_domain(name: str) -> None:
    for key, p in rb.get(name).parameters.items():
        made = slider(key, p)
        assert p.allows(made["least"]), made
        assert p.allows(made["most"]), made
        assert made["least"] <= p.default <= made["most"]
        steps = (p.default - made["least"]) / made["step"]
        assert abs(steps - round(steps)) < 1e-6, "the value given is no step of the slider"
        assert made["most"] > made["least"]


def test_a_slider_has_round_steps() -> None:
    assert slider("a", Param(0.25, low=0, high=1)) | {"symbol": ""} == {
        "name": "a", "symbol": "", "value": 0.25, "least": 0.0, "most": 1.0, "step": 0.005, "learnable": False,
        "domain": "[0, 1]",
    }  # fmt: skip


def test_the_kept_facts_are_those_of_todays_formulas() -> None:
    assert sorted(kept()) == sorted(entries()), "run python tools/site_facts.py"
    stale = [name for name, one in kept().items() if one.formula != str(rb.get(name).bound)]
    assert not stale, "run python tools/site_facts.py"


@pytest.mark.parametrize("name", ["gcu", "relu6", "sigmoid"])
def test_the_kept_facts_are_what_is_found_today(name: str) -> None:
    assert worked_out(name) == kept()[name]


def test_theory_that_has_no_answer_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert theory(rb.get("relu"))["gain"]["forward"] == "1.414"

    def none(*_: object) -> None:
        raise RheobaseError("it has no mean", instead="another")

    monkeypatch.setattr("rheobase.meanfield.theory", none)
    assert theory(rb.get("relu")) == {"reason": "it has no mean"}


def test_small_curves_are_broken_where_there_is_no_value() -> None:
    assert spark(rb.get("relu")).count("M") == 1
    assert spark(rb.define("sqrt(x)")).startswith("M60.0")
    assert spark(rb.define("tan(3*x)")).count("M") > 2


@pytest.mark.parametrize(
    ("formula", "pieces"),
    [("step(x)", 2), ("sign(x)", 2), ("floor(x)", 8), ("x - floor(x)", 8), ("tanh(40*x)", 1), ("x*step(x - 0.31)", 2)],
)
def test_small_curves_are_broken_where_they_jump(formula: str, pieces: int) -> None:
    assert spark(rb.define(formula)).count("M") == pieces


def test_rows_of_studies_find_their_functions() -> None:
    rows = results.evidence()["relu"]
    assert {row.study for row in rows} >= {"relu-units-die", "swish-gelu-beat-relu"}
    assert all(results.id_of(row.row["activation"]) == "relu" for row in rows)
    assert {row.place for row in rows if row.study == "relu-slope-of-one"} >= {"deep-digits", "deep-digits (he)"}


def test_a_comparison_over_several_tasks_is_read_as_the_shell_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "activation": "relu", "n": 12, "mean": 0.9, "iqm": 0.9, "low": 0.89, "high": 0.91, "difference": 0.0,
        "difference_low": 0.0, "difference_high": 0.0, "diverged": 0, "learning_rate": 0.01,
    }  # fmt: skip
    whole = {
        "activation": "relu", "mean": 0.9, "low": 0.8, "high": 0.95, "iqm": 0.9, "iqm_low": 0.8, "iqm_high": 0.95,
        "rank": 1.0, "wins": 1, "behind": 0, "improvement": 0.5, "improvement_low": 0.5, "improvement_high": 0.5,
        "diverged": 0,
    }  # fmt: skip
    found = {"tasks": [{"task": "wine", "metric": "accuracy", "rows": [row]}], "overall": [whole]}
    for module in (results, site):
        monkeypatch.setattr(module, "comparison", lambda: found)
    results.evidence.cache_clear()
    try:
        files = site._rendered([page("relu")])
    finally:
        results.evidence.cache_clear()
    assert "The long comparison" in files["boards.html"]


def test_a_page_tells_what_its_function_costs_beside_relu(site: Path) -> None:
    with (Path(__file__).parents[2] / "benchmarks/results/steps.csv").open(encoding="utf-8") as file:
        recorded = [row for row in csv.DictReader(row for row in file if row[0] != "#") if row["contender"] == "swish"]
    text = (site / "functions/swish.html").read_text(encoding="utf-8")
    assert len(recorded) == 2
    for row in recorded:
        numbers = [figure(float(row[key]), 3) for key in ("ratio", "low", "high")]
        assert "{}: {} times what".format(row["what"].capitalize(), numbers[0]) in text
        assert "({1} to {2}, ".format(*numbers) in text
    assert "What it costs" not in (site / "functions/relu.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "shown"), [(1e-14, "0"), (None, "–"), (float("nan"), "–"), (-3.0, "−3"), (123456.0, "1.235e+05")]
)
def test_figures(value: float | None, shown: str) -> None:
    assert figure(value) == shown


# --- the verb --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (["reluu"], "instead: relu"),
        (["swish:beta=2"], "no entry of the catalogue as it stands"),
        (["x*x"], "no entry of the catalogue as it stands"),
    ],
)
def test_what_has_no_page_is_told(tmp_path: Path, specs: list[str], said: str) -> None:
    with pytest.raises(RheobaseError, match=said):
        write(tmp_path / "site", specs)
    assert not (tmp_path / "site").exists()


def test_a_place_that_cannot_be_written_to_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RheobaseError, match="cannot write"):
        write(tmp_path / "file")


def test_another_site_is_not_written_over(tmp_path: Path) -> None:
    """As that of the documentation, which a checkout builds into site/."""
    index = tmp_path / "index.html"
    index.write_text("<p>mine</p>")
    with pytest.raises(RheobaseError, match="another site"):
        write(tmp_path, ["relu"])
    assert index.read_text() == "<p>mine</p>" and list(tmp_path.iterdir()) == [index]
    index.unlink()
    assert index in write(tmp_path, ["relu"]) and index in write(tmp_path, ["relu"])
