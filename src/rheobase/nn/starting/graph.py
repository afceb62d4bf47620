"""The calls of a model as a graph of signals: layers, norms, sums, and which function follows which layer.

A function is the whole elementwise path from one signal to the next, however it is written: `x * torch.sigmoid(2 * x)`
is one node with that formula. What is not understood is a node too, and says so by its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

from rheobase.activation import exact_number
from rheobase.errors import RheobaseError
from rheobase.expr import Expr, substitute, x
from rheobase.lower import compiled
from rheobase.nn.shifted import Shifted
from rheobase.nn.starting.calls import INPUT, OUTPUT, UNKNOWN, Call, Ref
from rheobase.nn.starting.formulas import applied, elementwise, of_module_now
from rheobase.simplify import simplify

Kind = Literal[
    "input", "output", "unknown", "layer", "norm", "function", "add", "cat", "product", "same", "view", "pool",
    "attention", "embedding", "other",
]  # fmt: skip

NORMS = (nn.LayerNorm, nn.GroupNorm, _NormBase, nn.RMSNorm)
KEEPING = ("dropout", "flatten", "padding", "pixelshuffle", "upsampling", "channelshuffle", "fold")
"""Files of torch.nn.modules whose modules move values about."""
NORMING = ("layer_norm", "batch_norm", "group_norm", "rms_norm", "instance_norm", "normalize")
JOINING = ("cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack")
PARTING = ("getitem", "chunk", "split", "unbind", "select", "narrow", "index_select", "tensor_split", "unsafe_chunk")
MOVING = (
    *("view", "reshape", "flatten", "unflatten", "permute", "transpose", "contiguous", "squeeze", "unsqueeze", "to"),
    *("float", "double", "half", "bfloat16", "type", "detach", "clone", "expand", "expand_as", "repeat", "movedim"),
    *("swapaxes", "t", "pad", "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout"),
    *(
        "feature_alpha_dropout",
        "interpolate",
        "pixel_shuffle",
        "roll",
        "flip",
        "type_as",
        "cuda",
        "cpu",
        "requires_grad",
    ),
)
POOLING = ("mean", "amax", "adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "max_pool", "lp_pool")
SUMS, PRODUCTS = ("add", "radd", "sub", "rsub"), ("mul", "rmul")


@dataclass
class Node:
    """One signal.

    Attributes:
        inputs: the nodes that it is made from; of a function the one signal that it is a function of.
        expr: the formula of a function.
        steps: the calls that a function is made of.
        affine: (slope, offset), where a function is a straight line.
        factor, offset: of a "same" node, by which its mean square is multiplied, and what is added to it.
    """

    at: int
    kind: Kind
    inputs: tuple[int, ...] = ()
    call: Call | None = None
    expr: Expr = x
    steps: tuple[int, ...] = ()
    affine: tuple[float, float] | None = None
    factor: float = 1.0
    offset: float = 0.0

    @property
    def name(self) -> str:
        """What to call it: a module's path, or a function's name."""
        return "" if self.call is None else self.call.path or self.call.name


class Operand(NamedTuple):
    """An argument of an elementwise call: a function of a node."""

    root: int
    expr: Expr
    steps: tuple[int, ...]


@dataclass
class Graph:
    """All nodes, by the number of their call; `left` are modules that are left as they are, by path, and why."""

    left: Mapping[str, str] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    consumers: list[list[int]] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    """By node the set of those that it is made from, as bits."""

    def append(self, node: Node) -> None:
        """The next node."""
        bits = 0
        for i in dict.fromkeys(node.inputs):
            bits |= self.above[i] | 1 << i
            self.consumers[i].append(node.at)
        self.nodes.append(node)
        self.consumers.append([])
        self.above.append(bits)

    def of_kind(self, *kinds: Kind) -> list[Node]:
        """The nodes of some kinds, in order."""
        return [node for node in self.nodes if node.kind in kinds]

    @property
    def activations(self) -> list[Node]:
        """Functions that something goes on from, and that are no straight lines."""
        return [n for n in self.of_kind("function") if self.consumers[n.at] and n.affine is None]

    def onward(self, at: int, through: Callable[[Node], bool]) -> Iterator[Node]:
        """The first nodes after `at` that are not passed through."""
        seen: set[int] = set()
        open_ = list(reversed(self.consumers[at]))
        while open_:
            i = open_.pop()
            if i in seen:
                continue
            seen.add(i)
            node = self.nodes[i]
            if node.kind == "function" and not self.consumers[i]:
                continue  # a part of a longer formula
            if through(node):
                open_ += reversed(self.consumers[i])
            else:
                yield node


def graph(calls: Sequence[Call], left: Mapping[str, str]) -> Graph:
    """The graph of a model's calls."""
    found = Graph(left)
    for call in calls:
        node = _of_module(call, found) if call.module is not None else _of_function(call, found)
        found.append(node)
    return found


def _refs(value: Any) -> list[int]:
    match value:
        case Ref():
            return [value.at]
        case tuple() | list():
            return [i for v in value for i in _refs(v)]
        case dict():
            return [i for v in value.values() for i in _refs(v)]
        case slice():
            return _refs((value.start, value.stop, value.step))
        case _:
            return []


def _of_module(call: Call, g: Graph) -> Node:
    module, refs = call.module, tuple(dict.fromkeys(_refs((call.args, dict(call.kwargs)))))
    file = type(module).__module__.rsplit(".", 1)[-1]
    match module:
        case nn.Linear() | _ConvNd():
            return Node(call.at, "layer", refs[:1], call)
        case _ if isinstance(module, NORMS):
            return Node(call.at, "norm", refs[:1], call)
        case nn.MultiheadAttention():
            value = _refs((call.args[2:3], call.kwargs.get("value")))
            return Node(call.at, "attention", tuple(dict.fromkeys((*value, *refs))), call)
        case nn.Embedding() | nn.EmbeddingBag():
            return Node(call.at, "embedding", refs, call)
        case nn.Identity() | nn.LocalResponseNorm():
            return Node(call.at, "same", refs[:1], call)
        case Shifted():
            inner = of_module_now(module.function)
            if inner is not None:
                return _function(call, g, shifted_formula(inner.bound, module), [_operand(call.args[0], g)])
        case nn.Module() if file in KEEPING:
            return Node(call.at, "same", refs[:1], call)
        case nn.Module() if file == "pooling":
            return Node(call.at, "pool", refs[:1], call)
        case nn.Module() if call.args and (formula := of_module_now(module)) is not None:
            return _function(call, g, formula.bound, [_operand(call.args[0], g)])
        case _:
            pass
    return Node(call.at, "other", refs, call)


def shifted_formula(inner: Expr, module: Shifted) -> Expr:
    """The formula of a `Shifted` around a formula."""
    for value, place in ((module.input_shift, "in"), (module.output_shift, "out")):
        if value is not None:
            number = exact_number(float(value))
            inner = substitute(inner, {x: x + number}) if place == "in" else inner - number
    return inner


def _function(call: Call, g: Graph, formula: Expr, operands: Sequence[Operand | None]) -> Node:
    """A formula of one operand, put together with what the operand is a function of."""
    operand = operands[0]
    if operand is None:
        return Node(call.at, "other", tuple(_refs(call.args)), call)
    expr = simplify(substitute(formula, {x: operand.expr}))
    return Node(call.at, "function", (operand.root,), call, expr, (*operand.steps, call.at), line(expr))


def _operand(value: Any, g: Graph) -> Operand | None:
    if not isinstance(value, Ref):
        return None
    node = g.nodes[value.at]
    if node.kind == "function":
        return Operand(node.inputs[0], node.expr, node.steps)
    return Operand(node.at, x, ())


def _of_function(call: Call, g: Graph) -> Node:
    refs = tuple(dict.fromkeys(_refs((call.args, dict(call.kwargs)))))
    name = call.name
    if name in (INPUT, OUTPUT, UNKNOWN):
        return Node(call.at, name, refs, call)
    if not refs:
        return Node(call.at, "unknown", (), call)
    if elementwise(call):
        return _elementwise(call, g, refs)
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("norm", NORMING), ("cat", JOINING), ("view", PARTING), ("same", MOVING),
    )  # fmt: skip
    for kind, names in kinds:
        if name in names:
            return Node(call.at, kind, refs if kind == "cat" else refs[:1], call)
    if name.startswith(POOLING):
        return Node(call.at, "pool", refs[:1], call)
    if name == "scaled_dot_product_attention":
        value = _refs((call.args[2:3], call.kwargs.get("value")))
        return Node(call.at, "attention", tuple(dict.fromkeys((*value, *refs))), call)
    return Node(call.at, "other", refs, call)


def _elementwise(call: Call, g: Graph, refs: tuple[int, ...]) -> Node:
    """A function of one signal, a sum or product of several, or one with a tensor of the model's own."""
    given = [*call.args, *call.kwargs.values()]
    wide = [v for v in given if isinstance(v, Tensor) and v.numel() != 1]
    operands = {value.at: _operand(value, g) for value in given if isinstance(value, Ref)}
    roots = {operand.root for operand in operands.values() if operand is not None}
    if wide:
        return _with_tensor(call, refs, wide)
    if len(roots) == 1:
        expr = applied(call, [_plain(v, operands) for v in call.args], _plains(call, operands))
        if expr is not None:
            steps = tuple(sorted({s for o in operands.values() if o for s in o.steps} | {call.at}))
            try:
                expr = simplify(expr)
                return Node(call.at, "function", tuple(roots), call, expr, steps, line(expr))
            except RheobaseError:
                return Node(call.at, "other", refs, call)
    elif call.name in SUMS:
        return Node(call.at, "add", refs, call)
    elif call.name in PRODUCTS:
        return Node(call.at, "product", refs, call)
    return Node(call.at, "other", refs, call)


def _plain(value: Any, operands: dict[int, Operand | None]) -> Any:
    if isinstance(value, Ref):
        operand = operands[value.at]
        return None if operand is None else operand.expr
    return float(value.detach()) if isinstance(value, Tensor) else value


def _plains(call: Call, operands: dict[int, Operand | None]) -> dict[str, Any]:
    return {k: _plain(v, operands) for k, v in call.kwargs.items() if k not in ("inplace", "out")}


def _with_tensor(call: Call, refs: tuple[int, ...], wide: Sequence[Tensor]) -> Node:
    """A sum or product with parameters or buffers: its mean square is that of both."""
    square = float(wide[0].detach().double().square().mean())
    if len(refs) == 1 and len(wide) == 1 and np.isfinite(square):
        if call.name in SUMS:
            return Node(call.at, "same", refs, call, offset=square)
        if call.name in PRODUCTS:
            return Node(call.at, "same", refs, call, factor=square)
        if call.name == "prelu":
            slope = float(wide[0].detach().double().mean())
            formula = applied(call, (x, slope), {})
            assert formula is not None
            return Node(call.at, "function", refs, call, formula, (call.at,), line(formula))
    return Node(call.at, "other", refs, call)


def line(expr: Expr) -> tuple[float, float] | None:
    """(slope, offset) of a formula that is a straight line, as far as doubles tell.

    >>> line(2 * x + 1), line(x * x)
    ((2.0, 1.0), None)
    """
    at = np.array([0.0, 1.0, -3.0, 0.25, 7.0, -20.0])
    with np.errstate(all="ignore"):
        y = np.broadcast_to(np.asarray(compiled(expr, "numpy")(at), dtype=float), at.shape)
    if not np.isfinite(y).all():
        return None
    slope, offset = float(y[1] - y[0]), float(y[0])
    return (slope, offset) if np.allclose(y, offset + slope * at, rtol=1e-9, atol=1e-12) else None
