"""Write or check tests/golden/values.npz: values and slopes of every entry of the catalogue by mpmath at 60 digits.

The golden numbers come from the entries' own formulas as written (not simplified) through an evaluator that shares
nothing with the library's table: tests/oracle.py. Run `python tools/golden.py` after adding an entry.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp, mpf

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
GOLDEN = ROOT / "tests" / "golden" / "values.npz"
DIGITS = 60


def points(name: str) -> list[float]:
    """Zeros, tiny and huge sizes and a sample of [-30, 30] drawn by the entry's name; all are float32 numbers."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    rng = np.random.default_rng(seed)
    sizes = [2.0**-149, 1e-30, 1e-8, 1e-4, 1e-2, 0.5, 1.0, 2.0, 6.0, 50.0, 95.0, 1e3, 1e10, 1e30, 3e38]
    drawn = [*rng.uniform(-30, 30, 24), *rng.normal(0, 1.5, 16)]
    listed = [0.0, *(s for size in sizes for s in (size, -size)), *drawn]
    return [float(np.float32(v)) for v in listed]


def pair(number: Any) -> tuple[float, float]:
    """Two doubles that hold 106 bits of the number."""
    high = float(number)
    return high, float(number - mpf(high)) if np.isfinite(high) else 0.0


def golden() -> dict[str, np.ndarray]:
    """For each entry rows of (x, value, its remainder, slope, its remainder)."""
    import oracle
    from rheobase.catalogue import entries, get
    from rheobase.testing.points import kinks

    tables: dict[str, np.ndarray] = {}
    with mp.workdps(DIGITS):
        for name in entries():
            expr = get(name).bound
            edges = {float(np.float32(k)) for k in kinks(expr)}
            rows = []
            for x in sorted({*points(name), *edges}):
                slope = mpf("nan") if x in edges or abs(x) > 1e15 else oracle.slope(expr, x)
                rows.append((x, *pair(oracle.value(expr, x)), *pair(slope)))
            tables[name] = np.array(rows)
    return tables


def main() -> int:
    tables = golden()
    if "--check" in sys.argv:
        with np.load(GOLDEN) as kept:
            off = [n for n in tables if n not in kept or not np.array_equal(tables[n], kept[n], equal_nan=True)]
            off += [n for n in kept if n not in tables]
        print("\n".join(f"{n}: not as {GOLDEN.relative_to(ROOT)} has it; run python tools/golden.py" for n in off))
        return bool(off)
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(GOLDEN, allow_pickle=False, **tables)
    print(f"{GOLDEN.relative_to(ROOT)}: {len(tables)} entries, {GOLDEN.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
