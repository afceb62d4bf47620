"""How tests drive a browser: where it is, the moves of a reader, what axe-core says of a page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
UNNAMED = """[...document.querySelectorAll('input, select, button, a[href]')]
    .filter((e) => !(e.ariaLabel || e.textContent || [...(e.labels ?? [])].map((l) => l.textContent).join('')).trim())
    .map((e) => e.outerHTML)"""
"""Controls without a name for a screen reader."""
AXE = os.environ.get("RHEOBASE_AXE")
"""The file axe.min.js of axe-core, which is under the MPL and does not come with rheobase: `npm pack axe-core`."""
needs_axe = pytest.mark.skipif(not AXE, reason="RHEOBASE_AXE names no axe.min.js")


def at(site: Path, name: str) -> str:
    """The address of a page, with what stands behind its #."""
    return (site / name.split("#")[0]).as_uri() + ("#" + name.split("#", 1)[1] if "#" in name else "")


def move(page: Any, name: str, value: float) -> None:
    """Set a slider as its user does."""
    page.locator(f"input[type=range][name='{name}']").evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def becomes(page: Any, selector: str, wanted: str) -> None:
    """Wait until the text, or the value of a field, holds what is wanted: the page reads when typing rests."""
    place, seen = page.locator(selector), ""
    for _ in range(200):
        seen = place.input_value() if selector == "#formula" else place.text_content()
        if wanted in seen:
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"{selector} is {seen!r}, not {wanted!r}")


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its own advice, as rule and place."""
    assert AXE is not None
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
