"""`rb.neuron`: what theory lets one neuron do, and what descent finds of it from random starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rheobase.activation import Activation
from rheobase.capability.boolean import LARGEST_TABLE, Boolean, Coding, boolean, coding
from rheobase.capability.solve import Answer, Limit, label, parity_limit, solve
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.lower import source
from rheobase.shares import exact_interval
from rheobase.study.boolean import READ_OUTS, STARTS, ReadOut, address
from rheobase.study.comparison import compare
from rheobase.study.engine import Watcher

ESSAY = ("step", "sigmoid", "relu", "leaky_relu", "elu", "sine", "ncu", "swish", "gelu", "gcu", "squ")
"""What a bare `rheobase neuron xor` looks at: from the step to GELU, and two published for this very problem."""

FEWEST = 2 * STARTS
"""Starts of a training, at least: two seeds, as in every comparison."""


@dataclass(frozen=True)
class Rate:
    """The share of random starts that learned, with its 95 % interval (Clopper & Pearson 1934)."""

    share: float
    low: float
    high: float
    starts: int


@dataclass(frozen=True)
class Finding:
    """One function in a survey: theory with θ free and with θ = 0, how far parity goes, and what descent found."""

    free: Answer
    zero: Answer
    parity: Limit | None
    learned: Mapping[ReadOut, Rate]


@dataclass(frozen=True)
class Survey:
    """Several functions on one task."""

    task: Boolean
    inputs: Coding
    findings: tuple[Finding, ...]

    def answers(self, *, threshold: bool = True) -> list[Answer]:
        """The answers, θ free or 0, with the rate of the read-out that was trained (the first, where two were)."""
        return [
            _with_rate(f.free if threshold else f.zero, next(iter(f.learned.values()), None)) for f in self.findings
        ]

    def __str__(self) -> str:
        from rheobase.study.neuron_words import text

        return text(self)


def neuron(
    task: str,
    spec: str | Activation,
    *,
    inputs: str = "01",
    threshold: bool = True,
    train: int = 0,
    read_out: str = "sign",
    store: str | Path = "rheobase.sqlite",
    workers: int | None = None,
    watcher: Watcher | None = None,
) -> Answer:
    """Can one neuron with this activation compute a Boolean function? Weights that do it, or a proof that none exist.

    The neuron's answer is 1 when orientation · (f(w·x + b) − threshold) > 0.

    Args:
        task: and, or, xor, xnor, nand, nor, parity-n (n up to 64), or a truth table of 2, 4, 8 or 16 bits.
        spec: the activation.
        inputs: "01", or "pm1" for ±1.
        threshold: whether it may be chosen; otherwise it is 0.
        train: how many random starts to train, in whole blocks of 25 and at least 50; 0 trains none.
        read_out: what is trained behind the activation: "sign" nothing, the answer is the sign of f, as in the study's
            task `xor`; "affine" learns a and c of a·f + c, that is a threshold and an orientation.
        store, workers, watcher: as in `compare`.

    Raises:
        RheobaseError: an unknown task, function, coding or read-out; training of more than 4 inputs, or without torch.

    Source:
        Minsky & Papert 1969, Perceptrons, for monotone functions; Noel, Trivedi & Dutta 2021, arXiv:2108.12943, for
        oscillating ones that compute XOR.

    >>> neuron("xor", "swish").found.neuron.orientation
    -1
    >>> neuron("parity-4", "ncu").solvable
    False
    """
    asked, function, coded = boolean(task), get(spec), coding(inputs)
    way = _read_out(read_out)
    answer = replace(solve(asked, function, coded, threshold=threshold, name=_name(spec)), read_out=way)
    if not train:
        return answer
    rate = learn(asked, [function], coded, way, starts=train, store=store, workers=workers, watcher=watcher)[0]
    return _with_rate(answer, rate)


def _with_rate(answer: Answer, rate: Rate | None) -> Answer:
    if rate is None:
        return answer
    return replace(answer, success_rate=rate.share, low=rate.low, high=rate.high, starts=rate.starts)


def survey(
    task: str,
    specs: Sequence[str | Activation] = ESSAY,
    *,
    inputs: str = "01",
    train: int = 250,
    read_outs: Sequence[str] = READ_OUTS,
    store: str | Path = "rheobase.sqlite",
    workers: int | None = None,
    watcher: Watcher | None = None,
    told: Callable[[str], None] = lambda name: None,
) -> Survey:
    """Theory and descent side by side, for several functions.

    Args:
        told: called with the name of each function before theory looks at it.
        others: as in `neuron`.

    Raises:
        RheobaseError: as `neuron`.
    """
    asked, coded = boolean(task), coding(inputs)
    functions = [get(spec) for spec in specs]
    ways: list[ReadOut] = [_read_out(way) for way in read_outs] if train else []
    rates: dict[ReadOut, list[Rate]] = {
        way: learn(asked, functions, coded, way, starts=train, store=store, workers=workers, watcher=watcher)
        for way in ways
    }
    findings = []
    for i, (spec, function) in enumerate(zip(specs, functions, strict=True)):
        name = _name(spec) or label(function)
        told(name)
        findings.append(
            Finding(
                free=solve(asked, function, coded, name=name),
                zero=solve(asked, function, coded, threshold=False, name=name),
                parity=parity_limit(function) if asked.parity else None,
                learned={way: found[i] for way, found in rates.items()},
            )
        )
    return Survey(asked, coded, tuple(findings))


def learn(
    task: Boolean,
    functions: Sequence[Activation],
    inputs: Coding,
    read_out: ReadOut,
    *,
    starts: int,
    store: str | Path,
    workers: int | None = None,
    watcher: Watcher | None = None,
) -> list[Rate]:
    """The success rates of several functions, from paired random starts, at rates tuned with one budget for all."""
    if task.inputs > LARGEST_TABLE:
        raise RheobaseError(f"training on {task.inputs} inputs", instead=f"a task of up to {LARGEST_TABLE} inputs")
    if starts < 0:
        raise RheobaseError(f"{starts} random starts", instead="--train 250")
    seeds = math.ceil(max(starts, FEWEST) / STARTS)
    result = compare(
        functions, address(task.table, inputs, read_out), seeds, store=store, workers=workers, watcher=watcher
    )
    rows = {row.activation: row for row in result.rows}
    by_code = {source(function.bound, "torch", "f"): rows[name] for name, function in result.activations.items()}
    found = []
    for function in functions:
        row = by_code[source(function.bound, "torch", "f")]
        found.append(interval(round(sum(row.scores) * STARTS), seeds * STARTS))
    return found


def interval(hits: int, of: int, confidence: float = 0.95) -> Rate:
    """A share with its exact binomial interval (Clopper & Pearson 1934, Biometrika 26).

    >>> interval(0, 250)
    Rate(share=0.0, low=0.0, high=0.0146..., starts=250)
    """
    return Rate(hits / of, *exact_interval(hits, of, confidence), of)


def _name(spec: str | Activation) -> str:
    return spec.strip() if isinstance(spec, str) else ""


def _read_out(text: str) -> ReadOut:
    if text in ("sign", "affine"):
        return text
    raise RheobaseError(f"there is no read-out {text!r}", instead=nearest(text, READ_OUTS) or "sign or affine")
