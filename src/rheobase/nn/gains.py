"""A drop-in for `torch.nn.init.calculate_gain` that knows every formula."""

from __future__ import annotations

import math
from typing import Any

from rheobase.catalogue import get
from rheobase.errors import RheobaseError

LINEAR = ("linear", *(f"conv{kind}{d}d" for kind in ("", "_transpose") for d in (1, 2, 3)))
"""Names by which torch means no activation at all."""


def calculate_gain(nonlinearity: Any, param: float | None = None) -> float:
    """The gain at which gradients neither vanish nor explode in a deep plain network of this function.

    That of `rheobase.theory(spec).init()`. It is torch's for linear layers, ReLU and leaky ReLU, and differs where
    torch has rules of thumb: tanh 1 (torch 5/3), sigmoid 4 (torch 1), SELU 0.69 (torch 3/4). Theory may also ask for a
    point of the curve to work at (`input_shift`, `output_shift`): the gain then holds with the shifts, which
    `rheobase.nn.init_` sets.

    Args:
        nonlinearity: any spec; "linear", "conv2d", "conv_transpose2d" and the like mean the identity, as in torch.
        param: the first parameter's value, as torch takes `negative_slope`.

    Raises:
        RheobaseError: for an unknown name, a parameter that is no number or that the function does not have, or a
            function for which there is no gain (the step, SQU).

    >>> round(calculate_gain("relu") ** 2, 12), round(calculate_gain("leaky_relu", 0.2), 6), calculate_gain("tanh")
    (2.0, 1.38675, 1.0)
    """
    from rheobase.meanfield import theory

    if isinstance(nonlinearity, str) and nonlinearity in LINEAR:
        return 1.0
    f = get(nonlinearity)
    if param is not None:
        if isinstance(param, bool) or not isinstance(param, int | float) or not math.isfinite(param):
            raise RheobaseError(f"{param!r} is no value of a parameter", instead='calculate_gain("leaky_relu", 0.2)')
        if not f.parameters:
            raise RheobaseError(
                f"{f.name} has no parameter for the value {param:g}", instead="calculate_gain without it"
            )
        f = f.with_values(**{next(iter(f.parameters)): param})
    found = theory(f).init()
    if found.kind == "none":
        raise RheobaseError(
            f"{f.name} has no gain that lets gradients through: {found.reason}", instead="another function"
        )
    return found.gain
