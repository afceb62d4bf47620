"""Verdicts that are kept: those of the catalogue come with the package, all others lie in the user's cache folder.

The folder is `$RHEOBASE_CACHE`, or `rheobase` in `$XDG_CACHE_HOME` (`~/.cache`); an empty RHEOBASE_CACHE turns it off.
A file is named by the formula and by the prover that made it, so that neither a changed formula nor a changed
prover ever meets old verdicts.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from rheobase.proofs.report import Found

PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = Path(__file__).with_name("catalogue.jsonl")
PROVER = ("enclosure", "certify", "simplify", "ops.py", "balls.py", "expr.py", "differentiate.py", "parse.py")
"""What decides a verdict, besides the formula."""


class Kept(msgspec.Struct, frozen=True):
    """The verdicts on one formula, and the proofs where they were kept too."""

    formula: str
    properties: dict[str, Found]
    proofs: dict[str, Any] = {}


@cache
def prover() -> str:
    """A fingerprint of the prover: changes whenever a verdict might."""
    from hashlib import sha256

    digest = sha256()
    for part in PROVER:
        home = PACKAGE / part
        for path in sorted(home.rglob("*.py")) if home.is_dir() else [home]:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def folder() -> Path | None:
    """Where verdicts are kept, None where they are not to be."""
    named = os.environ.get("RHEOBASE_CACHE")
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "rheobase"
    except RuntimeError:  # no home folder
        return None


def _path(formula: str) -> Path | None:
    from hashlib import sha256

    home = folder()
    return home and home / (sha256(f"{prover()}\n{formula}".encode()).hexdigest()[:40] + ".json")


def kept(formula: str) -> Kept | None:
    """The verdicts on a formula from the cache folder; None where there are none, or the file is not whole."""
    path = _path(formula)
    if path is None:
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.formula == formula else None


def keep(found: Kept) -> None:
    """Write verdicts to the cache folder; where that cannot be written to, they are worked out again next time."""
    import tempfile

    path = _path(found.formula)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(found))
        Path(name).replace(path)
    except OSError:
        return


@cache
def _shipped() -> dict[str, str]:
    """Lines of the shipped file by formula, not yet decoded."""
    try:
        lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {json.loads(line.split("\t", 1)[0]): line.split("\t", 1)[1] for line in lines if "\t" in line}


def shipped(formula: str) -> dict[str, Found] | None:
    """The verdicts on a formula of the catalogue that come with the package, without their proofs."""
    line = _shipped().get(formula)
    return None if line is None else msgspec.json.decode(line, type=dict[str, Found])


def write_shipped(found: dict[str, dict[str, Found]]) -> None:
    """Write the file that comes with the package: one formula a line."""
    lines = [
        json.dumps(formula) + "\t" + msgspec.json.encode(properties).decode()
        for formula, properties in sorted(found.items())
    ]
    SHIPPED.write_text("\n".join(lines) + "\n", encoding="utf-8")
