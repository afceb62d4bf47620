"""`rheobase site`: where it writes, what it prints, what it refuses. The pages themselves: tests/web."""

from __future__ import annotations

from pathlib import Path


def test_site_writes_the_folder_and_prints_where(rheobase, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    done = rheobase("site", "relu", "--out", str(out))
    assert done.code == 0
    assert done.out == f"{out / 'index.html'}\n"
    assert done.err.startswith("1 function, ")
    assert (out / "functions" / "relu.html").is_file()


def test_site_refuses_what_has_no_page(rheobase, tmp_path: Path) -> None:
    done = rheobase("site", "reluu", "--out", str(tmp_path / "site"))
    assert (done.code, done.out) == (2, "")
    assert "instead: relu" in done.err
    assert not (tmp_path / "site").exists()


def test_site_refuses_a_file_for_a_folder(rheobase, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    done = rheobase("site", "relu", "--out", str(tmp_path / "file"))
    assert done.code == 2
    assert "cannot write" in done.err
    assert (tmp_path / "file").read_text() == "kept"
