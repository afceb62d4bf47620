"""Processes of this package that the server starts: the same Python, the same code, nothing from the current folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import rheobase

LINE = 32_000_000
"""Bytes of one line of a child's output at most."""


async def child(module: str) -> asyncio.subprocess.Process:
    """Start a module of this package as a program; its input and output are pipes."""
    here = str(Path(rheobase.__file__).parent.parent)
    path = os.pathsep.join([here, *(p for p in sys.path if p and p != here)])
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module),  # -P: a json.py in the current folder is not ours
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
        start_new_session=True,  # Ctrl-C is for the server, which ends its children itself
        limit=LINE,
    )


async def end(process: asyncio.subprocess.Process, patience: float = 0.0) -> None:
    """End a process: its input ends, and it is killed when it has not left after so many seconds."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
