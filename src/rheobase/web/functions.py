"""What the page of a function shows, as plain data: formula, verdicts, theory, relations, code."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rheobase.activation import Activation
from rheobase.catalogue import get
from rheobase.catalogue.entry import Entry
from rheobase.expr import Parameter
from rheobase.lower import script
from rheobase.lower.latex import to_latex
from rheobase.parameter import Param
from rheobase.properties import THEMES
from rheobase.sketch import path, view
from rheobase.web.facts import facts
from rheobase.web.mathml import mathml

if TYPE_CHECKING:
    from rheobase.proofs import Check

Array = NDArray[Any]
CODE = (("torch", "PyTorch"), ("jax", "JAX"), ("numpy", "NumPy"), ("js", "JavaScript"))
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
REACH = 3.0
"""A parameter without bounds is moved so far up and down, or twice its own size."""
SPARK = (120, 64)
"""Width and height of a small curve."""
HALVINGS = 30
"""A step of 1/15 is 6e-11 wide in the end: what is not a jump rises by a hundredth with a slope of 1e8 alone."""


def page(name: str) -> dict[str, Any]:
    """Everything that the page of an entry shows besides what depends on other entries."""
    function = get(name)
    told = verdicts(function)
    return {
        "id": name,
        "formula": mathml(function.latex(), display=True),
        "derivative": mathml(function.derivative().latex(), display=True),
        "latex": function.latex(),
        "text": function.formula,
        "derivative_text": function.derivative().formula,
        "parameters": [slider(key, p) for key, p in function.parameters.items()],
        "spark": spark(function, whole=told["properties"]["continuous"] == "proven"),
        "script": scripted(function),
        "code": [(label, function.code(backend).strip()) for backend, label in CODE],
        "warnings": list(function.warnings),
        "facts": facts(name),
        **told,
    }


def slider(name: str, p: Param) -> dict[str, Any]:
    """A parameter's slider: round steps, the value given among them, both ends allowed.

    >>> from rheobase.parameter import Param
    >>> found = slider("beta", Param(1.0, above=0))
    >>> found["least"], found["most"], found["step"]
    (0.02, 4.0, 0.02)
    """
    reach = max(REACH, 2 * abs(p.default))
    low = p.low if p.low is not None else p.above if p.above is not None else p.default - reach
    high = p.high if p.high is not None else max(p.default, low) + reach
    step = next((s for s in STEPS if (high - low) / s <= 200.5), STEPS[-1])
    down, up = ((p.default - low) / step, (high - p.default) / step)
    least, most = (p.default + step * n for n in (-math.floor(down + 1e-9), math.floor(up + 1e-9)))
    if p.above is not None and least <= p.above:
        least += step
    return {
        "name": name,
        "symbol": mathml(to_latex(Parameter(name))),
        "value": p.default,
        "least": _short(least),
        "most": _short(most),
        "step": step,
        "learnable": p.learnable,
        "domain": p.domain(),
    }


def _short(value: float) -> float:
    return float(f"{value:.10g}")


def scripted(function: Activation) -> str:
    """The entry for the browser: its parameters, and value, slope and second derivative as functions."""
    names = list(function.parameters)
    made = [script(function.derivative(order).expr, names) for order in range(3)]
    known = {
        "name": function.entry.name,
        "parameters": [
            {key: value for key, value in slider(name, p).items() if key in ("name", "value", "least", "most", "step")}
            for name, p in function.parameters.items()
        ],
    }
    # The object stays open for the functions, which are no JSON.
    head = f"rheobase.functions[{json.dumps(function.id)}] = {json.dumps(known)[:-1]}"
    return head + ', "derivatives": [\n' + ",\n".join(made) + "\n]};\n"


def spark(function: Activation, whole: bool = False) -> str:
    """The path of a small curve, from -4 to 4, broken where the function jumps, unless it is known to be `whole`: one
    that rises like 1/log(1/x) from a point jumps in any arithmetic.

    >>> from rheobase.catalogue import get
    >>> spark(get("heaviside")).count("M"), spark(get("tanh")).count("M")
    (2, 1)
    """
    width, height = SPARK
    x = np.linspace(-4.0, 4.0, 121)
    y = function.numpy(x)
    window = view([(x, y)])
    with np.errstate(all="ignore"):
        down = (window.top - y) / (window.top - window.bottom) * (height - 4) + 2
    shown = np.isfinite(down) & (down > -height) & (down < 2 * height)
    broken = shown[1:] != shown[:-1]
    if not whole:
        broken |= jumps(function.numpy, x, y, window.top - window.bottom)
    runs = np.split(np.arange(len(x)), np.flatnonzero(broken) + 1)
    across = (x + 4) / 8 * width
    return "".join(path(across[run], down[run], 0.3) for run in runs if shown[run[0]] and len(run) > 1)


def jumps(f: Callable[[Array], Array], x: Array, y: Array, span: float) -> Array:
    """Between which neighbours of the sorted points x, y = f(x) the function jumps, by more than a hundredth of `span`.

    Halving keeps a jump whole, and makes a slope's rise smaller. As `rheobase.jumps` of assets/plot.js.

    >>> jumps(np.floor, np.array([0.2, 0.7, 1.2]), np.array([0.0, 0.0, 1.0]), 1.0)
    array([False,  True])
    """
    with np.errstate(all="ignore"):
        large = np.flatnonzero(np.abs(np.diff(y)) > 0.02 * span)
        left, right, low, high = x[large], x[large + 1], y[large], y[large + 1]
        for _ in range(HALVINGS):
            middle = (left + right) / 2
            value = f(middle)
            before = np.abs(value - low) > np.abs(high - value)
            left, low = np.where(before, left, middle), np.where(before, low, value)
            right, high = np.where(before, middle, right), np.where(before, value, high)
        found = np.zeros(len(x) - 1, dtype=bool)
        found[large] = np.abs(high - low) > 0.01 * span
    return found


def verdicts(function: Activation) -> dict[str, Any]:
    """The proofs by theme, strengths and weaknesses, and what the verdicts say of the source's claims."""
    from rheobase.proofs import check, judged_claims
    from rheobase.proofs.words import traits

    found = check(function)
    strengths, weaknesses = traits(found)
    entry: Entry = function.entry
    return {
        "themes": themed(found),
        "properties": {name: one.verdict for name, one in found.items()},
        "strengths": strengths,
        "weaknesses": weaknesses,
        "claims": [
            (claim, outcome, entry.acknowledged.get(claim, ""))
            for claim, outcome in judged_claims(entry, found).items()
        ],
    }


def themed(found: Check) -> dict[str, list[tuple[str, str, str, str]]]:
    """By theme: property, verdict, what was found in words, and how."""
    from rheobase.proofs.words import in_words

    return {
        theme: [(name, found[name].verdict, in_words(name, found[name]), found[name].method or "") for name in names]
        for theme, names in THEMES.items()
    }
