"""The function that `identify` is asked about, as its values on two sets of points."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rheobase.activation import Activation
from rheobase.backends import helpers
from rheobase.catalogue.entry import Entry
from rheobase.catalogue.fitting import Array
from rheobase.catalogue.specs import get
from rheobase.errors import RheobaseError
from rheobase.expr import Expr
from rheobase.lower.emit import function_text
from rheobase.simplify import simplify

INNER = 8.0
"""Within ±8 a function must have a value to be compared."""
BOTH = 0.8
"""At so many of the wide points two functions that are the same must both have a value."""
EXACT, SINGLE = 1e-9, 2e-5
"""How far values of the same function may be apart, relative to 1 + |value|: in double precision, in float32."""
FIRST = 100.0
"""On the first points, where fits are judged, so many times as far."""


def _bell(count: int) -> Array:
    """Points of equal probability under the standard normal distribution, 0 not among them."""
    from statistics import NormalDist

    half = count // 2
    upper = [NormalDist().inv_cdf(0.5 + (i + 0.5) / (2 * half)) for i in range(half)]
    return np.array([*(-v for v in reversed(upper)), *upper])


BELL: Array = _bell(96)
"""96 equally likely points of a standard normal input: for fitting and for distances."""

WIDE: Array = np.concatenate(
    [
        np.linspace(-30.013, 30.017, 121),
        np.linspace(-4.0071, 4.0093, 64),
        [-1000.7, -100.3, -1e-3, -1e-6, 1e-6, 1e-3, 100.3, 1000.7],
    ]
)
"""Points that no published kink lies on: there conventions differ (step(0), sign(0))."""


class Target(NamedTuple):
    """Values on `BELL` and `WIDE`, and how exactly they can be trusted.

    Attributes:
        tolerance: relative to 1 + |value|: `EXACT`, or `SINGLE` for values that came in float32.
        scale: what the residuals of a fit are measured in, 1 + |value|.
    """

    name: str
    expr: Expr | None
    bell: Array
    wide: Array
    scale: Array
    tolerance: float

    @property
    def constant(self) -> bool:
        """Does the function not vary? Then a fit would only switch a function off."""
        return bool(np.ptp(self.bell) <= self.tolerance)


def plain(expr: Expr, parameters: tuple[str, ...] = ()) -> Callable[..., Array]:
    """The formula's plain arithmetic on float64 arrays, parameters as arguments: quickly made, not for far tails."""
    text = function_text(expr, "numpy", "f", "float64", parameters)
    scope = dict(helpers("numpy"))
    exec(compile(text, "<formula>", "exec"), scope)  # the text is made of the table's cells and of checked names
    return scope["f"]


def read(function: Any) -> Target:
    """The target that `function` is: a spec, an Activation, an Expr, or a callable on arrays."""
    if isinstance(function, str | Activation | Expr | Entry):
        activation = get(function)
        expr = simplify(activation.bound)
        return _target(activation.name, expr, plain(expr))
    if callable(function):
        return _target(getattr(function, "__name__", type(function).__name__), None, function)
    raise RheobaseError(
        f"{type(function).__name__} is no function", instead='a formula, a spec such as "swish:beta=2", or a callable'
    )


def _target(name: str, expr: Expr | None, function: Callable[[Any], Any]) -> Target:
    bell, exact = _values(function, BELL, name)
    wide, _ = _values(function, WIDE, name)
    if not np.all(np.isfinite(bell)):
        where = f"x = {BELL[~np.isfinite(bell)][0]:.3g}"
        raise RheobaseError(f"{name} has no finite value", where=where, instead="a function defined on the whole line")
    return Target(name, expr, bell, wide, 1 + np.abs(bell), EXACT if exact else SINGLE)


def _values(function: Callable[[Any], Any], x: Array, name: str) -> tuple[Array, bool]:
    """The function's values, and whether they came in double precision."""
    result = _called(function, x, name)
    detach = getattr(result, "detach", None)
    array = np.asarray(detach().cpu().numpy() if detach else result)
    if array.shape not in ((), x.shape) or array.dtype.kind not in "fiub":
        what = f"{name} returns {array.dtype} of shape {array.shape} for {x.shape} numbers"
        raise RheobaseError(what, instead="a function that works element by element")
    exact = array.dtype.kind != "f" or array.dtype.itemsize >= 8
    return np.broadcast_to(array.astype(np.float64), x.shape), exact


def _called(function: Callable[[Any], Any], x: Array, name: str) -> Any:
    """The result on a NumPy array; else on a torch tensor where torch is loaded; else number by number."""
    attempts: list[Callable[[], Any]] = [lambda: function(x)]
    torch = sys.modules.get("torch")
    if torch is not None:
        attempts.append(lambda: function(torch.from_numpy(x.copy())))
    attempts.append(lambda: np.array([float(function(float(v))) for v in x]))
    first: Exception | None = None
    for attempt in attempts:
        try:
            return attempt()
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            first = first or error
    raise RheobaseError(f"{name} failed on an array of numbers: {first}", instead="a function of one array") from first
