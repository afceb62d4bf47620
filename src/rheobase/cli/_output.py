"""The ways in which verbs show their answers: JSON, a table, text. Standard output is data; the rest goes to stderr."""

from __future__ import annotations

import json
import math
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rheobase.errors import RheobaseError


def print_json(value: Any) -> None:
    """Print `value` as JSON that every parser reads: an infinite or missing number is null.

    >>> print_json({"low": float("-inf"), "id": "swish"})
    {
      "low": null,
      "id": "swish"
    }
    """
    print(json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> None:
    """A table: drawn by rich in a terminal, otherwise aligned text with two blanks between columns, for other programs.

    >>> print_table(["id", "year"], [["swish", "2017"], ["relu", "1969"]])
    id     year
    swish  2017
    relu   1969
    """
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), caption=caption, caption_justify="left")
        for i, column in enumerate(columns):
            table.add_column(column, style="cyan" if i == 0 else None, no_wrap=i == 0, overflow="fold")
        for row in rows:
            table.add_row(*(_unmarked(cell) for cell in row))
        Console().print(table)
        return
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    for row in (columns, *rows):
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _unmarked(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def print_heading(text: str) -> None:
    """A line that stands out in a terminal."""
    print(f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text)


def beside(blocks: Sequence[tuple[str, str]], gap: int = 4) -> str:
    """Titled blocks of text next to each other where the terminal is wide enough, below each other otherwise.

    >>> print(beside([("a", "1\\n2"), ("b", "3")], gap=1))
    a b
    1 3
    2
    """
    parts = [[title, *text.split("\n")] for title, text in blocks]
    widths = [max(map(len, lines)) for lines in parts]
    if sum(widths) + gap * (len(parts) - 1) > columns():
        return "\n\n".join("\n".join(lines) for lines in parts)
    height = max(map(len, parts))
    filled = [
        [line.ljust(width) for line in lines] + [" " * width] * (height - len(lines))
        for lines, width in zip(parts, widths, strict=True)
    ]
    return "\n".join((" " * gap).join(row).rstrip() for row in zip(*filled, strict=True))


def columns() -> int:
    """How many characters a line of the terminal holds; 100 where there is no terminal."""
    return shutil.get_terminal_size((100, 40)).columns if sys.stdout.isatty() else 100


def wrapped(text: str, width: int, *, indent: str = "", hang: str | None = None) -> str:
    """A paragraph in lines of `width` cells, for characters of one cell and of two, as in Korean.

    Args:
        indent: before the first line, and before the others where `hang` is None.
        hang: before the others.

    >>> print(wrapped("한글은 두 칸을 차지한다", 12, indent="  "))
      한글은 두
      칸을
      차지한다
    """
    rest = indent if hang is None else hang
    lines, line = [], indent
    for word in text.split():
        joined = f"{line} {word}" if line.strip() else line + word
        if _cells(joined) > width and line.strip():
            lines.append(line)
            joined = rest + word
        line = joined
    return "\n".join([*lines, line])


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def write_file(path: Path, text: str) -> None:
    """The whole file or none of it.

    Raises:
        RheobaseError: where it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        what = f"cannot write '{path}': {error.strerror}"
        raise RheobaseError(what, instead="a file in a folder that exists") from None
