"""`rb.recommend`: which activation should this network use? "Use X", with its interval, or "keep what you have"."""

from __future__ import annotations

import inspect
import math
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rheobase.activation import Activation
from rheobase.catalogue import entries, get
from rheobase.errors import RheobaseError
from rheobase.study.device import placed
from rheobase.study.engine import Interrupted, Watcher
from rheobase.study.estimate import told
from rheobase.study.hands import Hands
from rheobase.study.known import Advice, known
from rheobase.study.own_training import OwnTraining
from rheobase.study.question import Work, divided, function, named, versions
from rheobase.study.racing import Raced, design, least, race
from rheobase.study.spec import Member, Task
from rheobase.study.statistics import Interval
from rheobase.study.store import Store
from rheobase.study.tasks import find
from rheobase.study.trainings import Trainings
from rheobase.study.tuning import Tuner
from rheobase.study.watching import Seen, watch

if TYPE_CHECKING:
    from rheobase.study.screening import Screened

HAVE = "relu"
"""What a network is taken to have where nothing is said."""
SHARE = 0.05
"""Without a budget of time a recommendation takes this share of what trying everything would."""
SEEDS = 12
"""The seeds of each function when everything is tried."""
LEAST = 60
"""Fewer trainings settle next to nothing, however few functions there are."""
MOST = 1_000
"""Trainings beyond these change no answer."""
UNLIKELY = ("vector", "stochastic", "gated")
"""Families whose functions take more than one number, or give another value each time."""

Answer = Literal["use", "keep"]


@dataclass(frozen=True, repr=False)
class Recommendation:
    """The answer, with the log of what was tried.

    Attributes:
        answer: "use" or "keep".
        use: the function to use: the incumbent where the answer is "keep".
        incumbent: what the network has.
        task: what was trained; None where the answer comes from committed studies.
        difference: the winner's score less the incumbent's, in the metric's measure, with its interval.
        slower: the winner's time a step over the incumbent's.
        because: reasons, as phrases.
        kind: the kind of task.
        raced, screened, seen: what the race, the screen and the first step found.
        advice: what the committed studies say of this kind of task, best first.
        weakness: how such advice does on tasks it has not seen: wins over the incumbent, tasks, the median loss.
        share: the trainings done, as a share of those that trying everything would take.
        failed: functions that could not be trained, and why.
    """

    answer: Answer
    use: str
    incumbent: str
    kind: str
    task: Task | None = None
    difference: Interval | None = None
    slower: float = 1.0
    because: tuple[str, ...] = ()
    raced: Raced | None = None
    screened: Screened | None = None
    seen: Seen | None = None
    advice: tuple[Advice, ...] = ()
    weakness: tuple[int, int, float] = (0, 0, 0.0)
    share: float = 0.0
    trained: int = 0
    reused: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        from rheobase.study.recommendation_words import plain

        return plain(self)

    def __repr__(self) -> str:
        """The answer and the log, as the command prints them."""
        from rheobase.study.recommendation_words import text

        return text(self)


@dataclass(frozen=True)
class _Question:
    task: Task
    incumbent: str
    activations: dict[str, Activation]
    kind: str
    budget: float | None
    command: str

    @property
    def everything(self) -> int:
        """How many trainings it takes to try every function as `compare` does."""
        block = self.task.budget.block
        return len(self.activations) * (Tuner(self.task, ("default",)).cost + -(-SEEDS // block) * block)


def recommend(
    on: Work | None = None,
    *,
    among: str | Sequence[str | Activation] | None = None,
    have: str | Activation | None = None,
    kind: str | None = None,
    budget: float | None = None,
    store: str | Path = "rheobase.sqlite",
    workers: int | None = None,
    watcher: Watcher | None = None,
    device: str = "cpu",
) -> Recommendation:
    """Say which activation function a network should use, or to keep the one that it has.

    The catalogue is screened: by theory at the depth and the start that the network's first step shows, by proofs, by
    likeness to what is there already, by what the committed studies let expect. What is left is raced on validation
    data, most with one training, few with many. The winner alone then meets the network's own function on test data,
    with fresh paired seeds; only where the interval of the difference leaves out 0 is it recommended.

    Args:
        on: a training `train(activation, seed, learning_rate) -> score`, as `path.py:NAME` or itself; a task; None for
            an answer from the committed studies alone.
        among: a family of the catalogue, or functions; None for the whole catalogue.
        have: the function that the network has; by default the default of the training's argument `activation` where
            that is a spec, and relu otherwise.
        kind: the kind of task (image, tabular, text, series, …), where no task says it.
        budget: seconds that it may take; None for a twentieth of the trainings that trying everything would take.
        store: where finished trainings are kept; the same call goes on from there.
        workers: processes; None for one a processor, 0 to train in this process.
        watcher: told of progress.
        device: `cpu`, `cuda` or `mps`.

    Raises:
        RheobaseError: an unknown task, function, family or kind, a training that raises, a budget too small to try
            anything.
        KeyboardInterrupt: with a message that says how to go on.

    >>> found = recommend(kind="tabular")
    >>> found.answer, found.task
    ('keep', None)
    """
    if on is None:
        if budget is not None:
            raise RheobaseError("a budget without a training to spend it on", instead="rheobase recommend my.py:train")
        return _from_studies(kind, have, among)
    task = placed(find(on), device)
    question = _asked(task, among, have, kind, budget)
    made = versions(device)
    hands = Hands(0 if not isinstance(on, str) else workers)
    seen = watch(task, function(question.activations[question.incumbent]), question.activations[question.incumbent])
    with Store(store) as kept:
        try:
            return _raced(question, kept, hands, made, seen, watcher)
        except KeyboardInterrupt:
            raise Interrupted(f"Stopped; what is trained is in {kept.path}; the same command goes on.") from None


def _asked(
    task: Task,
    among: str | Sequence[str | Activation] | None,
    have: str | Activation | None,
    kind: str | None,
    budget: float | None,
) -> _Question:
    from rheobase.study.screening import affordable

    label, own = _incumbent(task, have)
    found, _ = named([own if own.id is None else label, *_candidates(among)])
    first = next(iter(found))
    words = ["rheobase", "recommend", task.address, "--have", first]
    if among is not None:
        each = [among] if isinstance(among, str) else [one if isinstance(one, str) else one.name for one in among]
        words += ["--among", ",".join(each)]
    words += [] if kind is None else ["--kind", kind]
    words += [] if budget is None else ["--budget", f"{budget:g}s"]
    words += [] if task.device == "cpu" else ["--device", task.device]
    activations = {first: found[first]} | affordable(found)
    return _Question(task, first, activations, kind or task.domain, budget, shlex.join(words))


def _incumbent(task: Task, have: str | Activation | None) -> tuple[str, Activation]:
    if have is None and isinstance(task.train, OwnTraining):
        given = inspect.signature(task.train.function).parameters.get("activation")
        have = given.default if given is not None and isinstance(given.default, str) else None
    spec = HAVE if have is None else have
    activation = get(spec)
    return (spec if isinstance(spec, str) else activation.id or activation.name), activation


def _candidates(among: str | Sequence[str | Activation] | None) -> list[str | Activation]:
    """Functions of one input and one value.

    Raises:
        RheobaseError: an unknown family.
    """
    from rheobase.catalogue import list as listed

    if among is None:
        return [entry.id for entry in entries().values() if entry.family not in UNLIKELY]
    if isinstance(among, str):
        if among in {entry.family for entry in entries().values()}:
            return [entry.id for entry in listed(family=among)]
        parts = divided(among, _known)
        if len(parts) == 1 and not _known(among):
            listed(family=among)  # its error names the families
        return list(parts)
    return list(among)


def _known(spec: str) -> bool:
    try:
        get(spec)
    except RheobaseError:
        return False
    return True


def _raced(
    question: _Question,
    store: Store,
    hands: Hands,
    made: Mapping[str, str],
    seen: Seen | None,
    watcher: Watcher | None,
) -> Recommendation:
    from rheobase.study.screening import screen

    task, incumbent, activations = question.task, question.incumbent, question.activations
    began = time.monotonic()
    with store.lease(), hands.at_work(made["torch"], task.device) as pool:
        trainings = Trainings(
            task,
            {label: function(f) for label, f in activations.items()},
            store,
            made["torch"],
            pool,
        )
        count = _count(question, trainings, pool.size if pool else 1)
        plan = design(count, len(task.budget.rates), len(activations) - 1)
        screened = screen(activations, incumbent, seen, known().without(task.id), question.kind, plan.first)
        if not screened.kept:
            return _nothing(question, screened, seen, made)
        if watcher:
            total = plan.cost(len(task.budget.rates))
            watcher.start(total, total, total * (store.seconds_a_trial(task) or 0.0) / (pool.size if pool else 1))
            trainings.told = watcher.advance
        end = began + (math.inf if question.budget is None else question.budget)
        raced = race(task, incumbent, screened.kept, plan, trainings, lambda: time.monotonic() < end)
    use = raced.winner if raced.better and raced.winner else incumbent
    return Recommendation(
        answer="use" if use != incumbent else "keep",
        use=use,
        incumbent=incumbent,
        kind=question.kind,
        task=task,
        difference=raced.difference,
        slower=raced.slower,
        because=_reasons(raced, screened, seen),
        raced=raced,
        screened=screened,
        seen=seen,
        share=raced.cost / question.everything,
        trained=trainings.trained,
        reused=trainings.reused,
        failed={label: str(error) for label, error in trainings.failed.items()},
        command=question.command,
        versions=made,
    )


def _count(question: _Question, trainings: Trainings, workers: int) -> int:
    """How many trainings there is room for; with a budget, as the time of the first ones says.

    Raises:
        RheobaseError: the budget does not hold the first ones.
    """
    budget = question.budget
    if budget is None:
        return min(MOST, max(int(SHARE * question.everything), LEAST))
    each = trainings.store.seconds_a_trial(question.task)
    if each is None:
        trainings("tune", [(question.incumbent, [Member(0, question.task.budget.rates[0])])])
        each = trainings.store.seconds_a_trial(question.task)
    if not each:
        return MOST
    count, fewest = int(budget * workers / each), least(len(question.task.budget.rates))
    if count < fewest:
        raise RheobaseError(
            f"{told(budget)} is room for {count} trainings of {told(each)} each, and a race takes {fewest} at least",
            instead=f"--budget {int(fewest * each / workers / 60) + 1}m",
        )
    return min(MOST, count)


def _nothing(question: _Question, screened: Screened, seen: Seen | None, made: Mapping[str, str]) -> Recommendation:
    return Recommendation(
        "keep", question.incumbent, question.incumbent, question.kind, question.task, screened=screened, seen=seen,
        because=("no other function passed the screen",), command=question.command, versions=made,
    )  # fmt: skip


def _reasons(raced: Raced, screened: Screened, seen: Seen | None) -> tuple[str, ...]:
    if raced.winner is None:
        return ("none of the others could be trained",)
    tried = len(raced.rungs[0].scores)
    found = [f"it was the best of {tried} on validation data" if tried > 1 else "it was the one that was tried"]
    own, other = (screened.reach.get(label) for label in (raced.incumbent, raced.winner))
    if seen is not None and own is not None and other is not None and abs(own) - abs(other) > 1:
        change = (
            f"the gradient changes by {other:+.1f} decades through {seen.depth} activations, with {raced.incumbent} "
        )
        found.append((change + f"by {own:+.1f}").replace("-", "−"))
    expected = screened.expected
    if raced.winner in expected and expected[raced.winner] > expected[raced.incumbent] + 1:
        found.append("the committed studies let expect it")
    return tuple(found)


def _from_studies(
    kind: str | None, have: str | Activation | None, among: str | Sequence[str | Activation] | None
) -> Recommendation:
    """The answer without a training.

    Raises:
        RheobaseError: an unknown kind, or no function of those asked for was measured.
    """
    spec = HAVE if have is None else have
    own = get(spec)
    incumbent = own.id or (spec if isinstance(spec, str) else own.name)
    wanted = {get(one).id or str(one) for one in _candidates(among)} | {incumbent}
    advice = [one for one in known().advice(kind) if one.activation in wanted]
    if not [one for one in advice if one.activation != incumbent]:
        raise RheobaseError(
            "none of these functions was measured on such tasks", instead="rheobase recommend my.py:train"
        )
    mine = next((one for one in advice if one.activation == incumbent), None)
    best = advice[0]
    # Ahead on every task of the kind, not on their mean alone: what else would it be worth without a training?
    ahead = mine is not None and len(known().ahead(best.activation, incumbent, kind)) == best.tasks >= 2
    because = (f"{best.activation} was shown to be ahead of {incumbent} on each of {best.tasks} such tasks",)
    return Recommendation(
        answer="use" if ahead else "keep",
        use=best.activation if ahead else incumbent,
        incumbent=incumbent,
        kind=kind or "any",
        because=because if ahead else ("no function was shown to be ahead of it on all such tasks",),
        advice=tuple(advice),
        weakness=known().weakness(incumbent),
    )
