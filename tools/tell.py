"""Find again what the story says and what repairs mend, and write it where the package reads it.

    python tools/tell.py    writes src/rheobase/story/found.json (half a minute)

Studies are not run: what they found stands in benchmarks/results/studies.json.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from rheobase.catalogue import entries
from rheobase.story import rows
from rheobase.story.of_evidence import Behind, Studied
from rheobase.story.recorded import FILE, recorded
from rheobase.story.repairs import every_edge, judge, key


def edges() -> dict[str, Any]:
    """The verdict on every repair, by its key, in the order of the catalogue."""
    repairs = [(entry.id, repair) for entry in entries().values() for repair in entry.repairs]
    return {key(by, r): msgspec.to_builtins(judge(r.of, by, r.drawback, r.at)) for by, r in repairs}


def facts() -> dict[str, Any]:
    """What was found of every fact, by its key, in the order of the story; what studies found is not recorded here."""
    told = {fact.key: fact for row in rows() for fact in row.facts if not isinstance(fact, Studied | Behind)}
    return {name: msgspec.to_builtins(fact.find()) for name, fact in told.items()}


def main() -> None:
    """The repairs first, for one of the facts counts them."""
    before = json.loads(FILE.read_text(encoding="utf-8"))
    now = {"facts": before["facts"], "edges": edges()}
    write(now)
    write(now | {"facts": facts()})


def write(now: dict[str, Any]) -> None:
    """Write the file, and forget what was read of it."""
    FILE.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for cached in (recorded, rows, every_edge):
        cached.cache_clear()


if __name__ == "__main__":
    main()
