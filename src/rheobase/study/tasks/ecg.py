"""A heart's beat, four samples ahead: forecasting a sharp, nearly periodic series."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rheobase.study.material import ahead, checked, package
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.digits import INITS

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work

ECG = Data(
    name="An electrocardiogram of 1,024 samples",
    source="PyWavelets' pywt.data.ecg",
    licence="MIT, with PyWavelets",
    checksum="96b58a5df18fc798a1db5af5e7041d86ad0dce11f552420bf14a0cc07de66b89",
    split="by time: samples forecast up to 511 train, 512 to 767 validation, 768 to 1,023 test",
)
METRIC = Metric("variance explained on test data", "%", higher_is_better=True, floor=0.0, scale=100, decimals=1)
BUDGET = Budget(epochs=30, batch=32, rates=(0.0003, 0.001, 0.003, 0.01, 0.03), block=12)
PAST, AHEAD = 32, 4


@cache
def load() -> Split:
    """Windows of 32 samples (N, 32) and the four that follow (N, 4), scaled to mean 0 and variance 1 in training."""
    series = package("pywt.data", "the heart's samples").ecg()
    checked(ECG, series.astype("<i4"))
    return ahead(series, PAST, AHEAD, (512, 768))


def work() -> Work:
    """Two hidden layers of 32."""
    from rheobase.study.training import VALUES, Work, mlp

    return Work(load(), mlp(32, 32)(load(), False), VALUES)


TASK = Task(
    id="ecg",
    domain="series",
    title="A heart's beat, four samples ahead",
    stands_for="forecasting a series with sharp events",
    metric=METRIC,
    data=ECG,
    architecture=f"plain MLP {PAST}–32–32–{AHEAD}, squared error, Adam",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(work, METRIC, BUDGET),
)
