"""What all pictures have in common: the blank figure, the ink, how axes are dressed."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from rheobase.errors import RheobaseError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def blank(width: float, height: float, dark: bool, layout: Any = "constrained") -> Figure:
    """An empty figure, its size in inches, that belongs to no window.

    Raises:
        RheobaseError: Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RheobaseError("plotting needs Matplotlib", instead="pip install 'rheobase[plot]'") from None

    class Picture(Figure):
        """A figure that a notebook shows without `pyplot` having been imported."""

        def _repr_png_(self) -> bytes:
            from io import BytesIO

            buffer = BytesIO()
            self.savefig(buffer, format="png", dpi=110)
            return buffer.getvalue()

    return Picture(figsize=(width, height), layout=layout, facecolor=paper(dark))


def paper(dark: bool) -> str:
    return "#0d1117" if dark else "#ffffff"


def ink(dark: bool) -> str:
    return "#e6edf3" if dark else "#1f2328"


def dress(axes: Axes, xlabel: str, ylabel: str, dark: bool) -> None:
    """No frame, a faint grid, names on both axes."""
    axes.set_facecolor("none")
    axes.spines[:].set_visible(False)
    axes.grid(color=ink(dark), alpha=0.12, linewidth=0.8)
    axes.tick_params(which="both", length=0, pad=6, labelsize=9, colors=ink(dark))
    axes.set_xlabel(xlabel, color=ink(dark))
    axes.set_ylabel(ylabel, color=ink(dark))


def logarithmic(axes: Axes, *sides: str) -> None:
    """A logarithmic scale with powers of ten as plain text: Matplotlib's own labels take most of a picture's time."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    def power(value: float, _: Any) -> str:
        exponent = f"{value:e}".partition("e")[2]
        plain = {"1e+00": "1", "1e+01": "10", "1e+02": "100", "1e-01": "0.1", "1e-02": "0.01"}
        return plain.get(f"{value:.0e}", "10" + str(int(exponent)).translate(SUPERSCRIPTS))

    for side in sides:
        getattr(axes, f"set_{side}scale")("log")
        axis = getattr(axes, f"{side}axis")
        axis.set_major_locator(LogLocator(10, numticks=9))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(power))


MARGIN, GAP, RIGHT = 0.78, 0.95, 0.3
"""Inches to the left of the panels, between them, and to their right."""
TITLE, LINE, FOOT, NAMES = 0.36, 0.165, 0.42, 0.55
"""Inches: a title, a line of text, the legend, the numbers and the name of a horizontal axis."""


def sheet(rows: int, title: str, below: str, dark: bool, size: tuple[float, float] = (5.6, 3.3)) -> tuple[Figure, Any]:
    """A figure of two columns of panels of a size in inches, with a head: title and what is shown, in smaller letters.

    Returns:
        the figure, and its axes (rows, 2).
    """
    below = "\n".join(fill(line, 135) for line in below.split("\n"))
    width = MARGIN + 2 * size[0] + GAP + RIGHT
    above = TITLE + 0.22 + LINE * (below.count("\n") + 1)
    each = TITLE + 2 * LINE + size[1] + NAMES
    height = above + rows * each + FOOT
    figure = blank(width, height, dark, layout=None)
    put: dict[str, Any] = {"ha": "left", "va": "top", "color": ink(dark)}
    figure.text(0.2 / width, 1 - 0.12 / height, title, fontsize=15, fontweight="bold", **put)
    figure.text(0.2 / width, 1 - (TITLE + 0.1) / height, below, fontsize=10, linespacing=1.3, **put)
    lefts = [MARGIN + i * (size[0] + GAP) for i in range(2)]
    bottoms = [height - above - (row + 1) * each + NAMES for row in range(rows)]
    axes = [
        [figure.add_axes((x / width, y / height, size[0] / width, size[1] / height)) for x in lefts] for y in bottoms
    ]
    return figure, axes


def entitle(axes: Axes, title: str, below: str, dark: bool) -> None:
    """A panel's title, and under it in smaller letters how to read the panel: at most two lines."""
    put: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "color": ink(dark), "va": "top"}
    axes.set_title(title, loc="left", fontsize=11.5, fontweight="bold", color=ink(dark), pad=72 * 2 * LINE + 8)
    axes.annotate(
        fill(below, 86), (0, 1), xytext=(0, 72 * 2 * LINE + 4), fontsize=8.5, alpha=0.8, linespacing=1.3, **put
    )


def legend(figure: Figure, handles: Sequence[Any], names: Sequence[str], dark: bool) -> None:
    """One legend for all panels, in the last line."""
    figure.legend(
        handles, names, loc="lower left", bbox_to_anchor=(0.004, 0.0), ncols=len(names), frameon=False, fontsize=9.5,
        labelcolor=ink(dark), handlelength=1.6, columnspacing=1.8,
    )  # fmt: skip


def mixed(colour: str, share: float, dark: bool) -> str:
    """A share of the colour on the paper, opaque."""
    under = paper(dark)
    pairs = [(int(colour[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def halo(dark: bool) -> dict[str, object]:
    """A soft edge of the paper's colour, so that letters are read on top of lines."""
    return {"facecolor": paper(dark), "edgecolor": "none", "alpha": 0.75, "pad": 1.5}
