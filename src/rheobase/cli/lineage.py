"""`rheobase lineage`: which function mends which drawback of which other, and whether it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from rheobase.cli._output import print_json, print_table

if TYPE_CHECKING:
    from rheobase.story.repairs import Branch, Edge


def lineage(
    spec: Annotated[str | None, typer.Argument(metavar="[SPEC]", help="One function of the catalogue.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As a list of repairs.")] = False,
) -> None:
    """Show the tree of repairs: step, sigmoid, ReLU, and on.

    A repair is proven (✓) where the drawback of the one is proven and the other proven to have less of it, refuted (✗)
    where it has as much or there was none, and otherwise unknown (?). With a function: what it goes back to, what goes
    back to it, and for each of its own repairs what was found.
    """
    from rheobase.story import lineage
    from rheobase.story.repairs import counted, named, tree

    edges = lineage(spec)
    if as_json:
        print_json([edge.to_dict() for edge in edges])
        return
    for root in tree(edges):
        print(*_lines(root), sep="\n")
    if spec is None:
        print(f"\n{counted(edges)}")
        return
    name = named(spec)
    own = [edge for edge in edges if name in (edge.by, edge.of)]
    if own:
        print()
        print_table(["function", "mends in", "drawback", "verdict", "found"], [_row(edge) for edge in own])
    else:
        print(f"{name} mends nothing and nothing mends it: an idea of its own")


def _row(edge: Edge) -> list[str]:
    return [edge.by, edge.of, edge.drawback, edge.verdict, edge.text]


def _lines(branch: Branch, before: str = "", here: str = "", below: str = "") -> Sequence[str]:
    from rheobase.story.repairs import MARKS

    mended = ", ".join(f"{MARKS[edge.verdict]} {edge.drawback}" for edge in branch.edges)
    lines = [f"{before}{here}{branch.id}  {mended}".rstrip()]
    for i, child in enumerate(branch.branches, 1):
        last = i == len(branch.branches)
        lines += _lines(child, before + below, "└─ " if last else "├─ ", "   " if last else "│  ")
    return lines
