"""What the truth says against verdicts on the ends of the line: limits, asymptotes, growth, saturation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from against import PROVEN, REFUTED, Check, proven
from case import CLUSTER, Case, digits, misses, number, place_of, stays, vanishes
from flint import arb
from truth import UNTOLD, Truth, told

from rheobase.certify import Proven, Refuted
from rheobase.enclosure.interval import precision
from rheobase.expr import Expr
from rheobase.parse import parse

FAR_BITS = 24_000
CLEAR = 8
"""Bits of a quotient that is looked at."""
ROOM = 30
"""Of what grows like another, the quotient changes less between the two places; log(t) alone grows by a hundred."""


def _end_of(name: str) -> str:
    return "-inf" if name == "left" else "inf"


def _limit(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        found = case.towards(_end_of(name), 1)
        low, high = number(v.low), number(v.high)
        if not low.is_finite():
            wrong = stays(found, 1 if low > 0 else -1, all_of_it=True)
        else:
            wrong = misses(found, low, high)
        if wrong:
            yield f"the limit is {digits(low)}, but f goes from {digits(found[0][-1])} to {digits(found[1][-1])}"

    return check


def _no_limit(name: str) -> Check:
    """What oscillates does not come to rest: its spread remains."""

    def check(case: Case, v: Refuted) -> Iterator[str]:
        found = case.towards(_end_of(name), 1)
        if min(map(len, found)) == CLUSTER and vanishes(
            ([a - found[0][0] for a in found[0][1:]], [a - found[1][0] for a in found[1][1:]])
        ):
            yield f"f comes to rest: {digits(found[0][-1])}, {digits(found[1][-1])}"

    return check


def _asymptote(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        with precision(FAR_BITS):
            a, b = (place_of(v.value[k], FAR_BITS) for k in ("slope", "intercept"))
            if a is None or b is None:
                return

            def gap(p: arb, bits: tuple[int, ...]) -> Any:
                value = case.f(p, bits)
                return value - number(a) * p - number(b) if told(value) else value

            found = case.along(gap, _end_of(name), 1, cancels=a != 0)
            if misses(found, arb(0), arb(0)):
                line = f"{v.value['slope']} x + {v.value['intercept']}"
                yield f"the line {line} is missed by {digits(found[0][-1])}, then {digits(found[1][-1])}"

    return check


def _no_asymptote(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        before, after = case.towards(_end_of(name), 1)
        if len(before) + len(after) == 2 * CLUSTER and all(a == before[0] for a in [*before, *after]):
            yield f"soft: f is {digits(before[0])} far out"

    return check


for _name in ("left", "right"):
    PROVEN[f"limit_{_name}"], REFUTED[f"limit_{_name}"] = _limit(_name), _no_limit(_name)
    PROVEN[f"asymptote_{_name}"], REFUTED[f"asymptote_{_name}"] = _asymptote(_name), _no_asymptote(_name)


def _quotient(case: Case, name: str, order: str, of: Expr | None = None) -> tuple[list[arb], list[arb]]:
    """|f|, or another formula, over a function of t = |x|, nearer and farther."""
    m, f = Truth(parse(re.sub(r"\bt\b", "x", order))), case.f if of is None else Truth(of)

    def ratio(p: arb, bits: tuple[int, ...]) -> Any:
        a, b = f(p, bits), m(abs(p), bits)
        if not (told(a) and told(b)) or b == 0:
            return UNTOLD
        return abs(a / b) if (a / b).is_finite() and (a / b).rel_accuracy_bits() > CLEAR else UNTOLD

    found = case.along(ratio, _end_of(name), 1)
    return found if min(map(len, found)) == CLUSTER else case.closer(ratio, _end_of(name))


@proven("growth")
def _(case: Case, v: Proven) -> Iterator[str]:
    for name in ("left", "right"):
        order = v.value[name]
        if order == "0":
            found = case.towards(_end_of(name), 1)
            if any(a > 0 or a < 0 for a in found[1]):
                yield f"0 on the {name}, but {digits(found[1][-1])}"
            continue
        before, after = _quotient(case, name, "1" if order == "at most 1" else order)
        if min(len(before), len(after)) < CLUSTER:
            continue
        grown = max(a.lower() for a in after) > ROOM * max(a.upper() for a in before)
        shrunk = max(a.upper() for a in after) * ROOM < max(a.lower() for a in before)
        if grown or (shrunk and order != "at most 1"):
            yield f"f over {order} on the {name} goes from {digits(before[-1])} to {digits(after[-1])}"


def _saturates(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        found = case.towards(_end_of(name), 1, 1)
        if misses(found, arb(0), arb(0)):
            yield f"the slope goes from {digits(found[0][-1])} to {digits(found[1][-1])}"
        if "approach" not in v.value:
            return
        limit = v.value["limit"]
        if v.value["approach"] == "0":
            at, values = number(place_of(limit)), case.towards(_end_of(name), 1)[1]
            if any(not a.overlaps(at) for a in values):
                yield f"{limit} from some point on, but {digits(values[-1], 25)}"
            return
        before, after = _quotient(case, name, v.value["approach"], case.expr - parse(limit))
        if min(len(before), len(after)) == CLUSTER and (
            max(a.lower() for a in after) > ROOM * max(a.upper() for a in before)
        ):
            yield f"slower than {v.value['approach']}: {digits(before[-1])}, then {digits(after[-1])}"

    return check


def _moves_on(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        found = case.towards(_end_of(name), 1, 1)
        if vanishes(found):
            yield f"the slope goes from {digits(found[0][-1])} to {digits(found[1][-1])}"
        slope = v.witness.get("slope")
        if isinstance(slope, str):
            at = place_of(slope)
            wrong = stays(found, -1 if slope[0] == "-" else 1) if at is None else misses(found, number(at), number(at))
            if wrong:
                yield f"the slope tends to {slope}, but goes from {digits(found[0][-1])} to {digits(found[1][-1])}"

    return check


for _name in ("left", "right"):
    PROVEN[f"saturates_{_name}"], REFUTED[f"saturates_{_name}"] = _saturates(_name), _moves_on(_name)
