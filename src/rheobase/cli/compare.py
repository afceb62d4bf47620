"""`rheobase compare`: train the same networks with several functions and say which is better, and how sure that is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rheobase.cli._output import print_heading, print_json, print_table


def compare(
    specs: Annotated[
        list[str] | None, typer.Argument(metavar="[SPEC...]", help="The functions; by default nine well-known ones.")
    ] = None,
    on: Annotated[
        str, typer.Option(metavar="TASK", help="digits, deep-digits, xor, or your own: path.py:NAME.")
    ] = "digits",
    seeds: Annotated[int, typer.Option(help="Trainings a function, at least 2.")] = 10,
    init: Annotated[
        str | None, typer.Option(help="default, glorot, he or orthogonal; deep-digits shows all when none is named.")
    ] = None,
    store: Annotated[Path, typer.Option(metavar="FILE", help="Where finished trainings are kept.")] = Path(
        "rheobase.sqlite"
    ),
    report: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = Path("report.html"),
    placebo: Annotated[bool, typer.Option("--placebo", help="Enter the first function twice, as a check.")] = False,
    workers: Annotated[int | None, typer.Option(help="Processes; by default one a core. 0: this one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare functions by training the same networks with each.

    What is finished is kept: the same command goes on where an interrupted one stopped.
    """
    from rheobase import study
    from rheobase.study import show

    try:
        with show.Bar() as bar:
            result = study.compare(
                specs or study.ESSAY,
                on,
                seeds,
                init,
                store,
                report=report,
                placebo=placebo,
                workers=workers,
                watcher=bar,
            )
    except KeyboardInterrupt as stopped:
        print(str(stopped) or "Stopped.", file=sys.stderr)
        raise typer.Exit(130) from None
    if json:
        print_json(result.to_dict())
    else:
        print_heading(show.heading(result))
        print_table(*show.table(result))
        print("", *show.sentences(result), sep="\n")
        print(show.cost(result), file=sys.stderr)
    print(f"{result.trained} trials trained, {result.reused} reused from {store}; report: {report}", file=sys.stderr)
