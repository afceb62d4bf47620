"""The playground's scripts in Node.js, without a page: texts and numbers in, what the browser makes of them out."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rheobase.catalogue import get
from rheobase.errors import FormulaError, RheobaseError
from rheobase.lower.emit import helper_sources
from rheobase.web import playground
from rheobase.web.site import ASSETS

AROUND = """
const told = (error) => {
  if (!(error instanceof rheobase.Refusal)) throw error;
  const { what, instead, text, position } = error;
  return { what, instead, place: text === null ? null : rheobase.refusals.caret(text, position) };
};
const answer = (task) => {
  try {
    return task();
  } catch (error) {
    return told(error);
  }
};
const { tree } = rheobase;
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
"""
SPEC = """asked.map((spec) => answer(() => {
  const { id, expr, parameters } = rheobase.spec.get(spec);
  return { id, text: tree.text(expr), values: [...parameters].map(([n, p]) => [n, p.value, p.learnable]) };
}))"""


@cache
def scripts() -> str:
    """The scripts of the page as one."""
    made = {"helpers": "\n".join(helper_sources("js").values()), "grammar": playground.grammar()}
    made["catalogue"] = playground.catalogue(())
    return "\n".join(made.get(name) or (ASSETS / f"{name}.js").read_text("utf-8") for name in playground.SCRIPTS)


def ask(asked: Any, code: str) -> Any:
    """What the expression `code`, which sees `asked`, `answer`, `tree` and `rheobase`, gives in Node.js."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "asked.js"
        file.write_text(f"{scripts()}\n{AROUND}\nprocess.stdout.write(JSON.stringify({code}));\n", "utf-8")
        # JSON in ASCII: a lone surrogate travels, too
        done = subprocess.run(["node", file], input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def in_python(spec: str) -> dict[str, Any]:
    """What `SPEC` gives, from the library."""
    try:
        found = get(spec)
    except RheobaseError as error:
        place = error.where if isinstance(error, FormulaError) else None
        return {"what": error.what, "instead": error.instead, "place": place}
    values = [[name, p.default, p.learnable] for name, p in found.parameters.items()]
    return {"id": found.id, "text": found.formula, "values": values}
