"""`theory`: all that mean-field theory says of one function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rheobase.certify.regularity import endless
from rheobase.certify.subject import Subject
from rheobase.errors import RheobaseError
from rheobase.meanfield.angles import State, states
from rheobase.meanfield.criticality import Criticality, criticality
from rheobase.meanfield.dying import Dying, dying, inactive, summary
from rheobase.meanfield.initialise import Init, init
from rheobase.meanfield.moments import Moments, moments
from rheobase.meanfield.plain import plain
from rheobase.meanfield.propagation import Edge, edges, reason
from rheobase.proofs import check

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr

SIGMA_B = (0.0, 0.05, 0.3)
SIZES = ((10, 10), (10, 50), (50, 50))
"""Widths and depths for which the chance of a dead network is told."""


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
        criticality: the universality class.
    """

    activation: str
    moments: dict[str, float]
    gain: dict[str, float]
    edge_of_chaos: tuple[Edge, ...]
    edge_reason: str
    criticality: Criticality
    _init: Init = field(repr=False)
    _moments: Moments = field(repr=False, compare=False)

    def init(self) -> Init:
        """Gain, biases and shifts that put a deep plain network of this function on its edge of chaos, and why.

        >>> found = theory("sigmoid").init()
        >>> found.gain, found.output_shift, found.stable
        (4.0, 0.5, True)
        """
        return self._init

    def at(self, sigma_w: float, sigma_b: float = 0.0) -> list[State]:
        """Every fixed point of a network with weights of variance σ_w²/n and biases of variance σ_b².

        Raises:
            RheobaseError: for a standard deviation below 0, or weights of 0.

        >>> [(round(s.q, 6), s.stable) for s in theory("tanh").at(1.5, 0.2)]
        [(0.870899, True)]
        """
        if not (math.isfinite(sigma_w) and sigma_w > 0):
            raise RheobaseError(f"σ_w = {sigma_w:g} is no standard deviation of weights", instead="a positive number")
        _biases([sigma_b])
        return states(self._moments, sigma_w, sigma_b)

    def dying(self, width: int, depth: int, q: float = 1.0) -> Dying:
        """What of a random network of this width and depth is dead at birth, its pre-activations of variance q.

        Raises:
            RheobaseError: a width or depth below 1, or a q that is no variance.

        >>> round(theory("relu").dying(width=10, depth=50).network, 6)
        0.047678
        """
        return dying(self._moments, width, depth, q)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; infinite numbers are the texts "inf" and "-inf", and what there is not is null."""
        found = {
            "activation": self.activation,
            "moments": self.moments,
            "gain": self.gain,
            "edge_of_chaos": [asdict(e) for e in self.edge_of_chaos],
            "edge_reason": self.edge_reason,
            "init": asdict(self._init),
            "class": self.criticality.kind,
            "critical": {k: v for k, v in asdict(self.criticality).items() if k != "kind"},
            "dying": summary(self._moments, 1.0, SIZES),
        }
        return plain(found)


def theory(spec: str | Activation | Expr, sigma_b: Sequence[float] = SIGMA_B) -> Theory:
    """How variance and gradients travel through a deep, wide, random network of this function.

    Args:
        spec: an id, an alias, a formula, or an Activation; parameters stand at their values.
        sigma_b: standard deviations of the biases for which the edge of chaos is found.

    Sources: Poole et al. (2016), Exponential expressivity, eq. 3; Schoenholz et al. (2017), Deep information
    propagation, eqs. 4 and 11.

    Raises:
        RheobaseError: for a negative σ_b, or a formula that jumps without end (floor).

    >>> import rheobase as rb
    >>> found = rb.theory("tanh")
    >>> round(found.gain["forward"], 6), [round(e.sigma_w, 6) for e in found.edge_of_chaos if e.sigma_b == 0.05]
    (1.592537, [1.122539])
    """
    from rheobase.catalogue import get

    _biases(sigma_b)
    function = get(spec)
    if endless(Subject(function.bound)):
        raise RheobaseError(
            f"{function.name} climbs stairs without end, which theory does not follow", instead="one step"
        )
    m = moments(function.bound)
    jumping = _jumping(function)
    found = () if jumping else tuple(e for s in sigma_b for e in edges(m, float(s)))
    return Theory(
        activation=function.id or function.name,
        moments=_moments(m) | ({"E_df2": math.inf} if jumping else {}),
        gain={"forward": _gain(m.second()), "backward": 0.0 if jumping else _gain(m.slope_second())},
        edge_of_chaos=found,
        edge_reason=_why_jumping(m) if jumping else reason(m, list(found)),
        criticality=Criticality.none() if jumping else criticality(m),
        _init=Init.none(_why_jumping(m)) if jumping else init(m),
        _moments=m,
    )


def _jumping(function: Activation) -> bool:
    jumps = check(function, "jumps")["jumps"]
    return jumps.verdict == "proven" and bool(jumps.value)


def _why_jumping(m: Moments) -> str:
    why = "f jumps, so that χ_1 is infinite: an angle between two inputs, however small, grows without bound"
    return why if m.slope_second() else f"{why}; and its slope is 0 almost everywhere: no gradient travels at all"


def _biases(sigma_b: Sequence[float]) -> None:
    if bad := [s for s in sigma_b if not (math.isfinite(s) and s >= 0)]:
        raise RheobaseError(f"σ_b = {bad[0]:g} is no standard deviation", instead="0 or a positive number")


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


def certified_edges(
    spec: str | Activation | Expr, sigma_b: Sequence[float] = SIGMA_B
) -> list[dict[str, tuple[float | str, float | str] | float]]:
    """Edges of chaos that surely exist: sigma_b, and q and sigma_w as (low, high), in the order of `theory`.

    The limit q -> 0 has no interval of its own and is left out. That there are no other edges is not shown.

    Raises:
        RheobaseError: where an integral cannot be enclosed, or a sign is not told.

    >>> [edge["sigma_b"] for edge in certified_edges("tanh", [0.05, 0.3])]
    [0.05, 0.3]
    """
    from rheobase.catalogue import get
    from rheobase.meanfield.certified import certified_edge, certified_homogeneous

    function = get(spec)
    found: list[dict[str, tuple[float | str, float | str] | float]] = []
    if _jumping(function):
        return found
    homogeneous = check(function, "homogeneous")["homogeneous"].verdict == "proven"
    for edge in (e for s in sigma_b for e in edges(moments(function.bound), float(s))):
        if homogeneous:
            found.append(certified_homogeneous(function.bound))
        elif edge.q:
            found += certified_edge(function.bound, edge.sigma_b, [edge.q])
    return found


def _moments(m: Moments) -> dict[str, float]:
    first, second = m.first(), m.second()
    return {
        "E_f": first,
        "E_f2": second,
        "Var_f": second - first**2,
        "E_df": m.slope_first(),
        "E_df2": m.slope_second(),
        "P_df_zero": inactive(m),
    }


def _gain(moment: float) -> float:
    return 1 / math.sqrt(moment) if moment else math.inf
