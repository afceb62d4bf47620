"""THE table of primitives: one row a primitive, one column a backend or a fact.

A cell of a backend is source text; `{0}`, `{1}`, … stand for the arguments. Names that begin with
`_` are functions of that backend's file of helpers (`rheobase.backends`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from math import factorial, inf, pi
from typing import Any

from rheobase.expr import ONE, TWO, ZERO, Apply, Constant, Expr, Number

oo = inf
Partials = tuple[Expr | None, ...]


class _Balls:
    """The functions of `rheobase.balls`, found at their first call: python-flint takes 35 ms to load."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        found: list[Callable[..., Any]] = []

        def call(*args: Any) -> Any:
            if not found:
                found.append(getattr(import_module("rheobase.balls"), name))
            return found[0](*args)

        return call


balls = _Balls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One primitive.

    Attributes:
        d: partial derivatives, in terms of the arguments; None where the derivative is 0.
        numpy, torch, jax, js: source templates; every one keeps within 4 roundings, value and gradient.
        arb: enclosure of the value, from balls of python-flint.
        latex: template; `binding` is the strength of the outermost sign in it (see `printing`).
        domain, range: closed hulls over the reals.
        monotone: +1 never falls, -1 never rises, 0 neither.
        smooth: continuous derivatives (-1 where the value jumps, 0 where the slope does).
        kinks: arguments at which value or slope jumps (None: infinitely many).
        parity: "odd", "even" or "".
        left, right: what equals the primitive for every a < 0 (a > 0) and shows its tail: a formula in `a`,
            "" where there is none; a row with a parity needs `right` alone.
        mirror: the value at -a by that at a, a formula in `a`, for a row without a parity that has one.
        stretch: (from, to, +1 or -1), where a row that is not monotone rises or falls; reflected by its parity.
        lipschitz: the greatest slope, inf where there is none.
        positive: greater than 0 at every real argument.
        steps: the composition that is computed in place of the cells, where no primitive is accurate.
        by_output: the derivative as frameworks take it, from the rounded result, where that differs from `d`.
    """

    name: str
    d: Callable[..., Partials]
    numpy: str
    torch: str
    jax: str
    js: str
    arb: Callable[..., Any]
    latex: str
    arity: int = 1
    binding: int = 5
    domain: tuple[float, float] = (-oo, oo)
    range: tuple[float, float] = (-oo, oo)
    monotone: int = 0
    smooth: float = oo
    kinks: tuple[float, ...] | None = ()
    parity: str = ""
    left: str = ""
    right: str = ""
    mirror: str = ""
    stretch: tuple[float, float, int] | None = None
    lipschitz: float = oo
    positive: bool = False
    by_output: Callable[..., Partials] | None = None
    steps: Callable[..., Expr] | None = None


def _call(name: str) -> Callable[..., Apply]:
    return lambda *args: Apply(name, args)


exp, log, sqrt, sign, sin, cos = map(_call, ("exp", "log", "sqrt", "sign", "sin", "cos"))
tanh, sinh, cosh, sech, sigmoid, phi = map(_call, ("tanh", "sinh", "cosh", "sech", "sigmoid", "phi"))
sinc, dsinc, where, absolute = map(_call, ("sinc", "dsinc", "where", "abs"))


def _no_slope(*args: Expr) -> Partials:
    return (None,) * len(args)


def _sinc_second(a: Expr) -> Expr:
    """sinc'' = -sinc - 2 sinc'/a, by its Taylor series about 0 where that cancels."""
    square = a**2
    series: Expr = ZERO
    for k in range(20, 0, -1):
        series = Number(Fraction((-1) ** k * 2 * k * (2 * k - 1), factorial(2 * k + 1))) + square * series
    return where(absolute(a) < 1, series, -sinc(a) - TWO * dsinc(a) / a)


def _sinc_first(a: Expr) -> Expr:
    """sinc' = (cos - sinc)/a, by its Taylor series about 0 where that cancels."""
    square = a**2
    series: Expr = ZERO
    for k in range(20, 0, -1):
        series = Number(Fraction((-1) ** k * 2 * k, factorial(2 * k + 1))) + square * series
    return where(absolute(a) < 1, a * series, (cos(a) - sinc(a)) / a)


def _power_slopes(a: Expr, b: Expr) -> Partials:
    by_exponent = None if isinstance(b, Number | Constant) else where(a > 0, a**b * log(a), ZERO)
    return (b * a ** (b - ONE), by_exponent)


ROWS = [
    # --- arithmetic -----------------------------------------------------------------------------
    Op(name="add", arity=2, d=lambda a, b: (ONE, ONE), binding=1,
       numpy="{0} + {1}", torch="{0} + {1}", jax="{0} + {1}", js="{0} + {1}", latex="{0} + {1}",
       arb=lambda a, b: a + b, monotone=+1),
    Op(name="sub", arity=2, d=lambda a, b: (ONE, -ONE), binding=1,
       numpy="{0} - {1}", torch="{0} - {1}", jax="{0} - {1}", js="{0} - {1}", latex="{0} - {1}",
       arb=lambda a, b: a - b),
    Op(name="mul", arity=2, d=lambda a, b: (b, a), binding=2,
       numpy="{0} * {1}", torch="{0} * {1}", jax="{0} * {1}", js="{0} * {1}", latex=r"{0} \, {1}",
       arb=lambda a, b: a * b),
    Op(name="div", arity=2, d=lambda a, b: (ONE / b, -(a / b) / b), binding=2,
       numpy="{0} / {1}", torch="{0} / {1}", jax="_div({0}, {1})", js="{0} / {1}", latex=r"\frac{{{0}}}{{{1}}}",
       arb=lambda a, b: a / b),
    Op(name="neg", d=lambda a: (-ONE,), binding=3,
       numpy="-{0}", torch="-{0}", jax="-{0}", js="-{0}", latex="-{0}",
       arb=lambda a: -a, monotone=-1, parity="odd", lipschitz=1),
    Op(name="pow", arity=2, d=_power_slopes, binding=4,
       numpy="{0} ** {1}", torch="{0} ** {1}", jax="{0} ** {1}", js="Math.pow({0}, {1})", latex="{{{0}}}^{{{1}}}",
       arb=balls.power),
    # --- comparison and choice ------------------------------------------------------------------
    Op(name="lt", arity=2, d=_no_slope, numpy="{0} < {1}", torch="{0} < {1}", jax="{0} < {1}", js="{0} < {1}",
       latex="{0} < {1}",
       arb=balls.less, binding=0, range=(0, 1), smooth=-1),
    Op(name="le", arity=2, d=_no_slope, numpy="{0} <= {1}", torch="{0} <= {1}", jax="{0} <= {1}", js="{0} <= {1}",
       latex=r"{0} \le {1}", arb=balls.at_most, binding=0, range=(0, 1), smooth=-1),
    Op(name="gt", arity=2, d=_no_slope, numpy="{0} > {1}", torch="{0} > {1}", jax="{0} > {1}", js="{0} > {1}",
       latex="{0} > {1}",
       arb=lambda a, b: balls.less(b, a), binding=0, range=(0, 1), smooth=-1),
    Op(name="ge", arity=2, d=_no_slope, numpy="{0} >= {1}", torch="{0} >= {1}", jax="{0} >= {1}", js="{0} >= {1}",
       latex=r"{0} \ge {1}", arb=lambda a, b: balls.at_most(b, a), binding=0, range=(0, 1), smooth=-1),
    Op(name="where", arity=3, d=lambda c, a, b: (None, where(c, ONE, ZERO), where(c, ZERO, ONE)),
       numpy="np.where({0}, {1}, {2})", torch="torch.where({0}, {1}, {2})", jax="jnp.where({0}, {1}, {2})",
       js="({0} ? {1} : {2})",
       latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
       arb=balls.where, smooth=-1, kinks=None),
    Op(name="minimum", arity=2, d=lambda a, b: (where(a < b, ONE, ZERO), where(a < b, ZERO, ONE)),
       numpy="np.minimum({0}, {1})", torch="torch.minimum({0}, {1})", jax="jnp.minimum({0}, {1})",
       js="Math.min({0}, {1})",
       latex=r"\min\left({0},\, {1}\right)", arb=lambda a, b: a.min(b), monotone=+1, smooth=0, kinks=None),
    Op(name="maximum", arity=2, d=lambda a, b: (where(a > b, ONE, ZERO), where(a > b, ZERO, ONE)),
       numpy="np.maximum({0}, {1})", torch="torch.maximum({0}, {1})", jax="jnp.maximum({0}, {1})",
       js="Math.max({0}, {1})",
       latex=r"\max\left({0},\, {1}\right)", arb=lambda a, b: a.max(b), monotone=+1, smooth=0, kinks=None),
    Op(name="clip", arity=3,
       d=lambda a, low, high: (
           where(a > low, where(a < high, ONE, ZERO), ZERO),
           where(a > low, ZERO, where(low < high, ONE, ZERO)),
           where(a > low, where(a < high, ZERO, ONE), where(low < high, ZERO, ONE)),
       ),
       numpy="np.clip({0}, {1}, {2})", torch="torch.clamp({0}, {1}, {2})", jax="jnp.clip({0}, {1}, {2})",
       js="Math.min(Math.max({0}, {1}), {2})",
       latex=r"\operatorname{{clip}}\left({0},\, {1},\, {2}\right)",
       arb=lambda a, low, high: a.max(low).min(high), monotone=+1, smooth=0, kinks=None),
    # --- kinked and stepped ---------------------------------------------------------------------
    Op(name="abs", d=lambda a: (sign(a),),
       numpy="np.abs({0})", torch="torch.abs({0})", jax="_abs({0})", js="Math.abs({0})", latex=r"\left|{0}\right|",
       arb=abs, range=(0, oo), smooth=0, kinks=(0,), parity="even", lipschitz=1,
       stretch=(0, oo, +1)),
    Op(name="relu", d=lambda a: (where(a > 0, ONE, ZERO),),
       numpy="np.maximum({0}, 0.0)", torch="torch.relu({0})", jax="jax.nn.relu({0})", js="Math.max({0}, 0.0)",
       latex=r"\operatorname{{ReLU}}\left({0}\right)", arb=lambda a: a.max(0),
       range=(0, oo), monotone=+1, smooth=0, kinks=(0,), lipschitz=1),
    Op(name="sign", d=_no_slope,
       numpy="np.sign({0})", torch="_sign({0})", jax="jnp.sign({0})", js="Math.sign({0})",
       latex=r"\operatorname{{sign}}\left({0}\right)",
       arb=balls.sign, range=(-1, 1), monotone=+1, smooth=-1, kinks=(0,), parity="odd"),
    Op(name="step", d=_no_slope,
       numpy="_step({0})", torch="_step({0})", jax="_step({0})", js="_step({0})",
       latex=r"\operatorname{{step}}\left({0}\right)",
       arb=balls.step, range=(0, 1), monotone=+1, smooth=-1, kinks=(0,)),
    Op(name="floor", d=_no_slope,
       numpy="np.floor({0})", torch="torch.floor(_still({0}))", jax="jnp.floor({0})", js="Math.floor({0})",
       latex=r"\left\lfloor {0} \right\rfloor",
       arb=lambda a: a.floor(), monotone=+1, smooth=-1, kinks=None),
    Op(name="round", d=_no_slope,
       numpy="np.rint({0})", torch="torch.round(_still({0}))", jax="jnp.round({0})", js="_round({0})",
       latex=r"\operatorname{{round}}\left({0}\right)", arb=balls.nearest_integer,
       monotone=+1, smooth=-1, kinks=None, parity="odd"),
    # --- exponential and logarithm --------------------------------------------------------------
    Op(name="exp", d=lambda a: (exp(a),),
       numpy="np.exp({0})", torch="torch.exp({0})", jax="_exp({0})", js="Math.exp({0})", latex=r"\exp\left({0}\right)",
       arb=balls.exp, range=(0, oo), monotone=+1, positive=True),
    Op(name="expm1", d=lambda a: (exp(a),),
       by_output=lambda a: (ONE + Apply("expm1", (a,)),),
       numpy="np.expm1({0})", torch="_expm1({0})", jax="_expm1({0})", js="Math.expm1({0})",
       latex=r"\left(e^{{{0}}} - 1\right)",
       arb=balls.expm1, range=(-1, oo), monotone=+1,
       left="exp(a) - 1", right="exp(a) - 1"),
    Op(name="log", d=lambda a: (ONE / a,),
       numpy="np.log({0})", torch="torch.log({0})", jax="jnp.log({0})", js="Math.log({0})",
       latex=r"\ln\left({0}\right)",
       arb=lambda a: a.log(), domain=(0, oo), monotone=+1),
    Op(name="log1p", d=lambda a: (ONE / (ONE + a),),
       numpy="np.log1p({0})", torch="torch.log1p({0})", jax="_log1p({0})", js="Math.log1p({0})",
       latex=r"\ln\left(1 + {0}\right)",
       arb=lambda a: a.log1p(), domain=(-1, oo), monotone=+1,
       right="log(1 + a)"),
    Op(name="sqrt", d=lambda a: (ONE / (TWO * sqrt(a)),),
       numpy="np.sqrt({0})", torch="torch.sqrt({0})", jax="jnp.sqrt({0})", js="Math.sqrt({0})", latex=r"\sqrt{{{0}}}",
       arb=lambda a: a.sqrt(), domain=(0, oo), range=(0, oo), monotone=+1),
    # --- trigonometric --------------------------------------------------------------------------
    Op(name="sin", d=lambda a: (cos(a),),
       numpy="np.sin({0})", torch="torch.sin({0})", jax="jnp.sin({0})", js="Math.sin({0})",
       latex=r"\sin\left({0}\right)",
       arb=lambda a: a.sin(), range=(-1, 1), parity="odd", lipschitz=1,
       stretch=(-1.57, 1.57, +1)),
    Op(name="cos", d=lambda a: (-sin(a),),
       numpy="np.cos({0})", torch="torch.cos({0})", jax="jnp.cos({0})", js="Math.cos({0})",
       latex=r"\cos\left({0}\right)",
       arb=lambda a: a.cos(), range=(-1, 1), parity="even", lipschitz=1,
       stretch=(0, 3.14, -1)),
    Op(name="tan", d=lambda a: (ONE / cos(a) ** 2,),
       numpy="np.tan({0})", torch="torch.tan({0})", jax="jnp.tan({0})", js="Math.tan({0})",
       latex=r"\tan\left({0}\right)",
       arb=lambda a: a.tan(), parity="odd", kinks=None, smooth=-1),
    Op(name="atan", d=lambda a: (ONE / (ONE + a**2),),
       numpy="np.arctan({0})", torch="torch.atan({0})", jax="jnp.arctan({0})", js="Math.atan({0})",
       latex=r"\arctan\left({0}\right)",
       arb=lambda a: a.atan(), range=(-pi / 2, pi / 2), monotone=+1, parity="odd", lipschitz=1,
       right="pi/2 - atan(1/a)"),
    Op(name="sinc", d=lambda a: (dsinc(a),),
       numpy="_sinc({0})", torch="_sinc({0})", jax="_sinc({0})", js="_sinc({0})",
       latex=r"\operatorname{{sinc}}\left({0}\right)",
       arb=balls.sinc, range=(-0.21723362821122166, 1), parity="even", lipschitz=0.4361819,
       stretch=(0, 4.49, -1), right="sin(a)/a"),
    Op(name="dsinc", d=lambda a: (_sinc_second(a),),
       numpy="_dsinc({0})", torch="_dsinc({0})", jax="_dsinc({0})", js="_dsinc({0})",
       latex=r"\operatorname{{sinc}}'\left({0}\right)",
       arb=balls.dsinc, steps=_sinc_first, range=(-0.4361819, 0.4361819),
       parity="odd", lipschitz=0.3333334,
       stretch=(-2.08, 2.08, -1), right="(cos(a) - sin(a)/a)/a"),
    # --- hyperbolic -----------------------------------------------------------------------------
    Op(name="tanh", d=lambda a: (sech(a) ** 2,),
       by_output=lambda a: (ONE - tanh(a) ** 2,),
       numpy="np.tanh({0})", torch="torch.tanh({0})", jax="_tanh({0})", js="Math.tanh({0})",
       latex=r"\tanh\left({0}\right)",
       arb=lambda a: a.tanh(), range=(-1, 1), monotone=+1, parity="odd", lipschitz=1,
       right="1 - 2*exp(-2*a)/(1 + exp(-2*a))"),
    Op(name="sinh", d=lambda a: (cosh(a),),
       numpy="np.sinh({0})", torch="_sinh({0})", jax="_sinh({0})", js="Math.sinh({0})", latex=r"\sinh\left({0}\right)",
       arb=balls.sinh, monotone=+1, parity="odd",
       right="(exp(a) - exp(-a))/2"),
    Op(name="cosh", d=lambda a: (sinh(a),),
       numpy="np.cosh({0})", torch="_cosh({0})", jax="_cosh({0})", js="Math.cosh({0})", latex=r"\cosh\left({0}\right)",
       arb=balls.cosh, range=(1, oo), parity="even", positive=True,
       stretch=(0, oo, +1), right="(exp(a) + exp(-a))/2"),
    Op(name="sech", d=lambda a: (-sech(a) * tanh(a),),
       numpy="_sech({0})", torch="_sech({0})", jax="_sech({0})", js="_sech({0})",
       latex=r"\operatorname{{sech}}\left({0}\right)",
       arb=balls.sech, range=(0, 1), parity="even", lipschitz=0.5, positive=True,
       stretch=(0, oo, -1), right="2*exp(-a)/(1 + exp(-2*a))"),
    Op(name="asinh", d=lambda a: (ONE / sqrt(ONE + a**2),),
       numpy="np.arcsinh({0})", torch="torch.asinh({0})", jax="jnp.arcsinh({0})", js="Math.asinh({0})",
       latex=r"\operatorname{{arsinh}}\left({0}\right)",
       arb=lambda a: a.asinh(), monotone=+1, parity="odd", lipschitz=1,
       right="log(a + sqrt(a**2 + 1))"),
    # --- logistic and normal --------------------------------------------------------------------
    Op(name="sigmoid", d=lambda a: (sigmoid(a) * sigmoid(-a),),
       by_output=lambda a: (sigmoid(a) * (ONE - sigmoid(a)),),
       numpy="_sigmoid({0})", torch="_sigmoid({0})", jax="lax.logistic({0})", js="_sigmoid({0})",
       latex=r"\sigma\left({0}\right)",
       arb=balls.sigmoid, range=(0, 1), monotone=+1, lipschitz=0.25, positive=True,
       mirror="1 - sigmoid(a)", left="exp(a)/(1 + exp(a))", right="1/(1 + exp(-a))"),
    Op(name="softplus", d=lambda a: (sigmoid(a),),
       numpy="_softplus({0})", torch="torch.nn.functional.softplus({0}, 1.0, 40.0)", jax="_softplus({0})",
       js="_softplus({0})",
       latex=r"\operatorname{{softplus}}\left({0}\right)",
       arb=balls.softplus, range=(0, oo), monotone=+1, lipschitz=1, positive=True,
       mirror="softplus(a) - a", left="log(1 + exp(a))", right="a + log(1 + exp(-a))"),
    Op(name="log_sigmoid", d=lambda a: (sigmoid(-a),),
       numpy="-_softplus(-({0}))", torch="torch.nn.functional.logsigmoid({0})", jax="-_softplus(-({0}))",
       js="-_softplus(-({0}))",
       latex=r"\ln\sigma\left({0}\right)", binding=3,
       arb=lambda a: -balls.softplus(-a), range=(-oo, 0), monotone=+1, lipschitz=1,
       mirror="log_sigmoid(a) - a", left="a - log(1 + exp(a))", right="-log(1 + exp(-a))"),
    Op(name="erf", d=lambda a: (TWO / sqrt(Constant("pi")) * exp(-(a**2)),),
       numpy="_erf({0})", torch="_erf({0})", jax="_erf({0})", js="_erf({0})",
       latex=r"\operatorname{{erf}}\left({0}\right)",
       arb=balls.erf, range=(-1, 1), monotone=+1, parity="odd", lipschitz=1.1283792,
       right="1 - erfc(a)"),
    Op(name="erfc", d=lambda a: (-TWO / sqrt(Constant("pi")) * exp(-(a**2)),),
       numpy="_erfc({0})", torch="torch.erfc({0})", jax="_erfc({0})", js="_erfc({0})",
       latex=r"\operatorname{{erfc}}\left({0}\right)",
       arb=balls.erfc, range=(0, 2), monotone=-1, lipschitz=1.1283792, positive=True,
       mirror="2 - erfc(a)", left="2 - erfc(-a)"),
    Op(name="Phi", d=lambda a: (phi(a),),
       numpy="_Phi({0})", torch="_Phi({0})", jax="_Phi({0})", js="_Phi({0})", latex=r"\Phi\left({0}\right)",
       arb=balls.Phi, range=(0, 1), monotone=+1, lipschitz=0.39894229, positive=True,
       mirror="1 - Phi(a)", left="erfc(-a/sqrt(2))/2", right="1 - erfc(a/sqrt(2))/2"),
    Op(name="phi", d=lambda a: (-a * phi(a),),
       numpy="_phi({0})", torch="_phi({0})", jax="_phi({0})", js="_phi({0})", latex=r"\varphi\left({0}\right)",
       arb=balls.phi, range=(0, 0.3989422804014327),
       parity="even", lipschitz=0.24197073, positive=True,
       stretch=(0, oo, -1), left="exp(-a**2/2)/sqrt(2*pi)", right="exp(-a**2/2)/sqrt(2*pi)"),
]  # fmt: skip

OPS: dict[str, Op] = {row.name: row for row in ROWS}

COMPARISONS = frozenset(("lt", "le", "gt", "ge"))
SYNONYMS = {"max": "maximum", "min": "minimum"}
FUNCTIONS = frozenset(OPS) - COMPARISONS - {"add", "sub", "mul", "div", "neg", "pow"}
"""Names that a formula's text may call."""
