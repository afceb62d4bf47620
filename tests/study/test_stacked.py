"""Stacks of any network against torch's own modules, one member at a time, and against themselves."""

from __future__ import annotations

import dataclasses
import math
import warnings

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from rheobase.errors import RheobaseError
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Member, Metric, Stack
from rheobase.study.tasks import find, tasks
from rheobase.study.tasks.mnist import convolutional
from rheobase.study.tasks.mnist_residual import BLOCKS, residual
from rheobase.study.tasks.text import CONTEXT, SYMBOLS, transformer
from rheobase.study.training import VALUES, Network, Run, Split, Stacked, Work, fit, network
from rheobase.study.training.layers import (
    ELEMENTWISE,
    LAYER_NORM,
    attention,
    convolve,
    embed,
    image_norm,
    initial,
    layer_norm,
    linear,
    neighbours,
    patches,
)
from rheobase.study.training.objectives import accuracy, explained, signal_to_noise
from rheobase.study.worker import one_thread


def images(side: int, features: int) -> Tensor:
    return torch.randn(3, 4, side, side, features, generator=torch.Generator().manual_seed(5)).double()


def symbols() -> Tensor:
    return torch.randint(SYMBOLS, (3, 4, CONTEXT), generator=torch.Generator().manual_seed(5))


NETWORKS = {
    "convolutional": (convolutional(8, 2, 5), images(4, 18)),
    "residual": (residual(9, 6, 5), images(3, 6).flatten(2, 3)),
    "transformer": (transformer(LAYER_NORM), symbols()),
    "norm-free": (transformer(ELEMENTWISE, F.gelu), symbols()),
}


def members(net: Network) -> list[dict[str, Tensor]]:
    draws = [net.initial(torch.Generator().manual_seed(s), "default") for s in range(3)]
    return [{name: p.double() for name, p in draw.items()} for draw in draws]


@pytest.mark.parametrize("name", NETWORKS)
def test_all_members_at_once_are_the_members_one_by_one_and_vmap(name: str) -> None:
    """A network's description for one member, the same for all at once, and torch.func.vmap of the first."""
    net, x = NETWORKS[name]
    each = members(net)
    found = []
    for described in (net, dataclasses.replace(net, together=False)):
        model = Stacked(described, each)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # vmap says which of torch's functions it runs member by member
            outputs = model(x, torch.tanh)
            outputs.square().sum().backward()
        found.append((outputs.detach(), model.gradient.clone()))
    for ours, theirs in zip(*found, strict=True):
        assert (ours - theirs).abs().max() < 1e-10
    for i, one in enumerate(each):
        assert (net.apply(one, x[i], torch.tanh) - found[0][0][i]).abs().max() < 1e-10


def test_the_convolutional_network_is_that_of_torchs_convolutions() -> None:
    net = convolutional(8, 2, 5)
    p = members(net)[0]
    picture = torch.randn(4, 8, 8, 2, dtype=torch.float64)
    first = p["first"].T.reshape(8, 3, 3, 2).permute(0, 3, 1, 2)
    second = p["second"].T.reshape(16, 2, 2, 8).permute(0, 3, 1, 2)
    h = torch.tanh(F.conv2d(picture.permute(0, 3, 1, 2), first, p["first.b"], stride=2, padding=1))
    h = torch.tanh(F.conv2d(h, second, p["second.b"], stride=2))
    expected = h.permute(0, 2, 3, 1).flatten(1) @ p["read"] + p["read.b"]
    assert (net.apply(p, neighbours(picture)[:, ::2, ::2], torch.tanh) - expected).abs().max() < 1e-12


def test_the_residual_network_without_blocks_weights_is_linear_behind_its_norm() -> None:
    net = residual(9, 6, 5)
    p = members(net)[0]
    for i in range(BLOCKS):
        p[f"conv{i}"].zero_()
        p[f"conv{i}.b"].zero_()
    x = images(3, 6)[0].flatten(1, 2)
    h = (x @ p["stem"] + p["stem.b"]).transpose(1, 2)
    h = (h - h.mean(dim=(1, 2), keepdim=True)) / (h.var(dim=(1, 2), correction=0, keepdim=True) + 1e-5).sqrt()
    assert (net.apply(p, x, torch.tanh) - (torch.tanh(h).flatten(1) @ p["read"] + p["read.b"])).abs().max() < 1e-12


def test_layers_are_torchs() -> None:
    g = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 5, 8, generator=g, dtype=torch.float64)
    w, b = torch.randn(2, 8, 6, generator=g, dtype=torch.float64), torch.randn(2, 6, generator=g, dtype=torch.float64)
    norm = torch.nn.LayerNorm(8, dtype=torch.float64)
    ones, zeros = torch.ones(2, 8, dtype=torch.float64), torch.zeros(2, 8, dtype=torch.float64)
    picture = torch.randn(2, 3, 4, 5, 5, generator=g, dtype=torch.float64)
    kernel = torch.randn(2, 36, 7, generator=g, dtype=torch.float64)
    bias = torch.randn(2, 7, generator=g, dtype=torch.float64)
    for i in range(2):
        assert torch.allclose(linear(x, w, b)[i], F.linear(x[i], w[i].T, b[i]), atol=1e-12, rtol=0)
        assert torch.allclose(layer_norm(x, ones, zeros)[i], norm(x[i]), atol=1e-12, rtol=0)
        expected = F.conv2d(picture[i], kernel[i].T.reshape(7, 4, 3, 3), bias[i], padding=1)
        assert torch.allclose(convolve(picture, kernel, bias)[i], expected, atol=1e-12, rtol=0)
        own = F.group_norm(picture[i], 1)
        shape = (2, 4)
        ours = image_norm(picture, torch.ones(shape).double(), torch.zeros(shape).double())[i]
        assert torch.allclose(ours, own, atol=1e-12, rtol=0)
    index = torch.randint(9, (2, 3, 4), generator=g)
    table = torch.randn(2, 9, 6, generator=g)
    assert torch.equal(embed(table, index)[1], table[1][index[1]])


def test_attention_looks_back_and_never_ahead() -> None:
    g = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, 5, 8, generator=g, dtype=torch.float64) for _ in range(3))
    out = attention(q, k, v, 2)
    for head in (slice(0, 4), slice(4, 8)):
        scores = q[..., head] @ k[..., head].transpose(-1, -2) / 2
        mask = torch.ones(5, 5).triu(1).bool()
        expected = scores.masked_fill(mask, -math.inf).softmax(dim=-1) @ v[..., head]
        assert torch.allclose(out[..., head], expected, atol=1e-12, rtol=0)


def test_patches_and_neighbours_hold_the_right_pixels() -> None:
    x = torch.arange(32.0).view(1, 4, 4, 2)
    assert patches(x, 2)[0, 0, 1].tolist() == [4, 5, 6, 7, 12, 13, 14, 15]
    middle = neighbours(x)[0, 1, 2]
    assert middle.view(3, 3, 2).tolist() == x[0, 0:3, 1:4].tolist()
    assert not neighbours(x)[0, 0, 0][:8].any()


def test_scores_are_what_they_say() -> None:
    y = torch.tensor([[[1.0], [3.0]]])
    assert explained(y, y).item() == 1 and explained(y * 0 + 2, y).item() == 0 and explained(y * 0 - 9, y).item() == 0
    assert signal_to_noise(2.0, 0.0)(y + 0.2, y).item() == pytest.approx(20.0, abs=1e-4)
    assert signal_to_noise(2.0, 3.0)(y + 100, y).item() == 3.0
    assert accuracy(torch.tensor([[[0.0, 1.0], [1.0, 0.0]]]), torch.tensor([[1, 1]])).item() == 0.5


def test_an_unknown_initialisation_is_refused() -> None:
    with pytest.raises(RheobaseError, match="default, glorot or he"):
        initial(2, 2, "hee", torch.Generator())


def trained_alone_and_together(task_id: str, rate: float) -> float:
    """The largest difference between the outputs of a member that trained alone and in a stack, in float64."""
    task = find(task_id)
    assert isinstance(task.train, Recipe)
    seeds = (Member(0, rate), Member(1, rate))
    outputs = []
    with one_thread():
        for some in (seeds, seeds[:1]):
            run = Run(
                task.train.work(), task.budget, Stack(task.id, "tune", "default", "", some), torch.tanh, torch.float64
            )
            for _ in range(task.budget.epochs):
                for pick in run.epoch():
                    run.step(pick)
            outputs.append(run.outputs(task.train.work().split.validation[0])[0])
    return float((outputs[0] - outputs[1]).abs().max())


SMALL = [t.id for t in tasks().values() if isinstance(t.train, Recipe) and t.domain in ("tabular", "series", "logic")]


@pytest.mark.parametrize("task", [*SMALL, "digits", "periodic"])
def test_a_member_ends_the_same_alone_and_in_a_stack(task: str) -> None:
    """At rates up to 1e-3, over the whole budget; above, training itself amplifies a rounding to order 1."""
    assert trained_alone_and_together(task, 1e-3) < 1e-5


def test_a_network_of_ones_own_is_described_once_and_trains() -> None:
    """A straight line through noisy points, whose slope and offset are found: with vmap, described for one member."""

    def draw(g: torch.Generator, init: str) -> dict[str, Tensor]:
        return {"slope": torch.randn(1, generator=g), "offset": torch.zeros(1)}

    net = Network(draw, lambda p, x, f: f(p["slope"] * x + p["offset"]))
    x = torch.linspace(-1, 1, 64).unsqueeze(1)
    split = Split((x, 2 * x + 1), (x, 2 * x + 1), (x, 2 * x + 1))
    stack = Stack("line", "final", "default", "", (Member(0, 0.03), Member(1, 0.03), Member(2, math.inf)))
    budget, metric = Budget(60, 16, (0.03,)), Metric("explained", "%", True, 0.0)
    with one_thread():
        outcomes = fit(Work(split, network(net), VALUES), budget, metric, stack, lambda z: z)
    assert [o.diverged for o in outcomes] == [0, 0, 1]
    assert all(o.test is not None and o.test > 0.999 for o in outcomes[:2]) and outcomes[2].test == 0
    assert len(outcomes[0].curve) == 40
