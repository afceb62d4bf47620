"""How sure a comparison is: one file a question. NumPy, and of SciPy its special functions alone, which load fast."""

from rheobase.study.statistics.bootstrap import (
    Interval,
    Sample,
    expanded_level,
    iqm,
    mean_interval,
    overall_interval,
    paired_difference,
    probability_of_improvement,
    student_interval,
)
from rheobase.study.statistics.equivalence import Equivalence, bayesian_signed_rank
from rheobase.study.statistics.power import (
    detection_power,
    reaches,
    seeds_for_holm,
    seeds_needed,
    smallest_difference,
)
from rheobase.study.statistics.ranks import Friedman, critical_difference, friedman, groups, holm, signed_rank_test
from rheobase.study.statistics.sequential import Schedule, boundaries, schedule
from rheobase.study.statistics.stability import deviation_interval, deviation_ratio, window

__all__ = [
    "Equivalence",
    "Friedman",
    "Interval",
    "Sample",
    "Schedule",
    "bayesian_signed_rank",
    "boundaries",
    "critical_difference",
    "detection_power",
    "deviation_interval",
    "deviation_ratio",
    "expanded_level",
    "friedman",
    "groups",
    "holm",
    "iqm",
    "mean_interval",
    "overall_interval",
    "paired_difference",
    "probability_of_improvement",
    "reaches",
    "schedule",
    "seeds_for_holm",
    "seeds_needed",
    "signed_rank_test",
    "smallest_difference",
    "student_interval",
    "window",
]
