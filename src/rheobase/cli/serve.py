"""`rheobase serve`: the explorer from a server, with checks and comparisons that train while one looks."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from rheobase.cli._options import STORE, Store


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="Where to listen; by default this machine alone.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8765,
    store: Store = STORE,
    pages: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Pages of `rheobase site`; without it they are made, once.")
    ] = None,
) -> None:
    """Serve the explorer: pages, checks, live comparisons.

    Checks take any formula; comparisons can be watched as they train. Ctrl-C ends it. A comparison that is under way is
    stopped then; what it has trained is kept, and goes on next time.
    """
    from rheobase.web.serve import server

    if told := server.warning(host):
        print(f"rheobase: warning: {told}", file=sys.stderr)
    last = server.serve(host, port, store, pages, told=_told, ready=_ready)
    print(*([last] if last else []), "Ended.", sep="\n", file=sys.stderr)


def _told(done: int, of: int) -> None:
    """A line that counts up in a terminal, two lines elsewhere."""
    if sys.stderr.isatty():
        print(f"\rMaking the pages, once for this version: {done} of {of}", end="\n" * (done == of), file=sys.stderr)
    elif done in (1, of):
        print(f"Making the pages, once for this version: {done} of {of}", file=sys.stderr)


def _ready(address: str, pages: Mapping[str, object]) -> None:
    print(address, flush=True)
    print(f"{len(pages)} files; Ctrl-C ends it", file=sys.stderr)
