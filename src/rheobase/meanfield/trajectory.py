"""How a curve of inputs grows from layer to layer: expressiveness by depth (Raghu et al. 2017, theorem 1; Poole et al.
2016, section 3).

A short piece of a curve is a pair of inputs at a small angle. A layer takes its length to √χ₁ times that, with
χ₁ = σ_w² E f′(√q z)² at the variance q of that layer; at a fixed point the growth is the same in every layer, below 1
in the ordered phase, above 1 in the chaotic one. So what makes gradients explode is what makes curves rich.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import Array, Moments, shifted
from rheobase.meanfield.plain import plain
from rheobase.meanfield.simulation import Setting, predicted
from rheobase.proofs import check

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

WIDTH, DEPTH, NETS, POINTS = 200, 12, 10, 48
CHORDS = 1500
"""Points of the curve where its length is measured by chords."""
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The length of a circle of inputs in each layer of random networks.

    Attributes:
        activation: the function's id or name.
        setting: σ_w, σ_b, depth; the circle's points have mean square q0.
        width: units a layer.
        seed: of all networks.
        length: (networks, depth + 1): of the curve of pre-activations, over √width.
        theory: (depth,): mean field's growth √χ₁ of each layer; infinite where the function jumps.
        by: "speed", the integral of the curve's speed, or "chords", where the function jumps or may jump and the curve
            is torn: then the length is that between 1,500 points, and counts the gaps.
    """

    activation: str
    setting: Setting
    width: int
    seed: int
    length: Array
    theory: Array
    by: str

    @property
    def growth(self) -> Array:
        """(networks, depth): the factor of each layer."""
        with np.errstate(all="ignore"):
            return self.length[:, 1:] / self.length[:, :-1]

    @property
    def interval(self) -> Array:
        """(3, depth): of the mean growth over networks its 95 % interval's low end, itself, its high end (Student)."""
        from scipy.special import stdtrit

        with np.errstate(all="ignore"):
            mean, nets = self.growth.mean(axis=0), len(self.length)
            error = self.growth.std(axis=0, ddof=1) / math.sqrt(nets)
        reach = float(stdtrit(nets - 1, (1 + LEVEL) / 2)) * error
        return np.array([mean - reach, mean, mean + reach])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        low, mean, high = self.interval
        return {
            "activation": self.activation,
            "setting": asdict(self.setting),
            "width": self.width,
            "nets": len(self.length),
            "seed": self.seed,
            "by": self.by,
            "length": plain(self.length.mean(axis=0).tolist()),
            "growth": plain(mean.tolist()),
            "growth_low": plain(low.tolist()),
            "growth_high": plain(high.tolist()),
            "theory": plain(self.theory.tolist()),
        }


def trajectory(
    spec: str | Activation | Expr,
    setting: Setting,
    *,
    width: int = WIDTH,
    nets: int = NETS,
    seed: int = 0,
) -> Trajectory:
    """The length of a circle, layer by layer, in random networks and by mean field.

    The circle lies in a random plane, h₀(t) = √(q0 · width) (u cos t + v sin t) with u, v orthonormal.

    Args:
        spec: an id, an alias, a formula, or an Activation.
        setting: σ_w, σ_b, depth, q0, a shift of the function.
        width: units a layer.
        nets: how many networks.
        seed: decides all of them.

    Raises:
        RheobaseError: for fewer than two units or networks.

    >>> found = trajectory("identity", Setting(1.5, depth=3), nets=4)
    >>> found.theory.tolist(), bool(np.allclose(found.growth, 1.5, rtol=0.2))
    ([1.5, 1.5, 1.5], True)
    """
    from rheobase.catalogue import get

    if width < 2 or nets < 2:
        raise RheobaseError(f"{nets} networks of width {width}", instead="at least two networks of at least two units")
    function = get(spec)
    m = shifted(function.bound, setting.shift)
    jumps = _jumps(function.bound)
    torn = jumps != "none"
    measure = _by_chords if torn else _by_speed
    seeds = np.random.SeedSequence(seed).spawn(nets)
    with np.errstate(all="ignore"):
        length = np.array([measure(m, setting, width, np.random.default_rng(s)) for s in seeds])
    if torn:
        theory = np.full(setting.depth, math.inf if jumps == "some" else math.nan)
    else:
        q = predicted(function, setting, correlation=False).q[:-1]
        theory = np.array([_growth(m, setting, float(v)) for v in q])
    name = function.id or function.name
    return Trajectory(name, setting, width, seed, length, theory, "chords" if torn else "speed")


@lru_cache(maxsize=256)
def _jumps(expr: Expr) -> str:
    """Whether a formula jumps: "none", "some", or "untold"."""
    found = check(expr, "jumps")["jumps"]
    return "untold" if found.verdict != "proven" else "some" if found.value else "none"


def _growth(m: Moments, setting: Setting, q: float) -> float:
    return setting.sigma_w * math.sqrt(m.slope_second(q)) if math.isfinite(q) else math.nan


def _circle(setting: Setting, width: int, points: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """The curve and its speed, each (width, points), at evenly spaced angles: a sum over them is a periodic integral,
    exact up to frequencies of `points`.
    """
    plane, _ = np.linalg.qr(rng.standard_normal((width, 2)))
    angle = 2 * math.pi * np.arange(points) / points
    radius = math.sqrt(setting.q0 * width)
    return (
        radius * plane @ np.array([np.cos(angle), np.sin(angle)]),
        radius * plane @ np.array([-np.sin(angle), np.cos(angle)]),
    )


def _by_speed(m: Moments, setting: Setting, width: int, rng: np.random.Generator) -> list[float]:
    h, speed = _circle(setting, width, POINTS, rng)
    found = [_mean_speed(speed)]
    for _ in range(setting.depth):
        w = setting.sigma_w / math.sqrt(width) * rng.standard_normal((width, width))
        h, speed = w @ m.value(h) + setting.sigma_b * rng.standard_normal((width, 1)), w @ (m.slope(h) * speed)
        found.append(_mean_speed(speed))
    return found


def _mean_speed(speed: Array) -> float:
    return 2 * math.pi * float(np.linalg.norm(speed, axis=0).mean()) / math.sqrt(len(speed))


def _by_chords(m: Moments, setting: Setting, width: int, rng: np.random.Generator) -> list[float]:
    h, _ = _circle(setting, width, CHORDS, rng)
    found = [_chords(h)]
    for _ in range(setting.depth):
        w = setting.sigma_w / math.sqrt(width) * rng.standard_normal((width, width))
        h = w @ m.value(h) + setting.sigma_b * rng.standard_normal((width, 1))
        found.append(_chords(h))
    return found


def _chords(h: Array) -> float:
    return float(np.linalg.norm(h - np.roll(h, 1, axis=1), axis=0).sum()) / math.sqrt(len(h))
