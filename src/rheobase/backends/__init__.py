"""The helper functions of each backend that the table's cells name with a leading underscore."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

BACKENDS = ("numpy", "torch", "jax")


@cache
def helpers(backend: str) -> dict[str, Any]:
    """The names that generated source of `backend` may use; the backend is imported here.

    >>> sorted(name for name in helpers("numpy") if name == "np")
    ['np']
    """
    module = import_module(f"rheobase.backends.{backend}_helpers")
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}
