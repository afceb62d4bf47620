"""Many small networks trained at once, in one batched tensor program, each on its own.

A network is described for one member: an `Mlp` by its widths, any other as a `Network`. `Work` holds what a stack
needs, `fit` trains it.
"""

from rheobase.study.training.adam import Adam
from rheobase.study.training.learned import Learned, LearnedMlp
from rheobase.study.training.loop import Run, Split, Work, fit, mlp, network, train_classifier
from rheobase.study.training.mlp import Mlp, gradient_norms, initial_weights
from rheobase.study.training.objectives import (
    CLASSES,
    VALUES,
    Objective,
    at_most,
    cross_entropy,
    root_error,
    signal_to_noise,
    squared_error,
)
from rheobase.study.training.parameters import Activation, Flat, Model, Network, Stacked
from rheobase.study.training.start import Start, critical_gain, starting

__all__ = [
    "CLASSES",
    "VALUES",
    "Activation",
    "Adam",
    "Flat",
    "Learned",
    "LearnedMlp",
    "Mlp",
    "Model",
    "Network",
    "Objective",
    "Run",
    "Split",
    "Stacked",
    "Work",
    "at_most",
    "Start",
    "critical_gain",
    "cross_entropy",
    "fit",
    "gradient_norms",
    "initial_weights",
    "starting",
    "mlp",
    "network",
    "root_error",
    "signal_to_noise",
    "squared_error",
    "train_classifier",
]
