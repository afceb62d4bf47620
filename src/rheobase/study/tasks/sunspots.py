"""The number of sunspots next year, from the twelve years before: a short, noisy series of cycles."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from rheobase.study.material import ahead, checked, file_of
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

SUNSPOTS = Data(
    name="Yearly sunspot numbers, 1700 to 2008",
    source="statsmodels' sunspots: the National Geophysical Data Center",
    licence="public domain",
    checksum="8079d305fa3cb6b7bb916342bf69900a2cd9df93634e3db3153f8e4a9d72964a",
    split="by time: years up to 1888 train (177), 1889 to 1948 validation (60), 1949 to 2008 test (60)",
)
CONSTANT = 58.7
"""The test years' root mean squared distance from the training years' mean."""
METRIC = Metric("test error", "sunspots", higher_is_better=False, floor=CONSTANT)
BUDGET = Budget(epochs=40, batch=16, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), block=12)
PAST = 12


@cache
def numbers() -> np.ndarray:
    """The yearly numbers (309,)."""
    file = file_of("statsmodels", "datasets/sunspots/sunspots.csv", "the sunspots")
    table = np.loadtxt(file, delimiter=",", skiprows=1)
    checked(SUNSPOTS, table.astype("<f8"))
    return table[:, 1]


@cache
def load() -> Split:
    """Windows of 12 years (N, 12) and the year that follows (N, 1), scaled to mean 0 and variance 1 in training."""
    return ahead(numbers(), PAST, 1, (189, 249))


def work() -> Work:
    """Two hidden layers of 24; the error in sunspots."""
    from rheobase.study.training import Objective, Work, mlp, root_error, squared_error

    spread = float(numbers()[:189].std())
    objective = Objective(squared_error, root_error(spread, METRIC.floor))
    return Work(load(), mlp(24, 24)(load(), False), objective)


TASK = Task(
    id="sunspots",
    domain="series",
    title="Sunspots, a year ahead",
    stands_for="forecasting from few, noisy cycles",
    metric=METRIC,
    data=SUNSPOTS,
    architecture=f"plain MLP {PAST}–24–24–1, squared error, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
