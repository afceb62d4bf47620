"""A server of its own process for the tests, and requests to it that no browser would send."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.json["error"]


@dataclass(frozen=True)
class Server:
    """A running `rheobase serve`."""

    process: subprocess.Popen[str]
    address: str
    store: Path

    @property
    def place(self) -> tuple[str, int]:
        host, _, port = self.address.removeprefix("http://").partition(":")
        return host, int(port)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.place, timeout=60)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.send("POST", path, body, JSON | {name.replace("_", "-"): v for name, v in headers.items()})

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self.connection()
        try:
            connection.putrequest(method, path, skip_host="Host" in headers)
            if body is not None:
                headers = {"Content-Length": str(len(body))} | headers
            for name, text in headers.items():
                connection.putheader(name, text)
            connection.endheaders(body)
            found = connection.getresponse()
            kept = {name.lower(): text for name, text in found.getheaders()}
            return Answer(found.status, kept, found.read())
        finally:
            connection.close()

    def events(self) -> Iterator[dict[str, Any]]:
        """The states that the stream tells, until it ends."""
        connection = self.connection()
        try:
            connection.request("GET", "/live/events")
            stream = connection.getresponse()
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
        finally:
            connection.close()

    def until(self, *phases: str) -> dict[str, Any]:
        """The first state in one of these phases."""
        return next(state for state in self.events() if state["phase"] in phases)

    def end(self) -> tuple[int, str]:
        """End it with Ctrl-C; the exit code, and what it said on standard error."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def server(pages: Path, store: Path, *more: str) -> Iterator[Server]:
    """Start a server on a free port, and end it."""
    command = [sys.executable, "-m", "rheobase", "serve", "--port", "0", "--pages", str(pages), "--store", str(store)]
    process = subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=store.parent
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise AssertionError(process.communicate(timeout=60)[1])
        yield Server(process, address, store)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=60)
