"""Spectra of a function: Hermite power by degree, and Fourier magnitudes, with what they say on spectral bias.

Of a layer's inputs with correlation c a random layer makes Σ aₙ² cⁿ: aₙ², the power of degree n, is the weight with
which degree n goes on (Daniely, Frostig & Singer 2016). Networks learn low frequencies first, and high ones the more
slowly the faster the function's own spectrum falls (Rahaman et al. 2019, On the spectral bias of neural networks,
theorem 1, for piecewise linear functions).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase.errors import RheobaseError
from rheobase.meanfield.kernel import hermite
from rheobase.meanfield.moments import Array, moments, nodes
from rheobase.meanfield.plain import plain
from rheobase.proofs import check

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

DEGREES = 24
WINDOW = 2.0
HIGHEST, FREQUENCIES = 40.0, 161
"""Radians a unit of the input at the usual window, and how many frequencies from 0 to there."""
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
FINE = 0.125
"""Width of the panels in standard deviations: a wave of the highest frequency turns 10 radians over one of 24 nodes."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """How much of a function is slow and how much is fast.

    Attributes:
        activation: the function's id or name.
        q: variance of the normal input for the Hermite coefficients.
        coefficients: aₙ = E f(√q z) Heₙ(z)/√n!, n = 0, 1, …
        second: E f(√q z)², which is Σ aₙ² over all degrees (Parseval).
        window: standard deviation of the normal weight under which Fourier magnitudes are taken.
        frequencies: ω, in radians a unit of x.
        magnitude: |E f(x) e^(-iωx)|, x ~ N(0, window²).
        decay: the power p with which the magnitude falls, as ω^-p, for high ω: 1 for a jump, 2 for a kink, k + 2 where
            the k-th derivative is the last that is continuous; infinite for a smooth function, which falls faster than
            any power; NaN where the smoothness is not proven, or a slope is infinite.
    """

    activation: str
    q: float
    coefficients: Array
    second: float
    window: float
    frequencies: Array
    magnitude: Array
    decay: float

    @property
    def power(self) -> Array:
        """aₙ² over E f²: the share of each degree."""
        return self.coefficients**2 / self.second if self.second else self.coefficients**2

    def share(self, degree: int) -> float:
        """The share of the degrees 0 … degree."""
        return float(self.power[: degree + 1].sum())

    @property
    def words(self) -> str:
        """What the spectra say, in a sentence or two."""
        head = f"{self.share(1):.1%} of E f² lies in degrees 0 and 1, {self.share(3):.1%} in degrees up to 3"
        return f"{head}; {_decay_words(self.decay)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "activation": self.activation,
            "q": self.q,
            "coefficients": plain(self.coefficients.tolist()),
            "power": plain(self.power.tolist()),
            "second": plain(self.second),
            "window": self.window,
            "frequencies": self.frequencies.tolist(),
            "magnitude": plain(self.magnitude.tolist()),
            "decay": plain(self.decay),
            "words": self.words,
        }


def _decay_words(decay: float) -> str:
    if math.isnan(decay):
        return "how fast the Fourier spectrum falls at high ω is not told"
    if math.isinf(decay):
        return "smooth: the Fourier spectrum falls faster than any power of ω"
    cause = {1: "a jump", 2: "a kink", 3: "a break in f″"}.get(int(decay), f"a break in derivative {int(decay) - 1}")
    return f"{cause}: the Fourier spectrum falls like {falling(decay)}"


def falling(decay: float) -> str:
    """A power of ω as it is written.

    >>> falling(2.0)
    'ω⁻²'
    """
    return "ω⁻" + str(int(decay)).translate(SUPERSCRIPTS)


def spectrum(
    spec: str | Activation | Expr, q: float = 1.0, *, degrees: int = DEGREES, window: float = WINDOW
) -> Spectrum:
    """Hermite coefficients under N(0, q), and Fourier magnitudes under N(0, window²).

    Args:
        spec: an id, an alias, a formula, or an Activation.
        q: variance of the input for the Hermite coefficients.
        degrees: the degrees 0 … degrees - 1 are given, at most 350.
        window: standard deviation, in units of x, of the normal weight for the Fourier magnitudes.

    Raises:
        RheobaseError: for a variance or a window that is not positive, or a number of degrees out of range.

    >>> found = spectrum("relu")
    >>> [round(float(a), 6) + 0.0 for a in found.coefficients[:5]], found.decay
    ([0.398942, 0.5, 0.282095, 0.0, -0.081434], 2.0)
    """
    from rheobase.catalogue import get

    if not (0 < q < math.inf and 0 < window < math.inf):
        raise RheobaseError(f"q = {q:g}, window = {window:g}", instead="positive numbers")
    if not 1 <= degrees <= 350:
        raise RheobaseError(f"{degrees} degrees", instead="degrees=24, at most 350")
    function = get(spec)
    m = moments(function.bound)
    omega = np.linspace(0.0, HIGHEST * WINDOW / window, FREQUENCIES)
    z, w = nodes(tuple(k / window for k in m.kinks), width=FINE)
    with np.errstate(all="ignore"):
        weighed = w * m.value(window * z)
        magnitude = np.abs(np.exp(-1j * np.outer(omega, window * z)) @ weighed)
    name = function.id or function.name
    coefficients = hermite(m, "value", q, degrees)
    return Spectrum(name, q, coefficients, m.second(q), window, omega, magnitude, _decay(function))


def _decay(function: Activation) -> float:
    found = check(function, "continuous", "c1", "c2", "smooth")
    for power, name in enumerate(("continuous", "c1", "c2", "smooth"), 1):
        verdict, witness = found[name].verdict, found[name].witness or {}
        if verdict == "proven":
            continue
        if verdict == "refuted" and not {"inf", "-inf"} & {str(witness.get(side)) for side in ("left", "right")}:
            return float(power) if name != "smooth" else float(witness.get("order", math.nan)) + 1
        return math.nan
    return math.inf
