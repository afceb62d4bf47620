"""A recommendation in words: the answer, why, and the log of what was tried."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from rheobase.study.racing import Raced
from rheobase.study.recommendation import Recommendation
from rheobase.study.spec import Metric
from rheobase.study.watching import Seen
from rheobase.study.words import listed, points, score, span

SHOWN = 5
"""So many functions of a list are named; the rest is in --json."""


def text(found: Recommendation) -> str:
    """The whole answer."""
    return "\n".join([answer(found), "", *log(found)])


def answer(found: Recommendation) -> str:
    """The answer in one sentence or two."""
    if found.task is None:
        return _from_studies(found)
    raced, metric = found.raced, found.task.metric
    if raced is None or raced.winner is None or not raced.scores[0]:
        return f"Keep {found.incumbent}: {'; '.join(found.because)}."
    n, d = len(raced.scores[0]), raced.difference
    told = f"{points(metric, d.estimate, signed=True)} [{span(metric, d.low, d.high)}]"
    if found.answer == "use":
        return (
            f"Use {found.use} in place of {found.incumbent}: {told} on test data, {n} paired seeds, "
            f"time × {raced.slower:.2f}, because {listed(found.because)}."
        )
    return (
        f"Keep {found.incumbent}. The best rival, {raced.winner}, is not shown to be better: {told} on test data, "
        f"{n} paired seeds, time × {raced.slower:.2f}."
    )


def _from_studies(found: Recommendation) -> str:
    kinds = "any kind" if found.kind == "any" else f"the kind {found.kind!r}"
    head = f"Use {found.use} in place of {found.incumbent}" if found.answer == "use" else f"Keep {found.incumbent}"
    return f"{head}, going by committed studies of {kinds}: {'; '.join(found.because)}."


def log(found: Recommendation) -> list[str]:
    """What was seen, left out, tried and found, line by line."""
    if found.task is None:
        return _studies(found)
    lines = [_seen(found.seen, found.incumbent)]
    if found.screened is not None:
        total = 1 + len(found.screened.kept) + len(found.screened.dropped)
        counts = Counter(one.ground for one in found.screened.dropped)
        grounds = listed([f"{count} by {ground}" for ground, count in counts.items()])
        lines.append(f"Screened: {total} functions; left out: {grounds or 'none'}.")
        for ground in ("theory", "proof"):
            some = [one for one in found.screened.dropped if one.ground == ground]
            more = f" and {len(some) - SHOWN} more" if len(some) > SHOWN else ""
            if some:
                lines.append(f"  by {ground}: {listed([f'{o.label} ({o.why})' for o in some[:SHOWN]])}{more}.")
    lines += [f"Could not be trained: {label} ({why})." for label, why in found.failed.items()]
    if found.raced is not None:
        lines += _race(found.raced, found.task.metric)
        lines.append(
            f"Cost: {found.raced.cost} trainings, {100 * found.share:.1f} % of those that trying everything would take."
        )
    return lines


def _seen(seen: Seen | None, incumbent: str) -> str:
    if seen is None:
        return "Seen: no call of the activation on the way to a loss, so theory has nothing to go by."
    told = f"Seen: {seen.depth} activations deep with {incumbent}, inputs of variance {seen.start:.2g} at the first"
    if seen.depth == 1:
        return told + "."
    return f"{told}; theory follows {seen.plain} of {seen.depth - 1} steps between them."


def _race(raced: Raced, metric: Metric) -> list[str]:
    lines = []
    for number, rung in enumerate(raced.rungs, 1):
        told = [f"{label} {score(metric, value)}" for label, value, _ in rung.scores[:SHOWN]]
        more = f" and {len(rung.scores) - SHOWN} more" if len(rung.scores) > SHOWN else ""
        seeds = f"{rung.seeds} seed{'s' if rung.seeds > 1 else ''}"
        lines.append(f"Rung {number}, validation, {seeds}: {listed(told)}{more}.")
    if raced.scores[0]:
        own, other = (sum(s) / len(s) for s in raced.scores)
        lines.append(
            f"Duel, test data, {len(raced.scores[0])} fresh paired seeds: {raced.winner} {score(metric, other)} "
            f"at rate {raced.rates[1]:g}, {raced.incumbent} {score(metric, own)} at {raced.rates[0]:g}."
        )
    if raced.stopped:
        lines.append(f"Stopped early: {raced.stopped}.")
    return lines


def _studies(found: Recommendation) -> list[str]:
    tasks = max(one.tasks for one in found.advice)
    lines = [
        f"Mean over up to {tasks} task{'s' if tasks > 1 else ''}, in % of the way from nothing learned to the best:"
    ]
    places = {one.activation: i for i, one in enumerate(found.advice, 1)}
    shown = list(found.advice[:SHOWN])
    shown += [one for one in found.advice[SHOWN:] if one.activation == found.incumbent]
    width = max(len(one.activation) for one in shown)
    lines += [
        f"  {places[o.activation]:>3}. {o.activation:<{width}}  {o.mean:.1f} ({o.low:.1f} to {o.high:.1f})"
        for o in shown
    ]
    wins, tasks, lost = found.weakness
    lines.append(
        f"This is weak: these are small networks, and not yours. Taking the best of all other tasks would have beaten "
        f"{found.incumbent} on {wins} of {tasks} tasks, and lost {lost:.1f} % of the way to the task's best (median)."
    )
    lines.append("Stronger: rheobase recommend my.py:train --budget 1h, where train(activation, seed, learning_rate).")
    return lines


def plain(found: Recommendation) -> dict[str, Any]:
    """As `--json` prints it."""
    raced, screened, seen, d = found.raced, found.screened, found.seen, found.difference

    def number(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return {
        "answer": found.answer,
        "use": found.use,
        "in_place_of": found.incumbent,
        "kind": found.kind,
        "task": found.task.id if found.task else None,
        "metric": found.task.metric.name if found.task else None,
        "winner": raced.winner if raced else None,
        "difference": number(d.estimate) if d else None,
        "difference_low": number(d.low) if d else None,
        "difference_high": number(d.high) if d else None,
        "time": found.slower,
        "because": list(found.because),
        "depth": seen.depth if seen else None,
        "followed_by_theory": seen.plain if seen else None,
        "dropped": [{"activation": o.label, "by": o.ground, "why": o.why} for o in screened.dropped]
        if screened
        else [],
        "failed": dict(found.failed),
        "rungs": [
            [{"activation": label, "validation": value, "learning_rate": rate} for label, value, rate in rung.scores]
            for rung in (raced.rungs if raced else ())
        ],
        "test": {raced.incumbent: list(raced.scores[0]), str(raced.winner): list(raced.scores[1])} if raced else {},
        "advice": [
            {"activation": o.activation, "mean": o.mean, "low": o.low, "high": o.high, "tasks": o.tasks}
            for o in found.advice
        ],
        "trainings": raced.cost if raced else 0,
        "share_of_everything": found.share,
        "trained": found.trained,
        "reused": found.reused,
        "command": found.command,
        "versions": dict(found.versions),
    }
