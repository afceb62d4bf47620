"""The pages that only a server has: check a formula, train a comparison and follow it."""

from __future__ import annotations

from pathlib import Path

from rheobase.catalogue import entries
from rheobase.study.tasks import tasks
from rheobase.web.serve.asking import FUNCTIONS, LENGTH, SEEDS
from rheobase.web.serve.pages import TYPES, File, file
from rheobase.web.site import environment

ASSETS = Path(__file__).with_name("assets")
PAGES = ("check", "compare")


def live(store: Path) -> dict[str, File]:
    """The pages with what they load, by address."""
    names = {name: entry.name for name, entry in entries().items()}
    templates = environment(names, served=True)
    values = {
        "tasks": tasks().values(),
        "inits": sorted({init for task in tasks().values() for init in task.inits} | {"tuned"}),
        "ours": "Sent by <code>rheobase serve</code>",
        "store": store,
        "most": {"functions": FUNCTIONS, "seeds": SEEDS, "length": LENGTH},
    }
    found = {f"/live/{p.name}": file(p.read_bytes(), TYPES[p.suffix]) for p in ASSETS.iterdir() if p.suffix in TYPES}
    for name in PAGES:
        here = f"live/{name}.html"
        text = templates.get_template(f"live_{name}.html.j2").render(here=here, up="../", **values)
        found[f"/{here}"] = file(text.encode(), TYPES[".html"])
    return found
