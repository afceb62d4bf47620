"""`rheobase VERB …`: finds the verbs, reads the arguments, turns errors into clear lines and exit codes.

Exit codes: 0 done, 1 the answer to a yes-or-no question is no, 2 bad input, 3 the answer is unknown, 130 interrupted.

A verb is a file of this folder whose name does not begin with an underscore; it holds a function of the same name (with
an underscore behind it where Python has taken the word). It is imported when it is called, or when `--help` lists it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from rheobase.errors import RheobaseError, nearest

_ORDER = (
    "list",
    "show",
    "check",
    "theory",
    "neuron",
    "plot",
    "identify",
    "compare",
    "recommend",
    "study",
    "verify",
    "story",
    "lineage",
)
"""How `--help` tells the story; a new verb follows by name."""


@cache
def verbs() -> tuple[str, ...]:
    """The names of the verbs, in the order in which `--help` lists them.

    >>> verbs()[:2]
    ('list', 'show')
    """
    found = {path.stem for path in Path(__file__).parent.glob("[!_]*.py")} - {"app"}
    return (*(verb for verb in _ORDER if verb in found), *sorted(found.difference(_ORDER)))


class _Verb(TyperCommand):
    """A command whose arguments may begin with a minus, as formulas do: `rheobase show "-x*exp(x)"`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        short = {name for option in self.params for name in option.opts if len(name) == 2} | set(ctx.help_option_names)
        options = [a for a in args if a.startswith("-") and (a.startswith("--") or a[:2] in short)]
        # A blank in front keeps the parser from taking the formula for an option; it goes again below.
        rest = super().parse_args(ctx, [" " + a if a.startswith("-") and a not in options else a for a in args])
        ctx.params = {name: _without_blank(value) for name, value in ctx.params.items()}
        return rest


def _without_blank(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_without_blank(v) for v in value]
    return value[1:] if isinstance(value, str) and value.startswith(" -") else value


class _Inner(TyperGroup):
    """The verbs of a verb: a misspelt one gets the right one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands:
            like = nearest(args[0], self.commands)
            known = f"rheobase {self.name} {like}" if like else ", ".join(self.commands)
            raise RheobaseError(f"there is no verb '{self.name} {args[0]}'", instead=known)
        return super().resolve_command(ctx, args)


class _Verbs(TyperGroup):
    """The group of all verbs, each imported when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(verbs())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return command(cmd_name) if cmd_name in verbs() else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in verbs():
            like = nearest(args[0], verbs())
            raise RheobaseError(
                f"there is no verb '{args[0]}'", instead=f"rheobase {like}" if like else f"rheobase show '{args[0]}'"
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:  # the reader has seen enough, as in `rheobase list | head`
            _silence_stdout()
            raise typer.Exit(0) from None


@cache
def command(verb: str) -> Any:
    """The command of a verb, with its arguments and their help."""
    module = import_module(f"rheobase.cli.{verb}")
    found = getattr(module, verb, None) or getattr(module, f"{verb}_")
    if isinstance(found, typer.Typer):  # a verb with verbs of its own, such as `study run`
        found.info.cls, found.info.name = _Inner, verb
        return typer.main.get_command(found)
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command(verb, cls=_Verb)(found)
    return typer.main.get_command(one)


app = typer.Typer(
    cls=_Verbs,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help pages import Markdown and syntax colouring: 0.1 s before the first word
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from rheobase import __version__

        print(f"rheobase {__version__}")
        raise typer.Exit


@app.callback()
def rheobase(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Activation functions, each defined once as a formula; everything else is derived from that.

    A SPEC is an id or alias (swish), with values (swish:beta=1.5), or a formula with its values behind a semicolon
    ("x*sigmoid(b*x); b=1.5").
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `arguments` are those of the process where None."""
    warnings.showwarning = _show_warning
    try:
        typer.main.get_command(app).main(args=arguments, prog_name="rheobase")
    except RheobaseError as error:
        print(f"rheobase: {error}", file=sys.stderr)
        return 2
    except SystemExit as leaving:
        return _flushed(leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None))
    except KeyboardInterrupt:
        return 130
    return 0


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    return code


def _silence_stdout() -> None:
    """Let what is still buffered go nowhere, or the interpreter complains about the closed pipe as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"rheobase: warning: {message}", file=sys.stderr)
