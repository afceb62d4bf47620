"""XOR with a single neuron: can gradient descent find the weights, and from how many starts?

The neuron puts out φ(w·x + b) and its answer is the sign: nothing is learned after φ, not even a threshold. So a
monotone φ fails by geometry (XOR is not linearly separable, Minsky & Papert 1969), and a non-monotone one may succeed
(Noel, Trivedi & Dutta 2021, arXiv:2108.12943 and 2111.04020). `rheobase neuron` trains other tables and read-outs in
the same way.
"""

from __future__ import annotations

from functools import partial

from rheobase.study.boolean import BUDGET, STARTS, train_neurons
from rheobase.study.spec import Data, Metric, Task

XOR = Data(
    name="XOR: the four points, inputs coded ±1 (the score) and 0/1 (a column beside it)",
    source="the truth table; what varies are the starts",
    licence="public domain",
    checksum="the four points are in the task's file",
    split=f"a seed is {STARTS} starts for validation and {STARTS} others for test; weights and bias uniform in ±1/√2",
)

TASK = Task(
    id="xor",
    domain="logic",
    title="XOR with one neuron",
    stands_for="what a single neuron can learn: a function must turn back to do it, and not all of those learn it",
    metric=Metric("starts that learn XOR", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1),
    data=XOR,
    architecture="one neuron, φ(w·x + b), read out by its sign; squared error to ±1, Adam, full batch",
    budget=BUDGET,
    inits={"default": "torch's default: weights and bias uniform in ±1/√2"},
    train=partial(train_neurons, table="0110", codings=("pm1", "01"), epochs=BUDGET.epochs),
    measures={"zero_one": "inputs 0/1"},
)
