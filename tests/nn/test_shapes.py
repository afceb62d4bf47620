"""Shapes learned: the curves drawn are those that the neurons compute, snapshots are not moved by training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from rheobase.errors import RheobaseError
from rheobase.nn import Activation, Mixture, Shapes, plot_shapes
from rheobase.nn.shapes import curves

X = torch.linspace(-3, 3, 31, dtype=torch.float64)


def scattered(module: Any) -> Any:
    with torch.no_grad():
        for i, own in enumerate(module.parameters()):
            own.add_(torch.randn(own.shape, generator=torch.Generator().manual_seed(i)))
    return module


@pytest.mark.parametrize(
    "module",
    [
        Activation("prelu", True),
        Activation("prelu", True, per="channel", size=3),
        Activation("x*sigmoid(b*x) + c; b=learnable:1; c=learnable:0", per="channel", size=3),
        Mixture(["relu", "sine"], "sum"),
        Mixture(["relu", "sine"], "softmax"),
        Mixture(["relu", "sine"], "gated"),
        Mixture(["relu", "sine"], "per-channel", size=3),
    ],
    ids=repr,
)
def test_the_curves_are_what_the_module_computes(module: Any) -> None:
    shapes = Shapes(nn.Sequential(scattered(module)))
    shapes.record()
    found = curves(module, shapes.snapshots[0]["0"], X)
    own = module.double()(X[:, None].expand(-1, 3)).detach().numpy().T
    assert np.allclose(found, own if len(found) == 3 else own[:1], atol=1e-6)


def test_the_shape_of_neurons_of_an_image() -> None:
    module = Activation("swish", True, per="neuron", size=(2, 3, 3), spread=0.5)
    shapes = Shapes(module)
    shapes.record()
    found = curves(module, shapes.snapshots[0][""], X)
    assert found.shape == (18, 31)
    assert np.allclose(found[:, 3], module(torch.full((1, 2, 3, 3), float(X[3]))).detach().flatten(), atol=1e-6)


def test_snapshots_stay_and_the_picture_shows_start_and_end() -> None:
    model = nn.Sequential(nn.Linear(2, 3), Activation("prelu", True, per="channel", size=3), Mixture(["x", "x**2"]))
    shapes = Shapes(model)
    shapes.record(10)
    with torch.no_grad():
        for own in model[1].parameters():
            own.fill_(-1.0)
    shapes.record(30)
    assert shapes.steps == [10, 30]
    assert shapes.snapshots[0]["1"]["negative_slope"].tolist() == [0.25] * 3
    figure = plot_shapes(shapes, title="learned")
    now, training, mixture, _ = figure.axes
    assert now.get_title(loc="left") == "1: prelu" and "mixture of" in mixture.get_title(loc="left")
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in now.get_lines()}
    assert lines["mean of 3"][0] == pytest.approx(4.0) and lines["start"][0] == pytest.approx(-1.0)
    assert {str(line.get_label()) for line in training.get_lines()} >= {"step 10", "step 30"}
    assert len(plot_shapes(model, dark=True).axes) == 2
    wide = Activation("prelu", True, per="channel", size=5000)
    assert len(plot_shapes(wide).axes[0].get_lines()) < 300


def test_bad_use() -> None:
    learning = nn.Sequential(nn.Linear(2, 3), Activation("prelu", True, per="channel"))
    shapes = Shapes(learning)
    with pytest.raises(RheobaseError, match="nothing was recorded"):
        plot_shapes(shapes)
    with pytest.raises(RheobaseError, match="does not know its size yet"):
        shapes.record()
    learning(torch.ones(1, 2))
    shapes.record(5)
    with pytest.raises(RheobaseError, match="step 5 after step 5"):
        shapes.record(5)
    with pytest.raises(RheobaseError, match="step a after"):
        shapes.record("a")  # pyright: ignore[reportArgumentType]
    for low in (1, float("nan"), "a"):
        with pytest.raises(RheobaseError, match="empty"):
            plot_shapes(learning, low=low, high=1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RheobaseError, match="no activation of the model learns"):
        plot_shapes(nn.Sequential(nn.Linear(2, 2), Activation("relu")))
    with pytest.raises(RheobaseError, match="no model"):
        plot_shapes("model")  # pyright: ignore[reportArgumentType]
    with pytest.raises(RheobaseError, match="too many"):
        plot_shapes(nn.Sequential(*(Activation("prelu", True) for _ in range(30))))
