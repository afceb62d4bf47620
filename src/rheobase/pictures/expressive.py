"""The picture of expressiveness: growth of a curve, linear regions of a plane, Hermite and Fourier spectra."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rheobase.activation import Activation
from rheobase.errors import RheobaseError
from rheobase.expr import Expr
from rheobase.meanfield.moments import Array
from rheobase.meanfield.piecewise import Linear, linear_pieces
from rheobase.meanfield.regions import Layer, Regions, cut, plane_network
from rheobase.meanfield.simulation import Setting
from rheobase.meanfield.spectrum import Spectrum, falling, spectrum
from rheobase.meanfield.trajectory import CHORDS, WIDTH, trajectory
from rheobase.pictures._lines import GREEN, Chosen, chosen
from rheobase.pictures._look import dress, entitle, ink, legend, logarithmic, paper, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEPTH, NETS = 12, 6
SIDE, BIAS = 2.0, 0.5
"""The window of the plane, and the biases that give the lines on it their places, in units of √q0."""
SIZES = ((10, 3), (8, 2), (8, 1), (3, 1))
"""Widths and depths that are tried for the plane until there are few enough regions to be seen."""
SEEN = 4000
DEEP = (48, 6)
PIXELS = 120
RUNAWAY = 1e6
TURNS = 0.618033988749895
"""The golden ratio, for colours of neighbouring regions that differ."""
FLOOR = 1e-6


def plot_expressive(spec: Activation | Expr | str, *, sigma_b: float | None = None, dark: bool = False) -> Figure:
    """One figure of how rich the functions are that a random network of an activation makes.

    Four panels: the length of a circle of inputs layer by layer, with mean field's growth √χ₁; the linear regions of a
    small network on a plane, or, where the function is not piecewise linear, a deep network's output on it; the power
    of Hermite polynomials by degree; Fourier magnitudes.

    Args:
        spec: an id, an alias, a formula, or an Activation.
        sigma_b: the standard deviation of the biases; then the edge of chaos for it is shown in place of the
            recommended initialisation.
        dark: light ink, for a dark page.

    Raises:
        RheobaseError: Matplotlib is not installed, the spec is unknown, or no weights keep its variance.

    Returns:
        a `matplotlib.figure.Figure` that belongs to no window.

    >>> figure = plot_expressive("relu")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Length of a curve', 'Linear regions', 'Hermite spectrum', 'Fourier spectrum']
    """
    case = chosen(spec, sigma_b, DEPTH)
    figure, ((length, plane), (degrees, waves)) = sheet(2, case.title, case.why, dark)
    _length(length, case, dark)
    _plane(plane, case, dark)
    found = spectrum(case.function)
    _degrees(degrees, found, dark)
    _waves(waves, found, dark)
    _legend(figure, case, dark)
    return figure


def _legend(figure: Figure, case: Chosen, dark: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=line.colour, linewidth=2.2) for line in case.lines]
    handles.append(Line2D([], [], color=ink(dark), linewidth=1.2, linestyle=(0, (4, 2))))
    names = [line.name for line in case.lines]
    names[1] += " (as above)"
    legend(figure, handles, [*names, "mean field"], dark)


def _length(axes: Axes, case: Chosen, dark: bool) -> None:
    dress(axes, "layer", "length over that of the inputs", dark)
    logarithmic(axes, "y")
    layers = np.arange(DEPTH + 1)
    torn = ""
    for line in case.lines:
        found = trajectory(case.function, line.setting, nets=NETS)
        relative = found.length / found.length[:, :1]
        relative = np.where(np.isfinite(relative) & (relative > 0), relative, np.nan)
        for one in relative:
            axes.plot(layers, one, color=line.colour, alpha=0.35, linewidth=1)
        axes.plot(layers, np.exp(np.log(relative).mean(axis=0)), color=line.colour, linewidth=2.2)
        theory = np.concatenate([[1.0], np.cumprod(found.theory)])
        axes.plot(
            layers, np.where(np.isfinite(theory), theory, np.nan), color=ink(dark), linewidth=1.2, linestyle=(0, (4, 2))
        )
        if found.by == "chords":
            torn = "f jumps; mean field: infinite" if np.isinf(found.theory[0]) else "whether f jumps is not told"
    axes.set_xlim(0, DEPTH)
    low, high = axes.get_ylim()
    axes.set_ylim(max(min(low, 0.5), 1e-12), min(max(high, 2.0), 1e12))
    told = f"a circle of inputs in {NETS} random networks of width {WIDTH}, and their geometric mean"
    if torn:
        told = (
            f"f jumps, or may jump: the curve is torn, its length that between {CHORDS:,} points; mean field: infinite"
        )
    entitle(axes, "Length of a curve", told, dark)


# ------------------------------------------------------------------------------------------------------------ the plane


def _plane(axes: Axes, case: Chosen, dark: bool) -> None:
    dress(axes, "first input", "second input", dark)
    axes.grid(False)
    unit = math.sqrt(case.setting.q0)
    side, setting = SIDE * unit, replace(case.setting, sigma_b=BIAS * unit)
    try:
        pieces = _moved(linear_pieces(case.function), *setting.shift)
    except RheobaseError as error:
        proven = "f is not proven piecewise linear" if "not told" in error.what else "f is not piecewise linear"
        _picture(axes, case, setting, proven, dark)
    else:
        regions, width, depth = _few(pieces, setting, side)
        _polygons(axes, regions, dark)
        word = "region" if regions.count == 1 else "regions"
        network = f"a network of {depth} × {width} units; σ_w = {setting.sigma_w:.3g}, σ_b = {setting.sigma_b:.3g}"
        told = f"{regions.count:,} {word} of {network}"
        entitle(axes, "Linear regions", told, dark)
    axes.set_xlim(-side, side)
    axes.set_ylim(-side, side)


def _moved(pieces: Linear, x0: float, s: float) -> Linear:
    """f(x + x0) - s."""
    offsets = tuple(o + slope * x0 - s for slope, o in zip(pieces.slopes, pieces.offsets, strict=True))
    return Linear(pieces.activation, tuple(c - x0 for c in pieces.cuts), pieces.slopes, offsets)


def _few(pieces: Linear, setting: Setting, side: float) -> tuple[Regions, int, int]:
    """The regions of the largest network whose regions can be seen; else those of the smallest."""
    for width, depth in SIZES[:-1]:
        try:
            found = cut(pieces, _network(setting, width, depth), side, most=SEEN)
        except RheobaseError:
            continue
        return found, width, depth
    width, depth = SIZES[-1]
    return cut(pieces, _network(setting, width, depth), side), width, depth


def _network(setting: Setting, width: int, depth: int) -> list[Layer]:
    return plane_network(setting.sigma_w, setting.sigma_b, width, depth, seed=0)


def _polygons(axes: Axes, found: Regions, dark: bool) -> None:
    """Each region in a shade of its own: the readout's slope chooses the hue, so that equal maps have equal colours."""
    from matplotlib import colormaps
    from matplotlib.collections import PolyCollection

    slopes = np.round(found.maps / (np.abs(found.maps).max() or 1.0), 9)
    _, which = np.unique(slopes, axis=0, return_inverse=True)
    shades = colormaps["viridis" if dark else "YlGnBu"](0.12 + 0.7 * (which.ravel() * TURNS % 1.0))
    axes.add_collection(PolyCollection(list(found.polygons), facecolors=shades, edgecolors=paper(dark), linewidths=0.5))


def _picture(axes: Axes, case: Chosen, setting: Setting, why: str, dark: bool) -> None:
    """With the larger weights, which make the richer picture, where they do not make it run away."""
    width, depth = DEEP
    side = SIDE * math.sqrt(setting.q0)
    for sigma_w in (case.lines[2].setting.sigma_w, setting.sigma_w):
        setting = replace(setting, sigma_w=sigma_w)
        image = _output(case, setting, side)
        if np.isfinite(image).all():
            break
    low, high = np.nanpercentile(image, [2, 98]) if np.isfinite(image).any() else (-1.0, 1.0)
    axes.imshow(
        image, extent=(-side, side, -side, side), origin="lower", aspect="auto", cmap="RdBu_r", vmin=low,
        vmax=high if high > low else low + 1, interpolation="bicubic" if np.isfinite(image).all() else "nearest",
    )  # fmt: skip
    told = f"{why}; shown: {depth} × {width} units, σ_w = {setting.sigma_w:.3g}, σ_b = {setting.sigma_b:.3g}"
    blank = "" if np.isfinite(image).all() else "; blank where it overflows"
    entitle(axes, "Output on a plane", told + blank, dark)


def _output(case: Chosen, setting: Setting, side: float) -> Array:
    line = np.linspace(-side, side, PIXELS)
    out = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).T
    with np.errstate(all="ignore"):
        for i, (weights, biases) in enumerate(_network(setting, *DEEP)):
            out = weights @ (case.moments.value(out) if i else out) + biases[:, None]
    return np.where(np.abs(out) < RUNAWAY, out, np.nan).reshape(PIXELS, PIXELS)


# -------------------------------------------------------------------------------------------------------------- spectra


def _degrees(axes: Axes, found: Spectrum, dark: bool) -> None:
    dress(axes, "degree of the Hermite polynomial", "share of E f²", dark)
    logarithmic(axes, "y")
    power = np.where(found.power > FLOOR / 10, found.power, np.nan)
    degrees = np.arange(len(power))
    axes.vlines(degrees, FLOOR, power, color=GREEN, linewidth=2.2)
    axes.plot(degrees, power, linestyle="", marker="o", markersize=5, color=GREEN)
    axes.set_ylim(FLOOR, 2)
    axes.set_xlim(-0.6, len(power) - 0.4)
    shares = f"{found.share(1):.1%} in degrees 0 and 1, {found.share(3):.1%} in degrees up to 3"
    told = f"of f at x ~ N(0, {found.q:g}): {shares}"
    entitle(axes, "Hermite spectrum", told, dark)


def _waves(axes: Axes, found: Spectrum, dark: bool) -> None:
    dress(axes, "ω, radians a unit of the input", "magnitude over the largest", dark)
    logarithmic(axes, "x", "y")
    omega = found.frequencies[1:]
    size = found.magnitude[1:] / (found.magnitude.max() or 1.0)
    axes.plot(omega, np.where(size > 1e-14, size, np.nan), color=GREEN, linewidth=2)
    if math.isfinite(found.decay):
        start = len(omega) // 6
        guide: Array = 2.5 * size[start] * (omega / omega[start]) ** -found.decay
        axes.plot(omega[start:], guide[start:], color=ink(dark), alpha=0.6, linewidth=1, linestyle=(0, (4, 3)))
        middle = start + len(omega) // 4
        axes.annotate(
            falling(found.decay), (float(omega[middle]), float(guide[middle])), xytext=(6, 6),
            textcoords="offset points", color=ink(dark), fontsize=9.5,
        )  # fmt: skip
    axes.set_ylim(1e-8, 2)
    axes.set_xlim(float(omega[0]), float(omega[-1]))
    cause = found.words.partition("; ")[2].replace("the Fourier spectrum", "it")
    told = f"of f under a normal weight of standard deviation {found.window:g}; {cause}"
    entitle(axes, "Fourier spectrum", told, dark)
