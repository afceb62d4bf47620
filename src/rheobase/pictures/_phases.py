"""The phase diagram: for which weights and biases gradients vanish, and for which they explode."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rheobase.meanfield.moments import Array, Moments
from rheobase.meanfield.scan import scan
from rheobase.pictures._lines import BLUE, ORANGE, Chosen
from rheobase.pictures._look import dress, entitle, halo, ink, mixed, paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GRID, ROUNDS = 120, 400
STILL = 1e-4
"""Growth of log q in the last round above which it has not settled."""
FINER = 12
"""Points of the edge for each variance of the scan."""
GREY = "#7d8590"
ROOM = 20.0
"""Cells that a phase's name needs to its left and right."""


class Phases(NamedTuple):
    """(weights, biases): log χ₁ where the variance settles, and whether it grows beyond what was followed."""

    sigma_b: Array
    sigma_w: Array
    log_chi: Array
    lost: NDArray[np.bool_]


def phases(m: Moments, sigma_b: Array, sigma_w: Array, start: float) -> Phases:
    """χ₁ at the variance that a network starting from `start` ends with, on a grid of biases and weights."""
    curves = scan(m)
    sound = np.isfinite(curves.value) & np.isfinite(curves.slope) & (curves.value > 0)
    at, value = np.log(curves.q[sound]), np.log(curves.value[sound])
    bias, weights = np.meshgrid(sigma_b**2, sigma_w**2)
    top = float(at[-1])
    bounded = value[-1] - np.interp(top - math.log(100), at, value) < 0.01  # a bounded f cannot leave the grid
    log_q = before = np.full(bias.shape, math.log(start))
    for _ in range(ROUNDS):
        before = log_q
        log_q = np.minimum(np.log(weights * np.exp(np.interp(log_q, at, value)) + bias + 1e-300), top)
        if np.abs(np.maximum(log_q, at[0]) - np.maximum(before, at[0])).max() < 1e-6:
            break
    with np.errstate(divide="ignore"):
        chi = np.log(weights) + np.interp(log_q, at, np.log(curves.slope[sound]))
    lost = ((log_q >= top - 1e-9) | (log_q - before > STILL)) & (not bounded)
    return Phases(sigma_b, sigma_w, chi, lost)


def edge_line(m: Moments) -> tuple[Array, Array, Array]:
    """(σ_b, σ_w, χ_q) along the edge, by ascending variance; NaN where no bias makes that variance a fixed point."""
    from scipy.interpolate import CubicSpline

    curves = scan(m)
    sound = np.isfinite(curves.value) & np.isfinite(curves.slope) & (curves.value > 0) & (curves.slope > 0)
    if sound.sum() < 4:
        return np.full(1, math.nan), np.full(1, math.nan), np.full(1, math.nan)
    at = np.log(curves.q[sound])
    fine = np.linspace(at[0], at[-1], FINER * len(at))
    value, slope = (np.exp(CubicSpline(at, np.log(curve[sound]))(fine)) for curve in (curves.value, curves.slope))
    bias = np.exp(fine) - value / slope
    bias = np.where(np.abs(bias) < 1e-9 * np.exp(fine), 0.0, bias)
    first = bias[:-1] * bias[1:] < 0
    bias[(np.r_[first, False] | np.r_[False, first]) & (bias < 0)] = 0.0  # the line reaches the axis
    growth = np.interp(fine, at, curves.growth[sound])
    return np.sqrt(np.where(bias >= 0, bias, math.nan)), slope**-0.5, growth / slope


def draw_phases(axes: Axes, case: Chosen, dark: bool) -> None:
    """The diagram of φ, with the three networks in it."""
    dress(axes, "σ_b, of the biases", "σ_w, of the weights", dark)
    setting = case.setting
    right, top = max(1.0, 3 * setting.sigma_b), 1.9 * setting.sigma_w
    found = phases(case.moments, np.linspace(0, right, GRID), np.linspace(0.01, 1, GRID) * top, setting.q0)
    chi, lost = np.clip(found.log_chi, -50, 50), found.lost
    steep = case.moments.slope_second()
    slopes_lost = not (steep and math.isfinite(steep)) or case.edge_reason.startswith("f jumps")
    if not slopes_lost:
        fills = [mixed(BLUE, 0.16, dark), mixed(ORANGE, 0.18, dark)]
        axes.contourf(found.sigma_b, found.sigma_w, chi, levels=[-60, 0, 60], colors=fills, zorder=0)
        if lost.any():
            grey = [mixed(GREY, 0.25, dark)]
            axes.contourf(found.sigma_b, found.sigma_w, lost.astype(float), levels=[0.5, 1.5], colors=grey, zorder=0.1)
        _edge(axes, case, right, top, dark)
        _names(axes, found, dark)
    for line in case.lines:
        axes.plot(
            [line.setting.sigma_b], [line.setting.sigma_w], marker="D", markersize=6.5, color=line.colour,
            markeredgecolor=paper(dark), clip_on=False, zorder=6,
        )  # fmt: skip
    axes.set_xlim(0, right)
    axes.set_ylim(0, top)
    _words(axes, case, slopes_lost, dark)


def _edge(axes: Axes, case: Chosen, right: float, top: float, dark: bool) -> None:
    sigma_b, sigma_w, chi_q = edge_line(case.moments)
    stable = np.abs(chi_q) < 1
    for mask, style in ((stable, "solid"), (~stable, (0, (3, 1.5)))):
        joined = mask | np.r_[False, mask[:-1]]  # both parts meet in one point
        axes.plot(
            np.where(joined, sigma_b, np.nan), np.where(joined, sigma_w, np.nan), color=ink(dark), linewidth=1.8,
            linestyle=style, zorder=3,
        )  # fmt: skip


def _names(axes: Axes, found: Phases, dark: bool) -> None:
    """Each phase by name, in the middle of its largest part."""
    b, w = np.meshgrid(found.sigma_b, found.sigma_w)
    parts = {
        "ordered:\ngradients vanish": (found.log_chi < 0) & ~found.lost,
        "chaotic:\ngradients explode": (found.log_chi > 0) & ~found.lost,
        "the variance grows\nwithout bound": found.lost,
    }
    for name, part in parts.items():
        row, column, room = _roomiest(part)
        if room < ROOM:
            continue
        axes.text(
            float(b[row, column]), float(w[row, column]), name, ha="center", va="center", fontsize=9.5,
            color=ink(dark), zorder=4,
        )  # fmt: skip


def _roomiest(part: NDArray[np.bool_]) -> tuple[int, int, float]:
    """The cell farthest from all that is outside, and how far in cells; letters are wider than high."""
    from scipy.ndimage import distance_transform_edt

    far = np.asarray(distance_transform_edt(np.pad(part, 1), sampling=(2.5, 1.0)))[1:-1, 1:-1]
    row, column = np.unravel_index(int(far.argmax()), far.shape)
    return int(row), int(column), float(far[row, column])


def _words(axes: Axes, case: Chosen, torn: bool, dark: bool) -> None:
    sigma_b, sigma_w, _ = edge_line(case.moments)
    (right, top) = (axes.get_xlim()[1], axes.get_ylim()[1])
    drawn = bool(((sigma_b <= right) & (sigma_w <= top) & (sigma_b > 0)).any()) and not torn
    told = f"variance from q = {case.setting.q0:.3g} on; diamonds: networks shown"
    if drawn:
        told = f"line: the edge (dashed: unstable); {told}"
    elif not torn:
        told = f"no edge: {case.edge_reason}" if "no edge" not in case.edge_reason else case.edge_reason
    entitle(axes, "Phases", told, dark)
    if torn:
        axes.text(
            0.5, 0.5, fill(case.edge_reason, 46), transform=axes.transAxes, ha="center", va="center", fontsize=10.5,
            color=ink(dark), bbox=halo(dark), zorder=7,
        )  # fmt: skip
