"""The addresses: pages, a check, a comparison with its events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rheobase.errors import RheobaseError
from rheobase.study.lease import holder
from rheobase.web.serve.asking import from_command, from_form
from rheobase.web.serve.checks import Checks
from rheobase.web.serve.guard import Refused
from rheobase.web.serve.jobs import Jobs
from rheobase.web.serve.pages import File

STREAM = "/live/events"
STREAMS = 32
"""At once."""
HEARTBEAT = 15.0
"""Seconds after which a silent stream says that it is still there."""
LOOK = 2.0
"""Seconds between two looks at who else trains into the store."""
REPORT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
"""The policy of a report, which has its style in it, and no script."""


def application(pages: Mapping[str, File], jobs: Jobs) -> Starlette:
    """The application; `pages` are all that is ever sent from files, the report aside."""
    checks = Checks()
    streams: set[Stream] = set()

    async def page(request: Request) -> Response:
        found = pages.get("/index.html" if request.url.path == "/" else request.url.path)
        if found is None:
            raise Refused(404, "there is no such page; instead: /")
        headers = {"ETag": found.tag}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type=found.kind, headers=headers)

    async def check(request: Request) -> Response:
        spec = (await asked(request)).get("spec")
        if not isinstance(spec, str):
            raise Refused(400, 'no formula to check; instead: {"spec": "swish"}')
        found = await checks.answer(spec)
        return JSONResponse(found, 400 if "error" in found else 200)

    async def compare(request: Request) -> Response:
        form = await asked(request)
        try:
            question = from_form(form)
        except RheobaseError as error:
            raise Refused(400, str(error)) from None
        return JSONResponse({"command": await jobs.start(question, train=form.get("train") is not False)})

    async def follow(_: Request) -> Response:
        found = holder(jobs.store)
        if found is None:
            raise Refused(409, f"nobody trains into {jobs.store} now")
        try:
            question = from_command(found[1])
        except RheobaseError as error:
            raise Refused(400, str(error)) from None
        return JSONResponse({"command": await jobs.start(question, train=False)})

    async def stop(_: Request) -> Response:
        await jobs.stop()
        return JSONResponse({"told": jobs.state["told"]})

    async def state(_: Request) -> Response:
        jobs.look_elsewhere()
        return JSONResponse(jobs.state)

    async def result(_: Request) -> Response:
        if jobs.result is None:
            raise Refused(404, "there is no result yet")
        return JSONResponse(jobs.result)

    async def report(_: Request) -> Response:
        if jobs.result is None or not jobs.report.is_file():
            raise Refused(404, "there is no report yet")
        return Response(
            jobs.report.read_bytes(),
            media_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": REPORT},
        )

    async def events(request: Request) -> Response:
        if len(streams) >= STREAMS:
            raise Refused(503, f"{STREAMS} pages are following already; instead: close one")
        return Stream(told(jobs, request.headers.get("last-event-id")), streams)

    return Starlette(
        routes=[
            Route("/live/check.json", check, methods=["POST"]),
            Route("/live/compare.json", compare, methods=["POST"]),
            Route("/live/follow.json", follow, methods=["POST"]),
            Route("/live/stop.json", stop, methods=["POST"]),
            Route("/live/state.json", state),
            Route("/live/result.json", result),
            Route("/live/report.html", report),
            Route(STREAM, events),
            Route("/{path:path}", page),
        ],
        exception_handlers={Refused: _refused},
    )


class Stream(StreamingResponse):
    """Events without end; it stands among the `others` for as long as it is open."""

    def __init__(self, events: AsyncIterator[str], others: set[Stream]) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store"}, media_type="text/event-stream")
        self._others = others
        others.add(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client or the server ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._others.discard(self)


async def told(jobs: Jobs, last: str | None) -> AsyncIterator[str]:
    """The whole state whenever it has changed; a page that comes back is told only what is new."""
    silent = HEARTBEAT
    while True:
        jobs.look_elsewhere()
        if jobs.stamp != last:
            last, silent = jobs.stamp, 0.0
            yield f"id: {last}\nevent: state\ndata: {json.dumps(jobs.state)}\n\n"
        elif silent >= HEARTBEAT:
            silent = 0.0
            yield ": still here\n\n"
        if jobs.closing:
            return
        await jobs.news(LOOK)
        silent += LOOK


async def _refused(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    return JSONResponse({"error": refused.what}, refused.status)


async def asked(request: Request) -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        Refused: it is none.
    """
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(400, 'the body is no JSON object; instead: {"spec": "swish"}')
    return found
