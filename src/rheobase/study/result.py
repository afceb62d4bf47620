"""What a comparison found: rows, tables of rows by initialisation, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rheobase.activation import Activation
from rheobase.errors import RheobaseError
from rheobase.study.frames import Tabular, described
from rheobase.study.spec import Outcome, Task
from rheobase.study.statistics import Interval
from rheobase.study.stopping import Looks
from rheobase.study.tuning import Tried, Way

if TYPE_CHECKING:
    from rheobase.study.evidence import Evidence, Stability

PLACEBO = " (placebo)"

MARGIN = 0.3
"""A difference of so many points makes none in practice, where no other margin is named: about what 30 seeds resolve on
the digits."""

Standing = Literal["leader", "better", "same", "worse"]


@dataclass(frozen=True)
class Row:
    """One function's result at one initialisation. Scores are in the metric's own measure, 1 for 100 %."""

    activation: str
    formula: str
    init: str
    mean: float
    iqm: float
    low: float
    high: float
    difference: Interval
    """To the leader, paired by seed; the leader's own is 0."""
    smallest: float
    """The smallest true difference to the leader that these seeds would have found (80 % power)."""
    standing: Standing
    learned: bool
    """Is the score better than that of having learned nothing, by more than its interval?"""
    diverged: int
    learning_rate: float
    at_edge: bool
    """Is the chosen learning rate the largest or the smallest on offer?"""
    seconds_per_step: float
    validation: float
    outcomes: tuple[Outcome, ...] = field(repr=False)
    tried: tuple[Tried, ...] = field(default=(), repr=False)
    """The tuning runs."""
    chosen: str = ""
    """The initialisation that tuning chose, where it was left open."""

    @property
    def scores(self) -> tuple[float, ...]:
        """The test scores by seed."""
        return scores(self.outcomes)

    def measure(self, name: str) -> float:
        """The mean over seeds of one of the task's further measures."""
        return sum(o.measures[name] for o in self.outcomes) / len(self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """The row as `--json` prints it."""
        return {
            "activation": self.activation,
            "n": len(self.outcomes),
            "mean": self.mean,
            "iqm": self.iqm,
            "low": self.low,
            "high": self.high,
            "difference": self.difference.estimate,
            "difference_low": self.difference.low,
            "difference_high": self.difference.high,
            "diverged": self.diverged,
            "learning_rate": self.learning_rate,
        }


@dataclass(frozen=True)
class Table:
    """The rows at one initialisation, best first, and which of them the differences refer to."""

    init: str
    leader: str
    rows: tuple[Row, ...]

    def row(self, activation: str) -> Row:
        """The row of a function, by its label."""
        return next(row for row in self.rows if row.activation == activation)


@dataclass(frozen=True, repr=False)
class Comparison(Tabular):
    """What `compare` found: `rows` for the initialisation asked for, `tables` for every one that was measured."""

    task: Task
    tables: tuple[Table, ...]
    seeds: int
    placebos: Mapping[str, Interval]
    """The placebo's difference to the function that it is, by the function's label: 0 should be inside."""
    same: Mapping[str, str]
    """Functions named twice: the other name, and the one under which it stands."""
    reused: int
    trained: int
    study: str
    command: str
    versions: Mapping[str, str]
    activations: Mapping[str, Activation]
    tuning: Way = "grid"
    looks: Looks | None = None
    """When it was looked at, where that decided the number of seeds."""
    margin: float = MARGIN
    """Half the width of what makes no difference in practice, in points."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Functions that could not be trained, and why."""
    others: Mapping[str, int] = field(default_factory=dict)
    """Trials in the store that were made with other versions, which are not mixed with these."""
    cut: tuple[str, ...] = ()
    """What was left out to keep to a budget of time."""

    @property
    def init(self) -> str:
        """The initialisation of `rows`."""
        return self.tables[0].init

    @property
    def rows(self) -> tuple[Row, ...]:
        """The result, best first."""
        return self.tables[0].rows

    @property
    def leader(self) -> Row:
        """The best function on validation data; the reference of every difference."""
        return self.tables[0].row(self.tables[0].leader)

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """What the tests say of each function against the leader, by label."""
        from rheobase.study.evidence import evidence

        return evidence(self)

    @property
    def stability(self) -> Mapping[str, Stability]:
        """How stable each function's training was, by label."""
        from rheobase.study.evidence import stability

        return stability(self)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, with the keys of `--json`."""
        return {
            "task": self.task.id,
            "metric": self.task.metric.name,
            "rows": [row.to_dict() for row in self.rows],
            "study": described(self),
            "reused": self.reused,
            "trained": self.trained,
        }

    def _comparisons(self) -> tuple[Comparison, ...]:
        return (self,)

    def report(self, path: str | Path = "report.html") -> Path:
        """Write the result as one self-contained page, and return its path."""
        from rheobase.study.report import write

        return write(self, Path(path))

    def __repr__(self) -> str:
        """The table and the verdict: what one wants to see at a prompt and in a notebook."""
        from rheobase.study.show import text

        return text(self)


def scores(outcomes: Sequence[Outcome]) -> tuple[float, ...]:
    """The test scores; a training that was to give one and did not is an error in the task.

    Raises:
        RheobaseError: the task gave no test score.
    """
    found = tuple(o.test for o in outcomes if o.test is not None)
    if len(found) != len(outcomes):
        raise RheobaseError("a final training gave no test score", instead="Outcome(test=…) in the task's train")
    return found
