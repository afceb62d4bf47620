"""Boolean functions by name and by table, and the orders into which weights put their inputs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rheobase.capability.boolean import NAMED, boolean, coding
from rheobase.capability.orders import candidate_lines, fewest_changes, generic_weights, line
from rheobase.errors import RheobaseError

MEANING = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
    "xnor": lambda a, b: a == b,
    "nand": lambda a, b: not (a and b),
    "nor": lambda a, b: not (a or b),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_named_function_is_what_its_name_says(name: str) -> None:
    task = boolean(name)
    assert [task.answer(bits) for bits in task.bits()] == [int(MEANING[name](*bits)) for bits in task.bits()]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 64])
def test_parity_counts_ones(n: int) -> None:
    task = boolean(f"parity-{n}")
    assert [task.answer((1,) * k + (0,) * (n - k)) for k in range(n + 1)] == [k % 2 for k in range(n + 1)]
    assert task.parity and task.inputs == n


def test_a_table_of_bits_is_the_function_that_it_spells() -> None:
    assert boolean("0110").parity and boolean("01101001").parity and not boolean("0111").parity
    assert boolean("0010").answer((1, 0)) == 1 and boolean("0010").answer((0, 1)) == 0


@pytest.mark.parametrize(
    ("text", "instead"),
    [("xro", "xor"), ("01101", "0110"), ("parity-65", "parity-64"), ("parity-0", "parity-2"), ("zzz", "truth table")],
)
def test_a_wrong_task_gets_a_right_one(text: str, instead: str) -> None:
    with pytest.raises(RheobaseError, match=instead):
        boolean(text)


def test_codings_by_their_names() -> None:
    assert coding("±1") == coding("pm1") == "pm1" and coding("0/1") == "01"
    with pytest.raises(RheobaseError, match="pm1"):
        coding("2")


def test_there_are_as_many_orders_as_are_known() -> None:
    """1, 1, 2, 14: comparative probability orders that weights realise (OEIS A009997)."""
    assert [len(generic_weights(n)) for n in (1, 2, 3, 4)] == [1, 1, 2, 14]


@pytest.mark.parametrize("n", [2, 3, 4])
def test_random_weights_find_no_other_order(n: int) -> None:
    """Whatever the weights, their order of the inputs is one that is listed, after renaming and flipping inputs."""
    bits = np.array(list(product((0, 1), repeat=n)))
    known = {tuple(np.argsort(bits @ np.array(w))) for w in generic_weights(n)}
    draw = np.random.Generator(np.random.PCG64(7))
    for weights in draw.exponential(size=(3000, n)):
        assert tuple(np.argsort(bits @ np.sort(weights))) in known


def test_fewest_changes_of_three_inputs_are_those_of_brute_force() -> None:
    """Against 4,000 random weights for each of the 256 tables: never fewer, and reached."""
    draw = np.random.Generator(np.random.PCG64(3))
    bits = np.array(list(product((0, 1), repeat=3)))
    orders = np.unique(np.argsort(draw.normal(size=(4000, 3)) @ bits.T, axis=1), axis=0)
    for value in range(256):
        text = f"{value:08b}"
        along = np.array([int(c) for c in text])[orders]
        assert fewest_changes(boolean(text))[0] == (along[:, 1:] != along[:, :-1]).sum(axis=1).min()


def test_104_of_256_tables_are_separable() -> None:
    """The number of threshold functions of three variables (Muroga 1971; OEIS A000609)."""
    assert sum(fewest_changes(boolean(f"{v:08b}"))[0] <= 1 for v in range(256)) == 104


def test_a_line_needs_one_answer_for_equal_sums() -> None:
    xor = boolean("xor")
    assert line(xor, (1, 1)) == ((0, 1, 2), (0, 1, 0), (1, 1))
    assert line(boolean("0010"), (1, 1)) is None
    assert candidate_lines(xor)[0].weights == (1, 1)
