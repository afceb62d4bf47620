"""What a study is made of: tasks, trials, the stacks they are trained in, and what comes out of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import torch

STUDY_VERSION = 1
"""Raised when the shared training code changes what a trial computes: older trials are then not reused."""

Stage = Literal["tune", "final"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a task measures; scores are stored as plain numbers and shown times `scale`, followed by `unit`."""

    name: str
    unit: str
    higher_is_better: bool
    floor: float
    """The score of a run that learned nothing; a diverged run is counted as this."""
    scale: float = 1.0
    decimals: int = 2

    def point(self, best: float) -> float:
        """One point, in the scores' own measure: a percentage point, or a hundredth of the way from floor to best.

        >>> Metric("accuracy", "%", True, 0.1, scale=100).point(0.97), Metric("loss", "nat", False, 2.0).point(1.0)
        (0.01, 0.01)
        """
        return 1 / self.scale if self.unit == "%" else abs(best - self.floor) / 100


@dataclass(frozen=True, slots=True)
class Data:
    """Real data, by its checksum, with the rule that splits it."""

    name: str
    source: str
    licence: str
    checksum: str
    split: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What every function gets, the same for all: steps, learning rates to choose from, tuning seeds, seeds a stack."""

    epochs: int
    batch: int
    rates: tuple[float, ...]
    tuning_seeds: int = 5
    block: int = 5

    @property
    def tuning_trials(self) -> int:
        """How many trainings choose one function's learning rate."""
        return len(self.rates) * self.tuning_seeds


class Outcome(msgspec.Struct, frozen=True):
    """What one training gave; `test` is None while tuning, because test data is touched once."""

    validation: float
    validation_loss: float
    test: float | None
    diverged: int
    curve: tuple[float, ...]
    seconds_per_step: float
    """Processor time of one optimisation step, for one network of the stack."""
    measures: dict[str, float] = {}
    gradients: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One network of a stack."""

    seed: int
    rate: float


@dataclass(frozen=True)
class Stack:
    """Networks that train at once, in one batched tensor program, with one activation."""

    task: str
    stage: Stage
    init: str
    stream: str
    members: tuple[Member, ...]
    device: str = "cpu"

    def generator(self, member: Member, purpose: str) -> torch.Generator:
        """The member's own random numbers: the same for every function and learning rate, so seeds are paired; drawn on
        the processor, wherever the stack trains.

        A placebo has another `stream`, hence its own seeds.
        """
        import torch

        text = f"{self.task}/{self.stage}/{self.stream}/{member.seed}/{purpose}"
        key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
        return torch.Generator().manual_seed(key)


Train = Callable[["Stack", "Callable[[torch.Tensor], torch.Tensor]"], Sequence[Outcome]]


@dataclass(frozen=True)
class Task:
    """Real work that an activation function is put to: data, architecture, budget, metric, and how a stack trains.

    A task is one file in `study/tasks/` with a module-level `TASK`; or any other file, named `path.py:NAME`.
    """

    id: str
    title: str
    stands_for: str
    metric: Metric
    data: Data
    architecture: str
    budget: Budget
    inits: Mapping[str, str]
    """Initialisations by id, with what they are; the first is the default."""
    train: Train
    version: int = 1
    all_inits: bool = False
    """Whether a comparison measures every initialisation when none is asked for, to say which change cures which."""
    measures: Mapping[str, str] = field(default_factory=dict)
    """Further numbers a training gives, by id, with the heading of their column; shown in the metric's unit."""
    domain: str = ""
    """The kind of work: image, tabular, text, series, …"""
    origin: str = ""
    """Set for a task from a file of the user's: `path.py:NAME`, and a fingerprint of that file."""
    source: str = ""
    device: str = "cpu"
    """Where it is trained: part of what decides a result, but not of what the task is."""

    @property
    def address(self) -> str:
        """What names the task to another process: its id, or `path.py:NAME`."""
        return self.origin or self.id

    @property
    def fingerprint(self) -> str:
        """A hash of everything declared here that decides a result."""
        declared = [self.id, self.version, asdict(self.budget), asdict(self.data), asdict(self.metric)]
        return digest([*declared, self.architecture, dict(self.inits), self.source])


class Function(msgspec.Struct, frozen=True):
    """An activation as a trial knows it: the formula, the values of its parameters, and a hash of the code it runs."""

    formula: str
    values: dict[str, float]
    code: str


class Trial(msgspec.Struct, frozen=True):
    """All that decides the result of one training; its hash is its name in the store."""

    task: str
    task_fingerprint: str
    function: Function
    init: str
    stage: Stage
    stream: str
    seed: int
    rate: float
    stack: str
    """A hash of the members that trained beside it: rounding depends on the size of a batched product."""
    torch: str
    threads: int = 1
    study_version: int = STUDY_VERSION
    device: str = "cpu"

    @property
    def id(self) -> str:
        """32 hexadecimal digits; the processor is left out, so that trials keep the names of stores without devices."""
        plain = msgspec.to_builtins(self)
        if self.device == "cpu":
            del plain["device"]
        return digest(plain)


def trials(stack: Stack, task: Task, function: Function, torch_version: str) -> tuple[Trial, ...]:
    """The trials of a stack, in the order of its members."""
    members = digest([[m.seed, m.rate] for m in stack.members])
    return tuple(
        Trial(
            task=task.id,
            task_fingerprint=task.fingerprint,
            function=function,
            init=stack.init,
            stage=stack.stage,
            stream=stack.stream,
            seed=m.seed,
            rate=m.rate,
            stack=members,
            torch=torch_version,
            device=stack.device,
        )
        for m in stack.members
    )


def tuning_stack(task: Task, init: str, stream: str = "") -> Stack:
    """Every learning rate of the budget with every tuning seed, in one stack."""
    members = tuple(Member(s, r) for r in task.budget.rates for s in range(task.budget.tuning_seeds))
    return Stack(task.id, "tune", init, stream, members, task.device)


def final_stacks(task: Task, init: str, rate: float, seeds: int, stream: str = "") -> tuple[Stack, ...]:
    """Fresh seeds at the chosen learning rate, in blocks that do not depend on how many seeds are asked for.

    The last block is trained whole, so that asking for more seeds later changes no number.
    """
    block = task.budget.block
    starts = range(0, seeds, block)
    return tuple(
        Stack(task.id, "final", init, stream, tuple(Member(s, rate) for s in range(a, a + block)), task.device)
        for a in starts
    )


def digest(value: object) -> str:
    """A hash of plain data, the same in every process and on every machine.

    >>> digest({"b": 1, "a": 0.5}) == digest({"a": 0.5, "b": 1})
    True
    """
    text = msgspec.json.encode(value, order="deterministic")
    return hashlib.blake2b(text, digest_size=16).hexdigest()
