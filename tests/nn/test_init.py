"""`init_`: which activation follows which layer, and what theory makes of it, in networks of every shape."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import rheobase as rb
from rheobase.lower import compiled
from rheobase.nn import Activation, Mixture
from rheobase.nn.shifted import Shifted
from rheobase.nn.starting import init_
from rheobase.nn.starting.calls import recorded, traced
from rheobase.nn.starting.choice import called
from rheobase.nn.starting.graph import graph

X = torch.randn(256, 20, generator=torch.Generator().manual_seed(1))


def plain(make: Callable[[], nn.Module], depth: int = 4, width: int = 48) -> nn.Sequential:
    """Linear layers with an activation between any two."""
    layers: list[nn.Module] = []
    for a, b in pairwise([20, *[width] * depth, 10]):
        layers += [nn.Linear(a, b), make()]
    return nn.Sequential(*layers[:-1])


class Calling(nn.Module):
    """Layers with functions called between them."""

    def __init__(self, *functions: Callable[[Tensor], Tensor], looks: bool = False, width: int = 48) -> None:
        super().__init__()
        widths = [20, *[width] * len(functions), 10]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.functions, self.looks = functions, looks

    def forward(self, x: Tensor) -> Tensor:
        if self.looks and float(x.sum()) > 1e9:  # what tracing cannot follow
            return x
        for layer, f in zip(self.layers, self.functions, strict=False):
            x = f(layer(x))
        return self.layers[-1](x)


WRITTEN: list[Callable[[Tensor], Tensor]] = [
    F.relu, torch.relu, lambda x: x.relu(), torch.tanh, F.gelu, torch.sigmoid, F.logsigmoid, F.softsign, F.hardswish,
    lambda x: F.gelu(x, approximate="tanh"),
    lambda x: F.leaky_relu(x, 0.2),
    lambda x: F.elu(x, alpha=0.5),
    lambda x: F.softplus(x, 2.0),
    lambda x: F.hardtanh(x, -2, 1.5),
    lambda x: F.threshold(x, 0.1, 0.0),
    lambda x: F.rrelu(x, 0.1, 0.3),
    lambda x: x * torch.sigmoid(1.7 * x),
    lambda x: x.mul(x.sigmoid()),
    lambda x: x / (1 + x.abs()),
    lambda x: 1 - 2 / (torch.exp(x) + 1),
    lambda x: torch.where(x > 0, x, 0.3 * x),
    lambda x: x.clamp(-1, 1.5),
    lambda x: x.clamp(min=-0.5),
    lambda x: torch.maximum(x, 0.1 * x),
    lambda x: x + torch.sin(x) ** 2,
    lambda x: torch.atan(x) + torch.special.expit(x),
    lambda x: torch.relu(x) * 0.5 + x.sub(1, alpha=0.25),
    lambda x: 2**-x.square() - torch.rsqrt(1 + x * x),
    lambda x: torch.tanh(F.relu(x) - 0.5),
]  # fmt: skip


@pytest.mark.parametrize("looks", [False, True], ids=["traced", "run"])
@pytest.mark.parametrize("number", range(len(WRITTEN)))
def test_a_function_is_read_however_it_is_written(number: int, looks: bool) -> None:
    """Its formula, found by tracing and by running, against the function itself."""
    f = WRITTEN[number]
    model = Calling(f, looks=looks).eval()
    (found,) = graph(recorded(model, (X,), {}) if looks else traced(model), {}).activations
    x = torch.linspace(-7.03, 6.98, 57, dtype=torch.float64)
    same = nn.RReLU(0.1, 0.3).eval() if called(found) == "rrelu" else f
    assert torch.allclose(compiled(found.expr, "torch")(x), same(x), rtol=1e-12, atol=1e-12)


MODULES: list[Callable[[], nn.Module]] = [
    nn.ReLU, nn.ELU, nn.CELU, nn.SELU, nn.SiLU, nn.Mish, nn.Softplus, nn.Hardtanh, nn.Hardsigmoid, nn.Tanhshrink,
    lambda: nn.LeakyReLU(0.3),
    lambda: nn.PReLU(48, init=0.1),
    lambda: nn.GELU("tanh"),
    lambda: nn.Softplus(3.0),
    lambda: Activation("snake:a=0.7"),
    lambda: Activation("swish", learnable=True, per="channel"),
    lambda: Mixture(["relu", "tanh"], "softmax"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(MODULES)))
def test_a_module_is_read_with_its_arguments(number: int) -> None:
    module = MODULES[number]()
    found = graph(traced(plain(MODULES[number], 2)), {}).activations[0]
    x = torch.linspace(-7.03, 6.98, 48, dtype=torch.float64)[None]
    with torch.no_grad():
        wanted = module.double()(x)
    assert torch.allclose(compiled(found.expr, "torch")(x), wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("spec", ["relu", "sigmoid", "gelu", "ncu", "starrelu", "x*sigmoid(2*x)"])
@pytest.mark.parametrize("weights", ["normal", "orthogonal"])
def test_a_plain_network_gets_what_theory_says(spec: str, weights: Any) -> None:
    model = plain(lambda: Activation(spec), 3, 64)
    init = rb.theory(spec).init()
    report = init_(model, weights=weights, seed=0)
    wanted = [math.sqrt(init.start), init.gain, init.gain, 1.0]
    assert [layer.gain for layer in report.layers] == pytest.approx(wanted)
    linear = [m for m in model if isinstance(m, nn.Linear)]
    for layer, gain in zip(linear, wanted, strict=True):
        spread = gain / math.sqrt(layer.in_features)
        assert float(layer.weight.square().mean().sqrt()) == pytest.approx(spread, rel=0.05)
        if weights == "orthogonal":
            size = min(layer.weight.shape)
            square = layer.weight @ layer.weight.T if len(layer.weight) == size else layer.weight.T @ layer.weight
            assert torch.allclose(square, square[0, 0] * torch.eye(size), atol=1e-5)
        deviation = init.sigma_b if layer is not linear[-1] else 0.0
        assert float(layer.bias.detach().std()) == pytest.approx(deviation, rel=0.3)
    f, x = rb.get(spec), torch.linspace(-3, 3, 31)
    assert torch.allclose(model[1](x), f(x + init.input_shift) - init.output_shift, atol=1e-6)
    assert isinstance(model[1], Shifted) == bool(init.input_shift or init.output_shift)


def gradients(model: nn.Module) -> float:
    """The gradient's norm in the first layer's weights over that in the last hidden one's."""
    F.cross_entropy(model.double()(X[:64].double()), torch.arange(64) % 10).backward()
    found = [m.weight.grad for m in model.modules() if isinstance(m, nn.Linear)]
    assert found[0] is not None and found[-2] is not None
    return float(found[0].norm() / found[-2].norm())


@pytest.mark.parametrize("make", [nn.Sigmoid, nn.ReLU, nn.GELU])
def test_gradients_survive_fifty_layers_where_the_default_loses_them(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    model = plain(make, 50)
    before = gradients(model)
    model = plain(make, 50)
    init_(model, seed=0)
    assert before < 1e-6 and 1e-2 < gradients(model) < 1e3


@pytest.mark.parametrize(
    ("call", "module"), [(F.gelu, nn.GELU), (torch.sigmoid, nn.Sigmoid), (F.softplus, nn.Softplus)]
)
def test_a_call_recentred_by_biases_is_the_module_that_is_wrapped(call: Any, module: Callable[[], nn.Module]) -> None:
    called, wrapped = Calling(*[call] * 4), plain(module, 4)
    first, second = init_(called, seed=3), init_(wrapped, seed=3)
    assert {c.done for c in first.activations} == {"by biases"} and {c.done for c in second.activations} == {"wrapped"}
    assert torch.allclose(called(X), wrapped(X), atol=1e-5)


def test_halves_that_multiply_are_a_gate_and_no_formula() -> None:
    """GLU by hand: a * sigmoid(b) of two halves of one layer is not x * sigmoid(x)."""

    def glu(x: Tensor) -> Tensor:
        a, b = torch.cat([x, x], 1).chunk(2, dim=1)
        return a * torch.sigmoid(b)

    for looks in (False, True):
        report = init_(Calling(glu, looks=looks), X, seed=0)
        (gate,) = report.activations
        assert (gate.name, gate.role, gate.done) == ("sigmoid", "gate", "as it stands")
        assert report.layers[-1].after == "product" and report.verified


def test_an_activation_at_the_end_is_no_hidden_one() -> None:
    model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    report = init_(model, X)
    assert [c.role for c in report.activations] == ["hidden", "output"]
    assert isinstance(model[3], nn.Sigmoid) and report.layers[-1].gain == 1


def test_one_module_at_the_end_and_inside_is_not_wrapped_and_the_report_says_why() -> None:
    f = nn.Sigmoid()
    model = nn.Sequential(nn.Linear(20, 32), f, nn.Linear(32, 1), f)
    report = init_(model, X)
    assert model[1] is f and model[3] is f
    assert "something else elsewhere" in report.activations[0].reason


@pytest.mark.parametrize("make", [nn.ReLU, nn.GELU, nn.Tanh, lambda: Activation("starrelu")])
def test_a_batch_of_another_scale_is_repaired_and_the_report_is_what_is_measured(make: Any) -> None:
    """Skewed, correlated inputs, few units: measured here with hooks of the test's own."""
    batch = 30 + 7 * X[:, :1] * X.abs()
    model = plain(make, 12, 16)
    report = init_(model, batch, seed=0)
    seen: dict[str, float] = {}

    def note(name: str, module: nn.Module, given: Any, output: Tensor) -> None:
        seen[name] = float(output.detach().square().mean())

    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            module.register_forward_hook(functools.partial(note, name))
    model(batch)
    assert report.verified and any(layer.repaired != 1 for layer in report.layers)
    for layer in report.layers:
        assert layer.expected is not None
        assert seen[layer.name] == pytest.approx(layer.finally_, rel=1e-4)
        assert seen[layer.name] == pytest.approx(layer.expected, rel=0.101)


def test_what_is_expected_is_the_course_of_the_variance_map() -> None:
    from rheobase.meanfield.simulation import Setting, predicted

    report = init_(plain(nn.Tanh, 6))
    wanted = predicted("tanh", Setting(1.0, depth=5)).q
    found = [c.q for c in report.activations]
    assert found == pytest.approx(wanted.tolist()) and [c.chi_1 <= 1 for c in report.activations] == [True] * 6


def test_variance_keeps_one_where_it_can_and_says_where_it_cannot() -> None:
    report = init_(plain(nn.Tanh), X, "variance", seed=0)
    assert (
        [x.expected for x in report.layers[:-1]] == pytest.approx([1] * 4) and report.verified and not report.warnings
    )
    steep = init_(plain(lambda: Activation("relu(x)**3")), how="variance")
    assert steep.warnings and "no scale is stable" in steep.warnings[0]
    assert steep.activations[0].chi_q == pytest.approx(3)  # homogeneous of degree 3: a relative deviation triples


def test_no_initialisation_is_said_and_a_norm_makes_it_harmless() -> None:
    report = init_(plain(lambda: Activation("squ")))
    assert "theory knows no initialisation" in report.activations[0].reason
    assert any("χ_q > 1" in warning for warning in report.warnings)
    held = nn.Sequential(nn.Linear(20, 32), nn.LayerNorm(32), Activation("squ"), nn.Linear(32, 3))
    assert not init_(held).warnings


def test_a_start_below_one_is_given_by_the_norm_before() -> None:
    """NCU's basin ends at a variance of 0.4."""
    norm = nn.LayerNorm(32)
    init_(nn.Sequential(nn.Linear(20, 32), norm, Activation("ncu"), nn.Linear(32, 3)))
    assert torch.allclose(norm.weight, torch.tensor(rb.theory("ncu").init().start ** 0.5))


def test_different_functions_each_get_their_own_gain() -> None:
    report = init_(Calling(torch.relu, torch.tanh, F.elu))
    assert [layer.gain for layer in report.layers] == pytest.approx([1, 2**0.5, 1, 1])


def test_the_table_and_the_plain_values_say_what_was_done() -> None:
    report = init_(plain(nn.GELU), X, seed=0)
    text, values = str(report), json.loads(json.dumps(report.to_dict()))
    assert all(layer.name in text for layer in report.layers) and "every layer is within 10 %" in text
    assert values["verified"] and values["layers"][1]["after"] == "gelu"
    assert values["activations"][0]["input_shift"] == pytest.approx(2**0.5)
    assert np.isfinite([layer["gain"] for layer in values["layers"]]).all()
