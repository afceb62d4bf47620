"""rheobase: which activation should this network use, why, and what does it cost?

An activation function is defined once, as a formula with a citation; everything else is derived.

>>> import rheobase as rb
>>> rb.get("swish").formula
'x*sigmoid(beta*x)'
>>> rb.identify("x / (1 + exp(-x))").id
'silu'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0.dev0"

if TYPE_CHECKING:
    from rheobase import nn
    from rheobase.activation import Activation, define
    from rheobase.catalogue import get, identify, list
    from rheobase.errors import FormulaError, RheobaseError, SpecError
    from rheobase.expr import Expr
    from rheobase.meanfield import theory
    from rheobase.parameter import Param, param
    from rheobase.pictures import plot
    from rheobase.proofs import check
    from rheobase.study import compare, neuron, recommend

_HOMES = {
    "Activation": "activation",
    "Param": "parameter",
    "define": "activation",
    "param": "parameter",
    "get": "catalogue",
    "identify": "catalogue",
    "list": "catalogue",
    "FormulaError": "errors",
    "RheobaseError": "errors",
    "SpecError": "errors",
    "Expr": "expr",
    "plot": "pictures",
    "check": "proofs",
    "theory": "meanfield",
    "compare": "study",
    "neuron": "study",
    "recommend": "study",
    "nn": "nn",
}

__all__ = [
    "Activation",
    "Expr",
    "FormulaError",
    "Param",
    "RheobaseError",
    "SpecError",
    "__version__",
    "check",
    "compare",
    "define",
    "get",
    "identify",
    "list",
    "neuron",
    "nn",
    "param",
    "plot",
    "recommend",
    "theory",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        from rheobase.errors import nearest

        near = nearest(name, _HOMES)
        hint = f"; did you mean {near!r}?" if near else ""
        raise AttributeError(f"module 'rheobase' has no attribute {name!r}{hint}")
    module = import_module(f"rheobase.{_HOMES[name]}")
    value = module if _HOMES[name] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> Any:
    return sorted({*globals(), *_HOMES})
