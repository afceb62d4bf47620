"""`init_` used badly, interrupted, or run dry: one clear line, and a model that is bit for bit as it was."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, parametrize

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.nn.shifted import Shifted
from rheobase.nn.starting import init_, run


def network() -> nn.Sequential:
    """Enough to be wrapped, normed and dropped out."""
    return nn.Sequential(
        nn.Linear(6, 16),
        nn.BatchNorm1d(16),
        nn.GELU(),
        nn.Dropout(0.5),
        nn.Linear(16, 16),
        nn.Sigmoid(),
        nn.Linear(16, 2),
    )


def first(model: nn.Module) -> Tensor:
    """The first layer's weight."""
    return model.get_parameter("0.weight")


class State:
    """All that a model holds, and whether it still does."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.modules = list(model.modules())
        self.modes = [m.training for m in self.modules]
        self.values = {k: v.clone() for k, v in model.state_dict().items()}
        self.random = torch.get_rng_state()

    def holds(self) -> bool:
        now = self.model.state_dict()
        return (
            all(a is b for a, b in zip(self.model.modules(), self.modules, strict=True))
            and [m.training for m in self.modules] == self.modes
            and now.keys() == self.values.keys()
            and all(torch.equal(v, self.values[k]) for k, v in now.items())
            and not any(m._forward_hooks or m._forward_pre_hooks for m in self.modules)
        )


class Raising(nn.Module):
    """Raises once it is run on numbers."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error, self.body = error, network()

    def forward(self, x: Tensor) -> Tensor:
        h = self.body(x)
        if type(x) is Tensor:
            raise self.error
        return h


X = torch.randn(32, 6, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("batch", "more", "told"),
    [
        (torch.randn(32, 7), {}, r"cannot be run on this batch \(float32 \(32, 7\) on cpu\): RuntimeError"),
        (X.double(), {}, "float64"),
        (X[:1], {}, "cannot be run on this batch"),
        ((X, X), {}, "cannot be run on this batch"),
        ({"y": X}, {}, "cannot be run on this batch"),
        (torch.randint(0, 5, (32, 6)), {}, "int64"),
        (X * float("nan"), {}, "not finite"),
        (X.to("meta"), {}, "meta device"),
        (X[:0], {}, "empty, or 0 everywhere"),
        (0 * X, {}, "empty, or 0 everywhere"),
        ("x", {}, "str is no batch"),
        (None, {"how": "theori"}, "how='theori' is no way to start; instead: how='theory'"),
        (None, {"weights": "uniform"}, "weights='uniform' is no way to start; instead: weights='normal'"),
        (None, {"within": 0}, "within=0"),
        (None, {"within": "much"}, "within='much'"),
        (None, {"seed": "one"}, "seed='one'"),
        (None, {"seed": True}, "seed=True"),
        (None, {"seed": 2**70}, "of 64 bits"),
    ],
)
def test_bad_use_is_told_in_one_line_and_changes_nothing(batch: Any, more: dict[str, Any], told: str) -> None:
    model = network()
    state = State(model)
    with pytest.raises(RheobaseError, match=told) as caught:
        init_(model, batch, **more)
    assert "\n" not in str(caught.value) and state.holds()


def lazy() -> nn.Module:
    return nn.Sequential(nn.LazyLinear(4), nn.ReLU())


def inferring() -> nn.Module:
    with torch.inference_mode():
        return network()


def looking() -> nn.Module:
    class Looking(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = network()

        def forward(self, x: Tensor) -> Tensor:
            return self.body(x) if x.sum() > 0 else x

    return Looking()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: "model", "str is no model"),
        (lambda: nn.Sequential(nn.ReLU()), "no linear layer"),
        (
            lambda: nn.Sequential(nn.Linear(6, 3), nn.Flatten(), nn.Linear(3, 2)),
            "no activation was found in Sequential",
        ),
        (lambda: network().to("meta"), "meta device"),
        (inferring, "made in inference mode"),
        (lazy, "no size yet; instead: run the model once"),
        (looking, r"torch.fx cannot follow the model: .*instead: init_\(model, batch\)"),
        (lambda: torch.jit.script(nn.Sequential(nn.Linear(6, 3), nn.ReLU())), "scripted"),
    ],
)
def test_a_model_that_cannot_be_started_says_why(make: Any, told: str) -> None:
    with pytest.raises(RheobaseError, match=told) as caught:
        init_(make())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [ValueError("no\nluck"), KeyboardInterrupt(), RheobaseError("own", instead="other")])
def test_a_model_that_raises_is_as_it_was(error: BaseException) -> None:
    model = Raising(error)
    state = State(model)
    wanted = RheobaseError if isinstance(error, Exception) else KeyboardInterrupt
    with pytest.raises(wanted):
        init_(model, X)
    assert state.holds()


@pytest.mark.parametrize("at", [1, 2])
def test_an_interruption_at_the_very_end_takes_everything_back(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wraps are those of the copy: interrupted are those of the model, after its weights have changed."""
    model, count, wrap = network(), [0], run._wrap
    state = State(model)

    def interrupted(where: nn.Module, choice: Any) -> Any:
        count[0] += where is model
        if where is model and count[0] == at:
            assert not torch.equal(first(model), state.values["0.weight"])
            raise KeyboardInterrupt("by the user")
        return wrap(where, choice)

    monkeypatch.setattr(run, "_wrap", interrupted)
    with pytest.raises(KeyboardInterrupt):
        init_(model, X)
    assert state.holds()


@pytest.mark.parametrize("batch", [None, X])
def test_a_dry_run_changes_nothing_and_says_what_would_be_done(batch: Any) -> None:
    model = network()
    state = State(model)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    dry = init_(model, batch, dry_run=True)
    assert state.holds() and torch.equal(torch.get_rng_state(), before)
    done = init_(model, batch)
    assert [x.to_dict() for x in dry.layers] == [x.to_dict() for x in done.layers]
    assert dry.dry and "nothing was changed" in str(dry) and not state.holds()


def test_the_seed_decides_and_a_second_time_gives_the_same() -> None:
    model = network()
    init_(model, X, seed=4)
    once = {k: v.clone() for k, v in model.state_dict().items()}
    wrapped = model[2]
    init_(model, X, seed=4)
    again = model.state_dict()
    assert once.keys() == again.keys() and all(torch.equal(v, again[k]) for k, v in once.items())
    assert isinstance(model[2], Shifted) and isinstance(model[2].function, nn.GELU) and model[2] is not wrapped
    torch.manual_seed(9)
    init_(model)
    other = first(model).clone()
    torch.manual_seed(9)
    init_(model)
    assert torch.equal(first(model), other)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_another_dtype(dtype: torch.dtype) -> None:
    model = network().to(dtype)
    report = init_(model, X.to(dtype), seed=0)
    assert all(p.dtype == dtype for p in model.parameters()) and model(X.to(dtype)).dtype == dtype
    assert report.verified
    reference = network()
    init_(reference, seed=0)
    assert torch.allclose(first(model).float(), first(reference), atol=0.1)


def test_what_is_frozen_computed_or_shared_is_left_and_said() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.frozen = nn.Embedding(9, 16), nn.Linear(16, 16).requires_grad_(False)
            self.normed = parametrizations.weight_norm(nn.Linear(16, 16))
            self.free, self.tied = nn.Linear(16, 16), nn.Linear(16, 16)
            self.tied.weight = self.free.weight
            self.head = nn.Linear(16, 9)
            self.head.weight = self.words.weight

        def forward(self, x: Tensor) -> Tensor:
            h = F.gelu(self.frozen(self.words(x)))
            h = F.gelu(self.free(F.gelu(self.normed(h))))
            return self.head(torch.tanh(self.tied(h)))

    model, words = Model(), torch.randint(0, 9, (8, 5))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    report = init_(model, words, seed=0)
    after = model.state_dict()
    changed = {k for k, v in after.items() if not torch.equal(v, before[k])}
    assert {k for k in changed if "bias" not in k} == {"free.weight", "tied.weight"}
    assert {k.split(".")[0] for k in changed} == {"free", "tied"}
    notes = {x.name: x.note for x in report.layers}
    assert "frozen" in notes["frozen"] and "parametrization" in notes["normed"] and "embedding" in notes["head"]
    assert "another layer's" in notes["tied"] and parametrize.is_parametrized(model.normed)
    assert "no bias" in report.activations[0].reason  # of a frozen layer none may be set


@pytest.mark.parametrize("wrap", [nn.DataParallel, torch.compile])
def test_a_model_in_a_wrapper_is_started_inside(wrap: Any) -> None:
    model = network()
    report = init_(wrap(model), X, seed=0)
    assert len(report.layers) == 4 and isinstance(model[2], Shifted) and report.verified


def test_what_cannot_be_followed_is_named() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent, self.end = nn.GRU(6, 8, batch_first=True), nn.Linear(8, 8)
            self.weight, self.last = nn.Parameter(torch.ones(4, 8)), nn.Conv1d(1, 1, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            h, _ = self.recurrent(x)
            return self.last(torch.sigmoid(F.linear(F.relu(self.end(h[:, -1])), self.weight)[:, None]))

    model = Model()
    kept = model.get_parameter("recurrent.weight_ih_l0").clone()
    notes = init_(model, X.view(8, 4, 6)).notes
    assert torch.equal(model.get_parameter("recurrent.weight_ih_l0"), kept)
    assert any("recurrent (GRU)" in note for note in notes) and any("the model itself" in note for note in notes)


def test_a_shift_behind_zero_padding_says_that_the_border_is_not_exact() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv1d(1, 4, 3), nn.Conv1d(4, 1, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(torch.sigmoid(self.a(x)))

    assert "border" in init_(Model()).layers[1].note


def test_a_shifted_model_is_copied_stored_and_not_loaded_into_another() -> None:
    model = network().eval()
    init_(model, seed=0)
    with torch.no_grad():
        wanted = model(X)
        assert torch.equal(copy.deepcopy(model)(X), wanted) and torch.equal(
            pickle.loads(pickle.dumps(model))(X), wanted
        )
    stream = io.BytesIO()
    torch.save(model.state_dict(), stream)
    stream.seek(0)
    stored = torch.load(stream)
    with pytest.raises(RuntimeError, match="input_shift"):
        network().load_state_dict(stored)
    fresh = network().eval()
    init_(fresh)
    fresh.load_state_dict(stored)
    with torch.no_grad():
        assert torch.equal(fresh(X), wanted)


def test_the_name_that_people_type() -> None:
    assert rb.nn.init_ is init_ and rb.nn.Shifted is Shifted
