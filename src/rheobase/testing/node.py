"""Generated JavaScript run by Node.js: one process that is kept, doubles in and out without a digit lost."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rheobase.errors import RheobaseError

Array = NDArray[Any]

LOOP = r"""
const made = new Map();
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { source, name, arguments: given } = JSON.parse(line);
  let reply;
  try {
    if (!made.has(source)) made.set(source, new Function(source + "\nreturn " + name + ";")());
    const lists = given.map((text) => {
      const bytes = Uint8Array.from(Buffer.from(text, "base64"));
      return new Float64Array(bytes.buffer);
    });
    const f = made.get(source);
    const values = lists[0].map((x, i) => f(x, ...lists.slice(1).map((list) => list[i])));
    reply = { values: Buffer.from(values.buffer).toString("base64") };
  } catch (error) {
    reply = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
});
"""


class Node(NamedTuple):
    """A running Node.js that evaluates functions at points."""

    process: subprocess.Popen[str]

    def evaluate(self, source: str, name: str, *arguments: Array) -> Array:
        """The values of the function `name` of the JavaScript `source`; its arguments are arrays of equal length.

        Raises:
            RheobaseError: where the source does not compile, or throws.
        """
        lists = [base64.b64encode(np.ascontiguousarray(a, "<f8").tobytes()).decode() for a in arguments]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"source": source, "name": name, "arguments": lists}) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline() or '{"error": "Node.js has ended"}')
        if "error" in reply:
            raise RheobaseError(f"Node.js: {reply['error']}", where=name, instead="JavaScript that runs")
        return np.frombuffer(base64.b64decode(reply["values"]), "<f8")


def installed() -> bool:
    """Is Node.js there?"""
    return shutil.which("node") is not None


@lru_cache(maxsize=1)
def node() -> Node:
    """The Node.js of this process, started at the first call; it ends with its input.

    Raises:
        RheobaseError: where there is none.
    """
    if not installed():
        raise RheobaseError("generated JavaScript needs Node.js, which is not installed", instead="node on the PATH")
    command = ["node", "-e", LOOP]
    return Node(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"))
