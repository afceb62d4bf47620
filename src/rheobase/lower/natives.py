"""A framework's own function in place of the composition, where it keeps the same bounds.

`x` is the input and `m`, `n` stand for numbers. A row is used where the simplified formula is its left side. What
frameworks offer and the bounds refuse is listed too, with the input at which it fails: a test holds both lists
against the conformance suite.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rheobase.expr import Expr, Number
from rheobase.lower.emit import constant, literal
from rheobase.parse import parse
from rheobase.simplify import simplify
from rheobase.simplify.matching import match


class Native(NamedTuple):
    formula: str
    torch: str = ""
    jax: str = ""


NATIVES = [
    Native("where(x >= 0, x, expm1(x))",   torch="F.elu(x)"),
    Native("clip(x, m, n)",                torch="F.hardtanh(x, {m}, {n})"),
    Native("where(x > m, x, n)",           torch="F.threshold(x, {m}, {n})"),
    Native("where(abs(x) > m, x, 0)",      torch="F.hardshrink(x, {m})"),
    Native("x*tanh(softplus(x))",          torch="F.mish(x.clamp_min(torch.finfo(x.dtype).min))"),
]  # fmt: skip


class Refused(NamedTuple):
    formula: str
    torch: str
    why: str


SELU = "1.0507009873554804934*where(x >= 0, x, 1.6732632423543772848*expm1(x))"
REFUSED = [
    Refused("x*sigmoid(x)",                "F.silu(x)",         "-0.0 below -88.7 in float32"),
    Refused("x*Phi(x)",                    "F.gelu(x)",         "0 below -5.6 in float32"),
    Refused("x*clip(x/6 + 1/2, 0, 1)",     "F.hardswish(x)",    "inf above 5.7e37 in float32"),
    Refused("where(x >= 0, x, 0.01*x)",    "F.leaky_relu(x)",   "slope 0.01 at 0"),
    Refused(SELU,                          "F.selu(x)",         "slope 1.758 at 0"),
    Refused("sinc(pi*x)",                  "torch.sinc(x)",     "NaN at the largest number"),
    Refused("clip(x/6 + 1/2, 0, 1)",       "F.hardsigmoid(x)",  "slope 1/6 of float32 in float64"),
]  # fmt: skip


def spelt(call: str) -> str:
    """The call with its module's full name."""
    return call.replace("F.", "torch.nn.functional.")


@lru_cache(maxsize=4096)
def native(expr: Expr, backend: str) -> str | None:
    """The call that computes `expr` on `backend`, or None.

    >>> native(parse("min(max(x, 0), 6)"), "torch")
    'torch.nn.functional.hardtanh(x, 0.0, 6.0)'
    """
    if backend not in Native._fields:
        return None
    form = simplify(expr)
    for row, pattern in _patterns():
        call = getattr(row, backend, "")
        if not call:
            continue
        for binding in match(pattern, form, {}):
            numbers = {name: literal(constant(value)) for name, value in binding.items() if isinstance(value, Number)}
            if len(numbers) == len(binding) and all(_single(value) for value in binding.values()):
                return spelt(call).format(**numbers)
    return None


def _single(value: Expr) -> bool:
    """Is the number exact in single precision? A threshold that is not would move."""
    return isinstance(value, Number) and float(np.float32(float(value.value))) == value.value


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[Native, Expr]]:
    return [(row, simplify(parse(row.formula, ["m", "n"]))) for row in NATIVES]
