"""Find again what the story says and what repairs mend, and write it where the package reads it.

    python tools/tell.py            finds everything and writes src/rheobase/story/found.json
    python tools/tell.py --check    changes nothing; names what differs and ends with 1

Studies are not run: what they found stands in benchmarks/results/studies.json.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from rheobase.catalogue import entries
from rheobase.story import rows
from rheobase.story.of_evidence import Leads, Studied
from rheobase.story.recorded import FILE
from rheobase.story.repairs import judge, key


def found() -> dict[str, Any]:
    """What is recorded: every fact and every repair by its key, in the order of the story and of the catalogue."""
    facts = {fact.key: fact for row in rows() for fact in row.facts if not isinstance(fact, Studied | Leads)}
    repairs = [(entry.id, repair) for entry in entries().values() for repair in entry.repairs]
    return {
        "facts": {name: msgspec.to_builtins(fact.find()) for name, fact in facts.items()},
        "edges": {key(by, r): msgspec.to_builtins(judge(r.of, by, r.drawback, r.at)) for by, r in repairs},
    }


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
