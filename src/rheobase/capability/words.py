"""An answer about one neuron, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rheobase.capability.model import as_float
from rheobase.expr import Expr, Number
from rheobase.printing import figure

if TYPE_CHECKING:
    from rheobase.capability.solve import Answer

_READ_OUT = {
    "sign": "read out by the sign of f; --read-out affine learns a threshold and a side too",
    "affine": "with a and c of the read-out a·f + c learned too",
}
_CODED = {"01": "0 and 1", "pm1": "−1 and 1"}


def exact(expr: Expr) -> str:
    """An exact number: a fraction as a decimal, π as the formula with its value.

    >>> exact(Number("1.25")), exact(Number("-1/3"))
    ('1.25', '−0.3333333333333333')
    """
    if isinstance(expr, Number):
        value = float(expr.value)
        text = str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value!r}"
        return text.replace("-", "−")
    return f"{str(expr).replace('*pi', 'π').replace('pi', 'π')} ≈ {decimal(as_float(expr))}"


def decimal(value: float, digits: int = 5) -> str:
    """A number to a few digits, of a net or a weight.

    >>> decimal(-0.1680660), decimal(2.0)
    ('−0.16807', '2')
    """
    return figure(value, digits)


def told(answer: Answer) -> str:
    """The whole answer, one line a fact."""
    return "\n".join(_lines(answer))


def verdict(answer: Answer) -> str:
    """In a few words, for a table."""
    return {True: "yes", False: "no", None: "unknown"}[answer.solvable]


def _lines(answer: Answer) -> Iterator[str]:
    task, theta = answer.task.name, "" if answer.free_threshold else " with the threshold 0"
    what = {True: "computes", False: "cannot compute", None: "may or may not compute"}[answer.solvable]
    yield f"One neuron with {answer.label} {what} {task}{theta}, inputs {_CODED[answer.inputs]}."
    if answer.found is None:
        name = "proof" if answer.solvable is False else "unknown"
        yield f"{name:<12}{answer.proof}"
    else:
        yield from _neuron(answer)
    if answer.success_rate is not None and answer.low is not None and answer.high is not None:
        yield (
            f"{'training':<12}{percent(answer.success_rate)} of {answer.starts} random starts learn it "
            f"(95 % interval {100 * answer.low:.1f} to {100 * answer.high:.1f}), {_READ_OUT[answer.read_out]}"
        )


def _neuron(answer: Answer) -> Iterator[str]:
    assert answer.found is not None
    neuron = answer.found.neuron
    numbers = [exact(w) for w in neuron.weights]
    if len(numbers) > 4 and len(set(numbers)) == 1:
        numbers = [numbers[0], f"all {len(numbers)}"]
    yield f"{'weights':<12}{', '.join(numbers)}"
    yield f"{'bias':<12}{exact(neuron.bias)}"
    sign = "f(w·x + b) > θ" if neuron.orientation == 1 else "f(w·x + b) < θ"
    yield f"{'threshold':<12}θ = {exact(neuron.threshold)}"
    yield f"{'orientation':<12}{neuron.orientation:+d}: the answer is 1 where {sign}".replace("-1", "−1")
    for total in answer.found.sums:
        members = [" ".join(map(str, bits)) for bits in total.inputs[:3]] + ["…"] * (len(total.inputs) > 3)
        net, value = decimal(as_float(total.net)), decimal(float(total.value))
        yield f"{'':<12}net {net:>9}  f(net) {value:>9}  answer {total.wanted}  for {' | '.join(members)}"
    margin = decimal(answer.found.margin)
    part = f", {decimal(answer.relative_margin, 2)} of the function's scale" if answer.relative_margin else ""
    meaning = (
        "f keeps out of a band of this width around θ" if answer.found.margin else "f meets θ where the answer is 0"
    )
    yield f"{'margin':<12}{margin}{part}: {meaning}"
    if answer.read_out == "affine" and answer.affine is not None:
        slope, shift = answer.affine
        yield (
            f"{'read-out':<12}{decimal(slope)}·f + {decimal(shift)}".replace("+ −", "− ")
            + ": at least 1 where the answer is 1, at most −1 where it is 0"
        )
    yield f"{'verified':<12}{answer.proof.removeprefix('verified ')}"
    parts = [
        f"{name} {'still does it' if holds else 'no longer does it'}"
        for name, holds in (("float32", answer.float32), ("float16", answer.float16))
        if holds is not None
    ]
    if parts:
        yield f"{'rounded':<12}{', '.join(parts)}"


def percent(share: float) -> str:
    """A share of 1 in per cent."""
    return f"{100 * share:.1f} %"
