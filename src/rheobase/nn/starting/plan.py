"""Which gain and biases each layer gets, and what mean square its outputs should then have: one pass through the graph.

A signal is known by its mean square m, and by d, the mean square slope of the activations that it comes from (the
weights behind it have gain 1/√d, so that gradients keep their size); d is None where several ways meet, and the next
layer starts anew.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import nn

from rheobase.nn.starting.choice import Choice, before_it, behind_it, unstable
from rheobase.nn.starting.graph import Graph, Node


class Signal(NamedTuple):
    """What is expected of a node's output."""

    m: float = 1.0
    d: float | None = None
    known: bool = True


@dataclass
class Layer:
    """What one layer gets, and what came of it.

    Attributes:
        path: its module.
        part: "", or "in_proj" or "out_proj" of an attention.
        type: the module's class.
        after, before: what its input comes from, and which activation (or norm, sum, output) follows.
        gain: √(gain²/fan_in) is the standard deviation of a weight.
        sigma_b: that of a bias.
        lift: added to its bias for the activation behind it.
        drop: the output shift of the activation before it, taken off by its bias.
        expected: the mean square that its output, less the lift, should have; None where its input's is not known.
        branch: the factor of a branch, part of the gain.
        measured, repaired, finally_: its mean square on the batch, the factor by which its weights were then
            multiplied, and the mean square after that.
        note: whatever else there is to say.
    """

    path: str
    part: str
    type: str
    after: str
    before: str
    gain: float
    sigma_b: float = 0.0
    lift: float = 0.0
    drop: float = 0.0
    expected: float | None = None
    branch: float = 1.0
    measured: float | None = None
    repaired: float = 1.0
    finally_: float | None = None
    note: str = ""
    left: bool = False
    """Is it left as it is?"""

    @property
    def name(self) -> str:
        """The path, with the part of an attention."""
        return f"{self.path}.{self.part}" if self.part else self.path

    def within(self, deviation: float) -> bool:
        """Is what was measured in the end so near to what is expected, or is nothing expected?"""
        if self.expected is None or self.finally_ is None:
            return True
        return abs(self.finally_ - self.expected) <= deviation * self.expected

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        names = ("name", "type", "after", "before", "gain", "sigma_b", "lift", "drop", "branch", "expected")
        found = {n: getattr(self, n) for n in (*names, "measured", "repaired", "note", "left")}
        return found | {"finally": self.finally_}


@dataclass
class Plan:
    """All layers in the order in which they are called, and all activations."""

    layers: list[Layer] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan(g: Graph, found: dict[int, Choice], square: float) -> Plan:
    """The plan of a model.

    Args:
        g: its graph.
        found: what is done about its activations, by node.
        square: the mean square of its input.
    """
    made = Plan(choices=list(found.values()))
    branches = _branches(g, made.notes)
    lifts, drops = _shifts(g, found)
    signals: list[Signal] = []
    done: dict[str, Layer] = {}
    for node in g.nodes:
        inputs = [signals[i] for i in node.inputs]
        match node.kind:
            case "layer" | "attention" if node.call is not None and node.call.module is not None:
                signal = _planned(node, g, found, inputs, branches, done)
                if node.kind == "layer":
                    layer = done[node.name]
                    layer.lift, layer.drop = lifts.get(node.at, 0.0), drops.get(node.at, 0.0)
                    if (
                        layer.drop
                        and isinstance(padding := getattr(node.call.module, "padding", 0), tuple)
                        and any(padding)
                    ):
                        layer.note = layer.note or "not exact on the border, where zeros are padded"
            case "norm":
                signal = _norm(node, g, found, branches.get(node.at, 1.0), lifts.get(node.at, 0.0), done)
            case _:
                signal = _passed(node, found, inputs, square)
        signals.append(signal)
    for choice in found.values():
        choice.at(signals[choice.node.inputs[0]].m)
        unstable(choice, g)
    made.layers, made.notes = list(done.values()), list(dict.fromkeys(made.notes))
    return made


def _passed(node: Node, found: dict[int, Choice], inputs: list[Signal], square: float) -> Signal:
    """What becomes of signals at a node without weights."""
    first = inputs[0] if inputs else Signal(known=False)
    known = all(s.known for s in inputs)
    match node.kind:
        case "input":
            return Signal(square)
        case "function":
            return _bent(node, found.get(node.at), first)
        case "add":
            return Signal(sum(s.m for s in inputs), None, known)
        case "cat":
            slopes = [s.d for s in inputs if s.d is not None]
            mean = sum(slopes) / len(slopes) if len(slopes) == len(inputs) else None
            return Signal(sum(s.m for s in inputs) / len(inputs), mean, known and len({s.m for s in inputs}) == 1)
        case "product":
            return Signal(math.prod(s.m for s in inputs), None, known)
        case "same" | "view":
            d = None if first.d is None or node.offset else first.d * node.factor
            return Signal(first.m * node.factor + node.offset, d, first.known)
        case "pool":
            return Signal(first.m, first.d, False)
        case "attention":
            return Signal(first.m, None, False)
        case _:
            return Signal(known=False)


def _bent(node: Node, choice: Choice | None, before: Signal) -> Signal:
    if node.affine is not None:
        slope, offset = node.affine
        d = None if before.d is None else before.d * slope**2
        return Signal(before.m * slope**2 + offset**2, d, before.known)
    if choice is None or not 0 < before.m < math.inf:
        return Signal(known=False)
    m = choice.moments.second(before.m)
    if not 0 < m < math.inf:
        return Signal(known=False)
    return Signal(m, choice.gain**-2 if choice.role == "hidden" else None, before.known)


def _planned(
    node: Node,
    g: Graph,
    found: dict[int, Choice],
    inputs: list[Signal],
    branches: dict[int, float],
    done: dict[str, Layer],
) -> Signal:
    """Plan a layer, or the two of an attention."""
    assert node.call is not None
    signal = inputs[0] if inputs else Signal(known=False)
    ends = _ends(node, g)
    acts = [found[n.at] for n in ends if n.at in found]
    branch = branches.get(node.at, 1.0)
    if node.kind == "attention":
        gain = _gain(signal, [], False)
        first = _layer(node, g, found, "in_proj", gain, ends)
        second = _layer(node, g, found, "out_proj", branch, ends)
        second.branch = branch
        first.note = second.note = g.left.get(node.name, "")
        first.left = second.left = node.name in g.left
        done |= {first.name: first, second.name: second}
        return Signal(signal.m * gain**2 * branch**2, 1.0, False)
    if node.name in done:
        before = done[node.name]
        before.note = before.note or "called more than once: planned for its first call"
        return Signal(signal.m * before.gain**2 + before.sigma_b**2, 1.0, signal.known)
    out = not any(n.kind in ("layer", "attention", "norm", "product") for n in ends)
    out = out and all(c.role == "output" for c in acts)
    gain = _gain(signal, acts, out) * branch
    layer = _layer(node, g, found, "", gain, ends)
    layer.sigma_b = max((c.sigma_b for c in acts if c.role == "hidden"), default=0.0)
    layer.branch = branch
    layer.note = g.left.get(node.name, "")
    layer.left = node.name in g.left
    expected = signal.m * gain**2 + layer.sigma_b**2
    layer.expected = expected if signal.known and not layer.left else None
    done[node.name] = layer
    return Signal(expected, 1.0, signal.known and not layer.left)


def _gain(signal: Signal, acts: list[Choice], out: bool) -> float:
    """The gain behind a signal: that of the activations which it comes from; where there are none, or what they give
    does not suit the one that follows, the one that starts it anew."""
    if out:
        return 1.0
    hidden = [c for c in acts if c.role == "hidden"]
    start = min((c.start for c in hidden), default=1.0)
    if signal.d is not None and 0 < signal.d < math.inf:
        q = signal.m / signal.d
        if not any(_misfit(c, q, signal.d) for c in hidden):
            return signal.d**-0.5
    return math.sqrt(start / signal.m) if 0 < signal.m < math.inf else 1.0


def _misfit(choice: Choice, q: float, d: float) -> bool:
    """Would this function, after another one, start outside its basin, or far from its fixed point?"""
    if math.isclose(choice.gain**-2, d, rel_tol=1e-9):
        return False
    fixed = choice.kind in ("edge", "half-stable", "variance")
    return q > choice.basin or (fixed and not 0.9 < q / choice.start < 1.1)


def _ends(node: Node, g: Graph) -> list[Node]:
    passing = ("same", "view", "add", "cat", "pool")
    return list(g.onward(node.at, lambda n: n.kind in passing or (n.kind == "function" and n.affine is not None)))


def _layer(node: Node, g: Graph, found: dict[int, Choice], part: str, gain: float, ends: list[Node]) -> Layer:
    assert node.call is not None and node.call.module is not None
    kind = type(node.call.module).__name__
    after = _label(_source(node, g), found)
    behind = [m for n in ends for m in (n, *(_ends(n, g) if n.kind == "norm" else ()))]
    before = ", ".join(dict.fromkeys(_label(n, found) for n in behind)) or "nothing"
    return Layer(node.name, part, kind, after, before, gain)


def _source(node: Node, g: Graph) -> Node:
    """What a node's input comes from, whatever it was moved through."""
    while node.inputs:
        node = g.nodes[node.inputs[0]]
        if node.kind not in ("same", "view", "pool") and node.affine is None:
            break
    return node


def _label(node: Node, found: dict[int, Choice]) -> str:
    if node.at in found:
        return found[node.at].name
    if node.kind in ("layer", "attention"):
        return node.name
    return "sum" if node.kind == "add" else node.name if node.kind == "other" else node.kind


def _norm(node: Node, g: Graph, found: dict[int, Choice], branch: float, lift: float, done: dict[str, Layer]) -> Signal:
    """A norm starts the signal anew: its weight is 1, or what the activation behind it starts with, or a branch's."""
    ends = _ends(node, g)
    start = min((found[n.at].start for n in ends if n.at in found and found[n.at].role == "hidden"), default=1.0)
    module = None if node.call is None else node.call.module
    weight = getattr(module, "weight", None)
    if module is None or not isinstance(weight, nn.Parameter):
        return Signal()
    scale = math.sqrt(start) * branch
    if node.name not in done:
        layer = done[node.name] = _layer(node, g, found, "", scale, ends)
        layer.lift, layer.branch, layer.expected = lift, branch, scale**2
    return Signal(scale**2)


def _shifts(g: Graph, found: dict[int, Choice]) -> tuple[dict[int, float], dict[int, float]]:
    """What biases add for the activations that are recentred by them: by node, before and behind."""
    lifts: dict[int, float] = {}
    drops: dict[int, float] = defaultdict(float)
    for choice in found.values():
        if choice.done == "by biases":
            before, behind = before_it(choice.node, g), behind_it(choice.node, g)
            assert not isinstance(before, str) and not isinstance(behind, str)
            lifts |= {n.at: choice.input_shift for n in before}
            for n in behind:
                drops[n.at] += choice.output_shift
    return lifts, drops


def _branches(g: Graph, notes: list[str]) -> dict[int, float]:
    """The factors of branches, by the node of the layer (or norm) that ends them.

    With L sums x + branch(x), each branch is scaled by 1/√L, so that the variance of the stream grows e-fold at most,
    (1 + 1/L)^L < e, however deep it is (Hanin & Rolnick 2018, theorem 6 for the sum of the scales; Radford et al. 2019
    for 1/√L). Where k ways meet of which none is the stream itself, each is scaled by 1/√k.
    """
    skips: list[list[Node]] = []
    scales: dict[int, float] = {}
    for node in g.of_kind("add"):
        roots = list(node.inputs)
        stream = [i for i in roots if any(j != i and (g.above[j] >> i) & 1 for j in roots)]
        ends = [_end(g.nodes[i], g) for i in roots if i not in stream]
        known = [e for e in ends if e is not None]
        if stream:
            skips.append(known)
            if len(known) < len(ends):
                notes.append(f"a branch before {node.name} #{node.at} ends in nothing that could be scaled")
        elif len(known) == len(ends) > 1:
            for end in known:
                scales[end.at] = len(known) ** -0.5
            notes.append(
                f"{len(known)} ways meet in a sum ({', '.join(e.name for e in known)}): each × 1/√{len(known)}"
            )
    for end in (e for ends in skips for e in ends):
        scales[end.at] = len(skips) ** -0.5
    if any(skips):
        each = f"the last layer of each branch × 1/√{len(skips)} = {len(skips) ** -0.5:.4g}"
        notes.append(f"residual sums: {len(skips)}; {each}, so that the stream's variance grows e-fold at most")
    return scales


def _end(node: Node, g: Graph) -> Node | None:
    """The layer, attention or norm that a branch ends with; None where something else scales it, or there is none."""
    while node.inputs:
        if node.kind in ("layer", "attention"):
            return node if node.call is not None and node.call.module is not None else None
        if node.kind == "norm":
            module = None if node.call is None else node.call.module
            return node if isinstance(getattr(module, "weight", None), nn.Parameter) else None
        if node.kind not in ("same", "view", "pool", "function") or node.factor != 1:
            return None
        node = g.nodes[node.inputs[0]]
    return None
