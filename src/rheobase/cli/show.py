"""`rheobase show`: one function, with all that its definition says and what follows from it at once."""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from rheobase.cli._output import beside, print_heading, print_json

if TYPE_CHECKING:
    from rheobase.activation import Activation


def show(
    spec: Annotated[
        str, typer.Argument(help='An id or alias, with values (swish:beta=1.5), or a formula ("x*tanh(x)").')
    ],
    code: Annotated[
        str | None,
        typer.Option(metavar="BACKEND", help="Print it as a function that stands alone: torch, jax, numpy, js."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Show a function: formula, derivative, source, curve.

    Also LaTeX, the derivative in every parameter, the parameters with their domains, aliases, what its source claims,
    which ways of research it goes, and what it mends in other functions.
    """
    from rheobase.catalogue import get

    function = get(spec)
    if code:
        print(function.code(code).rstrip())
    elif as_json:
        print_json(_facts(function))
    else:
        _print(function)
    for warning in function.warnings:
        print(f"rheobase: warning: {warning}", file=sys.stderr)


def _facts(function: Activation) -> dict[str, Any]:
    """The object of `--json`; the keys are those of `list`, the values those of this function."""
    entry = function.entry.to_dict() if function.entry else {}
    return {
        "id": function.id,
        "name": function.name,
        "family": None,
        "source": None,
        "year": None,
        "aliases": [],
        "claims": [],
        "directions": [],
        "repairs": [],
        "backward": None,
        "backward_source": None,
        **entry,
        "formula": function.formula,
        "parameters": {
            name: {"default": p.default, "learnable": p.learnable, "low": p.low, "high": p.high, "domain": p.domain()}
            for name, p in function.parameters.items()
        },
        "latex": function.latex(),
        "derivative": function.derivative().formula,
        "parameter_derivatives": {name: function.derivative(name).formula for name in function.parameters},
        "warnings": list(function.warnings),
        **_proven(function),
    }


def _proven(function: Activation) -> dict[str, Any]:
    """What the proofs say: strengths, weaknesses, the outcome of every claim, the verdict on every property."""
    from rheobase.proofs import check, judged_claims
    from rheobase.proofs.words import traits

    found = check(function)
    strengths, weaknesses = traits(found)
    entry = function.entry
    return {
        "strengths": strengths,
        "weaknesses": weaknesses,
        "claims_judged": judged_claims(entry, found) if entry else {},
        "acknowledged": dict(entry.acknowledged) if entry else {},
        "verdicts": {name: one.verdict for name, one in found.items()},
    }


def _print(function: Activation) -> None:
    entry = function.entry
    if entry:
        print_heading(f"{entry.name} ({entry.id})")
    _line("formula", function.formula)
    _line("LaTeX", function.latex())
    slope = function.derivative()
    _line("derivative", slope.formula)
    for name in function.parameters:
        _line(f"  in {name}", function.derivative(name).formula)
    for i, (name, p) in enumerate(function.parameters.items()):
        learnt = "learnable" if p.learnable else "fixed"
        _line("" if i else "parameters", f"{name} = {p.default:g}, {learnt}, {p.domain()}")
    if function.backward is not None:
        _line(
            "backward", f"where asked for, the derivative of {function.backward.formula}; the one above is the true one"
        )
        _line("", str(entry.backward_source) if entry else "")
    if entry:
        _line("source", str(entry.source))
        _line("", entry.source.url or "")
        _line("family", entry.family)
        _line("also called", ", ".join([*entry.aliases, *chain.from_iterable(entry.frameworks.values())]))
        _line("directions", ", ".join(entry.directions))
        _line("repairs", "; ".join(f"{r.of}: {r.drawback}" for r in entry.repairs))
    proven = _proven(function)
    for i, (claim, outcome) in enumerate(proven["claims_judged"].items()):
        said = f" ({entry.acknowledged[claim]})" if entry and claim in entry.acknowledged else ""
        _line("" if i else "claims", f"{claim}: {outcome}{said}")
    for name in ("strengths", "weaknesses"):
        for i, line in enumerate(proven[name]):
            _line("" if i else name, line)
    print()
    x = np.linspace(-6.0, 6.0, 1201)
    from rheobase.sketch import terminal

    print(beside([("f(x)", terminal(x, function(x), width=48)), ("f′(x)", terminal(x, slope(x), width=48))]))


def _line(label: str, text: str) -> None:
    if text:
        print(f"{label:<12}{text}")
