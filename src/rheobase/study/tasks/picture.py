"""A photograph as a function of its coordinates: an implicit image."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from rheobase.study.material import checked, file_of, package
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

CAMERA = Data(
    name="A photographer with his camera (Lav Varshney), 512 × 512 pixels, averaged to 64 × 64",
    source="scikit-image's camera.png",
    licence="CC0",
    checksum="5cb24482a53416f99052258be2b1ee38cd31c559a70c8a8b321cba231b332e21",
    split="by pixel: a chessboard's black fields train (2,048); its white ones validation in even rows (1,024), test "
    "in odd rows (1,024)",
)
SIDE, REACH = 64, 3.0
METRIC = Metric("peak signal-to-noise ratio on test pixels", "dB", higher_is_better=True, floor=11.1)
BUDGET = Budget(epochs=40, batch=128, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), tuning_seeds=3, block=6)


@cache
def load() -> Split:
    """Coordinates (N, 2) in ±3 and grey values (N, 1) in ±1."""
    import torch

    from rheobase.study.training import Split

    file = file_of("skimage", "data/camera.png", "the photographs")
    with package("PIL.Image", "the photographs").open(file) as picture:
        pixels = np.asarray(picture)
    checked(CAMERA, pixels)
    grey = torch.from_numpy(pixels.reshape(SIDE, 8, SIDE, 8).mean(axis=(1, 3)))
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    x = torch.stack([rows, columns], dim=-1).double() * (2 * REACH / (SIDE - 1)) - REACH
    black, even = (rows + columns) % 2 == 0, rows % 2 == 0
    y = grey.unsqueeze(-1) / 127.5 - 1
    return Split(*((x[m].float(), y[m].float()) for m in (black, ~black & even, ~black & ~even)))


def work() -> Work:
    """Three hidden layers of 48."""
    from rheobase.study.training import Objective, Work, mlp, signal_to_noise, squared_error

    split = load()
    return Work(split, mlp(48, 48, 48)(split, False), Objective(squared_error, signal_to_noise(2.0, METRIC.floor)))


TASK = Task(
    id="picture",
    domain="implicit",
    title="A photograph as a function",
    stands_for="coordinate networks, where fine detail asks for high frequencies",
    metric=METRIC,
    data=CAMERA,
    architecture="plain MLP 2–48–48–48–1, squared error, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
