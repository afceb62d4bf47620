"""The comparison that is trained or followed, one at a time: its process, its state, those who wait for the state."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from rheobase.study.lease import holder
from rheobase.web.serve.children import child, end
from rheobase.web.serve.guard import Refused

READING = 30.0
"""Seconds that reading the question may take."""
STOPPING = 15.0
"""Seconds that a process gets to stop."""
EMPTY = {"done": 0, "total": 0, "left": "", "parts": [], "sentences": []}


class Jobs:
    """What is under way.

    Attributes:
        state: what the page shows; `phase` is idle, training, watching, done, stopped or failed.
        stamp: changes with the state, and never comes again, in another run of the server either.
        result: what `rheobase compare --json` would print; None before the end.
        last: what became of a comparison that was still training when the server ended.
    """

    def __init__(self, store: Path, report: Path) -> None:
        self.store, self.report = store, report
        self.state: dict[str, Any] = {"phase": "idle", "command": "", "told": "", "elsewhere": None, **EMPTY}
        self.result: dict[str, Any] | None = None
        self.last = ""
        self._run, self._number = uuid4().hex[:8], 0
        self._news = asyncio.Event()
        self._starting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self.closing = False

    @property
    def stamp(self) -> str:
        return f"{self._run}-{self._number}"

    def change(self, **more: Any) -> None:
        """Change the state, and wake those who wait for it."""
        self.state = {**self.state, **more}
        self._number += 1
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, seconds: float) -> None:
        """Return when the state has changed, or after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def look_elsewhere(self) -> None:
        """Whether another process trains into the store."""
        found = holder(self.store)
        if found is not None and self.state["phase"] == "training":
            found = None
        other = None if found is None else {"who": found[0], "command": found[1]}
        if other != self.state["elsewhere"]:
            self.change(elsewhere=other)

    async def start(self, question: Mapping[str, Any], *, train: bool) -> str:
        """Start training, or following; return the command that does the same in a shell.

        Raises:
            Refused: one is training already, or the question is not well put.
        """
        if self.state["phase"] == "training" or self._starting.locked() or self.closing:
            raise Refused(409, "one comparison at a time, and one is training; instead: stop it, or wait for its end")
        if train and (other := holder(self.store)) is not None:
            raise Refused(409, f"another run trains into {self.store} ({': '.join(other)}); instead: follow it")
        async with self._starting:
            await self.stop()  # what was only followed
            process = await child("rheobase.web.serve.studying")
            assert process.stdin is not None and process.stdout is not None
            names = {"store": str(self.store), "report": str(self.report)}
            process.stdin.write(json.dumps({"question": question, "train": train, **names}).encode() + b"\n")
            first: dict[str, Any] = {"error": f"the functions could not be read within {READING:.0f} s"}
            try:
                async with asyncio.timeout(READING):
                    await process.stdin.drain()
                    first = json.loads(await process.stdout.readline() or b'{"error": "the process ended at once"}')
            except (TimeoutError, ConnectionError):
                pass
            if "asked" not in first:
                await end(process)
                raise Refused(400, first.get("error") or "it was stopped before it began")
            self._process, self.result = process, None
            phase = "training" if train else "watching"
            self.change(phase=phase, command=first["asked"], told="", elsewhere=None, **EMPTY)
            self._listening = asyncio.create_task(self._listen(process))
            return first["asked"]

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Take in what the process says, until it ends."""
        assert process.stdout is not None
        phase, told = "failed", "its process ended before its time; what it trained is kept, and goes on with the form"
        async for line in process.stdout:
            said = json.loads(line)
            if "seen" in said:
                self.change(**said["seen"])
            elif "result" in said:
                self.result, phase, told = said["result"], "done", ""
            elif "stopped" in said:
                phase, told = "stopped", said["stopped"]
            elif "error" in said:
                told = said["error"]
        await process.wait()
        self.change(phase=phase, told=told, left="")

    async def stop(self) -> None:
        """Stop what is under way; what is trained is kept."""
        if self._process is None or self._listening is None:
            return
        await end(self._process, STOPPING)
        await self._listening
        self._process = self._listening = None

    async def close(self) -> None:
        """Stop for good, when the server ends."""
        self.closing = True
        if self.state["phase"] == "training":
            await self.stop()
            self.last = f"{self.state['told']}\n{self.state['command']} --store {self.store}"
        await self.stop()
        self.change()
