"""A survey of single neurons, as a person reads it: theory and descent in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rheobase.capability.words import decimal, percent, verdict
from rheobase.study.boolean import READ_OUTS, ReadOut

if TYPE_CHECKING:
    from rheobase.capability.solve import Answer
    from rheobase.study.one_neuron import Finding, Rate, Survey

_CODED = {"01": "0/1", "pm1": "±1"}


def heading(survey: Survey) -> str:
    """What was asked."""
    return f"One neuron on {survey.task.name}, inputs {_CODED[survey.inputs]}: what theory allows, what descent finds"


def table(survey: Survey) -> tuple[list[str], list[list[str]]]:
    """The headings and the rows, in the order in which the functions were named."""
    parity = any(finding.parity for finding in survey.findings)
    learned: list[ReadOut] = [way for way in READ_OUTS if any(way in f.learned for f in survey.findings)]
    headings = ["activation", "possible", "margin"]
    headings += ["learned, θ too"] * ("affine" in learned)
    headings += ["possible, θ = 0"] + ["learned, θ = 0"] * ("sign" in learned)
    return headings + ["parity"] * parity, [_cells(f, learned, parity) for f in survey.findings]


def _cells(finding: Finding, learned: Sequence[ReadOut], parity: bool) -> list[str]:
    rates = {way: rate_text(finding.learned[way]) for way in learned}
    cells = [finding.free.label, verdict(finding.free), margin(finding.free)]
    cells += [rates["affine"]] if "affine" in rates else []
    cells += [verdict(finding.zero)] + ([rates["sign"]] if "sign" in rates else [])
    return cells + ([str(finding.parity)] if parity else [])


def rate_text(rate: Rate) -> str:
    """A share with its interval."""
    return f"{percent(rate.share)} ({100 * rate.low:.1f} to {100 * rate.high:.1f})"


def margin(answer: Answer) -> str:
    """The margin in units of the function's scale, or – where there is none."""
    if answer.found is None:
        return "–"
    return decimal(answer.relative_margin if answer.relative_margin is not None else answer.found.margin, 2)


def notes(survey: Survey) -> list[str]:
    """What stands below the table."""
    lines = [
        "possible: weights verified on every input in ball arithmetic, or no by proof; the threshold θ and its side "
        "are free. margin: of those weights, in units of the function's scale.",
    ]
    starts = next((rate.starts for f in survey.findings for rate in f.learned.values()), 0)
    if starts:
        ways = {way for f in survey.findings for way in f.learned}
        behind = []
        if "affine" in ways:
            behind.append("θ too: a and c of a·f + c are learned as well, which is a threshold and a side")
        if "sign" in ways:
            behind.append("θ = 0: the answer is the sign of f")
        lines.append(
            f"learned: the share of {starts} random starts from which descent got every input right (95 % interval). "
            f"{'; '.join(behind)}."
        )
    if any(f.parity for f in survey.findings):
        lines.append("parity: the n for which such a neuron computes parity of n inputs, θ free.")
    return lines


def text(survey: Survey) -> str:
    """The survey as plain text."""
    headings, rows = table(survey)
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    aligned = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([heading(survey), "", *aligned, "", *notes(survey)])
