"""Uvicorn's server, which lets the application end before it waits for the answers that are under way."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

from uvicorn import Config, Server


class Ending(Server):
    """Calls `close` when it is told to end: streams of events would otherwise never be done."""

    def __init__(self, config: Config, close: Callable[[], Awaitable[object]]) -> None:
        super().__init__(config)
        self._close = close

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        await self._close()
        await super().shutdown(sockets)
