"""How to start a deep plain network of any formula: gain, biases, and where on the curve to work.

A layer is h = W φ(h) + b with φ(x) = f(x + input_shift) − output_shift, weights of variance gain²/fan_in, biases of
standard deviation σ_b. Neither shift needs another layer: the first is a bias, and the second goes into the next
layer's, b = input_shift − output_shift Σ_j W_ij + σ_b ε. In order of preference

1. a positively homogeneous f as it stands, gain 1/√E f′²: every variance is kept (He et al. 2015 for ReLU);
2. f as it stands around 0, recentred by f(0), gain 1/|f′(0)|, where the variance then does not run away;
3. f around its steepest point (f″ = 0, so that |φ(x)| ≤ |x|/gain: the variance cannot grow), or else where small
   variances fall fastest (f‴/f′ + ¾ (f″/f′)² least; Roberts, Yaida & Hanin 2022, section 5.3.3);
4. a stable point of the edge of chaos with a variance of its own (χ_1 = 1, |χ_q| < 1);
5. the half-stable point, said to be one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rheobase.differentiate import differentiate
from rheobase.lower import compiled
from rheobase.meanfield.criticality import touching
from rheobase.meanfield.moments import Array, Moments, Shifted
from rheobase.meanfield.propagation import edges, scale_invariant
from rheobase.meanfield.root import root
from rheobase.meanfield.small import LEAST, NOTHING, Limit, limit
from rheobase.simplify import simplify

REACH, STEPS = 8.0, 3201
"""The inputs among which a point to work at is looked for."""
SIGMA_B = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
ROOM = 4.0
"""The first layer starts at this fraction of the basin, for a network of finite width scatters around its mean."""


@dataclass(frozen=True, slots=True)
class Init:
    """An initialisation of a deep plain network, W ~ gain²/fan_in, φ(x) = f(x + input_shift) − output_shift.

    Attributes:
        kind: "scale-invariant", "centred", "shifted", "edge", "half-stable", or "none".
        gain: σ_w; √(gain²/fan_in) is the standard deviation of a weight, and gain that of orthogonal weights.
        sigma_b: standard deviation of the biases.
        input_shift, output_shift: added to the input of f, subtracted from its output.
        q: the variance that depth tends to; NaN where it is any.
        start: the variance that the first layer's pre-activations should have.
        basin: variances below this one return to q.
        chi_1, chi_q: the growth factors there.
        stable: does the variance stay?
        reason: all this in a sentence.
    """

    kind: str
    gain: float
    sigma_b: float
    input_shift: float
    output_shift: float
    q: float
    start: float
    basin: float
    chi_1: float
    chi_q: float
    stable: bool
    reason: str

    @classmethod
    def none(cls, why: str) -> Init:
        """There is no initialisation, and why."""
        nan = math.nan
        return cls("none", nan, nan, nan, nan, nan, nan, nan, nan, nan, False, why)


def init(m: Moments) -> Init:
    """The initialisation of a formula; `kind` is "none" where no variance keeps gradients.

    >>> from rheobase.meanfield.moments import moments
    >>> from rheobase.parse import parse
    >>> found = init(moments(parse("sigmoid(x)")))
    >>> found.kind, found.gain, found.output_shift, found.stable
    ('centred', 4.0, 0.5, True)
    """
    if not m.slope_second() or not math.isfinite(m.slope_second()):
        what = "infinite" if m.slope_second() else "0 almost everywhere"
        return Init.none(f"the slope of f is {what}: no initialisation lets gradients through")
    if scale_invariant(m):
        gain = m.slope_second() ** -0.5
        why = "positively homogeneous: this gain keeps every variance and every gradient"
        return Init("scale-invariant", gain, 0.0, 0.0, 0.0, math.nan, 1.0, math.inf, 1.0, 1.0, True, why)
    if (best := _roomiest(m)) is not None:
        return _small(*best)
    for sigma_b in SIGMA_B:
        for e in edges(m, sigma_b):
            if e.stable and e.q:
                why = f"no point of f is stable at small variances, but this one of the edge is (χ_q = {e.chi_q:.3g})"
                return Init("edge", e.sigma_w, sigma_b, 0.0, 0.0, e.q, e.q, math.nan, 1.0, e.chi_q, True, why)
    for q, sigma_w, sigma_b in touching(m) or _all_touching(m):
        why = "no stable point: at this one the variance stays when it comes from one side, and runs away on the other"
        return Init("half-stable", sigma_w, sigma_b, 0.0, 0.0, q, q, math.nan, 1.0, 1.0, False, why)
    return Init.none("wherever gradients keep their size the variance runs away, at every input shift that was tried")


def _roomiest(m: Moments) -> tuple[float, float, Limit] | None:
    """(point, f there, its limit): the first stable one with a basin that holds a variance of 1, or the widest."""
    found: list[tuple[float, float, Limit]] = []
    for place in _places(m):
        level = float(m.value(place))
        small = limit(Shifted(m, place, level)) if math.isfinite(level) else None
        if small and small.stable:
            found.append((place, level, small))
            if small.basin >= 1:
                break
    return max(found, key=lambda f: f[2].basin, default=None)


def _all_touching(m: Moments) -> list[tuple[float, float, float]]:
    """Where χ_q = χ_1 all along the edge (f f″ = 0, kinks at zeros of f alone), its point with q nearest to 1."""
    level = [e for sigma_b in SIGMA_B for e in edges(m, sigma_b) if e.q and abs(e.chi_q - 1) < LEAST]
    return [(e.q, e.sigma_w, e.sigma_b) for e in sorted(level, key=lambda e: abs(math.log(e.q)))[:1]]


def _small(place: float, level: float, small: Limit) -> Init:
    start = min(1.0, small.basin / ROOM)
    output = level if abs(level) > NOTHING else 0.0
    words = ["small signals keep their size" if not place else f"at x = {place:.6g} small signals keep their size"]
    if output:
        words.append(f"the output is recentred by f({place:.6g}) = {level:.6g}")
    if small.basin < math.inf:
        words.append(f"only below a variance of {small.basin:.4g} does it return: scale the input to {start:.3g}")
    else:
        words.append("a larger variance falls back")
    return Init(
        kind="shifted" if place else "centred",
        gain=small.square**-0.5,
        sigma_b=0.0,
        input_shift=place,
        output_shift=output,
        q=0.0,
        start=start,
        basin=small.basin,
        chi_1=1.0,
        chi_q=1.0,
        stable=True,
        reason="; ".join(words),
    )


def _places(m: Moments) -> Iterator[float]:
    """Where on the curve to work, the best first: 0, the steepest points, the point where small variances fall most."""
    yield 0.0
    x = np.linspace(-REACH, REACH, STEPS)
    with np.errstate(all="ignore"):
        steep = np.abs(m.slope(x))
    steep[~np.isfinite(steep)] = -math.inf
    inner = np.nonzero((steep[1:-1] > steep[:-2]) & (steep[1:-1] >= steep[2:]))[0] + 1
    tops = [_top(m, float(x[i - 1]), float(x[i + 1])) for i in inner]
    yield from sorted(tops, key=lambda p: (-round(max(map(abs, m.sides(p))), 9), round(abs(p), 9), -p))
    if (lowest := _flattest(m, x)) is not None:
        yield lowest


def _top(m: Moments, low: float, high: float) -> float:
    """The steepest point between two: a root of f″, or the kink there."""
    for kink in m.kinks:
        if low <= kink <= high:
            return kink
    if m.bend(low) * m.bend(high) < 0:
        return root(lambda p: float(m.bend(p)), low, high)
    return _least(lambda p: -abs(float(m.slope(p))), low, high)


def _flattest(m: Moments, x: Array) -> float | None:
    """Where f‴/f′ + ¾ (f″/f′)² is least, if it is below 0 there."""
    third = compiled(simplify(differentiate(differentiate(differentiate(m.expr)))), "numpy")

    def rise(p: Any) -> Any:
        slope = m.slope(p)
        return third(p) / slope + 0.75 * (m.bend(p) / slope) ** 2

    with np.errstate(all="ignore"):
        rises = rise(x)
    rises[~np.isfinite(rises)] = math.inf
    i = int(np.argmin(rises[1:-1])) + 1
    if not rises[i] < 0:
        return None
    return _least(rise, float(x[i - 1]), float(x[i + 1]))


def _least(f: Callable[[float], Any], low: float, high: float) -> float:
    from scipy.optimize import minimize_scalar  # half a second, which most functions need not pay

    best: Any = minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return float(best.x)
