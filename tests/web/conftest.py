"""What the tests of the pages share: a small site, a browser, a page that notices what goes wrong on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rheobase.web.site import write
from web.browsing import CHROMIUM, FLAGS

SHOWN = ("swish", "relu", "gcu", "leaky_relu", "heaviside")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The explorer with the pages of a few functions."""
    folder = tmp_path_factory.mktemp("site")
    write(folder, SHOWN)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, where it and playwright are installed."""
    driver = pytest.importorskip("playwright.sync_api", reason="the browser is driven by playwright")
    with driver.sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails the test for an error, a message on the console, a dialog, or a request to elsewhere."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("dialog", lambda dialog: (wrong.append("a dialog"), dialog.dismiss()))
    opened.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else wrong.append(r.url))
    yield opened
    context.close()
    assert wrong == []
