"""Three wines told apart by 13 chemical measurements, scored by how much probability the right one gets."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.material import by_position, checked, package, standardised
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

WINE = Data(
    name="Wine recognition (Aeberhard, Coomans & de Vel 1992), 178 wines of three growers, 13 features",
    source="scikit-learn's load_wine: UCI's data set 109",
    licence="CC BY 4.0",
    checksum="8ab3beb6aa5b46bd8cf2bd6e4cce18804475aaab9e12dd4ec8684b893ddaecf9",
    split="by position, modulo 4: 0 and 1 train (90), 2 validation (44), 3 test (44)",
)
METRIC = Metric("test cross-entropy", "nats", higher_is_better=False, floor=math.log(3), decimals=4)
BUDGET = Budget(epochs=40, batch=16, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), block=12)


@cache
def load() -> Split:
    """The measurements, standardised by feature."""
    import torch

    x, y = package("sklearn.datasets", "the wines").load_wine(return_X_y=True)
    checked(WINE, x.astype("<f8"), y.astype("u1"))
    return standardised(by_position(torch.tensor(x), torch.tensor(y)))


def work() -> Work:
    """Two hidden layers of 32; accuracy is 100 % for nearly all, the probabilities are not."""
    from rheobase.study.training import Objective, Work, at_most, cross_entropy, mlp

    return Work(load(), mlp(32, 32)(load(), True), Objective(cross_entropy, at_most(cross_entropy, METRIC.floor)))


TASK = Task(
    id="wine",
    domain="tabular",
    title="Wines by their chemistry",
    stands_for="tiny tables, where calibrated probabilities are what is left to win",
    metric=METRIC,
    data=WINE,
    architecture="plain MLP 13–32–32–3, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
