"""Checks that visitors ask for: each in a process of its own, few at a time, ended when it takes too long."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from rheobase.web.serve.children import child, end
from rheobase.web.serve.guard import Refused

SECONDS = 25.0
"""How long a check may take."""
AT_ONCE = 2
WAITING = 8
"""So many more may wait for their turn."""
SHELL = "a shorter formula, or rheobase check in a shell, which has no limit"
LENGTH = 2_000
"""Characters of a formula at most."""


class Checks:
    """Runs checks."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._asked = 0

    async def answer(self, spec: str) -> dict[str, Any]:
        """What the check says: `{"check": …}` with what the page shows, or `{"error": …}`.

        Raises:
            Refused: too long a formula, or too many checks at once.
        """
        if len(spec) > LENGTH:
            raise Refused(413, f"a formula of more than {LENGTH:,} characters; instead: {SHELL}")
        if self._asked >= AT_ONCE + WAITING:
            raise Refused(503, "many checks are being worked on; instead: try again in a minute")
        self._asked += 1
        try:
            async with self._turn:
                return await self._run(spec)
        finally:
            self._asked -= 1

    async def _run(self, spec: str) -> dict[str, Any]:
        process = await child("rheobase.web.serve.checking")
        try:
            async with asyncio.timeout(self.seconds):
                out, _ = await process.communicate(json.dumps({"spec": spec}).encode())
            return json.loads(out)
        except TimeoutError:
            return {"error": f"the check was ended after {self.seconds:.0f} s; instead: {SHELL}"}
        except json.JSONDecodeError:
            return {"error": f"the check took more time or memory than it may here; instead: {SHELL}"}
        finally:
            await end(process)
