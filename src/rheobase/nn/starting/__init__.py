"""Starting a deep network by theory: calls → graph → plan → weights → verification → what was done."""

from rheobase.nn.starting.run import init_

__all__ = ["init_"]
