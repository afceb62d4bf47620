"""Work out the verdicts on every entry of the catalogue and write the file that comes with the package.

    python tools/prove.py            writes src/rheobase/proofs/catalogue.jsonl (about two minutes)
    python tools/prove.py --check    changes nothing; names the entries whose verdicts differ and ends with 1

Run it after a change of an entry's formula or of the prover. The milliseconds are those of the machine it ran on.
"""

from __future__ import annotations

import sys
from collections import Counter

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.proofs.checking import worked_out
from rheobase.proofs.report import Found
from rheobase.proofs.store import shipped, write_shipped


def told(found: dict[str, Found] | None) -> dict[str, tuple[object, ...]] | None:
    """What may not differ: all but the time."""
    if found is None:
        return None
    return {n: (f.verdict, f.value, f.low, f.high, f.witness, f.method, f.reason) for n, f in found.items()}


def main(arguments: list[str]) -> int:
    made: dict[str, dict[str, Found]] = {}
    different = []
    counts: Counter[str] = Counter()
    for id in entries():
        function = rb.get(id)
        formula = str(function.bound)
        if formula not in made:
            made[formula], _ = worked_out(function.bound, formula)
        counts.update(f.verdict for f in made[formula].values())
        if told(made[formula]) != told(shipped(formula)):
            different.append(id)
        print(f"\r{len(made)} formulas", end="", file=sys.stderr)
    print(file=sys.stderr)
    print(", ".join(f"{n} {verdict}" for verdict, n in counts.most_common()))
    if "--check" in arguments:
        print("\n".join(f"{id}: run python tools/prove.py" for id in different) or "nothing is out of date")
        return int(bool(different))
    write_shipped(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
