"""A training of one's own as a task: a function `train(activation, seed, learning_rate)` that gives a score.

What it gives may be a number; a dict with the scores `validation` and `test` and any further numbers; or a stream of
either, by `yield`, so that a training that no longer improves is stopped early.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from rheobase.errors import RheobaseError, nearest
from rheobase.study.spec import Budget, Data, Member, Metric, Outcome, Stack, Task

Scores = Mapping[str, float]

POINTS = 40
"""How many points the learning curve of a stream has."""

SETTINGS: dict[str, tuple[Any, str]] = {
    "metric": ("score", "what the score is, as tables say it"),
    "unit": ("", "its unit; % is shown times 100"),
    "higher_is_better": (True, "False where a loss or an error is returned"),
    "floor": (None, "what a training that failed counts as; 0 unless given, and to be given where lower is better"),
    "learning_rates": ((0.0003, 0.001, 0.003, 0.01, 0.03), "the rates to choose from, the same for every function"),
    "tuning_seeds": (3, "trainings a rate to choose it"),
    "patience": (None, "a stream is stopped when this many scores in a row have brought no better one"),
    "measures": ({}, "further numbers of the dict that get a column: their keys, with headings"),
    "version": (1, "to be raised when something that the function calls has changed"),
}
"""What may be said of a training, as an attribute of the function or as a keyword of `own`: default, and meaning."""


def own(train: Callable[..., Any], **settings: Any) -> Task:
    """The task of a training function.

    Args:
        train: called as `train(activation, seed=…, learning_rate=…)`, where `activation` is a torch module; with
            `device="cpu"`, `"cuda"` or `"mps"` too where it has an argument of that name. Seeds are whole numbers below
            2³¹, the same for every function: 0, 1, 2, … in the runs that count, a million and up while the learning
            rate is chosen.
        settings: see `SETTINGS`; each may as well be an attribute of the function: `train.higher_is_better = False`.

    Raises:
        RheobaseError: a setting that does not exist, or no floor where lower is better.

    >>> def train(activation, seed, learning_rate):
    ...     return 1.0 - learning_rate
    >>> own(train, learning_rates=(0.1, 0.2)).metric.higher_is_better
    True
    """
    for name in settings:
        if name not in SETTINGS:
            raise RheobaseError(
                f"a training has no setting {name!r}", instead=nearest(name, SETTINGS) or ", ".join(SETTINGS)
            )
    name = getattr(train, "__name__", type(train).__name__)
    told = {key: settings.get(key, getattr(train, key, default)) for key, (default, _) in SETTINGS.items()}
    higher, floor = bool(told["higher_is_better"]), told["floor"]
    if floor is None:
        if not higher:
            raise RheobaseError(
                f"lower is better in {name}, and what a failed training counts as is not said",
                instead=f"{name}.floor = the score of a constant answer",
            )
        floor = 0.0
    file, source = _source(train)
    percent = told["unit"] == "%"
    return Task(
        id=name,
        title=(inspect.getdoc(train) or name).splitlines()[0].rstrip("."),
        stands_for="a training of one's own",
        domain="own",
        metric=Metric(
            told["metric"], told["unit"], higher, float(floor), scale=100 if percent else 1, decimals=4 - 2 * percent
        ),
        data=Data(
            "its own", file or "a session", "its own", f"of the code: {source}", "validation and test are its own"
        ),
        architecture="its own",
        budget=Budget(1, 1, _rates(told["learning_rates"], name), tuning_seeds=int(told["tuning_seeds"]), block=1),
        inits={"default": "its own"},
        train=OwnTraining(train, name, float(floor), higher, told["patience"], _takes_device(train)),
        version=int(told["version"]),
        measures=dict(told["measures"]),
        source=source,
    )


def _rates(given: Sequence[float], name: str) -> tuple[float, ...]:
    rates = tuple(sorted({float(rate) for rate in given}))
    if not rates or not all(0 < rate < math.inf for rate in rates):
        raise RheobaseError(f"{name}.learning_rates is {given!r}", instead="positive numbers: (0.001, 0.003, 0.01)")
    return rates


def _takes_device(train: Callable[..., Any]) -> bool:
    try:
        return "device" in inspect.signature(train).parameters
    except (TypeError, ValueError):  # a callable of C, which tells nothing
        return False


def _source(train: Callable[..., Any]) -> tuple[str, str]:
    """The file that the function stands in, if any, and a fingerprint of its code."""
    code = getattr(inspect.unwrap(train), "__code__", None) or getattr(type(train).__call__, "__code__", None)
    file = Path(code.co_filename) if code else Path()
    if file.suffix == ".py" and file.is_file():
        return str(file.resolve()), hashlib.sha256(file.read_bytes()).hexdigest()
    return "", hashlib.sha256(_text(code).encode()).hexdigest() if code else ""


def _text(code: CodeType) -> str:
    constants = [_text(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return repr((code.co_code, constants, code.co_names, code.co_varnames))


@dataclass(frozen=True)
class OwnTraining:
    """A task's `train`, made of a function that trains one network: the members of a stack one after another."""

    function: Callable[..., Any]
    name: str
    floor: float
    higher_is_better: bool
    patience: int | None
    takes_device: bool = False

    def __call__(self, stack: Stack, activation: Any) -> list[Outcome]:
        """One outcome a member.

        Raises:
            RheobaseError: the function raised, or gave what is no score.
        """
        return [self._outcome(stack, member, activation) for member in stack.members]

    def _outcome(self, stack: Stack, member: Member, activation: Any) -> Outcome:
        seed = seed_of(stack, member)
        began = time.thread_time()
        call = f"{self.name}(…, seed={seed}, learning_rate={member.rate:g})"
        try:
            where = {"device": stack.device} if self.takes_device else {}
            given = self.function(activation, seed=seed, learning_rate=member.rate, **where)
            streamed = isinstance(given, Iterator)
            best, curve = self._watched(given if streamed else iter([given]), call)
        except RheobaseError:
            raise
        except Exception as error:
            raise RheobaseError(
                f"{call} raised {type(error).__name__}: {error}", instead="the same command once it is mended"
            ) from error
        found = dict(best or {"validation": self.floor, "test": self.floor})
        validation, test = found.pop("validation"), found.pop("test")
        final = stack.stage == "final"
        return Outcome(
            validation=validation,
            validation_loss=-validation if self.higher_is_better else validation,
            test=test if final else None,
            diverged=int(best is None),
            curve=_stretched(curve) if streamed else tuple(curve),
            seconds_per_step=time.thread_time() - began,
            measures=found if final else {},
        )

    def _watched(self, stream: Iterator[Any], call: str) -> tuple[Scores | None, list[float]]:
        """The scores that count, None where the training failed, and the validation scores so far."""
        sign = 1 if self.higher_is_better else -1
        best: Scores | None = None
        curve: list[float] = []
        counts: Scores | None = None
        waited = 0
        for given in stream:
            found, plain = scores(given, call)
            if not all(map(math.isfinite, found.values())):
                return None, [*curve, self.floor]
            curve.append(found["validation"])
            better = best is None or sign * (found["validation"] - best["validation"]) > 0
            best, waited = (found, 0) if better else (best, waited + 1)
            counts = found if plain else best  # without a test score of its own, the best of many would be luck
            if self.patience is not None and waited >= self.patience:
                break
        if counts is None:
            raise RheobaseError(f"{call} ended without a score", instead="yield a score after each epoch")
        return counts, curve


def _stretched(curve: Sequence[float]) -> tuple[float, ...]:
    """A curve of `POINTS` points, however early its training was stopped: curves of several seeds are averaged."""
    return tuple(curve[i * len(curve) // POINTS] for i in range(POINTS))


def seed_of(stack: Stack, member: Member) -> int:
    """The seed that a training is called with: 0, 1, … where it counts, others while tuning and for a placebo.

    >>> stacks = [Stack("t", stage, "default", "", ()) for stage in ("final", "tune")]
    >>> [seed_of(stack, Member(3, 0.1)) for stack in stacks]
    [3, 1000003]
    """
    stream = 1 + hashlib.sha256(stack.stream.encode()).digest()[0] % 200 if stack.stream else 0
    return stream * 10_000_000 + (stack.stage == "tune") * 1_000_000 + member.seed


def scores(given: object, call: str) -> tuple[Scores, bool]:
    """`validation`, `test` and whatever else there is, and whether one number stands for both.

    Raises:
        RheobaseError: it is no number, or a dict without a score.

    >>> scores(0.5, "train"), scores({"validation": 0.5, "test": 0.25}, "train")
    (({'validation': 0.5, 'test': 0.5}, True), ({'validation': 0.5, 'test': 0.25}, False))
    """
    if not isinstance(given, Mapping):
        score = _number(given, call)
        return {"validation": score, "test": score}, True
    found = {str(key): _number(value, f"{call}, at {key!r}") for key, value in given.items()}
    named = [found.pop(key, None) for key in ("validation", "test", "score")]
    known = [value for value in named if value is not None]
    if not known:
        raise RheobaseError(
            f"{call} gave a dict with {', '.join(found) or 'nothing'}", instead="one with 'validation' and 'test'"
        )
    validation, test = (known[0] if value is None else value for value in named[:2])
    return {"validation": validation, "test": test} | found, len(known) == 1


def _number(value: object, call: str) -> float:
    item = getattr(value, "item", None)
    plain = item() if callable(item) and getattr(value, "ndim", None) == 0 else value  # NumPy's and torch's scalars
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        kind = "None" if value is None else f"a {type(value).__name__}"
        raise RheobaseError(
            f"{call} gave {kind}, which is no score",
            instead="return a number, a dict of numbers with 'validation' and 'test', or yield them",
        )
    return float(plain)
