"""The digits squeezed through eight numbers and drawn again: compression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Metric, Task
from rheobase.study.tasks.digits import DIGITS, INITS, load

if TYPE_CHECKING:
    from rheobase.study.training import Work

METRIC = Metric("variance explained on test data", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1)
BUDGET = Budget(epochs=30, batch=50, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), block=12)


def work() -> Work:
    """64 pixels to 48, 8, 48 and back; the activation stands behind the eight numbers too."""
    from rheobase.study.training import VALUES, Split, Work, mlp

    split = Split(*((x, x) for x, _ in load()))
    return Work(split, mlp(48, 8, 48)(split, False), VALUES)


TASK = Task(
    id="autoencoder",
    domain="compression",
    title="Digits through a bottleneck",
    stands_for="compression, where what the activation throws away is gone",
    metric=METRIC,
    data=DIGITS,
    architecture="plain MLP 64–48–8–48–64, squared error, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
