"""Find again what the story says, and write it where the package reads it: src/rheobase/story/found.json.

    python tools/tell.py            finds everything and writes the file
    python tools/tell.py --check    changes nothing; names what differs and ends with 1

Studies are not run: what they found stands in benchmarks/results/studies.json.
"""

from __future__ import annotations

import json
import sys

import msgspec

from rheobase.story.of_evidence import Leads, Studied
from rheobase.story.telling import FOLDER, rows

FILE = FOLDER / "found.json"


def found() -> dict[str, object]:
    """What is recorded: every fact by its key, in the order of the story."""
    facts = {fact.key: fact for row in rows() for fact in row.facts if not isinstance(fact, Studied | Leads)}
    return {"facts": {key: msgspec.to_builtins(fact.find()) for key, fact in facts.items()}}


def main(arguments: list[str]) -> int:
    text = json.dumps(found(), ensure_ascii=False, indent=1) + "\n"
    if FILE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{FILE.name} is out of date: python tools/tell.py")
        return 1
    FILE.write_text(text, encoding="utf-8")
    print(f"{FILE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
