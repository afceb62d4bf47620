"""Where trainings run: the processor, or an accelerator that torch knows.

Random numbers are always drawn on the processor, so that a seed means the same weights and the same order of the data
everywhere, and scores are taken there too. What lies between, the training itself, rounds differently on each device:
its results are trials of their own.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rheobase.errors import RheobaseError
from rheobase.study.own_training import OwnTraining
from rheobase.study.spec import Task

DEVICES = ("cpu", "cuda", "mps")


def present(device: str) -> None:
    """Refuse a device that this machine has not.

    Raises:
        RheobaseError: torch finds none.

    >>> present("cpu")
    """
    if device == "cpu":
        return
    import torch

    if not (torch.cuda if device == "cuda" else torch.backends.mps).is_available():
        raise RheobaseError(f"torch {torch.__version__} finds no {device} device here", instead="--device cpu")


def placed(task: Task, device: str) -> Task:
    """The task, trained on a device.

    Raises:
        RheobaseError: there is no such kind of device, or the task is a training function that does not ask for one.
    """
    if device not in DEVICES:
        one = device.startswith("cuda:")
        hint = f"CUDA_VISIBLE_DEVICES={device[5:]} rheobase … --device cuda" if one else ", ".join(DEVICES)
        raise RheobaseError(f"there is no device {device!r}", instead=hint)
    own = task.train
    if device != "cpu" and isinstance(own, OwnTraining) and not own.takes_device:
        raise RheobaseError(
            f"{own.name} trains where it likes: it has no argument `device`",
            instead=f"def {own.name}(activation, seed, learning_rate, device), or --device cpu",
        )
    return dataclasses.replace(task, device=device)


def seconds(device: str) -> float:
    """A clock for the steps of a training: this thread's processor time, or on an accelerator the time that passes
    until it has done all it was given."""
    if device == "cpu":
        return time.thread_time()
    import torch

    if device in DEVICES:
        getattr(torch, device).synchronize()
    return time.perf_counter()


@contextmanager
def repeatable(device: str) -> Iterator[None]:
    """The same numbers each time, as far as torch can: no sums in the order in which threads end, no shortened
    products, no choice of algorithm by a race. On the processor that is so already."""
    if device != "cuda":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS reads it when it starts
    import torch
    from torch.backends import cudnn

    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    flags = cudnn.benchmark, cudnn.allow_tf32
    torch.use_deterministic_algorithms(True, warn_only=True)
    cudnn.benchmark, cudnn.allow_tf32 = False, False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        cudnn.benchmark, cudnn.allow_tf32 = flags
