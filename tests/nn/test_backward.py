"""A backward of one's own: the value is the function's to the bit, the gradient another's, also when transformed."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.nn import Activation

X = torch.linspace(-3.1, 3.1, 41)
STEP = Activation("step", backward="sigmoid(4*x)")


def slope(x: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(rb.get("sigmoid(4*x)").derivative()(x.double())).float()


@pytest.mark.parametrize("spec", ["step", "relu", "gelu", "sine"])
def test_values_are_the_function_s_to_the_bit(spec: str) -> None:
    assert torch.equal(Activation(spec, backward="tanh")(X), Activation(spec)(X))


def test_the_gradient_is_the_stand_in_s() -> None:
    x = X.clone().requires_grad_()
    STEP(x).sum().backward()
    assert x.grad is not None and torch.allclose(x.grad, slope(X), atol=1e-6)
    assert float(STEP.definition.derivative()(0.5)) == 0


def test_under_transformations() -> None:
    assert torch.allclose(torch.func.jvp(STEP, (X,), (torch.ones_like(X),))[1], slope(X), atol=1e-6)
    each = torch.func.vmap(torch.func.grad(lambda v: STEP(v).sum()))(X)
    assert torch.allclose(each, slope(X), atol=1e-6)
    for twin in (copy.deepcopy(STEP), pickle.loads(pickle.dumps(STEP))):
        assert torch.equal(twin(X), STEP(X)) and "sigmoid(4*x)" in repr(twin)


def published(spec: str, x: float) -> float:
    """The slopes that the publications give, by hand, at threshold 0.2 where there is one."""
    z = x - 0.2
    match spec:
        case "heaviside":
            return 1 / (1 + abs(z)) ** 2  # Zenke & Ganguli 2018
        case "sign":
            return float(abs(x) <= 1)  # Courbariaux et al. 2016
        case _:
            return 2 - 2 * abs(z) if abs(z) < 1 else 0.0  # Liu et al. 2018


@pytest.mark.parametrize("spec", ["heaviside", "sign", "rsign"])
def test_an_entry_s_own_backward(spec: str) -> None:
    values = "" if spec == "sign" else ":threshold=0.2"
    module = Activation(spec + values, backward=True)
    x = X.clone().requires_grad_()
    out = module(x)
    out.sum().backward()
    assert x.grad is not None and torch.allclose(
        x.grad, torch.tensor([published(spec, float(v)) for v in X]), atol=1e-6
    )
    assert torch.equal(out.detach(), Activation(spec + values)(X)), "the value is the function's own"
    assert not module.definition.derivative()(X).any() and "not its own" in repr(module)
    for true in (Activation(spec + values), Activation(spec + values, backward=False)):
        y = X.clone().requires_grad_()
        assert not torch.autograd.grad(true(y).sum(), y)[0].any() and "backward" not in repr(true)


def test_a_learned_threshold_learns_through_the_entry_s_backward() -> None:
    """The derivative of 2z − z|z|, z = x − threshold, in the threshold; one's own stand-in keeps its numbers."""
    module = Activation("rsign", learnable=True, backward=True, per="channel", size=2)
    out = module(torch.tensor([[0.25, 0.5], [-0.5, 2.0]]))
    out.sum().backward()
    own = module.threshold
    assert isinstance(own, torch.nn.Parameter) and own.grad is not None
    assert own.grad.tolist() == [-1.5 - 1.0, -1.0 - 0.0]
    fixed = Activation("rsign", learnable=True, backward="tanh(x - threshold); threshold=1")
    fixed(torch.zeros(1, requires_grad=True)).sum().backward()
    assert isinstance(fixed.threshold, torch.nn.Parameter) and fixed.threshold.grad in (None, 0)


def test_where_the_stand_in_overflows_nothing_breaks() -> None:
    module = Activation("relu", backward="exp(x)")
    x = torch.tensor([1000.0], requires_grad=True)
    y = module(x)
    assert y.item() == 1000.0


def test_learned_parameters_keep_their_own_gradient() -> None:
    module = Activation("prelu", True, backward="x")
    x = torch.tensor([-2.0], requires_grad=True)
    module(x).sum().backward()
    (own,) = module.parameters()
    assert own.grad is not None and own.grad.item() == -2 and x.grad is not None and x.grad.item() == 1


def test_a_step_that_trains_learns_and() -> None:
    """Four points, one neuron: with the true gradient no weight moves, with the stand-in AND is learned."""
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = torch.tensor([0.0, 0, 0, 1])
    right = {}
    for name, act in {"true": Activation("step"), "stand-in": Activation("step", backward="sigmoid(2*x)")}.items():
        torch.manual_seed(0)
        layer = torch.nn.Linear(2, 1)
        before = layer.weight.detach().clone()
        optimiser = torch.optim.SGD(layer.parameters(), lr=0.5)
        for _ in range(200):
            optimiser.zero_grad()
            ((act(layer(x))[:, 0] - y) ** 2).mean().backward()
            optimiser.step()
        right[name] = (int((act(layer(x))[:, 0] == y).sum()), torch.equal(before, layer.weight))
    assert right["stand-in"] == (4, False) and right["true"][1]


def test_it_is_said() -> None:
    assert "backward: the derivative of sigmoid(4*x), not its own" in repr(STEP)
    with pytest.raises(RheobaseError):
        Activation("step", backward="sigmiod(x)")
    with pytest.raises(RheobaseError, match="no backward of its own"):
        Activation("relu", backward=True)
    assert rb.check("step", "monotone").remark in str(rb.check("step", "monotone")) != ""
    assert rb.check("step:threshold=2", "monotone").to_dict()["backward"] == "(x - 2)/(1 + abs(x - 2))"
    assert rb.check("relu", "monotone").remark == ""
