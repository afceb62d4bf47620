"""`rheobase story`: the story of activation functions, statement by statement, each with what became of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from rheobase.cli._output import columns, print_heading, print_json, wrapped

if TYPE_CHECKING:
    from rheobase.story import Row
    from rheobase.story.telling import Evidence
    from rheobase.story.words import Language


def story(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="One statement, by its id or number.")] = None,
    lang: Annotated[str, typer.Option(metavar="LANG", help="en or ko.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="As objects, in both languages.")] = False,
) -> None:
    """Walk through the story, each statement with its verdict.

    Without an id: every statement in order, as it was found last. With one: everything that it says is found anew,
    and what shows it is run. Studies are not run again; the line that runs one stands beside it.
    """
    from rheobase.story import row, rows
    from rheobase.story.words import language

    tongue = language(lang)
    if name is None:
        if as_json:
            print_json([one.to_dict() for one in rows()])
        else:
            _list(tongue)
    elif as_json:
        print_json(row(name).again().to_dict())
    else:
        _walk(row(name), tongue)


def _list(tongue: Language) -> None:
    from rheobase.story import rows
    from rheobase.story.words import MARKS, VERDICTS, counted

    for one in rows():
        print_heading(f"{one.number:2} {MARKS[one.verdict]} {one.id}: {VERDICTS[one.verdict].in_(tongue)}")
        print(wrapped(one.claim.in_(tongue), columns(), indent="     "))
        for evidence in one.lacking:
            told = f"{MARKS[evidence.verdict]} {evidence.says.in_(tongue)}: {evidence.text.in_(tongue)}"
            print(wrapped(told, columns(), indent="     ", hang="       "))
    print(f"\n{counted([one.verdict for one in rows()]).in_(tongue)}")


def _walk(one: Row, tongue: Language) -> None:
    from rheobase.cli.app import main
    from rheobase.story.words import VERDICTS, weakest

    print_heading(f"{one.number} {one.id}")
    print(wrapped(one.claim.in_(tongue), columns()), end="\n\n")
    found: list[Evidence] = []
    for evidence in one.found_again():
        found.append(evidence)
        _tell(evidence, tongue)
    print(f"\n→ {VERDICTS[weakest(e.verdict for e in found)].in_(tongue)}\n\n$ {one.replay}", flush=True)
    code = main(shlex.split(one.shows))
    if code not in (0, 1, 3):  # 1 and 3 are answers: no, and unknown
        raise typer.Exit(code)


def _tell(evidence: Evidence, tongue: Language) -> None:
    from rheobase.story.words import MARKS, VERDICTS

    width = columns()
    mark, verdict = MARKS[evidence.verdict], VERDICTS[evidence.verdict].in_(tongue)
    print(wrapped(f"{mark} {evidence.says.in_(tongue)}: {verdict}", width, hang="  "))
    print(wrapped(evidence.text.in_(tongue), width, indent="  "))
    print(f"  $ {evidence.replay}", flush=True)
