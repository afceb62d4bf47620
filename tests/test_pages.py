"""The pages tell the truth: their Python examples run, their links lead somewhere, outputs are what is printed."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(page: Path) -> str:
    """The page with everything but its Python blocks blanked, so that line numbers stay those of the page."""
    kept, inside = [], False
    for line in page.read_text().split("\n"):
        if line.startswith("```"):
            inside = line == "```python"
            line = ""
        kept.append(line if inside else "")
    return "\n".join(kept)


@pytest.mark.parametrize("page", [p for p in PAGES if ">>>" in examples(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page: Path) -> None:
    test = doctest.DocTestParser().get_doctest(examples(page), {}, page.name, str(page), 0)
    runner, told = doctest.DocTestRunner(optionflags=FLAGS), []
    runner.run(test, out=told.append)
    assert test.examples and not runner.failures, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    for named in re.findall(r"`((?:src|tests|tools|docs|benchmarks)/[\w./]+)`", page.read_text()):
        assert "VERB" in named or (ROOT / named).exists(), f"{page.relative_to(ROOT)}: {named}"


def test_what_is_pasted_is_what_is_printed() -> None:
    command = [sys.executable, str(ROOT / "tools/regenerate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
