"""The story as the pages tell it: the statements in both languages, each with the curves that it speaks of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.lower import script
from rheobase.story import Row, rows
from rheobase.story.words import MARKS, VERDICTS, Language, counted

MOST = 4
"""Curves of one picture."""
WORDS = {
    "en": {
        "title": "The story of activation functions",
        "lead": "Statement by statement: what is said, what shows it, and what became of it.",
        "other": "한국어로 읽기",
        "again": "Again",
        "curves": "Curves of",
        "slopes": "with their slopes, dashed",
        "statement": "Statement",
    },
    "ko": {
        "title": "활성화 함수 이야기",
        "lead": "진술마다 무엇을 말하는지, 무엇이 그것을 보여 주는지, 결과가 어떠했는지 적었다.",
        "other": "Read in English",
        "again": "다시 해 보기",
        "curves": "곡선",
        "slopes": "점선은 기울기",
        "statement": "진술",
    },
}
ADDRESS: dict[Language, str] = {"en": "story.html", "ko": "story.ko.html"}


def told(language: Language) -> dict[str, Any]:
    """What the page of a language shows."""
    found = rows()
    other: Language = "ko" if language == "en" else "en"
    return {
        "language": language,
        "words": WORDS[language],
        "other": other,
        "address": ADDRESS[other],
        "count": counted([row.verdict for row in found]).in_(language),
        "rows": [(row, curves(row)) for row in found],
        "verdicts": {verdict: f"{MARKS[verdict]} {text.in_(language)}" for verdict, text in VERDICTS.items()},
    }


def curves(row: Row) -> list[str]:
    """The functions that a statement's facts are about, as specs."""
    named = dict.fromkeys(getattr(fact, "of", None) for fact in row.facts)
    return [spec for spec in named if spec and _drawable(spec)][:MOST]


def _drawable(spec: str) -> bool:
    try:
        get(spec)
    except RheobaseError:
        return False
    return True


def scripts(specs: Sequence[str]) -> str:
    """The functions of the pictures for the browser, by their specs, the values of parameters in them."""
    lines = ['"use strict";', ""]
    for spec in dict.fromkeys(specs):
        function = get(spec)
        made = ",\n".join(script(function.derivative(order).bound, []) for order in range(2))
        known = json.dumps({"name": spec, "parameters": []})[:-1]
        lines.append(f'rheobase.functions[{json.dumps(spec)}] = {known}, "derivatives": [\n{made}\n]}};')
    return "\n".join(lines) + "\n"
