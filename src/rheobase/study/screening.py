"""Which functions are worth a training: theory at the network's depth and start, proofs, likeness, evidence."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from rheobase.activation import Activation
from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import moments, nodes
from rheobase.proofs import check
from rheobase.study.known import Known
from rheobase.study.question import function
from rheobase.study.watching import Seen

DECADES = 4.0
"""A gradient that shrinks to less than a ten-thousandth on its way, or grows as much, reaches nothing in a short
training: what the studies of the sigmoid's vanishing gradient find of it."""
SHALLOW = 4
"""Through fewer activations than these no gradient changes by so much that theory could rule a function out."""
ALIKE = 0.999
"""Two functions that correlate so closely, at three variances, are not told apart by a few dozen trainings."""
REACH = 0.1
"""How far evidence on one function is taken for another: its weight falls by e at a likeness of 1 − REACH."""
ITSELF = 1.0
"""By so much, in % of the way, a function that was measured itself goes before one of which only its like was."""
SCATTER = 3.0
"""A function's shares on two tasks of one kind differ as if each scattered so much, in % of the way: a robust standard
deviation, 1 to 5 over the five pairs of such tasks in the long comparison."""
DRAWS = 1024
"""Drawn scatters, by task."""
AT = (0.5, 1.0, 2.0)

Ground = Literal["theory", "proof", "likeness", "evidence"]


@dataclass(frozen=True)
class Dropped:
    """A function that is not trained, and why."""

    label: str
    ground: Ground
    why: str


@dataclass(frozen=True)
class Screened:
    """Those that are worth a training, the most promising first; the others; how far gradients get in each."""

    kept: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    reach: Mapping[str, float]
    """Decades by which the gradient changes from the last activation to the first, by theory."""
    expected: Mapping[str, float]
    """What the committed studies let expect, in per cent of the way from having learned nothing to the best."""


def screen(
    activations: Mapping[str, Activation], incumbent: str, seen: Seen | None, known: Known, kind: str, most: int
) -> Screened:
    """Screen functions for one network, leaving `most` of them beside the incumbent.

    Args:
        activations: by label, the incumbent among them.
        incumbent: the function that the network has.
        seen: what was read from its first step; None where nothing could be.
        known: what was measured elsewhere.
        kind: the kind of task.
        most: how many may be trained.
    """
    dropped: list[Dropped] = []
    reach: dict[str, float] = {}
    alive: dict[str, Activation] = {}
    for label, f in activations.items():
        found = None if label == incumbent else _unfit(label, f)
        if found is None and seen is not None and seen.plain >= SHALLOW:
            reach[label] = decades(f, seen)
            if label != incumbent and not abs(reach[label]) <= DECADES:
                found = Dropped(label, "theory", _told(reach[label], seen))
        if found is None:
            alive[label] = f
        else:
            dropped.append(found)
    shapes = {label: shape(f) for label, f in alive.items()}
    shares = {label: known.expected(label, _weights(shapes[label])) for label in alive}
    own = known.weights(kind)
    kept: list[str] = []
    left = _Promise(shares, own, known)
    left.take(incumbent)
    while (label := left.best()) is not None:
        twin = next((k for k in (incumbent, *kept) if likeness(shapes[label], shapes[k]) > ALIKE), None)
        if twin is None and len(kept) < most:
            kept.append(label)
            left.take(label)
            continue
        left.drop(label)
        like, less = "too like {} to be told from it by a few trainings", "promises less beside the {} that are trained"
        dropped.append(
            Dropped(label, "evidence", less.format(most))
            if twin is None
            else Dropped(label, "likeness", like.format(twin))
        )
    return Screened(tuple(kept), tuple(dropped), reach, {label: float(own @ shares[label]) for label in alive})


class _Promise:
    """What functions promise beside those that are taken: how much higher the best of all may be expected to get.

    A new task is one of those that were measured, and each function scatters about its share there by itself. Taking
    what adds most to the expected best, time after time, is within 1 − 1/e of the best choice (Nemhauser, Wolsey &
    Fisher 1978), and takes functions that are good on different tasks where the highest means alone are much alike.
    """

    def __init__(self, shares: Mapping[str, np.ndarray], own: np.ndarray, known: Known) -> None:
        self.weights = own
        self.values = {
            label: told[:, None] - ITSELF * (not known.measured(label)) + SCATTER * _drawn(label)
            for label, told in shares.items()
        }
        self.mean = {label: float(own @ told) for label, told in shares.items()}
        self.top = np.full((len(own), DRAWS), -np.inf)

    def drop(self, label: str) -> np.ndarray:
        """Leave a function out."""
        return self.values.pop(label)

    def take(self, label: str) -> None:
        """Count a function among those that are taken."""
        self.top = np.maximum(self.top, self.drop(label))

    def best(self) -> str | None:
        """The one that adds most; where several add nothing, the one of the highest mean."""
        gains = {
            label: (float(self.weights @ np.maximum(drawn - self.top, 0.0).mean(axis=1)), self.mean[label])
            for label, drawn in self.values.items()
        }
        return max(gains, key=lambda label: gains[label], default=None)


def _drawn(label: str) -> np.ndarray:
    """A function's own scatter, the same whatever others there are."""
    return np.random.default_rng(zlib.crc32(label.encode())).standard_normal(DRAWS)


def _unfit(label: str, f: Activation) -> Dropped | None:
    """A function that cannot be trained, by proof."""
    try:
        found = check(f, "trainable", "defined")
    except RheobaseError as error:
        return Dropped(label, "proof", error.what)
    if found["trainable"].verdict == "refuted":
        return Dropped(label, "proof", "its slope is 0 almost everywhere: no gradient moves the weights before it")
    if found["defined"].verdict == "refuted":
        return Dropped(label, "proof", "it is not defined at every input")
    return None


def decades(f: Activation, seen: Seen) -> float:
    """By how many decades, in theory, the gradient's size changes from the last activation of the network to the first.

    Follows the variance map q ← gain · E f(√q z)² + floor from call to call, and multiplies gain · E f′(√q z)²
    (Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli 2016; Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017), over the
    steps that theory can follow; not finite where the variance is not.
    """
    m, q, total = moments(f.bound), seen.start, 0.0
    for layer in seen.layers:
        if layer is None:
            continue
        if not 0 < q < 1e30:
            return math.inf if q > 0 else -math.inf
        chi = layer.gain * m.slope_second(q)
        total += 0.5 * math.log10(chi) if chi > 0 else -math.inf
        q = layer.gain * m.second(q) + layer.floor
    return total if math.isfinite(q) else math.inf


def _told(reach: float, seen: Seen) -> str:
    where = f"through the {seen.depth} activations of this network"
    if not math.isfinite(reach):
        return f"signals {'grow without bound' if reach > 0 else 'die'} {where}, by theory"
    return f"the gradient changes by {reach:+.1f} decades {where}, by theory".replace("-", "−")


Shape = tuple[np.ndarray, ...]


def shape(f: Activation) -> Shape:
    """The function on Gaussian inputs of three variances, each with mean 0 and norm 1; zeros where it is constant."""
    z, w = nodes((0.0,))
    root = np.sqrt(w)
    found: list[np.ndarray] = []
    for q in AT:
        with np.errstate(all="ignore"):
            y = np.asarray(f(z * math.sqrt(q)), dtype=float)
        y = np.where(np.isfinite(y), y, 0.0)
        y = (y - float(w @ y)) * root
        norm = float(np.linalg.norm(y))
        found.append(y / norm if norm > 1e-12 else 0.0 * y)
    return tuple(found)


def likeness(one: Shape, other: Shape) -> float:
    """How alike two functions are up to scale, shift and sign: the mean over variances of their absolute correlation.

    >>> import rheobase as rb
    >>> round(likeness(shape(rb.get("relu")), shape(rb.get("3 - 2*relu(x)"))), 6)
    1.0
    """
    return float(np.mean([abs(float(a @ b)) for a, b in zip(one, other, strict=True)]))


def _weights(own: Shape) -> Callable[[Sequence[str]], np.ndarray]:
    """How much measurements of other functions say of this one."""

    def weights(names: Sequence[str]) -> np.ndarray:
        return np.array([math.exp((likeness(own, _shape_of(name)) - 1) / REACH) for name in names])

    return weights


@cache
def _shape_of(name: str) -> Shape:
    return shape(get(name))


def affordable(activations: Mapping[str, Activation]) -> dict[str, Activation]:
    """Those of which a training program can be made: functions of one input."""
    found: dict[str, Activation] = {}
    for label, f in activations.items():
        try:
            function(f)
        except RheobaseError:
            continue
        found[label] = f
    return found
