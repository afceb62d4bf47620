"""Write src/rheobase/web/facts.json, the slow facts that the explorer's pages show: `python tools/site_facts.py`.

Some three minutes on one core; entries whose formula has not changed are kept. `--all` works out every one again.
"""

from __future__ import annotations

import sys

import msgspec

from rheobase.catalogue import entries, get
from rheobase.web.facts import FILE, kept, worked_out


def main() -> int:
    known = {} if "--all" in sys.argv else kept()
    found = {}
    for name in sorted(entries()):
        before = known.get(name)
        same = before is not None and before.formula == str(get(name).bound)
        found[name] = before if same else worked_out(name)
        print(f"{len(found):4}/{len(entries())}  {name}{'' if same else '  worked out'}", file=sys.stderr, flush=True)
    # An entry a line, so that a change shows as one.
    lines = [f"{msgspec.json.encode(k).decode()}:{msgspec.json.encode(v).decode()}" for k, v in found.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{len(found)} entries in {FILE.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
