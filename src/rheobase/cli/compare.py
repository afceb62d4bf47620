"""`rheobase compare`: train the same networks with several functions and say which is better, and how sure that is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from rheobase.cli._options import STORE, Address, Device, Engine, Store, Workers
from rheobase.cli._output import print_heading, print_json, print_table


def compare(
    specs: Annotated[
        list[str] | None, typer.Argument(metavar="[SPEC...]", help="The functions; by default nine well-known ones.")
    ] = None,
    on: Annotated[
        str, typer.Option(metavar="TASKS", help="One, several with commas, all, or your own: path.py:NAME.")
    ] = "digits",
    seeds: Annotated[
        int | None, typer.Option(help="Trainings a function: 10; with --until or --race at most, 60.")
    ] = None,
    init: Annotated[
        str | None, typer.Option(help="default, glorot, he, orthogonal …; tuned: default or theory, as suits each.")
    ] = None,
    store: Store = STORE,
    report: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = Path("report.html"),
    placebo: Annotated[bool, typer.Option("--placebo", help="Enter the first function twice, as a check.")] = False,
    tuning: Annotated[
        Literal["grid", "halving"], typer.Option(help="Choose rates from the whole grid, or by successive halving.")
    ] = "grid",
    until: Annotated[
        float | None, typer.Option(metavar="POINTS", help="Add seeds until differences of so many points are decided.")
    ] = None,
    race: Annotated[bool, typer.Option("--race", help="Add seeds only to functions not shown to be behind.")] = False,
    margin: Annotated[
        float | None, typer.Option(metavar="POINTS", help="What makes no difference in practice: 0.3 points.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="PATH", help="Your own data for the task: a folder of images, a text file.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Cut the plan to fit: 90s, 10m, 2h. What was cut is told.")
    ] = None,
    device: Device = "cpu",
    workers: Workers = None,
    engine: Engine = "inline",
    address: Address = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the rows as CSV.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare functions by training the same networks with each.

    What is finished is kept: the same command goes on where an interrupted one stopped.
    """
    from rheobase import study
    from rheobase.study import Comparison, show
    from rheobase.study.estimate import duration
    from rheobase.study.question import tasks_of

    tasks = [task.address for task in tasks_of(f"{on}@{data}" if data else on)]
    try:
        with show.Bar() as bar:
            result = study.compare(
                specs or study.ESSAY,
                tasks if len(tasks) > 1 else tasks[0],
                seeds,
                init,
                store,
                report=report,
                placebo=placebo,
                tuning=tuning,
                until=until,
                race=race,
                margin=margin,
                device=device,
                workers=workers,
                engine=engine,
                address=address,
                watcher=bar,
                budget=None if budget is None else duration(budget),
            )
    except KeyboardInterrupt as stopped:
        print(str(stopped) or "Stopped.", file=sys.stderr)
        raise typer.Exit(130) from None
    if csv is not None:
        result.to_csv(csv)
    if json:
        print_json(result.to_dict())
    elif isinstance(result, Comparison):
        print_heading(show.heading(result))
        print_table(*show.table(result))
        print("", *show.sentences(result), sep="\n")
        print(show.cost(result), file=sys.stderr)
    else:
        print_heading(show.overall_heading(result))
        print_table(*show.overall_table(result))
        print("", *show.overall_sentences(result), sep="\n")
    print(f"{result.trained} trials trained, {result.reused} reused from {store}; report: {report}", file=sys.stderr)
