"""`rb.compare`: several functions, one task, one budget; who is better, by how much, and how sure that is."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from rheobase import __version__
from rheobase.activation import Activation
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.lower import source
from rheobase.study.engine import Contender, Measured, Watcher, measure
from rheobase.study.pool import cores
from rheobase.study.report import writable
from rheobase.study.result import PLACEBO, Comparison, Row, Standing, Table, scores
from rheobase.study.spec import STUDY_VERSION, Function, Task, digest
from rheobase.study.statistics import Interval, iqm, mean_interval, paired_difference, smallest_difference
from rheobase.study.store import Store
from rheobase.study.tasks import find
from rheobase.study.tuning import at_edge

ESSAY = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "sine", "ncu", "swish", "gelu")
"""What a bare `rheobase compare` compares: from the textbook's sigmoid to the recent ones, one of each kind."""


def compare(
    specs: Sequence[str | Activation] | str = ESSAY,
    on: str | Task = "digits",
    seeds: int = 10,
    init: str | None = None,
    store: str | Path = "rheobase.sqlite",
    *,
    report: str | Path | None = None,
    placebo: bool = False,
    workers: int | None = None,
    watcher: Watcher | None = None,
) -> Comparison:
    """Train the same networks with several activation functions, and compare them on test data.

    Every function gets the same learning rates to choose from, on validation data; then fresh seeds, the same initial
    weights and batches for each function. Finished trainings are kept in `store` and are not done again.

    Args:
        specs: at least one function: ids, formulas, Activations. Two names of one function count once.
        on: a task's id, `path.py:NAME` for a task of your own, or a Task (which trains in this process).
        seeds: trainings a function, at least 2; 10 resolve about one standard deviation between two functions.
        init: an initialisation of the task; None for its default one (and, on deep-digits, all others beside it).
        store: an SQLite file, made when it is not there.
        report: where to write the page, if anywhere.
        placebo: enter the first function a second time under another name, with seeds of its own.
        workers: processes; None for one a processor, 0 to train in this process. Results do not depend on it.
        watcher: told of progress.

    Raises:
        RheobaseError: an unknown function, task or initialisation, too few seeds, or a store that cannot be used.
        KeyboardInterrupt: with a message that says how to go on.

    >>> result = compare(["relu", "ncu"], on="xor", seeds=2, store=":memory:", workers=0)
    >>> result.leader.activation
    'ncu'
    """
    task = find(on) if isinstance(on, str) else on
    inits = _inits(task, init)
    seeds = _seeds(seeds)
    if workers is None:
        workers = cores()
    elif workers < 0:
        raise RheobaseError(f"{workers} workers", instead="1 or more, or 0 to train in this process")
    if isinstance(on, Task):
        workers = 0
    named, same = _named([specs] if isinstance(specs, str | Activation) else specs)
    contenders = [Contender(label, _function(a)) for label, a in named.items()]
    if placebo:
        first = contenders[0]
        contenders.append(Contender(first.label + PLACEBO, first.function, stream="placebo"))
        named[first.label + PLACEBO] = named[first.label]
    versions = _versions()
    if report is not None:
        writable(Path(report))
    with Store(store) as kept:
        ran = measure(
            task, contenders, inits, seeds, kept, torch_version=versions["torch"], workers=workers, watcher=watcher
        )
    tables = tuple(_table(task, [m for m in ran.measured if m.init == i]) for i in inits)
    result = Comparison(
        task=task,
        tables=tables,
        seeds=seeds,
        placebos=_placebos(tables[0]),
        same=same,
        reused=ran.reused,
        trained=ran.trained,
        study=_study(task, contenders, inits, seeds, versions),
        command=_command(task, [n for n in named if not n.endswith(PLACEBO)], seeds, init, placebo),
        versions=versions,
        activations=named,
    )
    if report is not None:
        result.report(report)
    return result


def _table(task: Task, measured: Sequence[Measured]) -> Table:
    sign = 1 if task.metric.higher_is_better else -1
    validation = {m.contender.label: sum(o.validation for o in m.outcomes) / len(m.outcomes) for m in measured}
    real = [m for m in measured if not m.contender.stream]
    leader = max(real, key=lambda m: sign * validation[m.contender.label])
    rows = [_row(task, m, leader, validation[m.contender.label]) for m in measured]
    rows.sort(
        key=lambda row: (not row.learned, row.diverged if not row.learned else 0, -sign * row.mean, row.activation)
    )
    return Table(measured[0].init, leader.contender.label, tuple(rows))


def _row(task: Task, measured: Measured, leader: Measured, validation: float) -> Row:
    own, best = scores(measured.outcomes), scores(leader.outcomes)
    interval, difference = mean_interval(own), paired_difference(own, best)
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
        smallest=smallest_difference(own, best),
        standing=standing,
        learned=learned,
        diverged=sum(o.diverged for o in measured.outcomes),
        learning_rate=measured.rate,
        at_edge=at_edge(task, measured.rate),
        seconds_per_step=sorted(o.seconds_per_step for o in measured.outcomes)[len(own) // 2],
        validation=validation,
        outcomes=measured.outcomes,
    )


def _learned(task: Task, score: Interval) -> bool:
    metric = task.metric
    rounding = 1e-9  # the mean of ten times 0.1 is not 0.1
    return score.low > metric.floor + rounding if metric.higher_is_better else score.high < metric.floor - rounding


def _placebos(table: Table) -> dict[str, Interval]:
    twins = [row for row in table.rows if row.activation.endswith(PLACEBO)]
    names = [row.activation.removesuffix(PLACEBO) for row in twins]
    return {n: paired_difference(t.scores, table.row(n).scores) for n, t in zip(names, twins, strict=True)}


def _inits(task: Task, init: str | None) -> Sequence[str]:
    if init is None:
        return list(task.inits) if task.all_inits else list(task.inits)[:1]
    if init not in task.inits:
        raise RheobaseError(
            f"{task.id} has no initialisation {init!r}", instead=nearest(init, task.inits) or ", ".join(task.inits)
        )
    return [init]


def _seeds(seeds: int) -> int:
    if seeds < 2:
        raise RheobaseError(
            f"{seeds} seed{'s' if seeds != 1 else ''} a function: without a second one there is no spread, so nothing "
            "says whether a difference is more than luck",
            instead="--seeds 10",
        )
    return seeds


def _named(specs: Sequence[str | Activation]) -> tuple[dict[str, Activation], dict[str, str]]:
    """The functions by label, and those that were named twice: functions whose generated code is the same."""
    if not specs:
        raise RheobaseError("no function to train with", instead='compare(["relu", "swish"])')
    named: dict[str, Activation] = {}
    same: dict[str, str] = {}
    codes: dict[str, str] = {}
    for spec in specs:
        activation = get(spec)
        label = _label(spec, activation, named)
        first = codes.setdefault(_function(activation).code, label)
        if first == label:
            named[label] = activation
        elif label != first:
            same[label] = first
    return named, same


def _label(spec: str | Activation, activation: Activation, taken: Mapping[str, Activation]) -> str:
    if isinstance(spec, str):
        return spec.strip()
    label = activation.id or activation.name
    if label in taken and taken[label] != activation:
        values = ",".join(f"{n}={p.default:g}" for n, p in activation.parameters.items())
        return f"{label}:{values}" if values else f"{label}: {activation.formula}"
    return label


def _function(activation: Activation) -> Function:
    values = {name: p.default for name, p in activation.parameters.items()}
    code = digest(source(activation.bound, "torch", "f"))
    return Function(activation.formula, values, code)


def _versions() -> dict[str, str]:
    try:
        torch = metadata.version("torch")
    except metadata.PackageNotFoundError as error:
        raise RheobaseError(
            "training needs torch, which is not installed", instead="pip install 'rheobase[study]'"
        ) from error
    return {"rheobase": __version__, "torch": torch, "python": platform.python_version(), "machine": platform.machine()}


def _study(
    task: Task, contenders: Sequence[Contender], inits: Sequence[str], seeds: int, versions: Mapping[str, str]
) -> str:
    """A name for the question that was asked: the same for the same question, on the same versions."""
    who = [[msgspec.to_builtins(c.function), c.stream] for c in contenders]
    return digest([task.id, task.fingerprint, who, list(inits), seeds, versions["torch"], STUDY_VERSION])[:12]


def _command(task: Task, specs: Sequence[str], seeds: int, init: str | None, placebo: bool) -> str:
    words = ["rheobase", "compare", *specs, "--on", task.address, "--seeds", str(seeds)]
    words += ["--init", init] if init else []
    return shlex.join(words + ["--placebo"] * placebo)
