"""Learned parameters within their domain: a value that would leave it is reflected at its end.

Inside the domain the stored number is the value itself, so a state dict reads naturally; the gradient is that of the
value, its sign turned by each reflection, so no parameter is ever stuck at an end.
"""

from __future__ import annotations

import torch

from rheobase.parameter import Param

FLOOR = 1e-6
"""How near an end that does not belong to the domain a value may come."""


def within(raw: torch.Tensor, domain: Param) -> torch.Tensor:
    """The value of a stored number.

    >>> from rheobase.parameter import param
    >>> raw = torch.tensor([-0.25, 0.5, 1.25])
    >>> within(raw, param(0.5, low=0, high=1)), within(raw, param(0.5, low=0))
    (tensor([0.2500, 0.5000, 0.7500]), tensor([0.2500, 0.5000, 1.2500]))
    """
    low, high = domain.low if domain.above is None else domain.above, domain.high
    if low is not None and high is not None:
        width = high - low
        folded = torch.remainder(raw - low, 2 * width)
        value = low + torch.where(folded <= width, folded, 2 * width - folded)
    elif low is not None:
        value = torch.where(raw >= low, raw, 2 * low - raw)
    elif high is not None:
        value = torch.where(raw <= high, raw, 2 * high - raw)
    else:
        return raw
    return value if domain.above is None else value.clamp_min(domain.above + FLOOR * max(1.0, abs(domain.above)))
