"""`rheobase identify`: which function of the catalogue a formula is."""

from __future__ import annotations

from typing import Annotated

import typer

from rheobase.cli._output import print_json


def identify(
    formula: Annotated[str, typer.Argument(help='A formula such as "x/(1+exp(-1.702*x))", or any other spec.')],
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Find the entry that a formula equals.

    Parameters are fitted. A formula that equals no entry is new; then the nearest entries are named.
    """
    from rheobase.catalogue import identify

    found = identify(formula)
    if as_json:
        print_json(found.to_dict())
    else:
        print(found)
