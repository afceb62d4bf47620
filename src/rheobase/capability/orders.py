"""How often a Boolean function's answer must change along a line: the least number over all weights, found exactly.

The weighted sum w·x puts the 2^n inputs in an order. Along it the answers change some number of times; the least of
these over all w is what an activation function must be able to do. Weights that give equal sums need not be looked
at: the inputs of equal sum share their answer, so any small shift of the weights that parts them changes nothing.
There are 1, 1, 2, 14 orders for n = 1 … 4 up to the names and signs of the inputs (OEIS A009997; Fine & Gill 1976,
"The enumeration of comparative probability relations", Annals of Probability 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations, permutations, product
from typing import NamedTuple

from rheobase.capability.boolean import Boolean

SMALL = 10
"""Whole weights up to this realise every order of the subset sums of four weights (the counts are tested)."""


class Line(NamedTuple):
    """Distinct whole sums in increasing order, the answer at each, and the weights that give them."""

    sums: tuple[int, ...]
    answers: tuple[int, ...]
    weights: tuple[int, ...]

    @property
    def changes(self) -> int:
        """How often the answer changes along the line."""
        return sum(a != b for a, b in zip(self.answers, self.answers[1:], strict=False))


@cache
def generic_weights(n: int) -> tuple[tuple[int, ...], ...]:
    """One vector of whole weights, positive and increasing, for every order of the 2^n subset sums.

    >>> [len(generic_weights(n)) for n in (1, 2, 3, 4)]
    [1, 1, 2, 14]
    """
    found: dict[tuple[int, ...], tuple[int, ...]] = {}
    for weights in sorted(combinations(range(1, SMALL + 1), n), key=lambda w: (w[-1], sum(w))):
        sums = [sum(w for w, bit in zip(weights, bits, strict=True) if bit) for bits in product((0, 1), repeat=n)]
        if len(set(sums)) == len(sums):
            found.setdefault(tuple(sorted(range(2**n), key=sums.__getitem__)), weights)
    return tuple(found.values())


def line(task: Boolean, weights: tuple[int, ...]) -> Line | None:
    """The task along the sums that these weights give on 0/1 inputs; None where equal sums need different answers."""
    answers: dict[int, int] = {}
    for bits in task.bits():
        total = sum(w * b for w, b in zip(weights, bits, strict=True))
        if answers.setdefault(total, task.answer(bits)) != task.answer(bits):
            return None
    order = tuple(sorted(answers))
    return Line(order, tuple(answers[s] for s in order), weights)


@cache
def fewest_changes(task: Boolean) -> tuple[int, int]:
    """The least number of changes over all weights, and how many orders were looked at to know it.

    Parity needs n: from the input with the smallest w·x, flipping one input after another never lowers the sum and
    changes the answer each time. Other functions: every order of the sums, up to 4 inputs.

    >>> from rheobase.capability.boolean import boolean
    >>> fewest_changes(boolean("xor"))[0], fewest_changes(boolean("and"))[0], fewest_changes(boolean("01101111"))[0]
    (2, 1, 2)
    """
    if task.parity:
        return task.inputs, 0
    lines = list(_generic_lines(task))
    return min(found.changes for found in lines), len(lines)


def _generic_lines(task: Boolean) -> Iterator[Line]:
    for weights in generic_weights(task.inputs):
        for order in permutations(weights):
            for signs in product((1, -1), repeat=task.inputs):
                found = line(task, tuple(s * w for s, w in zip(signs, order, strict=True)))
                assert found is not None, "generic weights have distinct sums"
                yield found


@cache
def candidate_lines(task: Boolean, largest: int = 3) -> tuple[Line, ...]:
    """Lines worth trying, the best first: few changes, few sums, small weights; each sequence of answers once.

    Parity of n inputs has one line that is enough (equal weights) and, up to 4 inputs, the others as well.
    """
    if task.inputs > 4:
        ones = (1,) * task.inputs
        return (Line(tuple(range(task.inputs + 1)), tuple(i % 2 for i in range(task.inputs + 1)), ones),)
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], Line] = {}
    vectors = product(range(-largest, largest + 1), repeat=task.inputs)
    for weights in sorted(vectors, key=lambda w: (sum(map(abs, w)), sum(v < 0 for v in w))):
        if (candidate := line(task, weights)) is not None:
            start = candidate.sums[0]
            found.setdefault((tuple(s - start for s in candidate.sums), candidate.answers), candidate)
    for candidate in _generic_lines(task):
        start = candidate.sums[0]
        found.setdefault((tuple(s - start for s in candidate.sums), candidate.answers), candidate)
    return tuple(sorted(found.values(), key=lambda c: (c.changes, len(c.sums), c.sums[-1] - c.sums[0])))
