"""How the server starts and ends, and the pages that it makes once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rheobase.errors import RheobaseError
from rheobase.web.serve import pages as making
from rheobase.web.serve import server as starting
from rheobase.web.serve.guard import Guard, is_loopback
from rheobase.web.site import OURS
from web.serving import server


def test_a_taken_port_is_told_and_so_is_a_host_that_is_none() -> None:
    with starting.listening("127.0.0.1", 0) as taken, pytest.raises(RheobaseError, match="--port 0"):
        starting.listening("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(RheobaseError, match="there is no host"):
        starting.listening("no such host", 0)
    with pytest.raises(RheobaseError, match=r"--host 127\.0\.0\.1"):
        starting.listening("192.0.2.1", 0)


def test_listening_for_others_is_warned_of() -> None:
    assert starting.warning("127.0.0.1") == starting.warning("localhost") == starting.warning("::1") == ""
    assert "no password" in starting.warning("0.0.0.0")
    assert not is_loopback("192.168.0.7")
    open_to_all = Guard(None, "0.0.0.0")  # type: ignore[arg-type]
    assert open_to_all.knows("192.168.0.7:8765") and not open_to_all.knows("elsewhere.example")


def test_ctrl_c_ends_it_cleanly_with_a_stream_open(site: Path, tmp_path: Path) -> None:
    with server(site, tmp_path / "store.sqlite") as running:
        stream = running.events()
        assert next(stream)["phase"] == "idle"
        began = time.perf_counter()
        code, said = running.end()
        assert code == 0 and time.perf_counter() - began < 10
        assert "Traceback" not in said and said.endswith("Ended.\n")
        assert not (tmp_path / "store.sqlite").exists(), "nothing was trained"


# --- the pages, made once --------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Writing the pages takes no time here; how often they were written."""
    written: list[Path] = []

    def write(folder: Path, **_: object) -> None:
        written.append(folder)
        (folder / "index.html").write_text(OURS)

    monkeypatch.setattr(making, "write", write)
    monkeypatch.setenv("RHEOBASE_CACHE", str(tmp_path))
    return written


def test_pages_are_made_once(counted: list[Path], tmp_path: Path) -> None:
    assert making.made().keys() == making.made().keys() == {"/index.html"}
    assert len(counted) == 1
    assert [path.name for path in (tmp_path / "pages").iterdir()] == [making.fingerprint()]


def test_a_killed_start_leaves_nothing_that_is_taken_for_pages(
    counted: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path, **_: object) -> None:
        (folder / "index.html").write_text(OURS)
        raise KeyboardInterrupt

    left = tmp_path / "pages" / "999999999-half.part"  # of a start that `kill -9` has ended
    left.mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(making, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            making.made()
    assert list((tmp_path / "pages").iterdir()) == []
    assert making.made() and len(counted) == 1


def test_pages_that_cannot_be_kept_are_made_for_this_time(
    counted: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RHEOBASE_CACHE", str(tmp_path / "file"))
    assert making.made()
    monkeypatch.setenv("RHEOBASE_CACHE", "")
    assert making.made() and len(counted) == 2


def test_old_pages_go_as_the_code_changes(counted: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(5):
        monkeypatch.setattr(making, "fingerprint", lambda i=i: f"{i}" * 40)
        making.made()
    assert len(list((tmp_path / "pages").iterdir())) == making.KEPT
