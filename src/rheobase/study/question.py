"""What is asked, read and checked before anything is trained: functions, tasks, initialisations, seeds."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any

from rheobase import __version__
from rheobase.activation import Activation
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.lower import source
from rheobase.study.runs import TUNED
from rheobase.study.spec import Function, Task, digest
from rheobase.study.tasks import find, names_a_file, tasks

Trainer = Callable[..., Any]
"""`train(activation, seed, learning_rate)`, a training of one's own."""

Work = str | Task | Trainer
"""A task by its address, itself, or a training of one's own."""

MOST = 60
"""How many seeds a function gets at most where looks decide how many it needs."""


def alone(on: Work | Sequence[Work]) -> bool:
    """Is it one task, and no list of them?"""
    return isinstance(on, str | Task) or callable(on)


def addresses(text: str) -> list[str]:
    """The addresses in a text that separates them by commas; a comma in the path of a file that exists belongs to it.

    >>> addresses("digits, xor"), addresses("no,such.py:train")
    (['digits', 'xor'], ['no', 'such.py:train'])
    """
    return divided(text, names_a_file)


def divided(text: str, whole: Callable[[str], bool]) -> list[str]:
    """The parts of a text between its commas; what is `whole` with a comma in it stays together.

    >>> divided("max(x, 0), tanh", lambda part: part.endswith(")"))
    ['max(x, 0)', 'tanh']
    """
    parts, found = text.split(","), []
    while parts:
        many = next((n for n in range(len(parts), 1, -1) if whole(",".join(parts[:n]).strip())), 1)
        found.append(",".join(parts[:many]).strip())
        parts = parts[many:]
    return [one for one in found if one]


def tasks_of(on: Work | Sequence[Work]) -> list[Task]:
    """The tasks that `on` names: one, several separated by commas, or all of them; a training function is one too.

    Raises:
        RheobaseError: an unknown task, none at all, or one twice.

    >>> [task.id for task in tasks_of("digits,xor")]
    ['digits', 'xor']
    """
    if isinstance(on, Task) or callable(on):
        return [find(on)]
    if isinstance(on, str):
        on = list(tasks()) if on.strip() == "all" else addresses(on)
    found = [find(one) for one in on]
    twice = sorted({task.id for task in found if sum(t.id == task.id for t in found) > 1})
    if not found:
        raise RheobaseError("no task to train on", instead="--on digits")
    if twice:
        raise RheobaseError(
            f"the task {twice[0]!r} is named twice", instead=",".join(dict.fromkeys(t.id for t in found))
        )
    return found


def inits_of(task: Task, init: str | None, alone: bool = True) -> tuple[str, ...]:
    """The initialisations that are measured.

    Args:
        task: has them.
        init: the one asked for; `tuned` chooses between `default` and `theory` for each function; None for the
            default, beside which a task that is `alone` may measure all its others.
        alone: whether the task is the only one.

    Raises:
        RheobaseError: the task has no such initialisation.
    """
    if init is None:
        return tuple(task.inits) if task.all_inits and alone else tuple(task.inits)[:1]
    if init == TUNED and {"default", "theory"} <= set(task.inits):
        return (TUNED,)
    if init not in task.inits:
        raise RheobaseError(
            f"{task.id} has no initialisation {init!r}", instead=nearest(init, task.inits) or ", ".join(task.inits)
        )
    return (init,)


def seeds_of(seeds: int | None, looks: bool) -> int:
    """How many seeds a function gets, with looks at most.

    Raises:
        RheobaseError: fewer than two.
    """
    if seeds is None:
        return MOST if looks else 10
    if seeds < 2:
        raise RheobaseError(
            f"{seeds} seed{'s' if seeds != 1 else ''} a function: without a second one there is no spread, so nothing "
            "says whether a difference is more than luck",
            instead="--seeds 10",
        )
    return seeds


def named(specs: Sequence[str | Activation]) -> tuple[dict[str, Activation], dict[str, str]]:
    """The functions by label, and those that were named twice: functions whose generated code is the same.

    Raises:
        RheobaseError: none at all, or an unknown one.
    """
    if not specs:
        raise RheobaseError("no function to train with", instead='compare(["relu", "swish"])')
    found: dict[str, Activation] = {}
    same: dict[str, str] = {}
    codes: dict[str, str] = {}
    for spec in specs:
        activation = get(spec)
        label = _label(spec, activation, found)
        first = codes.setdefault(function(activation).code, label)
        if first == label:
            found[label] = activation
        elif label != first:
            same[label] = first
    return found, same


def _label(spec: str | Activation, activation: Activation, taken: Mapping[str, Activation]) -> str:
    if isinstance(spec, str):
        return spec.strip()
    label = activation.id or activation.name
    if label in taken and taken[label] != activation:
        values = ",".join(f"{n}={p.default:g}" for n, p in activation.parameters.items())
        return f"{label}:{values}" if values else f"{label}: {activation.formula}"
    return label


def function(activation: Activation) -> Function:
    """An activation as a trial knows it."""
    values = {name: p.default for name, p in activation.parameters.items()}
    code = digest(source(activation.bound, "torch", "f"))
    return Function(activation.formula, values, code)


def versions(device: str = "cpu") -> dict[str, str]:
    """What the numbers depend on beside the question; the device where it is no processor.

    Raises:
        RheobaseError: torch is not installed.
    """
    try:
        torch = metadata.version("torch")
    except metadata.PackageNotFoundError as error:
        raise RheobaseError(
            "training needs torch, which is not installed", instead="pip install 'rheobase[study]'"
        ) from error
    found = {"rheobase": __version__, "torch": torch, "python": platform.python_version()}
    return found | {"machine": platform.machine()} | ({"device": device} if device != "cpu" else {})
