"""What the processes that read a visitor's formula may use: memory and processor time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MEMORY = 2_000_000_000
"""Bytes of address space; a check of a catalogue's function takes a tenth of it."""


def limit(seconds: int) -> None:
    """End this process after so many seconds of processor time, and refuse it more memory, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, hard))


@contextmanager
def scarce() -> Iterator[None]:
    """Little memory inside `with`, where the system can; training after it may need more."""
    if sys.platform == "win32":
        yield
        return
    import resource

    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def interruptible() -> None:
    """Let an interrupt end this process: a shell hands Ctrl-C down as ignored to what it starts in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupt() -> None:
    """Interrupt this process, as Ctrl-C would."""
    os.kill(os.getpid(), signal.SIGINT)
