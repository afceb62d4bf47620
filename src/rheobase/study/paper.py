"""A study as parts of a paper: a table for booktabs, vector figures, the method with this run's numbers, BibTeX."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any

from rheobase.catalogue import get
from rheobase.errors import RheobaseError
from rheobase.study import claims_words
from rheobase.study.library import Finding
from rheobase.study.result import Row, Table
from rheobase.study.spec import Task
from rheobase.study.words import points, score, span

_SPECIAL = str.maketrans({"%": r"\%", "&": r"\&", "_": r"\_", "#": r"\#", "−": "$-$", "–": "--", "’": "'", "²": "$^2$"})
_SPECIAL |= str.maketrans({"±": r"$\pm$", "×": r"$\times$", "√": r"$\surd$", "φ": r"$\varphi$", "·": r"$\cdot$"})


def export(found: Finding, folder: Path) -> list[Path]:
    """Write `table.tex`, `methods.tex`, `references.bib`, `figure.pdf` and `figure.svg`, and return their paths.

    Raises:
        RheobaseError: the folder cannot be made or written to, or matplotlib is not installed.
    """
    texts = {"table.tex": table(found), "methods.tex": methods(found), "references.bib": bibliography(found)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        pictures = figure(found, folder)
    except OSError as error:
        raise RheobaseError(
            f"the paper's parts cannot be written to {str(folder)!r}: {error.strerror}", instead="--out paper"
        ) from error
    return [folder / name for name in texts] + pictures


def tex(text: str) -> str:
    """Text with LaTeX's special characters made harmless.

    >>> tex("97 % of leaky_relu, −0.1")
    '97 \\\\% of leaky\\\\_relu, $-$0.1'
    """
    return text.translate(_SPECIAL)


def table(found: Finding) -> str:
    """A table in the manner of booktabs: every function on every task and initialisation of the study."""
    lines = [r"% needs \usepackage{booktabs}", r"\begin{tabular}{llrrrr}", r"\toprule"]
    lines.append(r"task & function & mean & 95\,\% interval & to the leader & 95\,\% interval \\")
    for task, init, one in _tables(found):
        lines += [r"\midrule", rf"\multicolumn{{6}}{{l}}{{{tex(task.title)}, {tex(init)}: {tex(task.metric.name)}}} \\"]
        lines += [" & ".join(["", *map(tex, _cells(task, row))]) + r" \\" for row in one.rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _tables(found: Finding) -> list[tuple[Task, str, Table]]:
    return [(task, init, one) for task, tables in found.results.values() for init, one in tables.items()]


def _cells(task: Task, row: Row) -> list[str]:
    metric, d = task.metric, row.difference
    own = [row.activation, score(metric, row.mean), span(metric, row.low, row.high)]
    if row.standing == "leader":
        return [*own, "leader", ""]
    return [*own, points(metric, d.estimate, signed=True), span(metric, d.low, d.high)]


def methods(found: Finding) -> str:
    """A paragraph on the method, with the numbers of this run, and the line that replays it."""
    study = found.study
    tasks = [task for task, _ in found.results.values()]
    rows = [row for _, _, one in _tables(found) for row in one.rows]
    tuned = sorted({len(row.tried) for row in rows})
    trials = sum(len(row.outcomes) + len(row.tried) for row in rows)
    many = len(study.statement)
    said = [
        f"We trained networks with {len(study.functions)} activation functions ({', '.join(study.functions)}) "
        f"on {len(tasks)} task{'s' * (len(tasks) > 1)}: "
        + "; ".join(f"{task.title} ({task.architecture}; {task.data.name})" for task in tasks)
        + ".",
        f"For every function the learning rate was chosen on validation data with {_or(tuned)} trainings, rates being "
        r"weighed by how far they lie behind the best~\cite{buckland1997model}; then "
        f"{study.seeds} fresh seeds were trained, with the same initial weights and batches for each function, and the "
        f"test data were looked at once. In all {trials} networks were trained.",
        "Intervals are percentile bootstrap intervals over seeds with levels expanded for small samples (Student's "
        r"below 8 values)~\cite{hesterberg2015what}; differences are paired by seed. "
        f"The {many} statement{'s' * (many > 1)} of the study share an error rate of 5 % (Bonferroni): each interval "
        f"has a confidence of {1 - 0.05 / many:.2%}.",
        f"The claim was {found.verdict}: "
        + "; ".join(f"{one.statement.says} ({claims_words.number(one)}; {one.verdict})" for one in found.judged)
        + ".",
        f"Software: {', '.join(f'{name} {version}' for name, version in found.versions.items())}.",
    ]
    body = "\n".join(_cited(sentence) for sentence in said)
    return f"% {study.title}\n{body}\n\n% To run it again:\n%   rheobase study run {study.path}\n"


def _or(numbers: list[int]) -> str:
    return " or ".join(map(str, numbers))


def _cited(sentence: str) -> str:
    """Escape everything but citations."""
    parts = re.split(r"(~\\cite\{\w+\})", sentence)
    return "".join(part if part.startswith("~\\cite") else tex(part) for part in parts)


def bibliography(found: Finding) -> str:
    """BibTeX of the statistics used and of the functions, where the catalogue knows their sources."""
    text = resources.files("rheobase.study.statistics").joinpath("references.bib").read_text(encoding="utf-8")
    known = {entry.partition("{")[2].partition(",")[0]: entry for entry in re.split(r"\n(?=@)", text.strip())}
    entries = [known[key].strip() for key in dict.fromkeys(re.findall(r"\\cite\{(\w+)\}", methods(found)))]
    entries += [entry for name in found.study.functions if (entry := _source(name))]
    return "\n\n".join(entries) + "\n"


def _source(name: str) -> str | None:
    """The publication of a function of the catalogue."""
    source = getattr(get(name), "source", None)
    if source is None or not source.authors or not source.title:
        return None
    authors = re.sub(r", | & ", " and ", source.authors).replace(" et al.", " and others")
    fields = {"author": authors, "title": f"{{{source.title}}}", "year": str(source.year)}
    if source.arxiv:
        fields |= {"eprint": source.arxiv, "archiveprefix": "arXiv"}
    if source.doi:
        fields["doi"] = source.doi
    key = re.sub(r"\W", "", name)
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in fields.items())
    return f"@misc{{activation-{key},\n{body}\n}}"


def figure(found: Finding, folder: Path) -> list[Path]:
    """Means with 95 % intervals, a panel a task and initialisation, as PDF and SVG.

    Raises:
        RheobaseError: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        what = "figures need matplotlib, which is not installed"
        raise RheobaseError(what, instead="pip install 'rheobase[plot]'") from error
    panels = _tables(found)
    height = 0.6 + 0.26 * max(len(one.rows) for _, _, one in panels)
    # Text stays text in both formats, so that the paper's fonts can take over.
    with rc_context({"svg.fonttype": "none", "pdf.fonttype": 42, "font.size": 8, "svg.hashsalt": found.study.id}):
        drawn = Figure(figsize=(3.3 * min(2, len(panels)), height * -(-len(panels) // 2)), layout="constrained")
        axes = drawn.subplots(-(-len(panels) // 2), min(2, len(panels)), squeeze=False)
        for at, panel in zip(axes.flat, panels, strict=False):
            _panel(at, *panel)
        for at in axes.flat[len(panels) :]:
            at.set_axis_off()
        paths = [folder / f"figure.{kind}" for kind in ("pdf", "svg")]
        for path in paths:
            drawn.savefig(path, metadata={"CreationDate": None} if path.suffix == ".pdf" else {"Date": None})
    return paths


def _panel(at: Any, task: Task, init: str, one: Table) -> None:
    colours = {"leader": "#0072B2", "same": "#009E73", "worse": "#D55E00", "better": "#CC79A7"}
    k = task.metric.scale
    for i, row in enumerate(reversed(one.rows)):
        colour = colours[row.standing]
        at.plot([k * row.low, k * row.high], [i, i], color=colour, linewidth=1.6, solid_capstyle="round")
        at.plot(k * row.mean, i, "o", color=colour, markersize=4)
    at.set_yticks(range(len(one.rows)), [row.activation for row in reversed(one.rows)])
    at.set_ylim(-0.6, len(one.rows) - 0.4)
    at.set_xlabel(f"{task.metric.name}, {task.metric.unit}".rstrip(", "))
    at.set_title(f"{task.title}, {init}", fontsize=8, loc="left")
    at.spines[["top", "right"]].set_visible(False)
    at.grid(axis="x", linewidth=0.4, color="0.85")
    at.set_axisbelow(True)
