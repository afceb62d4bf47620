"""`theory`: the moments, gains and edge of chaos of any function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rheobase.errors import RheobaseError
from rheobase.meanfield.moments import Moments, moments
from rheobase.meanfield.propagation import Edge, edges, reason
from rheobase.proofs import check

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

SIGMA_B = (0.0, 0.05, 0.3)


@dataclass(frozen=True)
class Theory:
    """How a function treats signals in a wide random network.

    Attributes:
        activation: its id or name.
        moments: E_f, E_f2, Var_f, E_df, E_df2, P_df_zero for a standard normal input; of the derivative almost
            everywhere.
        gain: forward 1/√E f² keeps the variance, backward 1/√E f′² keeps the gradient, each at q = 1.
        edge_of_chaos: for each σ_b every point at which gradients keep their size, in ascending q.
        edge_reason: why there is, or is not, an edge, and whether it is stable.
    """

    activation: str
    moments: dict[str, float]
    gain: dict[str, float]
    edge_of_chaos: tuple[Edge, ...]
    edge_reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; infinite numbers are the texts "inf" and "-inf"."""
        return {
            "activation": self.activation,
            "moments": {k: _plain(v) for k, v in self.moments.items()},
            "gain": {k: _plain(v) for k, v in self.gain.items()},
            "edge_of_chaos": [{k: _plain(v) for k, v in asdict(e).items()} for e in self.edge_of_chaos],
            "edge_reason": self.edge_reason,
        }


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def theory(spec: str | Activation | Expr, sigma_b: Sequence[float] = SIGMA_B) -> Theory:
    """How variance and gradients travel through a deep, wide, random network of this function.

    Args:
        spec: an id, an alias, a formula, or an Activation; parameters stand at their values.
        sigma_b: standard deviations of the biases for which the edge of chaos is found.

    Sources: Poole et al. (2016), Exponential expressivity, eq. 3; Schoenholz et al. (2017), Deep information
    propagation, eqs. 4 and 11.

    Raises:
        RheobaseError: for a negative σ_b.

    >>> import rheobase as rb
    >>> found = rb.theory("tanh")
    >>> round(found.gain["forward"], 6), [round(e.sigma_w, 6) for e in found.edge_of_chaos if e.sigma_b == 0.05]
    (1.592537, [1.122539])
    """
    from rheobase.catalogue import get

    if bad := [s for s in sigma_b if not (math.isfinite(s) and s >= 0)]:
        raise RheobaseError(f"σ_b = {bad[0]:g} is no standard deviation", instead="0 or a positive number")
    function = get(spec)
    m = moments(function.bound)
    name = function.id or function.name
    jumps = check(function, "jumps")["jumps"]
    if jumps.verdict == "proven" and jumps.value:
        why = "f jumps, so that χ_1 is infinite: an angle between two inputs, however small, grows without bound"
        if not m.slope_second():
            why += "; and its slope is 0 almost everywhere: no gradient travels at all"
        steep = _moments(m) | {"E_df2": math.inf}
        return Theory(name, steep, {"forward": _gain(m.second()), "backward": 0.0}, (), why)
    found = tuple(e for s in sigma_b for e in edges(m, float(s)))
    return Theory(name, _moments(m), _gains(m), found, reason(m, list(found)))


def certified_moments(spec: str | Activation | Expr) -> dict[str, tuple[float | str, float | str]]:
    """E_f, E_f2 and E_df2 of a standard normal input, each as (low, high) that surely hold it.

    Raises:
        RheobaseError: where a tail is not bounded, or a kink cannot be told.

    >>> low, high = certified_moments("tanh")["E_f2"]
    >>> low <= 0.39429449039784117 <= high, high - low < 1e-15
    (True, True)
    """
    from rheobase.catalogue import get
    from rheobase.meanfield.certified import certified

    return certified(get(spec).bound)


def _moments(m: Moments) -> dict[str, float]:
    first, second = m.first(), m.second()
    return {
        "E_f": first,
        "E_f2": second,
        "Var_f": second - first**2,
        "E_df": m.slope_first(),
        "E_df2": m.slope_second(),
        "P_df_zero": m.flat(),
    }


def _gains(m: Moments) -> dict[str, float]:
    return {"forward": _gain(m.second()), "backward": _gain(m.slope_second())}


def _gain(moment: float) -> float:
    return 1 / math.sqrt(moment) if moment else math.inf
