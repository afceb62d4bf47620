"""Activations with parameters of their own in stacked networks, against torch's modules one member at a time."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
import torch

import rheobase as rb
from rheobase.study.spec import Member, Stack
from rheobase.study.training import Learned, LearnedMlp, Mlp, initial_weights, starting
from rheobase.study.worker import one_thread

ROOT = Path(__file__).parents[2]
FOUR = "0.25*relu(x) + 0.25*tanh(x) + 0.25*sin(x) + 0.25*(x*sigmoid(x))"


@pytest.fixture(scope="module")
def combining() -> ModuleType:
    spec = importlib.util.spec_from_file_location("combining", ROOT / "studies/combining.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain(widths: tuple[int, ...] = (3, 8, 8, 2), size: int = 3) -> Mlp:
    draws = [
        initial_weights(widths, starting("default", torch.tanh), torch.Generator().manual_seed(s)) for s in range(size)
    ]
    return Mlp(widths, [[p.double() for p in net] for net in draws])


@pytest.mark.parametrize(
    "module",
    [
        lambda n: rb.nn.Activation("prelu", learnable=True),
        lambda n: rb.nn.Activation("prelu", learnable=True, per="channel", dim=-1, size=n),
        lambda n: rb.nn.Mixture(["relu", "sine", "tanh"], how="sum"),
        lambda n: rb.nn.Mixture(["relu", "sine", "tanh"], how="softmax"),
        lambda n: rb.nn.Mixture(["relu", "sine", "tanh"], how="gated"),
    ],
    ids=["layer", "channel", "sum", "softmax", "gated"],
)
def test_members_have_the_outputs_and_gradients_of_modules_by_themselves(module) -> None:
    stacked = LearnedMlp(plain(), module)
    moved = torch.Generator().manual_seed(9)
    with torch.no_grad():  # each member and layer elsewhere than at the start
        for value in stacked.values().values():
            value.add_(0.3 * torch.randn(value.shape, generator=moved, dtype=value.dtype))
    x = torch.randn(3, 5, 3, generator=moved, dtype=torch.float64)
    outputs = stacked(x, torch.tanh)
    outputs.square().sum().backward()
    for member in range(3):
        layers: list[torch.nn.Module] = []
        for i, n in enumerate((8, 8)):
            layers += [torch.nn.Linear(stacked.widths[i], n), module(n)]
        alone = torch.nn.Sequential(*layers, torch.nn.Linear(8, 2)).double()
        with torch.no_grad():
            for i, at in enumerate((0, 2, 4)):
                linear = alone[at]
                assert isinstance(linear, torch.nn.Linear)
                linear.weight.copy_(stacked.parameters[2 * i][member].T)
                linear.bias.copy_(stacked.parameters[2 * i + 1][member, 0])
            for i, at in enumerate((1, 3)):
                for name, value in alone[at].named_parameters():
                    value.copy_(stacked.values()[f"{i}.{name}"][member])
        one = alone(x[member])
        torch.testing.assert_close(one, outputs[member])
        one.square().sum().backward()
        for i, at in enumerate((1, 3)):
            for name, value in alone[at].named_parameters():
                given = stacked.values()[f"{i}.{name}"].grad
                assert given is not None and value.grad is not None and value.grad.abs().sum() > 0
                torch.testing.assert_close(value.grad, given[member])


def test_without_parameters_a_learned_network_is_the_plain_one() -> None:
    stacked, same = LearnedMlp(plain(), lambda _: rb.nn.Activation("swish")), plain()
    x = torch.randn(3, 5, 3, dtype=torch.float64)
    assert stacked.flat.equal(same.flat) and not stacked.values()
    torch.testing.assert_close(stacked(x, torch.relu), same(x, rb.nn.Activation("swish")))
    assert Learned(rb.nn.Activation("swish")).initial("first") == {}


def stack(way: str, rate: float = 0.01) -> Stack:
    return Stack("t", "final", way, "", (Member(0, rate), Member(1, rate)))


def test_every_way_of_combining_trains_from_the_same_weights_and_tells_its_costs(combining) -> None:
    task = combining._task("wine", epochs=2)
    single, four = rb.nn.Activation("swish"), rb.nn.Activation(FOUR)
    with one_thread():
        found = {way: task.train(stack(way), four if way not in ("alone", "longer") else single) for way in task.inits}
    assert set(found) == set(combining.WAYS)
    told = {way: outcomes[0].measures for way, outcomes in found.items()}
    weights = 13 * 32 + 32 + 32 * 32 + 32 + 32 * 3 + 3
    added = {"sum": 2 * 4, "layers": 2 * 4, "gated": 2 * 8}
    assert {way: t["parameters"] for way, t in told.items()} == {way: weights + added.get(way, 0) for way in told}
    assert told["neurons"]["memory"] < told["fixed"]["memory"] < told["sum"]["memory"] < told["gated"]["memory"]
    assert len({o[0].test for o in found.values()}) == len(found)
    assert len(found["longer"][0].curve) == 2 * len(found["alone"][0].curve)
    assert all(not o.diverged for outcomes in found.values() for o in outcomes)


def test_a_layer_that_has_chosen_stays_with_one_function(combining) -> None:
    networks = combining._choosing(plain(), lambda _: rb.nn.Mixture(["relu", "sine"], how="softmax"), steps=2)
    x = torch.randn(3, 4, 3, dtype=torch.float64)
    for step in range(4):
        networks.gradient.zero_()
        networks(x, torch.tanh).square().sum().backward()
        with torch.no_grad():
            networks.flat.sub_(0.05 * networks.gradient)
        shares = torch.softmax(networks.values()["0.weight"].detach(), dim=1)
        assert bool((shares.amax(dim=1) == 1).all()) == (step >= 2)
    assert networks.values()["0.weight"].grad.abs().max() < 1e-20


def test_the_terms_of_a_sum_are_what_is_combined(combining) -> None:
    assert [str(t) for t in combining.terms(rb.get(FOUR).bound)] == ["relu(x)", "tanh(x)", "sin(x)", "x*sigmoid(x)"]


def test_slopes_are_as_many_as_the_way_says(combining) -> None:
    prelu = rb.nn.Activation("prelu")
    counts = {"none": 0, "layer": 2, "channel": 2 * 8, "neuron": 2 * 8 * 64}
    sizes = {}
    for way in combining.SLOPES:
        initial = combining.convolutional(way, prelu).initial(torch.Generator().manual_seed(0), "default")
        sizes[way] = sum(v.numel() for v in initial.values())
    assert {way: size - sizes["none"] for way, size in sizes.items()} == counts


def test_what_the_page_on_combining_says_in_words_is_what_was_recorded() -> None:
    """The figures of its plain answer are those of the table below it, rounded."""
    every = json.loads((ROOT / "benchmarks/results/studies.json").read_text(encoding="utf-8"))
    page = " ".join((ROOT / "docs/combining.md").read_text(encoding="utf-8").split()).replace("−", "-")
    (study,) = [one for one in every if one["id"] == "combining"]
    found = {one["says"]: one for one in study["statements"]}

    def figures(says: str, digits: int) -> list[str]:
        return [f"{found[says][key]:.{digits}f}" for key in ("estimate", "low", "high")]

    ahead, low, high = figures("A fixed sum is ahead of the best single function", 1)
    assert f"is ahead of the best one of the four by {float(ahead):.0f} % of the way" in page
    assert f"(95 % interval with its correction: {low} to {high})" in page
    longer = figures("A fixed sum is ahead of it when the single function may train for twice as long", 1)
    assert "nothing of that is left ({}, {} to {})".format(*longer) in page
    behind = [one.lstrip("-") for one in figures("A choice per layer is ahead of the best single function", 0)]
    assert f"a choice per layer is behind by {behind[0]} % ({behind[2]} to {behind[1]})" in page
    shown = [says for says, one in found.items() if one["verdict"] == "reproduced"]
    assert shown == ["A fixed sum is ahead of the best single function"], "no other way was shown to be ahead"
