"""What a study survives: `python tools/faults.py [FAULT …]`, about ten minutes.

Each fault strikes `rheobase compare` at work, several times at random moments: the driver killed, a worker killed, the
disk full, the store damaged, a second driver, another version of torch. Then the same command goes on to the end. What
counts: nothing that was finished is lost or trained a second time, the result is that of a run which nothing disturbed,
and the message says what to do. Results: benchmarks/results/faults.csv. A full disk is a small tmpfs where this may be
mounted, a limit on the size of files elsewhere.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "benchmarks/results"
KILLS, WORKER_KILLS = 20, 5
SPECS = ("relu", "sine", "gelu", "tanh", "x*tanh(x)", "-x*exp(-x**2)")
SEEDS = 9
PATIENCE = 300.0

TASK = '''
"""Digits in a blink, with a log of every stack whose training began."""
import dataclasses, os, time
from rheobase.study.spec import Budget, digest
from rheobase.study.tasks import find
from rheobase.study.tasks.digits import load

def train(stack, activation):
    from rheobase.study.training import Split, train_classifier
    members = digest([[m.seed, m.rate] for m in stack.members])
    line = "|".join((activation.definition.formula, stack.stage, stack.init, stack.stream, members)) + "\\n"
    log = os.open(os.environ["STUDY_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, line.encode())
    os.close(log)
    time.sleep(float(os.environ["STUDY_DAWDLE"]))
    split = Split(*((x[:120], y[:120]) for x, y in load()))
    return train_classifier(TASK, stack, activation, split, (12,))

TASK = dataclasses.replace(
    find("digits"), id="small", train=train,
    budget=Budget(epochs=3, batch=30, rates=(0.003, 0.01, 0.03), tuning_seeds=2, block=3),
)
'''
OLDER = (
    "from importlib import metadata; real = metadata.version\n"
    "metadata.version = lambda name: '1.0' if name == 'torch' else real(name)\n"
    "import sys; from rheobase.cli.app import main; sys.exit(main(sys.argv[1:]))"
)

Result = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """What became of one kind of fault."""

    fault: str
    times: int
    finished: int
    """Trials that were stored when the run that was struck began, all times together."""
    lost: int
    trained_twice: int
    same_result: bool
    message: str
    passed: bool


class Study:
    """A comparison in a folder of its own."""

    def __init__(self, folder: Path, store: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.store, self.log = folder, store or folder / "s.sqlite", folder / "log"
        self.log.touch()

    def start(self, *more: str, dawdle: float = 0.05, runner: str | None = None, limit: int = 0) -> subprocess.Popen:
        program = [sys.executable, "-c", runner] if runner else [sys.executable, "-m", "rheobase"]
        where = ["--store", str(self.store), "--report", str(self.folder / "r.html")]
        environment = {**os.environ, "STUDY_LOG": str(self.log), "STUDY_DAWDLE": str(dawdle), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [*program, "compare", *SPECS, "--on", "../small.py:TASK", "--seeds", str(SEEDS), *where, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=environment,
            start_new_session=True,
            preexec_fn=(lambda: _limited(limit)) if limit else None,
        )

    def run(self, *more: str, **how: Any) -> tuple[int, str, str]:
        process = self.start(*more, **how)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def finish(self, *more: str) -> Result:
        """The result of the same command, to the end."""
        code, out, err = self.run("--json", *more, dawdle=0.0)
        if code:
            raise SystemExit(f"the study does not go on: {err}")
        return json.loads(out)

    def stored(self) -> dict[str, str]:
        """Outcomes by the ids of their trials; the file itself must be sound."""
        if not self.store.exists():
            return {}
        with closing(sqlite3.connect(self.store, timeout=30)) as connection:
            try:
                (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
                rows = connection.execute("SELECT id, outcome FROM trials").fetchall()
            except sqlite3.OperationalError:  # killed before there was a table
                return {}
        if sound != "ok":
            raise SystemExit(f"the store is damaged: {sound}")
        return dict(rows)

    def stacks(self) -> set[str]:
        """The stacks that are stored, as the log names them."""
        keys = ("function.formula", "stage", "init", "stream", "stack")
        columns = ", ".join(f"json_extract(trial, '$.{key}')" for key in keys)
        if not self.stored():
            return set()
        with closing(sqlite3.connect(self.store, timeout=30)) as connection:
            return {"|".join(row) for row in connection.execute(f"SELECT DISTINCT {columns} FROM trials")}

    def begun(self) -> list[str]:
        """The stacks whose training began, in turn."""
        return self.log.read_text().splitlines()


def _limited(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def plain(result: Result) -> Result:
    """What must be the same however the result came about."""
    return {key: value for key, value in result.items() if key not in ("reused", "trained")}


def struck(
    fault: str,
    study: Study,
    reference: Result,
    strike: Callable[[subprocess.Popen], None],
    times: int,
    *more: str,
    message: str = "",
) -> Row:
    """Strike so many times at random moments, going on each time; where a study ends first, a new one is begun."""
    # The first moments of every process are Python's imports; later ones make up most of a run.
    began = time.perf_counter()
    Study(study.folder.with_name(f"{study.folder.name}-timing")).run(*more)
    whole, draw = time.perf_counter() - began, random.Random(0)
    finished = lost = twice = hits = rounds = 0
    same = True
    while hits < times:
        rounds += 1
        now = Study(study.folder.with_name(f"{study.folder.name}-{rounds}"))
        ended = False
        while hits < times and not ended:
            before, stacks, seen = now.stored(), now.stacks(), len(now.begun())
            process = now.start(*more)
            time.sleep(draw.uniform(0.1, 1.0) * whole)
            if process.poll() is None:
                strike(process)
                hits += 1
            process.communicate(timeout=PATIENCE)
            ended = process.returncode == 0
            after = now.stored()
            finished += len(before)
            lost += sum(after.get(key) != value for key, value in before.items())
            twice += len(stacks & set(now.begun()[seen:]))
        stacks, seen = now.stacks(), len(now.begun())
        same &= plain(now.finish(*more)) == plain(reference)
        twice += len(stacks & set(now.begun()[seen:]))
    told = message or f"no message: the process is gone; the same command went on ({rounds} studies)"
    return Row(fault, hits, finished, lost, twice, same, told, same and not lost and not twice)


def descendants(pid: int, sign: str) -> list[int]:
    """Processes below `pid` whose command line has this sign."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        for thread in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting += [int(child) for child in thread.read_text().split()]
            except OSError:
                continue
        try:
            if one != pid and sign in Path(f"/proc/{one}/cmdline").read_text():
                found.append(one)
        except OSError:
            continue
    return found


def kill_a_worker(sign: str) -> Callable[[subprocess.Popen], None]:
    """Kill one of a driver's workers, as soon as it has one."""

    def strike(process: subprocess.Popen) -> None:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if workers := descendants(process.pid, sign):
                os.kill(random.Random(process.pid).choice(workers), signal.SIGKILL)
                return
            time.sleep(0.01)

    return strike


def driver(folder: Path, reference: Result) -> Row:
    return struck("kill -9 of the driver", Study(folder), reference, lambda p: p.kill(), KILLS, "--workers", "2")


def worker(folder: Path, reference: Result) -> Row:
    strike, told = kill_a_worker("rheobase.study.worker"), "no message: a fresh worker trains the stack again"
    more = ("--workers", "2")
    return struck("kill -9 of a worker", Study(folder), reference, strike, WORKER_KILLS, *more, message=told)


def ray_worker(folder: Path, reference: Result) -> Row:
    strike, told = (
        kill_a_worker("ray::train_batch"),
        "no message: the stacks of its batch are trained again, each alone",
    )
    more = ("--workers", "2", "--engine", "ray")
    return struck(
        "kill -9 of a Ray worker", Study(folder), reference, strike, WORKER_KILLS, *more, message=told
    )  # fmt: skip


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[tuple[Path, Callable[[], None]] | None]:
    """A tmpfs of so many bytes, and how to make it larger; None where it may not be mounted."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True).returncode == 0
    except FileNotFoundError:
        done = False
    if not done:
        yield None
        return
    try:
        yield place, lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(place)], check=True) and None
    finally:
        subprocess.run(["umount", str(place)], check=True)


def full_disk(folder: Path, reference: Result) -> Row:
    folder.mkdir()
    with small_disk(folder, 128 * 1024) as disk:
        study = Study(folder, disk[0] / "s.sqlite" if disk else None)
        code, _, err = study.run("--workers", "1", limit=0 if disk else 64 * 1024)
        told, before, stacks, seen = err.strip().splitlines()[-1], study.stored(), study.stacks(), len(study.begun())
        if disk:
            disk[1]()
        same = plain(study.finish("--workers", "1")) == plain(reference)
        lost = sum(study.stored().get(key) != value for key, value in before.items())
        twice = len(stacks & set(study.begun()[seen:]))
    passed = code == 2 and "room" in told and bool(before) and same and not lost and not twice
    kind = "a full disk (tmpfs)" if disk else "a full disk (limit on the size of files)"
    return Row(kind, 1, len(before), lost, twice, same, told, passed)


def damaged(folder: Path, reference: Result) -> Row:
    """A page of the table is overwritten; the line of the message saves the rest."""
    study = Study(folder)
    study.finish("--workers", "1")
    before = study.stored()
    whole = bytearray(study.store.read_bytes())
    at = len(whole) // 8192 * 4096
    whole[at : at + 4096] = b"\xa5" * 4096
    study.store.write_bytes(whole)
    code, _, err = study.run("--workers", "1")
    told = err.strip().splitlines()[-1]
    untouched = study.store.read_bytes() == bytes(whole)
    rescue = shlex.split(told[told.index("rheobase study rescue") :])
    subprocess.run([sys.executable, "-m", *rescue], cwd=folder, check=True, capture_output=True)
    study.store = folder / "rescued.sqlite"
    kept, stacks, seen = study.stored(), study.stacks(), len(study.begun())
    same = plain(study.finish("--workers", "1")) == plain(reference)
    whole_stacks = stacks - set(study.begun()[seen:])
    altered = sum(before.get(key) != value for key, value in kept.items())
    passed = code == 2 and "damaged" in told and untouched and same and not altered and len(whole_stacks) > 0
    message = f"{told} — done, which saved {len(kept)} of {len(before)} trials"
    return Row("a damaged store", 1, len(before), altered, 0, same, message, passed)


def two_drivers(folder: Path, reference: Result) -> Row:
    study = Study(folder)
    first = study.start("--json", "--workers", "1", dawdle=0.3)
    deadline = time.monotonic() + PATIENCE
    while not study.stored() and time.monotonic() < deadline:
        time.sleep(0.05)
    before = study.stored()
    code, _, err = study.run("--workers", "1")
    told = err.strip().splitlines()[-1]
    out, _ = first.communicate(timeout=PATIENCE)
    same, twice = plain(json.loads(out)) == plain(reference), len(study.begun()) - len(set(study.begun()))
    lost = sum(study.stored().get(key) != value for key, value in before.items())
    passed = code == 2 and f"process {first.pid}" in told and same and not twice and not lost
    return Row("two drivers on one store", 1, len(before), lost, twice, same, told, passed)


def other_version(folder: Path, reference: Result) -> Row:
    """The first half of the work is done with a torch that calls itself 1.0."""
    study = Study(folder)
    study.run("--workers", "0", runner=OLDER)
    before = study.stored()
    _, out, _ = study.run("--workers", "1", dawdle=0.0)
    told = next((line for line in out.splitlines() if "other versions" in line), "nothing")
    said = told[told.find("The store also holds") :].split(". ")[0]
    found = study.finish("--workers", "1")
    lost = sum(study.stored().get(key) != value for key, value in before.items())
    same = plain(found) == plain(reference)
    passed = same and not lost and "torch 1.0" in said and len(study.stored()) == 2 * len(before)
    return Row("another version of torch", 1, len(before), lost, 0, same, said, passed)


FAULTS: dict[str, Callable[[Path, Result], Row]] = {
    "driver": driver,
    "worker": worker,
    "ray": ray_worker,
    "disk": full_disk,
    "damage": damaged,
    "two": two_drivers,
    "version": other_version,
}


def main(asked: list[str]) -> int:
    table = RESULTS / "faults.csv"
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "small.py").write_text(TASK)
        reference = Study(Path(folder) / "reference").finish("--workers", "1")
        for name in asked or FAULTS:
            if name == "ray" and find_spec("ray") is None:
                print("Ray is not installed: the row of its workers is left out")
                continue
            row = FAULTS[name](Path(folder) / name, reference)
            message = row.message.replace(folder, "…")
            rows.append(replace(row, message=message))
            print(*asdict(rows[-1]).values(), sep=" | ", flush=True)
    names = [field.name for field in fields(Row)]
    known: dict[str, dict[str, Any]] = {}
    if table.exists() and asked:
        with table.open(newline="", encoding="utf-8") as file:
            known = {row["fault"]: row for row in csv.DictReader(file)}
    known |= {row.fault: asdict(row) for row in rows}
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(known.values())
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
