"""Plant bugs in the prover, one at a time, and see whether the quick tests catch each.

    python tools/mutate_prover.py              all of them (some minutes)
    python tools/mutate_prover.py --only 3 7   those by number
    python tools/mutate_prover.py --list       what there is

Each is planted in a temporary copy of the package; nothing here is changed. Prints caught or SURVIVED for each, and
ends with 1 where one survived. A planted bug is a dropped tail, a swapped bound, an end that is not rounded outwards,
a jump that is not looked at: what a wrong proof would come from. A test that goes on for 300 s of the processor has
caught it, too. Tests are added for what survives; how often that was is told in docs/proofs.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 300
TESTS = (
    "tests/enclosure",
    "tests/certify/test_traps.py",
    "tests/certify/test_checker.py",
    "tests/certify/test_second_way.py",
)


class Bug(NamedTuple):
    """A text in a file of the package, and what stands there instead."""

    file: str
    right: str
    wrong: str


BUGS = [
    Bug("enclosure/interval.py", "return NEG_INF if value.is_nan() else value.lower()", "return value.mid()"),
    Bug("enclosure/interval.py", "return INF if value.is_nan() else value.upper()", "return value.mid()"),
    Bug("enclosure/interval.py", "return Interval(down(a.low - b.high), up(a.high - b.low))",
        "return Interval(down(a.low - b.low), up(a.high - b.high))"),
    Bug("enclosure/interval.py", "corners = [_product(p, q) for p in a for q in b]",
        "corners = [_product(a.low, b.low), _product(a.high, b.high)]"),
    Bug("enclosure/interval.py", "if a.low == 0 and a.high > 0:", "if a.low <= 0 and a.high > 0:"),
    Bug("enclosure/interval.py", "base = size(a) if n % 2 == 0 else a", "base = a"),
    Bug("enclosure/interval.py", "if abs(a.low) <= FAR and abs(a.high) <= FAR:", "if True:"),
    Bug("enclosure/boxes.py", "state.jump() if row.monotone else state.break_()", "pass"),
    Bug("enclosure/boxes.py", "if not (a.high < b.low or b.high < a.low) and not", "if False and not"),
    Bug("enclosure/boxes.py", "if a.low < 0 < a.high or (a.low == 0) != (a.high == 0):", "if a.low < 0 < a.high:"),
    Bug("enclosure/boxes.py", "    if condition is None:\n        state.jump()\n", "    if condition is None:\n"),
    Bug("enclosure/boxes.py", "    if b.low <= 0 <= b.high:\n        state.break_()\n", ""),
    Bug("enclosure/boxes.py", "return True if a.high < b.low else False if a.low >= b.high else None",
        "return True if a.high <= b.low else False if a.low >= b.high else None"),
    Bug("enclosure/boxes.py", "return [taken, condition if condition == BROKEN else ANALYTIC]", "return [taken]"),
    Bug("enclosure/coefficients.py", "reach = up(square.high.sqrt())", "reach = up(square.high.sqrt()) / 2"),
    Bug("enclosure/coefficients.py", "            return wave(\"cos\", a + -b) + -wave(\"cos\", a + b)",
        "            return wave(\"cos\", a + -b) + wave(\"cos\", a + b)"),
    Bug("enclosure/coefficients.py", "return (cosine * cosine + sine * sine + -(mean * mean)).sign() > 0",
        "return True"),
    Bug("enclosure/coefficients.py", "t = Variable(\"t\")", "t = Variable(\"x\")"),
    Bug("enclosure/constants.py", "return -value if row.parity == \"odd\" else value", "return value"),
    Bug("enclosure/constants.py", "rational((0, 1, 0, -1)[", "rational((0, 1, 0, 1)["),
    Bug("enclosure/monomials.py", "if direction < 0 and slope.high <= 0:", "if direction < 0:"),
    Bug("enclosure/series.py", "        rest += [(c.interval(), m) for c, m in kept[cut:]]\n", ""),
    Bug("enclosure/series.py", "errors += [(iv.mul(c.interval(), bounds), m * scale) for c, m in one.terms]",
        "errors += []"),
    Bug("enclosure/series.py", "return tuple(t for t in self.terms if outgrows(t[1], self.error[1]) > 0)",
        "return self.terms"),
    Bug("enclosure/series.py", "return iv.mul(iv.point((-1) ** n), iv.inverse(below))", "return iv.point((-1) ** n)"),
    Bug("enclosure/expansion.py", "if not iv.size(self.a.box(u)).high < 1:", "if False:"),
    Bug("enclosure/expansion.py", "return c.varies() if growth(m) == 0 else c.alternates()", "return c.varies()"),
    Bug("enclosure/expansion.py", "edge = iv.hull([iv.NIL, iv.EINS])", "edge = iv.NIL"),
    Bug("enclosure/expansion.py", "            self.stairs = True\n", ""),
    Bug("enclosure/pieces.py", "above = condition.op in (\"gt\", \"ge\")", "above = condition.op in (\"gt\",)"),
    Bug("enclosure/pieces.py", "reach = min([NEARBY, *", "reach = max([NEARBY, *"),
    Bug("enclosure/facts.py", "return _turned(ways[1 - k]) if sign == -1 else ways[1 - k] if sign == 1 else 0",
        "return ways[1 - k]"),
    Bug("enclosure/facts.py", "return None if None in of else (of[0] or 0) * (of[1] or 0)", "return of[0]"),
    Bug("enclosure/integral.py", "return iv.around(total + arb(0, rest))", "return iv.around(total / 2)"),
    Bug("enclosure/integral.py",
        "if not all(a[1] <= b[0] for a, b in pairwise(gaps)):", "if False:"),
    Bug("certify/subject.py", "if expr is not None and expand(expr, end, r, ORDERS[0]).stairs:", "if False:"),
    Bug("certify/cover.py", "            if not own.continuous:\n                return None\n", ""),
    Bug("certify/cover.py", "return [*items, right]", "return items"),
    Bug("certify/cover.py", "range_.low >= 0:", "range_.low >= -1e-15:"),
    Bug("certify/shape.py", "or side * less(here.left, at) < 0", ""),
    Bug("certify/shape.py", "if item.kind == \"point\" and item.sign != \"+\":", "if False:"),
    Bug("certify/shape.py", "if less(slopes.left, slopes.right) < 0:", "if False:"),
    Bug("certify/extent.py", "    if isinstance(whole, Refuted):\n", "    if False:\n"),
    Bug("certify/extent.py",
        "if top == \"inf\":\n        return Greatest(iv.INF, iv.INF, \"inf\", False, f\"towards {end.at}\", proof)",
        "if False:\n        raise AssertionError"),
    Bug("certify/regularity.py", "if not (here.agree and at is not None and", "if not (at is not None and"),
    Bug("certify/regularity.py", "_parting(subject, range(1, order + 1))", "_parting(subject, range(1, order))"),
    Bug("certify/counts.py", "if periodic(expr) and steady(subject.expr):", "if periodic(expr):"),
    Bug("certify/symmetry.py", "if not rough(subject) and set(breaks(subject)) <= {Number(0)} and",
        "if set(breaks(subject)) <= {Number(0)} and"),
    Bug("certify/symmetry.py", "if bounded(subject.expr):\n        return {}", "if True:\n        return {}"),
    Bug("enclosure/interval.py", "low = _product(a.low if b.low >= 0 else a.high, b.low)",
        "low = _product(a.low, b.low)"),
    Bug("enclosure/series.py", "for c, m in a.terms] + ([a.error] if a.error else [])", "for c, m in a.terms]"),
    Bug("enclosure/constants.py", "if op in (\"floor\", \"round\") and seen.range.low == seen.range.high:",
        "if op in (\"floor\", \"round\"):"),
    Bug("certify/cover.py", "if not (bend.analytic and bend.range.low > 0 and self.accept(\"+\")):", "if False:"),
    Bug("certify/cover.py", "return bool(iv.sub(enclosure(self.expr)(middle).range, depth).low > 0)",
        "return bool(enclosure(self.expr)(middle).range.low > 0)"),
    Bug("certify/ends.py", "return isinstance(slope, str) or slope.sign() != 0", "return True"),
    Bug("certify/checker.py", "bend.range.low > 0 < iv.sub", "0 < iv.sub"),
    Bug("certify/rules.py", "and (isinstance(slope, str) or slope.sign() != 0)", ""),
    Bug("certify/rules.py", "return endless and isinstance(wave(it, proof[\"wave\"]), str)", "return endless"),
    Bug("certify/rules_ends.py", "return m == UNITY and bool(c.sign() if c.constant else c.varies())", "return True"),
    Bug("certify/rules_ends.py", "return told[\"rate\"] == decay(m) and all(n == UNITY for _, n in ratio.certain[:1])",
        "return True"),
    Bug("enclosure/boxes.py", "range_ = WHOLE if flaw == BROKEN and box.low == box.high else values[-1]",
        "range_ = values[-1]"),
    Bug("certify/judge.py", "if name in WHOLE_LINE and isinstance(found, Proven):", "if False:"),
    Bug("certify/checker.py", "require(all(a[1] == b[0] for a, b in pairwise(ends)), \"a gap between two items\")",
        "pass"),
    Bug("certify/checker.py", "require(start == stop, \"a point is one number\")", "pass"),
    Bug("certify/checker.py", "else found.sign in SIGNS[sign])", "else True)"),
    Bug("certify/checker.py", "return bool(reached) and not", "return not"),
    Bug("certify/rules.py",
        "require(isinstance(met, Coefficient) and not (met + -exactly(bound)).sign(), ", "require(True, "),
    Bug("certify/rules.py", "return way in (side, 2) and all(it.agrees(p) if way == 2 else", "return all("),
    Bug("certify/rules_ends.py", "    require(str(limit) == claim[\"value\"], \"another limit\")\n", ""),
    Bug("certify/rules_ends.py",
        "require(not hidden([way[:2] for way in ways]), \"a stretch whose slope is not told\")", "pass"),
    Bug("enclosure/polynomials.py", "steep += k * abs(c) * power", "steep += abs(c) * power"),
    Bug("enclosure/polynomials.py", "low += -abs(part) if k % 2 else part.min(NOUGHT)", "low += -abs(part)*0"),
    Bug("enclosure/polynomials.py", "if about[1] < 0:", "if False:"),
    Bug("enclosure/coefficients.py", "for _ in range(int(whole[1])):", "for _ in range(1):"),
    Bug("certify/counts.py", "if any(w != settled for w, _, _ in weak):",
        "if before and any(w != settled for w, _, _ in weak):"),
]  # fmt: skip


def planted(bug: Bug, house: Path) -> bool:
    """Is the bug in the copy now?"""
    path = house / "src" / "rheobase" / bug.file
    text = path.read_text(encoding="utf-8")
    if text.count(bug.right) < 1:
        return False
    path.write_text(text.replace(bug.right, bug.wrong, 1), encoding="utf-8")
    return True


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 9))


def caught(house: Path) -> tuple[bool, str]:
    """Does a quick test fail in the copy, and which?"""
    environment = os.environ | {"PYTHONPATH": str(house / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS]
    ended = subprocess.run(
        command, cwd=house, env=environment, capture_output=True, text=True, check=False, preexec_fn=_limited
    )
    if ended.returncode == -signal.SIGXCPU:
        return True, f"no end within {SECONDS} s of the processor"
    lines = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return ended.returncode != 0, lines[0][:110] if lines else ended.stdout[-110:]


def main() -> int:
    """Plants each bug and tells what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, nargs="*")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    survivors = 0
    for number, bug in enumerate(BUGS):
        if options.only is not None and number not in options.only:
            continue
        if options.list:
            print(f"{number:3} {bug.file}: {bug.right.strip().splitlines()[0][:90]}")
            continue
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            house = Path(folder)
            for part in ("src", "tests"):
                shutil.copytree(ROOT / part, house / part, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(ROOT / "pyproject.toml", house)
            if not planted(bug, house):
                print(f"{number:3} NOT FOUND  {bug.file}: {bug.right.strip()[:80]}", flush=True)
                survivors += 1
                continue
            found, how = caught(house)
        survivors += not found
        seconds = f"{time.monotonic() - begin:4.0f} s"
        print(f"{number:3} {'caught' if found else 'SURVIVED'} {seconds}  {bug.file}: {how}", flush=True)
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
