"""A task that trains in a blink, and dawdles when told to: for the tests, and as an example of a task file."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Sequence

from rheobase.study.spec import Budget, Outcome, Stack
from rheobase.study.tasks import find
from rheobase.study.tasks.digits import load


def train(stack: Stack, activation) -> Sequence[Outcome]:
    from rheobase.study.training import Split, train_classifier

    time.sleep(float(os.environ.get("RHEOBASE_TEST_DAWDLE", "0")))
    split = Split(*((x[:120], y[:120]) for x, y in load()))
    return train_classifier(TASK, stack, activation, split, (12,))


TASK = dataclasses.replace(
    find("digits"),
    id="tiny",
    budget=Budget(epochs=3, batch=30, rates=(0.003, 0.01, 0.03), tuning_seeds=2, block=3),
    train=train,
)
