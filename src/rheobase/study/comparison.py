"""`rb.compare`: several functions, one task or more, one budget; who is better, by how much, and how sure that is."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict, Unpack, overload

import msgspec

from rheobase.activation import Activation
from rheobase.errors import RheobaseError
from rheobase.study.device import placed
from rheobase.study.engine import Ran, Watcher, measure
from rheobase.study.hands import Engine, Hands
from rheobase.study.overall import Comparisons, together
from rheobase.study.question import Work, addresses, alone, function, inits_of, named, seeds_of, tasks_of, versions
from rheobase.study.report import writable
from rheobase.study.result import MARGIN, PLACEBO, Comparison
from rheobase.study.rows import placebos, table
from rheobase.study.runs import Contender, Plan
from rheobase.study.spec import STUDY_VERSION, Task, digest
from rheobase.study.statistics import schedule
from rheobase.study.stopping import Looks
from rheobase.study.store import Store
from rheobase.study.tuning import Way

ESSAY = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "sine", "ncu", "swish", "gelu")
"""What a bare `rheobase compare` compares: from the textbook's sigmoid to the recent ones, one of each kind."""


class _More(TypedDict, total=False):
    report: str | Path | None
    placebo: bool
    tuning: Way
    until: float | None
    race: bool
    margin: float | None
    device: str
    workers: int | None
    engine: Engine
    address: str | None
    watcher: Watcher | None
    budget: float | None


@dataclass(frozen=True)
class Question:
    """All that is asked, checked: what the plans, the command and the study's name are made from."""

    tasks: tuple[Task, ...]
    activations: Mapping[str, Activation]
    same: Mapping[str, str]
    contenders: tuple[Contender, ...]
    seeds: int
    init: str | None
    placebo: bool
    tuning: Way
    until: float | None
    race: bool
    margin: float
    device: str = "cpu"

    def plan(self, task: Task) -> Plan:
        """What a task is to give."""
        looks = None
        if self.until is not None or self.race:
            block = task.budget.block
            most = -(-self.seeds // block) * block
            looks = Looks(schedule(most, block, block), self.until, task.metric.higher_is_better)
            return Plan(task, self.contenders, self.inits(task), most, self.tuning, looks)
        return Plan(task, self.contenders, self.inits(task), self.seeds, self.tuning)

    def inits(self, task: Task) -> tuple[str, ...]:
        """The initialisations that are measured."""
        return inits_of(task, self.init, len(self.tasks) == 1)

    def command(self, plans: Sequence[Plan]) -> str:
        """The line that asks it again, or as much of it as a budget has left."""
        labels = [c.label for c in plans[0].contenders if not c.stream]
        words = ["rheobase", "compare", *labels, "--on", ",".join(plan.task.address for plan in plans)]
        words += ["--seeds", str(plans[0].seeds)] + (["--init", self.init] if self.init else [])
        words += ["--tuning", self.tuning] if self.tuning != "grid" else []
        words += ["--until", f"{self.until:g}"] if self.until is not None else []
        words += ["--margin", f"{self.margin:g}"] if self.margin != (self.until or MARGIN) else []
        words += ["--device", self.device] if self.device != "cpu" else []
        return shlex.join(words + ["--race"] * self.race + ["--placebo"] * self.placebo)

    def name(self, task: Task, torch: str) -> str:
        """A name for the question that was asked: the same for the same question, on the same versions."""
        who = [[msgspec.to_builtins(c.function), c.stream] for c in self.contenders]
        how = (
            []
            if self.tuning == "grid" and self.until is None and not self.race
            else [self.tuning, self.until, self.race]
        )
        how += [self.device] if self.device != "cpu" else []
        asked = [task.id, task.fingerprint, who, list(self.inits(task)), self.seeds, torch, STUDY_VERSION, *how]
        return digest(asked)[:12]


@dataclass(frozen=True)
class Settings:
    """How a question is answered; nothing here changes a number."""

    store: str | Path = "rheobase.sqlite"
    hands: Hands = field(default_factory=Hands)
    watcher: Watcher | None = None
    budget: float | None = None
    """Seconds that the work may take, as far as that can be told before."""


def ask(
    specs: Sequence[str | Activation] | str | Activation,
    on: Work | Sequence[Work],
    *,
    seeds: int | None = None,
    init: str | None = None,
    placebo: bool = False,
    tuning: Way = "grid",
    until: float | None = None,
    race: bool = False,
    margin: float | None = None,
    device: str = "cpu",
) -> Question:
    """Read and check a question.

    Raises:
        RheobaseError: an unknown function, task, initialisation or device, too few seeds, a margin that is none.
    """
    for name, value in (("until", until), ("margin", margin)):
        if value is not None and not value > 0:
            raise RheobaseError(f"a {name} of {value:g} points", instead=f"--{name} {MARGIN}")
    activations, same = named([specs] if isinstance(specs, str | Activation) else specs)
    contenders = [Contender(label, function(a)) for label, a in activations.items()]
    if placebo:
        first = contenders[0]
        contenders.append(Contender(first.label + PLACEBO, first.function, stream="placebo"))
        activations[first.label + PLACEBO] = activations[first.label]
    if (race or until is not None) and len(contenders) < 2:
        raise RheobaseError("one function alone has nobody to be told from", instead="two functions or more")
    question = Question(
        tasks=tuple(placed(task, device) for task in tasks_of(on)),
        activations=activations,
        same=same,
        contenders=tuple(contenders),
        seeds=seeds_of(seeds, race or until is not None),
        init=init,
        placebo=placebo,
        tuning=tuning,
        until=until,
        race=race,
        margin=margin or until or MARGIN,
        device=device,
    )
    for task in question.tasks:
        question.inits(task)
    return question


def answer(question: Question, settings: Settings) -> tuple[tuple[Comparison, ...], str]:
    """Train what is missing, and compare; one comparison a task, and the line that asks for them all again.

    Raises:
        RheobaseError: no function of a task can be trained, or a store that cannot be used.
        KeyboardInterrupt: with a message that says how to go on.
    """
    made = versions(question.device)
    plans = [question.plan(task) for task in question.tasks]
    with Store(settings.store) as kept:
        ran, cut = measure(
            plans,
            kept,
            torch_version=made["torch"],
            hands=settings.hands,
            watcher=settings.watcher,
            budget=settings.budget,
            note=question.command(plans),
        )
        others = kept.others(made["torch"])
    found = tuple(replace(compared(question, one, made), others=others, cut=cut) for one in ran)
    return found, question.command([one.plan for one in ran])


def compared(question: Question, ran: Ran, made: Mapping[str, str]) -> Comparison:
    """What was measured of a task, as a comparison; `made` are the versions it was made with."""
    plan = ran.plan
    tables = tuple(table(plan.task, [m for m in ran.measured if m.init == i], plan.looks) for i in plan.inits)
    return Comparison(
        task=plan.task,
        tables=tables,
        seeds=plan.seeds,
        placebos=placebos(tables[0]),
        same=question.same,
        reused=ran.reused,
        trained=ran.trained,
        study=question.name(plan.task, made["torch"]),
        command=question.command([plan]),
        versions=made,
        activations=question.activations,
        tuning=plan.tuning,
        looks=plan.looks,
        margin=question.margin,
        failed={label: str(error) for label, error in ran.failed.items()},
    )


@overload
def compare(
    specs: Sequence[str | Activation] | str = ...,
    on: Work = ...,
    seeds: int | None = ...,
    init: str | None = ...,
    store: str | Path = ...,
    **more: Unpack[_More],
) -> Comparison: ...


@overload
def compare(
    specs: Sequence[str | Activation] | str,
    on: list[Work] | list[str] | list[Task] | tuple[Work, ...],
    seeds: int | None = ...,
    init: str | None = ...,
    store: str | Path = ...,
    **more: Unpack[_More],
) -> Comparisons: ...


def compare(
    specs: Sequence[str | Activation] | str = ESSAY,
    on: Work | Sequence[Work] = "digits",
    seeds: int | None = None,
    init: str | None = None,
    store: str | Path = "rheobase.sqlite",
    *,
    report: str | Path | None = None,
    placebo: bool = False,
    tuning: Way = "grid",
    until: float | None = None,
    race: bool = False,
    margin: float | None = None,
    device: str = "cpu",
    workers: int | None = None,
    engine: Engine = "inline",
    address: str | None = None,
    watcher: Watcher | None = None,
    budget: float | None = None,
) -> Comparison | Comparisons:
    """Train the same networks with several activation functions, and compare them on test data.

    Every function gets the same number of trainings to choose its learning rate, on validation data; then fresh seeds,
    the same initial weights and batches for each function. Finished trainings are kept in `store` and are not done
    again.

    Args:
        specs: at least one function: ids, formulas, Activations. Two names of one function count once.
        on: a task's id, `ID@PATH` for data of your own, `path.py:NAME` for a task or a training of your own, or a
            Task or a function `train(activation, seed, learning_rate)`, which train in this process; a list of them
            for several tasks, whose result has a part for each and one over all.
        seeds: trainings a function, at least 2 and by default 10, which resolve about one standard deviation between
            two functions; with `until` or `race` the most, by default 60.
        init: an initialisation of the task; None for its default one (and, on deep-digits, all others beside it);
            `tuned` to choose between `default` and `theory` for each function along with its rate.
        store: an SQLite file, made when it is not there.
        report: where to write the page, if anywhere.
        placebo: enter the first function a second time under another name, with seeds of its own.
        tuning: `grid` tries every rate with as many seeds, `halving` drops the worse half of the rates again and again.
        until: add seeds until every difference to the leader is shown, or shown to be smaller than so many points.
        race: add seeds only to functions that are not shown to be behind.
        margin: what makes no difference in practice, in points; 0.3, or what `until` says.
        device: `cpu`, `cuda` or `mps`, for the built-in tasks and for a training function with an argument `device`.
            Results of one device are never mixed with those of another.
        workers: processes; None for one a processor (on an accelerator: one), 0 to train in this process. Results do
            not depend on it, nor on the next two.
        engine: `inline` for processes of this machine, `ray` for a Ray cluster.
        address: where the cluster is; without one, Ray starts workers on this machine.
        watcher: told of progress.
        budget: seconds that the work may take; the plan is cut to fit, and the result says what was cut.

    Raises:
        RheobaseError: an unknown function, task, initialisation, device or cluster, too few seeds, or a store that
            cannot be used.
        KeyboardInterrupt: with a message that says how to go on.

    >>> result = compare(["relu", "ncu"], on="xor", seeds=2, store=":memory:", workers=0)
    >>> result.leader.activation
    'ncu'
    """
    if isinstance(on, str) and (on.strip() == "all" or len(addresses(on)) > 1):
        ids = ", ".join(repr(task.address) for task in tasks_of(on))
        raise RheobaseError(f"on={on!r} names several tasks", instead=f"a list of them: on=[{ids}]")
    question = ask(
        specs,
        on,
        seeds=seeds,
        init=init,
        placebo=placebo,
        tuning=tuning,
        until=until,
        race=race,
        margin=margin,
        device=device,
    )
    if report is not None:
        writable(Path(report))
    hands = _hands(on, workers, engine, address)
    found, command = answer(question, Settings(store, hands, watcher, budget))
    result = found[0] if alone(on) else together(found, command, found[0].cut)
    if report is not None:
        result.report(report)
    return result


def _hands(on: Work | Sequence[Work], workers: int | None, engine: Engine, address: str | None) -> Hands:
    """Who trains; a task that has no name can be found by this process alone."""
    hands = Hands(workers, engine, address)
    each = [on] if isinstance(on, str | Task) or callable(on) else on
    if all(isinstance(one, str) for one in each):
        return hands
    if engine == "ray":
        raise RheobaseError("a task that this process alone knows cannot train on Ray", instead="on='path.py:NAME'")
    return Hands(0)
