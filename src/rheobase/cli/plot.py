"""`rheobase plot`: a picture of functions, of signal propagation or of expressiveness, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rheobase.errors import RheobaseError

LOW, HIGH = -6.0, 6.0


def plot(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="The functions to draw, in this order.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to: .png, .svg or .pdf; by default named after SPEC."
        ),
    ] = None,
    theory: Annotated[bool, typer.Option("--theory", help="Signal propagation through depth, of one SPEC.")] = False,
    expressive: Annotated[
        bool, typer.Option("--expressive", help="Growth of curves, linear regions and spectra, of one SPEC.")
    ] = False,
    sigma_b: Annotated[
        float | None,
        typer.Option(help="With --theory or --expressive: the edge of chaos for these biases, not the recommendation."),
    ] = None,
    low: Annotated[float, typer.Option(help="Where the horizontal axis begins.")] = LOW,
    high: Annotated[float, typer.Option(help="Where it ends.")] = HIGH,
    derivative: Annotated[bool, typer.Option(help="Draw the derivatives beside the functions.")] = True,
    title: Annotated[str | None, typer.Option(help="Written above.")] = None,
    dark: Annotated[bool, typer.Option("--dark", help="For a dark page.")] = False,
) -> None:
    """Draw functions and derivatives, or one function in depth."""
    if output is not None and output.suffix not in (".png", ".svg", ".pdf"):
        raise RheobaseError(
            f"cannot draw into '{output}'", instead=f"-o {output.stem or 'picture'}.png (or .svg, .pdf)"
        )
    from rheobase import pictures

    kind = _kind(specs, theory, expressive)
    if kind:
        if (low, high, derivative, title) != (LOW, HIGH, True, None):
            raise RheobaseError(
                f"--low, --high, --no-derivative and --title are not for --{kind}", instead="without them"
            )
        draw: Any = pictures.plot_theory if theory else pictures.plot_expressive
        figure = draw(specs[0], sigma_b=sigma_b, dark=dark)
    elif sigma_b is not None:
        raise RheobaseError("--sigma-b says nothing about curves", instead="--theory --sigma-b 0.3")
    else:
        figure = pictures.plot(specs, low=low, high=high, derivative=derivative, title=title, dark=dark)
    file = output or Path(pictures.file_name(specs, kind))
    try:
        figure.savefig(file, dpi=160)
    except OSError as error:
        raise RheobaseError(
            f"cannot write '{file}': {error.strerror}", instead="a file in a folder that exists"
        ) from None
    print(file)


def _kind(specs: list[str], theory: bool, expressive: bool) -> str:
    """Which picture of one function, "" for curves."""
    if theory and expressive:
        raise RheobaseError("one picture at a time", instead="--theory or --expressive")
    kind = "theory" if theory else "expressive" if expressive else ""
    if kind and len(specs) != 1:
        raise RheobaseError(
            f"--{kind} draws one function, not {len(specs)}", instead=f"rheobase plot {specs[0]} --{kind}"
        )
    return kind
