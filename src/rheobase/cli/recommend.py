"""`rheobase recommend`: which activation should this network use? "Use X", or "keep what you have"."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rheobase.cli._options import STORE, Device, Store, Workers
from rheobase.cli._output import print_json
from rheobase.errors import RheobaseError


def recommend(
    training: Annotated[
        str | None, typer.Argument(metavar="[FILE:NAME]", help="Your training: my.py:train. None: from the studies.")
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="TASK", help="A task, in place of a training.")] = None,
    among: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="A family, or functions with commas; by default all.")
    ] = None,
    have: Annotated[
        str | None, typer.Option(metavar="SPEC", help="The function that the network has; by default relu.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="The kind of task: image, tabular, text, series …")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="90s, 10m, 1h; by default a twentieth of trying everything.")
    ] = None,
    store: Store = STORE,
    device: Device = "cpu",
    workers: Workers = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Recommend an activation for a network, or its own.

    The catalogue is screened by theory, proofs and the committed studies; what is left is raced with paired seeds.
    What is finished is kept: the same command goes on where an interrupted one stopped.
    """
    from rheobase import study
    from rheobase.study import recommendation_words as words
    from rheobase.study.estimate import duration
    from rheobase.study.show import Bar

    if training is not None and on is not None:
        raise RheobaseError("a training and a task", instead=f"rheobase recommend {training}, or --on {on}")
    try:
        with Bar() as bar:
            found = study.recommend(
                training or on,
                among=among,
                have=have,
                kind=kind,
                budget=None if budget is None else duration(budget),
                store=store,
                device=device,
                workers=workers,
                watcher=bar,
            )
    except KeyboardInterrupt as stopped:
        print(str(stopped) or "Stopped.", file=sys.stderr)
        raise typer.Exit(130) from None
    if json:
        print_json(found.to_dict())
    else:
        print(words.text(found))
    if found.task is not None:
        print(f"{found.trained} trials trained, {found.reused} reused from {store}", file=sys.stderr)
