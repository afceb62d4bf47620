"""Many small networks trained at once, in one batched tensor program, each on its own.

A network is described for one member: an `Mlp` by its widths, any other as a `Network`. `Work` holds what a stack
needs, `fit` trains it.
"""

from rheobase.study.training.adam import Adam
from rheobase.study.training.loop import Run, Split, Work, fit, mlp, network, train_classifier
from rheobase.study.training.mlp import Mlp, critical_gain, gradient_norms, initial_weights
from rheobase.study.training.objectives import CLASSES, VALUES, Objective, cross_entropy
from rheobase.study.training.parameters import Activation, Flat, Model, Network, Stacked

__all__ = [
    "CLASSES",
    "VALUES",
    "Activation",
    "Adam",
    "Flat",
    "Mlp",
    "Model",
    "Network",
    "Objective",
    "Run",
    "Split",
    "Stacked",
    "Work",
    "critical_gain",
    "cross_entropy",
    "fit",
    "gradient_norms",
    "initial_weights",
    "mlp",
    "network",
    "train_classifier",
]
