"""The tasks, found by walking this folder: a file with a module-level `TASK` is all there is to adding one."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import pkgutil
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from rheobase.errors import RheobaseError, nearest
from rheobase.study.boolean import task_at
from rheobase.study.own_data import with_data
from rheobase.study.own_training import own
from rheobase.study.spec import Task


@cache
def tasks() -> dict[str, Task]:
    """Every built-in task by its id, in alphabetical order.

    >>> list(tasks())
    ['autoencoder', 'breast-cancer', 'deep-digits', 'diabetes', 'digits', 'ecg', 'helmholtz', 'mnist',
     'mnist-residual', 'parity', 'periodic', 'picture', 'spirals', 'sunspots', 'text', 'text-norm-free', 'wine', 'xor']
    """
    modules = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__) if m.name[0] != "_"
    )
    found = {module.TASK.id: module.TASK for module in modules}
    return dict(sorted(found.items()))


def find(address: str | Task | Callable[..., Any]) -> Task:
    """The task with this id; `ID@PATH`, the same on data of one's own; the task or the training function that a file
    defines, written `path.py:NAME`; or a table for one neuron, written `neuron:TABLE:INPUTS:READ-OUT`. A task is
    itself, and a function `train(activation, seed, learning_rate)` becomes one.

    Raises:
        RheobaseError: no such task (with the nearest one), no such file or name in it, or not a task.

    >>> find("digits").metric.name
    'test accuracy'
    """
    if isinstance(address, Task):
        return address
    if not isinstance(address, str):
        return own(address)
    name, at, path = address.partition("@")
    if at and name in tasks():
        return with_data(tasks()[name], path)
    if ".py:" in address:
        return _from_file(address)
    if address.startswith("neuron:"):
        return task_at(address)
    known = tasks()
    if address not in known:
        near = nearest(address, known)
        raise RheobaseError(
            f"there is no task {address!r}",
            instead=near or f"{', '.join(known)}, or a training of your own as path.py:NAME",
        )
    return known[address]


def names_a_file(address: str) -> bool:
    """Is it `path.py:NAME` or `ID@PATH` with a path where there is something?"""
    task, _, data = address.partition("@")
    path, _, name = address.rpartition(":")
    try:
        if data and task in tasks():
            return Path(data).expanduser().exists()
        return path.endswith(".py") and name.isidentifier() and Path(path).is_file()
    except (OSError, ValueError):  # longer than any path, or with a character that none has
        return False


def _from_file(address: str) -> Task:
    path, _, name = address.rpartition(":")
    file = Path(path)
    if not file.is_file():
        raise RheobaseError(f"there is no file {path!r}", where=f"the task {address!r}", instead="path.py:NAME")
    found = runpy.run_path(str(file), run_name="rheobase_task").get(name)
    if not isinstance(found, Task) and not callable(found):
        raise RheobaseError(
            f"{name!r} in {path!r} is not a rheobase Task, nor a function that trains",
            instead=f"{name} = Task(...), or def {name}(activation, seed, learning_rate), in that file",
        )
    found = found if isinstance(found, Task) else own(found)
    source = hashlib.sha256(file.read_bytes()).hexdigest()
    return dataclasses.replace(found, origin=f"{file.resolve()}:{name}", source=source)
