"""Write again what the documentation takes from the program: outputs, tables, the command line's reference, pictures.

    python tools/regenerate.py            writes README.md, docs/**/*.md and docs/assets again
    python tools/regenerate.py --check    changes nothing; names what is out of date and ends with 1
    python tools/regenerate.py --record   also runs the comparisons (`recorded` blocks), which take minutes

A block stands between `<!-- generated: WHAT -->` and `<!-- end -->`. WHAT is a command that begins with `rheobase`,
or one of the functions in BLOCKS with its arguments. `<!-- recorded: COMMAND -->` is the same for a command whose
output differs between machines (times, and accuracies in the last digit): it is run only with --record.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import drawings
import standings

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"<!-- (generated|recorded): (.*?) -->\n(.*?)<!-- end -->", re.DOTALL)


def pages() -> list[Path]:
    """Every page in which blocks may stand."""
    return [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").rglob("*.md"))


def console(command: str) -> str:
    """What `command` prints, as a reader would see it below the prompt."""
    words = shlex.split(command)
    assert words[0] == "rheobase", command
    environment = os.environ | {"NO_COLOR": "1", "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "rheobase", *words[1:]],
            capture_output=True, text=True, cwd=folder, env=environment, check=False,
        )  # fmt: skip
    if done.returncode not in (0, 1, 3) and "instead" not in done.stderr:
        raise SystemExit(f"{command}\nended with {done.returncode}:\n{done.stderr}")
    output = "\n".join(line.rstrip() for line in (done.stdout + done.stderr).rstrip().split("\n"))
    return f"```console\n$ {command}\n{output}\n```\n"


# ------------------------------------------------------------------------------------------------------------- blocks


def weighed(package: str = "") -> str:
    """One line about a package, or the table of all, from docs/decisions/weighed.csv."""
    with (ROOT / "docs/decisions/weighed.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    if not package:
        lines = ["| package | version | brings packages | MB | import, s |", "|---|---|---:|---:|---:|"]
        for r in rows:
            page = next(
                p for p in (ROOT / "docs/decisions").glob("*.md") if f"weighed {r['package']} " in p.read_text()
            )
            link = f"[{r['package']}]({page.name})"
            lines.append(f"| {link} | {r['version']} | {r['packages']} | {r['megabytes']} | {r['import_seconds']} |")
        return "\n".join(lines) + "\n"
    r = next(r for r in rows if r["package"] == package)
    seconds = r["import_seconds"]
    told = "does not import with what it brings" if seconds == "fails" else f"takes {seconds} s to import"
    brings = f"brings {r['packages']} more packages, takes {r['megabytes']} MB on disk and {told}"
    return f"*Measured: {package} {r['version']} {brings}.*\n"


def verbs() -> str:
    """The reference of the command line, from the commands themselves."""
    from rheobase.cli import app

    out = []
    for verb, command in _commands(app.verbs(), app.command):
        arguments = " ".join(p.metavar or p.name.upper() for p in command.params if p.param_type_name == "argument")
        inner = getattr(command, "commands", {})
        arguments = f"{' | '.join(inner)} …" if inner else f"[OPTIONS] {arguments}"
        out.append(f"## rheobase {verb}\n\n```\nrheobase {verb} {arguments}".rstrip() + "\n```\n")
        out.append(f"{command.help}\n")
        options = [p for p in command.params if p.param_type_name == "option"]
        if inner or not options:
            continue
        out.append("| option | meaning | default |\n|---|---|---|")
        for p in options:
            names = ", ".join(f"`{name}`" for name in [*p.opts, *p.secondary_opts])
            default = "" if p.default in (None, False, ()) or p.is_flag else f"`{p.default}`"
            out.append(f"| {names} | {(p.help or '').replace('|', '&#124;')} | {default} |")
        out.append("")
    return "\n".join(out) + "\n"


def _commands(names: Sequence[str], find: Callable[[str], Any]) -> list[tuple[str, Any]]:
    """Every verb, a verb of verbs followed by its own."""
    found = []
    for name in names:
        command = find(name)
        found.append((name, command))
        found += [(f"{name} {inner}", one) for inner, one in getattr(command, "commands", {}).items()]
    return found


def primitives() -> str:
    """The table of primitives, with the derivatives that the table itself gives."""
    from rheobase.expr import Parameter
    from rheobase.ops import FUNCTIONS, OPS

    lines = ["| primitive | derivative | range | jumps or kinks at |", "|---|---|---|---|"]
    for op in (op for name, op in OPS.items() if name in FUNCTIONS):
        arguments = [Parameter(letter) for letter in "abc"[: op.arity]]
        slopes = ", ".join(f"`{'0' if d is None else d}`" for d in op.d(*arguments))
        low, high = (f"{end:g}".replace("-", "−").replace("inf", "∞") for end in op.range)
        kinks = "everywhere" if op.kinks is None else ", ".join(f"{k:g}" for k in op.kinks)
        lines.append(f"| `{op.name}({', '.join('abc'[: op.arity])})` | {slopes} | {low} … {high} | {kinks} |")
    return "\n".join(lines) + "\n"


def laws() -> str:
    """The rewriting laws."""
    from rheobase.simplify.laws import LAWS

    lines = ["| what is typed | what it becomes | in floating point |", "|---|---|---|"]
    for law in LAWS:
        when = f", where {law.when}" if law.when else ""
        lines.append(f"| `{law.left}`{when} | `{law.right}` | {law.floats} |")
    return "\n".join(lines) + "\n"


def catalogue() -> str:
    """Every entry, by family."""
    from rheobase.catalogue import entries

    out: list[str] = []
    marks = _accuracy_marks()
    for family in dict.fromkeys(entry.family for entry in entries().values()):
        of_family = [entry for entry in entries().values() if entry.family == family]
        out += [f"## {family}", "", f"![The functions of the family {family}](assets/family-{family}.svg)", ""]
        out += ["| id | name | formula | parameters | accuracy | source |", "|---|---|---|---|---|---|"]
        for e in of_family:
            values = ", ".join(f"{n} = {slot.default:g}" for n, slot in e.params.items())
            source = str(e.source)
            cited = f"[{source}]({e.source.url})" if e.source.url else source
            out.append(f"| `{e.id}` | {_cell(e.name)} | `{e.formula}` | {values} | {marks[e.id]} | {_cell(cited)} |")
        out.append("")
    return f"{len(entries())} functions.\n\n" + "\n".join(out) + "\n"


def _accuracy_marks() -> dict[str, str]:
    """ "4 ulp" for the entries that keep it outright; the share of the rounding bound for the others."""
    with (ROOT / "docs" / "accuracy.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {r["id"]: "4 ulp" if r["four_ulp"] == "yes" else f"{float(r['bound_used']):.0%} of bound" for r in rows}


def count() -> str:
    """How many functions there are, by family."""
    from rheobase.catalogue import entries

    families = [entry.family for entry in entries().values()]
    told = ", ".join(f"{families.count(family)} {family}" for family in dict.fromkeys(families))
    return f"{len(families)} functions, each with its source ([all of them](docs/catalogue.md)): {told}.\n"


def tasks(what: str = "work") -> str:
    """The tasks of studies, one a line: the work that each is, its `data`, or the `speed` of its stacks."""
    from rheobase.study.tasks import tasks

    if what == "speed":
        with (ROOT / "benchmarks/results/tasks.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(line for line in file if line[0] != "#"))
        lines = ["| task | networks at once | one process | two processes |", "|---|---:|---:|---:|"]
        for r in rows:
            ratios = (f"{float(r[name]):.1f} ×" for name in ("one_process", "two_processes"))
            lines.append(f"| `{r['task']}` | {r['members']} | " + " | ".join(ratios) + " |")
        return "\n".join(lines) + "\n"
    found = tasks().values()
    if what == "data":
        lines = ["| task | data | from | licence | parts |", "|---|---|---|---|---|"]
        for d, t in ((t.data, t) for t in found):
            name = d.name.replace(f" {platform.python_version()}", "")  # the page is the same on every Python
            lines.append(f"| `{t.id}` | " + " | ".join(map(_cell, (name, d.source, d.licence, d.split))) + " |")
        return "\n".join(lines) + "\n"
    lines = ["| task | domain | what it stands for | network | measured |", "|---|---|---|---|---|"]
    for t in found:
        measured = f"{t.metric.name}, {t.metric.unit}; {'more' if t.metric.higher_is_better else 'less'} is better"
        lines.append(
            f"| `{t.id}` | " + " | ".join(map(_cell, (t.domain, t.stands_for, t.architecture, measured))) + " |"
        )
    return f"{len(found)} tasks in {len({t.domain for t in found})} domains.\n\n" + "\n".join(lines) + "\n"


def extras() -> str:
    """What can be installed beside the core, from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    core = ", ".join(re.split(r"[<>=]", d)[0] for d in project["dependencies"])
    lines = ["| extra | brings |", "|---|---|", f"| (none) | {core} |"]
    for name, packages in project["optional-dependencies"].items():
        if name not in NOT_FOR_USERS:
            lines.append(f"| `{name}` | {', '.join(packages)} |")
    return "\n".join(lines) + "\n"


def results(name: str) -> str:
    """A table of benchmarks/results as its script wrote it; lines that begin with # stay out."""
    with (ROOT / f"benchmarks/results/{name}.csv").open(newline="") as file:
        headings, *rows = csv.reader(line for line in file if not line.startswith("#"))
    lines = ["| " + " | ".join(h.replace("_", " ") for h in headings) + " |", "|---" * len(headings) + "|"]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def verdicts(beginning: str = "") -> str:
    """What became of the claims: benchmarks/results/studies.json, which `rheobase study run studies/ --json` wrote; of
    those alone whose names begin so."""
    every = json.loads((ROOT / "benchmarks/results/studies.json").read_text())
    found = [one for one in every if one["id"].startswith(beginning)]
    if not found:
        return f"*Not recorded yet: `rheobase study run` of the studies that begin with `{beginning}`.*\n"
    lines = ["| claim | verdict | what was measured |", "|---|---|---|"]
    for one in found:
        marks = {"reproduced": "✓", "refuted": "✗", "undecided": "?"}
        said = [
            f"{marks[s['verdict']]} {s['says']}: {s['estimate']:.3g} {s['unit']} ({s['low']:.3g} to {s['high']:.3g})"
            for s in one["statements"]
        ]
        measured = re.sub(r"-(?=\d)", "−", _cell("; ".join(said)))
        lines.append(f"| {_cell(one['title'])} (`studies/{one['id']}.toml`) | **{one['verdict']}** | {measured} |")
    return "\n".join(lines) + "\n"


def drawbacks() -> str:
    """What measures each drawback, and what became of the repairs that name it."""
    from rheobase.story import lineage
    from rheobase.story.drawbacks import JUDGES

    lines = ["| drawback | measured by | proven | refuted | unknown |", "|---|---|---:|---:|---:|"]
    for drawback, measure in JUDGES.items():
        verdicts = [edge.verdict for edge in lineage() if edge.drawback == drawback]
        counts = " | ".join(str(verdicts.count(one)) for one in ("proven", "refuted", "unknown"))
        lines.append(f"| {drawback} | {_cell(measure.words)} | {counts} |")
    return "\n".join(lines) + "\n"


def recommended() -> str:
    """What recommendations lose and cost: benchmarks/results/recommend.csv, by benchmarks/recommend.py."""
    with (ROOT / "benchmarks/results/recommend.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = ["| task | cost | keeps relu | recommended | trying everything | behind | placebo: keep |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    keys = ("incumbent", "recommended", "everything", "behind")
    for r in rows:
        told = " | ".join(f"{float(r[key]):.2f}" for key in keys).replace("-", "−")
        lines.append(
            f"| `{r['task']}` | {100 * float(r['cost']):.1f} % | {told} | {100 * float(r['placebo_kept']):.1f} % |"
        )
    middle = [statistics.median(float(r[key]) for r in rows) for key in ("cost", *keys, "placebo_kept")]
    told = " | ".join(f"{value:.2f}" for value in middle[1:-1]).replace("-", "−")
    lines.append(f"| median | {100 * middle[0]:.1f} % | {told} | {100 * middle[-1]:.1f} % |")
    behind = {r["task"]: float(r["behind"]) for r in rows}
    of = [float(r["of_metric"]) for r in rows]
    gained = [float(r["incumbent"]) - float(r["recommended"]) for r in rows]
    most = sorted(behind, key=lambda task: -behind[task])[:2]
    lines += [
        "",
        f"{rows[0]['functions']} functions, {len(rows)} tasks. The recommendation is better than keeping relu on "
        f"{sum(g > 0 for g in gained)} of them and worse on {sum(g < 0 for g in gained)}. Behind trying everything it "
        f"is by {statistics.median(of):.2f} % of the metric by the median, by no more than 1 % on "
        f"{sum(one <= 1 for one in of)}, and in points by most on "
        + " and ".join(f"`{task}` ({behind[task]:.1f})" for task in most)
        + f". Trying everything finds the best in hindsight on {sum(not float(r['everything']) for r in rows)}.",
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "&#124;").replace("*", "\\*").replace("_", "\\_")


# What develops the project, and what belongs to rooms that are still to come.
NOT_FOR_USERS = {"test", "lint", "docs", "fast", "onnx"}

BLOCKS: dict[str, Callable[..., str]] = {
    "weighed": weighed,
    "verbs": verbs,
    "primitives": primitives,
    "laws": laws,
    "catalogue": catalogue,
    "count": count,
    "tasks": tasks,
    "extras": extras,
    "verdicts": verdicts,
    "recommended": recommended,
    "results": results,
    "drawbacks": drawbacks,
    "standings": standings.standings,
    "by_task": standings.by_task,
}


def renewed(text: str, record: bool) -> str:
    """`text` with every block written again."""

    def block(match: re.Match[str]) -> str:
        kind, what, old = match.groups()
        head = f"<!-- {kind}: {what} -->\n"
        if kind == "recorded" and not record and old.startswith(f"```console\n$ {what}\n"):
            return head + old + "<!-- end -->"
        if what.startswith("rheobase "):
            return head + console(what) + "<!-- end -->"
        name, *arguments = what.split()
        return head + BLOCKS[name](*arguments) + "<!-- end -->"

    return _BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    check, record = "--check" in arguments, "--record" in arguments
    stale = []
    wanted = {page: renewed(page.read_text(), record) for page in pages() if page.exists()}
    wanted |= {ROOT / "docs/assets" / name: text for name, text in drawings.all_drawings().items()}
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(ROOT))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    for path in stale:
        print(f"{path}: {'out of date; run `make regenerate`' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
