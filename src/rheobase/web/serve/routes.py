"""The addresses: pages, a check, a comparison with its events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rheobase.web.serve.checks import Checks
from rheobase.web.serve.guard import Refused
from rheobase.web.serve.pages import File


def application(pages: Mapping[str, File]) -> Starlette:
    """The application; `pages` are all that is ever sent from files."""
    checks = Checks()

    async def page(request: Request) -> Response:
        found = pages.get("/index.html" if request.url.path == "/" else request.url.path)
        if found is None:
            raise Refused(404, "there is no such page; instead: /")
        headers = {"ETag": found.tag}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type=found.kind, headers=headers)

    async def check(request: Request) -> Response:
        return JSONResponse(await checks.answer(text(await asked(request), "spec")))

    return Starlette(
        routes=[
            Route("/live/check.json", check, methods=["POST"]),
            Route("/{path:path}", page),
        ],
        exception_handlers={Refused: _refused},
    )


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


def text(found: Mapping[str, Any], name: str) -> str:
    """A text of the request.

    Raises:
        Refused: there is none of that name.
    """
    value = found.get(name)
    if not isinstance(value, str):
        raise Refused(400, f'{name} is no text; instead: {{"{name}": "…"}}')
    return value
