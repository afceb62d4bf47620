"""Pictures of functions and, beside them, of their derivatives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rheobase.activation import Activation
from rheobase.catalogue.specs import get, spec_text
from rheobase.errors import RheobaseError
from rheobase.expr import Expr
from rheobase.pictures._look import blank, dress, ink
from rheobase.sketch import PALETTE, Curve, pieces, spread, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DASHES = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))

LONGEST = 60
"""Characters of a file's name that come from the functions."""
Spec = Activation | Expr | str


def plot(
    specs: Spec | Sequence[Spec],
    *,
    low: float = -6.0,
    high: float = 6.0,
    derivative: bool = True,
    title: str | None = None,
    dark: bool = False,
) -> Figure:
    """One figure of the functions and, beside them, of their derivatives.

    Args:
        specs: one function or several, drawn in this order, each in a colour of its own; the label stands at the right
            end of the curve.
        low: where the horizontal axis begins, in units of the input, as `high` where it ends.
        derivative: whether the derivatives have a panel.
        title: written above; by default the formula where there is only one function.
        dark: light ink, for a dark page.

    Raises:
        RheobaseError: Matplotlib is not installed, a spec is unknown, there is none, or the interval is empty.

    Returns:
        a `matplotlib.figure.Figure` that belongs to no window; `figure.savefig("swish.svg")` writes it.

    >>> figure = plot(["swish", "relu"])
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['f(x)', 'f′(x)']
    """
    functions = [get(spec) for spec in ([specs] if isinstance(specs, Spec) else specs)]
    if not functions:
        raise RheobaseError("nothing to plot", instead="plot(['swish', 'relu'])")
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise RheobaseError(f"the interval from {low} to {high} is empty", instead="low=-6, high=6")
    figure = blank(5.2 * (2 if derivative else 1), 3.6, dark)
    x = np.linspace(low, high, 2401)
    axes = figure.subplots(1, 2 if derivative else 1, squeeze=False)[0]
    _panel(axes[0], [(label(f), x, f(x)) for f in functions], "f(x)", dark)
    if derivative:
        _panel(axes[1], [(label(f), x, f.derivative()(x)) for f in functions], "f′(x)", dark)
    if title is None and len(functions) == 1:
        title = functions[0].formula
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=ink(dark))
    return figure


def label(function: Activation) -> str:
    """What a curve is called beside it: the spec, or the name of a function that is in no catalogue.

    >>> label(get("swish:beta=1.5"))
    'swish:beta=1.5'
    """
    if function.id is None:
        return function.name
    own = get(function.id).parameters
    return spec_text(function.id, {n: p.default for n, p in function.parameters.items() if p.default != own[n].default})


def file_name(specs: Sequence[Spec], ending: str = "") -> str:
    """A name for the picture's file, from what is in it.

    >>> file_name(["swish:beta=1.5", "x*tanh(x)"]), file_name(["tanh"], "theory")
    ('swish-beta-1.5-x-tanh-x.png', 'tanh-theory.png')
    """
    labels = "-".join(label(get(spec)) for spec in specs)
    words = re.sub(r"[^\w.]+", "-", labels, flags=re.ASCII).strip("-.")[:LONGEST].strip("-.") or "picture"
    return f"{words}-{ending}.png" if ending else f"{words}.png"


def _panel(axes: Axes, curves: Sequence[Curve], ylabel: str, dark: bool) -> None:
    window = view((x, y) for _, x, y in curves)
    room = 0.04 * (window.top - window.bottom)
    axes.set_xlim(window.left, window.right)
    axes.set_ylim(window.bottom - room, window.top + room)
    dress(axes, "x", ylabel, dark)
    axes.axhline(color=ink(dark), alpha=0.45, linewidth=0.9, zorder=1)
    axes.axvline(color=ink(dark), alpha=0.45, linewidth=0.9, zorder=1)
    ends = []
    for i, (name, x, y) in enumerate(curves):
        colour, dash = PALETTE[i % len(PALETTE)], _DASHES[i // len(PALETTE) % len(_DASHES)]
        parts = pieces(x, y, window)
        for a, b in parts:
            axes.plot(a, b, color=colour, linestyle=dash, linewidth=1.8, solid_capstyle="round")
        if parts:
            low, high = axes.get_ylim()
            last = (float(parts[-1][1][-1]) - low) / (high - low)
            ends.append((1 - min(max(last, 0.0), 1.0), name, colour))
    for at, name, colour in spread(ends, 1.0, 0.07):
        axes.annotate(
            name, (1.015, 1 - at), xycoords="axes fraction", va="center", color=colour, fontsize=9, fontweight="bold"
        )
