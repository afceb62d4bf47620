"""The classical picture of one neuron: inputs, weights as synapses, the sum, the activation, the answer."""

from __future__ import annotations

import math

import numpy as np

from rheobase.capability.boolean import Coding
from rheobase.capability.drawing.panel import CURVE, FIRES, LEVEL, SILENT, Panel, dot, line, page, text
from rheobase.capability.fire import Firing
from rheobase.capability.words import decimal
from rheobase.sketch import PALETTE, View, terminal, view

EXCITE, INHIBIT = PALETTE[2], PALETTE[1]
"""Colours of positive and of negative weights."""


def svg(firing: Firing) -> str:
    """The neuron with the numbers of one input flowing through it, left to right."""
    n = len(firing.weights)
    height = max(330, 96 + 66 * n)
    middle = height / 2 + 10
    out = [
        '<defs><marker id="rb-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="currentColor"/></marker></defs>'
    ]
    largest = max((abs(w) for w in firing.weights), default=0) or 1
    for i, (value, weight, product) in enumerate(zip(firing.at, firing.weights, firing.products, strict=True)):
        y = middle + (i - (n - 1) / 2) * 66
        colour = EXCITE if weight >= 0 else INHIBIT
        out.append(f'<circle cx="70" cy="{y:.1f}" r="21" fill="none" stroke="currentColor" stroke-width="1.6"/>')
        out.append(text(70, y + 5, decimal(value, 3), anchor="middle", size=14))
        out.append(text(40, y + 5, f"x{_index(i + 1)}", anchor="end"))
        words = f"× {decimal(weight, 4)} = {decimal(product, 4)}"
        out.append(text(100, y + 5, words, fill=colour, weight=600))
        start = 110 + 7 * len(words)
        reach = 1 - 36 / math.hypot(320 - start, middle - y)
        x_end, y_end = start + (320 - start) * reach, y + (middle - y) * reach
        out.append(line(start, y, x_end, y_end, colour=colour, width=1 + 4 * abs(weight) / largest))
    out += _sum(firing, middle)
    out += _activation(firing, middle)
    out += _output(firing, middle)
    return page(
        960, round(height), f"One neuron with {firing.label}: inputs × weights, sum, activation, threshold", out
    )


def _sum(firing: Firing, middle: float) -> list[str]:
    return [
        f'<circle cx="320" cy="{middle:.1f}" r="32" fill="none" stroke="currentColor" stroke-width="2"/>',
        text(320, middle + 9, "Σ", anchor="middle", size=26),
        line(320, middle - 84, 320, middle - 36, more='marker-end="url(#rb-arrow)"'),
        text(320, middle - 92, f"bias {decimal(firing.bias, 4)}", anchor="middle"),
        line(354, middle, 424, middle, width=1.6, more='marker-end="url(#rb-arrow)"'),
        text(320, middle + 54, f"net = {decimal(firing.net, 5)}", anchor="middle", weight=600),
    ]


def _activation(firing: Firing, middle: float) -> list[str]:
    x, y, window = _seen(firing)
    panel = Panel(466, middle - 92, 236, 184, window)
    at, height = panel.px(firing.net), panel.py(firing.value)
    return [
        *panel.frame("net", f"φ = {firing.label}"),
        panel.curve(x, y, CURVE),
        panel.level(firing.threshold, LEVEL),
        text(
            698,
            panel.py(firing.threshold) - 6,
            f"θ = {decimal(firing.threshold, 4)}",
            anchor="end",
            fill=LEVEL,
            weight=600,
        ),
        line(at, panel.py(window.bottom), at, height, width=1.4, more='stroke-dasharray="2 3"'),
        dot(at, height, firing.answer, 5.5),
        line(710, middle, 822, middle, width=1.6, more='marker-end="url(#rb-arrow)"'),
        text(766, middle - 10, f"φ(net) = {decimal(firing.value, 4)}", anchor="middle", weight=600, size=11.5),
    ]


def _output(firing: Firing, middle: float) -> list[str]:
    fill = FIRES if firing.answer else "none"
    ink = "#1f2328" if firing.answer else "currentColor"
    sign = (">" if firing.answer else "≤") if firing.orientation == 1 else ("<" if firing.answer else "≥")
    return [
        f'<circle cx="856" cy="{middle:.1f}" r="26" fill="{fill}" stroke="{FIRES if firing.answer else SILENT}" '
        'stroke-width="2.5"/>',
        text(856, middle + 7, str(firing.answer), anchor="middle", size=20, weight=600, fill=ink),
        text(856, middle + 48, f"φ(net) {sign} θ", anchor="middle"),
        text(856, middle + 66, "fires" if firing.answer else "stays silent", anchor="middle", weight=600),
    ]


def _seen(firing: Firing) -> tuple[np.ndarray, np.ndarray, View]:
    """The curve around 0 and around the net, and a window that holds the net, its value and the threshold."""
    reach = max(4.0, 1.4 * abs(firing.net))
    x = np.linspace(-reach, reach, 1601)
    y = np.asarray(firing.function.numpy(x), float)
    seen = view([(x, y)])
    bottom, top = min(seen.bottom, firing.threshold, firing.value), max(seen.top, firing.threshold, firing.value)
    room = 0.08 * (top - bottom)
    return x, y, View(seen.left, seen.right, bottom - room, top + room)


def _index(i: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(d)] for d in str(i))


def text_picture(firing: Firing) -> str:
    """The same for a terminal, without the curve."""
    n, middle = len(firing.weights), (len(firing.weights) - 1) // 2
    cells = [
        (f"x{i + 1} = {decimal(v, 4)}", f"× {decimal(w, 4)}", f"= {decimal(p, 4)}")
        for i, (v, w, p) in enumerate(zip(firing.at, firing.weights, firing.products, strict=True))
    ]
    widths = [max(len(row[k]) for row in cells) for k in range(3)]
    lines = []
    for i, row in enumerate(cells):
        one, two, three = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        corner = "─" if n == 1 else "┐" if i == 0 else "┘" if i == n - 1 else "┤"
        lines.append(f"{one} ──({two} {three})──{corner}")
    compare = "above" if firing.orientation == 1 else "below"
    tail = (
        f"─▶ Σ + bias {decimal(firing.bias, 4)} ─▶ net = {decimal(firing.net)} ─▶ "
        f"φ(net) = {decimal(firing.value)} ─▶ fires {compare} θ = {decimal(firing.threshold, 4)} ─▶ {firing.answer}"
    )
    if n > 1:
        lines[middle] = lines[middle][:-1] + ("┬" if n == 2 else "┼" if middle else "┬")
    lines[middle] += tail
    return "\n".join(lines)


def curve_text(firing: Firing, width: int = 56, height: int = 13) -> str:
    """The curve with the point at the net, for a terminal."""
    x, y, _ = _seen(firing)
    mark = (firing.net, firing.value, "●" if firing.answer else "○")
    return terminal(x, y, width=width, height=height, marks=[mark], level=firing.threshold)


def table(firing: Firing, inputs: Coding) -> tuple[list[str], list[list[str]]] | None:
    """Headings and a row for each of the 2^n inputs; None where they are too many."""
    rows = [
        [*(f"{v:g}".replace("-", "−") for v in row.at), decimal(row.net), decimal(row.value), str(row.answer)]
        for row in firing.rows(inputs)
    ]
    headings = [*(f"x{i + 1}" for i in range(len(firing.weights))), "net", "φ(net)", "answer"]
    return (headings, rows) if rows else None
