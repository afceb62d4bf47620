"""Claims as studies: a TOML file says what is claimed, by whom, what is trained, and what would decide it.

    title = "Sigmoid's gradient vanishes with depth"
    claim = "…"                      # as it is made, in one or two sentences
    source = "…"                     # who made it
    functions = ["sigmoid", "relu"]  # or a table, where formulas are to have names: { mine = "x*tanh(x)" }
    on = ["deep-digits"]             # tasks; FILE.py:NAME beside the study counts too
    inits = ["default", "he"]        # by default the task's first; or a table, { he = ["relu"] }: the functions of each
    seeds = 10

    [[statement]]                    # the claim is reproduced when every statement is
    says = "Less than a ten-thousandth of the gradient reaches the input"
    measure = "reach"
    of = "sigmoid"                   # a function of the study
    init = "default"
    at_most = -4.0                   # or at_least; the whole interval must lie there

`than` names a second function and `than_init` a second initialisation; the measure is then the difference of the two,
paired by seed. `of = "leader"` and `than = "leader"` stand for the best function on validation data.

Measures: `score` (as tables show it; over several tasks the share of the way to each task's leader, in per cent),
`reach` (decades of the gradient that are left at the input before training), `window` (decades of learning rates within
a point of the best), `deviation` (over seeds; with `than` their ratio), `diverged` (per cent), `step` (the processor
time of one), `parameters` and `memory` (bytes kept for the way back) where the task counts them; these three with
`than` as a ratio; and every further measure of the task by its name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rheobase.errors import RheobaseError, nearest

COSTS = {"step": "µs", "parameters": "parameters", "memory": "bytes"}
"""Measures of what a training costs, and their units; of two functions they give the ratio."""

MEASURES = ("score", "reach", "window", "deviation", "diverged", *COSTS)
"""What can be measured; `reach`, `parameters` and `memory` need a task that does."""

LEADER = "leader"
"""Stands in a statement for the best function on validation data."""

FORM = "a study as in studies/, or as help(rheobase.study.claims) tells"


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that the claim says, as a number with a side on which it must lie."""

    says: str
    of: str
    measure: str = "score"
    on: tuple[str, ...] = ()
    """The tasks; those of the study where none is named."""
    init: str | None = None
    than: str | None = None
    than_init: str | None = None
    at_least: float | None = None
    at_most: float | None = None


class Study(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A claim, and what decides it."""

    title: str
    claim: str
    source: str
    functions: tuple[str, ...] | dict[str, str]
    """Specs, or specs by name."""
    on: tuple[str, ...]
    statement: tuple[Statement, ...]
    inits: tuple[str, ...] | dict[str, tuple[str, ...]] = ()
    """Initialisations of every function, or for each the names of the functions that are trained with it."""
    seeds: int = 10
    notes: str = ""
    """What a reader should know of how it is tested."""
    id: str = ""
    """The file's name without its ending."""
    path: str = ""


def read(path: Path) -> Study:
    """The study of a file, or the ready one of that name.

    Raises:
        RheobaseError: the file is not there or no TOML, or a field is missing, unknown or of the wrong kind.
    """
    where, path = f"{str(path)!r}", _found(path)
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RheobaseError(f"there is no study {where}", instead="one of `rheobase study list`, or a file") from error
    except tomllib.TOMLDecodeError as error:
        raise RheobaseError(f"{where} is no TOML: {error}", instead=FORM) from error
    try:
        found = msgspec.convert(plain | {"id": path.stem, "path": str(path)}, Study)
    except msgspec.ValidationError as error:
        raise _misread(str(error), where) from error
    for init, names in found.inits.items() if isinstance(found.inits, dict) else ():
        for name in (name for name in names if name not in found.functions):
            raise RheobaseError(
                f"inits.{init} names {name!r}, which is not among the functions",
                where=where,
                instead=nearest(name, found.functions) or ", ".join(found.functions),
            )
    for statement in found.statement:
        _checked(found, statement, where)
    if not found.statement:
        raise RheobaseError(f"{where} says nothing that could be tested", instead="[[statement]] with of and at_least")
    said = tuple(msgspec.structs.replace(one, on=_beside(path, one.on)) for one in found.statement)
    return msgspec.structs.replace(found, on=_beside(path, found.on), statement=said)


def _beside(path: Path, tasks: Sequence[str]) -> tuple[str, ...]:
    """Task files are named from where the study lies."""
    return tuple(str(path.parent / one) if ".py:" in one else one for one in tasks)


def _misread(text: str, where: str) -> RheobaseError:
    unknown = text.partition("unknown field `")[2].partition("`")[0]
    fields = (*Study.__struct_fields__, *Statement.__struct_fields__)
    near = nearest(unknown, fields) if unknown else None
    return RheobaseError(f"{text}", where=where, instead=near or FORM)


def _checked(study: Study, said: Statement, where: str) -> None:
    for name in (said.of, said.than):
        if name is not None and name not in (*study.functions, LEADER):
            raise RheobaseError(
                f"the statement {said.says!r} is about {name!r}, which is not among the functions",
                where=where,
                instead=nearest(name, study.functions) or ", ".join(study.functions),
            )
    for init in (said.init, said.than_init):
        if init is not None and init not in study.inits:
            raise RheobaseError(
                f"the statement {said.says!r} is about the initialisation {init!r}, which is not among the inits",
                where=where,
                instead=nearest(init, study.inits) or f"inits = [{init!r}]",
            )
    for name, init in ((said.of, said.init), (said.than, said.than_init or said.init)):
        if isinstance(study.inits, dict) and name not in (None, LEADER, *study.inits.get(init or "", ())):
            raise RheobaseError(
                f"the statement {said.says!r} is about {name!r} at {init!r}, which is not trained",
                where=where,
                instead=f"inits.{init or next(iter(study.inits))} = [{name!r}, …]",
            )
    for task in said.on:
        if task not in study.on:
            raise RheobaseError(
                f"the statement {said.says!r} is about the task {task!r}, which is not among the study's",
                where=where,
                instead=nearest(task, study.on) or f"on = [{task!r}]",
            )
    if (said.at_least is None) == (said.at_most is None):
        what = f"the statement {said.says!r} has no side, or two"
        raise RheobaseError(what, where=where, instead="at_least = 0.0, or at_most")


def shipped() -> Path:
    """Where the ready studies are: `studies/` of the working directory, else those that come with the package."""
    here, packed = Path("studies"), Path(__file__).parent / "shipped"
    if any(here.glob("*.toml")):
        return here
    return packed if packed.is_dir() else Path(__file__).parents[3] / "studies"


def _found(path: Path) -> Path:
    """The file, or the ready study of that name."""
    ready = shipped() / f"{path}.toml"
    return ready if not path.exists() and not path.suffix and ready.is_file() else path


def studies_in(paths: Sequence[Path]) -> list[Study]:
    """The studies of files and folders, in the order of their names; without any those of `shipped`.

    Raises:
        RheobaseError: a path that is not there, or a folder without a study.
    """
    found: list[Path] = []
    for path in paths or [shipped()]:
        if path.is_dir():
            inside = sorted(path.glob("*.toml"))
            if not inside:
                raise RheobaseError(f"there is no study in {str(path)!r}", instead="a folder with .toml files")
            found += inside
        else:
            found.append(path)
    return [read(path) for path in found]
