"""The pages that are served: made once for a state of the code, kept in the user's cache folder, held in memory."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rheobase.errors import RheobaseError
from rheobase.proofs import store
from rheobase.story import results
from rheobase.study.lease import alive
from rheobase.web.site import OURS, write

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}
MADE_FROM = frozenset((".py", ".toml", ".json", ".jsonl", ".j2", ".css", ".js"))
MOST = 100_000_000
"""Bytes of all pages; those of the whole catalogue take a tenth of it."""
KEPT = 3
"""For so many states of the code pages are kept."""


@dataclass(frozen=True)
class File:
    """What is sent for one address."""

    body: bytes
    kind: str
    tag: str
    """Changes with the body."""


def made(told: Callable[[int, int], object] | None = None) -> dict[str, File]:
    """The explorer's pages by their address; from the cache folder where they were made before.

    A folder there holds whole pages: it gets its name when all of them are written.
    """
    home = store.folder()
    if home is not None:
        place = home / "pages" / fingerprint()
        if not place.is_dir():
            try:
                _make(place, told)
            except OSError:  # nothing can be kept there: the pages are made for this time alone
                place = None
        if place is not None:
            return read(place)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), served=True, told=told)
        return read(Path(folder))


def _make(place: Path, told: Callable[[int, int], object] | None) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    for half in place.parent.glob("*.part"):  # what a kill left behind, unless another start is at it
        maker = half.name.partition("-")[0]
        if not maker.isdigit() or not alive(int(maker)):
            shutil.rmtree(half, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", suffix=".part", dir=place.parent))
    try:
        write(part, served=True, told=told)
        try:
            part.rename(place)
        except OSError:
            if not place.is_dir():  # another start has made the same pages meanwhile
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    known = sorted(place.parent.glob("[0-9a-f]*[0-9a-f]"), key=lambda p: p.stat().st_mtime)
    for old in known[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def fingerprint() -> str:
    """Changes with anything that a page is made from."""
    package = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    sources = [*(p for p in package.rglob("*") if p.suffix in MADE_FROM), *results.files()]
    for path in sorted(set(sources)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:40]


def read(folder: Path) -> dict[str, File]:
    """The files of a folder of pages, by their address: what is not in here is never sent.

    Raises:
        RheobaseError: the folder is not there, cannot be read, or holds no pages of `rheobase site`.
    """
    cure = f"rheobase site --out {folder}; or no --pages, which makes them"
    if not folder.is_dir():
        raise RheobaseError(f"there is no folder {str(folder)!r}", where="--pages", instead=cure)
    found: dict[str, File] = {}
    size = 0
    try:
        for at, _, names in os.walk(folder):  # follows no link to a folder
            for path in (Path(at, name) for name in names):
                if path.suffix in TYPES and path.is_file() and not path.is_symlink():
                    found["/" + path.relative_to(folder).as_posix()] = file(path.read_bytes(), TYPES[path.suffix])
                    size += path.stat().st_size
                    if size > MOST:
                        what = f"{str(folder)!r} holds more than {MOST // 1_000_000} MB"
                        raise RheobaseError(what, where="--pages", instead="a folder of rheobase site alone")
    except OSError as error:
        raise RheobaseError(f"{error.filename!r} cannot be read: {error.strerror}", where="--pages") from None
    index = found.get("/index.html")
    if index is None or OURS.encode() not in index.body:
        raise RheobaseError(f"{str(folder)!r} holds no pages of rheobase site", where="--pages", instead=cure)
    return found


def file(body: bytes, kind: str) -> File:
    """A body with its type, and a tag by which a browser knows whether it has it already."""
    return File(body, kind, f'"{hashlib.sha256(body).hexdigest()[:24]}"')
