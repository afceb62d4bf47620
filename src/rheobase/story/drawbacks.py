"""How much of a drawback a function has: each word of the catalogue's `repairs` with what measures it.

A judge answers with an amount, which surely lies between two ends: 0 where the drawback is not there. What neither a
proof nor theory can measure is told as a reason, and then nothing is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rheobase.printing import figure
from rheobase.story.facts import intervals, sizes

if TYPE_CHECKING:
    from rheobase.activation import Activation
    from rheobase.expr import Expr


class Amount(NamedTuple):
    """How much of a drawback there is, and what says so."""

    low: float
    high: float
    words: str


class Untold(NamedTuple):
    """Why it cannot be told how much there is."""

    reason: str


Judge = Callable[["Activation"], Amount | Untold]


def _property(name: str, drawback: bool, otherwise: str) -> Judge:
    """A drawback that is there or not, as a property is proven or refuted.

    Args:
        name: the property.
        drawback: the drawback is there where the property is proven (True), or where it is refuted (False).
        otherwise: what to say where the prover gives no words.
    """

    def judge(function: Activation) -> Amount | Untold:
        from rheobase.proofs import check
        from rheobase.proofs.words import in_words

        found = check(function, name)[name]
        if found.verdict == "unknown":
            return Untold(f"{name}: {found.reason}")
        there = float((found.verdict == "proven") == drawback)
        plain = otherwise if found.verdict == "proven" else f"not {name}"
        return Amount(there, there, in_words(name, found) or plain)

    return judge


def _flat(function: Activation) -> Amount | Untold:
    """The weight, for a standard normal input, of where the slope is proven to be 0."""
    from rheobase.meanfield.dying import flat_parts, inactive
    from rheobase.meanfield.moments import moments

    parts = flat_parts(function.bound)
    if parts is None:
        return Untold("where it is flat is not told")
    if not parts:
        return Amount(0.0, 0.0, "slope 0 on no interval")
    share = inactive(moments(function.bound))
    return Amount(share, share, f"slope 0 on {intervals(parts)}")


def _fading(function: Activation) -> Amount | Untold:
    """On how many sides the slope goes to 0; a side on which it falls like a power counts a quarter."""
    from rheobase.proofs import check

    sides = {"saturates_left": "left", "saturates_right": "right"}
    found = check(function, *sides)
    if unknown := [one.reason for one in found.values() if one.verdict == "unknown"]:
        return Untold(f"whether it saturates: {unknown[0]}")
    rates = {side: found[name].value["rate"] for name, side in sides.items() if found[name].verdict == "proven"}
    amount = sum(0.25 if rate.startswith("algebraic") else 1.0 for rate in rates.values())
    where = " and ".join(f"the {side} ({rate})" for side, rate in rates.items()) or "no side"
    return Amount(amount, amount, f"slope to 0 on {where}")


def _unbounded(function: Activation) -> Amount | Untold:
    """On how many sides the values are without bound."""
    from rheobase.proofs import check

    found = check(function, "bounded_below", "bounded_above")
    if unknown := [one.reason for one in found.values() if one.verdict == "unknown"]:
        return Untold(f"whether it is bounded: {unknown[0]}")
    open_ = [name.removeprefix("bounded_") for name, one in found.items() if one.verdict == "refuted"]
    return Amount(len(open_), len(open_), f"no bound {' and '.join(open_)}" if open_ else "bounded on both sides")


def _off_centre(function: Activation) -> Amount | Untold:
    """|E f| for a standard normal input, certified."""
    from rheobase.proofs import check

    found = check(function, "zero_centred")["zero_centred"]
    if found.verdict == "proven":
        return Amount(0.0, 0.0, "E f = 0")
    if found.verdict == "unknown" or found.witness is None or "mean_low" not in found.witness:
        return Untold(f"E f is not told: {found.reason}")
    ends = float(found.witness["mean_low"]), float(found.witness["mean_high"])
    return Amount(*sizes(*ends), f"E f = {figure(sum(ends) / 2, 4)}")


def _one_hyperplane(function: Activation) -> Amount | Untold:
    """Can one neuron compute XOR? One hyperplane cannot (Minsky & Papert 1969)."""
    from rheobase.capability.boolean import boolean
    from rheobase.capability.solve import solve

    answer = solve(boolean("xor"), function)
    if answer.solvable is None:
        return Untold(f"XOR by one neuron: {answer.proof}")
    there = float(not answer.solvable)
    return Amount(there, there, "one neuron computes XOR" if answer.solvable else "no one neuron computes XOR (proof)")


def _turns_without_end(function: Activation) -> Amount | Untold:
    """Infinitely many turning points, at each of which descent can stop (Parascandolo, Huttunen & Virtanen 2017)."""
    from rheobase.proofs import check

    found = check(function, "extrema")["extrema"]
    if found.verdict != "proven":
        return Untold(f"turning points: {found.reason}")
    endless = isinstance(found.value, str)
    count = "infinitely many" if endless else "no" if not found.value else str(len(found.value))
    return Amount(float(endless), float(endless), f"{count} turning points")


def _straight_outside(function: Activation) -> Amount | Untold:
    """Far out the function is a line, or a constant, and so is the network (Ziyin, Hartwig & Ueda 2020, theorem 1)."""
    from rheobase.proofs import check
    from rheobase.proofs.claims import holds

    names = ("asymptote_left", "asymptote_right")
    if all(one.verdict == "proven" for one in check(function, *names).values()):
        return Amount(1.0, 1.0, "a line far out on both sides")
    if holds(check(function.derivative()), "periodic"):
        return Amount(0.0, 0.0, "its slope is periodic")
    return Untold("neither a line far out nor a periodic slope is proven")


SLIGHT = 1e-6
"""What counts as 0: published constants of self-normalising functions have seven digits or more."""


def _drifts(function: Activation) -> Amount | Untold:
    """Outputs without a bound, and mean 0 and variance 1 that do not come back (Klambauer et al. 2017, theorem 1).

    They come back where they are a fixed point with dE f(√q z)²/dq = E z f f′ below 1 at q = 1.
    """
    from rheobase.expr import x

    sides = _unbounded(function)
    if isinstance(sides, Untold) or not sides.high:
        return sides
    (low, high), (least, most), (slow, fast) = _means(function, lambda f, d: (f, f**2, x * f * d))
    settled = max(abs(low), abs(high), abs(least - 1), abs(most - 1)) <= SLIGHT and fast < 1
    told = f"E f = {_small(low, high)}, E f² = {_small(least, most)}, its slope in q {_small(slow, fast)}"
    return Amount(0.0, 0.0, told) if settled else Amount(1.0, 1.0, told)


def _low_degrees(function: Activation) -> Amount | Untold:
    """The share of E f² in Hermite degrees 0 and 1, certified: what a random layer passes on as a constant or a line.

    a₀ = E f, a₁ = E f′ (Stein); the kernel of a wide network learns a degree the faster the more power it has (Daniely,
    Frostig & Singer 2016). A share below a millionth tells nothing more.
    """
    mean, slope, (small, large) = _means(function, lambda f, d: (f, d, f**2))
    (least, most), (low, high) = sizes(*mean), sizes(*slope)
    share = (least**2 + low**2) / large * (1 - ROUNDING), (most**2 + high**2) / small * (1 + ROUNDING)
    told = f"{_small(100 * share[0], 100 * share[1])} % of E f² is constant or linear"
    return Amount(0.0, SLIGHT, told) if share[1] < SLIGHT else Amount(*share, told)


ROUNDING = 1e-15
"""Six operations on doubles are rounded, each by 1.1e-16 of its result at most."""


def _means(function: Activation, integrands: Callable[[Expr, Expr], tuple[Expr, ...]]) -> list[tuple[float, float]]:
    """Certified ends of E g(z) for standard normal z, for each g made of f and f′.

    Raises:
        RheobaseError: where an integral cannot be enclosed.
    """
    from rheobase.certify.moments import mean
    from rheobase.certify.subject import Subject
    from rheobase.enclosure.coefficients import BITS
    from rheobase.enclosure.doubles import outward
    from rheobase.enclosure.interval import precision
    from rheobase.simplify import simplify

    subject = Subject(function.bound)
    with precision(BITS):
        found = [mean(subject, simplify(g))[0] for g in integrands(subject.expr, subject.f(1))]
        return [(float(outward(low, -1)), float(outward(high, 1))) for low, high in found]


def _small(low: float, high: float) -> str:
    """The middle of a narrow interval; 0 below a billionth."""
    middle = (low + high) / 2
    return "0" if abs(middle) < 1e-9 else figure(middle)


def _transcendental(function: Activation) -> Amount | Untold:
    """How many different transcendental functions value and slope take, what both need counted once."""
    from rheobase.expr import Apply, postorder
    from rheobase.ops import FUNCTIONS, OPS
    from rheobase.simplify import simplify

    nodes = {node for f in (function, function.derivative()) for node in postorder(simplify(f.bound))}
    dear = {n for n in nodes if isinstance(n, Apply) and n.op in FUNCTIONS and math.isinf(OPS[n.op].smooth)}
    count = sum(n.op != "sqrt" for n in dear if isinstance(n, Apply))
    told = f"{count or 'no'} transcendental function{'s' if count != 1 else ''} for value and slope"
    # As many do not take as long, one of them may be dearer: alike counts overlap, so that nothing is claimed.
    return Amount(count - 0.25, count + 0.25, told) if count else Amount(0.0, 0.0, told)


def _fixed(function: Activation) -> Amount | Untold:
    """The fewer parameters are learned, the more of the shape is fixed."""
    learned = [name for name, p in function.parameters.items() if p.learnable]
    amount = 1 / (1 + len(learned))
    return Amount(amount, amount, f"{len(learned) or 'no'} learned parameter{'s' if len(learned) != 1 else ''}")


def _unmeasured(what: str) -> Judge:
    """No proof tells it, and so far no study does."""
    return lambda function: Untold(f"no committed study {what}")


class Measure(NamedTuple):
    """What measures a drawback: the words for it, and the judge."""

    words: str
    judge: Judge


JUDGES: Mapping[str, Measure] = {
    "blurs sharp features": Measure("no study yet", _unmeasured("measures how sharp a learned picture is")),
    "costly to compute": Measure("different transcendental functions that value and slope take", _transcendental),
    "discontinuous": Measure("a proof that f jumps", _property("continuous", False, "continuous")),
    "dying units": Measure("P(f′(z) = 0) for z ~ N(0, 1), from the proven flat parts", _flat),
    "fixed shape": Measure("parameters that are learned", _fixed),
    "forgets earlier tasks": Measure("no study yet", _unmeasured("trains one task after another")),
    "hard to train": Measure("a proof of infinitely many turning points", _turns_without_end),
    "kink at zero": Measure("a proof that f′ jumps", _property("c1", False, "the slope is continuous")),
    "monotone": Measure("a proof that f never falls, or never rises", _property("monotone", True, "monotone")),
    "needs normalisation": Measure("no bound, and mean 0 and variance 1 are no stable fixed point", _drifts),
    "no gradient": Measure("a proof that f′ is 0 wherever it exists", _property("trainable", False, "a slope")),
    "no periodic extrapolation": Measure("lines far out on both sides; none where f′ is periodic", _straight_outside),
    "not zero-centred": Measure("|E f(z)|, certified", _off_centre),
    "one hyperplane a neuron": Measure("a proof that no one neuron computes XOR", _one_hyperplane),
    "sensitive to initialisation": Measure("no study yet", _unmeasured("compares many starts of such networks")),
    "spectral bias": Measure("the share of E f(z)² in Hermite degrees 0 and 1, certified", _low_degrees),
    "unbounded output": Measure("sides on which f is proven unbounded", _unbounded),
    "vanishing gradient": Measure("sides on which f′ goes to 0; a quarter where it does so like a power", _fading),
}
"""Every drawback that an entry may mend, with what measures it."""
