"""A parameter of an activation function: value, domain, and whether training may move it."""

from __future__ import annotations

import math

import msgspec


class Param(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A parameter of an activation.

    Attributes:
        default: the value used.
        learnable: does the source learn it?
        low, high: least and greatest value allowed; None where the domain is open to that side.
        above: every value above this one is allowed, and it is not (alpha > 0).

    >>> Param(1.0, above=0).domain(), Param(0.5, low=0, high=1).domain(), Param(2.0).domain()
    ('> 0', '[0, 1]', 'any')
    """

    default: float
    learnable: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None

    def domain(self) -> str:
        """The domain in words."""
        if self.above is not None:
            return f"> {self.above:g}" + ("" if self.high is None else f" and <= {self.high:g}")
        match self.low, self.high:
            case None, None:
                return "any"
            case low, None:
                return f">= {low:g}"
            case None, high:
                return f"<= {high:g}"
            case low, high:
                return f"[{low:g}, {high:g}]"

    def allows(self, value: float) -> bool:
        """Is `value` within the domain?"""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return low <= value <= high and (self.above is None or value > self.above)


def param(
    default: float,
    learnable: bool = False,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
) -> Param:
    """A parameter for `rheobase.define`.

    >>> param(1.0, learnable=True, low=0).domain()
    '>= 0'
    """
    return Param(float(default), learnable, low, high, above)
