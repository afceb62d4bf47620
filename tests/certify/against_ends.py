"""What mpmath says against verdicts on the ends of the line: limits, asymptotes, growth, saturation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from against import FAR, PROVEN, REFUTED, Case, Check, number, proven
from mpmath import mp, mpf
from truth import Truth

from rheobase.certify import Proven, Refuted
from rheobase.parse import parse


def _far(case: Case, name: str) -> list[tuple[Fraction, Any]]:
    side = -1 if name.endswith("left") else 1
    points = [side * p for p in FAR if p > 0] + [side * Fraction(10**30 + 1, 3)]
    return [(p, v) for p in points if not isinstance(v := case.f(p), str)]


def _limit(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        far = _far(case, name)
        if not far:
            return
        low, high = number(v.low), number(v.high)
        p, last = far[-1]
        if abs(low) == mpf("inf"):
            if any(mp.sign(low) * (b - a) < 0 for (_, a), (_, b) in pairwise(far)):
                yield f"the limit is {low}, but f({float(p)}) = {mp.nstr(last, 10)}"
        elif max(low - last, last - high) > mpf("0.05") * (1 + abs(low)):
            yield f"the limit is {mp.nstr(low, 10)}, but f({float(p)}) = {mp.nstr(last, 10)}"

    return check


def _no_limit(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        seen = [case.f(side * (10**6 + Fraction(k * 314159, 10**5) / 5)) for k in range(40)]
        values = [a for a in seen if not isinstance(a, str)]
        if len(values) > 30 and (max(values) - min(values) <= mpf(10) ** -9 * abs(values[0]) or min(values) > 1000):
            yield f"soft: hardly moves far out: {mp.nstr(min(values), 12)} to {mp.nstr(max(values), 12)}"

    return check


def _asymptote(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        a, b = (Truth(parse(v.value[k]))(0) for k in ("slope", "intercept"))
        far = _far(case, name)
        if far and not isinstance(a, str) and not isinstance(b, str):
            p, last = far[-1]
            gap = last - a * number(p) - b
            if abs(gap) > mpf("0.05") * (1 + abs(b)):
                line = f"{v.value['slope']} x + {v.value['intercept']}"
                yield f"the line {line} misses f({float(p)}) by {mp.nstr(gap, 8)}"

    return check


def _no_asymptote(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        at = [side * (10**8 + 37 * k * k + Fraction(k * 314159, 10**6)) for k in range(1, 30)]
        seen = [(number(p), a) for p in at if not isinstance(a := case.f(p), str)]
        if len(seen) > 25:
            (p, a), (q, b) = seen[0], seen[-1]
            slope = (b - a) / (q - p)
            if all(abs(c - a - slope * (r - p)) < mpf(10) ** -25 * (1 + abs(a)) for r, c in seen):
                yield f"soft: a line far out: slope {mp.nstr(slope, 10)}"

    return check


for _name in ("left", "right"):
    PROVEN[f"limit_{_name}"], REFUTED[f"limit_{_name}"] = _limit(_name), _no_limit(_name)
    PROVEN[f"asymptote_{_name}"], REFUTED[f"asymptote_{_name}"] = _asymptote(_name), _no_asymptote(_name)


@proven("growth")
def _(case: Case, v: Proven) -> Iterator[str]:
    for name in ("left", "right"):
        order = v.value[name]
        far = _far(case, name)
        if order == "at most 1" or len(far) < 3:
            continue
        if order == "0":
            if any(a != 0 for _, a in far[-2:]):
                yield f"0 on the {name}, but {mp.nstr(far[-1][1], 8)}"
            continue
        m = Truth(parse(re.sub(r"\bt\b", "x", order)))
        ratios = [abs(a / b) for p, a in far if not isinstance(b := m(abs(p)), str) and b]
        ratios = [r for r in ratios if r]
        if len(ratios) > 2 and not mpf(10) ** -4 < ratios[-1] / ratios[-2] < mpf(10) ** 4:
            yield f"soft: f over {order} on the {name}: {[mp.nstr(r, 6) for r in ratios]}"


def _saturates(name: str) -> Check:
    def check(case: Case, v: Proven) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        slopes = [s for k in (2, 3, 5, 8, 12) if not isinstance(s := case.f.slope(side * Fraction(10**k + 7, 3)), str)]
        if slopes and abs(slopes[-1]) > mpf("0.05"):
            yield f"soft: the slope far out is {mp.nstr(slopes[-1], 8)}"

    return check


def _moves_on(name: str) -> Check:
    def check(case: Case, v: Refuted) -> Iterator[str]:
        side = -1 if name.endswith("left") else 1
        at = [side * Fraction(10**5 + 37 * k, 9) for k in range(12)]
        slopes = [abs(s) for p in at if not isinstance(s := case.f.slope(p), str)]
        if len(slopes) == 12 and max(slopes) < mpf(10) ** -6:
            yield f"soft: the slope far out is at most {mp.nstr(max(slopes), 8)}"

    return check


for _name in ("left", "right"):
    PROVEN[f"saturates_{_name}"], REFUTED[f"saturates_{_name}"] = _saturates(_name), _moves_on(_name)
