"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from rheobase.cli.app import main


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def rheobase(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command line in this process, as `rheobase("show", "swish")`."""

    def run(*arguments: str) -> Done:
        code = main(arguments)
        out, err = capsys.readouterr()
        return Done(code, str(out), str(err))

    return run
