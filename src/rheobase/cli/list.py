"""`rheobase list`: the functions of the catalogue, all or those that meet some conditions."""

from __future__ import annotations

from typing import Annotated

import typer

from rheobase import catalogue
from rheobase.cli._output import print_json, print_table


def list_(
    family: Annotated[str | None, typer.Option(help="Those of one family, such as rectified.")] = None,
    year: Annotated[str | None, typer.Option(help="Published in 2017, 2017..2020, 2020.. or ..1990.")] = None,
    word: Annotated[
        str | None, typer.Option(help="That mention a word: id, name, alias, formula, authors, title.")
    ] = None,
    parameter: Annotated[str | None, typer.Option(help="With a parameter of this name; any; none.")] = None,
    direction: Annotated[
        str | None, typer.Option(help="Of one way of research: learnable, non-monotone, efficiency, domain, theory.")
    ] = None,
    claim: Annotated[
        str | None, typer.Option(help="One of whose source's claims is proven, refuted, unknown, or not judged.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As a list of objects.")] = False,
) -> None:
    """List the functions of the catalogue.

    Those that meet every condition given; all of them without any.
    """
    found = catalogue.list(
        family=family,
        year=year and year.replace("..", "-"),
        word=word,
        parameter=parameter,
        direction=direction,
    )
    if claim is not None:
        from rheobase.proofs import entries_with

        found = entries_with(claim, found)
    if as_json:
        print_json([entry.to_dict() for entry in found])
        return
    rows = [[e.id, e.family, str(e.year or ""), e.formula, ", ".join(e.params)] for e in found]
    print_table(["id", "family", "year", "formula", "parameters"], rows)
