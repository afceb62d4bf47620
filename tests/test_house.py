"""The house rules: what an import costs and loads, who may have which name, how long a file may be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import rheobase as rb
from rheobase.parse import parse

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("src", "tests", "tools") for path in (ROOT / folder).rglob("*.py"))
HEAVY = {
    "torch", "jax", "matplotlib", "sympy", "scipy", "sklearn", "mpmath", "pandas", "IPython", "starlette", "uvicorn",
}  # fmt: skip
MODULES = ["rheobase", *(m.name for m in walk_packages(rb.__path__, "rheobase.") if not m.name.endswith("__main__"))]

UNWANTED = (
    r"\bTODO\b",
    r"\bFIXME\b",
    r"NotImplementedError",
    r"except:\s",
    r"except (Base)?Exception\b.*:\s*\n\s*pass",
    r"except ImportError:\s*\n\s*pass",
    r"import \*",
    r"raise \w*Error(\(\))?$",
)

# What each public verb answers at once, on input as small as it may be; a new verb is named here or the test fails.
VERBS = {
    "Activation": lambda: rb.Activation(parse("x")),
    "Param": lambda: rb.Param(1.0),
    "compare": lambda: callable(rb.compare),
    "define": lambda: rb.define("x"),
    "get": lambda: rb.get("relu"),
    "identify": lambda: rb.identify("x"),
    "list": lambda: rb.list(family="oscillating"),
    "param": lambda: rb.param(1.0),
    "check": lambda: rb.check("step", "trainable"),
    "theory": lambda: rb.theory("tanh", [0.3]),
    "neuron": lambda: rb.neuron("and", "step"),
    "recommend": lambda: callable(rb.recommend),
    "plot": lambda: rb.plot("relu"),
    "nn": lambda: rb.nn.Activation("relu"),
    "Expr": lambda: rb.Expr,
    "FormulaError": lambda: rb.FormulaError("", "x", 0),
    "RheobaseError": lambda: rb.RheobaseError(""),
    "SpecError": lambda: rb.SpecError(""),
    "__version__": lambda: rb.__version__,
}


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter holds after `code`."""
    ending = "\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + ending], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def through(*arguments: str) -> str:
    """Code that runs the command line with its output thrown away."""
    return (
        "import io, contextlib\nfrom rheobase.cli.app import main\n"
        f"with contextlib.redirect_stdout(io.StringIO()):\n    assert main({list(arguments)!r}) == 0"
    )


@pytest.mark.parametrize(
    "code",
    [
        "import rheobase",
        "import rheobase; rheobase.get('swish')(0.5)",
        "import rheobase; rheobase.list(family='oscillating')",
        "import rheobase.sketch",
        through("--help"),
        through("list"),
        through("list", "--json"),
        through("show", "swish"),
        through("show", "x*tanh(x)", "--json"),
        through("show", "swish", "--code", "torch"),
        through("plot", "--help"),
        through("identify", "--help"),
    ],
    ids=lambda code: re.sub(r"[\s\S]*main\((.*?)\) == 0", r"\1", code),
)
def test_nothing_heavy_is_loaded_unasked(code: str) -> None:
    assert not HEAVY & loaded_by(code)


def test_a_definition_is_read_and_differentiated_without_ball_arithmetic() -> None:
    """python-flint takes 35 ms to load, numpy.ma 12 ms."""
    code = "import rheobase as rb; f = rb.get('swish'); f.latex(); f.derivative().formula; f.derivative('beta').formula"
    assert not {"flint", "numpy.ma"} & loaded_by(code)


def test_import_alone_loads_no_room() -> None:
    rooms = {name for name in loaded_by("import rheobase") if name.startswith("rheobase.")}
    assert rooms <= {"rheobase.errors"}, "import rheobase opens a room that nobody has asked for"


def test_every_submodule_imports_and_no_room_takes_a_verbs_name() -> None:
    """A submodule of a public function's name would take the function's place once it has been imported."""
    for module in MODULES:
        import_module(module)
    missing = set(rb.__all__) ^ set(VERBS)
    assert not missing, f"public names that this test does not call, or calls in vain: {missing}"
    for name, use in VERBS.items():
        use()
        if name != "nn":
            assert not isinstance(getattr(rb, name), type(rb)), f"rb.{name} is a module"


def test_dir_and_star_show_the_public_names() -> None:
    assert set(rb.__all__) <= set(dir(rb))


def test_a_misspelt_public_name_gets_the_right_one() -> None:
    with pytest.raises(AttributeError, match="identify"):
        rb.indentify  # noqa: B018


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400, "a second subject has moved in"
    assert text.startswith(('"""', 'r"""')), "the first line says what the file holds"


@pytest.mark.parametrize("path", [p for p in SOURCES if "src" in p.parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_no_unfinished_work_and_no_swallowed_errors(path: Path) -> None:
    text = path.read_text()
    for sign in UNWANTED:
        assert not re.search(sign, text, re.MULTILINE), sign


def test_every_room_has_its_place_in_the_import_contract() -> None:
    """import-linter checks it too; this says so without having to be installed."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    placed = {name.strip("() ") for layer in contract["layers"] for name in re.split(r"[:|]", layer)}
    rooms = {m.split(".")[1] for m in MODULES if "." in m}
    assert not rooms - placed, f"without a layer in pyproject.toml: {rooms - placed}"


def test_the_version_is_written_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/rheobase/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", rb.__version__)


def test_torch_is_exact_in_the_constraints_and_open_in_the_extra() -> None:
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text().split()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert "torch>=2.4" in extras["torch"]


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_for_against_and_instead(page: Path) -> None:
    if page.name != "index.md":
        text = page.read_text()
        for part in ("**For it.**", "**Against it.**", "**Instead"):
            assert part in text
        assert f"({page.name})" in (page.parent / "index.md").read_text()
