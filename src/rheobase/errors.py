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


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that is most like `word`, or None when none is near.

    >>> nearest("sigmiod", ["sigmoid", "sin"])
    'sigmoid'
    """
    known = {w.lower(): w for w in words}
    found = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else None
