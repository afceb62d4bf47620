"""Rewriting: algebra that makes equal formulas equal trees, and the stabilising laws of `laws`."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from weakref import WeakSet

from rheobase.expr import ONE, ZERO, Apply, Expr, Number, add, mul, neg, power, rebuild, with_args
from rheobase.ops import COMPARISONS, OPS
from rheobase.simplify.flat import Factors, from_product, from_sum, order, product_of, sum_of
from rheobase.simplify.matching import HOLDS, rewrite

MAX_REWRITES = 40
"""Rewrites of one node; the longest chain among the catalogue's formulas has 4."""

MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


@lru_cache(maxsize=20_000)
def simplify(expr: Expr) -> Expr:
    """An equal formula that is shorter or computes better; equal functions usually become one tree.

    No law removes a NaN: `0*x`, `x - x` and `x/x` stay.

    >>> from rheobase.parse import parse
    >>> str(simplify(parse("x / (1 + exp(-x))"))), str(simplify(parse("x*0.5*(1 + tanh(x/2))")))
    ('x*sigmoid(x)', 'x*sigmoid(x)')
    """
    return rebuild(expr, lambda node, args: _settle(with_args(node, args)))


@lru_cache(maxsize=50_000)
def _settle(node: Expr) -> Expr:
    """`node`, whose arguments are simple already, rewritten until no law applies."""
    for _ in range(MAX_REWRITES):
        changed = _pass(node)
        if changed is node:
            _SIMPLE.add(node)
            return node
        node = changed
    return node


_SIMPLE: WeakSet[Expr] = WeakSet()
"""Nodes at which, and below which, no law applies: a pass does not enter them again."""


def _pass(node: Expr) -> Expr:
    """Every node below `node`, from the leaves up, rewritten once."""
    made: dict[Expr, Expr] = {}
    stack = [(node, False)]
    while stack:
        one, opened = stack.pop()
        if one in made:
            continue
        if one in _SIMPLE or not one.args:
            made[one] = one
        elif opened:
            made[one] = _step(with_args(one, tuple(made[a] for a in one.args)))
        else:
            stack.append((one, True))
            stack.extend((a, False) for a in one.args)
    return made[node]


@lru_cache(maxsize=50_000)
def _step(node: Expr) -> Expr:
    if not isinstance(node, Apply):
        return node
    for rule in (_algebra, rewrite):
        changed = rule(node)
        if changed is not node:
            return changed
    return node


def _algebra(node: Apply) -> Expr:
    """The normal form of sums, products, powers, parities, choices."""
    match node.op:
        case "add" | "sub":
            return from_sum(*sum_of(node))
        case "neg" if isinstance(node.args[0], Apply) and node.args[0].op in ("add", "sub", "neg"):
            return from_sum(*sum_of(node))
        case "mul" | "div" | "neg":
            number, factors = product_of(node)
            return from_product(number, _join_exponentials(factors))
        case "pow":
            return _power(node)
        case "where":
            return _where(node)
        case op if op in COMPARISONS:
            return _comparison(node)
        case "minimum" | "maximum":
            return Apply(node.op, tuple(sorted(node.args, key=lambda a: (not a.symbols, order(a)))))
        case "clip":
            _, low, high = node.args
            if isinstance(low, Number) and isinstance(high, Number) and low.value > high.value:
                return Apply("clip", (node.args[0], high, high))
    return _parity(node)


def _comparison(node: Apply) -> Expr:
    """What varies on the left, a number alone on the right: the threshold then is exact."""
    a, b = node.args
    if not a.symbols and b.symbols:
        return Apply(MIRRORED[node.op], (b, a))
    left, terms = sum_of(a)
    right, others = sum_of(b)
    if others or len(terms) != 1:
        return node
    (term, factor), threshold = next(iter(terms.items())), right - left
    if not factor or (factor == 1 and not left):
        return node
    op = node.op if factor > 0 else MIRRORED[node.op]
    return Apply(op, (term, Number(threshold / factor)))


def _parity(node: Apply) -> Expr:
    """f(-a) = ±f(a) for the rows of the table that are odd or even; a number's fold where it is exact."""
    parity = OPS[node.op].parity
    (argument, *more) = node.args
    if more or not parity:
        return node
    positive = _without_sign(argument)
    if positive is None:
        return node
    mirrored = Apply(node.op, (positive,))
    return mirrored if parity == "even" else neg(mirrored)


def _without_sign(argument: Expr) -> Expr | None:
    """-argument, when `argument` carries a sign in front."""
    if isinstance(argument, Apply) and argument.op == "neg":
        return argument.args[0]
    if isinstance(argument, Number) and argument.value < 0:
        return Number(-argument.value)
    return None


def _power(node: Apply) -> Expr:
    base, exponent = node.args
    if not isinstance(exponent, Number):
        return node
    if exponent.value == 0:
        return ONE
    if isinstance(base, Number) and isinstance(power(base, exponent), Number):
        return power(base, exponent)
    if isinstance(base, Apply) and base.op == "exp" and exponent.value.denominator == 1:
        return Apply("exp", (mul(exponent, base.args[0]),))
    if exponent.value < 0 or exponent.value in (Fraction(1, 2), 1):
        return from_product(Fraction(1), {(base, exponent.value > 0): exponent.value})
    if exponent.value.denominator == 1 and isinstance(base, Apply) and base.op in ("neg", "pow"):
        return from_product(*product_of(node))
    return node


def _where(node: Apply) -> Expr:
    condition, p, q = node.args
    if p is q:
        return p
    a, b = condition.args
    if isinstance(condition, Apply) and isinstance(a, Number) and isinstance(b, Number):
        return p if HOLDS[condition.op](a.value, b.value) else q
    return node


def _join_exponentials(factors: Factors) -> Factors:
    """exp(a)*exp(b)/exp(c) = exp(a + b - c), which neither overflows nor gives inf/inf."""
    exponents = [
        (base, exponent)
        for (base, _), exponent in factors.items()
        if isinstance(base, Apply) and base.op == "exp" and exponent.denominator == 1
    ]
    if not exponents or (len(exponents) == 1 and exponents[0][1] == 1):
        return factors
    total: Expr = ZERO
    for base, exponent in exponents:
        total = add(total, mul(Number(exponent), base.args[0]))
    total = from_sum(*sum_of(total))
    joined = {key: n for key, n in factors.items() if not (isinstance(key[0], Apply) and (key[0], n) in exponents)}
    joined[(Apply("exp", (total,)), True)] = Fraction(1)
    return joined
