"""From what was measured to rows: means, differences to the leader, and who stands where."""

from __future__ import annotations

from collections.abc import Sequence

from rheobase.study.result import PLACEBO, Row, Standing, Table, scores
from rheobase.study.runs import Measured
from rheobase.study.spec import Task
from rheobase.study.statistics import Interval, iqm, mean_interval, paired_difference, smallest_difference
from rheobase.study.stopping import Looks
from rheobase.study.tuning import at_edge


def table(task: Task, measured: Sequence[Measured], looks: Looks | None = None) -> Table:
    """The rows of one initialisation, best first; with looks the differences are those of the last look."""
    sign = 1 if task.metric.higher_is_better else -1
    validation = {m.contender.label: sum(o.validation for o in m.outcomes) / len(m.outcomes) for m in measured}
    real = [m for m in measured if not m.contender.stream] or list(measured)
    reference = [m for m in measured if m.reference]
    leader = reference[0] if reference else max(real, key=lambda m: sign * validation[m.contender.label])
    rows = [_row(task, m, leader, validation[m.contender.label], looks) for m in measured]
    rows.sort(
        key=lambda row: (not row.learned, row.diverged if not row.learned else 0, -sign * row.mean, row.activation)
    )
    return Table(measured[0].init, leader.contender.label, tuple(rows))


def _row(task: Task, measured: Measured, leader: Measured, validation: float, looks: Looks | None) -> Row:
    own, best = scores(measured.outcomes), scores(leader.outcomes)
    common = min(len(own), len(best))  # with looks one of them may have stopped earlier
    if measured is leader:
        difference = Interval(0.0, 0.0, 0.0)
    else:
        difference = looks.interval(own, best) if looks else paired_difference(own[:common], best[:common])
    interval = mean_interval(own)
    learned = _learned(task, interval)
    standing: Standing = "same"
    if measured is leader:
        standing = "leader"
    elif difference.excludes_zero and (learned or _learned(task, mean_interval(best))):  # two failures are level
        standing = "better" if (difference.low > 0) == task.metric.higher_is_better else "worse"
    return Row(
        activation=measured.contender.label,
        formula=measured.contender.function.formula,
        init=measured.init,
        mean=interval.estimate,
        iqm=iqm(own),
        low=interval.low,
        high=interval.high,
        difference=difference,
        smallest=smallest_difference(own[:common], best[:common]),
        standing=standing,
        learned=learned,
        diverged=sum(o.diverged for o in measured.outcomes),
        learning_rate=measured.rate,
        at_edge=at_edge(task, measured.rate),
        seconds_per_step=sorted(o.seconds_per_step for o in measured.outcomes)[len(own) // 2],
        validation=validation,
        outcomes=measured.outcomes,
        tried=measured.tried,
        chosen=measured.chosen,
    )


def _learned(task: Task, score: Interval) -> bool:
    metric = task.metric
    rounding = 1e-9  # the mean of ten times 0.1 is not 0.1
    return score.low > metric.floor + rounding if metric.higher_is_better else score.high < metric.floor - rounding


def placebos(found: Table) -> dict[str, Interval]:
    """Each placebo's difference to the function that it is, by the function's label."""
    twins = [row for row in found.rows if row.activation.endswith(PLACEBO)]
    names = [row.activation.removesuffix(PLACEBO) for row in twins]
    pairs = {name: (twin.scores, found.row(name).scores) for name, twin in zip(names, twins, strict=True)}
    return {
        name: paired_difference(a[: min(len(a), len(b))], b[: min(len(a), len(b))]) for name, (a, b) in pairs.items()
    }
