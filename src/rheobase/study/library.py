"""Running studies: what all of them need is trained together, each trial once, and each claim gets its verdict."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rheobase.errors import RheobaseError
from rheobase.study.claims import Study
from rheobase.study.device import placed
from rheobase.study.engine import Ran, Watcher, measure
from rheobase.study.estimate import missing
from rheobase.study.frames import write_csv
from rheobase.study.hands import Engine, Hands
from rheobase.study.judging import Judged, Verdict, judge, overall
from rheobase.study.question import function, inits_of, named, seeds_of, versions
from rheobase.study.result import Table
from rheobase.study.rows import table
from rheobase.study.runs import Contender, Plan
from rheobase.study.spec import Task
from rheobase.study.store import Store
from rheobase.study.tasks import find


@dataclass(frozen=True)
class Finding:
    """A study with its verdict."""

    study: Study
    judged: tuple[Judged, ...]
    results: dict[str, tuple[Task, dict[str, Table]]]
    """By the task's name in the study: the task, and its tables by initialisation."""
    versions: dict[str, str]
    reused: int
    trained: int

    @property
    def verdict(self) -> Verdict:
        """reproduced, refuted or undecided."""
        return overall(self.judged)

    def to_csv(self, path: Path) -> Path:
        """Write every row of every table as CSV, and return the path.

        Raises:
            RheobaseError: the file cannot be written.
        """
        rows = [
            {"task": task.id, "metric": task.metric.name, "init": init} | row.to_dict() | {"standing": row.standing}
            for task, tables in self.results.values()
            for init, found in tables.items()
            for row in found.rows
        ]
        return write_csv({name: [row[name] for row in rows] for name in rows[0]}, path)

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "id": self.study.id,
            "title": self.study.title,
            "claim": self.study.claim,
            "source": self.study.source,
            "verdict": self.verdict,
            "statements": [one.to_dict() for one in self.judged],
            "tables": {
                task.id: {init: [row.to_dict() for row in found.rows] for init, found in tables.items()}
                for task, tables in self.results.values()
            },
            "versions": self.versions,
            "reused": self.reused,
            "trained": self.trained,
        }


def plans(study: Study, device: str = "cpu") -> tuple[Plan, ...]:
    """What a study trains: for each of its tasks a plan, or one for each initialisation with functions of its own.

    Raises:
        RheobaseError: an unknown function, task, initialisation or device, or too few seeds.
    """
    names, specs = (
        zip(*study.functions.items(), strict=True) if isinstance(study.functions, dict) else (study.functions,) * 2
    )
    activations, same = named(specs)
    if same:
        other, first = next(iter(same.items()))
        raise RheobaseError(f"{other!r} is the same function as {first!r}", where=study.path, instead="one of them")
    contenders = {name: Contender(name, function(a)) for name, a in zip(names, activations.values(), strict=True)}
    inits = study.inits if isinstance(study.inits, dict) else {None: names}
    found = []
    for task in (placed(find(name), device) for name in study.on):
        for init, some in inits.items():
            asked = (init,) if init else study.inits or (None,)
            taken = tuple(one for each in asked for one in inits_of(task, each, alone=False))
            seeds = seeds_of(study.seeds, looks=False)
            found.append(Plan(task, tuple(contenders[name] for name in some), taken, seeds))
    return tuple(found)


def run(
    studies: Sequence[Study],
    store: str | Path = "rheobase.sqlite",
    *,
    device: str = "cpu",
    workers: int | None = None,
    engine: Engine = "inline",
    address: str | None = None,
    watcher: Watcher | None = None,
    budget: float | None = None,
) -> list[Finding]:
    """Train what is missing for all studies, and judge them. What two of them share is trained once.

    Raises:
        RheobaseError: a study that cannot be run, or a store that cannot be used; what is finished is kept.
        KeyboardInterrupt: with a message that says how to go on.
    """
    made, asked = versions(device), [plans(study, device) for study in studies]
    every = [plan for of_study in asked for plan in of_study]
    with Store(store) as kept:
        ran, _ = measure(
            every,
            kept,
            torch_version=made["torch"],
            hands=Hands(workers, engine, address),
            watcher=watcher,
            budget=budget,
            note=shlex.join(["rheobase", "study", "run", *(study.id for study in studies)]),
        )
    if len(ran) < len(every):
        raise RheobaseError("the budget does not hold all of these studies", instead="fewer of them, or more time")
    found, rest = [], list(ran)
    for study, of_study in zip(studies, asked, strict=True):
        mine, rest = rest[: len(of_study)], rest[len(of_study) :]
        each = len(mine) // len(study.on)
        results = {name: _tables(mine[i * each : (i + 1) * each]) for i, name in enumerate(study.on)}
        failed = next((error for one in mine for error in one.failed.values()), None)
        if failed:
            raise failed
        reused, trained = sum(one.reused for one in mine), sum(one.trained for one in mine)
        found.append(Finding(study, judge(study, results), results, made, reused, trained))
    return found


def _tables(ran: Sequence[Ran]) -> tuple[Task, dict[str, Table]]:
    """A task and its tables by initialisation, from the plans that were made of it."""
    task = ran[0].plan.task
    return task, {
        init: table(task, [m for m in one.measured if m.init == init]) for one in ran for init in one.plan.inits
    }


def finished(study: Study, store: str | Path, device: str = "cpu") -> Finding | None:
    """The study's finding where everything it needs is stored; None otherwise. Nothing is trained."""
    if not Path(store).exists():
        return None
    torch = versions()["torch"]
    with Store(store) as kept:
        left = sum(missing(plan, kept, torch) for plan in plans(study, device))
    return None if left else run([study], store, device=device, workers=0)[0]
