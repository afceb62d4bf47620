"""The progression of diabetes a year on, from ten measurements: tabular regression with much noise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.material import by_position, checked, package, standardised
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

DIABETES = Data(
    name="Diabetes progression (Efron, Hastie, Johnstone & Tibshirani 2004, Least Angle Regression), 442 patients",
    source="scikit-learn's load_diabetes",
    licence="none stated by its authors; shipped with scikit-learn under BSD-3-Clause",
    checksum="e9c1f7559552854a24dc45b41c446ce5f79f96e5da081bcce24b57492720b3f7",
    split="by position, modulo 4: 0 and 1 train (222), 2 validation (110), 3 test (110)",
)
METRIC = Metric("variance explained on test data", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1)
BUDGET = Budget(epochs=20, batch=16, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), block=12)


@cache
def load() -> Split:
    """Measurements and progression, standardised."""
    import torch

    x, y = package("sklearn.datasets", "the patients").load_diabetes(return_X_y=True, scaled=False)
    checked(DIABETES, x.astype("<f8"), y.astype("<f8"))
    return standardised(by_position(torch.tensor(x), torch.tensor(y).unsqueeze(1)), targets=True)


def work() -> Work:
    """Two hidden layers of 32."""
    from rheobase.study.training import VALUES, Work, mlp

    return Work(load(), mlp(32, 32)(load(), False), VALUES)


TASK = Task(
    id="diabetes",
    domain="tabular",
    title="Diabetes a year on",
    stands_for="noisy regression on a small table, where overfitting is the danger",
    metric=METRIC,
    data=DIABETES,
    architecture="plain MLP 10–32–32–1, squared error, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
