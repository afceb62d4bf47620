"""Batches for workers far away: their size, who is tried again, who is given up; without Ray."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from threading import Lock

import pytest

from rheobase.errors import RheobaseError
from rheobase.study.batches import Answers, Batches
from rheobase.study.hands import Hands
from rheobase.study.pool import ATTEMPTS, Answer, Pool, WorkerEndedError
from rheobase.study.spec import Function, Member, Stack
from rheobase.study.worker import Failure, Job

PATIENCE = 20.0


def job(number: int, task: str = "t", members: int = 2) -> Job:
    nets = tuple(Member(seed, 0.1) for seed in range(members))
    return Job(task, Function(f"x + {number}", {}, str(number)), Stack(task, "final", "default", "", nets))


class Cluster:
    """Workers that answer when they are told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[tuple[str, ...], Future[Answers]]] = []
        self._lock = Lock()

    def launch(self, jobs: Sequence[Job]) -> Future[Answers]:
        future: Future[Answers] = Future()
        with self._lock:
            self.sent.append((tuple(j.function.code for j in jobs), future))
        return future

    def wait_for(self, count: int) -> None:
        def there() -> bool:
            with self._lock:
                return len(self.sent) >= count

        wait_until(there)

    def answer(self, at: int, seconds: float = 10.0) -> None:
        codes, future = self.sent[at]
        future.set_result([Answer((), seconds) for _ in codes])

    @property
    def batches(self) -> list[str]:
        return ["".join(codes) for codes, _ in self.sent]


def wait_until(there: Callable[[], bool]) -> None:
    import time

    deadline = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.001)


def test_the_first_stack_of_a_task_travels_alone_and_then_a_minutes_work_at_once() -> None:
    cluster = Cluster()
    with Batches(1, cluster.launch) as batches:
        told = [batches.submit(job(i)) for i in range(10)]
        cluster.wait_for(1)
        wait_until(lambda: batches._events.empty())
        cluster.answer(0, seconds=20.0)
        cluster.wait_for(2)
        cluster.answer(1, seconds=20.0)
        cluster.wait_for(3)
        assert cluster.batches == ["0", "123", "456"]  # three of 20 s are a minute
        cluster.answer(2, seconds=15.0)  # 17 s is what a stack takes now: still three
        cluster.wait_for(4)
        cluster.answer(3)
        assert [len(f.result(PATIENCE).outcomes) for f in told] == [0] * 10
    assert cluster.batches[3] == "789"


def test_what_is_left_is_shared_by_the_workers_that_are_free() -> None:
    cluster = Cluster()
    with Batches(2, cluster.launch) as batches:
        first = batches.submit(job(0))
        cluster.wait_for(1)
        cluster.answer(0, seconds=1.0)
        first.result(PATIENCE)
        batches._known["t"] = (2, 1.0)
        batches._waiting.extend(batches_waiting(range(1, 7)))
        last = batches.submit(job(7))
        cluster.wait_for(3)
        assert sorted(len(b) for b in cluster.batches[1:]) == [3, 4]  # 7 s of work: not one batch of a minute
        cluster.answer(1)
        cluster.answer(2)
        last.result(PATIENCE)


def batches_waiting(numbers: Sequence[int] | range):
    from rheobase.study.batches import _Waiting

    return [_Waiting(job(i)) for i in numbers]


def test_a_larger_stack_counts_for_more_and_another_task_is_timed_first() -> None:
    cluster = Cluster()
    with Batches(1, cluster.launch, seconds=10.0) as batches:
        told = [batches.submit(job(0, members=2))]
        cluster.wait_for(1)
        told += [batches.submit(job(i, members=m)) for i, m in ((1, 4), (2, 8), (3, 2))]
        told.append(batches.submit(job(4, task="other")))
        wait_until(lambda: batches._events.empty())
        for at in range(4):
            cluster.wait_for(at + 1)
            cluster.answer(at, seconds=2.0 if at == 0 else 1.0)  # a second a network
        assert [f.result(PATIENCE) for f in told]
    assert cluster.batches[0] == "0" and cluster.batches[-1] == "4"
    assert all("4" not in batch for batch in cluster.batches[:-1])


def test_a_lost_worker_costs_its_batch_alone_and_a_stack_that_kills_is_given_up_alone() -> None:
    """Stack 2 ends every worker that it meets."""
    cluster = Cluster()
    with Batches(2, cluster.launch) as batches:
        batches._known["t"] = (2, 1.0)
        batches._waiting.extend(batches_waiting(range(1, 4)))
        innocents = [w.answer for w in batches._waiting if w.job.function.code != "2"]
        (poison,) = [w.answer for w in batches._waiting if w.job.function.code == "2"]
        batches.submit(job(9, task="wake"))
        done = 0

        def progress() -> bool:
            nonlocal done
            while done < len(cluster.sent):
                codes, future = cluster.sent[done]
                done += 1
                if "2" in codes:
                    future.set_exception(WorkerEndedError("killed", instead="again"))
                else:
                    future.set_result([Answer((), 0.5) for _ in codes])
            return poison.done() and all(one.done() for one in innocents)

        wait_until(progress)
        assert [one.result() for one in innocents] == [Answer((), 0.5)] * 2
        with pytest.raises(WorkerEndedError, match="killed"):
            poison.result()
    tries = [batch for batch in cluster.batches if "2" in batch]
    assert len(tries) == ATTEMPTS and tries[1:] == ["2"] * (ATTEMPTS - 1)


def test_an_error_of_the_code_is_not_tried_again() -> None:
    cluster = Cluster()
    with Batches(1, cluster.launch) as batches:
        alone, refused = batches.submit(job(0)), batches.submit(job(1, task="u"))
        cluster.wait_for(1)
        cluster.sent[0][1].set_result([Failure("no such file", instead="one that is there")])
        cluster.wait_for(2)
        cluster.sent[1][1].set_exception(RheobaseError("other versions", instead="the same"))
        with pytest.raises(RheobaseError, match="no such file; instead: one that is there"):
            alone.result(PATIENCE)
        with pytest.raises(RheobaseError, match="other versions"):
            refused.result(PATIENCE)
    assert len(cluster.sent) == 2


def test_nobody_waits_for_an_answer_after_the_end() -> None:
    cluster = Cluster()
    with Batches(1, cluster.launch) as batches:
        flying, waiting = batches.submit(job(0)), batches.submit(job(1))
        cluster.wait_for(1)
        wait_until(lambda: batches._events.empty())
    for one in (flying, waiting):
        with pytest.raises(CancelledError):
            one.result(PATIENCE)


# ----------------------------------------------------------------------------------------------------------- who trains


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"workers": -1}, "-1 workers; instead: 1 or more"),
        ({"engine": "rai"}, "no engine 'rai'; instead: inline or ray"),
        ({"engine": "ray", "workers": 0}, "never in this process"),
        ({"address": "host:6379"}, "without a cluster"),
    ],
    ids=str,
)
def test_hands_that_cannot_be_are_refused(asked: dict, says: str) -> None:
    with pytest.raises(RheobaseError, match=says):
        Hands(**asked)


def test_an_accelerator_is_not_shared_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rheobase.study.hands.cores", lambda: 5)
    for device, workers, size in (("cpu", None, 5), ("cuda", None, 1), ("cuda", 3, 3)):
        with Hands(workers).at_work("2.13.0", device) as pool:
            assert isinstance(pool, Pool) and pool.size == size
    with Hands(0).at_work("2.13.0", "cpu") as pool:
        assert pool is None
