"""Which entry of the catalogue is this function? The same formula, the same values, or the same after fitting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from rheobase.activation import Activation
from rheobase.catalogue import targets
from rheobase.catalogue.entry import Entry
from rheobase.catalogue.fitting import Array, Fit, descend, rms, scan, snapped
from rheobase.catalogue.load import entries
from rheobase.catalogue.specs import get, spec_text
from rheobase.catalogue.targets import BELL, WIDE, Target
from rheobase.simplify import simplify

MAX_FITTED = 6
"""Entries with more parameters are compared at their defaults alone: they can follow nearly any curve."""
MAX_MATCHES = 8


class Match(NamedTuple):
    """An entry that equals the function asked about.

    Attributes:
        entry: the entry.
        values: parameters that differ from their defaults.
        how: "same formula" (equal trees), "same values" (at every point compared), "fitted" (so, after fitting).
    """

    entry: Entry
    values: dict[str, float]
    how: str

    @property
    def spec(self) -> str:
        """The spec string: `swish:beta=1.702`."""
        return spec_text(self.entry.id, self.values)


class Neighbour(NamedTuple):
    """An entry that is near the function asked about, at most one parameter fitted.

    Attributes:
        distance: RMS(f - g) / (RMS(f) + RMS(g)) over a standard normal input: 0 the same, 1 the opposite.
    """

    entry: Entry
    values: dict[str, float]
    distance: float

    @property
    def spec(self) -> str:
        """The spec string: `swish:beta=1.6`."""
        return spec_text(self.entry.id, self.values)


class Identification(NamedTuple):
    """What `identify` found.

    Attributes:
        query: the function asked about, in words.
        matches: entries that equal it, the simplest first: a changed parameter counts 1, a parameter 1/2.
        nearest: where there is no match, the five nearest entries.
    """

    query: str
    matches: tuple[Match, ...]
    nearest: tuple[Neighbour, ...]

    @property
    def new(self) -> bool:
        """True when no entry equals the function."""
        return not self.matches

    @property
    def entry(self) -> Entry | None:
        """The simplest entry that equals it, or None."""
        return self.matches[0].entry if self.matches else None

    @property
    def id(self) -> str | None:
        """That entry's id, or None."""
        return self.matches[0].entry.id if self.matches else None

    @property
    def values(self) -> dict[str, float]:
        """Parameters of that entry that differ from their defaults."""
        return dict(self.matches[0].values) if self.matches else {}

    @property
    def spec(self) -> str | None:
        """A spec string for the function, or None when it is new."""
        return self.matches[0].spec if self.matches else None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {
            "query": self.query,
            "new": self.new,
            "id": self.id,
            "spec": self.spec,
            "values": self.values,
            "matches": [
                {"id": m.entry.id, "name": m.entry.name, "spec": m.spec, "values": m.values, "how": m.how}
                for m in self.matches
            ],
            "nearest": [
                {"id": n.entry.id, "name": n.entry.name, "spec": n.spec, "values": n.values, "distance": n.distance}
                for n in self.nearest
            ],
        }

    def __str__(self) -> str:
        if self.matches:
            first, *others = self.matches
            aliases = ", ".join(first.entry.aliases[:2])
            known = f", known as {aliases}" if aliases and not first.values else ""
            also = f"; the same as {', '.join(m.spec for m in others[:3])}" if others else ""
            return f"{first.spec} ({first.entry.name}{known}){also}"
        near = ", ".join(f"{n.spec} (distance {n.distance:.3f})" for n in self.nearest[:3])
        return f"new: no entry of the catalogue equals it; nearest: {near}"


def identify(function: str | Activation | Callable[[Any], Any]) -> Identification:
    """The entry of the catalogue that a function equals, also with fitted parameters; "new" otherwise.

    Args:
        function: a formula or any other spec, an Activation, an Expr, or a callable that takes an array.

    Raises:
        RheobaseError: when the function cannot be read or called.

    >>> print(identify("x / (1 + exp(-1.702*x))"))
    gelu_sigmoid (... known as quick_gelu, QuickGELU); the same as swish:beta=1.702, acon_c:beta=1.702
    >>> identify("0.5*x*(1 + tanh(x/2))").spec
    'silu'
    >>> identify(lambda x: np.maximum(x, 0)).spec
    'relu'
    >>> identify("x*cos(x)**3").new
    True
    """
    with np.errstate(all="ignore"):
        return _identified(targets.read(function))


def _identified(target: Target) -> Identification:
    tests = [_Candidate(entry, target) for entry in entries().values()]
    found = [m for t in tests for m in t.unfitted()]
    known = bool(found)
    if not target.constant:
        found += [m for t in tests for m in t.fitted(deep=not known)]
    found.sort(key=lambda m: (len(m.values) + len(m.entry.params) / 2, m.entry.year or math.inf, m.entry.id))
    nearest: tuple[Neighbour, ...] = ()
    if not found:
        nearest = tuple(sorted((t.neighbour() for t in tests), key=lambda n: n.distance)[:5])
    return Identification(target.name, tuple(found[:MAX_MATCHES]), nearest)


@cache
def _on(id_: str) -> tuple[Callable[..., Array], Activation]:
    """The plain arithmetic of an entry, `f(x, *parameters)`, and its activation."""
    activation = get(entries()[id_])
    return targets.plain(activation.expr, tuple(activation.parameters)), activation


class _Candidate:
    """One entry held against the function asked about."""

    def __init__(self, entry: Entry, target: Target) -> None:
        self.entry, self.target = entry, target
        self.function, activation = _on(entry.id)
        self.params = activation.parameters
        self.names = tuple(self.params)
        self.default = np.array([p.default for p in self.params.values()], dtype=np.float64)
        self.low = np.array([-np.inf if p.low is None else p.low for p in self.params.values()])
        self.high = np.array([np.inf if p.high is None else p.high for p in self.params.values()])
        self.single: list[Fit] = []
        self.equal = False

    def unfitted(self) -> list[Match]:
        self.equal = self.same(self.default)
        return [Match(self.entry, {}, self.how())] if self.equal else []

    def fitted(self, deep: bool) -> list[Match]:
        """The match with one parameter fitted; `deep`: else with all of them."""
        if self.equal or not self.names or len(self.names) > MAX_FITTED:
            return []
        for index, name in enumerate(self.names):
            start = scan(self.residuals, self.default, index, self.params[name].allows)
            fit = self.descend(start, [index])
            self.single.append(fit)
            if found := self.match(fit):
                return found
        if len(self.names) == 1 or not deep:
            return []
        starts = [Fit(self.default, rms(self.residuals(self.default))), min(self.single, key=lambda f: f.error)]
        for start in starts:
            if found := self.match(self.descend(start, range(len(self.names)))):
                return found
        return []

    def neighbour(self) -> Neighbour:
        choices = [self.default, *(f.values for f in self.single if self.allowed(f.values))]
        distance, values = min(((self.distance(v), tuple(v)) for v in choices), key=lambda pair: pair[0])
        near = snapped(self.changed(np.array(values)), lambda v: self.distance(self.filled(v)) <= distance + 5e-4)
        return Neighbour(self.entry, near, self.distance(self.filled(near)))

    def match(self, fit: Fit) -> list[Match]:
        if fit.error > self.target.tolerance * targets.FIRST or not self.same(fit.values):
            return []
        values = self.changed(fit.values)
        for name in [*values]:
            fewer = {n: v for n, v in values.items() if n != name}
            if self.same(self.filled(fewer)):
                values = fewer
        values = snapped(values, lambda v: self.same(self.filled(v)))
        return [Match(self.entry, values, "fitted")]

    def descend(self, start: Fit, free: Sequence[int]) -> Fit:
        return descend(self.residuals, start, free, self.low, self.high, self.target.tolerance / 100)

    def residuals(self, values: Array) -> Array:
        return (self.at(BELL, values) - self.target.bell) / self.target.scale

    def at(self, x: Array, values: Array) -> Array:
        return self.function(x, *values)

    def same(self, values: Array) -> bool:
        """Equal at every point at which both have a value; beyond ±8 a formula may have lost it."""
        if not self.allowed(values) or rms(self.residuals(values)) > self.target.tolerance * targets.FIRST:
            return False
        mine, theirs = self.at(WIDE, values), self.target.wide
        both = np.isfinite(mine) & np.isfinite(theirs)
        if not np.all(both[np.abs(WIDE) <= targets.INNER]) or both.mean() < targets.BOTH:
            return False
        return bool(np.all(np.abs(mine - theirs)[both] <= self.target.tolerance * (1 + np.abs(theirs[both]))))

    def allowed(self, values: Array) -> bool:
        return all(self.params[n].allows(float(v)) for n, v in zip(self.names, values, strict=True))

    def how(self) -> str:
        if self.target.expr is None:
            return "same values"
        mine = simplify(get(self.entry).bound)
        return "same formula" if mine is simplify(self.target.expr) else "same values"

    def distance(self, values: Array) -> float:
        mine, theirs = self.at(BELL, values), self.target.bell
        sizes = rms(mine) + rms(theirs)
        if not np.isfinite(sizes):
            return math.inf
        return rms(mine - theirs) / sizes if sizes else 0.0

    def changed(self, values: Array) -> dict[str, float]:
        pairs = zip(self.names, values, self.default, strict=True)
        return {n: float(v) for n, v, d in pairs if v != d}

    def filled(self, values: Mapping[str, float]) -> Array:
        return np.array([values.get(n, p.default) for n, p in self.params.items()], dtype=np.float64)
