"""The words of the story: texts in two languages, and what may become of a statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from rheobase.errors import RheobaseError, nearest

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


def language(word: str) -> Language:
    """The language of that name.

    Raises:
        RheobaseError: the story is not told in it.
    """
    for one in LANGUAGES:
        if one == word:
            return one
    raise RheobaseError(f"the story is not told in {word!r}", instead=nearest(word, LANGUAGES) or "en or ko")


Verdict = Literal["proven", "reproduced", "undecided", "not yet shown", "refuted"]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same words in English and in Korean."""

    en: str
    ko: str

    def in_(self, language: Language) -> str:
        """The words in one of the languages."""
        return self.ko if language == "ko" else self.en


VERDICTS: dict[Verdict, Text] = {
    "proven": Text("proven", "증명됨"),
    "reproduced": Text("reproduced", "재현됨"),
    "undecided": Text("undecided", "판정 보류"),
    "not yet shown": Text("not yet shown", "아직 확인되지 않음"),
    "refuted": Text("refuted", "반증됨"),
}
MARKS: dict[Verdict, str] = {
    "proven": "✓",
    "reproduced": "✓",
    "undecided": "?",
    "not yet shown": "…",
    "refuted": "✗",
}


def weakest(verdicts: Iterable[Verdict]) -> Verdict:
    """What holds of all together: a chain is no stronger than its weakest link, and one that is refuted breaks it.

    >>> weakest(["proven", "reproduced"]), weakest(["proven", "refuted"]), weakest([])
    ('reproduced', 'refuted', 'not yet shown')
    """
    found = set(verdicts)
    for verdict in reversed(VERDICTS):
        if verdict in found:
            return verdict
    return "not yet shown"


def counted(verdicts: Sequence[Verdict]) -> Text:
    """How many statements came to which verdict; the ones not yet shown are always told.

    >>> counted(["proven", "refuted", "proven"]).en
    '3 statements: 2 proven, 1 refuted, 0 not yet shown'
    """
    last: Verdict = "not yet shown"
    told = [*((v, t) for v, t in VERDICTS.items() if v in verdicts and v != last), (last, VERDICTS[last])]
    return Text(
        f"{len(verdicts)} statements: " + ", ".join(f"{verdicts.count(v)} {t.en}" for v, t in told),
        f"진술 {len(verdicts)}개: " + ", ".join(f"{t.ko} {verdicts.count(v)}" for v, t in told),
    )
