"""Formulas as immutable, interned trees: equal means identical, so results can be kept by node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any
from weakref import WeakValueDictionary

from rheobase.errors import RheobaseError
from rheobase.refusals import in_tree

MAX_DEPTH = 400
"""Levels of a tree; far above any published formula and below what Python's compiler can nest."""
MAX_SIZE = 4_000_000
"""Nodes of a tree counted with repetition; the sixth derivative of every entry, which lowers the fifth, has fewer."""
MAX_BITS = 4_096
"""Bits of an exact number; a literal of the largest double with 17 digits needs about 1,100."""

_nodes: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()


class Expr:
    """A node of a formula. Nodes are interned: two equal formulas are the same object.

    >>> Variable("x") * 2 is Variable("x") * Number(2)
    True
    >>> str((Variable("x") + 1) ** 2 / 3)
    '(x + 1)**2/3'
    """

    __slots__ = ("__weakref__", "args", "depth", "size", "symbols")

    args: tuple[Expr, ...]
    depth: int
    size: int
    symbols: frozenset[str]
    """Names of the variables and parameters below this node."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise RheobaseError(f"a formula cannot be changed ({name})", instead="substitute(…), or a new formula")

    def __add__(self, other: Expr | int | Fraction) -> Expr:
        return add(self, as_expr(other))

    def __radd__(self, other: int | Fraction) -> Expr:
        return add(as_expr(other), self)

    def __sub__(self, other: Expr | int | Fraction) -> Expr:
        return sub(self, as_expr(other))

    def __rsub__(self, other: int | Fraction) -> Expr:
        return sub(as_expr(other), self)

    def __mul__(self, other: Expr | int | Fraction) -> Expr:
        return mul(self, as_expr(other))

    def __rmul__(self, other: int | Fraction) -> Expr:
        return mul(as_expr(other), self)

    def __truediv__(self, other: Expr | int | Fraction) -> Expr:
        return div(self, as_expr(other))

    def __rtruediv__(self, other: int | Fraction) -> Expr:
        return div(as_expr(other), self)

    def __pow__(self, other: Expr | int | Fraction) -> Expr:
        return power(self, as_expr(other))

    def __rpow__(self, other: int | Fraction) -> Expr:
        return power(as_expr(other), self)

    def __neg__(self) -> Expr:
        return neg(self)

    def __lt__(self, other: Expr | int | Fraction) -> Expr:
        return Apply("lt", (self, as_expr(other)))

    def __le__(self, other: Expr | int | Fraction) -> Expr:
        return Apply("le", (self, as_expr(other)))

    def __gt__(self, other: Expr | int | Fraction) -> Expr:
        return Apply("gt", (self, as_expr(other)))

    def __ge__(self, other: Expr | int | Fraction) -> Expr:
        return Apply("ge", (self, as_expr(other)))

    def __bool__(self) -> bool:
        raise RheobaseError(
            "a formula has no truth value",
            where=str(self),
            instead="where(condition, p, q) inside the formula",
        )

    def __str__(self) -> str:
        from rheobase.printing import to_text

        return to_text(self)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._payload()

    def _payload(self) -> tuple[Any, ...]:
        return ()


class Number(Expr):
    """An exact rational number."""

    __slots__ = ("value",)
    value: Fraction

    def __new__(cls, value: int | Fraction | str) -> Number:
        exact = Fraction(value)
        if exact.numerator.bit_length() > MAX_BITS or exact.denominator.bit_length() > MAX_BITS:
            raise in_tree("number")
        return _intern(cls, ("number", exact), exact.numerator < 0, value=exact)

    def _payload(self) -> tuple[Any, ...]:
        return (self.value,)


class Constant(Expr):
    """`pi` or `e`."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> Constant:
        return _intern(cls, ("constant", name), name=name)

    def _payload(self) -> tuple[Any, ...]:
        return (self.name,)


class Variable(Expr):
    """An input of the function: `x`."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> Variable:
        return _intern(cls, ("variable", name), symbols=frozenset((name,)), name=name)

    def _payload(self) -> tuple[Any, ...]:
        return (self.name,)


class Parameter(Expr):
    """A named parameter of the function."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> Parameter:
        return _intern(cls, ("parameter", name), symbols=frozenset((name,)), name=name)

    def _payload(self) -> tuple[Any, ...]:
        return (self.name,)


class Apply(Expr):
    """A primitive applied to arguments; `op` is the name of a row of `rheobase.ops`."""

    __slots__ = ("op",)
    op: str

    def __new__(cls, op: str, args: tuple[Expr, ...]) -> Apply:
        return _intern(cls, (op, *args), op=op, args=args)

    def _payload(self) -> tuple[Any, ...]:
        return self.op, self.args


def _intern(cls: type[Any], key: tuple[Any, ...], *_: Any, **fields: Any) -> Any:
    node = _nodes.get(key)
    if node is not None:
        return node
    node = object.__new__(cls)
    args: tuple[Expr, ...] = fields.setdefault("args", ())
    fields.setdefault("symbols", frozenset().union(*(a.symbols for a in args)))
    fields["depth"] = 1 + max((a.depth for a in args), default=0)
    fields["size"] = 1 + sum(a.size for a in args)
    if fields["depth"] > MAX_DEPTH:
        raise in_tree("deep", most=MAX_DEPTH)
    if fields["size"] > MAX_SIZE:
        raise in_tree("terms", most=f"{MAX_SIZE:,}")
    for name, value in fields.items():
        object.__setattr__(node, name, value)
    return _nodes.setdefault(key, node)


x = Variable("x")
ZERO, ONE, TWO = Number(0), Number(1), Number(2)


def as_expr(value: Expr | int | Fraction) -> Expr:
    """`value` as a node; integers and fractions become exact numbers."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, int | Fraction):
        return Number(value)
    raise RheobaseError(
        f"{value!r} cannot stand in a formula", instead="an int, a Fraction or a decimal in the formula's text"
    )


def add(a: Expr, b: Expr) -> Expr:
    return Number(a.value + b.value) if isinstance(a, Number) and isinstance(b, Number) else Apply("add", (a, b))


def sub(a: Expr, b: Expr) -> Expr:
    return Number(a.value - b.value) if isinstance(a, Number) and isinstance(b, Number) else Apply("sub", (a, b))


def mul(a: Expr, b: Expr) -> Expr:
    return Number(a.value * b.value) if isinstance(a, Number) and isinstance(b, Number) else Apply("mul", (a, b))


def div(a: Expr, b: Expr) -> Expr:
    if isinstance(a, Number) and isinstance(b, Number) and b.value:
        return Number(a.value / b.value)
    return Apply("div", (a, b))


def neg(a: Expr) -> Expr:
    return Number(-a.value) if isinstance(a, Number) else Apply("neg", (a,))


def power(a: Expr, b: Expr) -> Expr:
    """`a**b`; numbers are folded while the result stays short."""
    if isinstance(a, Number) and isinstance(b, Number) and b.value.denominator == 1:
        n = int(b.value)
        bits = max(a.value.numerator.bit_length(), a.value.denominator.bit_length())
        if (a.value or n > 0) and abs(n) * bits <= MAX_BITS // 4:
            return Number(a.value**n)
    return Apply("pow", (a, b))


def postorder(expr: Expr) -> Iterator[Expr]:
    """Every distinct node below `expr`, arguments before the nodes that use them."""
    done: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(expr, False)]
    while stack:
        node, opened = stack.pop()
        if node in done:
            continue
        if opened or not node.args:
            done.add(node)
            yield node
        else:
            stack.append((node, True))
            stack.extend((a, False) for a in reversed(node.args))


def rebuild(expr: Expr, rule: Callable[[Expr, tuple[Expr, ...]], Expr]) -> Expr:
    """The tree in which every node is replaced by `rule(node, its new arguments)`, from the leaves up."""
    made: dict[Expr, Expr] = {}
    for node in postorder(expr):
        made[node] = rule(node, tuple(made[a] for a in node.args))
    return made[expr]


def with_args(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """`node` with other arguments; the arithmetic of numbers is carried out."""
    if args == node.args or not isinstance(node, Apply):
        return node
    build = {"add": add, "sub": sub, "mul": mul, "div": div, "neg": neg, "pow": power}.get(node.op)
    return build(*args) if build else Apply(node.op, args)


def substitute(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """`expr` with each key of `values` replaced.

    >>> str(substitute(x * Parameter("a"), {Parameter("a"): Number(3)}))
    'x*3'
    """
    return rebuild(expr, lambda node, args: values[node] if node in values else with_args(node, args))


def exact_in_single(value: Fraction) -> bool:
    """Is the number one of single precision (IEEE 754 binary32: 24 bits, multiples of 2**-149 below 2**128)?

    >>> exact_in_single(Fraction(1, 8)), exact_in_single(Fraction(1, 10)), exact_in_single(Fraction(2**24 + 1))
    (True, False, False)
    """
    size, below = abs(value.numerator), value.denominator.bit_length() - 1
    if not size or value.denominator != 1 << below:
        return not size
    zeros = (size & -size).bit_length() - 1
    return size.bit_length() - zeros <= 24 and zeros - below >= -149 and size.bit_length() - below <= 128


def uses(expr: Expr, name: str) -> bool:
    """Does the variable or parameter `name` occur in `expr`?"""
    return name in expr.symbols
