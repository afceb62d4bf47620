"""`--device`: what it changes, what it refuses, and that nothing of a training is left behind on the processor.

There is no accelerator here. Torch's `meta` device stands in for one: it computes shapes alone, and refuses whatever
mixes it with another device, just as an accelerator does.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

import rheobase as rb
from rheobase.cli.app import main
from rheobase.errors import RheobaseError
from rheobase.study import device
from rheobase.study.comparison import ask
from rheobase.study.device import placed, present, repeatable
from rheobase.study.own_training import own
from rheobase.study.recipe import shortened
from rheobase.study.runs import Contender, Plan, Run
from rheobase.study.spec import Function, Member, Stack, Task, Trial, trials, tuning_stack
from rheobase.study.store import Store, machine
from rheobase.study.tasks import find, tasks
from rheobase.study.training import fit

FUNCTION = Function("tanh(x)", {}, "0")


@pytest.fixture
def accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose torch says that it has CUDA."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.mark.parametrize("name", tasks())
def test_a_task_trains_where_it_is_told_to(name: str) -> None:
    """Every step runs, and then scores are wanted on the processor, which `meta` cannot give."""
    task = shortened(find(name), batches=2)
    stack = Stack(name, "final", next(iter(task.inits)), "", (Member(0, 0.01), Member(1, 0.01)), "meta")
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        task.train(stack, rb.nn.Activation("gelu"))


def test_a_tensor_left_on_the_processor_would_be_found() -> None:
    task = shortened(find("digits"))
    work = task.train.work()  # pyright: ignore[reportFunctionMemberAccess]
    stack = Stack("digits", "final", "default", "", (Member(0, 0.01),), "meta")
    left = torch.ones(64)
    with pytest.raises(RuntimeError, match="device"):
        fit(work, task.budget, task.metric, stack, lambda x: x * left)


def some(task: Task) -> tuple[Trial, ...]:
    return trials(tuning_stack(task, "default"), task, FUNCTION, "2.13.0")


def test_the_device_is_part_of_a_trials_name_and_the_processor_changes_none(tiny: Task) -> None:
    here, there = some(tiny), some(placed(tiny, "cuda"))
    assert {t.device for t in here} == {"cpu"} and {t.device for t in there} == {"cuda"}
    assert not {t.id for t in here} & {t.id for t in there}
    assert placed(tiny, "cuda").fingerprint == tiny.fingerprint
    one = Trial("t", "f", FUNCTION, "default", "tune", "", 0, 0.1, "s", "2.13.0")
    assert one.id == "416b325b2a9440c9a6d61647152c7f14", (
        "stores that were made before there were devices lose this name"
    )


def test_every_stack_of_a_run_carries_the_device(tiny: Task) -> None:
    for way in ("grid", "halving"):
        run = Run(Plan(placed(tiny, "mps"), (), ("default",), 4, way), Contender("tanh", FUNCTION), "default")
        run.arm = run.arm._replace(rate=0.1)
        assert {stack.device for stack in (*run.begin(), *run.seeds(4))} == {"mps"}


def test_times_of_a_device_are_its_own(tiny: Task) -> None:
    there = placed(tiny, "cuda")
    with Store(":memory:") as store:
        outcome = rb.study.spec.Outcome(0.5, 1.0, None, 0, (), 0.0)
        store.add([(t, outcome) for t in some(there)], seconds=6.0)
        assert store.seconds_a_trial(tiny) is None and store.seconds_a_trial(there) == 1.0
    assert machine("cuda") == machine() + " cuda"


def test_random_numbers_do_not_depend_on_the_device(tiny: Task) -> None:
    a, b = (Stack("t", "final", "default", "", (), d).generator(Member(0, 0.1), "weights") for d in ("cpu", "cuda"))
    assert torch.rand(3, generator=a).equal(torch.rand(3, generator=b)) and b.device.type == "cpu"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("gpu", "there is no device 'gpu'; instead: cpu, cuda, mps"),
        ("cuda:1", "CUDA_VISIBLE_DEVICES=1"),
        ("", "there is no device ''"),
    ],
)
def test_an_unknown_device_is_one_line(asked: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(RheobaseError) as caught:
        rb.compare("relu", "xor", seeds=2, device=asked, store=tmp_path / "s.sqlite")
    assert says in str(caught.value) and not (tmp_path / "s.sqlite").exists()


@pytest.mark.parametrize("kind", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_one_line(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = torch.cuda if kind == "cuda" else torch.backends.mps
    monkeypatch.setattr(module, "is_available", lambda: False)
    where = ["--store", str(tmp_path / "s.sqlite"), "--report", str(tmp_path / "r.html")]
    assert main(["compare", "relu", "--on", "xor", "--seeds", "2", "--device", kind, *where]) == 2
    told = capsys.readouterr().err.strip()
    assert told.count("\n") == 0 and f"finds no {kind} device here" in told and told.endswith("--device cpu")


def test_what_is_stored_of_a_device_is_shown_without_it(
    tiny: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained on `cpu` under another name: a store that comes from a machine with an accelerator."""
    store = tmp_path / "s.sqlite"
    monkeypatch.setattr(device, "present", lambda _: None)
    monkeypatch.setattr(rb.study.engine, "present", lambda _: None)
    plain = tiny.train
    elsewhere = dataclasses.replace(tiny, train=lambda stack, f: plain(dataclasses.replace(stack, device="cpu"), f))
    monkeypatch.setattr(rb.study.worker, "present", lambda _: None)
    monkeypatch.setattr(rb.study.worker, "repeatable", lambda _: repeatable("cpu"))
    first = rb.compare("relu", elsewhere, seeds=2, store=store, device="mps")
    monkeypatch.undo()
    again = rb.compare("relu", elsewhere, seeds=2, store=store, device="mps")
    assert (first.trained, again.trained) == (9, 0) and again.versions["device"] == "mps"
    assert "--device mps" in again.command and again.study != rb.compare("relu", tiny, seeds=2, store=store).study
    with pytest.raises(RheobaseError, match="finds no mps device"):
        rb.compare("relu", elsewhere, seeds=5, store=store, device="mps")


# ---------------------------------------------------------------------------------------------- a training of one's own


def told(activation, seed: int, learning_rate: float, device: str) -> float:
    return {"cpu": 0.25, "cuda": 0.5}[device] + 0.1 * learning_rate


def silent(activation, seed: int, learning_rate: float) -> float:
    return 0.5


@pytest.mark.usefixtures("accelerator")
def test_a_training_that_asks_is_told_its_device() -> None:
    for kind, least in (("cpu", 0.25), ("cuda", 0.5)):
        found = rb.compare("relu", told, seeds=2, store=":memory:", device=kind)
        assert found.rows[0].mean == pytest.approx(least, abs=0.01)


def test_a_training_that_does_not_ask_stays_on_the_processor() -> None:
    assert rb.compare("relu", silent, seeds=2, store=":memory:").rows[0].mean == 0.5
    with pytest.raises(RheobaseError, match=r"no argument `device`; instead: def silent\(.*device\)"):
        ask("relu", silent, device="cuda")
    assert not own(print).train.takes_device  # pyright: ignore[reportFunctionMemberAccess]


def test_on_an_accelerator_sums_have_one_order() -> None:
    before = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.allow_tf32
    with repeatable("cuda"):
        assert torch.are_deterministic_algorithms_enabled() and not torch.backends.cudnn.allow_tf32
    assert (torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.allow_tf32) == before
    with repeatable("cpu"):
        assert torch.are_deterministic_algorithms_enabled() == before[0]


def test_the_processor_is_always_there() -> None:
    present("cpu")
