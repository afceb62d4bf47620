"""Facts about neurons: what one fires on, can compute, learns by a rule; what shapes many learn."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from typing import Literal

from rheobase.printing import figure
from rheobase.story.facts import MISSING, PROVEN, Bounded, Fact, Found
from rheobase.story.words import Text


class Fires(Fact, kw_only=True, frozen=True, tag="fires"):
    """A neuron with these weights computes a Boolean function: checked on every input in ball arithmetic."""

    of: str
    weights: tuple[float, ...]
    bias: float = 0.0
    threshold: float = 0.0
    computes: str

    @property
    def replay(self) -> str:
        """`rheobase neuron --weights`."""
        weights = ",".join(f"{w:g}" for w in self.weights)
        ends = "".join(f" --{name} {v:g}" for name, v in (("bias", self.bias), ("threshold", self.threshold)) if v)
        return f"rheobase neuron {self.computes} --with {shlex.quote(self.of)} --weights {weights}{ends}"

    def find(self) -> Found:
        """Put every input through it."""
        from rheobase.activation import exact_number
        from rheobase.capability.boolean import boolean
        from rheobase.capability.fire import fire
        from rheobase.capability.model import Neuron, check
        from rheobase.catalogue import get

        weights = tuple(exact_number(w) for w in self.weights)
        neuron = Neuron(weights, exact_number(self.bias), exact_number(self.threshold), 1)
        right = check(get(self.of).bound, boolean(self.computes), neuron, "01") is not None
        at = [row.at for row in fire(self.of, self.weights, self.bias, self.threshold).rows("01") if row.answer]
        fired = "; ".join(", ".join(f"{v:g}" for v in x) for x in at) or "–"
        words = Text(f"fires on {fired} and on no other input", f"입력 {fired}에서만 발화한다")
        return Found("proven" if right else "refuted", words)


class Able(Fact, kw_only=True, frozen=True, tag="neuron"):
    """One neuron can, or cannot, compute a Boolean function: weights that do it, or a proof that none exist."""

    line = "rheobase neuron {task} --with {of}"

    of: str
    task: str
    able: bool

    def find(self) -> Found:
        """Look for weights, and for a proof."""
        from rheobase.capability.boolean import boolean
        from rheobase.capability.solve import solve
        from rheobase.capability.words import exact
        from rheobase.catalogue import get

        answer = solve(boolean(self.task), get(self.of), name=self.of)
        if answer.solvable is None:
            return Found("undecided", Text(answer.proof, "가중치도 증명도 찾지 못했다"))
        if answer.found is None:
            words = Text(f"no weights do it: {answer.proof}", "어떤 가중치로도 되지 않음이 증명됨")
        else:
            neuron = answer.found.neuron
            weights = ", ".join(map(exact, neuron.weights))
            rest = f"{exact(neuron.bias)}, θ = {exact(neuron.threshold)}"
            words = Text(
                f"weights {weights}, bias {rest}, verified on every input",
                f"가중치 {weights}, 편향 {rest}: 모든 입력에서 확인됨",
            )
        return Found(PROVEN[answer.solvable is self.able], words)


class Taught(Bounded, kw_only=True, frozen=True, tag="rule"):
    """The share of random starts from which a learning rule teaches one neuron a Boolean function."""

    line = "rheobase neuron {task} --with {of} --rule {rule}"

    of: str
    task: str
    rule: Literal["gradient", "perceptron", "surrogate"]

    def find(self) -> Found:
        """Train it."""
        from rheobase.study.rules import teach

        rate = teach(self.task, self.of, self.rule).rate
        return _counted(self, round(rate.share * rate.starts), rate.starts)


class Learned(Bounded, kw_only=True, frozen=True, tag="learned"):
    """The share of units that find the value of a parameter that fits their own data, by descent.

    Each unit has its own target: the same function at another value of the parameter, of which it sees 256 standard
    normal inputs. `per` says what shares a value: "layer" all units, "neuron" none.
    """

    of: str
    parameter: str
    per: Literal["layer", "neuron"]
    values: tuple[float, float]
    """The targets lie between these two, at equal distances."""
    units: int = 50

    def find(self) -> Found:
        """Train them; without torch nothing is."""
        if find_spec("torch") is None:
            return MISSING
        import torch

        from rheobase.nn import Activation

        low, high = self.values
        targets = torch.linspace(low, high, self.units)
        inputs = torch.randn(256, self.units, generator=torch.Generator().manual_seed(0))
        wanted = Activation(self.of, learnable=self.parameter, per="neuron", size=self.units)
        start = Activation(
            self.of,
            learnable=self.parameter,
            per=self.per,
            size=self.units if self.per == "neuron" else None,
        )
        with torch.no_grad():
            getattr(wanted, self.parameter).copy_(targets)
            outputs = wanted(inputs)
        learned = getattr(start, self.parameter)
        optimiser = torch.optim.Adam([learned], lr=0.05)
        for _ in range(400):
            optimiser.zero_grad()
            ((start(inputs) - outputs) ** 2).mean(dim=0).sum().backward()
            optimiser.step()
        close = (learned.detach().expand(self.units) - targets).abs() < _CLOSE * (high - low)
        return _counted(self, int(close.sum()), self.units)


_CLOSE = 0.01
"""Of the range of the targets: as near as that a value counts as found."""


def _counted(said: Bounded, hits: int, of: int) -> Found:
    """A share that was counted, with its exact interval, and whether all of that lies where it is said."""
    from rheobase.shares import exact_interval

    low, high = exact_interval(hits, of)
    side = said.side(low, high)
    ends = f"{figure(100 * low)} to {figure(100 * high)} %"
    words = Text(f"{hits} of {of}, {ends}", f"{of}개 중 {hits}개, {ends.replace(' to ', ' ~ ')}")
    verdict = "undecided" if side is None else "reproduced" if side else "refuted"
    return Found(verdict, words, low, high)
