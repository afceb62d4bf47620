"""`--engine ray`: the same numbers, a killed worker, errors; skipped where Ray is not installed."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study.cluster import Cluster, train_batch
from rheobase.study.pool import Answer, WorkerEndedError
from rheobase.study.question import versions
from rheobase.study.spec import STUDY_VERSION, Function, tuning_stack
from rheobase.study.tasks import find
from rheobase.study.worker import Failure, Job

MADE = (versions()["torch"], STUDY_VERSION)


def job(address: str, formula: str = "tanh(x)") -> Job:
    return Job(address, Function(formula, {}, "0"), tuning_stack(find(address), "default"))


# --------------------------------------------------------------------------------------------- what needs no Ray


def test_a_batch_trains_its_stacks_one_by_one_and_a_failure_costs_itself_alone(tiny_address: str) -> None:
    broken = Job("no-such-task", Function("x", {}, "0"), tuning_stack(find(tiny_address), "default"))
    first, failed, last = train_batch([job(tiny_address), broken, job(tiny_address, "sin(x)")], MADE)
    assert isinstance(failed, Failure) and "no-such-task" in failed.what
    for found in (first, last):
        assert isinstance(found, Answer) and len(found.outcomes) == 6 and found.seconds > 0


@pytest.mark.parametrize("made", [("1.0", STUDY_VERSION), (MADE[0], STUDY_VERSION + 1)])
def test_other_versions_on_the_cluster_are_refused(made: tuple[str, int]) -> None:
    with pytest.raises(RheobaseError, match="the same versions on the cluster"):
        train_batch([], made)


def test_a_missing_ray_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RheobaseError, match=r"pip install 'rheobase\[ray\]', or --engine inline"):
        rb.compare("relu", "xor", seeds=2, engine="ray", store=tmp_path / "s.sqlite")


def test_a_task_without_an_address_cannot_travel() -> None:
    with pytest.raises(RheobaseError, match="this process alone knows"):
        rb.compare("relu", find("xor"), seeds=2, engine="ray", store=":memory:")


class Pretended(ModuleType):
    """As much of Ray as a cluster asks before it trains: what it has, and whether it answers."""

    def __init__(self, there: dict[str, float], answers: bool = True) -> None:
        super().__init__("ray")
        self.there, self.answers, self.given, self.ended = there, answers, {}, False
        self.exceptions = SimpleNamespace(RayError=OSError, RayTaskError=LookupError)

    def is_initialized(self) -> bool:
        return False

    def init(self, address: str, **more: Any) -> None:
        if not self.answers:
            raise ConnectionError("Could not find any running Ray instance.\nMore lines.")
        self.given = {"address": address} | more

    def cluster_resources(self) -> dict[str, float]:
        return self.there

    def remote(self, function: Any) -> Any:
        return SimpleNamespace(options=lambda **needs: needs)

    def shutdown(self) -> None:
        self.ended = True


def test_a_cluster_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", Pretended({}, answers=False))
    with pytest.raises(RheobaseError) as caught, Cluster("host:1", 0, MADE[0]):
        pass
    assert "at 'host:1' (Could not find any running Ray instance.)" in str(caught.value) and "\n" not in str(
        caught.value
    )


def test_a_card_a_batch_and_as_many_workers_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = Pretended({"CPU": 8.0, "GPU": 2.0})
    monkeypatch.setitem(sys.modules, "ray", ray)
    for device, workers, size, needs in (
        ("cpu", 0, 8, {"num_cpus": 1}),
        ("cpu", 3, 3, {"num_cpus": 1}),
        ("cuda", 0, 2, {"num_gpus": 1}),
    ):
        with Cluster("host:1", workers, MADE[0], device) as cluster:
            assert cluster.size == size and cluster._train == {"max_retries": 0} | needs
        assert ray.ended
    ray.there = {"CPU": 8.0}
    with pytest.raises(RheobaseError, match="has no GPU"), Cluster("host:1", 0, MADE[0], "cuda"):
        pass


def test_a_loss_without_a_word_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch, tiny_address: str) -> None:
    """Else the batch would have no end, and the study would wait for it for ever."""
    monkeypatch.setitem(sys.modules, "ray", Pretended({"CPU": 1.0}))
    under_way: Future[Any] = Future()
    reference = Mock(future=lambda: under_way)
    with Cluster("host:1", 1, MADE[0]) as cluster:
        cluster._train = Mock(remote=lambda jobs, made: reference)
        told = cluster.launch([job(tiny_address)])
        under_way.set_exception(OSError())
        with pytest.raises(WorkerEndedError, match=r"tanh.* on .*: OSError"):
            told.result(timeout=5)


# --------------------------------------------------------------------------------------------------------- with Ray


@pytest.fixture(scope="module")
def ray():
    """A Ray of two workers that this process is connected to, so that one start serves all tests."""
    module = pytest.importorskip("ray", exc_type=ImportError)
    module.init("local", num_cpus=2, include_dashboard=False, object_store_memory=80_000_000, log_to_driver=False)
    yield module
    module.shutdown()


def test_the_numbers_are_those_of_this_process(ray: Any, tiny_address: str, tmp_path: Path) -> None:
    there = rb.compare(["relu", "tanh"], tiny_address, seeds=4, engine="ray", store=tmp_path / "a.sqlite")
    here = rb.compare(["relu", "tanh"], tiny_address, seeds=4, workers=0, store=tmp_path / "b.sqlite")
    assert there.trained == here.trained and there.to_dict()["rows"] == here.to_dict()["rows"]
    assert ray.is_initialized(), "a connection that was there before is left alone"


@pytest.mark.usefixtures("ray")
def test_a_killed_worker_costs_its_batch_alone(tmp_path: Path) -> None:
    """relu ends every worker; tanh's first worker is killed once, as the system does when memory runs out."""
    tiny, here = Path(__file__).parent / "tiny.py", tmp_path
    file = tmp_path / "mine.py"
    file.write_text(
        "import dataclasses, os, pathlib, runpy, signal\n"
        f"TINY, HERE = runpy.run_path({str(tiny)!r}), pathlib.Path({str(here)!r})\n"
        "def train(stack, activation):\n"
        "    import torch\n"
        "    relu = float(activation(torch.tensor(2.0))) == 2.0\n"
        "    if relu or not (HERE / 'once').exists():\n"
        "        relu or (HERE / 'once').touch()\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return TINY['train'](stack, activation)\n"
        "TASK = dataclasses.replace(TINY['TASK'], id='mine', train=train)\n"
    )
    found = rb.compare(["relu", "tanh"], f"{file}:TASK", seeds=3, engine="ray", store=tmp_path / "s.sqlite")
    assert (tmp_path / "once").exists()
    assert [row.activation for row in found.rows] == ["tanh"] and found.trained == 9
    assert "a worker was lost while training" in found.failed["relu"] and "\n" not in found.failed["relu"]
