"""The decision regions of a neuron over its input plane, beside the curve with the sums and the threshold on it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from rheobase.capability.boolean import coded
from rheobase.capability.drawing.panel import FIRES, LEVEL, Panel, dot, line, page, text
from rheobase.capability.model import as_float
from rheobase.capability.solve import Answer
from rheobase.capability.words import decimal
from rheobase.errors import RheobaseError
from rheobase.sketch import View, terminal, view

SAMPLES = 6001
"""Points at which the curve is compared with the threshold, along the sums that the plane holds."""


class _Mark(NamedTuple):
    net: float
    value: float
    answer: int
    names: str


def svg(answer: Answer) -> str:
    """Two panels: where the answer is 1 over the input plane (two inputs), and the curve along w·x + b.

    Raises:
        RheobaseError: no neuron was found, so that there is nothing to draw.
    """
    low, high = _reach(answer)
    x = np.linspace(low, high, SAMPLES)
    y = np.asarray(answer.activation.numpy(x), float)
    stripes = _stripes(answer, x, y)
    plane = answer.task.inputs == 2
    title = f"One neuron with {answer.label} on {answer.task.name}"
    parts = _plane(answer, stripes) if plane else []
    parts += _curve(answer, x, y, stripes, left=430 if plane else 70)
    return page(900 if plane else 540, 420, title, parts)


def text_picture(answer: Answer) -> list[tuple[str, str]]:
    """The same for a terminal: titled blocks of text."""
    low, high = _reach(answer)
    x = np.linspace(low, high, SAMPLES)
    y = np.asarray(answer.activation.numpy(x), float)
    marks = [(m.net, m.value, "●" if m.answer else "○") for m in _marks(answer)]
    threshold = _numbers(answer)[2]
    curve = terminal(x, y, width=56, height=15, marks=marks, level=threshold)
    blocks = [(f"f(net), θ = {decimal(threshold)} dashed, ● answer 1, ○ answer 0", curve)]
    return [("input plane, ▒ answer 1", _plane_text(answer)), *blocks] if answer.task.inputs == 2 else blocks


def _numbers(answer: Answer) -> tuple[list[float], float, float]:
    if answer.found is None:
        raise RheobaseError(
            f"no neuron with {answer.label} computes {answer.task.name}, so there are no regions to draw",
            instead="a function that can: rheobase neuron xor",
        )
    return answer.found.neuron.floats()


def _marks(answer: Answer) -> list[_Mark]:
    assert answer.found is not None
    return [
        _Mark(
            as_float(s.net),
            float(s.value),
            s.wanted,
            ", ".join("".join(map(str, bits)) for bits in s.inputs[:3]) + ", …" * (len(s.inputs) > 3),
        )
        for s in answer.found.sums
    ]


def _square(answer: Answer) -> tuple[float, float]:
    return (-0.5, 1.5) if answer.inputs == "01" else (-2.0, 2.0)


def _reach(answer: Answer) -> tuple[float, float]:
    """The sums that the plane shown holds, or those of the inputs with room on either side."""
    weights, bias, _ = _numbers(answer)
    if answer.task.inputs == 2:
        ends = [bias + sum(w * v for w, v in zip(weights, corner, strict=True)) for corner in _corners(answer)]
    else:
        nets = [m.net for m in _marks(answer)]
        room = 0.15 * (max(nets) - min(nets)) or 1.0
        ends = [min(nets) - room, max(nets) + room]
    low, high = min(ends), max(ends)
    return (low, high) if high > low else (low - 1, high + 1)


def _corners(answer: Answer) -> list[tuple[float, float]]:
    a, b = _square(answer)
    return [(a, a), (b, a), (b, b), (a, b)]


def _stripes(answer: Answer, x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """The stretches of w·x + b on which the answer is 1."""
    assert answer.found is not None
    neuron = answer.found.neuron
    distance = neuron.orientation * (y - neuron.floats()[2])
    fires = distance > 0
    changes = np.flatnonzero(fires[1:] != fires[:-1])
    ends = [_crossing(x[i : i + 2], distance[i : i + 2]) for i in changes]
    edges = [float(x[0])] * bool(fires[0]) + ends + [float(x[-1])] * bool(fires[-1])
    return list(zip(edges[::2], edges[1::2], strict=True))


def _crossing(x: np.ndarray, distance: np.ndarray) -> float:
    step = distance[1] - distance[0]
    part = -distance[0] / step if math.isfinite(step) and step else 0.5
    return float(x[0] + min(max(part, 0.0), 1.0) * (x[1] - x[0]))


def _plane(answer: Answer, stripes: list[tuple[float, float]]) -> list[str]:
    weights, bias, _ = _numbers(answer)
    low, high = _square(answer)
    panel = Panel(60, 62, 300, 300, View(low, high, low, high))
    out = []
    for a, b in stripes:
        corners = _clipped(_clipped(_corners(answer), weights, bias - a), [-w for w in weights], b - bias)
        if len(corners) > 2:
            at = " ".join(f"{panel.px(u):.1f},{panel.py(v):.1f}" for u, v in corners)
            out.append(f'<polygon points="{at}" fill="{FIRES}" opacity=".28"/>')
    out += panel.frame("x₁", "x₂")
    out.append(text(360, 54, "shaded: the answer is 1", anchor="end"))
    for bits in answer.task.bits():
        u, v = (panel.px(coded(bits[0], answer.inputs)), panel.py(coded(bits[1], answer.inputs)))
        wanted = answer.task.answer(bits)
        out += [dot(u, v, wanted, 8), text(u + 13, v - 9, f"{bits[0]}{bits[1]} → {wanted}", weight=600)]
    return out


def _clipped(corners: list[tuple[float, float]], weights: list[float], bias: float) -> list[tuple[float, float]]:
    """The part of a polygon where weights·x + bias ≥ 0 (Sutherland & Hodgman 1974)."""
    out: list[tuple[float, float]] = []
    for p, q in zip(corners, corners[1:] + corners[:1], strict=True):
        at_p, at_q = (sum(w * v for w, v in zip(weights, c, strict=True)) + bias for c in (p, q))
        if at_p >= 0:
            out.append(p)
        if (at_p >= 0) != (at_q >= 0):
            part = at_p / (at_p - at_q)
            out.append((p[0] + part * (q[0] - p[0]), p[1] + part * (q[1] - p[1])))
    return out


def _curve(answer: Answer, x: np.ndarray, y: np.ndarray, stripes: list[tuple[float, float]], left: float) -> list[str]:
    threshold, marks = _numbers(answer)[2], _marks(answer)
    seen = view([(x, y)])
    values = [threshold, *(m.value for m in marks)]
    bottom, top = min(seen.bottom, *values), max(seen.top, *values)
    room = 0.06 * (top - bottom)
    panel = Panel(left, 62, 400, 300, View(seen.left, seen.right, bottom - room, top + room))
    out = [panel.stripe(a, b, FIRES) for a, b in stripes]
    out += panel.frame("w·x + b", "f(w·x + b)")
    out.append(text(left + 400, 54, f"dashed: θ = {decimal(threshold)}", anchor="end", fill=LEVEL, weight=600))
    out += [panel.curve(x, y), panel.level(threshold, LEVEL)]
    foot = panel.py(bottom - room)
    for mark in marks:
        at, height = panel.px(mark.net), panel.py(mark.value)
        out.append(line(at, foot, at, height, width=1.4, more='stroke-dasharray="2 3" opacity=".7"'))
        out.append(dot(at, height, mark.answer))
    if len(marks) <= 6:
        for mark in marks:
            at, above = panel.px(mark.net), mark.value <= (bottom + top) / 2
            out.append(text(at, panel.py(mark.value) + (-12 if above else 20), mark.names, anchor="middle", weight=600))
    return out


def _plane_text(answer: Answer) -> str:
    weights, bias, threshold = _numbers(answer)
    assert answer.found is not None
    low, high = _square(answer)
    width, height = 33, 15
    across, down = np.linspace(low, high, width), np.linspace(high, low, height)
    with np.errstate(all="ignore"):
        net = weights[0] * across[None, :] + weights[1] * down[:, None] + bias
        fires = answer.found.neuron.orientation * (answer.activation.numpy(net) - threshold) > 0
    rows = [["▒" if cell else " " for cell in row] for row in fires]
    for bits in answer.task.bits():
        u, v = (coded(bit, answer.inputs) for bit in bits)
        column = round((u - low) / (high - low) * (width - 1))
        row = round((high - v) / (high - low) * (height - 1))
        rows[row][column] = "●" if answer.task.answer(bits) else "○"
    ticks = {round((high - v) / (high - low) * (height - 1)): str(v) for v in (coded(0, answer.inputs), 1)}
    lines = [f"{ticks.get(i, ''):>2} {'┤' if i in ticks else '│'}{''.join(row)}".rstrip() for i, row in enumerate(rows)]
    ruler, words = ["─"] * width, [" "] * width
    for v in (coded(0, answer.inputs), 1):
        at = round((v - low) / (high - low) * (width - 1))
        ruler[at], words[at] = "┬", str(v)[-1]
        if v < 0:
            words[at - 1] = "−"
    return "\n".join(
        [*(t.replace("-1", "−1") for t in lines), "   └" + "".join(ruler), "    " + "".join(words).rstrip()]
    )
