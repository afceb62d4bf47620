"""Mixtures: their values and gradients, and that the formula they collapse to computes the same."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.nn import Mixture

X = torch.linspace(-4, 4, 33, dtype=torch.float64)
MEMBERS = ["relu", "tanh", "sine", "x**2"]


def mixed(how: str, **kwargs: object) -> Mixture:
    module = Mixture(MEMBERS, how, **kwargs).double()  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        for k, own in enumerate(module.parameters()):
            own.copy_(torch.randn(own.shape, generator=torch.Generator().manual_seed(k), dtype=torch.float64))
    return module


@pytest.mark.parametrize("how", ["sum", "softmax", "gated"])
def test_collapses_to_the_same_function(how: str) -> None:
    module = mixed(how)
    formula = module.collapse()
    assert torch.allclose(module(X), formula(X), rtol=1e-10, atol=1e-12)
    x = X.clone().requires_grad_()
    module(x).sum().backward()
    assert x.grad is not None and torch.allclose(x.grad[X != 0], formula.derivative()(X)[X != 0], rtol=1e-9, atol=1e-11)


def test_a_sum_is_the_weighted_sum() -> None:
    module = mixed("sum")
    by_hand = sum(w * rb.get(m)(X) for w, m in zip(module.weight.detach(), MEMBERS, strict=True))
    assert torch.allclose(module(X), torch.as_tensor(by_hand))


def test_each_channel_has_its_own_weights() -> None:
    module = mixed("per-channel", size=3)
    out = module(X[:, None].expand(-1, 3))
    for channel in range(3):
        assert torch.allclose(out[:, channel], module.collapse(channel)(X), rtol=1e-10, atol=1e-12)
    assert Mixture(MEMBERS, "per-channel", size=3, dim=-1)(torch.ones(2, 5, 3)).shape == (2, 5, 3)


def test_weights_are_learned() -> None:
    """A mixture of tanh and x² learns that the target is x²."""
    module = Mixture(["tanh", "x**2"], "softmax")
    optimiser = torch.optim.Adam(module.parameters(), lr=0.1)
    x = torch.linspace(-2, 2, 64)
    for _ in range(200):
        optimiser.zero_grad()
        (module(x) - x**2).square().mean().backward()
        optimiser.step()
    pruned = module.prune(x)
    assert pruned.activation.formula == "x**2" and pruned.share > 0.95 and pruned.loss < 0.1


def test_pruning_tells_what_it_costs() -> None:
    module = Mixture(["relu", "tanh"], "sum")
    pruned = module.prune()
    assert pruned.share == pytest.approx(0.5) and 0.2 < pruned.loss < 0.9


@pytest.mark.parametrize("how", ["sum", "softmax", "gated"])
def test_copies_and_dtypes(how: str) -> None:
    module = Mixture(MEMBERS, how)  # pyright: ignore[reportArgumentType]
    x = torch.ones(2, 3)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(x), module(x))
    assert module(x.half()).dtype == torch.float16
    assert torch.allclose(torch.func.vmap(module)(x), module(x))
    assert "relu" in repr(module)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"specs": ["relu"]}, "fewer than two"),
        ({"specs": MEMBERS, "how": "sofmax"}, "softmax"),
        ({"specs": MEMBERS, "how": "per-channel"}, "size"),
        ({"specs": MEMBERS, "how": "sum", "size": 3}, "size"),
        ({"specs": ["relu", "tnah"]}, "tanh"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(RheobaseError, match=message):
        Mixture(**arguments)  # pyright: ignore[reportArgumentType]


def test_a_wrong_number_of_channels() -> None:
    with pytest.raises(RheobaseError, match="3 channels"):
        Mixture(MEMBERS, "per-channel", size=3)(torch.ones(2, 4))
    with pytest.raises(RheobaseError, match="channel"):
        Mixture(MEMBERS, "per-channel", size=3).collapse()
