"""The networks that the pictures of theory show: one that is chosen, one with smaller weights, one with larger."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from rheobase.activation import Activation
from rheobase.catalogue.specs import get
from rheobase.errors import RheobaseError
from rheobase.meanfield import theory
from rheobase.meanfield.moments import Moments, shifted
from rheobase.meanfield.simulation import Setting
from rheobase.sketch import PALETTE

if TYPE_CHECKING:
    from rheobase.expr import Expr

LESS, MORE = 0.7, 1.4
"""Weights that are clearly too small and too large, as factors of the chosen σ_w."""
SIGMA_B = 0.3
"""Biases of the edge that is shown where there is no initialisation to recommend."""
BLUE, GREEN, ORANGE = PALETTE[0], PALETTE[2], PALETTE[1]


class Line(NamedTuple):
    """One network, in one colour in all panels."""

    name: str
    colour: str
    setting: Setting


class Chosen(NamedTuple):
    """What is drawn, and why that.

    Attributes:
        function: f.
        moments: of φ(x) = f(x + x0) - s.
        lines: with smaller weights, with the chosen ones, with larger ones.
        title, why: for the head of the figure.
        edge_reason: why there is, or is not, an edge of chaos.
        sigma_b: the biases for which the edge was asked.
    """

    function: Activation
    moments: Moments
    lines: tuple[Line, Line, Line]
    title: str
    why: str
    edge_reason: str

    @property
    def setting(self) -> Setting:
        return self.lines[1].setting


def chosen(spec: Activation | Expr | str, sigma_b: float | None, depth: int) -> Chosen:
    """The recommended initialisation; the edge of chaos where there is none, or where σ_b was asked for.

    Raises:
        RheobaseError: for a σ_b that is no standard deviation, or a function whose variance no weights keep.
    """
    function = get(spec)
    found = theory(function, [SIGMA_B if sigma_b is None else sigma_b])
    start = found.init()
    name = function.id or function.name
    bias = 0.0 if sigma_b is None else sigma_b
    if sigma_b is None and start.kind != "none":
        setting = Setting(start.gain, start.sigma_b, depth, start.start, shift=(start.input_shift, start.output_shift))
        what, why = "the recommended start", start.reason
    elif found.edge_of_chaos:
        edge = next((e for e in found.edge_of_chaos if e.stable), found.edge_of_chaos[0])
        setting = Setting(edge.sigma_w, edge.sigma_b, depth, edge.q or 1.0)
        what = f"the edge of chaos for σ_b = {edge.sigma_b:g}"
        why = found.edge_reason if sigma_b is not None else start.reason
    else:
        gain = found.gain["forward"]
        if not 0 < gain < math.inf:
            raise RheobaseError(f"no weights keep the variance of {name}", instead="rheobase theory, for its moments")
        setting = Setting(gain, bias, depth)
        what = "the gain that keeps a variance of 1, for want of an edge of chaos"
        why = start.reason if sigma_b is None else found.edge_reason
    title = (
        f"{name}: φ(x) = f(x{_signed(setting.shift[0])}){_signed(-setting.shift[1])}" if any(setting.shift) else name
    )
    said = f"σ_w = {setting.sigma_w:.4g}, σ_b = {setting.sigma_b:.4g}: {what}"
    lines = (_line(setting, LESS, BLUE), _line(setting, 1.0, GREEN), _line(setting, MORE, ORANGE))
    m = shifted(function.bound, setting.shift)
    return Chosen(function, m, lines, title, f"{said}\n{why}", found.edge_reason)


def _line(setting: Setting, factor: float, colour: str) -> Line:
    scaled = replace(setting, sigma_w=factor * setting.sigma_w)
    return Line(f"σ_w = {scaled.sigma_w:.3g}", colour, scaled)


def _signed(value: float) -> str:
    return f" {'+' if value > 0 else '−'} {abs(value):.4g}" if value else ""
