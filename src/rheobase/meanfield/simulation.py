"""Random networks of finite width, and what mean-field theory says of them: two ways to the same numbers.

A plain network h ← W φ(h) + b, with W of variance σ_w²/width and b of variance σ_b², is drawn anew for each of several
networks. The theory is exact for infinite width (Poole et al. 2016, eqs. 3 and 5; Schoenholz et al. 2017, eq. 11);
what is left at a finite one is of the order depth/width (Hanin 2018, Which neural net architectures give rise to
exploding and vanishing gradients?, theorem 1).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase.errors import RheobaseError
from rheobase.meanfield.kernel import kernel
from rheobase.meanfield.moments import Array, Moments, shifted
from rheobase.meanfield.plain import plain

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

WIDTH, DEPTH, NETS = 500, 40, 20

SQUARE_SLACK, CORRELATION_SLACK, CORRELATION_SD, GRADIENT_SLACK, ERRORS = 0.03, 0.02, 0.2, 0.01, 4.0
"""What a finite width leaves beside the error of a mean over networks: see `agreement`."""


@dataclass(frozen=True, eq=False)
class Setting:
    """A plain random network: the same for simulation and theory.

    Attributes:
        sigma_w, sigma_b: standard deviations of the weights (times √width) and of the biases.
        depth: layers of weights.
        q0: mean square of both inputs, which are pre-activations of layer 0.
        c0: their correlation.
        shift: (x0, s): what is applied is φ(x) = f(x + x0) - s.
    """

    sigma_w: float
    sigma_b: float = 0.0
    depth: int = DEPTH
    q0: float = 1.0
    c0: float = 0.5
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        numbers = (self.sigma_w, self.sigma_b, self.q0, self.c0, *self.shift)
        if not all(map(math.isfinite, numbers)) or self.sigma_w <= 0 or self.sigma_b < 0 or self.q0 <= 0:
            raise RheobaseError(
                f"σ_w = {self.sigma_w:g}, σ_b = {self.sigma_b:g}, q0 = {self.q0:g} make no network",
                instead="finite numbers with σ_w > 0, σ_b >= 0, q0 > 0",
            )
        if abs(self.c0) > 1:
            raise RheobaseError(f"c0 = {self.c0:g} is no correlation", instead="a number from -1 to 1")
        if self.depth < 1:
            raise RheobaseError(f"a network of {self.depth} layers", instead="depth=1 or more")


@dataclass(frozen=True, eq=False)
class Propagated:
    """What becomes of two inputs and of a gradient; the last axis is the layer, 0 … depth.

    Attributes:
        q: mean square of the first input's pre-activations.
        c: correlation (without subtracting means) of both inputs' pre-activations.
        log_gradient: natural log of the *squared* norm of a gradient that has travelled back through 0 … depth layers,
            with respect to the pre-activations there, over that at the last layer, where it is a random direction.
    """

    q: Array
    c: Array
    log_gradient: Array

    def to_dict(self) -> dict[str, Any]:
        """Lists for JSON; infinite numbers are the texts "inf" and "-inf", NaN is None."""
        return {name: plain(getattr(self, name).tolist()) for name in ("q", "c", "log_gradient")}


@dataclass(frozen=True, eq=False)
class Simulated(Propagated):
    """Networks drawn at random; the first axis of q, c and log_gradient is the network.

    Attributes:
        activation: the function's id or name.
        setting: the network.
        width: units a layer.
        seed: of all networks; network i is the same however many there are.
    """

    activation: str
    setting: Setting
    width: int
    seed: int

    @property
    def nets(self) -> int:
        return len(self.q)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        head = {"activation": self.activation, "width": self.width, "nets": self.nets, "seed": self.seed}
        return head | {"setting": asdict(self.setting)} | super().to_dict()


def predicted(spec: str | Activation | Expr, setting: Setting, *, correlation: bool = True) -> Propagated:
    """Mean field: the variance and correlation maps iterated layer by layer, and Σ log χ₁(q) for the gradient.

    Args:
        spec: an id, an alias, a formula, or an Activation.
        setting: σ_w, σ_b, depth, the inputs, a shift of the function.
        correlation: without it c is NaN behind the inputs, and the rest takes a tenth of the time.

    >>> found = predicted("relu", Setting(2**0.5, depth=3))
    >>> found.q.round(12).tolist(), found.log_gradient.round(12).tolist()
    ([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
    """
    from rheobase.catalogue import get

    m = shifted(get(spec).bound, setting.shift)
    weights, bias = setting.sigma_w**2, setting.sigma_b**2
    q, c, chi = [setting.q0], [setting.c0], []
    for _ in range(setting.depth):
        here, together = q[-1], c[-1] if correlation else math.nan
        if len(q) > 1 and here == q[-2]:
            q.append(here)
            chi.append(chi[-1])
        else:
            alive = math.isfinite(here) and here > 0
            chi.append(weights * m.slope_second(here) if alive else math.nan)
            q.append(weights * m.second(here) + bias if alive else here)
        c.append(_correlation(m, weights, bias, together, here, q[-1]))
    with np.errstate(all="ignore"):
        travelled = np.concatenate([[0.0], np.cumsum(np.log(chi[::-1]))])
    return Propagated(np.array(q), np.array(c), travelled)


def _correlation(m: Moments, weights: float, bias: float, c: float, q: float, then: float) -> float:
    if not (q > 0 and then > 0 and math.isfinite(q) and math.isfinite(then) and math.isfinite(c)):
        return math.nan
    found = (weights * float(kernel(m, c, q)) + bias) / then
    return min(1.0, max(-1.0, found))


def simulate(
    spec: str | Activation | Expr,
    setting: Setting,
    *,
    width: int = WIDTH,
    nets: int = NETS,
    seed: int = 0,
) -> Simulated:
    """Random networks with NumPy: forward with two inputs, backward with one random gradient from the last layer.

    The weights of one network are kept for the way back: 8 · width² · depth bytes.

    Args:
        spec: an id, an alias, a formula, or an Activation.
        setting: σ_w, σ_b, depth, the inputs, a shift of the function.
        width: units a layer.
        nets: how many networks.
        seed: decides all of them.

    Raises:
        RheobaseError: for fewer than two units or networks.

    >>> found = simulate("tanh", Setting(1.5, 0.2, depth=3), width=50, nets=4)
    >>> found.q.shape, found.q[:, 0].round(12).tolist(), float(found.c[2, 0].round(12))
    ((4, 4), [1.0, 1.0, 1.0, 1.0], 0.5)
    """
    from rheobase.catalogue import get

    if width < 2 or nets < 2:
        raise RheobaseError(f"{nets} networks of width {width}", instead="at least two networks of at least two units")
    function = get(spec)
    m = shifted(function.bound, setting.shift)
    weights = np.empty((setting.depth, width, width))
    runs = [_network(m, setting, weights, np.random.default_rng(s)) for s in np.random.SeedSequence(seed).spawn(nets)]
    q, c, gradient = (np.array(part) for part in zip(*runs, strict=True))
    return Simulated(q, c, gradient, function.id or function.name, setting, width, seed)


def _network(m: Moments, setting: Setting, weights: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    width = weights.shape[1]
    scale = setting.sigma_w / math.sqrt(width)
    with np.errstate(all="ignore"):
        h = _inputs(setting, width, rng)
        layers = [h]
        for w in weights:
            rng.standard_normal(out=w)
            h = scale * (w @ m.value(h)) + setting.sigma_b * rng.standard_normal((width, 1))
            layers.append(h)
        q = np.array([float(np.mean(h[:, 0] ** 2)) for h in layers])
        c = np.array([_cosine(*h.T) for h in layers])
        gradient = rng.standard_normal(width)
        gradient /= np.linalg.norm(gradient)
        log = [0.0]
        for h, w in zip(layers[-2::-1], weights[::-1], strict=True):
            gradient = scale * m.slope(h[:, 0]) * (gradient @ w)
            size = np.linalg.norm(gradient)
            log.append(log[-1] + 2 * float(np.log(size)))
            gradient = gradient / (size or 1.0)  # a vanishing gradient is followed far below the least double
    return q, c, np.array(log)


def _inputs(setting: Setting, width: int, rng: np.random.Generator) -> Array:
    """Two random directions (width, 2) with exactly the mean square and the correlation that were asked for."""
    both, _ = np.linalg.qr(rng.standard_normal((width, 2)))
    c = setting.c0
    return math.sqrt(setting.q0 * width) * both @ np.array([[1.0, c], [0.0, math.sqrt((1 - c) * (1 + c))]])


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@dataclass(frozen=True)
class Agreement:
    """The worst of all layers: |mean over networks - theory| over its tolerance, for each quantity; 1 or less agrees.

    Attributes:
        q, c, log_gradient: for the quantities of `Propagated`.
        layers: how many were compared.
    """

    q: float
    c: float
    log_gradient: float
    layers: int

    @property
    def holds(self) -> bool:
        return max(self.q, self.c, self.log_gradient) <= 1

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds}


def agreement(simulated: Simulated, theory: Propagated, layers: int | None = None) -> Agreement:
    """How far simulated networks lie from mean field, in units of what a finite width allows.

    With S networks and sd the standard deviation over them, measured in each layer l, the tolerances are for

    - q: 3 % of the theory's, and 4 sd/√S;
    - c: 0.02 + 0.2/√S;
    - log of the gradient's squared norm after l layers: 0.01·l + 4 sd/√S. The mean of a logarithm lies below the
      logarithm of the mean by half the variance, which is near 0.12² for one layer of 500 units, and grows with l:
      sd is about 0.12·√l, 0.8 at l = 40. For other widths 0.01 stands for 5/width.

    They hold where χ_q < 0.9. Where χ_q = 1 (positively homogeneous functions) q is a random walk from layer to layer,
    and `layers` should be 10 or so; where χ_q > 1 there is nothing to compare with.
    """
    last = simulated.setting.depth if layers is None else min(layers, simulated.setting.depth)
    kept = slice(1, last + 1)
    root = math.sqrt(simulated.nets)
    depth = np.arange(1, last + 1)

    def spread(values: Array) -> Array:
        return ERRORS * values[:, kept].std(axis=0, ddof=1) / root

    with np.errstate(all="ignore"):
        allowed = {
            "q": SQUARE_SLACK * theory.q[kept] + spread(simulated.q),
            "c": np.full(last, CORRELATION_SLACK + CORRELATION_SD / root),
            "log_gradient": GRADIENT_SLACK * WIDTH / simulated.width * depth + spread(simulated.log_gradient),
        }
        worst = {
            name: float(
                np.max(np.abs(getattr(simulated, name)[:, kept].mean(axis=0) - getattr(theory, name)[kept]) / t)
            )
            for name, t in allowed.items()
        }
    return Agreement(**{k: math.inf if math.isnan(v) else v for k, v in worst.items()}, layers=last)
