"""Facts that were measured or counted before: statements of studies, the long comparison, entries of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from rheobase.printing import figure
from rheobase.story.facts import MISSING, PROVEN, Bounded, Fact, Found
from rheobase.story.results import comparison, studies
from rheobase.story.words import Text, Verdict

if TYPE_CHECKING:
    from rheobase.catalogue import Entry


class Studied(Fact, kw_only=True, frozen=True, tag="study"):
    """A statement of a study, in the study's own words, as it was measured last."""

    line = "rheobase study run {study}"

    study: str
    statement: str
    denied: bool = False
    """Whether the story says the opposite of what the study does."""

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
    value, low, high = ("–" if one[name] is None else figure(one[name]) for name in ("estimate", "low", "high"))
    unit = one["unit"]
    return Text(f"{value} {unit}, {low} to {high}", f"{value} {_UNITS.get(unit, unit)}, {low} ~ {high}")


class Behind(Fact, kw_only=True, frozen=True, tag="behind"):
    """No function leads everywhere: in the long comparison each is shown to be behind the leader of some task."""

    @property
    def replay(self) -> str:
        """`rheobase compare` with all its functions and tasks."""
        found = comparison()
        return found["study"]["command"] if found else ""

    def find(self) -> Found:
        """Read on how many tasks the one that is behind least often is."""
        found = comparison()
        if found is None:
            return MISSING
        counts = {row["activation"]: row["behind"] for row in found["overall"]}
        least, tasks = min(counts.values()), len(found["tasks"])
        names = ", ".join(name for name, count in counts.items() if count == least)
        words = Text(
            f"each of {len(counts)} functions is behind on {least} of {tasks} tasks or more, {names} on the fewest",
            f"함수 {len(counts)}개 모두 과제 {tasks}개 중 {least}개 이상에서 뒤진다(가장 적게 뒤지는 것은 {names})",
        )
        return Found("reproduced" if least else "refuted", words)

    def read(self, recorded: Any) -> Found:
        """Comparisons are read where they are recorded."""
        return self.find()


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
