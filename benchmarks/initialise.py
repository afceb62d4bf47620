"""`rb.nn.init_` beside anyinit: moments, graphs, gradients in depth. `python benchmarks/initialise.py`, four minutes.

anyinit 0.4.0 starts any model too and measures an activation where rheobase reads its formula
(`pip install --no-deps anyinit==0.4.0`; it is needed for this script alone). Three tables in results/initialise.csv:

- moments: E f(z)² of a standard normal z; the relative error of each, against the middle of a certified enclosure
  (`rheobase.meanfield.certified_moments`), and the processor time of the first answer;
- graphs: of the layers of a model, how many are initialised, and behind how many the right activation is told. A name
  of torch's or the formula counts; no function of rheobase's is registered with anyinit here, and where it names no
  function it still measures the layer;
- gradients: fifty plain layers of 64, normal inputs; log10 of the gradient's norm in the first layer's weights over
  that in the last hidden one's (0 is even), and what the tool says of stability. One network each.
"""

from __future__ import annotations

import csv
import math
import platform
import time
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any

import torch
from measure import RESULTS
from torch import Tensor, nn
from torch.nn import functional as F

import rheobase as rb
from rheobase.meanfield import certified_moments

anyinit: Any = import_module("anyinit")

MOMENTS = ("hard_tanh", "relu6", "hard_sigmoid", "hard_swish", "softshrink", "hardshrink", "clip(x, -0.3, 2)")
MOMENTS += ("relu", "tanh", "gelu", "selu", "sin(12*x)", "where(x > 1.3, x - 0.5, 0.1*x)", "step(x - 0.7)")
DEEP = ("sigmoid", "relu", "gelu", "softplus", "relu(x)**3")
DEPTH, WIDTH = 50, 64


class Calls(nn.Module):
    """Functions called in `forward`."""

    def __init__(self, looks: bool = False) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(16, 32), nn.Linear(32, 32), nn.Linear(32, 4)
        self.looks = looks

    def forward(self, x: Tensor) -> Tensor:
        if self.looks and float(x.sum()) > 1e9:
            return x
        return self.c(torch.tanh(self.b(F.gelu(self.a(x)))))


class Formula(nn.Module):
    """An activation written as arithmetic."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(16, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.a(x)
        return self.b(h * torch.sigmoid(1.7 * h))


class Residual(nn.Module):
    """Two pre-activation blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.leave, self.act = nn.Linear(16, 32), nn.Linear(32, 4), nn.SiLU()
        self.layers = nn.ModuleList(nn.Linear(32, 32) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        for i in (0, 2):
            x = x + self.layers[i + 1](self.act(self.layers[i](self.act(x))))
        return self.leave(x)


class Images(nn.Module):
    """Convolutions, norms, a sum, a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.norm, self.b = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1)
        self.up, self.end = nn.ConvTranspose2d(8, 8, 2, stride=2), nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.norm(self.a(x)))
        h = F.elu(self.up(F.relu(h + self.b(h))))
        return self.end(torch.cat([h.mean(dim=(2, 3)), h.amax(dim=(2, 3))], dim=1))


class Words(nn.Module):
    """A transformer of torch's own layers."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.end = nn.Embedding(20, 16), nn.Linear(16, 20)
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, activation="gelu", batch_first=True, norm_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.layer(self.words(x)))


class Gate(nn.Module):
    """A gated layer by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(16, 64), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.a(x).chunk(2, dim=-1)
        return self.b(value * torch.sigmoid(gate))


class Own(torch.autograd.Function):
    """A function of the user's own, with a backward of its own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx.save_for_backward(x)
        return x.tanh()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return gradient * (1 - ctx.saved_tensors[0].tanh() ** 2)


class Owned(nn.Module):
    """A network with it."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(16, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(Own.apply(self.a(x)))  # pyright: ignore[reportArgumentType]


FEATURES = torch.randn(64, 16, generator=torch.Generator().manual_seed(0))
PICTURES = torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(0))
TEXT = torch.randint(0, 20, (8, 12), generator=torch.Generator().manual_seed(0))
GRAPHS: dict[str, tuple[Callable[[], nn.Module], Tensor, dict[str, str]]] = {
    "modules": (lambda: nn.Sequential(nn.Linear(16, 32), nn.ELU(), nn.Linear(32, 4)), FEATURES, {"0": "elu"}),
    "calls": (Calls, FEATURES, {"a": "gelu", "b": "tanh"}),
    "calls, data looked at": (lambda: Calls(looks=True), FEATURES, {"a": "gelu", "b": "tanh"}),
    "arithmetic": (Formula, FEATURES, {"a": "x*sigmoid(1.7*x)"}),
    "residual sums": (Residual, FEATURES, dict.fromkeys(("enter", "layers.0", "layers.1", "layers.2"), "silu")),
    "images": (Images, PICTURES, {"norm": "relu", "b": "relu", "up": "elu"}),
    "transformer": (Words, TEXT, {"layer.linear1": "gelu"}),
    "gate by hand": (Gate, FEATURES, {"a": "sigmoid"}),
    "autograd function": (Owned, FEATURES, {"a": "tanh"}),
    "rheobase module": (
        lambda: nn.Sequential(nn.Linear(16, 32), rb.nn.Activation("snake"), nn.Linear(32, 4)),
        FEATURES,
        {"0": "snake"},
    ),
}
"""Models, an input, and the activation that follows each layer."""


def moments() -> list[dict[str, Any]]:
    """The second moments."""
    rows = []
    for number, spec in enumerate(MOMENTS):
        f = rb.get(spec)
        low, high = (float(v) for v in certified_moments(spec)["E_f2"])
        start = time.process_time()
        own = rb.theory(spec).moments["E_f2"]
        between = time.process_time()
        name = f"function_{number}"
        anyinit.register_activation(f.numpy, name=name, overwrite=True)
        other = anyinit.activation_profile(name).moments(0.0, 1.0).m2
        times = (between - start, time.process_time() - between)
        truth = (low + high) / 2
        rows += [
            {"table": "moments", "case": spec, "tool": tool, "value": f"{abs(value / truth - 1):.1e}",
             "told": f"E f² = {value:.12g}", "ms": f"{1e3 * seconds:.0f}"}
            for tool, value, seconds in (("rheobase", own, times[0]), ("anyinit", other, times[1]))
        ]  # fmt: skip
    return rows


def graphs() -> list[dict[str, Any]]:
    """The activations found."""
    rows = []
    for case, (make, batch, truth) in GRAPHS.items():
        layers = [n for n, m in make().named_modules() if hasattr(m, "weight") and "norm" not in n and n != "words"]
        layers = [n for n in layers if "out_proj" not in n]
        for tool, found, told in (("rheobase", *_ours(make(), batch)), ("anyinit", *_theirs(make(), batch))):
            right = sum(word in found.get(layer, "") for layer, word in truth.items())
            named = ", ".join(found.get(layer, "nothing") for layer in truth)
            told = f"{sum(layer in found for layer in layers)} of {len(layers)} layers; {told}; {named}"
            rows.append({"table": "graphs", "case": case, "tool": tool, "value": f"{right}/{len(truth)}", "told": told})
    return rows


def _ours(model: nn.Module, batch: Tensor) -> tuple[dict[str, str], str]:
    report = rb.nn.init_(model, batch, seed=0)
    within = "within 10 %" if report.verified else "not within 10 %"
    return {layer.name: layer.before for layer in report.layers}, f"{report.seen}; {within}"


def _theirs(model: nn.Module, batch: Tensor) -> tuple[dict[str, str], str]:
    report = anyinit.initialize(model, "empirical", batch, seed=0)
    return {layer.name: str(layer.activation) for layer in report.layers}, f"graph: {report.graph_fidelity}"


class Told(nn.Module):
    """An activation that anyinit is told of by its class, as its manual says; a subclass for each function."""

    spec = "relu"

    def forward(self, x: Tensor) -> Tensor:
        return rb.get(self.spec)(x)


def plain(make: Callable[[], nn.Module]) -> nn.Sequential:
    """Fifty hidden layers."""
    layers: list[nn.Module] = []
    for a, b in pairwise([WIDTH] * (DEPTH + 1) + [10]):
        layers += [nn.Linear(a, b), make()]
    return nn.Sequential(*layers[:-1])


def gradient(model: nn.Module, x: Tensor) -> float:
    """log10 of the first layer's gradient over the last hidden one's."""
    F.cross_entropy(model.double()(x.double()), torch.arange(len(x)) % 10).backward()
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    norms = [0.0 if w.grad is None else float(w.grad.norm()) for w in weights]
    if not all(map(math.isfinite, norms)):
        return math.inf
    return math.log10(norms[0] / norms[-2]) if norms[0] and norms[-2] else -math.inf


def started(tool: str, model: nn.Module, x: Tensor) -> str:
    """Start a model with a tool; what it says of stability."""
    if tool == "default":
        return ""
    if tool == "rheobase":
        report = rb.nn.init_(model, x, seed=0)
        return "no scale is stable" if report.warnings else report.activations[0].kind
    report = anyinit.initialize(model, tool.split()[1], x, seed=0)
    return ", ".join(dict.fromkeys(record.verdict for record in report.stability))


def gradients() -> list[dict[str, Any]]:
    """Gradients in depth."""
    x = torch.randn(100, WIDTH, generator=torch.Generator().manual_seed(0))
    rows = []
    for number, spec in enumerate(DEEP):
        kind = type(f"Told{number}", (Told,), {"spec": spec})
        anyinit.register_activation(kind, name=f"told{number}", overwrite=True)
        for tool in ("default", "rheobase", "anyinit analytic", "anyinit empirical"):
            torch.manual_seed(0)
            model = plain(kind if "anyinit" in tool else lambda s=spec: rb.nn.Activation(s))
            told = started(tool, model, x)
            value = f"{gradient(model, x):.2f}"
            rows.append({"table": "gradients", "case": spec, "tool": tool, "value": value, "told": told})
    return rows


def main() -> None:
    """All tables, written down together at the end."""
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for table in (moments, graphs, gradients):
        found = table()
        rows += found
        for row in found:
            print(*row.values(), sep="  ", flush=True)
    with (RESULTS / "initialise.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}, ")
        file.write(f"anyinit {anyinit.__version__}\n")
        writer = csv.DictWriter(file, ["table", "case", "tool", "value", "told", "ms"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
