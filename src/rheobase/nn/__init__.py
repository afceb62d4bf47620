"""PyTorch modules: `rheobase.nn.Activation("swish")`."""

from importlib.util import find_spec

from rheobase.errors import RheobaseError

if find_spec("torch") is None:
    raise RheobaseError("rheobase.nn needs PyTorch", instead="pip install 'rheobase[torch]'")

from rheobase.nn.module import Activation

__all__ = ["Activation"]
