"""A small site that the tests of the pages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from rheobase.web.site import write

SHOWN = ("swish", "relu", "gcu", "leaky_relu", "heaviside")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The explorer with the pages of a few functions."""
    folder = tmp_path_factory.mktemp("site")
    write(folder, SHOWN)
    return folder
