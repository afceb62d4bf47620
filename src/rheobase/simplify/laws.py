"""The rewriting laws: left = right, one a line, and where each holds.

`a b c` stand for any formula, `m n` for any number. Every law holds over the reals wherever its left
side is defined; `floats` says what it does to computed values. Laws are tried in this order.
A test searches each for a counterexample with balls and compares the computed values of random formulas.
"""

from __future__ import annotations

from typing import NamedTuple


class Law(NamedTuple):
    left: str
    right: str
    floats: str = "stays within the bounds of the left side"
    when: str = ""
    """A comparison of `m` and `n` without which the law does not hold."""


OVERFLOW = "right where the left overflows"
CANCEL = "right where the left cancels"
SAME = "the same value, bit for bit"

LAWS = [
    # --- what people type into what computes ----------------------------------------------------
    Law("log(1 + exp(a))",            "softplus(a)",            OVERFLOW),
    Law("log1p(exp(a))",              "softplus(a)",            OVERFLOW),
    Law("log(exp(a))",                "a",                      OVERFLOW),
    Law("log(sigmoid(a))",            "-softplus(-a)",          OVERFLOW),
    Law("log_sigmoid(a)",             "-softplus(-a)",          SAME),
    Law("log(1 + a)",                 "log1p(a)",               CANCEL),
    Law("exp(a) / (1 + exp(a))",      "sigmoid(a)",             OVERFLOW),
    Law("expm1(a) / (1 + exp(a))",    "tanh(a/2)",              OVERFLOW),
    Law("1 / (1 + exp(a))",           "sigmoid(-a)",            OVERFLOW),
    Law("exp(a) - exp(-a)",           "2*sinh(a)",              CANCEL),
    Law("exp(a) + exp(-a)",           "2*cosh(a)"),
    Law("sinh(a) / cosh(a)",          "tanh(a)",                OVERFLOW),
    Law("1 / cosh(a)",                "sech(a)",                OVERFLOW),
    Law("exp(a) - 1",                 "expm1(a)",               CANCEL),
    Law("2*sigmoid(a) - 1",           "tanh(a/2)",              CANCEL),
    Law("1 - sigmoid(a)",             "sigmoid(-a)",            CANCEL),
    Law("1 + tanh(a)",                "2*sigmoid(2*a)",         CANCEL),
    Law("1 - tanh(a)",                "2*sigmoid(-(2*a))",      CANCEL),
    Law("1 - tanh(a)**2",             "sech(a)**2",             CANCEL),
    Law("1 + erf(a)",                 "erfc(-a)",               CANCEL),
    Law("1 - erf(a)",                 "erfc(a)",                CANCEL),
    Law("1 - Phi(a)",                 "Phi(-a)",                CANCEL),
    Law("erfc(a / sqrt(2))",          "2*Phi(-a)"),
    Law("sin(a) * cos(a)",            "sin(2*a)/2"),
    Law("sqrt(a**2)",                 "abs(a)",                 OVERFLOW),
    # --- kinks ------------------------------------------------------------------------------------
    Law("maximum(a, 0)",              "relu(a)",                SAME),
    Law("minimum(a, 0)",              "-relu(-a)",              SAME),
    Law("where(a > 0, a, 0)",         "relu(a)",                SAME),
    Law("where(a >= 0, a, 0)",        "where(a < 0, 0, a)",     SAME),
    Law("where(a <= 0, 0, a)",        "relu(a)",                SAME),
    Law("minimum(relu(a), n)",        "clip(a, 0, n)",          SAME),
    Law("relu(minimum(a, n))",        "clip(a, 0, n)",          SAME, "n >= 0"),
    Law("minimum(maximum(a, m), n)",  "clip(a, m, n)",          SAME),
    Law("maximum(minimum(a, n), m)",  "clip(a, m, n)",          SAME, "m <= n"),
    Law("sign(a) * abs(a)",           "a",                      SAME),
    Law("relu(relu(a))",              "relu(a)",                SAME),
    Law("relu(a) - relu(-a)",         "a",                      SAME),
    Law("abs(a)**2",                  "a**2",                   SAME),
]  # fmt: skip
