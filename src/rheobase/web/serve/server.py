"""The server: its socket, its start, its end."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rheobase.errors import RheobaseError
from rheobase.study.store import Store
from rheobase.web.serve.guard import is_loopback

if TYPE_CHECKING:
    from rheobase.web.serve.pages import File

CONNECTIONS = 200
"""At once; what comes on top is told to come again."""
CLOSING = 3
"""Seconds that answers under way get when the server ends."""


def serve(
    host: str,
    port: int,
    store: Path,
    pages: Path | None,
    *,
    told: Callable[[int, int], object] | None = None,
    ready: Callable[[str, Mapping[str, File]], object],
) -> str:
    """Serve the explorer until Ctrl-C; return what became of a comparison that was under way, if one was.

    Args:
        host, port: where it listens; port 0 for any that is free.
        store: where comparisons keep their trainings.
        pages: a folder of `rheobase site`; None to make them, once for a state of the code.
        told: called with how many functions' pages are made, and of how many.
        ready: called with the address and the pages when it listens.

    Raises:
        RheobaseError: starlette or uvicorn is missing, the port is taken, the host is none of this machine's, the
            folder holds no pages.
    """
    _installed()
    from uvicorn import Config

    from rheobase.web.serve import pages as making
    from rheobase.web.serve.ending import Ending
    from rheobase.web.serve.guard import HEAD, Guard
    from rheobase.web.serve.jobs import Jobs
    from rheobase.web.serve.live import live
    from rheobase.web.serve.patience import Impatient
    from rheobase.web.serve.routes import STREAM, application

    _usable(store)
    with listening(host, port) as taken, tempfile.TemporaryDirectory() as folder:
        files = making.read(pages) if pages is not None else making.made(told)
        files = {**files, **live(store)}
        jobs = Jobs(store, Path(folder) / "report.html")
        config = Config(
            Guard(application(files, jobs), host, streams=[STREAM]),
            http=Impatient,
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            h11_max_incomplete_event_size=HEAD,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=CLOSING,
        )
        ready(address(host, taken), files)
        with contextlib.suppress(KeyboardInterrupt):  # it has ended by then
            Ending(config, jobs.close).run([taken])
    return jobs.last


def _usable(store: Path) -> None:
    """Refuse a store that no comparison could be kept in, before anything is worked out."""
    if store.is_dir() or not store.parent.is_dir():
        what = f"{str(store)!r} is a folder" if store.is_dir() else f"there is no folder {str(store.parent)!r}"
        raise RheobaseError(f"trainings have nowhere to go: {what}", where="--store", instead="--store rheobase.sqlite")
    if store.is_file():
        Store(store, reading=True).close()


def _installed() -> None:
    for name in ("starlette", "uvicorn"):
        try:
            __import__(name)
        except ImportError as error:
            what = f"a server needs {name}, which is not installed"
            raise RheobaseError(
                what, instead="pip install 'rheobase[web]'; or pages without one: rheobase site"
            ) from error


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        RheobaseError: the port is taken or not for everyone, or the host is none of this machine's.
    """
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise RheobaseError(f"there is no host {host!r}", where="--host", instead="--host 127.0.0.1") from None
    family, kind, protocol, _, place = places[0]
    # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms for its body.
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(place)
        found.listen(128)
    except OSError as error:
        found.close()
        what, instead = f"cannot listen on {host} port {port}: {error.strerror}", "--port 0, which takes a free one"
        if isinstance(error, PermissionError):
            instead = "--port 8765, or another above 1023"
        elif "assign" in (error.strerror or ""):
            instead = "--host 127.0.0.1"
        raise RheobaseError(what, instead=instead) from None
    return found


def address(host: str, listens: socket.socket) -> str:
    """The address to type into a browser."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host.strip("[]"))
    return f"http://{f'[{name}]' if ':' in name else name}:{listens.getsockname()[1]}"


def warning(host: str) -> str:
    """What listening elsewhere than on this machine means; empty where it does not."""
    if is_loopback(host):
        return ""
    return (
        f"{host} is reached from other machines: whoever reaches it can read the pages, have formulas checked and "
        "comparisons trained on this machine, and stop them. There is no password and no encryption"
    )
