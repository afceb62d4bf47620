"""Errors that teach: what was wrong, where, and what to type instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RheobaseError(Exception):
    """Bad input, told in one clear message.

    Args:
        what: what was wrong, as a sentence without a full stop.
        where: the place, for instance the formula with a caret under the character.
        instead: what to type instead.

    >>> str(RheobaseError("unknown backend 'nunpy'", instead="numpy, torch or jax"))
    "unknown backend 'nunpy'; instead: numpy, torch or jax"
    """

    def __init__(self, what: str, *, where: str | None = None, instead: str | None = None) -> None:
        self.what = what
        self.where = where
        self.instead = instead
        super().__init__(what, where, instead)

    def __str__(self) -> str:
        lines = bool(self.where and "\n" in self.where)
        text = self.what
        if self.where:
            text += ("\n" if lines else " in ") + self.where
        if self.instead:
            text += ("\n" if lines else "; ") + f"instead: {self.instead}"
        return text


class FormulaError(RheobaseError):
    """A formula that cannot be read, with a caret under the character that is at fault."""

    def __init__(self, what: str, text: str, position: int, *, instead: str | None = None) -> None:
        self.text = text
        self.position = position
        super().__init__(what, where=caret(text, position), instead=instead)


class SpecError(RheobaseError):
    """An activation that cannot be found, or parameters that it does not have or allow."""


def caret(text: str, position: int, width: int = 72) -> str:
    """Two lines: the part of `text` around `position`, and a caret under that character."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    position = max(0, min(position, len(shown)))
    start = max(0, min(position - width // 2, len(shown) - width))
    head = "…" if start else ""
    tail = "…" if start + width < len(shown) else ""
    return f"    {head}{shown[start : start + width]}{tail}\n    {' ' * (position - start + len(head))}^"


MAX_WORD = 100
"""Characters of a word that may be a slip for another; the longest known name has half as many."""


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that is most like `word`, or None when none is near.

    >>> nearest("sigmiod", ["sigmoid", "sin"]), nearest("tahn", ["tan", "tanh"])
    ('sigmoid', 'tanh')
    """
    if len(word) > MAX_WORD:
        return None
    known = {w.lower(): w for w in words}
    found = difflib.get_close_matches(word.lower(), known, n=20, cutoff=0.6)
    return known[min(found, key=lambda like: _slips(word.lower(), like))] if found else None


def _slips(typed: str, meant: str) -> float:
    """The slips of the keyboard between two words: letters left out, put in, mistaken (1 each), exchanged (0.8).

    Source: Damerau (1964), A technique for computer detection and correction of spelling errors.
    """
    before: list[float] = []
    row: list[float] = list(map(float, range(len(meant) + 1)))
    for i, a in enumerate(typed, 1):
        two_before, before, row = before, row, [float(i)]
        for j, b in enumerate(meant, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and (a, typed[i - 2]) == (meant[j - 2], b):
                least = min(least, two_before[j - 2] + 0.8)
            row.append(least)
    return row[-1]
