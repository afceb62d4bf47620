"""What theory asks of each activation of a model, and what can be done about it there."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from torch import nn
from torch.nn.modules.conv import _ConvTransposeNd

from rheobase.errors import RheobaseError
from rheobase.expr import Expr
from rheobase.meanfield import theory
from rheobase.meanfield.initialise import Init
from rheobase.meanfield.moments import Moments, moments, shifted
from rheobase.nn.shifted import Shifted
from rheobase.nn.starting.formulas import of_module_now
from rheobase.nn.starting.graph import Graph, Node

How = Literal["theory", "variance"]
Done = Literal["as it stands", "wrapped", "by biases"]

EVEN = 1e-9
"""χ_q that exceeds 1 by less is 1 but for rounding."""
STRAIGHT = ("same", "view", "cat", "add", "pool", "norm")
"""What a signal passes through on its way from an activation to the layers behind."""


@dataclass
class Choice:
    """One activation: where it stands, what theory says, what is done.

    Attributes:
        node: its node of the graph.
        name, formula: its module's path or its function; what it computes.
        role: "hidden"; "output", behind which no layer comes; "gate", whose output is multiplied or unknown.
        kind: that of `theory(…).init()`; "variance" where a gain is chosen that keeps E f² at unit variance.
        gain, sigma_b, input_shift, output_shift, start, basin: as in `Init`, of what is done.
        done: how it is recentred.
        reason: what theory says, and why something could not be done.
        warning: that no scale is stable here.
        q: the mean square of its inputs that is expected.
        chi_1, chi_q: growth of gradients and of deviations a layer, there.
    """

    node: Node
    name: str
    formula: Expr
    role: Literal["hidden", "output", "gate"]
    kind: str = "as it stands"
    gain: float = 1.0
    sigma_b: float = 0.0
    input_shift: float = 0.0
    output_shift: float = 0.0
    start: float = 1.0
    basin: float = math.inf
    done: Done = "as it stands"
    reason: str = ""
    warning: str = ""
    q: float = math.nan
    chi_1: float = math.nan
    chi_q: float = math.nan

    @property
    def moments(self) -> Moments:
        """Of the function as it will work."""
        return shifted(self.formula, (self.input_shift, self.output_shift))

    def at(self, q: float) -> None:
        """Note what it does to inputs of this mean square."""
        if self.role != "hidden" or not (math.isfinite(q) and q > 0):
            return
        m, self.q = self.moments, q
        self.chi_1, self.chi_q = self.gain**2 * m.slope_second(q), self.gain**2 * m.second_by_q(q)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        names = ("name", "role", "kind", "gain", "sigma_b", "input_shift", "output_shift", "start", "done", "reason")
        names += ("warning", "q", "chi_1", "chi_q")
        return {"formula": str(self.formula)} | {n: getattr(self, n) for n in names}


def choices(g: Graph, model: nn.Module, how: How, recentre: bool) -> dict[int, Choice]:
    """What is done about each activation, by its node."""
    found = {n.at: Choice(n, called(n), n.expr, _role(g, n)) for n in g.activations}
    wrappable = _wrappable(list(found.values()), g)
    for choice in found.values():
        if choice.role == "hidden":
            _choose(choice, g, how, recentre, wrappable)
        else:
            why = (
                "nothing learns behind it"
                if choice.role == "output"
                else "its output is multiplied, or goes unknown ways"
            )
            choice.reason = f"left as it stands: {why}"
    return found


def called(node: Node) -> str:
    """A short name of an activation: that of its one module or function, else its formula."""
    call = node.call
    if call is None or len(node.steps) > 1:
        return str(node.expr)
    if call.module is None:
        return call.name
    inner = call.module.function if isinstance(call.module, Shifted) else call.module
    found = of_module_now(inner)
    return str(node.expr) if found is None else found.name


def _role(g: Graph, node: Node) -> Literal["hidden", "output", "gate"]:
    kinds = {n.kind for n in g.onward(node.at, lambda n: n.kind in STRAIGHT or n.affine is not None)}
    if kinds & {"product", "other", "unknown"}:
        return "gate"
    return "hidden" if kinds & {"layer", "attention", "function"} else "output"


def _wrappable(found: Sequence[Choice], g: Graph) -> set[int]:
    """Modules that may be replaced: all that they are called for is a hidden activation that is theirs alone."""
    calls: dict[int, list[int]] = defaultdict(list)
    for node in g.nodes:
        if node.call is not None and node.call.module is not None:
            calls[id(node.call.module)].append(node.at)
    good = {c.node.at for c in found if c.role == "hidden" and len(c.node.steps) == 1}
    return {module for module, at in calls.items() if set(at) <= good}


def _choose(choice: Choice, g: Graph, how: How, recentre: bool, wrappable: set[int]) -> None:
    if how == "variance":
        _by_variance(choice, "")
        return
    call = choice.node.call
    if call is not None and isinstance(call.module, Shifted) and id(call.module) in wrappable:
        inner = of_module_now(call.module.function)  # shifted by an earlier init_: asked anew
        assert inner is not None
        choice.formula, choice.done = inner.bound, "wrapped"
    init = _asked(choice.formula)
    if init.kind == "none":
        _by_variance(choice, f"theory knows no initialisation: {init.reason}")
        return
    if init.input_shift or init.output_shift:
        possible = _recentred(choice, g, wrappable) if recentre else "recentring was not wanted"
        if possible not in ("wrapped", "by biases"):
            _by_variance(choice, f"theory asks for f(x + {init.input_shift:.4g}) − {init.output_shift:.4g}: {possible}")
            return
        choice.done = "wrapped" if possible == "wrapped" else "by biases"
    _by_theory(choice, init, g)


@lru_cache(maxsize=256)
def _asked(formula: Expr) -> Init:
    """What theory says of a formula, the same in all of its places."""
    try:
        return theory(formula, sigma_b=()).init()
    except RheobaseError as error:
        return Init.none(str(error))


def _by_theory(choice: Choice, init: Init, g: Graph) -> None:
    choice.kind, choice.gain, choice.sigma_b = init.kind, init.gain, init.sigma_b
    choice.input_shift, choice.output_shift, choice.start = init.input_shift, init.output_shift, init.start
    choice.basin = init.basin if math.isfinite(init.basin) else math.inf
    choice.reason = init.reason
    if not init.stable and not _normed(choice.node, g):
        choice.warning = f"{choice.name}: {init.reason}"


def _by_variance(choice: Choice, why: str) -> None:
    """The gain that keeps a unit variance, E f² gain² = 1; said where that is not stable."""
    choice.kind = "variance"
    second = moments(choice.formula).second()
    choice.gain = second**-0.5 if 0 < second < math.inf else 1.0
    choice.reason = f"{why + '; ' if why else ''}1/√E f² keeps a variance of 1"
    choice.at(1.0)


def unstable(choice: Choice, g: Graph) -> None:
    """Warn of a gain that keeps a variance from which any deviation grows."""
    if choice.kind == "variance" and choice.chi_q > 1 + EVEN and not _normed(choice.node, g):
        choice.warning = (
            f"{choice.name}: no scale is stable: a deviation of the variance grows {choice.chi_q:.3g}-fold a layer"
            " (χ_q > 1); a norm before it would hold it"
        )


def _normed(node: Node, g: Graph) -> bool:
    """Does a norm hold its inputs?"""
    source = g.nodes[node.inputs[0]]
    while source.kind in ("same", "view") and source.inputs:
        source = g.nodes[source.inputs[0]]
    return source.kind == "norm"


def _recentred(choice: Choice, g: Graph, wrappable: set[int]) -> str:
    """How an activation can be recentred, or why not."""
    call = choice.node.call
    if call is not None and call.module is not None and len(choice.node.steps) == 1:
        if id(call.module) in wrappable:
            return "wrapped"
        return "one module serves as an activation here and as something else elsewhere"
    before, after = before_it(choice.node, g), behind_it(choice.node, g)
    if isinstance(before, str):
        return f"it is no module, and {before}"
    return f"it is no module, and {after}" if isinstance(after, str) else "by biases"


def before_it(node: Node, g: Graph) -> list[Node] | str:
    """The layers and norms whose biases add to its input alone, or why there are none."""
    found: list[Node] = []
    open_ = list(node.inputs)
    while open_:
        source = g.nodes[open_.pop()]
        if source.kind in ("same", "view", "pool", "cat") and source.factor == 1 and source.inputs:
            open_ += source.inputs
        elif source.kind in ("layer", "norm") and _has_bias(source, g):
            found.append(source)
        else:
            return f"what comes before it ({source.name or source.kind}) has no bias"
    for source in found:
        ends = list(g.onward(source.at, lambda n: n.kind in ("same", "view", "pool", "cat")))
        if any(n.at != node.at for n in ends):
            return f"{source.name} serves others too"
    return found


def behind_it(node: Node, g: Graph) -> list[Node] | str:
    """The layers whose biases can take its output shift off, or why there are none."""
    ends = list(g.onward(node.at, lambda n: n.kind in ("same", "pool") and n.factor == 1))
    for end in ends:
        if end.kind == "norm" and end.call is not None and isinstance(end.call.module, nn.LayerNorm | nn.GroupNorm):
            continue
        if end.kind != "layer" or not _has_bias(end, g):
            return f"what comes behind it ({end.name or end.kind}) has no bias of its own for it"
        module = None if end.call is None else end.call.module
        if isinstance(module, _ConvTransposeNd) and math.prod(module.stride) > 1:
            return f"{end.name} adds up other weights at every place of its stride, which no bias takes off"
    return [end for end in ends if end.kind == "layer"]


def _has_bias(node: Node, g: Graph) -> bool:
    """Has a layer or norm a bias that may be set?"""
    bias = None if node.call is None else getattr(node.call.module, "bias", None)
    return node.name not in g.left and isinstance(bias, nn.Parameter) and bias.requires_grad
