"""Verdicts in words, and what follows from them: the strengths and weaknesses of a function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rheobase.proofs.numbers import digits

if TYPE_CHECKING:
    from rheobase.proofs.report import Found


def in_words(name: str, found: Found) -> str:
    """What was found, for a reader."""
    if found.verdict == "unknown":
        return found.reason or ""
    if found.verdict == "refuted":
        return _witness(found.witness or {})
    return _value(name, found)


def _value(name: str, found: Found) -> str:
    value = found.value
    match name:
        case "infimum" | "supremum" | "lipschitz":
            return _extent(found)
        case "limit_left" | "limit_right":
            return str(value).replace("inf", "∞")
        case "asymptote_left" | "asymptote_right":
            return _line(value)
        case "growth":
            return f"like {tidy(value['left'])} on the left, {tidy(value['right'])} on the right"
        case "saturates_left" | "saturates_right":
            return value["rate"] + (f", towards {value['limit']}" if "limit" in value else "; f itself is unbounded")
        case "zeros" | "extrema" | "kinks" | "jumps":
            return value if isinstance(value, str) else ", ".join(_place(v) for v in value) or "none"
        case "homogeneous":
            return f"slope {value['slopes'][0]} left of 0, {value['slopes'][1]} right of it"
        case "trainable":
            return f"f′({value['x']:g}) = {value['slope']:.6g}"
        case "bounded_below" | "bounded_above":
            return f"by {digits(found.low, found.high)}"
        case "defined":
            return "at every x"
        case "continuous" | "c1" | "c2":
            return ""
        case "universal":
            return tidy(
                (found.method or "").replace("towards -inf", "on the left").replace("towards inf", "on the right")
            )
    return value if isinstance(value, str) else (found.method or "")


def _extent(found: Found) -> str:
    if found.value == "inf" or found.high in ("inf", "-inf"):
        return ("-∞" if found.high == "-inf" else "∞") + (f": {found.method}" if found.value == "inf" else "")
    name, where = found.value["value"], found.value["where"]
    number = digits(found.low, found.high)
    told = number if name is None or _plain(name) else f"{name} = {number}"
    reached = {True: "attained ", False: "approached ", None: ""}[found.value["attained"]]
    return f"{told}, {reached}{where}".replace("-inf", "-∞").replace("inf", "∞")


def tidy(text: str) -> str:
    """A term of an expansion as a reader would write it, in |x|.

    >>> tidy("(-1)*t**1*exp(-1*t**1)"), tidy("t**2"), tidy("1")
    ('-|x|*exp(-|x|)', '|x|**2', '1')
    """
    text = re.sub(r"\bt\*\*1\b", "t", text)
    text = re.sub(r"\((-?)1\)\*", r"\1", text)
    text = re.sub(r"(?<![\w.*])(-?)1\*(?=[\w(])", r"\1", text)
    return re.sub(r"\bt\b", "|x|", text)


def _plain(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _line(value: Mapping[str, Any]) -> str:
    slope, level = value["slope"], value["intercept"]
    if slope == "0":
        return f"y = {level}"
    rise = "x" if slope == "1" else "-x" if slope == "-1" else f"{slope}*x"
    return f"y = {rise}" if level == "0" else f"y = {rise} + {level}"


def _place(found: Mapping[str, Any]) -> str:
    if "at" in found:
        place = f"at {found['at']}"
    else:
        place = f"near {digits(found['low'], found['high'])}"
    if "kind" in found:
        return f"{found['kind']} {place}"
    if "left_slope" in found:
        return f"{place}, slope {found['left_slope']} to {found['right_slope']}"
    if "right" in found:
        return f"{place}, {found['left']} to {found['right']}"
    return place


def _witness(w: Mapping[str, Any]) -> str:
    if "rises" in w:
        (a, b), (c, d) = w["rises"], w["falls"]
        return f"rises from {a:.6g} to {b:.6g}, falls from {c:.6g} to {d:.6g}"
    if "points" in w and "why" in w:
        return "above its chord: f at {1:.6g} against {0:.6g} and {2:.6g}".format(*w["points"])
    if "mean_low" in w:
        return f"E f = {digits(w['mean_low'], w['mean_high'])}"
    if "f(x)" in w:
        return "at x = {x:.6g} f(x) = {f(x):.6g}, f(-x) = {f(-x):.6g}".format(**w)
    if "2 f(x)" in w:
        return "at x = {x:.6g} f(2x) = {f(2x):.6g}, 2 f(x) = {2 f(x):.6g}".format(**w)
    if "slope" in w:
        return f"the slope tends to {str(w['slope']).replace('inf', '∞')}"
    if "order" in w and "left" in w:
        return f"at {w['at']} {_DERIVATIVES[w['order']]} goes from {w['left']} to {w['right']}"
    if set(w) == {"x", "f"}:
        return f"f({w['x']:.6g}) = {w['f']:.6g}"
    if "degree" in w:
        return f"a polynomial of degree {w['degree']}"
    if set(w) == {"where"}:
        return f"unbounded {w['where']}".replace("inf", "∞")
    if "term" in w:
        return f"{tidy(w['term'])} is not part of a line"
    if "why" in w:
        return w["why"]
    if "leading term" in w:
        return f"oscillates without end, like {tidy(w['leading term'])}"
    return ", ".join(f"{key} {_short(value)}" for key, value in w.items() if key not in ("rule", "t"))


_DERIVATIVES = {0: "f", 1: "f′", 2: "f″"} | {n: f"the derivative of order {n}" for n in range(3, 10)}


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def traits(found: Mapping[str, Found]) -> tuple[list[str], list[str]]:
    """(strengths, weaknesses) that follow from the verdicts, each a short sentence.

    >>> import rheobase as rb
    >>> traits(rb.check("step"))[1][0]
    'no gradient: f′ is 0 wherever it exists, so that descent cannot train it'
    """
    good: list[str] = []
    bad: list[str] = []

    def is_(name: str) -> bool | None:
        return {"proven": True, "refuted": False}.get(found[name].verdict) if name in found else None

    if is_("trainable") is False:
        bad.append("no gradient: f′ is 0 wherever it exists, so that descent cannot train it")
    left, right = is_("saturates_left"), is_("saturates_right")
    trained = is_("trainable") is not False
    if left and right and trained:
        bad.append(
            f"saturates on both sides ({found['saturates_right'].value['rate']}): gradients vanish in deep stacks"
        )
    elif left and trained and found["saturates_left"].value["rate"].startswith("constant"):
        bad.append("no gradient on the left: units can die")
    elif left and trained:
        bad.append(f"saturates on the left ({found['saturates_left'].value['rate']})")
    elif right and trained:
        bad.append(f"saturates on the right ({found['saturates_right'].value['rate']})")
    elif left is False and right is False:
        good.append("does not saturate: the gradient stays alive on both sides")
    if is_("smooth"):
        good.append("smooth: every derivative exists")
    elif is_("continuous") is False:
        bad.append("jumps")
    elif is_("c1") is False:
        bad.append("its slope jumps")
    if is_("monotone") is False:
        good.append("not monotone: one neuron can learn XOR" if is_("continuous") else "not monotone")
    if is_("zero_centred"):
        good.append("zero-centred: E f = 0 for a standard normal input")
    _growth(found, good, bad)
    if is_("universal") is False:
        bad.append("a polynomial: one hidden layer of it is no universal approximator (Leshno et al. 1993)")
    return good, bad


def _growth(found: Mapping[str, Found], good: list[str], bad: list[str]) -> None:
    bounded = [found[n].verdict for n in ("bounded_below", "bounded_above") if n in found]
    if bounded == ["proven", "proven"]:
        good.append("bounded: activations cannot explode")
    steepest = found.get("lipschitz")
    if steepest is None or steepest.verdict != "proven":
        return
    if steepest.high == "inf":
        if "jumps" in found and found["jumps"].value == []:
            bad.append("its slope is unbounded: large inputs are amplified without limit")
    elif isinstance(steepest.high, float) and steepest.high <= 1:
        good.append("Lipschitz with constant at most 1: it never amplifies a difference")
