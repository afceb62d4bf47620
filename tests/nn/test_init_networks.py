"""`init_` in networks that branch: residual sums, convolutions, norms, concatenation, attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rheobase.nn.shifted import Shifted
from rheobase.nn.starting import init_

X = torch.randn(256, 20, generator=torch.Generator().manual_seed(1))


class Residual(nn.Module):
    """Pre-activation blocks x + W f(V f(x))."""

    def __init__(self, blocks: int, f: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.enter, self.leave, self.f = nn.Linear(20, 128), nn.Linear(128, 10), f
        self.inner = nn.ModuleList(nn.Linear(128, 128) for _ in range(blocks))
        self.outer = nn.ModuleList(nn.Linear(128, 128) for _ in range(blocks))

    def stream(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        for inner, outer in zip(self.inner, self.outer, strict=True):
            x = x + outer(self.f(inner(self.f(x))))
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(self.stream(x))


@pytest.mark.parametrize("blocks", [4, 16])
def test_the_stream_of_a_residual_network_grows_little_however_deep(blocks: int) -> None:
    model = Residual(blocks, torch.tanh)
    report = init_(model, X, seed=0)
    outer = [layer for layer in report.layers if layer.name.startswith("outer")]
    assert all(layer.branch == pytest.approx(blocks**-0.5) for layer in outer) and report.verified
    assert any(f"residual sums: {blocks}" in note for note in report.notes)
    with torch.no_grad():
        assert 1 < float(model.stream(X).square().mean()) < math.e


def test_ways_that_meet_share_the_variance() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.end = nn.Linear(20, 64), nn.Linear(20, 64), nn.Linear(128, 3)

        def forward(self, x: Tensor) -> Tensor:
            together = F.relu(self.a(x) + self.b(x))
            return self.end(torch.cat([together, -together], dim=1))

    report = init_(Both(), X, seed=0)
    assert [layer.branch for layer in report.layers] == pytest.approx([0.5**0.5, 0.5**0.5, 1])
    assert any("2 ways meet" in note for note in report.notes)


class Convolutions(nn.Module):
    """Convolutions of every kind, norms, pooling, a sum and a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.second, self.after = nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        self.up, self.grouped = nn.ConvTranspose2d(16, 12, 4, stride=2, padding=1), nn.Conv2d(12, 24, 3, groups=4)
        self.act, self.end = nn.SiLU(), nn.Linear(48, 5)

    def forward(self, x: Tensor) -> Tensor:
        h = self.act(self.norm(self.first(x)))
        h = F.relu(h + self.after(self.second(h)))
        h = torch.tanh(self.grouped(F.elu(self.up(h))))
        return self.end(torch.cat([h.mean(dim=(2, 3)), h.amax(dim=(2, 3))], dim=1))


def test_convolutions_and_norms() -> None:
    model = Convolutions()
    images = torch.randn(16, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    report = init_(model, images, seed=0)
    assert report.verified, report
    assert [layer.name for layer in report.layers] == [
        "first", "norm", "second", "after", "up", "grouped", "end"
    ]  # fmt: skip
    assert model.norm.running_mean is not None and not model.norm.running_mean.any()
    assert isinstance(model.act, Shifted)
    assert [c.name for c in report.activations] == ["silu", "relu", "elu", "tanh"]


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv1d(8, 32, 5),
        nn.Conv2d(8, 32, 3, stride=2, groups=2),
        nn.Conv3d(4, 16, 2, dilation=2),
        nn.ConvTranspose1d(8, 32, 4, stride=2),
        nn.ConvTranspose2d(8, 32, 6, stride=3, groups=4),
        nn.ConvTranspose3d(4, 8, 2),
    ],
    ids=lambda m: f"{type(m).__name__}",
)
@pytest.mark.parametrize("weights", ["normal", "orthogonal"])
def test_the_fan_in_of_a_convolution_keeps_the_variance(layer: Any, weights: Any) -> None:
    """Away from the border the mean square of the output is that of the input; what is recentred there has mean 0."""
    size = layer.weight.dim() - 2
    model = nn.Sequential(layer, nn.Sigmoid(), nn.Conv1d(32, 1, 1) if size == 1 else nn.Identity(), nn.Flatten())
    if size > 1:
        model = nn.Sequential(layer, nn.Tanh(), nn.Flatten(), nn.LazyLinear(2))
        model(torch.randn(2, layer.in_channels, *[12] * size))
    init_(model, weights=weights, seed=1)
    x = torch.randn(40, layer.in_channels, *[12] * size, generator=torch.Generator().manual_seed(0))
    inner = (slice(None), slice(None), *[slice(5, -5)] * size) if "Transpose" in type(layer).__name__ else ...
    with torch.no_grad():
        assert float(layer(x)[inner].square().mean()) == pytest.approx(1, rel=0.12)


def test_a_transposed_convolution_takes_an_output_shift_off() -> None:
    class Up(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv1d(4, 8, 1), nn.ConvTranspose1d(8, 6, 4, groups=2)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(torch.sigmoid(self.a(x)))

    model = Up()
    init_(model, seed=0)
    with torch.no_grad():
        model.a.weight.zero_()
        assert float(model(torch.randn(2, 4, 20))[..., 4:-4].abs().max()) < 1e-6
    model.b = nn.ConvTranspose1d(8, 6, 4, stride=2)
    assert "other weights at every place" in init_(model, dry_run=True).activations[0].reason


@pytest.mark.parametrize("first", [False, True], ids=["post-norm", "pre-norm"])
@pytest.mark.parametrize("activation", ["gelu", nn.GELU()], ids=["call", "module"])
def test_transformers_of_torch(first: bool, activation: Any) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = {"activation": activation, "batch_first": True, "norm_first": first}
            self.words = nn.Embedding(30, 32)
            self.layers = nn.ModuleList(nn.TransformerEncoderLayer(32, 4, 64, **layer) for _ in range(2))
            self.end = nn.Linear(32, 30)

        def forward(self, x: Tensor) -> Tensor:
            h = self.words(x)
            for layer in self.layers:
                h = layer(h)
            return self.end(h)

    model, words = Model().eval(), torch.randint(0, 30, (8, 16), generator=torch.Generator().manual_seed(0))
    assert [x.name for x in init_(model, dry_run=True).layers] == [x.name for x in init_(model, words, seed=0).layers]
    report = init_(model, words, seed=0)
    assert report.verified and any("residual sums: 4" in note for note in report.notes)
    projections = model.layers[0].self_attn.in_proj_weight.chunk(3)  # pyright: ignore
    assert all(torch.allclose(p @ p.T, torch.eye(32), atol=1e-4) for p in projections)
    # The fused kernel in eval must not ignore what was put in the activation's place.
    quick = model(words).detach()
    with torch.no_grad():
        assert torch.allclose(model(words), quick, atol=1e-4)


def test_attention_by_hand_and_by_its_function() -> None:
    class Attention(nn.Module):
        def __init__(self, by_hand: bool) -> None:
            super().__init__()
            self.by_hand, self.qkv, self.mix, self.end = by_hand, nn.Linear(20, 96), nn.Linear(32, 32), nn.Linear(32, 2)

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = self.qkv(x).chunk(3, dim=-1)
            if self.by_hand:
                h = F.softmax(q @ k.transpose(1, 2) / 32**0.5, dim=-1) @ v
            else:
                h = F.scaled_dot_product_attention(q, k, v)
            return self.end(F.gelu(self.mix(h)))

    for by_hand in (False, True):
        report = init_(Attention(by_hand), X.view(16, 16, 20), seed=0)
        assert report.verified and report.activations[0].done == "by biases"
        assert [layer.name for layer in report.layers] == ["qkv", "mix", "end"]
