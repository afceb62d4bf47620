"""Why the step cannot be trained: it is the limit of sigmoid(k·x), whose derivative becomes a spike of width 0."""

from __future__ import annotations

import numpy as np

from rheobase.catalogue import get
from rheobase.sketch import svg as sketch
from rheobase.sketch import terminal

SLOPES = (1, 3, 9)
"""The k that are drawn; the slope at 0 is k/4, and the area under it stays 1."""
WIDTH, HEIGHT = 430, 260


def curves(order: int) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The derivative of the given order of sigmoid(k·x), for each k: label, x, y."""
    x = np.linspace(-3, 3, 2401)
    out = []
    for k in SLOPES:
        function = get(f"sigmoid(k*x); k={k}").derivative(order)
        out.append((f"k = {k}", x, np.asarray(function.numpy(x), float)))
    return out


def svg() -> str:
    """sigmoid(k·x) and its derivative for growing k, side by side, with the step."""
    x = np.linspace(-3, 3, 2401)
    step = ("step", x, np.asarray(get("step").numpy(x), float))
    cells = [
        sketch([*curves(0), step], width=WIDTH, height=HEIGHT, title="sigmoid(k·x) becomes the step"),
        sketch(curves(1), width=WIDTH, height=HEIGHT, title="its derivative becomes a spike: 0 almost everywhere"),
    ]
    placed = [cell.replace("<svg ", f'<svg x="{i * (WIDTH + 10)}" y="0" ', 1) for i, cell in enumerate(cells)]
    width = 2 * WIDTH + 10
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}">'
    return "\n".join([head, "<title>The step as the limit of sigmoid(k·x)</title>", *placed, "</svg>", ""])


def text_pictures() -> list[tuple[str, str]]:
    """The derivatives for a terminal: titled blocks of text, one for each k."""
    return [
        (f"slope of sigmoid({k}·x)", terminal(x, y, width=31, height=10))
        for (_, x, y), k in zip(curves(1), SLOPES, strict=True)
    ]
