"""When to stop adding seeds: at looks whose intervals hold together, so that stopping early claims nothing too much.

The reference is the leader of the tuning, on validation data and with other seeds than those that decide; it stays the
reference. At each look every function still in gets the repeated confidence interval of its paired difference to it
(`statistics.sequential`): all of one function's intervals together hold the true difference in 95 % of comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rheobase.study.statistics import Interval, Schedule, student_interval

Decision = Literal["behind", "ahead", "level", "open"]


@dataclass(frozen=True)
class Looks:
    """The rule: when one looks, and what ends a function's trainings.

    With a margin (`--until`), a function is decided once its interval leaves out 0, or lies within ± the margin. In a
    race (`--race`) only those behind are out: one that is truly as good as the reference leaves with a probability of
    2.5 % at most, over all looks together.
    """

    schedule: Schedule
    points: float | None
    """Half the width of what makes no difference (`Metric.point`); None in a race."""
    higher_is_better: bool = True

    def interval(self, own: Sequence[float], reference: Sequence[float]) -> Interval:
        """The difference to the reference, at the confidence of the look after so many seeds."""
        n = min(len(own), len(reference))
        differences = [a - b for a, b in zip(own[:n], reference[:n], strict=True)]
        return student_interval(differences, self.schedule.confidence(n))

    def decision(self, difference: Interval, point: float) -> Decision:
        """What an interval says, one point being `point` in the scores' own measure."""
        if difference.excludes_zero:
            return "ahead" if (difference.low > 0) == self.higher_is_better else "behind"
        margin = (self.points or 0.0) * point
        return "level" if margin and -margin <= difference.low and difference.high <= margin else "open"

    def ends(self, decision: Decision) -> bool:
        """Does this decision end the function's trainings?"""
        return decision == "behind" if self.points is None else decision != "open"

    def after(self, n: int) -> int | None:
        """The number of seeds at the next look; None when this was the last."""
        later = [s for s in self.schedule.seeds if s > n]
        return later[0] if later else None

    def still(self, scores: Mapping[str, Sequence[float]], reference: str, n: int, point: float) -> set[str]:
        """Who goes on after the look at n seeds: those not decided, and the reference as long as one of them is."""
        best = scores[reference]
        others = {
            name
            for name, own in scores.items()
            if name != reference and len(own) >= n and not self.ends(self.decision(self.interval(own, best), point))
        }
        return others | {reference} if others else set()
