"""From an expression to functions and source text of a backend, safe at every finite input."""

from rheobase.lower.functions import compiled, lowered, opened, script, source, tailed, without_limits

__all__ = ["compiled", "lowered", "opened", "script", "source", "tailed", "without_limits"]
