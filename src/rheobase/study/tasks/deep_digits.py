"""The same digits behind 50 hidden layers: what depth does to the gradient, and which change cures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Task
from rheobase.study.tasks.digits import ACCURACY, DIGITS, INITS, load

if TYPE_CHECKING:
    from rheobase.study.training import Work

DEPTH, WIDTH = 50, 48


BUDGET = Budget(epochs=40, batch=100, rates=(0.0001, 0.0003, 0.001, 0.003), tuning_seeds=3)


def work() -> Work:
    """Fifty hidden layers of 48, with the gradient's norm by layer at initialisation."""
    from rheobase.study.training import CLASSES, Work, mlp

    return Work(load(), mlp(*(WIDTH,) * DEPTH)(load(), True), CLASSES, gradients=True)


TASK = Task(
    id="deep-digits",
    domain="depth",
    title="Handwritten digits, 50 layers deep",
    stands_for="very deep plain networks, without normalisation or skip connections: do signals and gradients survive?",
    metric=ACCURACY,
    data=DIGITS,
    architecture=f"plain MLP with {DEPTH} hidden layers of {WIDTH}, cross-entropy, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, ACCURACY, BUDGET),
    all_inits=True,
)
