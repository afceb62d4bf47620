"""What the tests of studies share."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from rheobase.study.spec import Task

TINY = Path(__file__).parent / "tiny.py"


@pytest.fixture(scope="session")
def tiny() -> Task:
    """The task of `tiny.py`, which trains in this process."""
    spec = importlib.util.spec_from_file_location("tiny", TINY)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TASK


@pytest.fixture(scope="session")
def tiny_address() -> str:
    """The same task, as other processes find it."""
    return f"{TINY}:TASK"
