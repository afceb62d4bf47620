"""Settings of all tests: JAX's float64, one thread a worker, repeatable hypothesis, helpers that tests share."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

# A shell starts what it sends to the background with Ctrl-C ignored, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
settings.load_profile("house")

HANGING = 300
"""Seconds after which a test is stuck: the stack is printed and the run ends. No test comes near it."""


@pytest.fixture(autouse=True)
def ends_when_stuck() -> Iterator[None]:
    faulthandler.dump_traceback_later(HANGING, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
