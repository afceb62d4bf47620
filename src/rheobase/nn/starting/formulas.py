"""What calls and modules compute, as formulas: torch's activations, and the arithmetic people write others from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from rheobase.activation import Activation as Definition
from rheobase.activation import exact_number
from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.expr import Apply, Constant, Expr, Number, add, as_expr, div, mul, neg, power, sub, substitute, x
from rheobase.nn.known import of_call, of_module
from rheobase.nn.mixture import Mixture
from rheobase.nn.module import Activation

SAME = {
    "log_sigmoid": "logsigmoid",
    "_threshold": "threshold",
    "arctan": "atan",
    "arcsinh": "asinh",
    "absolute": "abs",
    "sgn": "sign",
    "expit": "sigmoid",
    "negative": "neg",
    "multiply": "mul",
    "subtract": "sub",
    "truediv": "div",
    "divide": "div",
    "true_divide": "div",
    "clip": "clamp",
    "greater": "gt",
    "less": "lt",
    "greater_equal": "ge",
    "less_equal": "le",
    "rtruediv": "rdiv",
}
"""Other names of the same."""

ONE_ARGUMENT = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "atan", "asinh", "erf")
ONE_ARGUMENT += ("erfc", "abs", "sign", "floor", "round")


def _clamped(a: Expr, low: Expr | None = None, high: Expr | None = None) -> Expr:
    if low is not None and high is not None:
        return Apply("clip", (a, low, high))
    if low is not None:
        return Apply("maximum", (a, low))
    return a if high is None else Apply("minimum", (a, high))


def _binary(op: str) -> Callable[[Expr, Expr], Expr]:
    return lambda a, b: Apply(op, (a, b))


ARITHMETIC: dict[str, Callable[..., Expr]] = {
    **{name: (lambda a, op=name: Apply(op, (a,))) for name in ONE_ARGUMENT},
    **{name: _binary(name) for name in ("lt", "le", "gt", "ge", "maximum", "minimum")},
    "neg": neg,
    "square": lambda a: power(a, Number(2)),
    "reciprocal": lambda a: div(Number(1), a),
    "rsqrt": lambda a: div(Number(1), Apply("sqrt", (a,))),
    "exp2": lambda a: power(Number(2), a),
    "sinc": lambda a: Apply("sinc", (mul(Constant("pi"), a),)),
    "add": lambda a, b, alpha=None: add(a, b if alpha is None else mul(alpha, b)),
    "sub": lambda a, b, alpha=None: sub(a, b if alpha is None else mul(alpha, b)),
    "radd": lambda a, b: add(b, a),
    "rsub": lambda a, b, alpha=None: sub(b, a if alpha is None else mul(alpha, a)),
    "mul": mul,
    "rmul": lambda a, b: mul(b, a),
    "div": div,
    "rdiv": lambda a, b: div(b, a),
    "pow": power,
    "rpow": lambda a, b: power(b, a),
    "max": _binary("maximum"),
    "min": _binary("minimum"),
    "clamp": _clamped,
    "clamp_min": _clamped,
    "clamp_max": lambda a, high: _clamped(a, None, high),
    "where": lambda c, a, b: Apply("where", (c, a, b)),
}
"""Elementwise arithmetic of tensors, from which people write functions of their own."""

KEYWORDS = {"min": "low", "max": "high", "other": "b", "exponent": "b", "alpha": "alpha"}
"""Torch's names of arguments, as `ARITHMETIC` has them."""


def spelt(name: str) -> str:
    """One name of a function: `relu_`, `__radd__`, `iadd`, `special_expit` are relu, radd, add, sigmoid.

    >>> [spelt(n) for n in ("relu_", "__rsub__", "iadd", "special_expit", "__add__", "_threshold")]
    ['relu', 'rsub', 'add', 'sigmoid', 'add', 'threshold']
    """
    plain = name.strip("_") if name != "_threshold" else name
    plain = plain.removeprefix("special_")
    if plain in ("iadd", "isub", "imul", "itruediv", "ipow"):
        plain = plain[1:]
    return SAME.get(plain, plain)


def elementwise(call: Any) -> bool:
    """Is this a function that is known element by element?"""
    return call.name in ARITHMETIC or call.name == "rrelu" or _known(call, (), {}) is not None


def _known(call: Any, others: Sequence[Any], keywords: Mapping[str, Any]) -> Definition | None:
    return of_call(call.function, others, keywords) or of_call(call.name, others, keywords)


def applied(call: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Expr | None:
    """The formula of a call whose arguments are formulas or numbers; None where they are not what is known."""
    if call.name in ARITHMETIC:
        return _arithmetic(call.name, arguments, keywords)
    inner = arguments[0] if arguments else keywords.get("input")
    others, named = arguments[1:], {k: v for k, v in keywords.items() if k != "input"}
    if call.name == "rrelu":
        ends = dict(zip(("lower", "upper"), others, strict=False)) | named
        outer = _between(ends.get("lower", 1 / 8), ends.get("upper", 1 / 3))
    else:
        outer = _known(call, others, named)
    return None if outer is None or not isinstance(inner, Expr) else substitute(outer.bound, {x: inner})


def _between(lower: float, upper: float) -> Definition:
    """RReLU as it is when it is not training: the slope in the middle."""
    return get("leaky_relu").with_values(negative_slope=(lower + upper) / 2)


def _arithmetic(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Expr | None:
    try:
        operands = [_operand(a) for a in arguments]
        named = {KEYWORDS[k]: _operand(v) for k, v in keywords.items() if v is not None}
        return ARITHMETIC[name](*operands, **named)
    except (TypeError, KeyError, RheobaseError):  # rounding, a dtype, a comparison with text: not a formula
        return None


def _operand(value: Any) -> Expr | None:
    if value is None or isinstance(value, Expr):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number of a formula")
    return as_expr(value) if isinstance(value, int) else exact_number(value)


def of_module_now(module: torch.nn.Module) -> Definition | None:
    """The function of an activation module as its parameters are now, those learned by channel at their mean; None for
    another module.

    >>> of_module_now(torch.nn.PReLU()), of_module_now(torch.nn.Linear(2, 2))
    (<Activation prelu: where(x >= 0, x, negative_slope*x); negative_slope=0.25>, None)
    """
    match module:
        case Mixture():
            return None if module.how == "per-channel" else module.collapse()
        case torch.nn.RReLU():
            return _between(module.lower, module.upper)
        case torch.nn.PReLU():
            return get("prelu").with_values(negative_slope=_mean(module.weight))
        case Activation() if module.learned and module.shape is not None:
            return module.definition.with_values(**{n: _mean(v) for n, v in module.values().items()})
        case _:
            return of_module(module)


def _mean(value: torch.Tensor) -> float:
    return float(value.detach().double().mean())
