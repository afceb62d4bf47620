"""The page and the words on it."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study import charts, words
from rheobase.study.result import Comparison, Row, Table
from rheobase.study.spec import Task
from rheobase.study.statistics import Interval

VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Checks that tags nest, and collects attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def found(tiny: Task) -> Comparison:
    return rb.compare(["relu", "swish:beta=1.5", "where(x < 0, x, sin(x))"], tiny, seeds=3, store=":memory:")


@pytest.fixture(scope="module")
def deep(tiny: Task) -> Comparison:
    task = dataclasses.replace(tiny, all_inits=True)
    return rb.compare(["relu", "sigmoid", "sin(x)", "tanh", "x"], task, seeds=2, store=":memory:")


@pytest.fixture(params=["found", "deep"])
def comparison(request: pytest.FixtureRequest) -> Comparison:
    return request.getfixturevalue(request.param)


def read(comparison: Comparison, path: Path) -> tuple[str, Reader]:
    text = comparison.report(path).read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return text, reader


def test_the_page_needs_no_network(comparison: Comparison, tmp_path: Path) -> None:
    text, reader = read(comparison, tmp_path / "r.html")
    assert not [v for k, v in reader.attributes if k in ("src", "href") and not (v or "").startswith(("data:", "#"))]
    assert not re.search(r"https?://|@import|url\(", text)


def test_the_verdict_comes_first_and_the_numbers_are_those_of_the_rows(comparison: Comparison, tmp_path: Path) -> None:
    _, reader = read(comparison, tmp_path / "r.html")
    said = " ".join(reader.words.split())
    assert said.index(words.headline(comparison)) < said.index("The functions")
    metric = comparison.task.metric
    for table in comparison.tables:
        for row in table.rows:
            for text in (row.activation, words.score(metric, row.mean), words.span(metric, row.low, row.high)):
                assert text in said
    assert comparison.command in said and comparison.versions["torch"] in said and comparison.study in said


def test_a_formula_is_text_on_the_page_and_no_markup(found: Comparison, tmp_path: Path) -> None:
    text, _ = read(found, tmp_path / "r.html")
    assert "where(x &lt; 0" in text and "where(x < 0" not in text


def test_every_number_of_a_chart_is_finite(comparison: Comparison, tmp_path: Path) -> None:
    text, _ = read(comparison, tmp_path / "r.html")
    assert not re.search(r"\b(nan|inf)\b", "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL)))


def test_the_page_replaces_the_old_one_whole(found: Comparison, tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    page.write_text("old")
    found.report(page)
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    assert page.read_text().endswith("</html>")
    with pytest.raises(RheobaseError, match="nowhere to go"):
        found.report(tmp_path)


def made(comparison: Comparison, **standings: tuple[str, float]) -> Comparison:
    """A comparison with rows as one wants them: name = (standing, mean)."""
    row = comparison.rows[0]
    rows = tuple(
        dataclasses.replace(
            row,
            activation=name,
            standing=standing,
            mean=mean,
            low=mean - 0.01,
            high=mean + 0.01,
            difference=Interval(mean - 0.9, mean - 0.91, mean - 0.89),
            learned=mean > 0.11,
            at_edge=False,
        )
        for name, (standing, mean) in standings.items()
    )
    leader = next(r.activation for r in rows if r.standing == "leader")
    return dataclasses.replace(comparison, tables=(Table("default", leader, rows),), placebos={}, same={})


@pytest.mark.parametrize(
    ("rows", "headline", "sentence"),
    [
        ({"a": ("leader", 0.9), "b": ("worse", 0.8)}, "a is best", "Behind it: b by 10.00 points (9.00 to 11.00)."),
        ({"a": ("leader", 0.9), "b": ("same", 0.9)}, "No difference shows", "b cannot be told from it."),
        ({"a": ("leader", 0.9), "b": ("same", 0.9), "c": ("worse", 0.8)}, "a leads; b may be as good", "Behind it: c"),
        ({"a": ("leader", 0.9), "b": ("better", 0.95)}, "b does best on the test data", "b by 5.00 points"),
        ({"a": ("leader", 0.1), "b": ("same", 0.1)}, "None of these functions learns it", "a (10.0 %) and b (10.0 %)"),
        ({"a": ("leader", 0.9), "b": ("worse", 0.1)}, "a is best", "No better than a constant answer: b (10.0 %)."),
        ({"a": ("leader", 0.9)}, "a alone", "reaches 90.00 %"),
    ],
)
def test_the_verdict_says_what_the_rows_say(found: Comparison, rows, headline: str, sentence: str) -> None:
    comparison = made(found, **rows)
    assert words.headline(comparison).startswith(headline)
    assert sentence in " ".join(words.verdict(comparison))


def at(row: Row, init: str, name: str, mean: float) -> Row:
    return dataclasses.replace(row, init=init, activation=name, mean=mean, low=mean - 0.02, high=mean + 0.02)


def test_cures_are_read_off_the_rows(found: Comparison) -> None:
    """Half-way between chance, 10 %, and the best, 90 %, is 50 %."""
    row = found.rows[0]
    scores = {"default": (0.1, 0.85), "he": (0.7, 0.12), "orthogonal": (0.9, 0.51)}
    tables = tuple(Table(init, "a", (at(row, init, "a", a), at(row, init, "b", b))) for init, (a, b) in scores.items())
    comparison = dataclasses.replace(found, tables=tables)
    first, second = words.cures(comparison)
    assert first.startswith("a fails with default (10.0 %); cured by he (70.0 %) and orthogonal (90.0 %).")
    assert second.startswith("b works with default (85.0 %) and fails with he (12.0 %); on some seeds only with ortho")
    assert words.cured_by(comparison) == ["he cures a.", "orthogonal cures a."]
    assert words.headline(comparison) == "a fails with the default initialisation; orthogonal cures it"


def test_a_curve_is_cut_where_the_function_has_no_value() -> None:
    x = np.array([0.0, 1.0, 2.0, 3.0])
    drawn = charts.frame([charts.Curve(x, [0.0, 1.0, np.nan, 1.0], "own")], charts.Scale(0, 3), charts.Scale(0, 1))
    (path,) = re.findall(r' d="([^"]*)"', drawn)
    assert path.count("M") == 2 and path.count("L") == 1


def test_a_chart_puts_values_where_they_belong() -> None:
    mark = charts.track(charts.Scale(0, 10), 5, 2.5, 7.5, [10.0], zero=0.0)
    assert 'cx="50.00%"' in mark and 'x1="25.00%" x2="75.00%"' in mark and 'cx="100.00%"' in mark
