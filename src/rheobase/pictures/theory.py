"""The picture of signal propagation: variance map, correlation map, phases, gradients through depth."""

from __future__ import annotations

import math
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from rheobase.activation import Activation
from rheobase.expr import Expr
from rheobase.meanfield.kernel import kernel
from rheobase.meanfield.moments import Array, Moments
from rheobase.meanfield.propagation import fixed_points
from rheobase.meanfield.simulation import Propagated, Setting, predicted, simulate
from rheobase.pictures._lines import Chosen, Line, chosen
from rheobase.pictures._look import dress, entitle, halo, ink, legend, logarithmic, paper, sheet
from rheobase.pictures._phases import draw_phases

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEPTH, WIDTH, NETS = 40, 150, 4
SMALLEST, LARGEST = 1e-8, 1e8
"""Variances beyond these are no longer followed by the correlation map."""
DOTS = 2
"""Layers between two dots."""
VISIBLE = 4e-3
"""Nearer to the diagonal than this nothing is seen."""
TURNS = 64
"""Panels of one integral above which the map near to 1 would take seconds."""
WIDTHS = (4.4, 2.8, 1.3)
"""Of the lines, so that those which coincide are all seen."""


def plot_theory(spec: Activation | Expr | str, *, sigma_b: float | None = None, dark: bool = False) -> Figure:
    """One figure of how signals travel through a deep, wide, random network of a function.

    Four panels: the variance map with its fixed points, the correlation map, the phase diagram with the edge of chaos,
    and the gradient's norm against depth, where dots are networks drawn at random and lines are mean field. Shown are
    three networks: the recommended initialisation, and the same with 0.7 and 1.4 times its weights.

    Args:
        spec: an id, an alias, a formula, or an Activation.
        sigma_b: the standard deviation of the biases; then the edge of chaos for it is shown in place of the
            recommended initialisation, as the function stands, without shifts.
        dark: light ink, for a dark page.

    Raises:
        RheobaseError: Matplotlib is not installed, the spec is unknown, or no weights keep its variance.

    Returns:
        a `matplotlib.figure.Figure` that belongs to no window.

    >>> figure = plot_theory("tanh")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Variance map', 'Correlation map', 'Phases', 'Gradient through depth']
    """
    case = chosen(spec, sigma_b, DEPTH)
    figure, ((variance, correlation), (phases, gradient)) = sheet(2, case.title, case.why, dark)
    ends = [predicted(case.function, line.setting, correlation=False) for line in case.lines]
    _variance(variance, case, dark)
    _correlation(correlation, case, ends, dark)
    draw_phases(phases, case, dark)
    _gradient(gradient, case, ends, dark)
    _legend(figure, case, dark)
    return figure


def _legend(figure: Figure, case: Chosen, dark: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=line.colour, linewidth=2.2) for line in case.lines]
    names = [line.name for line in case.lines]
    names[1] += " (as above)"
    handles += [_dot(ink(dark), True, dark), _dot(ink(dark), False, dark)]
    names += ["stable fixed point", "unstable fixed point"]
    legend(figure, handles, names, dark)


def _dot(colour: str, filled: bool, dark: bool) -> object:
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], linestyle="", marker="o", markersize=6.5, color=colour, markeredgewidth=1.6,
        markerfacecolor=colour if filled else paper(dark),
    )  # fmt: skip


def _mark(axes: Axes, x: float, y: float, colour: str, filled: bool, dark: bool) -> None:
    axes.plot(
        [x], [y], linestyle="", marker="o", markersize=7, color=colour, markeredgewidth=1.8, zorder=5, clip_on=False,
        markerfacecolor=colour if filled else paper(dark),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- the variance


def _variance(axes: Axes, case: Chosen, dark: bool) -> None:
    dress(axes, "q, the variance of pre-activations", "variance in the next layer", dark)
    points = {line: fixed_points(case.moments, line.setting.sigma_w, line.setting.sigma_b) for line in case.lines}
    around = [q for found in points.values() for q, _, _ in found] + [case.setting.q0]
    low, high = min(0.05, *around) / 5, max(2.0, *around) * 5
    low, high = max(low, 1e-6), min(high, 1e6)
    q = np.geomspace(low, high, 80)
    logarithmic(axes, "x", "y")
    axes.plot([low, high], [low, high], color=ink(dark), alpha=0.45, linewidth=1, linestyle=(0, (4, 3)))
    for line in case.lines:
        axes.plot(q, _mapped(case.moments, line.setting, q), color=line.colour, linewidth=2, solid_capstyle="round")
        for at, _, chi_q in points[line]:
            _mark(axes, at, at, line.colour, abs(chi_q) < 1, dark)
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    entitle(axes, "Variance map", _variance_words(case, points), dark)


def _mapped(m: Moments, setting: Setting, q: Array) -> Array:
    with np.errstate(all="ignore"):
        return setting.sigma_w**2 * np.array([m.second(float(v)) for v in q]) + setting.sigma_b**2


def _variance_words(case: Chosen, points: dict[Line, list[tuple[float, float, float]]]) -> str:
    if not any(points.values()) and _on_the_diagonal(case):
        return "the chosen line lies on the diagonal: every variance is a fixed point"
    told = "a fixed point lies on the diagonal, stable where the line is flatter than it"
    if not points[case.lines[1]]:
        told = "above the diagonal the variance grows, below it falls"
    return told


def _on_the_diagonal(case: Chosen) -> bool:
    q = np.array([0.1, 1.0, 10.0])
    return bool(np.allclose(_mapped(case.moments, case.setting, q), q, rtol=1e-9))


# ------------------------------------------------------------------------------------------------------ the correlation


def _correlation(axes: Axes, case: Chosen, ends: list[Propagated], dark: bool) -> None:
    dress(axes, "c, the correlation of two inputs", "correlation in the next layer", dark)
    axes.plot([0, 1], [0, 1], color=ink(dark), alpha=0.45, linewidth=1, linestyle=(0, (4, 3)))
    settled = [min(max(q, SMALLEST), LARGEST) if math.isfinite(q) else q for q in (float(end.q[-1]) for end in ends)]
    c = _correlations(case.moments, settled)
    drawn: list[Array] = []
    for line, q, width in zip(case.lines, settled, WIDTHS, strict=True):
        found = _next(case.moments, line.setting, q, c) if math.isfinite(q) else np.full(len(c), math.nan)
        if not np.isfinite(found).all():
            continue
        drawn.append(found)
        axes.plot(c, drawn[-1], color=line.colour, linewidth=width, solid_capstyle="round")
        for at, stable in _meetings(c, drawn[-1]):
            _mark(axes, at, at, line.colour, stable, dark)
    axes.set_xlim(0, 1)
    axes.set_ylim(1.05 * min([0.0, *(float(found.min()) for found in drawn)]), 1.0)
    same = len(drawn) > 1 and all(np.allclose(found, drawn[0], atol=VISIBLE) for found in drawn)
    told = f"at the variance that each network has after {DEPTH} layers" + "; the lines coincide" * same
    if c[-1] < 1:
        told = f"to c = {c[-1]:g}: f breaks or turns too often to be followed further"
    entitle(axes, "Correlation map", told, dark)


def _correlations(m: Moments, settled: list[float]) -> Array:
    """Where the map is drawn; not near to 1 where that takes long, because f breaks or turns too often."""
    if max(len(m.ends(math.sqrt(q))) for q in [1.0, *settled] if math.isfinite(q)) > TURNS:
        return np.linspace(0, 0.9, 31)
    return np.unique(np.concatenate([np.linspace(0, 0.9, 31), 1 - np.geomspace(0.1, 1e-4, 14), [1.0]]))


def _next(m: Moments, setting: Setting, q: float, c: Array) -> Array:
    weights, bias = setting.sigma_w**2, setting.sigma_b**2
    with np.errstate(all="ignore"):
        return (weights * kernel(m, c, q) + bias) / (weights * m.second(q) + bias)


def _meetings(c: Array, found: Array) -> list[tuple[float, bool]]:
    """Where the curve meets the diagonal, and whether from above to below: there correlations settle.

    None where the curve cannot be told from the diagonal.
    """
    gap = found - c
    if not np.abs(gap).max() > VISIBLE:
        return []
    met = [(0.0, bool(gap[1] < 0))] if abs(gap[0]) < 1e-9 else []
    for (a, b), (left, right) in zip(pairwise(c[:-1]), pairwise(gap[:-1]), strict=True):
        if left * right < 0 and a > 0:
            met.append((float(a + (b - a) * left / (left - right)), bool(left > 0)))
    return [*met, (1.0, bool(gap[-2] > 0))] if c[-1] == 1 else met  # they always meet at 1


# --------------------------------------------------------------------------------------------------------- the gradient


def _norm(log: Array) -> Array:
    """The norm from the logarithm of its square; NaN where it is 0 or not finite."""
    return np.where(np.isfinite(log), np.exp(np.clip(np.nan_to_num(log), -1400, 1400) / 2), np.nan)


def _gradient(axes: Axes, case: Chosen, ends: list[Propagated], dark: bool) -> None:
    dress(axes, "layers that the gradient has travelled back", "its norm, over that at the last layer", dark)
    logarithmic(axes, "y")
    layers = np.arange(0, DEPTH + 1)
    heights: list[Array] = []
    for line, end in zip(case.lines, ends, strict=True):
        networks = simulate(case.function, line.setting, width=WIDTH, nets=NETS).log_gradient
        axes.plot(
            np.tile(layers[::DOTS], NETS), _norm(networks[:, ::DOTS]).ravel(), linestyle="", marker="o", markersize=3.2,
            alpha=0.5, color=line.colour, markeredgewidth=0,
        )  # fmt: skip
        theory = _norm(end.log_gradient)
        axes.plot(layers, theory, color=line.colour, linewidth=2, solid_capstyle="round")
        heights.append(theory[np.isfinite(theory)])
    axes.axhline(1, color=ink(dark), alpha=0.45, linewidth=1, linestyle=(0, (4, 3)))
    shown = np.concatenate(heights)
    low, high = max(float(shown.min()), 1e-16), min(float(shown.max()), 1e16)
    axes.set_ylim(min(low, 0.1) / 3, max(high, 10.0) * 3)
    axes.set_xlim(0, DEPTH)
    told = f"lines: mean field; dots: {NETS} random networks of width {WIDTH} each"
    entitle(axes, "Gradient through depth", told, dark)
    if all(len(h) < 2 for h in heights):
        axes.text(
            0.5, 0.4, fill(case.edge_reason, 44), transform=axes.transAxes, ha="center", fontsize=10.5,
            color=ink(dark), bbox=halo(dark),
        )  # fmt: skip
