"""Experiments that can be believed: one budget for every function, paired seeds, intervals, a store that resumes."""

from rheobase.study.comparison import ESSAY, compare
from rheobase.study.one_neuron import neuron
from rheobase.study.overall import Comparisons
from rheobase.study.recommendation import Recommendation, recommend
from rheobase.study.result import Comparison

__all__ = ["ESSAY", "Comparison", "Comparisons", "Recommendation", "compare", "neuron", "recommend"]
