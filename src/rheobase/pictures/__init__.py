"""Pictures with Matplotlib, which is imported when one is drawn and not before.

The look is that of `rheobase.sketch`: the same colours, the same view, labels at the ends of the curves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rheobase.pictures.functions import file_name, label, plot

if TYPE_CHECKING:
    from rheobase.pictures.expressive import plot_expressive
    from rheobase.pictures.theory import plot_theory

__all__ = ["file_name", "label", "plot", "plot_expressive", "plot_theory"]


def __getattr__(name: str) -> Any:
    """Pictures of theory are read from their files when they are asked for: they bring SciPy."""
    if name not in __all__:
        raise AttributeError(f"module 'rheobase.pictures' has no attribute {name!r}")
    return getattr(import_module(f"rheobase.pictures.{name.removeprefix('plot_')}"), name)
