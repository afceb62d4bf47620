"""What the first page of `rheobase serve` weighs, how long it takes on loopback, and how long a second start takes.

python benchmarks/first_page.py          prints it; the pages are made first where they are not yet kept
"""

from __future__ import annotations

import http.client
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOADS = 50


def load(host: str, port: int) -> tuple[int, float]:
    """The bytes and the seconds of the first page with everything that it loads, over one connection."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection(host, port)
    connection.request("GET", "/")
    page = connection.getresponse().read()
    size = len(page)
    for path in re.findall(rb'(?:src|href)="(assets/[^"]+)"', page):
        connection.request("GET", "/" + path.decode())
        size += len(connection.getresponse().read())
    connection.close()
    return size, time.perf_counter() - began


def start(folder: Path) -> tuple[subprocess.Popen[str], str, float]:
    """A server that answers, its address, and the seconds until it did."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "rheobase", "serve", "--port", "0", "--store", str(folder / "store.sqlite")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    address = process.stdout.readline().strip().removeprefix("http://")
    host, port = address.split(":")
    load(host, int(port))
    return process, address, time.perf_counter() - began


def end(process: subprocess.Popen[str]) -> None:
    """End it with Ctrl-C."""
    process.send_signal(signal.SIGINT)
    process.wait(60)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        first, _, made = start(Path(name))
        end(first)
        process, address, again = start(Path(name))
        host, port = address.split(":")
        found = [load(host, int(port)) for _ in range(LOADS)]
        end(process)
    seconds = sorted(taken for _, taken in found)
    print(f"first start {made:.1f} s, second {again:.1f} s until the first page is there")
    median, last = 1e3 * statistics.median(seconds), 1e3 * seconds[-1]
    print(f"first page {found[0][0] / 1e3:.0f} kB, {median:.1f} ms (median of {LOADS}), {last:.1f} ms at most")


if __name__ == "__main__":
    main()
