"""The server against those who do not mean well: paths, hosts, origins, bodies, formulas, patience."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.web.serve.checking import answered
from rheobase.web.serve.guard import BODY
from rheobase.web.serve.routes import STREAMS
from web.serving import JSON, Server, server

OUTSIDE = (
    "/../secret.html",
    "/%2e%2e/secret.html",
    "/..%2fsecret.html",
    "/%2e%2e%2fsecret.html",
    "/functions/../../secret.html",
    "/functions/%2e%2e/%2e%2e/secret.html",
    "/..%5csecret.html",
    "/%252e%252e/secret.html",
    "//etc/passwd",
    "/%00",
    "/index.html%00.css",
    "/functions",
    "/functions/",
    "/assets/",
    "/linked.html",
    "/folder/secret.html",
    "/notes.txt",
    "/%ff%fe",
    "/%EF%BC%8E%EF%BC%8E/secret.html",
    "/index.html/",
    "/INDEX.HTML",
)


@pytest.fixture(scope="module")
def served(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose folder of pages has a secret beside it, and links to that."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "secret.html").write_text("secret")
    pages = folder / "pages"
    shutil.copytree(site, pages)
    (pages / "linked.html").symlink_to(folder / "secret.html")
    (pages / "folder").symlink_to(folder, target_is_directory=True)
    (pages / "notes.txt").write_text("secret")
    with server(pages, folder / "store.sqlite") as running:
        yield running


def test_the_first_page_is_the_file_small_and_quick(served: Server, site: Path) -> None:
    assert served.get("/").body == (site / "index.html").read_bytes()
    began = time.perf_counter()
    loaded = [served.get(path) for path in ("/", "/assets/site.css", "/assets/index.js")]
    assert sum(len(one.body) for one in loaded) < 300_000
    assert time.perf_counter() - began < 1.0
    assert [one.headers["content-type"].split(";")[0] for one in loaded] == ["text/html", "text/css", "text/javascript"]


def test_a_page_that_a_browser_has_is_not_sent_again(served: Server) -> None:
    tag = served.get("/index.html").headers["etag"]
    again = served.get("/index.html", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leaves_the_folder(served: Server, path: str) -> None:
    answer = served.get(path)
    assert answer.status == 404
    assert b"secret" not in answer.body.replace(b"secret.html", b"") and b"root:" not in answer.body


def test_every_answer_has_its_policy(served: Server) -> None:
    answers = [
        served.get("/"),
        served.get("/nothing"),
        served.get("/live/check.html"),
        served.get("/live/state.json"),
        served.post("/live/check.json", []),
        served.send("PUT", "/", b"", {}),
        served.get("/", Host="elsewhere.example"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.elsewhere.example", "10.0.0.1:80", "", "[::2]"])
def test_another_host_is_refused(served: Server, host: str) -> None:
    """A page of a foreign name that resolves to this machine must not read what is here."""
    answer = served.get("/", Host=host)
    assert answer.status == 421 and "not called that" in answer.error


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:1", "[::1]:8765", "LOCALHOST:80"])
def test_this_machine_is_let_in_under_its_own_names(served: Server, host: str) -> None:
    assert served.get("/", Host=host).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_form_of_another_site_starts_nothing(served: Server, headers: dict[str, str]) -> None:
    for path in ("/live/check.json", "/live/compare.json", "/live/stop.json", "/live/follow.json"):
        answer = served.post(path, {"spec": "relu"}, **headers)
        assert answer.status == 403 and "another site" in answer.error


def test_a_form_that_needs_no_permission_starts_nothing(served: Server) -> None:
    """A page of another site can send these types without asking first."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert served.post("/live/check.json", {"spec": "relu"}, Content_Type=kind).status == 415


def test_its_own_form_is_let_in(served: Server) -> None:
    answer = served.post("/live/check.json", {"spec": "relu"}, Origin=served.address, Sec_Fetch_Site="same-origin")
    assert answer.status == 200 and answer.json["check"]["activation"] == "relu"


def test_a_body_is_small(served: Server) -> None:
    assert served.post("/live/check.json", b"x" * (BODY + 1)).status == 413
    assert served.send("POST", "/live/check.json", b"{}", JSON | {"Content-Length": "9" * 30}).status in (400, 413)
    chunks = b"".join(b"1000\r\n" + b"x" * 4096 + b"\r\n" for _ in range(6)) + b"0\r\n\r\n"
    with socket.create_connection(served.place, timeout=30) as line:
        head = b"POST /live/check.json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        line.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert b" 413 " in line.recv(200)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 9000, b'{"spec": 7}', b'{"spec": null}', b"NaN"]
)
def test_a_body_that_says_nothing_is_told_what_to_say(served: Server, body: bytes) -> None:
    answer = served.post("/live/check.json", body)
    assert answer.status == 400 and "instead: " in answer.error


def test_headers_without_end_and_queries_without_sense(served: Server) -> None:
    assert served.get("/?" + "q" * 3000).status == 414
    assert served.get("/" + "a" * 10_000).status == 414
    assert served.get("/", Cookie="c" * 17_000).status == 431
    with socket.create_connection(served.place, timeout=30) as line, contextlib.suppress(ConnectionError):
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 1_000_000)
        assert b" 400 " in line.recv(200)
    assert served.get("/").status == 200


def test_a_client_that_says_nothing_is_sent_away(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_connection(served.place, timeout=30) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        began = time.perf_counter()
        assert line.recv(10) == b""
        assert time.perf_counter() - began < 15


def test_so_many_pages_follow_and_no_more(served: Server) -> None:
    lines = [socket.create_connection(served.place, timeout=30) for _ in range(STREAMS + 1)]
    for line in lines:
        line.sendall(b"GET /live/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    found = [line.recv(20) for line in lines]
    for line in lines:
        line.close()
    assert sum(b" 200 " in one for one in found) == STREAMS and sum(b" 503 " in one for one in found) == 1
    assert next(served.events())["phase"] == "idle", "they are gone, and leave their place"


def test_a_hundred_at_once(served: Server) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(served.get("/").status)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 100


def test_a_bad_formula_is_told_as_in_the_shell(served: Server) -> None:
    with pytest.raises(RheobaseError) as told:
        get("x*tanh(x")
    answer = served.post("/live/check.json", {"spec": "x*tanh(x"})
    assert (answer.status, answer.error) == (400, str(told.value))
    assert answer.error.splitlines()[2] == "          ^", "the caret stands below the bracket"


@pytest.mark.parametrize(
    "spec",
    ["sigmiod", "x y", "", "__import__('os').system('id')", "x; a=1e999", "\0", "é" * 300, "x\r\nx", "(" * 900 + "x"],
)
def test_what_is_no_formula_is_refused_in_the_words_of_the_shell(spec: str) -> None:
    with pytest.raises(RheobaseError) as told:
        get(spec)
    assert answered(spec) == {"error": str(told.value)}


def test_a_formula_too_long_is_told(served: Server) -> None:
    assert served.post("/live/check.json", {"spec": "x+" * 2000 + "x"}).status == 413
