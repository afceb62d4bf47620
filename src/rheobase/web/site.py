"""The site as files: a page for every function, an index, compare, the XOR plane, leader boards, the story."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from rheobase import __version__
from rheobase.catalogue import entries, get
from rheobase.errors import RheobaseError
from rheobase.lower.emit import helper_sources
from rheobase.properties import PROPERTIES
from rheobase.story import lineage, repairs, rows
from rheobase.story.results import comparison, costs, studies
from rheobase.web import playground, results, story
from rheobase.web.functions import page
from rheobase.web.theory import figure

ASSETS = Path(__file__).with_name("assets")
LINKS = (
    ("index.html", "Functions"),
    ("story.html", "The story"),
    ("lineage.html", "Lineage"),
    ("play.html", "Playground"),
    ("compare.html", "Compare"),
    ("xor.html", "XOR"),
    ("boards.html", "Leader boards"),
)
SERVED = (("live/check.html", "Check"), ("live/compare.html", "Train"))
"""Pages that a server alone can show: they ask it to work something out."""
NUMBERS = frozenset(("kinks", "jumps", "extrema", "zeros", "infimum", "supremum", "lipschitz", "growth"))
FILTERS = tuple(p for p in PROPERTIES if p not in NUMBERS and not p.startswith(("limit_", "asymptote_")))
"""The properties that are plain yes or no."""
OURS = "Written by <code>rheobase site</code>"
"""What the pages written here say of themselves."""
ALONE = 12
"""With fewer pages than this a second process starts later than one is done."""


def write(
    folder: Path, specs: Sequence[str] = (), *, served: bool = False, told: Callable[[int, int], object] | None = None
) -> list[Path]:
    """Write the site and return the files: it needs neither a server nor a network.

    Args:
        folder: where to; it is made where there is none, and files of other names in it are left alone; one that
            holds the index.html of another site is refused.
        specs: ids or aliases of the functions to write pages of; the whole catalogue without any.
        served: whether the pages link to those that `rheobase serve` adds.
        told: called with how many functions are done, and of how many.

    Raises:
        RheobaseError: for an unknown function, a folder that cannot be written to, or one that holds another site.
    """
    wanted = _known(specs)
    _check(folder)
    pages = _pages(wanted, told or (lambda done, of: None))
    files: dict[str, str] = {
        f"assets/{path.name}": path.read_text(encoding="utf-8") for path in sorted(ASSETS.iterdir())
    }
    files["assets/helpers.js"] = '"use strict";\n\n' + "\n\n".join(helper_sources("js").values()) + "\n"
    files["assets/functions.js"] = '"use strict";\n\n' + "\n".join(one["script"] for one in pages)
    files |= _rendered(pages, served)
    return [_put(folder / name, text) for name, text in files.items()]


def _known(specs: Sequence[str]) -> list[str]:
    """The ids, in the order of the catalogue."""
    wanted: set[str] = set()
    for spec in specs:
        function = get(spec)
        if function.id is None or function != get(function.id):
            raise RheobaseError(f"{spec!r} is no entry of the catalogue as it stands", instead="an id: rheobase list")
        wanted.add(function.id)
    return [name for name in entries() if name in wanted or not wanted]


def _pages(names: Sequence[str], told: Callable[[int, int], object]) -> list[dict[str, Any]]:
    workers = min(os.cpu_count() or 1, 4)
    if len(names) < ALONE or workers == 1:
        return _counted(map(page, names), len(names), told)
    # Ctrl-C is for this process: it lets the others end after the pages they are at.
    quiet = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), **quiet) as pool:
        try:
            return _counted(pool.map(page, names, chunksize=4), len(names), told)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def _counted(pages: Iterable[dict[str, Any]], of: int, told: Callable[[int, int], object]) -> list[dict[str, Any]]:
    found = []
    for one in pages:
        found.append(one)
        told(len(found), of)
    return found


def environment(names: Mapping[str, str], *, served: bool = False) -> Environment:
    """What the templates are rendered with; `names` are those of the functions that have a page, by id."""
    found = Environment(
        loader=PackageLoader("rheobase.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        version=__version__,
        ours=OURS,
        links=LINKS + (SERVED if served else ()),
        names=names,
        figure=figure,
        id_of=results.id_of,
    )
    return found


def _rendered(pages: Sequence[dict[str, Any]], served: bool = False) -> dict[str, str]:
    names = {one["id"]: entries()[one["id"]].name for one in pages}
    templates = environment(names, served=served)

    def render(template: str, here: str, **values: Any) -> str:
        up = "../" * here.count("/")
        return templates.get_template(f"{template}.html.j2").render(here=here, up=up, **values)

    cards = sorted(map(_card, pages), key=lambda card: (card["year"] or 9999, card["name"].lower()))
    vocabulary = {
        "families": sorted({c["family"] for c in cards}),
        "directions": sorted({d for c in cards for d in c["directions"]}),
        "properties": FILTERS,
    }
    answers = {one["id"]: msgspec.to_builtins(one["facts"].xor) for one in pages}
    boards = {"studies": list(studies().values()), "comparison": comparison()}
    files = {
        "index.html": render("index", "index.html", cards=cards, **vocabulary),
        "compare.html": render("compare", "compare.html"),
        "play.html": render("play", "play.html", examples=playground.EXAMPLES, scripts=(*playground.SCRIPTS, "play")),
        "assets/grammar.js": playground.grammar(),
        "assets/catalogue.js": playground.catalogue(names),
        "xor.html": render("xor", "xor.html", answers=json.dumps(answers).replace("<", "\\u003c")),
        "boards.html": render("boards", "boards.html", **boards),
        "lineage.html": render("lineage", "lineage.html", **_tree()),
        "assets/pictures.js": story.scripts([spec for row in rows() for spec in story.curves(row)]),
    }
    for language, here in story.ADDRESS.items():
        files[here] = render("story", here, **story.told(language))
    relations = _relations(pages)
    for one in pages:
        here = f"functions/{one['id']}.html"
        files[here] = render("function", here, page=one, **relations(one["id"]))
    return files


def _tree() -> dict[str, Any]:
    edges = lineage()
    return {"roots": repairs.tree(edges), "count": repairs.counted(edges), "marks": repairs.MARKS}


def _card(one: dict[str, Any]) -> dict[str, Any]:
    """What the index shows of a function, and what it is found by."""
    entry = entries()[one["id"]]
    words = (entry.id, entry.name, *entry.names, entry.formula, entry.source.authors or "", entry.source.title or "")
    has = [{"proven": p, "refuted": f"not-{p}"}.get(one["properties"][p]) for p in FILTERS]
    return {
        "id": entry.id,
        "name": entry.name,
        "family": entry.family,
        "year": entry.year,
        "directions": entry.directions,
        "has": " ".join(filter(None, has)),
        "words": " ".join(words).lower(),
        "spark": one["spark"],
    }


def _relations(pages: Iterable[dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """What the page of an entry shows of other entries, as a function of its id."""
    parametric = {name for name, entry in entries().items() if entry.params}
    cases: dict[str, list[tuple[str, str]]] = {}
    for one in pages:
        for equal in one["facts"].equal:
            if equal.id in parametric:
                cases.setdefault(equal.id, []).append((one["id"], equal.spec))
    edges = lineage()

    def of(name: str) -> dict[str, Any]:
        rows = results.evidence().get(name, [])
        return {
            "entry": entries()[name],
            "address": playground.address(get(name)),
            "parametric": parametric,
            "parameters": name in parametric,
            "cases": cases.get(name, []),
            "mends": [edge for edge in edges if edge.by == name],
            "mended": [edge for edge in edges if edge.of == name],
            "evidence": rows,
            "costs": costs().get(name, []),
        }

    return of


def _check(folder: Path) -> None:
    """Refuse a place that no site can be written to, before anything is worked out."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        index = folder / "index.html"
        other = index.exists() and OURS not in index.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise _fault(folder, error) from None
    if other:
        what = f"{str(index)!r} is of another site, which would be lost"
        raise RheobaseError(what, instead="--out with a folder of its own: --out explorer")


def _put(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _fault(path, error) from None
    return path


def _fault(path: Path, error: OSError) -> RheobaseError:
    return RheobaseError(
        f"cannot write {str(path)!r}: {error.strerror}", instead="--out with a folder you may write to"
    )
