"""Activation: a formula, its parameters and where it comes from. Nothing else: the rest is derived."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from rheobase.differentiate import differentiate
from rheobase.errors import RheobaseError, SpecError, nearest
from rheobase.expr import Apply, Expr, Number, Parameter, substitute
from rheobase.lower import compiled, source, tailed
from rheobase.lower.guard import at_point, singular_points
from rheobase.lower.latex import to_latex
from rheobase.parameter import Param, param
from rheobase.parse import parse
from rheobase.refusals import in_spec
from rheobase.simplify import simplify


class Activation:
    """An activation function: formula, parameters, provenance.

    Call it on a NumPy, PyTorch or JAX array (or a number) of any shape: the result has the same
    type, shape, dtype and device.

    Attributes:
        name: what to call it.
        expr: the formula with its parameters as symbols.
        parameters: by name, with their values as `default`.
        source: who published it, or None.
        id: its id in the catalogue, or None.
        entry: the catalogue's entry, or None.
        backward: the function whose slope a publication puts in the place of the derivative when a network is trained,
            or None. Only `rheobase.nn.Activation(…, backward=True)` uses it; `derivative()` is the true one.

    >>> swish = define("x*sigmoid(beta*x)", beta=1.0, name="swish")
    >>> swish(np.array([-1.0, 0.0, 2.0])).round(4)
    array([-0.2689,  0.    ,  1.7616])
    >>> swish.derivative().formula
    'sigmoid(beta*x) + beta*x*sigmoid(beta*x)*sigmoid(-(beta*x))'
    """

    def __init__(
        self,
        expr: Expr,
        parameters: Mapping[str, Param] | None = None,
        *,
        name: str | None = None,
        source: Any = None,
        id: str | None = None,
        entry: Any = None,
        backward: Expr | None = None,
    ) -> None:
        self.expr = expr
        self.parameters: dict[str, Param] = dict(parameters or {})
        self.name = name or str(expr)
        self.source = source
        self.id = id
        self.entry = entry
        self.backward = None if backward is None else self._with_expr(backward, str(backward))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            raise RheobaseError(f"an activation cannot be changed ({name})", instead="with_values(…), or define(…)")
        super().__setattr__(name, value)

    @property
    def formula(self) -> str:
        """The formula's text, parameters as names."""
        return str(self.expr)

    @cached_property
    def bound(self) -> Expr:
        """The formula with the parameters' values in it, as exact decimals."""
        return substitute(self.expr, {Parameter(n): exact_number(p.default) for n, p in self.parameters.items()})

    def __call__(self, x: Any) -> Any:
        """The value at `x`, in the type, shape and precision of `x`.

        Raises:
            RheobaseError: for complex numbers and text.
        """
        backend = backend_of(x)
        if backend:
            return compiled(self.bound, backend)(x)
        if isinstance(x, np.ndarray | np.generic):
            return compiled(self.bound, "numpy")(x)
        try:
            result = compiled(self.bound, "numpy")(np.asarray(x))
        except (ValueError, TypeError) as error:
            raise RheobaseError(f"no numbers: {error}", instead="a number, a list, or an array") from None
        return float(result) if np.ndim(result) == 0 else result

    def numpy(self, x: Any) -> Any:
        """The value at the NumPy array `x`."""
        return compiled(self.bound, "numpy")(x)

    def torch(self, x: Any) -> Any:
        """The value at the tensor `x`; attached to the graph."""
        return compiled(self.bound, "torch")(x)

    def jax(self, x: Any) -> Any:
        """The value at the JAX array `x`; traceable."""
        return compiled(self.bound, "jax")(x)

    def derivative(self, of: int | str = 1) -> Activation:
        """The derivative of an order in x, or the first in a parameter.

        Args:
            of: the order (0, 1, 2, …), or a parameter's name.

        Where the slope is truly infinite (sqrt(abs(x)) at 0) the derivative is given as 0.

        >>> define("where(x >= 0, x, a*x)", a=0.25).derivative("a").formula
        'where(x >= 0, 0, x)'
        """
        if isinstance(of, str):
            if of != "x" and of not in self.parameters:
                known = ["x", *self.parameters]
                near = nearest(of, known) or ", ".join(known)
                raise SpecError(f"{self.name} has no parameter {of!r}", instead=near)
            return self._with_expr(simplify(differentiate(self.expr, of)), f"d {self.name} / d {of}")
        if isinstance(of, bool) or not isinstance(of, int) or of < 0:
            raise RheobaseError(f"{of!r} is no order of a derivative", instead="1, 2, … or a parameter's name")
        expr, bound = self.expr, self.bound
        for _ in range(of):
            holes = list(singular_points(simplify(bound)))
            expr, bound = simplify(differentiate(simplify(expr))), simplify(differentiate(simplify(bound)))
            for point, _, slope in holes:
                expr = Apply("where", (at_point(point), Number(slope), expr))
                bound = Apply("where", (at_point(point), Number(slope), bound))
        return self._with_expr(expr, self.name + "'" * of) if of else self

    def _with_expr(self, expr: Expr, name: str) -> Activation:
        kept = {n: p for n, p in self.parameters.items() if n in expr.symbols}
        return Activation(expr, kept, name=name)

    def with_values(self, **values: float) -> Activation:
        """The same function with other values of its parameters.

        Raises:
            SpecError: for an unknown parameter or a value outside its domain.

        >>> define("x*sigmoid(b*x)", b=1.0).with_values(b=1.702).parameters["b"].default
        1.702
        """
        changed = dict(self.parameters)
        for name, value in values.items():
            if name not in changed:
                near = nearest(name, changed) or ", ".join(changed) or "no parameters"
                raise SpecError(f"{self.name} has no parameter {name!r}", instead=near)
            changed[name] = checked(name, msgspec.structs.replace(changed[name], default=float(value)), self.name)
        return self.with_parameters(changed, self.name)

    def with_parameters(self, parameters: Mapping[str, Param], name: str) -> Activation:
        """The same function under another name, with these parameters in the place of its own."""
        backward = None if self.backward is None else self.backward.expr
        return Activation(
            self.expr, parameters, name=name, source=self.source, id=self.id, entry=self.entry, backward=backward
        )

    def latex(self) -> str:
        r"""The formula in LaTeX.

        >>> print(define("x*sigmoid(beta*x)", beta=1.0).latex())
        x \, \sigma\left(\beta \, x\right)
        """
        return to_latex(self.expr)

    def code(self, backend: str) -> str:
        """Source of a function of `backend` that stands alone; the parameters' values are in it.

        Raises:
            RheobaseError: for an unknown backend.
        """
        name = self.id or (self.name if self.name.isidentifier() else "activation")
        return source(self.bound, backend, name)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What remains unreliable in the arithmetic far out, told for a reader; empty as a rule."""
        return tuple(w for p in ("float32", "float64") for w in tailed(self.bound, p).warnings)

    def __repr__(self) -> str:
        values = "".join(f"; {n}={p.default:g}" for n, p in self.parameters.items())
        label = f"{self.name}: " if self.name != self.formula else ""
        other = f"; backward, where asked for: the derivative of {self.backward.formula}" if self.backward else ""
        return f"<Activation {label}{self.formula}{values}{other}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Activation) and self.expr is other.expr and self.parameters == other.parameters

    def __hash__(self) -> int:
        return hash((self.expr, tuple(sorted((n, p.default) for n, p in self.parameters.items()))))

    def _repr_html_(self) -> str:
        from html import escape

        from rheobase.sketch import svg

        x = np.linspace(-5.0, 5.0, 401)
        curves = [(self.name, x, self.numpy(x)), ("derivative", x, self.derivative().numpy(x))]
        cited = f"<div>{escape(str(self.source))}</div>" if self.source else ""
        return f"<div><code>{escape(self.formula)}</code>{svg(curves)}{cited}</div>"


def define(
    formula: str | Expr, *, name: str | None = None, source: Any = None, **parameters: float | Param
) -> Activation:
    """A new activation from its formula.

    Args:
        formula: text such as `"x*tanh(softplus(a*x))"`, or an Expr.
        name: what to call it; by default the formula.
        source: who published it.
        **parameters: a value, or `param(…)`, for every name in the formula besides x, pi and e.

    Raises:
        FormulaError: when the text cannot be read; a caret shows where.
        SpecError: when a parameter is not in the formula, or its value is outside its domain.

    >>> define("x*tanh(softplus(a*x))", a=1.0, name="amish")(0.5)
    0.37524...
    """
    known = {n: p if isinstance(p, Param) else param(_number(n, p)) for n, p in parameters.items()}
    if "x" in known:
        raise in_spec("input")
    expr = formula if isinstance(formula, Expr) else parse(formula, known)
    unused = [n for n in known if n not in expr.symbols]
    if unused:
        used = sorted(expr.symbols - {"x"})
        key, known_names = "unused" if used else "nothing to use", ", ".join(used)
        raise in_spec(key, nearest(unused[0], used), name=repr(unused[0]), formula=str(expr), known=known_names)
    if missing := sorted(expr.symbols - set(known) - {"x"}):
        raise SpecError(f"{missing[0]!r} has no value in {expr}", instead=f"define(…, {missing[0]}=1.0)")
    for parameter_name, p in known.items():
        checked(parameter_name, p, name or str(expr))
    return Activation(expr, known, name=name, source=source)


def checked(name: str, p: Param, owner: str) -> Param:
    """`p`, when its value is finite and within its domain."""
    if not math.isfinite(p.default):
        raise SpecError(f"{name}={p.default} of {owner} is not finite", instead="a finite number")
    if not p.allows(p.default):
        raise in_spec("outside", name=name, value=f"{p.default:g}", function=owner, domain=p.domain())
    return p


def exact_number(value: float) -> Number:
    """A parameter's value as the decimal that a person wrote: 0.1 is one tenth.

    >>> exact_number(0.1).value
    Fraction(1, 10)
    """
    return Number(Fraction(repr(float(value))))


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SpecError(f"{name}={value!r} is no number", instead=f"{name}=1.0 or {name}=param(1.0)") from None


def backend_of(x: Any) -> str | None:
    """ "torch" or "jax" for their arrays, without importing either."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(x, torch.Tensor):
        return "torch"
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(x, jax.Array):
        return "jax"
    return None
