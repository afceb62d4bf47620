"""The command line as a whole: help, versions, errors, exit codes, pipes, interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rheobase as rb
from rheobase.cli import app
from rheobase.errors import RheobaseError

ROOT = Path(__file__).parents[2]


def test_help_names_every_verb(rheobase) -> None:
    for arguments in (["--help"], ["-h"], []):
        done = rheobase(*arguments)
        text = done.out + done.err
        for verb in app.verbs():
            assert f"\n  {verb} " in text


@pytest.mark.parametrize("verb", app.verbs())
def test_every_verb_explains_itself(rheobase, verb: str) -> None:
    done = rheobase(verb, "--help")
    assert done.code == 0
    assert f"Usage: rheobase {verb}" in done.out
    command = app.command(verb)
    assert len(command.help.split("\n")[0]) <= 60, "the first line is cut off in `rheobase --help`"
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{verb}: {parameter.name} has no help text"


@pytest.mark.parametrize("verb", app.verbs())
def test_every_verb_is_documented_and_tested(verb: str) -> None:
    assert f"## rheobase {verb}\n" in (ROOT / "docs/cli.md").read_text(), "run `make regenerate`"
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert f'rheobase("{verb}"' in tests or f'"{verb}", "' in tests, f"write tests/cli/test_{verb}.py"


def test_version(rheobase) -> None:
    assert rheobase("--version") == (0, f"rheobase {rb.__version__}\n", "")


def test_python_m_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "rheobase", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"rheobase {rb.__version__}\n"


@pytest.mark.parametrize(
    ("typed", "meant"), [("shw", "show"), ("lsit", "list"), ("indentify", "identify"), ("plt", "plot")]
)
def test_a_misspelt_verb_gets_the_right_one(rheobase, typed: str, meant: str) -> None:
    done = rheobase(typed)
    assert done == (2, "", f"rheobase: there is no verb '{typed}'; instead: rheobase {meant}\n")


def test_a_function_without_a_verb_is_led_to_show(rheobase) -> None:
    assert "rheobase show 'gelu'" in rheobase("gelu").err


def test_errors_are_lines_not_tracebacks(rheobase, monkeypatch) -> None:
    def fails(**_: object) -> None:
        raise RheobaseError("it is so", where="here", instead="this")

    monkeypatch.setattr("rheobase.catalogue.list", fails)
    assert rheobase("list") == (2, "", "rheobase: it is so in here; instead: this\n")


def test_interruption_ends_with_130(rheobase, monkeypatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rheobase.catalogue.list", interrupted)
    done = rheobase("list")
    assert done.code == 130 and "Traceback" not in done.err


def test_a_real_interrupt_is_quiet(tmp_path: Path) -> None:
    code = (
        "import sys, time, rheobase.catalogue as c\n"
        "def slow(**_): print('ready', flush=True); time.sleep(60)\n"
        "c.list = slow\n"
        "from rheobase.cli.app import main\n"
        "sys.exit(main(['list']))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        assert p.stdout and p.stderr
        assert p.stdout.readline() == "ready\n"
        time.sleep(0.05)
        p.send_signal(signal.SIGINT)
        assert p.wait(20) == 130
        assert "Traceback" not in p.stderr.read()


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """The pipe is closed before anything is read, and the output is larger than its buffer."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "rheobase", "list", "--json"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_for_a_program_has_no_escape_codes(rheobase) -> None:
    for arguments in (["list"], ["show", "swish"], ["--help"], ["show", "swish", "--code", "torch"]):
        assert "\x1b" not in rheobase(*arguments).out


def test_a_terminal_gets_a_drawn_table() -> None:
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "rheobase", "list", "--family", "oscillating"],
        stdout=terminal, env=os.environ | {"COLUMNS": "80", "TERM": "xterm-256color"},
    ) as process:  # fmt: skip
        os.close(terminal)
        seen = b""
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:  # how Linux tells that the other side is closed
                break
            if not part:
                break
            seen += part
        assert process.wait(20) == 0
    os.close(controller)
    assert b"\x1b[" in seen and b"gcu" in seen
