"""What mean-field theory says of a function, as the pages show it: numbers of four digits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rheobase import printing
from rheobase.activation import Activation
from rheobase.errors import RheobaseError


def theory(function: Activation) -> dict[str, Any]:
    """What a wide random network of the function does to signals; {"reason": …} where theory has no answer."""
    from rheobase.meanfield import theory as told

    try:
        found = told(function)
    except RheobaseError as error:
        return {"reason": error.what}
    start = found.init()
    return {
        "moments": _rounded(found.moments),
        "gain": _rounded(found.gain),
        "edges": [
            _rounded({"sigma_b": e.sigma_b, "sigma_w": e.sigma_w, "q": e.q, "xi_c": e.xi_c}) | {"stable": e.stable}
            for e in found.edge_of_chaos
        ],
        "edge_reason": found.edge_reason,
        "kind": found.criticality.kind,
        "init": {"gain": figure(start.gain), "reason": start.reason},
    }


def _rounded(numbers: Mapping[str, float | None]) -> dict[str, str]:
    return {name: figure(value) for name, value in numbers.items()}


def figure(value: float | None, digits: int = 4) -> str:
    """A number as a page shows it.

    >>> figure(-0.27846454), figure(float("inf")), figure(-5.5e-17), figure(None)
    ('−0.2785', '∞', '0', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return printing.figure(0.0 if abs(value) < 1e-12 else value, digits)
