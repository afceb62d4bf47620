"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

STORE = Path("rheobase.sqlite")
Store = Annotated[Path, typer.Option("--store", metavar="FILE", help="Where finished trainings are kept.")]
Device = Annotated[str, typer.Option("--device", help="Where the networks train: cpu, cuda or mps.")]
Workers = Annotated[int | None, typer.Option("--workers", help="Processes; by default one a core. 0: this one.")]
Engine = Annotated[
    Literal["inline", "ray"], typer.Option("--engine", help="Processes of this machine, or a Ray cluster's workers.")
]
Address = Annotated[
    str | None,
    typer.Option("--address", metavar="HOST:PORT", help="The Ray cluster; without it, Ray on this machine."),
]
