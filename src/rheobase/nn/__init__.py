"""PyTorch modules: `rheobase.nn.Activation("swish")`, or by name: `from rheobase.nn import Swish`."""

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rheobase.errors import RheobaseError

if find_spec("torch") is None:
    raise RheobaseError("rheobase.nn needs PyTorch", instead="pip install 'rheobase[torch]'")

from rheobase.nn.costs import cost
from rheobase.nn.gains import calculate_gain
from rheobase.nn.gated import Gated
from rheobase.nn.groups import parameter_groups
from rheobase.nn.mixture import Mixture
from rheobase.nn.module import Activation
from rheobase.nn.shapes import Shapes, plot_shapes
from rheobase.nn.shifted import Shifted
from rheobase.nn.surgery import swap_

if TYPE_CHECKING:
    from rheobase.nn.starting import init_

__all__ = [
    "Activation",
    "Gated",
    "Mixture",
    "Shapes",
    "Shifted",
    "calculate_gain",
    "cost",
    "init_",
    "parameter_groups",
    "plot_shapes",
    "swap_",
]


@cache
def _named(name: str) -> type[Activation]:
    """A class of its own for an entry of the catalogue, found by its name however it is written."""
    from rheobase.catalogue import get

    get(name)

    def __init__(self: Activation, *args: Any, **kwargs: Any) -> None:
        Activation.__init__(self, name, *args, **kwargs)

    space = {"__init__": __init__, "__module__": __name__, "__doc__": f'Activation("{name}", …).', "__qualname__": name}
    return type(name, (Activation,), space)


def __getattr__(name: str) -> Any:
    if name == "init_":
        from rheobase.nn.starting import init_  # theory is loaded by those who ask for it

        return init_
    if name.startswith("_") or not name[0].isupper():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return _named(name)
    except RheobaseError as error:
        raise AttributeError(f"rheobase.nn has no {name}: {error}") from None
