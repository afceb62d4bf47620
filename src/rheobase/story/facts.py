"""What decides a statement of the story: a fact says something, and finds whether it is so.

A fact is a table of story.toml whose `by` names its kind; `rheobase.story.kinds` lists them. What takes its time to
find is recorded by `tools/tell.py` in found.json, by the fact's key.
"""

from __future__ import annotations

import json
import shlex
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from rheobase.printing import figure
from rheobase.story.words import Text, Verdict

PROVEN: dict[bool | None, Verdict] = {True: "proven", False: "refuted", None: "undecided"}


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found: the verdict on what was said, the interval or witness in words, the ends of the interval."""

    verdict: Verdict
    text: Text
    low: float | None = None
    high: float | None = None


MISSING = Found("not yet shown", Text("nothing yet", "아직 없음"))


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="by"):
    """Something that is said, in both languages."""

    line: ClassVar[str] = ""
    """The line of the shell that finds it again, with the names of fields in braces; "" where that is the walk through
    its statement."""

    says: Text

    @property
    def replay(self) -> str:
        """The line with the fields' values, as the shell reads them."""
        return self.line.format_map({name: shlex.quote(str(getattr(self, name))) for name in self.__struct_fields__})

    @abstractmethod
    def find(self) -> Found:
        """Find now whether it is so."""

    @property
    def key(self) -> str:
        """What is to be found, without the words in which it is said."""
        plain = msgspec.to_builtins(self)
        return json.dumps({name: value for name, value in plain.items() if name != "says"}, ensure_ascii=False)

    def read(self, recorded: Mapping[str, Found]) -> Found:
        """What was found when it was last asked."""
        return recorded.get(self.key, MISSING)


class Bounded(Fact, kw_only=True, frozen=True):
    """A number with the side on which it is said to lie."""

    at_least: float | None = None
    at_most: float | None = None

    def side(self, low: float, high: float) -> bool | None:
        """Does the interval lie where it is said to? None where it lies on both sides.

        >>> Share = type("Share", (Bounded,), {"replay": "", "find": None})
        >>> share = Share(says=Text("", ""), at_least=0.5)
        >>> share.side(0.6, 0.7), share.side(0.1, 0.2), share.side(0.4, 0.6)
        (True, False, None)
        """
        if self.at_least is not None:
            return True if low >= self.at_least else False if high < self.at_least else None
        limit = float("inf") if self.at_most is None else self.at_most
        return True if high <= limit else False if low > limit else None


def between(low: float, high: float, digits: int = 3) -> Text:
    """An interval in words; one number where its ends look alike.

    >>> between(0.25, 0.5).en, between(0.5, 0.5).ko
    ('0.25 to 0.5', '0.5')
    """
    first, last = figure(low, digits), figure(high, digits)
    return Text(first, first) if first == last else Text(f"{first} to {last}", f"{first} ~ {last}")


def sizes(low: float, high: float) -> tuple[float, float]:
    """The least and the greatest absolute value in an interval.

    >>> sizes(-1.0, 2.0), sizes(-2.0, -1.0)
    ((0.0, 2.0), (1.0, 2.0))
    """
    ends = abs(low), abs(high)
    return (0.0 if low <= 0 <= high else min(ends)), max(ends)


def intervals(parts: Sequence[tuple[float, float]]) -> str:
    """Open intervals as a reader writes them.

    >>> intervals([(float("-inf"), 0.0), (1.5, 2.0)])
    '(−∞, 0), (1.5, 2)'
    """
    return ", ".join(f"({figure(low)}, {figure(high)})".replace("inf", "∞") for low, high in parts)
