"""cost: every figure against one worked out by hand, the model as it was."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from nn.models import Calling
from nn.test_swap import Raising, portrait
from rheobase.errors import RheobaseError
from rheobase.nn import Activation, cost

N, FLOAT = 5, 4


def test_layers_and_activations_by_hand() -> None:
    model = nn.Sequential(nn.Linear(3, 7), nn.ReLU(), nn.Linear(7, 7, bias=False), Activation("relu"), nn.Linear(7, 2))
    found = cost(model, torch.ones(N, 3))
    rows = {row.path: row for row in found.rows}
    assert {p: r.parameters for p, r in rows.items()} == {"0": 28, "1": 0, "2": 49, "3": 0, "4": 16}
    assert {p: r.flops for p, r in rows.items()} == {"0": 2 * N * 21, "1": 0, "2": 2 * N * 49, "3": 0, "4": 2 * N * 14}
    # A linear layer keeps its input, ReLU its output, which is the next layer's input and counts once.
    assert (rows["0"].kept, rows["1"].kept, rows["2"].kept) == (N * 3 * FLOAT, N * 7 * FLOAT, 0)
    assert rows["1"].elementwise == N * 7
    assert found.by_activation["relu"].calls == 2
    assert found.total.parameters == sum(p.numel() for p in model.parameters())


def test_convolution_code_and_shared_parameters() -> None:
    convolution = nn.Conv2d(3, 4, 3)
    found = cost(nn.Sequential(convolution, nn.Tanh(), nn.Flatten()), torch.ones(2, 3, 6, 6)).rows
    assert found[0].flops == 2 * 2 * 4 * (3 * 9) * 4 * 4 and found[1].kept == 2 * 4 * 4 * 4 * FLOAT
    model = Calling().eval()
    assert next(r for r in cost(model, torch.ones(N, 4)).rows if r.path == "").elementwise >= N * 8 * 5
    tied = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    assert cost(tied, torch.ones(N, 3)).total.parameters == 9 + 3 + 3


def test_a_cheaper_function_is_cheaper() -> None:
    def costs(spec: Any) -> Any:
        return cost(nn.Sequential(nn.Linear(3, 3), Activation(spec)), torch.ones(N, 3)).total

    assert costs("relu").kept < costs("x*tanh(exp(x)) + sin(x)").kept
    assert costs("relu").elementwise < costs("x*tanh(exp(x)) + sin(x)").elementwise


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_as_it_was(training: bool) -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(), Calling()).train(training)
    before, state = portrait(model), torch.get_rng_state()
    with torch.no_grad():
        found = cost(model, {"input": torch.ones(N, 4)})
    assert portrait(model) == before and torch.equal(torch.get_rng_state(), state)
    assert all(p.grad is None for p in model.parameters()) and found.total.kept > 0
    assert found.to_dict()["total"]["flops"] == found.total.flops and "the model" in str(found)


class Growing(nn.Module):
    """Puts a longer tensor in the place of a buffer, and one where none was."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(0, 4))
        self.register_buffer("last", None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen, self.last = torch.cat([self.get_buffer("seen"), x.detach()]), x.detach()
        return x


def test_buffers_that_are_replaced_or_made_in_inference_mode_are_as_they_were() -> None:
    model = nn.Sequential(nn.Linear(4, 4), Growing(), nn.ReLU())
    before = portrait(model)
    assert cost(model, torch.ones(N, 4)).total.flops == 2 * N * 16 and portrait(model) == before
    with torch.inference_mode():
        model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    before = portrait(model)
    with pytest.raises(RheobaseError, match="cannot be run"):
        cost(model, torch.ones(N, 4))
    assert portrait(model) == before


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_hooks_are_gone_after_an_exception(error: type[BaseException]) -> None:
    model = nn.Sequential(nn.Linear(4, 4), Raising(error, 1))
    before = portrait(model)
    with pytest.raises(RheobaseError if error is ValueError else error, match="now"):
        cost(model, torch.ones(N, 4))
    assert portrait(model) == before
    for bad in (torch.ones(N, 3), torch.ones(N, 4).double(), None):
        with pytest.raises(RheobaseError):
            cost(nn.Linear(4, 4), bad)
    with pytest.raises(RheobaseError, match="no model"):
        cost(torch.relu, torch.ones(1))  # pyright: ignore[reportArgumentType]
