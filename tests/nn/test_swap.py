"""swap_: what was changed computes what a model written with the new function computes; what was not is as it was."""

from __future__ import annotations

import copy
import inspect
import pickle
import warnings
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nn import models
from nn.models import Calling, CallingTwin, Holding
from rheobase.errors import RheobaseError
from rheobase.nn import Activation, Mixture, swap_

X = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))


UNSAFE = ["Masked", "Asking", "Branching", "InPlace", "Changing", "Without", "Decorated", "Again", "Keeping", "Random"]


def made(model: type[nn.Module] | Any, *args: Any) -> Any:
    torch.manual_seed(0)
    return model(*args)


def seeded(model: nn.Module, *args: Any) -> torch.Tensor:
    torch.manual_seed(3)
    return model(*args)


def portrait(model: nn.Module) -> list[Any]:
    """All that could be changed in a model."""
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()]
    parts = [(path, type(m), m.training, list(m._modules)) for path, m in model.named_modules()]
    held = [{k: id(v) for k, v in (vars(m) | m._modules).items()} for m in model.modules()]
    return [hooks, parts, held, {name: t.clone().tolist() for name, t in model.state_dict().items()}]


@pytest.mark.parametrize("training", [True, False])
def test_calls_in_the_code(training: bool) -> None:
    model, twin = made(Calling).train(training), made(CallingTwin, torch.sigmoid).train(training)
    done = swap_(model, {"relu": "sigmoid"})
    assert [c.kind for c in done.changes] == ["call"] * 5 and not done.left
    for args in ((X,), (X, 0.5)):
        assert torch.allclose(seeded(model, *args), seeded(twin, *args), atol=1e-6)
    model.train(not training)
    twin.train(not training)
    assert torch.allclose(seeded(model, X), seeded(twin, X), atol=1e-6)
    assert isinstance(model, Calling) and list(model.state_dict()) == list(made(Calling).state_dict())


def test_calls_are_reported_with_file_and_line() -> None:
    done = swap_(made(Calling), {"relu": "tanh"}, dry_run=True)
    lines, first = inspect.getsourcelines(Calling.forward)
    at = first + next(i for i, line in enumerate(lines) if "F.relu" in line)
    assert done.changes[0].where == f"models.py:{at}"
    helper = inspect.getsourcelines(models.helped)[1] + 1
    assert [c.where for c in done.changes].count(f"models.py:{helper}") == 2


def test_modules_and_attributes() -> None:
    model, twin = made(Holding), made(Holding, torch.tanh, nn.Tanh)
    done = swap_(model, {"relu": nn.Tanh})
    assert sorted(c.path for c in done.changes) == ["act", "net.1", "net.3", "shared"]
    assert model.shared is model.net[1] is not model.net[3]
    assert torch.equal(model(X), twin(X))


@pytest.mark.parametrize("old", ["relu", "gelu", F.gelu, nn.ReLU()])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_transformer_computes_the_new_function_in_evaluation_too(old: Any, norm_first: bool) -> None:
    def encoder(activation: Any) -> nn.Module:
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(8, 2, 16, activation=activation, batch_first=True, norm_first=norm_first)
        return nn.TransformerEncoder(layer, 2).eval()

    model, twin = encoder(old), encoder(torch.tanh)
    x, padding = torch.randn(2, 3, 8), torch.tensor([[False, False, True], [False, False, False]])
    before = portrait(model)
    done = swap_(model, {"relu": "tanh", "gelu": "tanh"})
    with torch.no_grad():
        assert torch.allclose(model(x), twin(x), atol=1e-6)
        kept = ~padding
        padded = (m(x, src_key_padding_mask=padding)[kept] for m in (model, twin))
        assert torch.allclose(*padded, atol=1e-6)
    done.undo()
    assert portrait(model) == before


@pytest.mark.parametrize("kind", UNSAFE)
def test_calls_that_cannot_be_replaced_safely_are_left_and_told(kind: str) -> None:
    model = nn.Sequential(made(getattr(models, kind)), nn.ReLU())
    before = portrait(model)
    done = swap_(model, {"relu": "tanh"})
    lines, first = inspect.getsourcelines(getattr(models, kind).forward)
    at = first + next(i for i, line in enumerate(lines) if "F.relu" in line)
    assert done.left[0].where == f"models.py:{at}" and done.left[0].reason and len(done.changes) == 1
    done.undo()
    assert portrait(model) == before
    with pytest.raises(RheobaseError, match=rf"models\.py:{at}"):
        swap_(made(getattr(models, kind)), {"relu": "tanh"})


@pytest.mark.parametrize("kind", [Calling, Holding])
@pytest.mark.parametrize("how", [{"dry_run": True}, {"dry_run": True, "batch": X}, {}, {"batch": X}, {"anneal": 3}])
def test_dry_run_and_undo_leave_no_trace(kind: type[nn.Module], how: dict[str, Any]) -> None:
    model = made(kind)
    before, output = portrait(model), seeded(model, X)
    done = swap_(model, {"relu": "swish"}, **how)
    assert done.changes and ("would be" in str(done)) == done.dry_run
    if not done.dry_run:
        assert portrait(model) != before
        done.undo()
    assert portrait(model) == before and torch.equal(seeded(model, X), output)
    with pytest.raises(RheobaseError, match="nothing to undo"):
        done.undo()


def test_two_changes_are_undone_the_last_one_first() -> None:
    model = made(Calling)
    before = portrait(model)
    first, second = swap_(model, {"relu": "swish"}), swap_(model, {"tanh": "sine", "swish": "gelu"})
    assert [c.kind for c in second.changes] == ["module"] * 5 + ["call"]
    with pytest.raises(RheobaseError, match="later changes first"):
        first.undo()
    second.undo()
    first.undo()
    assert portrait(model) == before


def test_a_changed_model_is_copied_saved_compiled_and_exported() -> None:
    model = made(Calling).eval()
    swap_(model, {"relu": lambda: Activation("swish", learnable=True)})
    expected = model(X)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        with torch.no_grad():
            twin.activation_0.beta.fill_(3.0)
        assert isinstance(twin, Calling) and not torch.equal(twin(X), expected)
        assert torch.equal(model(X), expected)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    assert torch.allclose(compiled(X), expected, atol=1e-6)
    assert torch.allclose(torch.export.export(model, (X,)).module()(X), expected, atol=1e-6)


def test_the_code_is_recorded_again_when_what_it_depends_on_changes() -> None:
    model, twin = made(Calling).eval(), made(CallingTwin, torch.tanh).eval()
    swap_(model, {"relu": "tanh"})
    model(X)
    for one in (model, twin):
        one.layers.append(copy.deepcopy(one.layers[0]))
    model.layers[2] = nn.Sequential(model.layers[2])
    swap_(model, {"relu": "tanh"})  # the new layer's calls
    assert torch.allclose(model(X), twin(X), atol=1e-6)


def test_learned_successors_train_where_the_model_is() -> None:
    model = made(Calling).double()
    done = swap_(model, {"relu": lambda: Activation("swish", learnable=True)})
    betas = [m.beta for m in model.modules() if isinstance(m, Activation)]
    assert len(betas) == 5 and all(b.dtype == torch.float64 for b in betas)
    assert all("optimiser" in c.note for c in done.changes)
    model(X.double()).sum().backward()
    assert all(b.grad is not None and b.grad != 0 for b in betas)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("leaky_relu", ["0", "1"]),
        ("leaky_relu:negative_slope=0.2", ["1"]),
        (nn.LeakyReLU, ["0", "1"]),
        ("swish", ["2"]),
        ("gelu_tanh", ["3"]),
        ("where(x >= 0, x, x/5)", ["1"]),
        (Mixture, ["4"]),
    ],
)
def test_what_a_key_means(key: Any, found: list[str]) -> None:
    parts = [nn.LeakyReLU(), nn.LeakyReLU(0.2), nn.SiLU(), nn.GELU("tanh"), Mixture(["relu", "tanh"])]
    done = swap_(nn.Sequential(*parts), {key: "sine"}, dry_run=True)
    assert [c.path for c in done.changes] == found


def test_with_a_batch_the_change_of_every_layer_is_told() -> None:
    model = nn.Sequential(made(nn.Linear, 4, 6), nn.ReLU(), made(nn.Linear, 6, 2), nn.Softmax(1))
    hidden = model[0](X).detach()
    old, new = F.relu(hidden), torch.tanh(hidden)
    expected = {"1": float((new - old).norm() / old.norm())}
    with torch.no_grad():
        expected["2"] = float((model[2](new) - model[2](old)).norm() / model[2](old).norm())
    done = swap_(model, {"relu": "tanh"}, batch=X, anneal=10)
    assert done.effects["0"] == 0 and list(done.effects) == ["0", "1", "2", ""]
    assert {k: done.effects[k] for k in expected} == pytest.approx(expected, rel=1e-5)
    assert f"{done.effects['']:.1%}" in str(done) and done.to_dict()["effects"] == done.effects
    done.undo()
    assert "not finite" in swap_(model, {"relu": "exp(exp(exp(x + 9)))"}, batch=X, dry_run=True).warnings[-1]


def test_batches_of_all_forms_leave_buffers_and_random_numbers_alone() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout())
    before, state = portrait(model), torch.get_rng_state()
    for batch in (X, (X,), {"input": X}):
        swap_(model, {"relu": "tanh"}, batch=batch, dry_run=True)
    assert portrait(model) == before and torch.equal(torch.get_rng_state(), state)


def test_fading() -> None:
    model, old, new = (made(Holding, f, m) for f, m in ((F.relu, nn.ReLU), (F.relu, nn.ReLU), (torch.tanh, nn.Tanh)))
    done = swap_(model, {"relu": nn.Tanh}, anneal=4)
    assert torch.equal(model(X), old(X))
    assert done.step() == 0.25
    assert torch.allclose(model.act(X), 0.75 * F.relu(X) + 0.25 * torch.tanh(X), atol=1e-6)
    assert [done.step() for _ in range(4)] == [0.5, 0.75, 1.0, 1.0]
    assert torch.equal(model(X), new(X)) and isinstance(model.shared, nn.Tanh) and model.shared is model.net[1]
    done.undo()
    assert torch.equal(model(X), made(Holding)(X))


def test_a_trained_model_is_warned_of_and_a_fresh_one_is_not() -> None:
    torch.manual_seed(0)
    inputs = torch.randn(256, 16)
    target = inputs[:, :4].sum(1, keepdim=True)
    model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        swap_(model, {"relu": "swish"}).undo()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(100):
        optimiser.zero_grad()
        (model(inputs) - target).square().mean().backward()
        optimiser.step()
    with pytest.warns(UserWarning, match="look trained"):
        swap_(model, {"relu": "swish"}).undo()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "look trained" in swap_(model, {"relu": "swish"}, anneal=10).warnings[0]


@pytest.mark.parametrize("shape", [(8, 8), (10, 64), (64, 64), (32, 27)])
def test_no_random_start_looks_trained(shape: tuple[int, int]) -> None:
    from rheobase.nn.trained import signs_of_training

    starts = [nn.init.xavier_normal_, nn.init.kaiming_uniform_, nn.init.orthogonal_, nn.init.trunc_normal_]
    for seed in range(40):
        layer = made(nn.Linear, *shape)
        torch.manual_seed(seed)
        starts[seed % 4](layer.weight)
        assert signs_of_training(layer) == []
    norm = nn.BatchNorm1d(3)
    norm(torch.randn(4, 3))
    assert "seen batches" in signs_of_training(norm)[0]


class Raising(nn.Module):
    """Raises at a certain call."""

    def __init__(self, error: type[BaseException], at: int) -> None:
        super().__init__()
        self.error, self.at = error, [at]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.at[0] -= 1
        if self.at[0] == 0:
            raise self.error("now")
        return x


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_model_that_raises_is_left_as_it_was(error: type[BaseException], at: int) -> None:
    model = nn.Sequential(made(Calling), nn.Linear(3, 3), nn.ReLU(), Raising(error, at))
    before = portrait(model)
    with pytest.raises(RheobaseError if error is ValueError else error, match="now"):
        swap_(model, {"relu": "tanh"}, batch=X)
    assert portrait(model) == before


@pytest.mark.parametrize(
    ("model", "mapping", "how", "message"),
    [
        (Holding(), {"rleu": "tanh"}, {}, "instead: relu"),
        (Holding(), {"relu": "tnah"}, {}, "instead: tanh"),
        (Holding(), {"gelu": "tanh"}, {}, "no gelu in the model; instead: relu"),
        (Holding(), {"relu": "elu:alpha=-1e400"}, {}, "alpha"),
        (Holding(), {"relu": 3}, {}, "int is no activation"),
        (Holding(), {"relu": lambda: 3}, {}, "int is no module"),
        (Holding(), {"relu": lambda x: x}, {}, "makes no module"),
        (Holding(), {3: "relu"}, {}, "nothing to look for"),
        (Holding(), {}, {}, "what becomes what"),
        (Holding(), {"relu": "tanh"}, {"anneal": 0}, "number of steps"),
        (Holding(), {"relu": "tanh"}, {"batch": X.double()}, "float64"),
        (Holding(), {"relu": "tanh"}, {"batch": X[:, :3]}, r"cannot be run on this batch \(float32 .*: RuntimeError"),
        (Holding(), {"relu": "tanh"}, {"batch": (X, X)}, "inputs alone"),
        (Holding(), {"relu": "tanh"}, {"batch": X.to("meta")}, "on meta"),
        (nn.GRU(2, 2), {"tanh": "relu"}, {}, "inside GRU"),
        (nn.Linear(2, 2), {"tanh": "relu"}, {}, "nor any activation"),
        (nn.ReLU(), {"relu": "tanh"}, {}, "itself"),
        ("model", {"relu": "tanh"}, {}, "no model"),
    ],
)  # fmt: skip
def test_bad_use(model: Any, mapping: Any, how: dict[str, Any], message: str) -> None:
    before = portrait(model) if isinstance(model, nn.Module) else None
    with pytest.raises(RheobaseError, match=message) as caught:
        swap_(model, mapping, **how)
    assert "\n" not in str(caught.value)
    assert before is None or portrait(model) == before
