"""Gated functions against the formulas of their papers, written out by hand."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rheobase.errors import RheobaseError
from rheobase.nn import Activation, Gated, swap_
from rheobase.nn.gated import VARIANTS

PAPERS: dict[str, Callable[[Tensor], Tensor]] = {
    "glu": torch.sigmoid,
    "bilinear": lambda x: x,
    "reglu": lambda x: x.clamp_min(0),
    "geglu": lambda x: x * 0.5 * (1 + torch.erf(x / 2**0.5)),
    "swiglu": lambda x: x / (1 + torch.exp(-x)),
}
X = torch.randn(3, 6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", VARIANTS)
def test_two_projections(name: str) -> None:
    module = Gated(name, 4, 5, dtype=torch.float64)
    v, w = module.value, module.gate
    expected = (X @ v.weight.T + v.bias) * PAPERS[name](X @ w.weight.T + w.bias)
    assert torch.allclose(module(X), expected, rtol=1e-12, atol=1e-14)
    assert sum(p.numel() for p in Gated(name, 4, 5, bias=False).parameters()) == 2 * 4 * 5


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("dim", [-1, 1, 2])
def test_cut_in_two(name: str, dim: int) -> None:
    size = X.shape[dim] // 2
    a, b = X.narrow(dim, 0, size), X.narrow(dim, size, size)
    assert torch.allclose(Gated(name, dim=dim)(X), a * PAPERS[name](b), rtol=1e-12, atol=1e-14)
    assert torch.allclose(Gated(name, dim=dim, gate_first=True)(X), b * PAPERS[name](a), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
def test_glu_is_torch_s_with_its_gradient(dtype: torch.dtype) -> None:
    mine, theirs = (X.to(dtype).clone().requires_grad_() for _ in range(2))
    out = Gated("glu", dim=1)(mine)
    expected = F.glu(theirs, dim=1)
    assert out.dtype == dtype
    near = 8 * torch.finfo(dtype).eps
    assert torch.allclose(out, expected, rtol=near, atol=near)
    out.sum().backward()
    expected.sum().backward()
    assert mine.grad is not None and theirs.grad is not None
    assert torch.allclose(mine.grad, theirs.grad, rtol=near, atol=near)


def test_any_function_is_a_gate_and_may_be_learned() -> None:
    module = Gated(Activation("swish", learnable=True), 4)
    module(X.float()).sum().backward()
    assert isinstance(module.activation.beta, nn.Parameter) and module.activation.beta.grad != 0
    assert torch.allclose(Gated("x*tanh(softplus(x))", dim=1)(X), X[:, :3] * F.mish(X[:, 3:]))
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(X.float()), module(X.float()))
    assert torch.allclose(torch.func.vmap(module)(X.float()), module(X.float()), atol=1e-6)
    assert [c.path for c in swap_(module, {"swish": "gelu"}).changes] == ["activation"]
    assert "gelu" in repr(module)


@pytest.mark.parametrize(
    ("arguments", "how", "message"),
    [
        (("swigul",), {}, "instead: swiglu"),
        (("silv",), {}, "instead: SiL"),
        (("swiglu", None, 4), {}, "without in_features"),
        (("swiglu", 0), {}, "in_features=0"),
        (("swiglu", 4, -1), {}, "out_features=-1"),
        (("swiglu", 4.5), {}, "in_features=4.5"),
        (("swiglu", True), {}, "in_features=True"),
        (("swiglu", 4), {"dim": 1}, "dim=1"),
        (("swiglu",), {"dim": "last"}, "dim='last' is no dimension"),
        ((3,), {}, "int is no activation"),
    ],
)
def test_bad_arguments(arguments: tuple[Any, ...], how: dict[str, Any], message: str) -> None:
    with pytest.raises(RheobaseError, match=message):
        Gated(*arguments, **how)


@pytest.mark.parametrize(
    ("module", "shape"), [(Gated("glu"), (2, 3)), (Gated("glu", dim=2), (2, 4)), (Gated("glu", 4), (2, 3))]
)
def test_inputs_that_do_not_fit(module: nn.Module, shape: tuple[int, ...]) -> None:
    with pytest.raises(RheobaseError, match=r"an input of shape"):
        module(torch.ones(shape))
