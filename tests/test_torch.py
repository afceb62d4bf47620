"""PyTorch: every way in which a function is transformed, compiled, exported, stored or run in half precision."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

import rheobase as rb
from rheobase.catalogue import entries
from rheobase.lower import compiled

SMOOTH = ["swish", "gelu", "mish", "telu", "elu", "snake", "ncu", "softplus", "gelu_tanh", "sinc_af", "serf"]
FEW = ["swish", "elu", "telu", "derf", "relu6"]
"""Compiling takes some ten seconds each; these use every kind of helper, guard and tail."""


def points(dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.tensor([-30.0, -2.5, -1e-4, 0.3, 1.0, 7.0, 95.0], dtype=dtype)


@pytest.mark.parametrize("name", FEW)
def test_compiles_as_one_graph_and_keeps_its_digits(name: str) -> None:
    function = compiled(rb.get(name).bound, "torch")
    x = torch.tensor([-20.0, -1.0, -1e-6, 1e-7, 0.5, 3.0, 90.0], requires_grad=True)
    y = torch.compile(function, fullgraph=True)(x)
    y.sum().backward()
    truth = torch.from_numpy(rb.get(name).numpy(x.detach().double().numpy())).float()
    slope = torch.from_numpy(rb.get(name).derivative().numpy(x.detach().double().numpy())).float()
    assert torch.allclose(y.detach(), truth, rtol=2**-19, atol=0), (y, truth)
    assert x.grad is not None
    assert torch.allclose(x.grad, slope, rtol=2**-19, atol=2**-21), (x.grad, slope)


@pytest.mark.parametrize("name", SMOOTH)
def test_vmap_jvp_and_hessian_agree_with_the_symbolic_derivatives(name: str) -> None:
    activation = rb.get(name)
    function, x = compiled(activation.bound, "torch"), points()
    assert torch.equal(torch.func.vmap(function)(x.reshape(-1, 1)).reshape(-1), function(x))
    first = torch.from_numpy(activation.derivative().numpy(x.numpy()))
    tangent = torch.func.jvp(function, (x,), (torch.full_like(x, 2.0),))[1]
    assert torch.allclose(tangent, 2 * first, rtol=1e-12, atol=1e-14)
    second = torch.from_numpy(activation.derivative(2).numpy(x.numpy()))
    curved = torch.func.vmap(torch.func.hessian(function))(x)
    assert torch.allclose(curved, second, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_gradgradcheck(name: str) -> None:
    x = torch.tensor([-2.5, -0.3, 0.4, 3.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(compiled(rb.get(name).bound, "torch"), (x,))


@pytest.mark.parametrize("name", FEW)
def test_exports(name: str) -> None:
    module = rb.nn.Activation(name)
    x = points(torch.float32)
    exported = torch.export.export(module, (x,))
    # A traced program takes the forms that compilers keep exact, which round differently from the eager ones.
    assert torch.allclose(exported.module()(x), module(x), rtol=2**-21, atol=0)


@pytest.mark.parametrize("name", ["swish", "gelu", "elu", "mish"])
def test_autocast_keeps_the_values(name: str) -> None:
    module = rb.nn.Activation(name)
    x = points(torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = module(x)
    assert inside.dtype == torch.bfloat16
    assert torch.equal(inside, module(x))


@pytest.mark.parametrize("name", ["heaviside", "sign", "rsign"])
def test_a_flat_function_stays_attached_to_the_graph(name: str) -> None:
    if name not in entries():
        pytest.fail(f"{name} is not in the catalogue any more")
    x = points().requires_grad_(True)
    y = compiled(rb.get(name).bound, "torch")(x)
    assert y.requires_grad
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.abs().max() == 0


def test_a_module_survives_copy_pickle_and_state() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), rb.nn.Activation("swish:beta=1.5"))
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    expected = model(x)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(twin(x), expected)
    twin = torch.nn.Sequential(torch.nn.Linear(3, 4), rb.nn.Activation("swish:beta=1.5"))
    twin.load_state_dict(model.state_dict())
    assert torch.equal(twin(x), expected)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_shape_and_dtype_are_kept(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    x = torch.ones(shape, dtype=dtype)
    for name in ("swish", "elu", "heaviside", "telu", "identity"):
        y = rb.get(name)(x)
        assert (y.shape, y.dtype, y.device) == (x.shape, x.dtype, x.device)
    assert rb.define("1")(x).shape == x.shape


def test_integers_take_the_default_dtype() -> None:
    y = rb.get("relu")(torch.tensor([-1, 2]))
    assert y.dtype == torch.get_default_dtype()
    assert y.tolist() == [0.0, 2.0]


def test_a_complex_tensor_is_refused() -> None:
    with pytest.raises(rb.RheobaseError, match="complex"):
        rb.get("relu")(torch.tensor([1j]))


def test_a_sequence_of_layers_trains() -> None:
    torch.manual_seed(0)
    x = torch.linspace(-2, 2, 64).reshape(-1, 1)
    model = torch.nn.Sequential(torch.nn.Linear(1, 16), rb.nn.Activation("x*tanh(x)"), torch.nn.Linear(16, 1))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        optimiser.zero_grad()
        loss = ((model(x) - x**2) ** 2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]
    assert np.isfinite(losses).all()
