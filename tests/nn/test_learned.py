"""Learned parameters: their gradients, domains, sizes, and every way a module is copied, stored and transformed."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from torch.nn.parameter import UninitializedParameter

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.errors import RheobaseError
from rheobase.nn import Activation, calculate_gain, parameter_groups
from rheobase.nn.domain import within

WITH_PARAMETERS = [*[id for id in entries() if rb.get(id).parameters][1::4], "elu", "lif", "squareplus"]
X = torch.linspace(-6.03, 5.98, 97, dtype=torch.float64)


@pytest.mark.parametrize("id", WITH_PARAMETERS)
def test_value_and_gradients_are_the_definition_s(id: str) -> None:
    """In x, and in every parameter, against the symbolic derivatives."""
    f = rb.get(id)
    module = Activation(id, list(f.parameters)).double()
    module.reset_parameters()
    x = X.clone().requires_grad_()
    y = module(x)
    y.sum().backward()
    truth = f(X)
    assert torch.allclose(y, truth, rtol=1e-12, atol=1e-13)
    assert x.grad is not None and torch.allclose(x.grad, f.derivative()(X), rtol=1e-10, atol=1e-11)
    for name, own in module.named_parameters():
        wanted = f.derivative(name)(X).sum()
        slope = torch.zeros((), dtype=torch.float64) if own.grad is None else own.grad
        assert torch.allclose(slope, wanted, rtol=1e-9, atol=1e-10), name


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtypes(dtype: torch.dtype) -> None:
    module = Activation("swish", True).to(dtype)
    assert module(torch.ones(3, dtype=dtype)).dtype == dtype


@pytest.mark.parametrize(
    ("per", "dim", "shape", "wanted"),
    [
        ("layer", 1, (2, 5), ()),
        ("channel", 1, (2, 5), (5,)),
        ("channel", 1, (2, 5, 7, 3), (5,)),
        ("channel", -1, (2, 7, 5), (5,)),
        ("neuron", 1, (2, 5, 3), (5, 3)),
    ],
)
def test_each_value_acts_on_its_own_place(per: str, dim: int, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    module = Activation("prelu", True, per=per, dim=dim)  # pyright: ignore[reportArgumentType]
    x = -torch.ones(shape)
    module(x)
    own = module.negative_slope
    assert isinstance(own, torch.Tensor) and own.shape == wanted
    with torch.no_grad():
        own.copy_(torch.arange(1.0, own.numel() + 1).reshape(own.shape))
    out = module(x)
    if per == "channel":
        moved = out.movedim(dim, -1).reshape(-1, 5)
        assert torch.equal(moved, -own.expand_as(moved))
    else:
        assert torch.equal(out, -own.expand(shape))


def test_the_size_may_wait_for_the_first_input() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), Activation("prelu", True, per="channel"))
    assert isinstance(model[1].negative_slope, UninitializedParameter) and "?" in repr(model)
    stored = copy.deepcopy(model).state_dict()
    model(torch.ones(3, 4))
    assert not isinstance(model[1].negative_slope, UninitializedParameter)
    fresh = torch.nn.Sequential(torch.nn.Linear(4, 6), Activation("prelu", True, per="channel"))
    fresh.load_state_dict(model.state_dict())
    for name, own in fresh.named_parameters():
        assert torch.equal(own, dict(model.named_parameters())[name])
    torch.nn.Sequential(torch.nn.Linear(4, 6), Activation("prelu", True, per="channel")).load_state_dict(stored)


def test_values_stay_in_their_domain() -> None:
    """Training that pushes a steepness below 0 finds it reflected, and back."""
    module = Activation(rb.define("x*sigmoid(a*x)", a=rb.param(0.1, learnable=True, low=0, high=1)))
    optimiser = torch.optim.SGD(module.parameters(), lr=0.5)
    for _ in range(50):
        optimiser.zero_grad()
        module(torch.tensor([1.0, 2.0])).sum().backward()
        optimiser.step()
        assert 0 <= float(module.value("a").detach()) <= 1


def test_an_open_end_is_not_reached() -> None:
    domain = rb.param(1.0, above=0)
    assert float(within(torch.tensor(0.0), domain)) > 0
    assert float(within(torch.tensor(-0.5), domain)) == 0.5


def test_survives_all_that_is_done_to_modules() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), rb.nn.PReLU(True, per="channel", size=6), rb.nn.Swish(True))
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    wanted = model(x)
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    for twin in (
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        torch.load(buffer, weights_only=False),
    ):
        assert torch.equal(twin(x), wanted)
    parameters: dict[str, torch.Tensor] = dict(model.named_parameters())
    assert torch.equal(torch.func.functional_call(model, parameters, (x,)), wanted)
    assert torch.allclose(torch.func.vmap(model)(x.expand(5, 3, 4))[2], wanted)
    exported = torch.export.export(model, (x,)).module()
    assert torch.allclose(exported(x), wanted)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert model(x).dtype == torch.bfloat16


def test_learned_parameters_have_no_weight_decay() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), Activation("swish", True), torch.nn.Linear(6, 2))
    rest, shapes = parameter_groups(model, weight_decay=0.3)
    assert rest["weight_decay"] == 0.3 and len(rest["params"]) == 4
    assert shapes["weight_decay"] == 0 and [id(p) for p in shapes["params"]] == [
        id(dict(model.named_parameters())["1.beta"])
    ]


def test_what_is_learned() -> None:
    assert Activation("swish").learned == ()
    assert Activation("swish", True).learned == ("beta",)
    assert Activation("x*sigmoid(b*x); b=learnable:1.5").learned == ("b",)
    assert Activation("x*sigmoid(b*x); b=learnable:1.5", False).learned == ()
    spread = Activation("prelu", True, per="channel", size=1000, spread=0.2).negative_slope
    assert isinstance(spread, torch.Tensor) and 0.03 < spread.std().item() < 0.07


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"spec": "relu", "learnable": True}, "no parameter to learn"),
        ({"spec": "swish", "learnable": ["bata"]}, "beta"),
        ({"spec": "swish", "learnable": True, "per": "chanel"}, "channel"),
        ({"spec": "swish", "learnable": True, "per": "channel", "size": 0}, "size=0"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(RheobaseError, match=message):
        Activation(**arguments)  # pyright: ignore[reportArgumentType]


def test_a_wrong_size_says_so() -> None:
    module = Activation("prelu", True, per="channel", size=3)
    with pytest.raises(RheobaseError, match="5 channels"):
        module(torch.ones(2, 5))
    with pytest.raises(RheobaseError, match="without a dimension"):
        module(torch.ones(3))


def test_classes_by_name() -> None:
    from rheobase.nn import NCU, LeakyReLU

    assert torch.equal(NCU()(torch.tensor(2.0)), torch.tensor(-6.0))
    assert LeakyReLU().definition.id == "leaky_relu" and type(NCU()).__name__ == "NCU"
    with pytest.raises(ImportError):
        from rheobase.nn import Swihs  # pyright: ignore[reportAttributeAccessIssue] # noqa: F401


def test_calculate_gain() -> None:
    assert calculate_gain("linear") == calculate_gain("conv2d") == 1
    assert calculate_gain("leaky_relu", 0.5) == pytest.approx((2 / 1.25) ** 0.5)
    with pytest.raises(RheobaseError, match="no gain"):
        calculate_gain("step")
    with pytest.raises(RheobaseError, match="no parameter"):
        calculate_gain("tanh", 0.3)
