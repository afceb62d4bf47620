"""Enclosures as text."""

from __future__ import annotations

from typing import Any


def digits(low: Any, high: Any) -> str:
    """The digits on which both ends agree, with "…" behind them where the number goes on.

    >>> digits(-0.2784645428182557, -0.27846454276107374), digits(1.0, 1.0), digits("inf", "inf")
    ('-0.2784645428…', '1', '∞')
    """
    if isinstance(low, str) or isinstance(high, str):
        return {"inf": "∞", "-inf": "-∞"}.get(str(high), f"[{low}, {high}]")
    if low == high:
        return f"{low:.15g}"
    for places in range(15, 0, -1):
        texts = {f"{v:.{places}g}" for v in (low, high)}
        if len(texts) == 1:
            return texts.pop() + "…"
    return f"[{low:.6g}, {high:.6g}]"
