"""Facts that were measured or counted before: statements of studies, entries of the catalogue, another row's."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rheobase.story.facts import MISSING, PROVEN, Bounded, Fact, Found, number
from rheobase.story.words import Text, Verdict

if TYPE_CHECKING:
    from rheobase.catalogue import Entry


class Studied(Fact, kw_only=True, frozen=True, tag="study"):
    """A statement of a study, in the study's own words, as it was measured last."""

    study: str
    statement: str
    denied: bool = False
    """Whether the story says the opposite of what the study does."""

    @property
    def replay(self) -> str:
        """`rheobase study run`."""
        return f"rheobase study run {self.study}"

    def find(self) -> Found:
        """Read what was measured last; it is measured anew by running the study."""
        study = studies().get(self.study, {"statements": []})
        for one in study["statements"]:
            if one["says"] == self.statement:
                verdict = _OPPOSITE[one["verdict"]] if self.denied else one["verdict"]
                return Found(verdict, _told(one), one["low"], one["high"])
        return MISSING

    def read(self, recorded: Any) -> Found:
        """Studies are read where they are recorded."""
        return self.find()


_OPPOSITE: dict[str, Verdict] = {"reproduced": "refuted", "refuted": "reproduced", "undecided": "undecided"}
_UNITS = {"points": "%p", "decades": "자릿수", "times": "배", "% of the way": "%"}


def _told(one: dict[str, Any]) -> Text:
    value, low, high = ("–" if one[name] is None else number(one[name]) for name in ("estimate", "low", "high"))
    unit = one["unit"]
    return Text(f"{value} {unit}, {low} to {high}", f"{value} {_UNITS.get(unit, unit)}, {low} ~ {high}")


class Leads(Fact, kw_only=True, frozen=True, tag="leads"):
    """No function leads everywhere: each is behind the leader of some task of a study by more than chance."""

    study: str

    @property
    def replay(self) -> str:
        """`rheobase study run`."""
        return f"rheobase study run {self.study}"

    def find(self) -> Found:
        """Read the tables: a difference to the leader whose whole interval lies on the worse side."""
        study = studies().get(self.study)
        if study is None:
            return MISSING
        tables = [(task, rows) for task, by_init in study["tables"].items() for rows in by_init.values()]
        behind: dict[str, str] = {}
        for task, rows in tables:
            for row in rows:
                if _is_behind(row, rows):
                    behind.setdefault(row["activation"], task)
        functions = {row["activation"] for _, rows in tables for row in rows}
        told = ", ".join(f"{name}: {task}" for name, task in behind.items()) or "–"
        rest = ", ".join(sorted(functions - behind.keys()))
        if rest:
            return Found("undecided", Text(f"behind on {told}; nowhere: {rest}", f"뒤지는 과제: {told}; 없음: {rest}"))
        return Found("reproduced", Text(f"behind on {told}", f"뒤지는 과제: {told}"))

    def read(self, recorded: Any) -> Found:
        """Studies are read where they are recorded."""
        return self.find()


def _is_behind(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Surely worse than the leader. Tables stand best first, which tells whether more is better; differences do not.

    >>> nats = [{"mean": 0.1, "difference_low": -0.2, "difference_high": -0.1}, {"mean": 0.3}]
    >>> _is_behind(nats[0], nats), _is_behind(nats[0], nats[::-1])
    (False, True)
    """
    if rows[0]["mean"] >= rows[-1]["mean"]:
        return row["difference_high"] < 0
    return row["difference_low"] > 0


class Counted(Bounded, kw_only=True, frozen=True, tag="count"):
    """The share of the catalogue that goes a way of research, mends a drawback, is a new idea, or has two sides."""

    what: Literal["direction", "repairs", "ideas", "mended", "learnable", "both sides", "families"]
    direction: str | None = None
    """Which way, where `what` is one."""

    @property
    def replay(self) -> str:
        """`rheobase list`, or `rheobase lineage`."""
        match self.what:
            case "direction":
                return f"rheobase list --direction {self.direction}"
            case "learnable":
                return "rheobase list --direction learnable"
            case "repairs" | "ideas" | "mended":
                return "rheobase lineage"
        return ""

    def find(self) -> Found:
        """Count them."""
        from rheobase.catalogue import list
        from rheobase.story.repairs import lineage

        every = list()
        families = dict.fromkeys(entry.family for entry in every)
        match self.what:
            case "direction":
                count, of = len(list(direction=self.direction)), len(every)
            case "learnable":
                count, of = sum(any(p.learnable for p in e.params.values()) for e in every), len(every)
            case "repairs":
                count, of = sum(bool(e.repairs) for e in every), len(every)
            case "ideas":
                count, of = sum(not e.repairs for e in every), len(every)
            case "mended":
                verdicts = [edge.verdict for edge in lineage()]
                count, of = verdicts.count("proven"), len(verdicts)
            case "both sides":
                count, of = sum(all(_sides(e)) for e in every), len(every)
            case "families":
                sides = {f: [_sides(e) for e in every if e.family == f] for f in families}
                count, of = sum(all(map(any, zip(*each, strict=True))) for each in sides.values()), len(families)
        words = Text(f"{count} of {of}", f"{of}개 중 {count}개")
        return Found(PROVEN[self.side(count / of, count / of)], words, count / of, count / of)


def _sides(entry: Entry) -> tuple[bool, bool]:
    """Has it a proven strength, a proven weakness?"""
    from rheobase.proofs import check
    from rheobase.proofs.words import traits

    strengths, weaknesses = traits(check(entry.id))
    return bool(strengths), bool(weaknesses)


@cache
def studies() -> dict[str, Any]:
    """The findings of the studies that came with this version, as `rheobase study run --json` wrote them, by id."""
    packed = Path(__file__).parent / "studies.json"
    path = packed if packed.is_file() else Path(__file__).parents[3] / "benchmarks" / "results" / "studies.json"
    return {one["id"]: one for one in json.loads(path.read_text(encoding="utf-8"))} if path.is_file() else {}
