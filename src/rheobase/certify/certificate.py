"""Certificates: the verdicts on a formula as data that the checker replays, written to and read from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import arb

from rheobase.certify.verdict import Proven, Unknown, Verdict


def certificate(formula: str, verdicts: Mapping[str, Verdict], version: str) -> dict[str, Any]:
    """What the checker needs: the formula, and of each verdict that is not unknown its claim and its proof."""
    return {
        "rheobase": version,
        "formula": formula,
        "proofs": {name: _claim(v) for name, v in verdicts.items() if not isinstance(v, Unknown)},
    }


def _claim(verdict: Verdict) -> dict[str, Any]:
    if isinstance(verdict, Proven):
        ends = {"low": _text(verdict.low), "high": _text(verdict.high)}
        return {"verdict": "proven", "value": verdict.value, **ends, "proof": verdict.proof}
    assert not isinstance(verdict, Unknown)
    return {"verdict": "refuted", "witness": verdict.witness, "proof": verdict.proof}


def _text(end: Fraction | arb | None) -> str | None:
    """An exact number as text."""
    if end is None or isinstance(end, Fraction):
        return None if end is None else str(end)
    if abs(end) == arb.pos_inf():
        return "inf" if end > 0 else "-inf"
    mantissa, exponent = end.man_exp()
    return str(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))
