"""What the playground reads of the library, as two scripts: the grammar with its words and rules, and the catalogue.

Its hand-written scripts (`assets/exact.js` to `play.js`) hold no word of a refusal, no limit, no primitive and no
derivative of one: all of that is data here.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import quote

import msgspec

from rheobase import errors, expr, parse, printing, syntax
from rheobase.activation import Activation
from rheobase.catalogue import entries
from rheobase.catalogue.names import tables
from rheobase.catalogue.specs import spec_text
from rheobase.catalogue.targets import BELL, BOTH, EXACT, FIRST, INNER, WIDE
from rheobase.differentiate import BY_BRANCH
from rheobase.expr import Parameter
from rheobase.ops import COMPARISONS, FUNCTIONS, OPS, SYNONYMS
from rheobase.refusals import HINTS, REFUSALS
from rheobase.web.functions import REACH, STEPS

EXAMPLES = (
    "x*sigmoid(b*x); b=1.5",
    "x*tanh(softplus(x))",
    "where(x > 0, x, a*expm1(x)); a=1",
    "swish:beta=2",
    "min(max(x, -1), 1)",
    "x + sin(a*x)**2/a; a=2",
)
SCRIPTS = (
    "helpers",
    "plot",
    "grammar",
    "catalogue",
    "exact",
    "tree",
    "syntax",
    "formula",
    "derive",
    "spec",
    "identify",
)
"""What computes, draws, reads, derives and identifies, in the order of loading; `play` is the page itself."""
NAMES = "abc"
"""What the arguments of a primitive are called in its cell and in its rules."""


def grammar() -> str:
    """The script of what a formula may hold: words, limits, primitives as functions, rules of differentiation."""
    made = {
        "refusals": REFUSALS,
        "hints": HINTS,
        "keywords": sorted(syntax.KEYWORDS),
        "limits": {
            "text": syntax.MAX_TEXT,
            "nesting": syntax.MAX_NESTING,
            "exponent": parse.MAX_EXPONENT,
            "literal": parse.MAX_LITERAL,
            "power": parse.MAX_POWER,
            "depth": expr.MAX_DEPTH,
            "size": expr.MAX_SIZE,
            "bits": expr.MAX_BITS,
            "word": errors.MAX_WORD,
        },
        "strength": syntax.STRENGTH,
        "compare": parse.COMPARE,
        "constants": parse.CONSTANTS,
        "functions": sorted(FUNCTIONS),
        "arity": {name: row.arity for name, row in OPS.items()},
        "synonyms": SYNONYMS,
        "infix": printing.INFIX,
        "slopes": slopes(),
        "slider": {"steps": STEPS, "reach": REACH},
    }
    cells = [f"  {name}: ({', '.join(NAMES[: row.arity])}) => {_cell(name)}," for name, row in OPS.items()]
    return _script("grammar", made) + "\nrheobase.cells = {\n" + "\n".join(cells) + "\n};\n"


def slopes() -> dict[str, list[str | None]]:
    """The partial derivatives of every primitive that is not a choice, as formulas in a, b and c.

    >>> slopes()["tanh"], slopes()["mul"]
    (['sech(a)**2'], ['b', 'a'])
    """
    found: dict[str, list[str | None]] = {}
    for name, row in OPS.items():
        if name not in COMPARISONS and name not in BY_BRANCH:
            partials = row.d(*map(Parameter, NAMES[: row.arity]))
            found[name] = [None if partial is None else str(partial) for partial in partials]
    return found


def _cell(name: str) -> str:
    return OPS[name].js.format(*NAMES)


def catalogue(shown: Collection[str]) -> str:
    """The script of the whole catalogue: formulas, parameters, names; `page` where `shown` has the function."""
    made = {
        entry.id: {
            "name": entry.name,
            "formula": entry.formula,
            "year": entry.year,
            "page": entry.id in shown,
            "parameters": {
                name: {**msgspec.structs.asdict(p), "domain": p.domain()} for name, p in entry.params.items()
            },
        }
        for entry in entries().values()
    }
    exact, loose, last = ({name: [e.id for e in found] for name, found in table.items()} for table in tables())
    points = {"bell": BELL.tolist(), "wide": WIDE.tolist()}
    points |= {"inner": INNER, "both": BOTH, "tolerance": EXACT, "first": FIRST}
    return _script("catalogue", {"entries": made, "exact": exact, "loose": loose, "last": last, **points})


def _script(name: str, made: dict[str, Any]) -> str:
    return f'"use strict";\n\nrheobase.{name} = {json.dumps(made, separators=(",", ":"))};\n'


def address(function: Activation) -> str:
    """What stands behind play.html for a function: its formula and the values of its parameters.

    >>> from rheobase.catalogue import get
    >>> address(get("swish"))
    '#f=x*sigmoid(beta*x)%3B%20beta%3D1'
    """
    values = spec_text("", {name: p.default for name, p in function.parameters.items()}).removeprefix(":")
    return "#f=" + quote(function.formula + "; " * bool(values) + values.replace(",", ", "), safe="*()/+-,")
