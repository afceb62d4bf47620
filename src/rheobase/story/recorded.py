"""What `tools/tell.py` found last: the facts of the story and the verdicts on repairs, as the package reads them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from rheobase.story.facts import Found
from rheobase.story.judgement import Judgement

FILE = Path(__file__).parent / "found.json"


class Recorded(msgspec.Struct, frozen=True):
    """Facts by their key; repairs by theirs."""

    facts: dict[str, Found]
    edges: dict[str, Judgement]


@cache
def recorded() -> Recorded:
    """The file, read once."""
    return msgspec.json.decode(FILE.read_bytes(), type=Recorded)
