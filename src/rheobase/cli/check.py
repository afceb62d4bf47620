"""`rheobase check`: what is proven of a function, and what is refuted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rheobase.cli._output import print_heading, print_json, print_table, write_file

if TYPE_CHECKING:
    from rheobase.proofs import Check


def check(
    spec: Annotated[str, typer.Argument(help='An id or alias, with values (elu:alpha=2), or a formula ("x*tanh(x)").')],
    wanted: Annotated[
        list[str] | None,
        typer.Option("--is", metavar="PROPERTY", help='Ask one thing, "not " before it or not; may be repeated.'),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the proofs for `rheobase verify proof FILE`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Prove or refute thirty properties of a function.

    Every answer is proven (a checker can replay it), refuted (with a witness) or unknown (with the reason). With --is
    the exit code is 0 when all that is asked is proven, 1 when something is refuted, 3 when something is unknown.
    """
    from rheobase.proofs import check
    from rheobase.proofs.claims import holds

    found = check(spec, proofs=certificate is not None)
    answers = {claim: holds(found, claim) for claim in wanted or ()}
    if certificate is not None:
        write_file(certificate, json.dumps(found.certificate()) + "\n")
        print(f"{len(found.proofs)} proofs written to {certificate}", file=sys.stderr)
    if as_json:
        print_json(found.to_dict())
    elif answers:
        for claim, answer in answers.items():
            word = {True: "yes", False: "no", None: "unknown"}[answer]
            print(f"{claim}: {word}{_because(found, claim)}")
    else:
        _print(found)
    if answers:
        raise typer.Exit(1 if False in answers.values() else 3 if None in answers.values() else 0)


def _because(found: Check, claim: str) -> str:
    rows = {name: words for name, _, words in found.rows()}
    words = rows.get(claim.removeprefix("not ").strip(), "")
    return f" ({words})" if words else ""


def _print(found: Check) -> None:
    from rheobase.proofs.words import traits

    print_heading(f"{found.activation}: {found.formula}")
    print_table(["property", "verdict", "found"], [list(row) for row in found.rows()])
    if found.remark:
        print(found.remark)
    for name, lines in zip(("strengths", "weaknesses"), traits(found), strict=True):
        for i, line in enumerate(lines):
            print(f"{name if i == 0 else '':<12}{line}")
