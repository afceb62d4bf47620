"""Breast tumours, benign or malignant, from 30 measurements of cell nuclei: tabular classification."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.material import by_position, checked, package, standardised
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

CANCER = Data(
    name="Breast cancer Wisconsin, diagnostic (Street, Wolberg & Mangasarian 1993), 569 tumours, 30 features",
    source="scikit-learn's load_breast_cancer: UCI's data set 17",
    licence="CC BY 4.0",
    checksum="3a54a12ffd3db348fbe319a9056329cde28da5b2e5ecc26ff7fb9f54aa7cc9f4",
    split="by position, modulo 4: 0 and 1 train (285), 2 validation (142), 3 test (142)",
)
METRIC = Metric("test accuracy", "%", higher_is_better=True, floor=0.5, scale=100)
BUDGET = Budget(epochs=20, batch=16, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), block=12)


@cache
def load() -> Split:
    """The measurements, standardised by feature."""
    import torch

    x, y = package("sklearn.datasets", "the tumours").load_breast_cancer(return_X_y=True)
    checked(CANCER, x.astype("<f8"), y.astype("u1"))
    return standardised(by_position(torch.tensor(x), torch.tensor(y)))


def work() -> Work:
    """Two hidden layers of 32."""
    from rheobase.study.training import CLASSES, Work, mlp

    return Work(load(), mlp(32, 32)(load(), True), CLASSES)


TASK = Task(
    id="breast-cancer",
    domain="tabular",
    title="Breast cancer, benign or malignant",
    stands_for="small tables with two classes, where a linear model does well already",
    metric=METRIC,
    data=CANCER,
    architecture="plain MLP 30–32–32–2, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
