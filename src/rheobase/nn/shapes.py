"""The shapes that activations have learned, by layer and by neuron, over training: snapshots and a picture of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from rheobase.errors import RheobaseError
from rheobase.nn.mixture import Mixture
from rheobase.nn.module import Activation, opened_at
from rheobase.nn.running import checked_model
from rheobase.pictures import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
DRAWN = 200
"""Neurons of a layer that are drawn; of more, evenly chosen ones."""
POINTS = 241
MOST_ROWS = 24
"""Layers in one picture."""


@dataclass
class Shapes:
    """Snapshots of what a model's activations have learned: `record()` now and then while you train.

    Attributes:
        model: the model.
        steps: when each snapshot was taken.
        snapshots: a dict for each, from a layer's path to the values of its parameters by name, on the CPU.

    Raises:
        RheobaseError: the model has no activation that learns.

    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), Activation("prelu", True, per="channel", size=3))
    >>> shapes = Shapes(model)
    >>> shapes.record()
    >>> shapes.steps, shapes.snapshots[0]["1"]["negative_slope"]
    ([0], tensor([0.2500, 0.2500, 0.2500]))
    """

    model: torch.nn.Module
    steps: list[int] = field(default_factory=list)
    snapshots: list[dict[str, dict[str, torch.Tensor]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not any(True for _ in learning(checked_model(self.model))):
            raise RheobaseError(
                "no activation of the model learns a shape", instead='rheobase.nn.Activation("prelu", learnable=True)'
            )

    def record(self, step: int | None = None) -> None:
        """Take a snapshot; `step` is its number, one more than the last unless given.

        Raises:
            RheobaseError: the step is not after the last one, or a layer does not know its size yet.
        """
        last = self.steps[-1] if self.steps else -1
        step = last + 1 if step is None else step
        if not isinstance(step, int) or step <= last:
            raise RheobaseError(f"step {step} after step {last}", instead=f"record(step={last + 1}) or later")
        self.snapshots.append({path: _values(path, module) for path, module in learning(self.model)})
        self.steps.append(step)


def learning(model: torch.nn.Module) -> Iterator[tuple[str, Activation | Mixture]]:
    """The activations of a model that learn their shape, with their paths."""
    for path, module in model.named_modules():
        if isinstance(module, Mixture) or (isinstance(module, Activation) and module.learned):
            yield path, module


def _values(path: str, module: Activation | Mixture) -> dict[str, torch.Tensor]:
    if isinstance(module, Activation):
        if module.shape is None:
            raise RheobaseError(f"layer {path} does not know its size yet", instead="record() after the first batch")
        values = module.values()
    else:
        values = dict(module.named_parameters())
    return {name: value.detach().cpu().clone() for name, value in values.items()}


def plot_shapes(
    model: torch.nn.Module | Shapes,
    *,
    low: float = -4.0,
    high: float = 4.0,
    title: str | None = None,
    dark: bool = False,
) -> Figure:
    """One figure: a row a layer; on the left every neuron's shape now, on the right the layer's mean over training.

    Args:
        model: a model, of which the shapes now are drawn, or `Shapes` recorded while it was trained.
        low: where the horizontal axes begin, in units of the input, as `high` where they end.
        title: written above.
        dark: light ink, for a dark page.

    On the left the bold line is the mean over the neurons, the dashed one the shape at the start (the first snapshot,
    or the definition's own values). Of a layer with more than 200 neurons 200 evenly chosen ones are drawn.

    Raises:
        RheobaseError: Matplotlib is not installed, nothing learns a shape, nothing was recorded, the interval is empty.

    Returns:
        a `matplotlib.figure.Figure` that belongs to no window; `figure.savefig("shapes.png")` writes it.

    >>> figure = plot_shapes(torch.nn.Sequential(torch.nn.Linear(2, 3), Activation("swish", learnable=True)))
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['1: swish']
    """
    from rheobase.pictures._look import blank, ink

    if not (isinstance(low, int | float) and isinstance(high, int | float) and -np.inf < low < high < np.inf):
        raise RheobaseError(f"the interval from {low} to {high} is empty", instead="low=-4, high=4")
    recorded = isinstance(model, Shapes)
    shapes = model if recorded else Shapes(model)
    if not recorded:
        shapes.record()
    if not shapes.snapshots:
        raise RheobaseError("nothing was recorded", instead="shapes.record() while you train")
    layers = [(path, module) for path, module in learning(shapes.model) if path in shapes.snapshots[-1]]
    if len(layers) > MOST_ROWS:
        raise RheobaseError(
            f"{len(layers)} layers are too many for one picture",
            instead=f"plot_shapes(model.{layers[0][0].split('.')[0]}), a part of at most {MOST_ROWS}",
        )
    columns = 2 if len(shapes.steps) > 1 else 1
    figure = blank(5.2 * columns, 2.7 * len(layers) + 0.4, dark)
    panels = figure.subplots(len(layers), columns, squeeze=False)
    x = torch.linspace(low, high, POINTS, dtype=torch.float64)
    for row, (path, module) in zip(panels, layers, strict=True):
        history = [curves(module, snapshot[path], x) for snapshot in shapes.snapshots]
        start = history[0] if columns == 2 else _start(module, x)
        _neurons(row[0], x.numpy(), history[-1], start, f"{path or 'the model'}: {_name(module)}", dark)
        if columns == 2:
            _training(row[1], x.numpy(), history, shapes.steps, dark)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=ink(dark))
    return figure


def _name(module: Activation | Mixture) -> str:
    return label(module.definition) if isinstance(module, Activation) else module.title


@torch.no_grad()
def curves(module: Activation | Mixture, values: dict[str, torch.Tensor], x: torch.Tensor) -> Array:
    """The shape of every neuron at those values: (neurons, points), one row where the layer has one shape."""
    if isinstance(module, Mixture):
        return _mixed(module, values, x)
    flat = [values[name].double().reshape(-1, 1) for name in module.learned]
    out = opened_at(module)(x.expand(len(flat[0]), -1), *flat)
    return np.asarray(out.expand(len(flat[0]), -1))


def _mixed(module: Mixture, values: dict[str, torch.Tensor], x: torch.Tensor) -> Array:
    parts = torch.stack([torch.as_tensor(member(x)) for member in module.members])
    weight = values["weight"].double()
    if module.how == "gated":
        shares = torch.softmax(values["slope"].double()[:, None] * x + weight[:, None], dim=0)
        return np.asarray((shares * parts).sum(0, keepdim=True))
    shares = weight if module.how == "sum" else torch.softmax(weight, dim=0)
    return np.asarray(torch.einsum("kn,kp->np", shares.reshape(len(parts), -1), parts))


def _start(module: Activation | Mixture, x: torch.Tensor) -> Array | None:
    return np.asarray(module.definition(x))[None] if isinstance(module, Activation) else None


def _neurons(axes: Axes, x: Array, now: Array, start: Array | None, title: str, dark: bool) -> None:
    from rheobase.pictures._look import dress, ink
    from rheobase.sketch import PALETTE

    dress(axes, "x", "f(x)", dark)
    count = len(now)
    if count > 1:
        for i in np.linspace(0, count - 1, min(count, DRAWN)).astype(int):
            axes.plot(x, now[i], color=PALETTE[0], linewidth=0.7, alpha=max(0.08, min(0.5, 8 / count)))
    if start is not None:
        axes.plot(
            x, start.mean(axis=0), color=ink(dark), linewidth=1.2, linestyle=(0, (4, 2)), alpha=0.8, label="start"
        )
    name = "now" if count == 1 else f"mean of {count}"
    axes.plot(x, now.mean(axis=0), color=PALETTE[1], linewidth=2.0, label=name)
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", color=ink(dark))
    axes.legend(frameon=False, fontsize=8.5, labelcolor=ink(dark), handlelength=1.8)


def _training(axes: Axes, x: Array, history: list[Array], steps: list[int], dark: bool) -> None:
    from matplotlib import colormaps

    from rheobase.pictures._look import dress, ink

    dress(axes, "x", "f(x)", dark)
    colours = colormaps["viridis"]
    chosen = sorted({round(i) for i in np.linspace(0, len(history) - 1, min(len(history), 12))})
    for i in chosen:
        at = steps[i] - steps[0]
        share = at / (steps[-1] - steps[0])
        colour = colours(0.25 + 0.75 * share if dark else 0.9 * share)
        named = f"step {steps[i]}" if i in (chosen[0], chosen[len(chosen) // 2], chosen[-1]) else None
        axes.plot(x, history[i].mean(axis=0), color=colour, linewidth=1.5, label=named)
    axes.set_title("over training, mean", loc="left", fontsize=10, fontweight="bold", color=ink(dark))
    axes.legend(frameon=False, fontsize=8.5, labelcolor=ink(dark), handlelength=1.8)
