"""A drop-in for `torch.nn.init.calculate_gain` that knows every formula."""

from __future__ import annotations

from typing import Any

from rheobase.catalogue import get
from rheobase.errors import RheobaseError


def calculate_gain(nonlinearity: Any, param: float | None = None) -> float:
    """The gain at which gradients neither vanish nor explode in a deep plain network of this function.

    Args:
        nonlinearity: any spec; "linear", "conv2d" and the like mean the identity, as in torch.
        param: the first parameter's value, as torch takes `negative_slope`.

    That of `rheobase.theory(spec).init()`, which may also ask for a point of the curve to work at (`input_shift`,
    `output_shift`): a gain alone is then not the whole answer, and the one given holds with the shifts.

    Raises:
        RheobaseError: for an unknown name, or a function for which there is none (the step, SQU).

    >>> calculate_gain("relu") ** 2, round(calculate_gain("leaky_relu", 0.2), 6), calculate_gain("tanh")
    (2.0000000000000004, 1.38675, 1.0)
    """
    from rheobase.meanfield import theory

    if isinstance(nonlinearity, str) and (nonlinearity == "linear" or nonlinearity.startswith("conv")):
        return 1.0
    f = get(nonlinearity)
    if param is not None:
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
