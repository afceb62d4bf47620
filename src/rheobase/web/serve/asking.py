"""From a form, or from the command of another process, to a question that a comparison answers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from rheobase.errors import RheobaseError, nearest
from rheobase.study.tasks import tasks

FUNCTIONS = 8
"""As many as there are colours."""
SEEDS = 200
LENGTH = 2_000
EXAMPLE = 'relu swish "x*tanh(x)"'
SHELL = "a training of your own is started in a shell, and followed here: rheobase compare … --on my.py:train"


def from_form(form: Mapping[str, Any]) -> dict[str, Any]:
    """What a form asks, as the arguments of `compare`. Functions stand as in the shell, with blanks between them.

    Formulas are not read here; that is done in the process that trains.

    Raises:
        RheobaseError: it asks for what a page may not start, or is no form.
    """
    return {
        "specs": _functions(_text(form, "functions")),
        "on": _tasks(_text(form, "on")),
        "seeds": _seeds(form.get("seeds")),
        "init": _text(form, "init").strip() or None,
    }


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise RheobaseError(f"{name} is no text", instead=f'"{name}": "…"')
    if len(value) > LENGTH:
        raise RheobaseError(f"{name} has more than {LENGTH:,} characters", instead="fewer functions, or the shell")
    return value


def _functions(text: str) -> list[str]:
    try:
        found = shlex.split(text)
    except ValueError as error:
        what = "a quotation mark has no partner" if "quotation" in str(error) else "nothing follows the last \\"
        raise RheobaseError(what, where="functions", instead=EXAMPLE) from None
    if not found:
        raise RheobaseError("no function to train with", instead=EXAMPLE)
    if len(found) > FUNCTIONS:
        raise RheobaseError(f"{len(found)} functions", instead=f"{FUNCTIONS} at most, or more in a shell")
    return found


def _tasks(text: str) -> str | list[str]:
    found = [one.strip() for one in text.split(",") if one.strip()] or ["digits"]
    for one in found:
        if one not in tasks():
            if any(sign in one for sign in (".py", "@", "/", "\\", ":")):
                raise RheobaseError(f"{one!r} is no built-in task, and a page opens no files", instead=SHELL)
            raise RheobaseError(f"there is no task {one!r}", instead=nearest(one, tasks()) or ", ".join(tasks()))
    return found if len(found) > 1 else found[0]


def _seeds(value: Any) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise RheobaseError("seeds is no whole number", instead='"seeds": 10')
    if value > SEEDS:
        raise RheobaseError(f"{value} seeds", instead=f"{SEEDS} at most, or more in a shell")
    return value


VALUES = {"--seeds": int, "--init": str, "--tuning": str, "--until": float, "--margin": float, "--device": str}
SIGNS = ("--race", "--placebo")


def from_command(command: str) -> dict[str, Any]:
    """What `rheobase compare …` asks, as the arguments of `compare`; the command is one that a run has noted itself.

    Raises:
        RheobaseError: another verb, or a task from a file.

    >>> from_command("rheobase compare relu 'x*tanh(x)' --on xor --seeds 2 --race")
    {'specs': ['relu', 'x*tanh(x)'], 'on': 'xor', 'seeds': 2, 'race': True}
    """
    words = shlex.split(command)
    if words[:2] != ["rheobase", "compare"] or "--on" not in words:
        what = f"what trains there is no comparison: {command or 'a run without a name'}"
        raise RheobaseError(what, instead="rheobase study show, when it has ended")
    at = words.index("--on")
    found: dict[str, Any] = {"specs": words[2:at], "on": _tasks(words[at + 1])}
    rest = iter(words[at + 2 :])
    for word in rest:
        if word in SIGNS:
            found[word[2:]] = True
        elif word in VALUES:
            found[word[2:]] = VALUES[word](next(rest))
        else:
            raise RheobaseError(f"{word!r} in the command of the other process is not known here", where=command)
    return found
