"""A worker: trains the stacks it is sent, on one thread, and answers with their outcomes.

A program of its own, not a fork of the caller's: so `rb.compare` works in a script without a main guard and in a
notebook, and the caller need not import torch.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from rheobase.activation import Activation as Definition
from rheobase.errors import RheobaseError
from rheobase.parameter import param
from rheobase.parse import parse
from rheobase.study.device import present, repeatable
from rheobase.study.spec import Function, Outcome, Stack, Task

if TYPE_CHECKING:
    from rheobase.study.training import Activation


@dataclass(frozen=True)
class Job:
    """One stack to train."""

    task: str
    function: Function
    stack: Stack


@dataclass(frozen=True)
class Failure:
    """An error on the other side of the pipe, in the words of a RheobaseError."""

    what: str
    where: str | None = None
    instead: str | None = None

    def error(self) -> RheobaseError:
        """The error on this side."""
        return RheobaseError(self.what, where=self.where, instead=self.instead)


def train(task: Task, function: Function, stack: Stack) -> Sequence[Outcome]:
    """The outcomes of a stack, in the order of its members.

    Raises:
        RheobaseError: torch, the device or the data are not there, or the activation cannot be trained through;
            whatever else the task's code raises comes as one too, so that it costs this function alone.
    """
    activation = _module(function)
    present(stack.device)
    with one_thread(), repeatable(stack.device):
        try:
            return task.train(stack, activation)
        except RheobaseError:
            raise
        except Exception as error:
            what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            raise RheobaseError(what, where=f"{task.id} with {function.formula}") from error


def _module(function: Function) -> Activation:
    try:
        import rheobase.nn
    except ImportError as error:
        raise RheobaseError("training needs torch, which is not installed", instead="pip install torch") from error
    return rheobase.nn.Activation(defined(function))


def defined(function: Function) -> Definition:
    """The activation of a trial: its formula, with the values that it has there."""
    values = {name: param(value) for name, value in function.values.items()}
    return Definition(parse(function.formula, values), values)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread and no subnormals: the same rounding everywhere, and vanished gradients do not slow the processor."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)


def attempt(job: Job, known: dict[str, Task]) -> Sequence[Outcome] | Failure:
    """A stack's outcomes, or why there are none; tasks that have been found are kept in `known`."""
    from rheobase.study.tasks import find

    try:
        if job.task not in known:
            known[job.task] = find(job.task)
        return train(known[job.task], job.function, job.stack)
    except RheobaseError as error:
        return Failure(error.what, error.where, error.instead)


def main() -> None:
    """Read jobs from standard input, write outcomes to standard output, leave when the caller is gone."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a task prints must not land among the answers
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, jobs), daemon=True).start()
    known: dict[str, Task] = {}
    while True:
        pickle.dump(attempt(jobs.get(), known), out)
        out.flush()


def _read(source: IO[bytes], jobs: queue.SimpleQueue[Job]) -> None:
    """Pass jobs on; the pipe closes when the caller ends, however it ends, and then this process does too."""
    while True:
        try:
            jobs.put(pickle.load(source))
        except EOFError:
            os._exit(0)
