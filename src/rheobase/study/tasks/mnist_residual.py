"""The same digits, and a small residual network with normalisation."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Task
from rheobase.study.tasks.mnist import INITS, METRIC, MNIST, load

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from rheobase.study.training import Activation, Network, Split, Work
    from rheobase.study.training.parameters import Parameters

BLOCKS, WIDTH = 2, 16
BUDGET = Budget(epochs=2, batch=25, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), tuning_seeds=3, block=6)


def residual(places: int, channels: int, classes: int) -> Network:
    """A linear map of each square to 16 channels; blocks h + conv(f(norm(h))), 3 × 3; norm, f, linear.

    Pre-activation blocks (He, Zhang, Ren & Sun 2016, arXiv:1603.05027). The norm is over each image (Wu & He 2018):
    unlike batch norm it keeps no running mean and does not couple the examples of a batch.

    Args:
        places, channels, classes: the squares of an image, the numbers that describe each, and the outputs.
    """
    from rheobase.study.training import Network
    from rheobase.study.training.layers import convolve, image_norm, initial, linear, named

    side = math.isqrt(places)

    def draw(g: torch.Generator, init: str) -> Parameters:
        import torch

        parts = [("stem", initial(channels, WIDTH, init, g))]
        parts += [(f"conv{i}", initial(9 * WIDTH, WIDTH, init, g)) for i in range(BLOCKS)]
        parts += [(f"norm{i}", (torch.ones(WIDTH), torch.zeros(WIDTH))) for i in range(BLOCKS + 1)]
        return named([*parts, ("read", initial(places * WIDTH, classes, init, g))])

    def apply(p: Parameters, x: torch.Tensor, f: Activation) -> torch.Tensor:
        h = linear(x, p["stem"], p["stem.b"]).transpose(-1, -2).unflatten(-1, (side, side))
        for i in range(BLOCKS):
            bent = f(image_norm(h, p[f"norm{i}"], p[f"norm{i}.b"]))
            h = h + convolve(bent, p[f"conv{i}"], p[f"conv{i}.b"])
        h = f(image_norm(h, p[f"norm{BLOCKS}"], p[f"norm{BLOCKS}.b"]))
        return linear(h.flatten(-3), p["read"], p["read.b"])

    return Network(draw, apply, together=True)


def work_on(data: Callable[[], Split]) -> Work:
    """The network on images (N, H, W, C) and classes, where H = W is a multiple of 4."""
    from rheobase.study.training import CLASSES, Work, network
    from rheobase.study.training.layers import patches

    split = data()
    cut = type(split)(*((patches(x, 4).flatten(1, 2), y) for x, y in split))
    x, y = cut.train
    return Work(cut, network(residual(x.shape[1], x.shape[2], int(y.max()) + 1)), CLASSES, chunk=256)


TASK = Task(
    id="mnist-residual",
    domain="image",
    title="5,000 MNIST digits, residual",
    stands_for="networks with skip connections and normalisation, which forgive much",
    metric=METRIC,
    data=MNIST,
    architecture=f"4 × 4 patches to {WIDTH} channels, {BLOCKS} pre-activation residual blocks with 3 × 3 convolutions "
    "and group norm, linear read-out, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(cache(partial(work_on, load)), METRIC, BUDGET, takes="images", on=work_on),
)
