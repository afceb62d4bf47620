"""A neuron at work: its numbers, its pictures, and that the pictures show those numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import rheobase as rb
from rheobase.capability.boolean import boolean
from rheobase.capability.drawing import firing, limit, regions
from rheobase.capability.fire import fire
from rheobase.capability.solve import solve
from rheobase.errors import RheobaseError


def test_the_numbers_flow_as_the_definition_says() -> None:
    neuron = fire("swish", [1.5, -2.0, 0.25], bias=0.5, threshold=-0.2, orientation=-1, at=[1, 2, -4])
    net = 1.5 * 1 - 2.0 * 2 + 0.25 * -4 + 0.5
    value = net / (1 + np.exp(-net))
    assert neuron.products == (1.5, -4.0, -1.0)
    assert neuron.net == net and neuron.value == pytest.approx(value, rel=1e-14)
    assert neuron.answer == int(value < -0.2)


@pytest.mark.parametrize(("bias", "name"), [(-1.5, "and"), (-0.5, "or")])
def test_mcculloch_and_pitts(bias: float, name: str) -> None:
    """The step with both weights 1 is AND or OR by its threshold alone (McCulloch & Pitts 1943)."""
    neuron = fire("step", [1, 1], bias)
    assert name in neuron.computes("01")
    assert neuron.sentence("01", name).endswith(f"that is {name}.")
    assert neuron.sentence("01", "xor").endswith("not xor.")


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (([], 0.0), "--weights 1,1"),
        (([1.0, float("nan")], 0.0), "--bias"),
        (([1.0], float("inf")), "--bias"),
    ],
)
def test_numbers_that_cannot_be_are_refused(arguments: tuple[list[float], float], instead: str) -> None:
    with pytest.raises(RheobaseError, match=instead):
        fire("step", *arguments)
    with pytest.raises(RheobaseError, match="--at 1,1"):
        fire("step", [1, 1], at=[1, 1, 1])
    with pytest.raises(RheobaseError, match="xor has 2 inputs"):
        fire("step", [1, 1, 1]).sentence("01", "xor")


def words(picture: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(picture).iter() if e.tag.endswith("text")]


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_the_picture_of_a_firing_neuron_shows_every_number(n: int) -> None:
    weights = [0.5 * (i + 1) * (-1) ** i for i in range(n)]
    neuron = fire("swish", weights, bias=-0.25, threshold=0.125)
    told = words(firing.svg(neuron))
    assert len([w for w in told if w.startswith("×")]) == n
    assert {"bias −0.25", "θ = 0.125", str(neuron.answer)} <= set(told)
    assert any(w.startswith("net = ") for w in told) and any(w.startswith("φ(net) = ") for w in told)
    text = firing.text_picture(neuron)
    assert text.count("──(×") == n and f"net = {neuron.net:.5g}".replace("-", "−") in text
    assert "●" in firing.curve_text(neuron) or "○" in firing.curve_text(neuron)


@pytest.mark.parametrize("spec", ["step", "1/x", "exp(x)", "log(x)", "x**9"])
def test_a_firing_neuron_is_drawn_whatever_its_curve(spec: str) -> None:
    ElementTree.fromstring(firing.svg(fire(spec, [1, 1], bias=-2.5)))


def shaded(picture: str) -> list[np.ndarray]:
    found = [e.get("points", "") for e in ElementTree.fromstring(picture).iter() if e.tag.endswith("polygon")]
    return [np.array([[float(v) for v in pair.split(",")] for pair in points.split()]) for points in found]


@pytest.mark.parametrize("inputs", ["01", "pm1"])
@pytest.mark.parametrize(
    ("task", "spec"), [("xor", "swish"), ("xor", "gcu"), ("xnor", "ncu"), ("and", "step"), ("1101", "relu")]
)
def test_the_shaded_region_holds_the_points_with_answer_1(task: str, spec: str, inputs: str) -> None:
    """The points' own circles, read from the picture, against its polygons."""
    answer = solve(boolean(task), rb.get(spec), inputs)  # type: ignore[arg-type]
    picture = regions.svg(answer)
    dots = [e for e in ElementTree.fromstring(picture).iter() if e.tag.endswith("circle") and e.get("r") == "8"]
    assert len(dots) == 4
    for bits, mark in zip(answer.task.bits(), dots, strict=True):
        point = np.array([float(mark.get("cx", "nan")), float(mark.get("cy", "nan"))])
        assert any(inside(point, corners) for corners in shaded(picture)) == (answer.task.answer(bits) == 1)
        assert (mark.get("fill") != "none") == (answer.task.answer(bits) == 1)


def inside(point: np.ndarray, corners: np.ndarray) -> bool:
    """Is the point in the convex polygon?"""
    edges, to = np.roll(corners, -1, axis=0) - corners, point - corners
    turns = edges[:, 0] * to[:, 1] - edges[:, 1] * to[:, 0]
    return bool((turns >= -1e-6).all() or (turns <= 1e-6).all())


@pytest.mark.parametrize(
    ("task", "spec"), [("xor", "swish"), ("parity-3", "ncu"), ("parity-12", "sine"), ("0000", "relu")]
)
def test_regions_in_a_terminal_mark_every_sum(task: str, spec: str) -> None:
    answer = solve(boolean(task), rb.get(spec))
    assert answer.found is not None
    blocks = dict(regions.text_picture(answer))
    curve = next(text for title, text in blocks.items() if title.startswith("f(net)"))
    marks = len(re.findall("[●○]", curve))
    assert 1 <= marks <= len(answer.found.sums) and (marks > 1 or len(answer.found.sums) < 3)
    assert ("input plane, ▒ answer 1" in blocks) == (answer.task.inputs == 2)
    ElementTree.fromstring(regions.svg(answer))


def test_there_are_no_regions_without_a_neuron() -> None:
    with pytest.raises(RheobaseError, match="no neuron with sigmoid"):
        regions.svg(solve(boolean("xor"), rb.get("sigmoid")))


def test_the_slope_of_sigmoid_kx_grows_into_a_spike() -> None:
    """Height k/4 at 0 and area 1 within the picture but for the tails, so that its width must shrink like 1/k."""
    curves = [(x, y) for _, x, y in limit.curves(1)]
    for k, (x, y) in zip(limit.SLOPES, curves, strict=True):
        assert y.max() == pytest.approx(k / 4, rel=1e-6)
        assert np.trapezoid(y, x) == pytest.approx(np.tanh(k * x[-1] / 2), rel=1e-3)
    root = ElementTree.fromstring(limit.svg())
    assert len([e for e in root.iter() if e.get("class") == "rb-c"]) >= 2 * len(curves) + 1
    assert [title for title, _ in limit.text_pictures()] == [f"slope of sigmoid({k}·x)" for k in limit.SLOPES]
