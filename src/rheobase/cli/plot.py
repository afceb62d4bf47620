"""`rheobase plot`: a picture of functions and their derivatives, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rheobase.errors import RheobaseError


def plot(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="The functions to draw, in this order.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to: .png, .svg or .pdf.")],
    low: Annotated[float, typer.Option(help="Where the horizontal axis begins.")] = -6.0,
    high: Annotated[float, typer.Option(help="Where it ends.")] = 6.0,
    derivative: Annotated[bool, typer.Option(help="Draw the derivatives beside the functions.")] = True,
    title: Annotated[str | None, typer.Option(help="Written above.")] = None,
    dark: Annotated[bool, typer.Option("--dark", help="For a dark page.")] = False,
) -> None:
    """Draw functions and their derivatives to a file."""
    if output.suffix not in (".png", ".svg", ".pdf"):
        raise RheobaseError(
            f"cannot draw into '{output}'", instead=f"-o {output.stem or 'picture'}.png (or .svg, .pdf)"
        )
    from rheobase import pictures

    figure = pictures.plot(specs, low=low, high=high, derivative=derivative, title=title, dark=dark)
    try:
        figure.savefig(output, dpi=160)
    except OSError as error:
        raise RheobaseError(
            f"cannot write '{output}': {error.strerror}", instead="a file in a folder that exists"
        ) from None
    print(output)
