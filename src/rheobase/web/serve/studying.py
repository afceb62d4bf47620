"""A comparison in a process of its own: the question comes from standard input, what becomes of it goes to the output.

The first line of the input is the question; when the input ends, because the server wants it or because the server is
gone, the process interrupts itself as Ctrl-C would. Each line of the output is an object with one of the keys
`asked` (the command that is the same in a shell), `seen` (how far it is), `result` (as `rheobase compare --json`),
`stopped` and `error`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rheobase.errors import RheobaseError
from rheobase.study.comparison import Question, ask, compare
from rheobase.study.frames import finite
from rheobase.study.overall import Comparisons, together
from rheobase.study.question import alone, versions
from rheobase.study.result import Comparison
from rheobase.study.store import Store
from rheobase.web.serve import snapshot
from rheobase.web.serve.limits import interrupt, interruptible, scarce

PAUSE = 0.3
"""Seconds between two looks at the store, or as many as two looks take."""
Say = Callable[..., None]


def main() -> None:
    """Train, or watch what another process trains, until it is done or the input ends."""
    interruptible()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not land among the answers
    writing = threading.Lock()

    def say(**line: Any) -> None:
        with writing:
            print(json.dumps(finite(line), allow_nan=False), file=out, flush=True)

    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        with scarce():
            question = ask(**request["question"])
            plans = [question.plan(task) for task in question.tasks]
        say(asked=question.command(plans))
        run = _train if request["train"] else _watch
        result = run(question, request["question"], Path(request["store"]), say)
        say(seen=snapshot.ended(result))
        result.report(request["report"])
        say(result=result.to_dict())
    except RheobaseError as error:
        say(error=str(error))
    except (RecursionError, MemoryError):
        say(error="the functions are too large to be read here; instead: shorter formulas")
    except KeyboardInterrupt as stopped:
        say(stopped=str(stopped) or "Stopped before anything was trained.")


def _end_with_input() -> None:
    sys.stdin.read()
    interrupt()


def _train(question: Question, asked: Mapping[str, Any], store: Path, say: Say) -> Comparison | Comparisons:
    """Train in this process's workers, and tell what the store holds meanwhile."""
    over = threading.Event()
    watching = threading.Thread(target=_tell, args=(question, store, say, over), daemon=True)
    watching.start()
    try:
        return compare(asked["specs"], asked["on"], store=store, **_rest(asked))
    finally:
        over.set()
        watching.join()


def _rest(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name not in ("specs", "on")}


def _tell(question: Question, store: Path, say: Say, over: threading.Event) -> None:
    while not store.is_file():
        if over.wait(PAUSE):
            return
    made = versions(question.device)
    with Store(store, reading=True) as kept:
        last = None
        while not over.is_set():
            took = 0.0
            if (now := kept.changes()) != last:
                last, began = now, time.perf_counter()
                say(seen=snapshot.seen(question, kept, made).shown)
                took = time.perf_counter() - began
            over.wait(max(PAUSE, 2 * took))


def _watch(question: Question, asked: Mapping[str, Any], store: Path, say: Say) -> Comparison | Comparisons:
    """Tell what the store holds until it holds everything."""
    made = versions(question.device)
    with Store(store, reading=True) as kept:
        last = None
        while True:
            if (now := kept.changes()) != last:
                last = now
                found = snapshot.seen(question, kept, made)
                say(seen=found.shown)
                if not found.left:
                    break
            time.sleep(PAUSE)
        others = kept.others(made["torch"])
    each = tuple(replace(c, others=others) for c in found.comparisons)
    command = question.command([question.plan(task) for task in question.tasks])
    return each[0] if alone(asked["on"]) else together(each, command)


if __name__ == "__main__":
    main()
