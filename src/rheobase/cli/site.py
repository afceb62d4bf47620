"""`rheobase site`: the explorer as pages that a browser shows without a server."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer


def site(
    specs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Functions to write pages of; the whole catalogue without any."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder; made where there is none.")] = Path("site"),
) -> None:
    """Write the explorer: pages for a browser.

    A page for every function, a plot to compare any of them on, one neuron on XOR, the story, the leader boards.
    The pages stand alone: open index.html in a browser. They work offline and send nothing anywhere.
    """
    from rheobase.web.site import write

    began = time.perf_counter()
    files = write(out, specs or [])
    pages = sum(path.parent.name == "functions" for path in files)
    size = sum(path.stat().st_size for path in files)
    print(out / "index.html")
    taken = time.perf_counter() - began
    count = f"{pages} function{'s' * (pages != 1)}"
    print(f"{count}, {len(files)} files, {size / 1e6:.1f} MB, {taken:.0f} s", file=sys.stderr)
