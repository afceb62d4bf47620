"""How good is `rheobase recommend`? Its races, replayed on trainings that were done for all functions, and placebos.

    python benchmarks/recommend.py STORE     a store in which many functions were compared on several tasks

Every task of the store on which at least 40 functions were tuned and measured takes part. A race is replayed many
times, each time with the seeds in another order: it asks for trainings as it does in earnest and is given those of the
store; what other tasks of the store found stands in for the committed studies. A function's rates and tuning seeds are
those of the grid; its test scores are those at the rate that the whole grid chose, in which alone a replay differs.

Written to benchmarks/results/recommend.csv, by task: what is lost, in points (percentage points, or hundredths of the
way from having learned nothing to the best), by the function that won the race, by the one that was recommended, by the
incumbent, and by the one that trying everything names (the best on validation data); all against the best on test data
in hindsight, which nobody can know; `behind` is what the recommended one loses to the one that trying everything names,
`of_metric` the same in per cent of what that one reaches.
Placebo races have one function under all names, with that function's own scores at random: how often do they say
"keep"?
"""

from __future__ import annotations

import csv
import dataclasses
import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rheobase.catalogue import entries, get
from rheobase.study.known import Known, Measured
from rheobase.study.racing import design, race
from rheobase.study.recommendation import SEEDS, SHARE
from rheobase.study.result import scores
from rheobase.study.screening import screen
from rheobase.study.spec import Member, Outcome, Stage, Task
from rheobase.study.store import outcome_of
from rheobase.study.tasks import tasks

FUNCTIONS, REPEATS, PLACEBOS = 40, 100, 400
INCUMBENT = "relu"
RESULTS = Path(__file__).parent / "results/recommend.csv"


@dataclass
class Full:
    """All trainings of one task: by function, the tuning's by rate and seed, and the final ones by seed."""

    task: Task
    tune: dict[str, dict[tuple[float, int], Outcome]] = field(default_factory=dict)
    final: dict[str, list[Outcome]] = field(default_factory=dict)

    @property
    def functions(self) -> list[str]:
        """Those that were tuned and measured."""
        return [name for name in self.final if name in self.tune]

    @property
    def sign(self) -> int:
        """1 where higher is better."""
        return 1 if self.task.metric.higher_is_better else -1

    def means(self, test: bool) -> dict[str, float]:
        """The mean test or validation score of each function, higher being better."""
        return {
            f: self.sign * float(np.mean(scores(own) if test else [o.validation for o in own]))
            for f, own in ((f, self.final[f]) for f in self.functions)
        }

    def lost(self, name: str) -> float:
        """How far a function is behind the best, in points."""
        means = self.means(test=True)
        best = max(means.values())
        return (best - means[name]) / self.task.metric.point(self.sign * best)

    def share(self, points: float, name: str) -> float:
        """So many points in per cent of the metric that a function reaches on test data."""
        means = self.means(test=True)
        return 100 * points * self.task.metric.point(self.sign * max(means.values())) / abs(means[name])

    def measured(self) -> Measured:
        """The task as evidence for others."""
        means, floor = self.means(test=True), self.sign * self.task.metric.floor
        best = max(means.values())
        shares = {f: 100 * (m - floor) / (best - floor) for f, m in means.items()}
        return Measured(self.task.id, self.task.domain, "", SEEDS, {f: (s, s, s) for f, s in shares.items()})


def read(path: str) -> list[Full]:
    """The tasks of a store on which enough functions were tried."""
    names: dict[tuple[str, tuple[tuple[str, float], ...]], str] = {}
    for entry in entries().values():
        f = get(entry.id)
        names.setdefault((f.formula, tuple(sorted((n, p.default) for n, p in f.parameters.items()))), entry.id)
    found: dict[str, Full] = {}
    rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(
        "SELECT task, stage, seed, learning_rate, trial, outcome FROM trials WHERE init = 'default' ORDER BY seed"
    )
    for task, stage, seed, rate, trial, outcome in rows:
        asked = json.loads(trial)["function"]
        name = names.get((asked["formula"], tuple(sorted(asked["values"].items()))))
        if name is None or task not in tasks():
            continue
        full = found.setdefault(task, Full(tasks()[task]))
        one = outcome_of(outcome)
        if stage == "tune":
            full.tune.setdefault(name, {})[rate, seed] = one
        else:
            full.final.setdefault(name, []).append(one)
    return [full for full in found.values() if len(full.functions) >= FUNCTIONS and INCUMBENT in full.functions]


class Replay:
    """Trainings that were done before, their seeds in an order of this replay's own."""

    def __init__(self, full: Full, random: np.random.Generator) -> None:
        self.full = full
        tuned = sorted({seed for _, seed in full.tune[INCUMBENT]})
        self.tuned = random.permutation(tuned)
        self.final = random.permutation(min(len(full.final[f]) for f in full.functions))

    def __call__(self, stage: Stage, asked: Sequence[tuple[str, Sequence[Member]]]) -> list[tuple[Outcome, ...] | None]:
        return [tuple(self.one(stage, label, member) for member in members) for label, members in asked]

    def one(self, stage: Stage, label: str, member: Member) -> Outcome:
        """A training: more seeds than there are come round again."""
        if stage == "final":
            return self.full.final[label][self.final[member.seed % len(self.final)]]
        return self.full.tune[label][member.rate, int(self.tuned[member.seed % len(self.tuned)])]


class Placebo(Replay):
    """The same function under every name: each training gets a seed of its own at random, and none is any better."""

    def __init__(self, full: Full, random: np.random.Generator) -> None:
        super().__init__(full, random)
        self.random = random

    def one(self, stage: Stage, label: str, member: Member) -> Outcome:
        """One of the incumbent's own trainings."""
        if stage == "final":
            return self.random.choice(np.array(self.full.final[INCUMBENT], dtype=object))
        return self.full.tune[INCUMBENT][member.rate, int(self.random.choice(self.tuned))]


def measure(full: Full, others: Sequence[Full]) -> dict[str, str | float | int]:
    """One row of the results."""
    task, names = full.task, full.functions
    seeds = min(len(full.final[f]) for f in names)
    everything = len(names) * (task.budget.tuning_trials + seeds)
    plan = design(int(SHARE * everything), len(task.budget.rates), len(names) - 1)
    plan = dataclasses.replace(plan, duel=min(plan.duel, seeds))  # a seed that came twice would tell too much
    evidence = Known(tuple(other.measured() for other in others))
    named = {name: get(name) for name in [INCUMBENT, *(n for n in names if n != INCUMBENT)]}
    screened = screen(named, INCUMBENT, None, evidence, task.domain, plan.first)
    random = np.random.default_rng(0)
    won, told, cost = [], [], []
    for _ in range(REPEATS):
        found = race(task, INCUMBENT, screened.kept, plan, Replay(full, random))
        assert found.winner is not None
        won.append(full.lost(found.winner))
        told.append(full.lost(found.winner if found.better else INCUMBENT))
        cost.append(found.cost / everything)
    kept = [not race(task, INCUMBENT, screened.kept, plan, Placebo(full, random)).better for _ in range(PLACEBOS)]
    means = full.means(test=False)
    named_by_all = max(means, key=lambda f: means[f])
    tried = full.lost(named_by_all)
    behind = float(np.median(told)) - tried
    return {
        "task": task.id,
        "functions": len(names),
        "cost": round(float(np.mean(cost)), 4),
        "winner": round(float(np.median(won)), 2),
        "recommended": round(float(np.median(told)), 2),
        "incumbent": round(full.lost(INCUMBENT), 2),
        "everything": round(tried, 2),
        "behind": round(behind, 2),
        "of_metric": round(full.share(behind, named_by_all), 2),
        "placebo_kept": round(float(np.mean(kept)), 4),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    if len(arguments) != 1:
        raise SystemExit("python benchmarks/recommend.py STORE")
    every = read(arguments[0])
    rows = [measure(full, [other for other in every if other is not full]) for full in every]
    with RESULTS.open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(*(f"{key} {value}" for key, value in row.items()), sep=", ")
    for key in ("cost", "winner", "recommended", "incumbent", "everything", "behind", "of_metric", "placebo_kept"):
        print(f"median {key}: {np.median([float(row[key]) for row in rows]):.3g}")


if __name__ == "__main__":
    main(sys.argv[1:])
