"""What every request has to pass: a known host, the same origin, a small body, little time; the headers of answers."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

BODY = 16_384
"""Bytes of a request's body at most; the longest form has a tenth of that."""
READING = 10.0
"""Seconds that a body may take to arrive."""
ANSWERING = 60.0
"""Seconds that an answer may take, a stream of events aside."""
ADDRESS = 2_048
"""Bytes of a path with its query at most."""
HEAD = 16_384
"""Bytes of all headers at most."""
METHODS = ("GET", "HEAD", "POST")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""On every answer that does not say otherwise itself."""


class Refused(Exception):
    """A request that is not let in: the status, and a line that says why."""

    def __init__(self, status: int, what: str) -> None:
        self.status, self.what = status, what
        super().__init__(what)


class Guard:
    """Around the application: lets in what may come in, and puts the headers on what goes out.

    Args:
        app: the application.
        host: the address that the server listens on.
        streams: paths whose answers have no end.
    """

    def __init__(self, app: App, host: str, streams: Iterable[str] = ()) -> None:
        self.app, self.streams = app, frozenset(streams)
        self.names = names_of(host)
        self.everywhere = not is_loopback(host)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = {name.lower() for name, _ in message["headers"]}
                more = [(n.lower().encode(), v.encode()) for n, v in HEADERS.items() if n.lower().encode() not in own]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        try:
            self._let_in(scope)
            read = await _body(scope, receive)
            if scope["path"] in self.streams:
                await self.app(scope, read, guarded)
                return
            async with asyncio.timeout(ANSWERING):
                await self.app(scope, read, guarded)
        except Refused as refused:
            await answer(guarded, refused.status, refused.what)
        except TimeoutError:
            if not begun:
                await answer(guarded, 503, f"no answer within {ANSWERING:.0f} s")

    def _let_in(self, scope: Message) -> None:
        """Whether the request may go on.

        Raises:
            Refused: it may not.
        """
        headers = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1 or not self.knows(hosts[0]):
            raise Refused(421, f"this server is not called that; instead: {' or '.join(sorted(self.names))}")
        if scope["method"] not in METHODS:
            raise Refused(405, f"instead: {', '.join(METHODS)}")
        if len(scope["raw_path"]) + len(scope["query_string"]) > ADDRESS:
            raise Refused(414, f"an address of more than {ADDRESS:,} bytes")
        if sum(len(name) + len(value) for name, value in headers) > HEAD:
            raise Refused(431, f"headers of more than {HEAD:,} bytes")
        if scope["method"] == "POST":
            given = dict(headers)
            origin = given.get(b"origin")
            if origin is not None and origin.decode("latin-1").lower() != f"http://{hosts[0]}".lower():
                raise Refused(403, "a form of another site cannot ask this server for anything")
            if given.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
                raise Refused(403, "a form of another site cannot ask this server for anything")
            # A page of another site cannot send this type without asking first, which is never granted.
            if given.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
                raise Refused(415, "instead: Content-Type: application/json")

    def knows(self, host: str) -> bool:
        """Is it a name of this server? A page of a foreign name that resolves to here must not read what is here."""
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        name = name.strip("[]").lower().rstrip(".")
        if name in self.names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.everywhere or address.is_loopback


def is_loopback(host: str) -> bool:
    """Does only this machine reach what listens there?

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def names_of(host: str) -> frozenset[str]:
    """The names under which a browser may ask for what listens on `host`."""
    own = {host.strip("[]").lower(), "localhost"}
    if is_loopback(host):
        return frozenset(own | {"127.0.0.1"})
    machine = socket.gethostname().lower()
    return frozenset((own | {machine, machine.partition(".")[0], f"{machine}.local"}) - {"0.0.0.0", "::"})


async def _body(scope: Message, receive: Receive) -> Receive:
    """Read the whole body, so that nothing behind this has to; what is too long or too slow does not get there.

    Raises:
        Refused: it is too long, or takes too long.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or len(value) > 9 or int(value) > BODY):
            raise Refused(413, f"a body of more than {BODY:,} bytes")
    if scope["method"] != "POST":
        return receive
    whole = bytearray()
    try:
        async with asyncio.timeout(READING):
            while True:
                message = await receive()
                whole += message.get("body", b"")
                if len(whole) > BODY:
                    raise Refused(413, f"a body of more than {BODY:,} bytes")
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    break
    except TimeoutError:
        raise Refused(408, f"the body did not arrive within {READING:.0f} s") from None
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(whole), "more_body": False}

    return again


async def answer(send: Send, status: int, what: str) -> None:
    text = json.dumps({"error": what}).encode() + b"\n"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
