"""PyTorch modules: `rheobase.nn.Activation("swish")`."""

from rheobase.nn.module import Activation

__all__ = ["Activation"]
