"""Parity of three bits with a single neuron: XOR's elder sister, trained by the same program."""

from __future__ import annotations

from functools import partial

from rheobase.study.boolean import BUDGET, STARTS, train_neurons
from rheobase.study.spec import Data, Metric, Task

PARITY = Data(
    name="Parity of three bits: the eight points, inputs coded ±1 (the score) and 0/1 (a column beside it)",
    source="the truth table; what varies are the starts",
    licence="public domain",
    checksum="the eight points are in the task's file",
    split=f"a seed is {STARTS} starts for validation and {STARTS} others for test; weights and bias uniform in ±1/√3",
)

TASK = Task(
    id="parity",
    domain="logic",
    title="Parity of three bits with one neuron",
    stands_for="what a single neuron can learn: the sign must turn three times along one line",
    metric=Metric("starts that learn parity", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1),
    data=PARITY,
    architecture="one neuron, φ(w·x + b), read out by its sign; squared error to ±1, Adam, full batch",
    budget=BUDGET,
    inits={"default": "torch's default: weights and bias uniform in ±1/√3"},
    train=partial(train_neurons, table="01101001", codings=("pm1", "01"), epochs=BUDGET.epochs),
    measures={"zero_one": "inputs 0/1"},
)
