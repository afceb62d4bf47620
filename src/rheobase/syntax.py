"""Formula text to a tree of its signs: a subset of Python's expressions. Nothing is looked up or evaluated here.

    comparison = sum [("<" | "<=" | ">" | ">=") sum]
    sum        = product (("+" | "-") product)*
    product    = signed (("*" | "/") signed)*
    signed     = ("+" | "-") signed | power
    power      = call ["**" signed]
    call       = atom ("(" [comparison ("," comparison)* [","]] ")")*
    atom       = number | name | "(" comparison ")"

`web/assets/syntax.js` is this file in JavaScript; a test holds the two together, text by text.
"""

from __future__ import annotations

import keyword
import re
from typing import Any, NamedTuple

from rheobase.errors import FormulaError
from rheobase.refusals import HINTS, in_formula

MAX_TEXT = 4_096
MAX_NESTING = 100
BLANKS = " \t\n\r\f\v"
KEYWORDS = frozenset(keyword.kwlist)
"""A parameter of such a name could not stand in the Python that is generated."""

COMPARES, SUMS, PRODUCTS, SIGNS, POWERS = range(5)
STRENGTH = {
    "<": COMPARES, "<=": COMPARES, ">": COMPARES, ">=": COMPARES, "+": SUMS, "-": SUMS, "*": PRODUCTS, "/": PRODUCTS,
    "**": POWERS,
}  # fmt: skip
"""How strongly a sign between two operands binds."""

_TOKEN = re.compile(
    r"[ \t]*(?:#.*)?(?:(?P<end>$)"
    r"|(?P<number>(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|//|:=|\.\.\.|.))"
)
_GLUED = re.compile(r"[A-Za-z0-9_]+")
_IMAGINARY = re.compile(r"[jJ]|_.*")
_OTHER_BASE = re.compile(r"[xX][0-9A-Fa-f_]+|[oO][0-7_]+|[bB][01_]+")
"""What behind the digits makes a number of another kind; other letters there lack their *."""


class Node(NamedTuple):
    """A part of the text.

    Attributes:
        kind: "number", "name", "call", "chain" (of comparisons), "minus", "plus", or a sign of `STRENGTH`.
        at: the character at which it begins.
        text: of a number or a name.
        parts: of a call, what is called and then its arguments.
    """

    kind: str
    at: int
    text: str = ""
    parts: tuple[Node, ...] = ()


def tree(text: str) -> Node:
    """The tree that `text` states.

    Raises:
        FormulaError: with a caret under the character at fault.

    >>> tree("-x").kind, tree("2*x").parts[1]
    ('minus', Node(kind='name', at=2, text='x', parts=()))
    """
    check(text)
    return _Reading(text).whole()


def check(text: str) -> None:
    """Refuse what is too long, has characters of other scripts, or nests too deeply, before it is read."""
    if not text.strip(BLANKS):
        raise in_formula("empty", text.replace("\n", " "), 0)
    if len(text) > MAX_TEXT:
        raise in_formula("long", text, MAX_TEXT, count=f"{len(text):,}", most=f"{MAX_TEXT:,}")
    level = 0
    for position, character in enumerate(text):
        if character == "^":
            raise in_formula("power", text, position, hint=HINTS["^"])
        if character not in "\t" and not (" " <= character <= "~"):
            raise in_formula("character", text, position, HINTS.get(character), sign=repr(character))
        level += (character in "([{") - (character in ")]}")
        if level > MAX_NESTING:
            raise in_formula("brackets", text, position, most=MAX_NESTING)


class _Reading:
    """The text from left to right, one token looked at ahead: the first fault is the one that is told."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.after = 0
        self.open: list[int] = []
        self.step()

    def step(self) -> None:
        """Go on to the next token: its kind ("end", "number", "name" or the sign itself), place and text."""
        found = _TOKEN.match(self.text, self.after)
        assert found is not None and found.lastgroup is not None
        self.kind, self.token = found.lastgroup, found[found.lastgroup]
        self.at, self.after = found.start(found.lastgroup), found.end()
        if self.kind == "number":
            self.check_number()
        elif self.kind == "name" and self.token in KEYWORDS:
            raise self.fail("word", name=self.token)
        elif self.kind == "sign":
            self.check_sign()
            self.kind = self.token

    def fail(self, key: str, at: int | None = None, **fields: Any) -> FormulaError:
        return in_formula(key, self.text, self.at if at is None else at, **fields)

    def check_number(self) -> None:
        glued = _GLUED.match(self.text, self.after)
        rest = glued[0] if glued else ""
        whole = self.token.replace("_", "").isdigit()
        octal = whole and self.token[0] == "0" and self.token.strip("0_")
        if octal or _IMAGINARY.fullmatch(rest) or (self.token == "0" and _OTHER_BASE.fullmatch(rest)):
            raise self.fail("decimal", source=(self.token + rest)[:20])
        if rest:
            raise self.fail("factors", self.after)

    def check_sign(self) -> None:
        if self.token in STRENGTH or self.token in ("(", ")", ","):
            return
        if self.token in ("]", "}"):
            raise self.fail("partner")
        if self.token in ("[", "{"):
            raise self.fail("round", sign=self.token)
        if self.token in ("==", "!="):
            raise self.fail("compares")
        if self.token == "=":
            raise self.fail("equals")
        raise self.fail("sign", sign=self.token)

    def whole(self) -> Node:
        found = self.expression(COMPARES, 0)
        if self.kind != "end":
            raise self.stray()
        return found

    def stray(self) -> FormulaError:
        """The error of a token that cannot stand behind a whole expression."""
        if self.kind == "end":
            return self.fail("partner", self.open[-1])
        if self.kind == ")":
            return self.fail("partner")
        if self.kind == ",":
            return self.fail("comma")
        return self.fail("factors" if self.kind in ("number", "name") else "unreadable")

    def expression(self, least: int, level: int) -> Node:
        """What stands here, as far as signs reach that bind at least as strongly as `least`."""
        if level > 2 * MAX_NESTING:
            raise self.fail("deep", most=2 * MAX_NESTING)
        start, sign = self.at, self.kind
        if sign in ("+", "-"):
            self.step()
            left = Node("minus" if sign == "-" else "plus", start, parts=(self.expression(SIGNS, level + 1),))
        else:
            left = self.call(level)
        compared = False
        while (strength := STRENGTH.get(self.kind, -1)) >= least:
            sign = self.kind
            self.step()
            right = self.expression(SIGNS if strength == POWERS else strength + 1, level + 1)
            left = Node("chain" if compared else sign, start, parts=(left, right))
            compared = strength == COMPARES
        return left

    def call(self, level: int) -> Node:
        start = self.at
        found = self.atom(level)
        while self.kind == "(":
            found = Node("call", start, parts=(found, *self.arguments(level + 1)))
        return found

    def arguments(self, level: int) -> list[Node]:
        self.open.append(self.at)
        self.step()
        given: list[Node] = []
        while self.kind != ")":
            given.append(self.expression(COMPARES, level))
            if self.kind == ",":
                self.step()
            elif self.kind != ")":
                raise self.stray()
        self.open.pop()
        self.step()
        return given

    def atom(self, level: int) -> Node:
        found = Node(self.kind, self.at, self.token)
        if self.kind in ("number", "name"):
            self.step()
            return found
        if self.kind == "end":
            raise self.fail("incomplete")
        if self.kind != "(":
            raise self.fail("partner" if self.kind == ")" and not self.open else "unreadable")
        self.open.append(self.at)
        self.step()
        found = self.expression(COMPARES, level)
        if self.kind != ")":
            raise self.stray()
        self.open.pop()
        self.step()
        return found
