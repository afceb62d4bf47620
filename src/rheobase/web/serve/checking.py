"""A check in a process of its own: `{"spec": …}` comes from standard input, what was found goes to standard output."""

from __future__ import annotations

import json
import math
import sys
import warnings
from typing import TYPE_CHECKING, Any

import msgspec

from rheobase.errors import RheobaseError
from rheobase.web.serve.limits import limit

if TYPE_CHECKING:
    from rheobase.activation import Activation

SECONDS = 20
"""Processor time of a check."""
REACH = 6.0
POINTS = 481


def answered(spec: str) -> dict[str, Any]:
    """What `rheobase check SPEC` finds, and its curve; or the line with which it refuses."""
    from rheobase.catalogue import get
    from rheobase.proofs import check
    from rheobase.proofs.words import traits
    from rheobase.web.functions import themed

    try:
        function = get(spec)
        found = check(function)
        strengths, weaknesses = traits(found)
        shown = {
            "check": found.to_dict(),
            "id": function.id,
            "themes": themed(found),
            "strengths": strengths,
            "weaknesses": weaknesses,
            "remark": found.remark,
            "curves": curves(function),
        }
    except RheobaseError as error:
        return {"error": str(error)}
    except (RecursionError, MemoryError, OverflowError):
        return {"error": "the formula is too large to be checked here; instead: a shorter one"}
    return shown


def curves(function: Activation) -> list[dict[str, Any]]:
    """f and f′ from -6 to 6, a value a point; None where there is none."""
    import numpy as np

    x = np.linspace(-REACH, REACH, POINTS)
    found = []
    for label, one in (("f", function), ("f′", function.derivative())):
        with np.errstate(all="ignore"):
            y = np.broadcast_to(np.asarray(one.numpy(x), dtype=float), x.shape)
        found.append({"label": label, "left": -REACH, "right": REACH, "y": [_short(v) for v in y]})
    return found


def _short(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None


def main() -> None:
    """Answer the one question on standard input."""
    warnings.simplefilter("ignore")
    limit(SECONDS)
    spec = json.loads(sys.stdin.read())["spec"]
    sys.stdout.buffer.write(msgspec.json.encode(answered(spec)))  # which writes null for what is no number


if __name__ == "__main__":
    main()
