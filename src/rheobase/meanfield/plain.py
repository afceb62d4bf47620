"""Numbers as JSON has them."""

from __future__ import annotations

import math
from typing import Any


def plain(value: Any) -> Any:
    """Infinite numbers in dicts, lists and tuples as the texts "inf" and "-inf", NaN as None.

    >>> plain({"a": (1.0, [float("inf"), float("nan")])})
    {'a': [1.0, ['inf', None]]}
    """
    match value:
        case dict():
            return {k: plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
        case float() if not math.isfinite(value):
            return None if math.isnan(value) else "inf" if value > 0 else "-inf"
        case _:
            return value
