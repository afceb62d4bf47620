"""Functions on their way through a task: their tuning, rung by rung, then fresh seeds, all at once or by looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rheobase.errors import RheobaseError
from rheobase.study.spec import Function, Outcome, Stack, Task, final_stacks
from rheobase.study.stopping import Looks
from rheobase.study.tuning import Arm, Tried, Tuner, Way

Outcomes = tuple[Outcome, ...]

TUNED = "tuned"
"""The initialisation that stands for "whichever of `default` and `theory` suits the function"."""


@dataclass(frozen=True)
class Contender:
    """A function that takes part; a placebo's `stream` gives it seeds of its own."""

    label: str
    function: Function
    stream: str = ""


@dataclass(frozen=True)
class Plan:
    """What one task is to give: who takes part, at which initialisations, with how many seeds, chosen and ended how."""

    task: Task
    contenders: tuple[Contender, ...]
    inits: tuple[str, ...]
    seeds: int
    tuning: Way = "grid"
    looks: Looks | None = None

    def arms(self, init: str) -> tuple[str, ...]:
        """The initialisations that are tried for `init`."""
        return ("default", "theory") if init == TUNED else (init,)

    def tuner(self, init: str, stream: str) -> Tuner:
        """How a function's rate is chosen."""
        return Tuner(self.task, self.arms(init), stream, self.tuning)

    @property
    def trials(self) -> int:
        """How many trainings the plan takes; with looks, at most."""
        return sum(len(self.contenders) * (self.tuner(init, "").cost + self.finals) for init in self.inits)

    @property
    def finals(self) -> int:
        """How many of them are fresh seeds of one function: whole blocks."""
        block = self.task.budget.block
        return -(-self.seeds // block) * block


@dataclass(frozen=True)
class Measured:
    """What one function did at one initialisation: the rate chosen, what choosing took, and seeds 0, 1, …"""

    contender: Contender
    init: str
    rate: float
    tried: tuple[Tried, ...]
    outcomes: Outcomes
    chosen: str = ""
    """The initialisation that was chosen, where it was."""
    reference: bool = False
    """Was it the reference of the looks?"""


class Run:
    """One function at one initialisation."""

    def __init__(self, plan: Plan, contender: Contender, init: str) -> None:
        self.plan, self.contender, self.init = plan, contender, init
        self.tuner = plan.tuner(init, contender.stream)
        self.arm = Arm(init, 0.0)
        self.tried: list[Tried] = []
        self.finals: dict[int, Outcomes] = {}
        self.failure: RheobaseError | None = None
        self.stopped = False
        self._rung = 0
        self._waiting = 0

    @property
    def tuned(self) -> bool:
        """Has the rate been chosen?"""
        return self.arm.rate > 0

    @property
    def idle(self) -> bool:
        """Is nothing of it being trained?"""
        return not self._waiting

    def begin(self) -> tuple[Stack, ...]:
        """The first stacks."""
        return self._start(self.tuner.rung(0, ()))

    def _start(self, stacks: tuple[Stack, ...]) -> tuple[Stack, ...]:
        self._waiting += len(stacks)
        return stacks

    def finish(self, stack: Stack, outcomes: Outcomes) -> None:
        """Take in a stack's outcomes."""
        self._waiting -= 1
        if stack.stage == "final":
            self.finals[stack.members[0].seed] = outcomes
            return
        pairs = zip(stack.members, outcomes, strict=True)
        self.tried += [Tried(Arm(stack.init, member.rate), member.seed, outcome) for member, outcome in pairs]

    def fail(self, error: RheobaseError) -> None:
        """It cannot be trained; nothing more of it is."""
        self._waiting -= 1
        self.failure, self.stopped = self.failure or error, True

    def onward(self) -> tuple[Stack, ...]:
        """The next rung of the tuning, once all of this one is there; the choice after the last."""
        if self.tuned or not self.idle or self.failure:
            return ()
        self._rung += 1
        # Outcomes come in the order in which workers end; the choice must not know it.
        order = {arm: i for i, arm in enumerate(self.tuner.arms)}
        self.tried.sort(key=lambda t: (order[t.arm], t.seed))
        following = self.tuner.rung(self._rung, self.tried)
        if not following:
            self.arm = self.tuner.choice(self.tried)
        return self._start(following)

    def seeds(self, last: int) -> tuple[Stack, ...]:
        """The stacks of fresh seeds at the chosen rate that are missing for `last` of them."""
        stacks = final_stacks(self.plan.task, self.arm.init, self.arm.rate, last, self.contender.stream)
        return self._start(tuple(stack for stack in stacks if stack.members[0].seed not in self.finals))

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes of seeds 0, 1, … so far, no more than were asked for."""
        return tuple(o for start in sorted(self.finals) for o in self.finals[start])[: self.plan.seeds]

    @property
    def scores(self) -> list[float]:
        """Their test scores; a training without one is an error that the result will tell."""
        return [o.test for o in self.outcomes if o.test is not None]

    def validation(self) -> float:
        """The best mean validation score of the tuning, higher being better."""
        sign = 1 if self.plan.task.metric.higher_is_better else -1
        found: dict[Arm, list[float]] = {}
        for run in self.tried:
            found.setdefault(run.arm, []).append(sign * run.outcome.validation)
        most = max(map(len, found.values()))
        return max(sum(scores) / len(scores) for scores in found.values() if len(scores) == most)

    def measured(self, reference: Run | None) -> Measured:
        """The result."""
        chosen = self.arm.init if self.init == TUNED else ""
        return Measured(
            self.contender, self.init, self.arm.rate, tuple(self.tried), self.outcomes, chosen, self is reference
        )


class Group:
    """The functions of one plan at one initialisation; with looks they wait for each other."""

    def __init__(self, plan: Plan, init: str) -> None:
        self.plan = plan
        self.runs = [Run(plan, contender, init) for contender in plan.contenders]
        self.reference: Run | None = None
        self._seeds = 0

    def begin(self) -> list[tuple[Run, Stack]]:
        """What may be trained at once."""
        return [(run, stack) for run in self.runs for stack in run.begin()]

    def onward(self, run: Run) -> list[tuple[Run, Stack]]:
        """What may be trained now that a stack of `run` has ended."""
        if rung := run.onward():
            return [(run, stack) for stack in rung]
        if self.plan.looks is None:
            fresh = run.tuned and run.idle and not run.finals and not run.failure
            return [(run, stack) for stack in run.seeds(self.plan.seeds)] if fresh else []
        alive = [r for r in self.runs if not r.failure]
        if not alive or not all(r.tuned and r.idle for r in alive):
            return []
        return self._look(self.plan.looks, alive)

    def _look(self, looks: Looks, alive: Sequence[Run]) -> list[tuple[Run, Stack]]:
        if self.reference is None or self.reference.failure:
            real = [r for r in alive if not r.contender.stream] or list(alive)
            self.reference = max(real, key=Run.validation)
        if self._seeds:
            metric = self.plan.task.metric
            sign = 1 if metric.higher_is_better else -1
            point = metric.point(sign * self.reference.validation())
            scores = {r.contender.label: r.scores for r in alive if not r.stopped}
            going = looks.still(scores, self.reference.contender.label, self._seeds, point)
            for run in alive:
                run.stopped = run.stopped or run.contender.label not in going
        following = looks.after(self._seeds)
        if following is None:
            return []
        self._seeds = following
        return [(r, stack) for r in alive if not r.stopped for stack in r.seeds(following)]
