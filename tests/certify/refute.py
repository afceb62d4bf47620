"""Try to refute every verdict on random formulas, and on the catalogue's, by enclosures; and replay every certificate.

    python tests/certify/refute.py --seed 1 --count 10000     random formulas
    python tests/certify/refute.py --catalogue                every entry

Prints each contradiction with its formula, and at the end, or when it is interrupted, how many different formulas
were examined and which was the last; ends with 1 where there is a contradiction. What is held against a verdict is
enclosed (`truth`), or a limit that does not come nearer over a million powers of 2 (`case`): a contradiction is a wrong
proof. "soft" ones, printed with `--hints`, are about what no sample shows, and do not count.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import against_counts  # noqa: F401 - its checks enter themselves
import against_ends  # noqa: F401
from against import Case, contradictions
from draw import formula

from rheobase.certify import Unknown, judge
from rheobase.certify.certificate import certificate
from rheobase.certify.checker import replay
from rheobase.expr import Expr


class TooLong(Exception):
    """A formula took more than its time."""


def examined(expr: Expr, rng: random.Random, many: int = 120) -> tuple[list[str], Counter[str]]:
    """(what the truth and the checker say against the verdicts, how many verdicts there are of each kind)."""
    verdicts = judge(expr)
    found = contradictions(Case(expr, verdicts, rng, many))
    told = json.loads(json.dumps(certificate(str(expr), verdicts, "")))
    for name, answer in replay(told["formula"], told["proofs"]).items():
        if answer != "holds":
            found.append(f"replay of {name} ({verdicts[name].status}): {answer}")
    return found, Counter("unknown" if isinstance(v, Unknown) else v.status for v in verdicts.values())


def _formulas(options: Any) -> Any:
    if options.catalogue:
        import rheobase as rb
        from rheobase.catalogue import entries

        for id in entries():
            yield id, rb.get(id).bound
        return
    for i in range(options.start, options.start + options.count):
        yield f"{options.seed}:{i}", formula(random.Random(f"{options.seed}:{i}"))


_interrupted: list[bool] = []


def _end(*_: Any) -> None:
    _interrupted.append(True)


def _stop(*_: Any) -> None:
    raise TooLong


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20, help="of the processor, for one formula")
    parser.add_argument("--minutes", type=float, default=1e9, help="for all")
    parser.add_argument("--points", type=int, default=60, help="random points a formula, besides the special ones")
    parser.add_argument("--catalogue", action="store_true")
    parser.add_argument("--hints", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, _stop)
    signal.signal(signal.SIGINT, _end)
    totals: Counter[str] = Counter()
    begin = time.monotonic()
    met: set[Expr] = set()
    name = ""
    for name, expr in _formulas(options):
        if _interrupted or time.monotonic() - begin > 60 * options.minutes:
            break
        if expr in met:
            totals["drawn again"] += 1
            continue
        met.add(expr)
        signal.setitimer(signal.ITIMER_PROF, options.seconds, 0.5)  # again, where a callback swallowed it
        try:
            found, counts = examined(expr, random.Random(name), options.points)
        except (TooLong, SystemError):  # python-flint's word for an exception within an integrand
            totals["too long"] += 1
            print(f"{name}\t{expr}\tsoft: too long", flush=True)
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding, and the run goes on
            found, counts = [f"{type(error).__name__}: {error}"], Counter({"crash": 1})
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        hard = [f for f in found if "soft:" not in f]
        totals += counts + Counter({"formulas": 1, "contradicted": len(hard)})
        for what in found if options.hints else hard:
            print(f"{name}\t{expr}\t{what}", flush=True)
    print(dict(totals), f"{time.monotonic() - begin:.0f} s, up to {name}")
    return int(totals["contradicted"] + totals["crash"] > 0)


if __name__ == "__main__":
    sys.exit(main())
