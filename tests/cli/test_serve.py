"""`rheobase serve`: what it refuses before it listens. The server itself: tests/web."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest


def test_the_shell_is_told_in_one_line(rheobase, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no store")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for more, said in (
            (("--port", str(taken.getsockname()[1])), "Address already in use"),
            (("--pages", str(tmp_path / "none")), "there is no folder"),
            (("--pages", str(tmp_path)), "holds no pages of rheobase site"),
            (("--store", str(tmp_path)), "is a folder"),
            (("--store", str(tmp_path / "none" / "a.sqlite")), "there is no folder"),
            (("--store", str(tmp_path / "text")), "is not a rheobase store"),
        ):
            done = rheobase("serve", "--port", "0", *more)
            assert (done.code, done.out) == (2, ""), more
            assert said in done.err and "instead: " in done.err and "Traceback" not in done.err


def test_what_is_not_installed_is_named(rheobase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = rheobase("serve")
    assert done.code == 2 and "instead: pip install 'rheobase[web]'" in done.err
