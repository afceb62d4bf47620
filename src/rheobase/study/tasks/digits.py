"""Handwritten digits, 8 × 8 pixels: the small image task, trained in well under a second."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.material import checked, package
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

DIGITS = Data(
    name="Optical recognition of handwritten digits (Alpaydin & Kaynak 1998), 1,797 images of 64 pixels",
    source="scikit-learn's load_digits: a copy of the test set of UCI's data set 80",
    licence="CC BY 4.0",
    checksum="87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826",
    split="by position, modulo 4: 0 and 1 train (899), 2 validation (449), 3 test (449)",
)

ACCURACY = Metric("test accuracy", "%", higher_is_better=True, floor=0.1, scale=100)

INITS = {
    "default": "torch's default: uniform in ±1/√fan_in, biases too",
    "glorot": "Glorot & Bengio 2010: uniform in ±√(6/(fan_in + fan_out)), biases 0",
    "he": "He et al. 2015: normal with variance 2/fan_in, biases 0",
    "theory": "rheobase theory's: orthogonal weights × its gain, at its point of the curve, recentred; or the default",
    "orthogonal": "orthogonal weights × the critical gain 1/√E[φ'²] near 0 (sigmoid: 4), outputs recentred by φ(0)",
}


@cache
def load() -> Split:
    """The data, checked against its checksum and split; the inputs have mean 0 a pixel and variance 1 over all.

    Raises:
        RheobaseError: scikit-learn is missing, or brings other data.
    """
    import torch

    from rheobase.study.training import Split

    images, classes = package("sklearn.datasets", "the digits").load_digits(return_X_y=True)
    checked(DIGITS, images.astype("u1"), classes.astype("u1"))
    x, y = torch.tensor(images), torch.tensor(classes)
    part = torch.arange(len(x)) % 4
    train = x[part < 2]
    x = ((x - train.mean(dim=0)) / train.var(dim=0, correction=0).mean().sqrt()).float()
    return Split((x[part < 2], y[part < 2]), (x[part == 2], y[part == 2]), (x[part == 3], y[part == 3]))


BUDGET = Budget(epochs=30, batch=50, rates=(0.0003, 0.001, 0.003, 0.01, 0.03, 0.1))


def work() -> Work:
    """Two hidden layers of 64."""
    from rheobase.study.training import CLASSES, Work, mlp

    return Work(load(), mlp(64, 64)(load(), True), CLASSES)


TASK = Task(
    id="digits",
    domain="image",
    title="Handwritten digits",
    stands_for="small image classification, where every common function works and differences are small",
    metric=ACCURACY,
    data=DIGITS,
    architecture="plain MLP 64–64–64–10, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, ACCURACY, BUDGET),
)
