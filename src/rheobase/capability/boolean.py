"""Boolean functions as tables of bits: what the neuron is asked to compute, on inputs coded 0/1 or ±1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from rheobase.errors import RheobaseError, nearest

Coding = Literal["01", "pm1"]

MOST_INPUTS = 64
"""Inputs of parity-n; by symmetry n + 1 sums stand for all its 2^n inputs."""
LARGEST_TABLE = 4
"""Inputs of a table that is typed bit by bit."""

NAMED = {"and": "0001", "or": "0111", "xor": "0110", "xnor": "1001", "nand": "1110", "nor": "1000"}
"""Tables of two inputs, in the order of the inputs 00, 01, 10, 11."""


@dataclass(frozen=True)
class Boolean:
    """A Boolean function of n inputs.

    Attributes:
        name: what the user called it.
        inputs: how many there are.
        table: its 2^n bits, in the order in which the inputs count up in binary; "" for parity of many inputs.
        parity: is it parity, the answer to "is the number of ones odd"?
    """

    name: str
    inputs: int
    table: str
    parity: bool

    def answer(self, ones: Sequence[int]) -> int:
        """The bit that belongs to an input, given as its n bits.

        >>> [boolean("and").answer(bits) for bits in product((0, 1), repeat=2)]
        [0, 0, 0, 1]
        """
        if self.parity:
            return sum(ones) % 2
        return int(self.table[int("".join(map(str, ones)), 2)])

    def bits(self) -> list[tuple[int, ...]]:
        """All inputs as bits, in the order of the table."""
        return list(product((0, 1), repeat=self.inputs))


def boolean(text: str) -> Boolean:
    """The function that a name, parity-n, or a string of 2^n bits means.

    Raises:
        RheobaseError: an unknown name, with the nearest; a table whose length is not 2, 4, 8 or 16; n out of range.

    >>> boolean("xor").table, boolean("parity-3").table, boolean("0111").inputs
    ('0110', '01101001', 2)
    """
    word = text.strip().lower()
    if word in NAMED:
        return _from_bits(word, NAMED[word])
    if re.fullmatch(r"[01]+", word):
        if len(word) not in (2, 4, 8, 16):
            raise RheobaseError(
                f"the truth table '{word}' has {len(word)} bits",
                instead="2, 4, 8 or 16 bits, for 1 to 4 inputs; xor is 0110",
            )
        return _from_bits(word, word)
    if matched := re.fullmatch(r"parity-?(\d+)", word):
        n = int(matched[1])
        if not 1 <= n <= MOST_INPUTS:
            raise RheobaseError(f"parity of {n} inputs", instead=f"parity-2 to parity-{MOST_INPUTS}")
        table = "".join(str(i.bit_count() % 2) for i in range(2**n)) if n <= LARGEST_TABLE else ""
        return Boolean(f"parity-{n}", n, table, parity=True)
    near = nearest(word, [*NAMED, "parity-3"])
    raise RheobaseError(
        f"there is no task {text!r}",
        instead=near or f"{', '.join(NAMED)}, parity-3, or a truth table such as 0110",
    )


def _from_bits(name: str, table: str) -> Boolean:
    n = len(table).bit_length() - 1
    odd = "".join(str(i.bit_count() % 2) for i in range(2**n))
    return Boolean(name, n, table, parity=table == odd)


def coding(text: str) -> Coding:
    """How the inputs are coded: "01", or "pm1" for ±1.

    Raises:
        RheobaseError: any other word.
    """
    if text in ("01", "0/1"):
        return "01"
    if text in ("pm1", "±1", "+-1"):
        return "pm1"
    raise RheobaseError(f"inputs coded {text!r}", instead="01, or pm1 for ±1")


def coded(bit: int, inputs: Coding) -> int:
    """A bit as the number that the neuron gets."""
    return bit if inputs == "01" else 2 * bit - 1
