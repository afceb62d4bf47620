"""What a function found, or why it could not tell, kept by its arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from rheobase.errors import RheobaseError

P = ParamSpec("P")
T = TypeVar("T")


def remembered(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`functools.lru_cache` that keeps a RheobaseError, too: a search that ended without an answer is not run again.

    >>> calls = []
    >>> @remembered(8)
    ... def tried(n: int) -> int:
    ...     calls.append(n)
    ...     raise RheobaseError("not told")
    >>> for _ in range(2):
    ...     try:
    ...         tried(1)
    ...     except RheobaseError as error:
    ...         print(error.what)
    not told
    not told
    >>> calls
    [1]
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=maxsize)
        def kept(*args: P.args, **kwargs: P.kwargs) -> tuple[T | None, RheobaseError | None]:
            try:
                return function(*args, **kwargs), None
            except RheobaseError as error:
                return None, error.with_traceback(None)

        @wraps(function)
        def ask(*args: P.args, **kwargs: P.kwargs) -> T:
            found, error = kept(*args, **kwargs)
            if error is not None:
                raise error.with_traceback(None)
            return found  # type: ignore[return-value]

        ask.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
        return ask

    return decorate
