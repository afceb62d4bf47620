"""`rheobase study`: claims as studies with a verdict, the seeds that a difference needs, checks of the method."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from rheobase.cli._options import STORE, Address, Device, Engine, Store, Workers
from rheobase.cli._output import print_json, print_table
from rheobase.errors import RheobaseError

study = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Claims as studies with a verdict; power; calibration.\n\n"
    "A study is a TOML file: a claim, who made it, what is trained, and the numbers that decide it.",
)

_Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH...]", help="Studies by name, files, or folders; without any, all ready ones."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@study.command()
def run(
    paths: _Paths = None,
    store: Store = STORE,
    report: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = Path("studies.html"),
    device: Device = "cpu",
    workers: Workers = None,
    engine: Engine = "inline",
    address: Address = None,
    json: _Json = False,
) -> None:
    """Run studies and say what became of each claim.

    What is finished is kept: the same command goes on where an interrupted one stopped. Trainings that two studies
    share are done once.
    """
    from rheobase.study import claims_report, claims_words, library
    from rheobase.study.claims import studies_in
    from rheobase.study.report import writable
    from rheobase.study.show import Bar

    writable(report)
    try:
        with Bar() as bar:
            found = library.run(
                studies_in(paths or []),
                store,
                device=device,
                workers=workers,
                engine=engine,
                address=address,
                watcher=bar,
            )
    except KeyboardInterrupt as stopped:
        print(str(stopped) or "Stopped.", file=sys.stderr)
        raise typer.Exit(130) from None
    claims_report.write(found, report)
    if json:
        print_json([one.to_dict() for one in found])
    else:
        for one in found:
            print(*claims_words.finding(one), "", sep="\n")
        print(claims_words.summary(found))
    trained, reused = (sum(getattr(one, name) for one in found) for name in ("trained", "reused"))
    print(f"{trained} trials trained, {reused} reused from {store}; page: {report}", file=sys.stderr)


@study.command(name="list")
def list_(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH...]", help="Studies, or folders.")] = None,
    store: Store = STORE,
    device: Device = "cpu",
    json: _Json = False,
) -> None:
    """List studies, with the verdict of those that have been run.

    Nothing is trained. Without a path: those in studies/, or else those that come with rheobase.
    """
    from rheobase.study import claims_words, library
    from rheobase.study.claims import studies_in

    studies = studies_in(paths or [])
    found = [library.finished(one, store, device) for one in studies]
    headings, rows = claims_words.listing(studies, found)
    if json:
        print_json([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        print_table(headings, rows)


@study.command()
def show(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A study, by name or as a file.")],
    store: Store = STORE,
    device: Device = "cpu",
    json: _Json = False,
) -> None:
    """Show a study: its claim, and its verdict if it has been run.

    Nothing is trained.
    """
    import msgspec

    from rheobase.study import claims_words, library
    from rheobase.study.claims import read

    one = read(path)
    found = library.finished(one, store, device)
    if json:
        print_json(found.to_dict() if found else msgspec.to_builtins(one) | {"verdict": None})
    elif found:
        print(*claims_words.finding(found), sep="\n")
    else:
        print(*claims_words.question(one), sep="\n")
        print(f"not run yet: rheobase study run {path}", file=sys.stderr)


@study.command()
def power(
    specs: Annotated[
        list[str] | None, typer.Argument(metavar="[SPEC...]", help="Functions to measure it with, by training.")
    ] = None,
    on: Annotated[str, typer.Option(metavar="TASK", help="The task to measure it on.")] = "digits",
    deviation: Annotated[
        float | None, typer.Option(metavar="POINTS", help="The deviation of paired differences, where it is known.")
    ] = None,
    difference: Annotated[
        float | None, typer.Option(metavar="POINTS", help="The difference to find; without it, a table.")
    ] = None,
    probability: Annotated[float, typer.Option("--power", help="How surely it is to be found.")] = 0.9,
    comparisons: Annotated[
        int | None, typer.Option(help="How many functions are compared with the leader; by default those measured.")
    ] = None,
    store: Store = STORE,
    workers: Workers = None,
    json: _Json = False,
) -> None:
    """Say how many seeds it takes to find a difference.

    The deviation of the paired differences is given, or measured with ten seeds of the functions named.
    """
    from rheobase import study as room
    from rheobase.study import power_words
    from rheobase.study.show import Bar

    if not 0.05 < probability < 1:
        raise RheobaseError(f"a power of {probability:g}", instead="--power 0.9")
    if deviation is not None:
        named = {"given": deviation}
    elif specs and len(specs) > 1:
        with Bar() as bar:
            found = room.compare(specs, on, store=store, workers=workers, watcher=bar)
        named = power_words.deviations(found)
    else:
        what = "the deviation of the differences is not known"
        raise RheobaseError(what, instead="--deviation 0.5, or two functions to measure it with")
    differences = power_words.DIFFERENCES if difference is None else (difference,)
    headings, rows = power_words.table(named, differences, probability, comparisons or len(named))
    if json:
        print_json([dict(zip(headings, row, strict=True)) for row in rows])
        return
    print_table(headings, rows)
    many = comparisons or len(named)
    corrected = f", corrected for {many} comparisons" if many > 1 else ""
    print(f"\nSeeds for a power of {100 * probability:g} % at the 5 % level{corrected}; paired, two-sided.")


@study.command()
def calibrate(
    specs: Annotated[
        list[str] | None, typer.Argument(metavar="[SPEC...]", help="Functions to enter twice; none: simulations alone.")
    ] = None,
    on: Annotated[str, typer.Option(metavar="TASK", help="The task for real placebos.")] = "digits",
    simulated: Annotated[int, typer.Option(help="How many comparisons are simulated.")] = 1000,
    seeds: Annotated[int, typer.Option(help="Seeds a side of a real placebo.")] = 10,
    effect: Annotated[float, typer.Option(metavar="POINTS", help="The effect that is planted.")] = 1.0,
    tuning: Annotated[Literal["grid", "halving"], typer.Option(help="How rates are chosen.")] = "grid",
    store: Store = STORE,
    workers: Workers = None,
    json: _Json = False,
) -> None:
    """Check the method: placebos must not differ, effects must be found.

    Exit code 1 if one of the checks fails.
    """
    from rheobase.study import calibration
    from rheobase.study.show import Bar

    checks = [
        calibration.simulated_placebos(simulated, seeds),
        calibration.simulated_looks(simulated),
        calibration.simulated_tuning(simulated, seeds, tuning),
    ]
    if specs:
        with Bar() as bar:
            real, differences = calibration.real_placebos(
                specs, on, seeds, store, tuning=tuning, workers=workers, watcher=bar
            )
        checks += [real, calibration.planted(differences, effect, simulated)]
    if json:
        print_json([check.to_dict() for check in checks])
    else:
        print_table(
            ["check", "found", "limit", "", "how"],
            [
                [c.name, f"{c.found} of {c.of}", f"at {'most' if c.at_most else 'least'} {c.limit}",
                 "passed" if c.passed else "FAILED", c.note]
                for c in checks
            ],
        )  # fmt: skip
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


@study.command()
def rescue(
    damaged: Annotated[Path, typer.Argument(metavar="STORE", help="A store that is damaged; it is only read.")],
    into: Annotated[Path, typer.Argument(metavar="NEW", help="Where to write what can be saved.")],
) -> None:
    """Save the trials of a damaged store.

    What hung on damaged pages is lost; the same command with --store NEW trains that again.
    """
    from rheobase.study.rescue import rescue as save

    found = save(damaged, into)
    altered = f"; {found.altered} are not what they say and were left out" if found.altered else ""
    print(f"{found.saved} trials saved into {into}{altered}")


@study.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A study that has been run.")],
    to: Annotated[Literal["paper", "csv"], typer.Option(help="Parts of a paper, or the rows as CSV.")] = "paper",
    out: Annotated[Path | None, typer.Option(metavar="PLACE", help="A folder for a paper, a file for CSV.")] = None,
    store: Store = STORE,
    device: Device = "cpu",
) -> None:
    """Export a study that has been run: for a paper, or as CSV.

    For a paper: a booktabs table, vector figures, a paragraph on the method with this run's numbers, BibTeX, and the
    line that runs it again.
    """
    from rheobase.study import library, paper
    from rheobase.study.claims import read

    one = read(path)
    found = library.finished(one, store, device)
    if found is None:
        raise RheobaseError(f"{one.id} has not been run, or not to its end", instead=f"rheobase study run {path}")
    written = [found.to_csv(out or Path(f"{one.id}.csv"))] if to == "csv" else paper.export(found, out or Path(one.id))
    print(*written, sep="\n")
