"""One formula under examination: its truth, points at which it is looked at, what is beside a point and far out."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx
from germ import ball
from truth import UNTOLD, Truth, told

from rheobase.certify import Proven, Verdict
from rheobase.enclosure.interval import precision
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Expr, Number, postorder
from rheobase.ops import COMPARISONS
from rheobase.parse import parse

BITS = 1024
"""The precision in which values are held against verdicts."""
FINE = (2048,)
WAVES = frozenset(("sin", "cos", "tan", "sinc", "dsinc"))
NEAR_FAR = {True: (200, 20_000), False: (10_000, 1_000_000)}
"""Powers of 2 of the two places far out, by whether the formula has waves, whose arguments want as many bits."""
CLUSTER = 12
Place = Fraction | arb
Found = tuple[list[arb], list[arb]]
"""Values nearer, and much farther on the way to an end."""


class Case:
    """One formula: its truth, points at which it is looked at, and all verdicts."""

    def __init__(self, expr: Expr, verdicts: dict[str, Verdict], rng: random.Random, many: int = 120) -> None:
        self.expr, self.verdicts = expr, verdicts
        self.f = Truth(expr)
        self.waves = any(isinstance(n, Apply) and n.op in WAVES for n in postorder(expr))
        self.special: list[Fraction] = sorted(
            {n.value for n in postorder(expr) if isinstance(n, Number)} | {Fraction(0)}
        )
        self.places = [*self.special, *[p for p in named(verdicts) if isinstance(p, arb) or p not in self.special]][:32]
        self.points = sorted(self._points(rng, many))
        self.seen: list[tuple[Fraction, arb]] = [(p, v) for p in self.points if told(v := self.f(p))]

    def _points(self, rng: random.Random, many: int) -> set[Fraction]:
        found = {Fraction(k, 2) for k in range(-8, 9)} | {
            s * Fraction(10) ** k for s in (1, -1) for k in (-12, -6, 2, 4)
        }
        for c in self.places[:24]:
            at = near(c)
            found |= ({at} if at == c else set()) | {at + s * Fraction(1, 10**k) for s in (1, -1) for k in (2, 9)}
        for _ in range(many):
            reach = rng.choice([1, 3, 3, 10, 30, 100])
            found.add(Fraction(round(rng.uniform(-reach, reach) * 2**20), 2**20))
        return found

    def sides(self, c: Place, order: int) -> tuple[Any, Any]:
        """The limits of a derivative from both sides: exact at a fraction; at another place where it settles nearby."""
        if isinstance(c, Fraction):
            return self.f.beside(c, -1, order, FINE), self.f.beside(c, 1, order, FINE)
        return self._settling(near(c), -1, order), self._settling(near(c), 1, order)

    def _settling(self, c: Fraction, side: int, order: int) -> Any:
        a, b = (self.f.beside(c + side * Fraction(1, 2**k), 0, order, FINE) for k in (200, 400))
        return b + arb(0, (4 * abs(a - b)).upper()) if told(a) and told(b) else UNTOLD

    def towards(self, end: str | Place, side: int, order: int = 0) -> Found:
        """A derivative, nearer and farther on the way to an end, or to a point from a side."""
        return self.along(lambda p, bits: self.f.beside(p, 0, order, bits), end, side)

    def along(
        self, g: Callable[[Any, tuple[int, ...]], Any], end: str | Place, side: int, cancels: bool = False
    ) -> Found:
        """Another function of x on the same way; where its parts cancel, all bits of x are wanted."""
        if isinstance(end, str):
            scales = NEAR_FAR[self.waves or cancels]
            bits = (scales[1] + 700,) if cancels else (512, scales[1] + 700) if self.waves else (512, 4096)
            found = self._clusters(g, [Far(-1 if end == "-inf" else 1, k) for k in scales], bits)
            if len(found[0]) + len(found[1]) == 2 * CLUSTER or self.waves or cancels:
                return found
            again = self._clusters(g, [Far(-1 if end == "-inf" else 1, k) for k in (1000, 20_000)], (512, 4096))
            return max(found, again, key=lambda f: min(len(f[0]), len(f[1])))
        scales = (200, 2000) if isinstance(end, Fraction) else (200, 1500)
        return self._clusters(g, [Beside(near(end), side, k) for k in scales], (512, 4096))

    def closer(self, g: Callable[[Any, tuple[int, ...]], Any], end: str) -> Found:
        """Some thousands away, where a decay can still be told; nothing where a constant is large or small."""
        parts = [n for n in postorder(self.expr) if not n.symbols and isinstance(n, Apply | Number)]
        fixed = [Truth(n)(0) for n in parts if not (isinstance(n, Apply) and n.op in COMPARISONS)]
        if not all(told(c) and (c == 0 or (abs(c) < 500 and abs(c) > 0.02)) for c in fixed):
            return [], []
        return self._clusters(g, [Far(-1 if end == "-inf" else 1, k) for k in (4, 5)], (30_000,))

    @staticmethod
    def _clusters(g: Callable[[Any, tuple[int, ...]], Any], ends: list[Any], bits: tuple[int, ...]) -> Found:
        first, second = ([v for j in range(CLUSTER) if told(v := g(end.point(j), bits))] for end in ends)
        return first, second


class Far:
    """Points about ±2**k."""

    def __init__(self, side: int, k: int) -> None:
        self.side, self.k = side, k

    def point(self, j: int) -> arb:
        return arb((self.side * (64 + 9 * j), self.k))


class Beside:
    """Points about 2**-k beside a number."""

    def __init__(self, at: Fraction, side: int, k: int) -> None:
        self.at, self.side, self.k = at, side, k

    def point(self, j: int) -> Fraction:
        return self.at + self.side * Fraction(64 + 9 * j, 64 * 2**self.k)


def near(c: Place) -> Fraction:
    """The number, or one within its ball."""
    if isinstance(c, Fraction):
        return c
    mantissa, exponent = c.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def named(verdicts: dict[str, Verdict]) -> list[Place]:
    """Places that the verdicts tell of: where extrema, zeros, kinks and suprema are said to be."""
    found: dict[str, Place] = {}
    for verdict in verdicts.values():
        if isinstance(verdict, Proven):
            places = verdict.value if isinstance(verdict.value, list) else [verdict.value]
            for text in [t for place in places for t in _texts(place)]:
                if (p := place_of(text)) is not None:
                    found[str(p) if isinstance(p, Fraction) else text] = p
    return list(found.values())


def _texts(place: Any) -> list[str]:
    if not isinstance(place, dict):
        return []
    texts = [str(place[k]) for k in ("at", "low", "high") if k in place]
    if isinstance(place.get("where"), str):
        texts.append(place["where"].split()[-1])
    return texts


def place_of(text: str, bits: int = 2048) -> Place | None:
    """The number that a text names: a fraction where it is one, else a ball."""
    if text in ("inf", "-inf"):
        return None
    try:
        expr = parse(text)
    except RheobaseError:
        return None
    if expr.symbols:
        return None
    with precision(bits):
        return Truth(expr).number()


def number(end: Any) -> arb:
    """An end of a verdict."""
    return ball(end) if isinstance(end, Fraction) else end


def apart(a: Any, b: Any) -> bool:
    """Are two numbers told, and told to differ?"""
    return told(a) and told(b) and not a.overlaps(b)


def agree(a: Any, b: Any, c: Place) -> bool:
    """Are two numbers told, and the same as far as very many digits go?"""
    if not (told(a) and told(b)):
        return False
    bits = 1500 if isinstance(c, Fraction) else 150
    gap, size = abs(a - b).upper(), max(abs(a).upper(), abs(b).upper())
    return bool(gap == 0 or gap < size / arb(2) ** bits)


def misses(found: Found, low: arb, high: arb) -> bool:
    """Do values stay away from [low, high], so that it holds no limit?

    Even 1/log(log(log(x))) falls by a fifth between the two places; what does not is no approach.
    """
    before, after = found
    if min(len(before), len(after)) < CLUSTER * 2 // 3:
        return False
    far = max(max((low - v).lower(), (v - high).lower()) for v in after)
    by_then = max(max((low - v).upper(), (v - high).upper(), arb(0)) for v in before)
    return bool(far > 0 and far > by_then * 9 / 10)


def stays(found: Found, sign: int, all_of_it: bool = False) -> bool:
    """Is there no sign of growth without bound upwards (sign 1) or downwards, of the largest values or of all?"""
    before, after = found
    if min(len(before), len(after)) < CLUSTER * 2 // 3:
        return False
    pick = min if all_of_it else max
    first, then = pick((sign * v).lower() for v in before), pick((sign * v).upper() for v in after)
    return bool(then <= 0 if first <= 0 else then <= first * (1 + arb(2) ** -20))


def vanishes(found: Found) -> bool:
    """Do values die out?"""
    before, after = found
    if min(len(before), len(after)) < CLUSTER * 2 // 3:
        return False
    return bool(max(abs(v).upper() for v in after) < max(abs(v).lower() for v in before) / 20)


def digits(v: Any, n: int = 12) -> str:
    return v if isinstance(v, str) else v.str(n, radius=False) if ctx else ""
