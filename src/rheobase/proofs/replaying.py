"""A certificate read from a file and replayed."""

from __future__ import annotations

import json
from pathlib import Path

from rheobase.errors import RheobaseError

HOW = "a file that `rheobase check SPEC --certificate FILE` wrote"


def replayed(path: Path) -> tuple[str, dict[str, str]]:
    """(formula, what the checker says of each proof).

    Raises:
        RheobaseError: where the file is no certificate.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RheobaseError(f"cannot read {path}: {error.strerror}", instead=HOW) from None
    except (ValueError, RecursionError):
        raise RheobaseError(f"{path} is no JSON", instead=HOW) from None
    if not (isinstance(data, dict) and isinstance(data.get("formula"), str) and isinstance(data.get("proofs"), dict)):
        raise RheobaseError(f"{path} is no certificate", instead=HOW)
    from rheobase.certify.checker import replay

    return data["formula"], replay(data["formula"], data["proofs"])
