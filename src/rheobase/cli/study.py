"""`rheobase study`: claims as studies with a verdict, the seeds that a difference needs, checks of the method."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rheobase.cli._output import print_json, print_table

study = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Claims as studies with a verdict; power; calibration.\n\n"
    "A study is a TOML file: a claim, who made it, what is trained, and the numbers that decide it.",
)

_Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Studies, or folders of them.")]
_Store = Annotated[Path, typer.Option("--store", metavar="FILE", help="Where finished trainings are kept.")]
_Workers = Annotated[int | None, typer.Option("--workers", help="Processes; by default one a core. 0: this one.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_STORE = Path("rheobase.sqlite")


@study.command()
def run(
    paths: _Paths,
    store: _Store = _STORE,
    report: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = Path("studies.html"),
    workers: _Workers = None,
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
            found = library.run(studies_in(paths), store, workers=workers, watcher=bar)
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
    store: _Store = _STORE,
    json: _Json = False,
) -> None:
    """List studies, with the verdict of those that have been run.

    Nothing is trained. Without a path: those in studies/.
    """
    from rheobase.study import claims_words, library
    from rheobase.study.claims import studies_in

    studies = studies_in(paths or [Path("studies")])
    found = [library.finished(one, store) for one in studies]
    headings, rows = claims_words.listing(studies, found)
    if json:
        print_json([dict(zip(headings, row, strict=True)) for row in rows])
    else:
        print_table(headings, rows)


@study.command()
def show(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A study.")], store: _Store = _STORE, json: _Json = False
) -> None:
    """Show a study: its claim, and its verdict if it has been run.

    Nothing is trained.
    """
    import msgspec

    from rheobase.study import claims_words, library
    from rheobase.study.claims import read

    one = read(path)
    found = library.finished(one, store)
    if json:
        print_json(found.to_dict() if found else msgspec.to_builtins(one) | {"verdict": None})
    elif found:
        print(*claims_words.finding(found), sep="\n")
    else:
        print(*claims_words.question(one), sep="\n")
        print(f"not run yet: rheobase study run {path}", file=sys.stderr)
