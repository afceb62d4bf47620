"""The pictures of the documentation, drawn by `rheobase.sketch`: text, so that a diff shows what changed in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import rheobase as rb
from rheobase.capability.boolean import boolean
from rheobase.capability.drawing import firing, limit, regions
from rheobase.capability.fire import fire
from rheobase.capability.solve import solve
from rheobase.catalogue import entries
from rheobase.sketch import svg

# The functions with which the subject is usually told, from the step to GELU.
ESSAY = [
    "heaviside",
    "sign",
    "identity",
    "sigmoid",
    "relu",
    "leaky_relu",
    "prelu",
    "elu",
    "sine",
    "ncu",
    "swish",
    "gelu",
]
COLUMNS = 4
WIDTH, HEIGHT = 236, 150


def all_drawings() -> dict[str, str]:
    """Text by file name."""
    families = dict.fromkeys(entry.family for entry in entries().values())
    return {
        "functions.svg": grid(ESSAY, derivative=True),
        "neuron-fires.svg": firing.svg(fire("step", [1, 1], bias=-1.5, threshold=0.5)),
        "neuron-xor.svg": regions.svg(solve(boolean("xor"), rb.get("swish"))),
        "step-limit.svg": limit.svg(),
        **{f"family-{family}.svg": grid([e.id for e in rb.list(family=family)]) for family in families},
    }


def grid(ids: Sequence[str], derivative: bool = False) -> str:
    """Small pictures of functions, and of their derivatives where wanted, in rows of four."""
    x = np.linspace(-3, 3, 601) if derivative else np.linspace(-5, 5, 601)
    cells = []
    for i, id_ in enumerate(ids):
        f = rb.get(id_)
        curves = [("f" if derivative else "", x, f(x))]
        if derivative:
            curves.append(("f′", x, f.derivative()(x)))
        left, top = i % COLUMNS * (WIDTH + 4), i // COLUMNS * (HEIGHT + 6)
        cell = svg(curves, width=WIDTH, height=HEIGHT, title=id_)
        cells.append(cell.replace("<svg ", f'<svg x="{left}" y="{top}" ', 1))
    width, height = COLUMNS * (WIDTH + 4), (len(ids) + COLUMNS - 1) // COLUMNS * (HEIGHT + 6)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return "\n".join([head, f"<title>{', '.join(ids)}</title>", *cells, "</svg>", ""])
