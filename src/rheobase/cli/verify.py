"""`rheobase verify`: replays what was written down as proven."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rheobase.cli._output import print_json, print_table


def verify(
    what: Annotated[str, typer.Argument(help="`proof`: a file that `rheobase check SPEC --certificate FILE` wrote.")],
    file: Annotated[Path, typer.Argument(help="The file.")],
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Replay the proofs of a certificate.

    The checker knows the table of primitives and nothing of the search that found the proofs. Exit code 0 when every
    proof holds, 1 when one does not.
    """
    from rheobase.errors import RheobaseError
    from rheobase.proofs.replaying import replayed

    if what != "proof":
        raise RheobaseError(f"nothing to verify by the name of {what!r}", instead="rheobase verify proof FILE")
    formula, found = replayed(file)
    if as_json:
        print_json({"formula": formula, "holds": all(v == "holds" for v in found.values()), "proofs": found})
    else:
        print(formula)
        print_table(["property", "proof"], [[name, said] for name, said in found.items()])
    if not found or any(said != "holds" for said in found.values()):
        raise typer.Exit(1)
