"""Experiments that can be believed: one budget for every function, paired seeds, intervals, a store that resumes."""

from rheobase.study.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
