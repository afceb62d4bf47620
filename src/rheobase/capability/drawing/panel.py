"""A frame with axes on an SVG page, into which curves, points and lines are put by their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from rheobase.sketch import FONT, PALETTE, STYLE, View, path, pieces, ticks

FIRES, SILENT, LEVEL, CURVE = PALETTE[4], PALETTE[5], PALETTE[1], PALETTE[0]
"""Answer 1, answer 0, the threshold, the activation; told apart with any common colour blindness."""


def page(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    """A self-contained picture that suits light pages and dark ones."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="rheobase-neuron" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}" font-size="12" fill="currentColor">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            text(16, 22, title, size=15, weight=600),
            *parts,
            "</svg>",
            "",
        ]
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: float = 12,
    weight: int = 400,
    fill: str = "currentColor",
) -> str:
    """Words at a place on the page."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" font-weight="{weight}" '
        f'fill="{fill}">{escape(words)}</text>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, colour: str = "currentColor", width: float = 1, more: str = ""
) -> str:
    """A straight line on the page."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:.3g}" {more}/>'


def dot(x: float, y: float, answer: int, radius: float = 6) -> str:
    """A point: filled where the answer is 1, hollow where it is 0."""
    fill = FIRES if answer else "none"
    edge = FIRES if answer else SILENT
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{edge}" stroke-width="2.5"/>'


class Panel:
    """A frame on the page that shows a window of the plane."""

    def __init__(self, left: float, top: float, width: float, height: float, window: View) -> None:
        self.left, self.top, self.width, self.height, self.window = left, top, width, height, window

    def px(self, value: float) -> float:
        """Where a horizontal coordinate lies on the page."""
        w = self.window
        return self.left + (value - w.left) / (w.right - w.left) * self.width

    def py(self, value: float) -> float:
        """Where a vertical coordinate lies on the page, held at the frame's edges."""
        w = self.window
        inside = min(max(value, w.bottom), w.top)
        return self.top + (w.top - inside) / (w.top - w.bottom) * self.height

    def frame(self, xlabel: str, ylabel: str) -> list[str]:
        """Grid, axes, their numbers and names."""
        w, out = self.window, []
        bottom, right = self.top + self.height, self.left + self.width
        for value, words in ticks(w.left, w.right, max(2, int(self.width) // 60)):
            at, strong = self.px(value), ".45" if value == 0 else ".12"
            out.append(line(at, self.top, at, bottom, more=f'opacity="{strong}"'))
            out.append(f'<g opacity=".65">{text(at, bottom + 16, words, anchor="middle", size=11)}</g>')
        for value, words in ticks(w.bottom, w.top, max(2, int(self.height) // 50)):
            at, strong = self.py(value), ".45" if value == 0 else ".12"
            out.append(line(self.left, at, right, at, more=f'opacity="{strong}"'))
            out.append(f'<g opacity=".65">{text(self.left - 6, at + 4, words, anchor="end", size=11)}</g>')
        out.append(text(self.left + self.width / 2, bottom + 34, xlabel, anchor="middle"))
        out.append(text(self.left - 6, self.top - 8, ylabel))
        return out

    def curve(self, x: np.ndarray, y: np.ndarray, colour: str = CURVE) -> str:
        """A curve, cut where it jumps and clipped at the frame."""
        w = self.window
        drawn = []
        for a, b in pieces(x, y, w):
            across = (a - w.left) / (w.right - w.left) * self.width
            down = np.clip((w.top - b) / (w.top - w.bottom) * self.height, -4 * self.height, 5 * self.height)
            drawn.append(path(across, down))
        return (
            f'<svg x="{self.left:.1f}" y="{self.top:.1f}" width="{self.width:.1f}" height="{self.height:.1f}" '
            f'viewBox="0 0 {self.width:.1f} {self.height:.1f}">'
            f'<path class="rb-c" stroke="{colour}" d="{"".join(drawn)}"/></svg>'
        )

    def stripe(self, low: float, high: float, colour: str) -> str:
        """The part of the frame between two horizontal coordinates, tinted."""
        a, b = (self.px(min(max(v, self.window.left), self.window.right)) for v in (low, high))
        return (
            f'<rect x="{a:.1f}" y="{self.top:.1f}" width="{max(b - a, 0):.1f}" height="{self.height:.1f}" '
            f'fill="{colour}" opacity=".22"/>'
        )

    def level(self, value: float, colour: str = LEVEL) -> str:
        """A dashed horizontal line."""
        at = self.py(value)
        return line(self.left, at, self.left + self.width, at, colour=colour, width=1.6, more='stroke-dasharray="6 4"')
