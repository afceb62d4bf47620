"""Learning rules for a function without a slope: plain gradient, Rosenblatt's rule, a surrogate gradient.

A step's derivative is 0 wherever it exists, so the gradient of any loss in its weights is 0 and nothing moves. Two
rules get past that. Rosenblatt's moves the weights by the error itself, w ← w + η (t − y) x, and finds a solution in
finitely many steps where there is one (Rosenblatt 1958, "The Perceptron"; Novikoff 1962). A surrogate gradient keeps
the step on the way forward and takes the slope of a sigmoid on the way back (Bengio, Léonard & Courville 2013,
arXiv:1308.3432; Neftci, Mostafa & Zenke 2019, arXiv:1901.09948).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rheobase.activation import Activation
from rheobase.capability.boolean import LARGEST_TABLE, Boolean, Coding, boolean, coded, coding
from rheobase.capability.solve import Answer, label, solve
from rheobase.catalogue import get
from rheobase.errors import RheobaseError, nearest
from rheobase.expr import Number
from rheobase.study.one_neuron import Rate, interval

RULES = ("gradient", "perceptron", "surrogate")

EPOCHS = 1000
RATES = {"gradient": 0.1, "perceptron": 0.1, "surrogate": 0.5}
"""Step sizes; Rosenblatt's rule finds a solution at any, the surrogate's is a common choice for sums of size 1."""
SHARPNESS = 2.0
"""The k of the sigmoid(k·z) whose slope stands in for the step's."""


@dataclass(frozen=True)
class Lesson:
    """What a rule made of random starts.

    Attributes:
        rate: of the starts that began wrong, the share that were right on every input at the end.
        lucky: how many were right before the first step.
        moved: how many starts had their weights changed at all.
        epochs: passes over the inputs until half of those that learned were right; None where none learned.
        theory: whether one neuron can do it, with weights or a proof.
    """

    rule: str
    rate: Rate
    lucky: int
    moved: int
    epochs: int | None
    theory: Answer

    def to_dict(self) -> dict[str, Any]:
        """The object of `--json`: that of the answer, with the rate of the rule."""
        found = {"success_rate": self.rate.share, "low": self.rate.low, "high": self.rate.high}
        return self.theory.to_dict() | found

    def __str__(self) -> str:
        task, starts = self.theory.task.name, self.rate.starts
        learned = round(self.rate.share * starts)
        lines = [
            f"{_TOLD[self.rule]} on {task} with {self.theory.label}: of {starts} random starts that began wrong "
            f"{learned} learned it ({100 * self.rate.share:.1f} %; 95 % interval {100 * self.rate.low:.1f} to "
            f"{100 * self.rate.high:.1f}).",
            f"{self.lucky} more were right before the first step. The weights moved in {self.moved} starts.",
        ]
        if self.epochs is not None:
            lines.append(f"Half of those that learned had done so after {self.epochs} passes over the inputs.")
        if self.rule == "gradient":
            lines.append(
                "The step's slope is 0 wherever it has one, so every gradient is exactly 0: nothing is learned."
            )
        if self.theory.solvable is False:
            lines.append(f"No rule can: {self.theory.proof}")
        return "\n".join(lines)


_TOLD = {"gradient": "Plain gradient descent", "perceptron": "Rosenblatt's rule", "surrogate": "The surrogate gradient"}


def teach(
    task: str, spec: str | Activation = "step", rule: str = "perceptron", *, inputs: str = "01", starts: int = 250
) -> Lesson:
    """Train one neuron whose function has no slope, from random starts, by one of three rules.

    Args:
        starts: how many; weights and bias are uniform in ±1, the same for every rule.

    Raises:
        RheobaseError: an unknown task, rule or coding, more than 4 inputs, no starts, or a function that has a slope.

    >>> teach("and", rule="perceptron").rate.share, teach("xor", rule="perceptron").rate.share
    (1.0, 0.0)
    """
    asked, function, coded_as = boolean(task), get(spec), coding(inputs)
    if rule not in RULES:
        raise RheobaseError(f"there is no rule {rule!r}", instead=nearest(rule, RULES) or ", ".join(RULES))
    if function.derivative().bound is not Number(0):
        raise RheobaseError(
            f"{label(function)} has a slope, so descent needs no other rule",
            where=f"--rule {rule}",
            instead=f"--train {starts}, or --with step",
        )
    if asked.inputs > LARGEST_TABLE:
        raise RheobaseError(f"training on {asked.inputs} inputs", instead=f"a task of up to {LARGEST_TABLE} inputs")
    if starts < 1:
        raise RheobaseError(f"{starts} random starts", instead="--train 250")
    name = spec.strip() if isinstance(spec, str) else ""
    return _taught(asked, function, coded_as, rule, starts, name)


def _taught(task: Boolean, function: Activation, inputs: Coding, rule: str, starts: int, name: str) -> Lesson:
    points = np.array([[*(coded(b, inputs) for b in bits), 1] for bits in task.bits()], dtype=float)
    low, high = (float(function(v)) for v in (-1.0, 1.0))  # the values that stand for the answers 0 and 1
    middle = (low + high) / 2
    wanted = np.where([task.answer(bits) for bits in task.bits()], high, low)
    draw = np.random.Generator(np.random.PCG64(250))
    weights = draw.uniform(-1, 1, size=(starts, task.inputs + 1))
    slope = function.derivative()

    def right() -> np.ndarray:
        return ((function.numpy(weights @ points.T) > middle) == (wanted > middle)).all(axis=1)

    lucky, learned_at = right(), np.where(right(), 0, -1)
    moved = np.zeros(starts, dtype=bool)
    for epoch in range(1, EPOCHS + 1):
        if rule == "perceptron":  # one input after another
            for point, target in zip(points, wanted, strict=True):
                error = target - function.numpy(weights @ point)
                weights += RATES[rule] * error[:, None] * point
                moved |= error != 0
        else:  # the gradient of the mean squared error over all inputs
            net = weights @ points.T
            error = wanted - function.numpy(net)
            s = 1 / (1 + np.exp(-SHARPNESS * np.clip(net, -30, 30)))
            back = slope.numpy(net) if rule == "gradient" else (high - low) * SHARPNESS * s * (1 - s)
            step = RATES[rule] * 2 * (error * back) @ points / len(points)
            weights += step
            moved |= (step != 0).any(axis=1)
        learned_at = np.where((learned_at < 0) & right(), epoch, learned_at)
    taught = learned_at[right() & ~lucky]
    return Lesson(
        rule=rule,
        rate=interval(taught.size, int((~lucky).sum())),
        lucky=int(lucky.sum()),
        moved=int(moved.sum()),
        epochs=int(np.median(taught)) if taught.size else None,
        theory=solve(task, function, inputs, name=name),
    )
