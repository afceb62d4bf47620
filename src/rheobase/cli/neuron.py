"""`rheobase neuron`: what a single neuron can compute, what it learns of that, and how it fires."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rheobase.cli._options import STORE, Store
from rheobase.cli._output import beside, print_heading, print_json, print_table, write_file
from rheobase.errors import RheobaseError

if TYPE_CHECKING:
    from rheobase.capability.fire import Firing
    from rheobase.study.one_neuron import Survey


def neuron(
    task: Annotated[
        str | None,
        typer.Argument(metavar="[TASK]", help="and, or, xor, xnor, nand, nor, parity-3 …, or a truth table: 0110."),
    ] = None,
    spec: Annotated[
        str | None, typer.Option("--with", metavar="SPEC", help="The activation; without it, a table of eleven.")
    ] = None,
    inputs: Annotated[str, typer.Option(metavar="CODING", help="01, or pm1 for inputs of ±1.")] = "01",
    no_threshold: Annotated[bool, typer.Option("--no-threshold", help="Answer 1 on one side of 0: θ = 0.")] = False,
    read_out: Annotated[
        str | None, typer.Option(help="What is trained behind the neuron: sign (nothing), or affine (a·f + c).")
    ] = None,
    train: Annotated[int | None, typer.Option(metavar="N", help="Train it from N random starts; 0: none.")] = None,
    rule: Annotated[
        str | None, typer.Option(help="Train a step by gradient, perceptron or surrogate, from N random starts.")
    ] = None,
    weights: Annotated[str | None, typer.Option(metavar="W,W", help="Show a neuron with these weights firing.")] = None,
    bias: Annotated[float, typer.Option(help="Its bias.")] = 0.0,
    threshold: Annotated[float, typer.Option(help="Its threshold.")] = 0.0,
    orientation: Annotated[int, typer.Option(help="1: it fires above the threshold; -1: below.")] = 1,
    at: Annotated[str | None, typer.Option(metavar="X,X", help="The input that it gets; 1,1 … by default.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Draw it: .svg.")] = None,
    store: Store = STORE,
    workers: Annotated[
        int | None, typer.Option(help="Processes that train; by default one a core. 0: this one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Ask what one neuron can compute, and see it fire.

    With a task and a function: weights that do it, verified on every input, or a proof that none exist. With a task
    alone: a table of well-known functions, theory beside training. With --weights: the neuron at work.
    """
    if output is not None and output.suffix != ".svg":
        raise RheobaseError(f"cannot draw into '{output}'", instead=f"-o {output.stem or 'neuron'}.svg")
    if weights is not None:
        if rule is not None or train is not None:
            raise RheobaseError("given weights are not trained", instead="--weights, or --train, or --rule")
        if spec is None:
            raise RheobaseError("which activation?", instead=f"--with step --weights {weights}")
        from rheobase.capability.fire import fire

        place = None if at is None else _numbers(at)
        found = fire(spec, _numbers(weights), bias, threshold, orientation=orientation, at=place)
        _show_firing(found, task, inputs, output, as_json)
    elif task is None:
        raise RheobaseError("which task?", instead="rheobase neuron xor, or rheobase neuron --with step --weights 1,1")
    elif rule is not None:
        if read_out or no_threshold:
            raise RheobaseError("a rule trains weights, bias and no more", instead=f"--rule {rule} alone")
        _rule(task, spec or "step", rule, inputs, train, output, as_json)
    elif spec is not None:
        from rheobase.study import neuron as ask
        from rheobase.study.show import Bar

        with Bar() as bar:
            answer = ask(
                task,
                spec,
                inputs=inputs,
                threshold=not no_threshold,
                train=train or 0,
                read_out=read_out or "sign",
                store=store,
                workers=workers,
                watcher=bar,
            )
        if train:
            _kept(store)
        from rheobase.capability.drawing import regions

        if output is not None and answer.found is not None:
            _write(output, regions.svg(answer))
        elif output is not None:
            print("rheobase: no neuron was found, so there is no picture", file=sys.stderr)
        if as_json:
            print_json(answer.to_dict())
        else:
            print(answer)
            if answer.found is not None:
                print("\n" + beside(regions.text_picture(answer)))
    else:
        if output is not None:
            raise RheobaseError("a table is not drawn", instead=f"--with swish -o {output}")
        ways = [read_out] if read_out else ["sign"] if as_json else ["affine", "sign"]
        found = _surveyed(task, inputs, ways, 250 if train is None else train, store, workers)
        if as_json:
            print_json([answer.to_dict() for answer in found.answers(threshold=not no_threshold)])
            return
        from rheobase.study import neuron_words as words

        print_heading(words.heading(found))
        print_table(*words.table(found))
        print("", *words.notes(found), sep="\n")


def _surveyed(task: str, inputs: str, read_outs: list[str], train: int, store: Path, workers: int | None) -> Survey:
    from rheobase.study.one_neuron import survey
    from rheobase.study.show import Bar

    if train and importlib.util.find_spec("torch") is None:
        print("rheobase: without torch nothing is trained: pip install 'rheobase[study]'", file=sys.stderr)
        train = 0
    with Bar() as bar:
        found = survey(
            task,
            inputs=inputs,
            train=train,
            read_outs=read_outs,
            store=store,
            workers=workers,
            watcher=bar,
            told=_proving,
        )
    _proving("")
    if train:
        _kept(store)
    return found


def _kept(store: Path) -> None:
    print(f"trainings are kept in {store}: the same command does not repeat them", file=sys.stderr)


def _proving(name: str) -> None:
    """One line that is overwritten, in a terminal."""
    if sys.stderr.isatty():
        print(
            f"\r\033[K{f'Looking for weights and proofs: {name}' if name else ''}", end="", file=sys.stderr, flush=True
        )


def _rule(task: str, spec: str, rule: str, inputs: str, train: int | None, output: Path | None, as_json: bool) -> None:
    from rheobase.capability.drawing import limit
    from rheobase.study.rules import teach

    lesson = teach(task, spec, rule, inputs=inputs, starts=250 if train is None else train)
    if output is not None:
        _write(output, limit.svg())
    if as_json:
        print_json(lesson.to_dict())
        return
    print(lesson)
    if rule == "gradient":
        print("\n" + beside(limit.text_pictures()))


def _show_firing(found: Firing, task: str | None, inputs: str, output: Path | None, as_json: bool) -> None:
    from rheobase.capability.boolean import coding
    from rheobase.capability.drawing import firing

    coded = coding(inputs)
    sentence = found.sentence(coded, task)
    if output is not None:
        _write(output, firing.svg(found))
    if as_json:
        print_json(found.to_dict(coded))
        return
    print(firing.text_picture(found), firing.curve_text(found), sep="\n\n")
    if table := firing.table(found, coded):
        print()
        print_table(*table)
        print(f"\n{sentence}")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise RheobaseError(f"{text!r} is no list of numbers", instead="1,1 or 0.5,-2") from None


def _write(file: Path, picture: str) -> None:
    write_file(file, picture)
    print(f"picture: {file}", file=sys.stderr)
