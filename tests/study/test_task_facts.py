"""What is known of single tasks: their data by position, and who must win and who cannot."""

from __future__ import annotations

import math

import pytest
import torch

import rheobase as rb
from rheobase.study.spec import Member, Outcome, Stack
from rheobase.study.tasks import find, helmholtz, mnist, periodic, picture, spirals, sunspots, text
from rheobase.study.worker import one_thread


def trained(task: str, spec: str, rate: float, seeds: int = 2) -> list[Outcome]:
    with one_thread():
        members = tuple(Member(s, rate) for s in range(seeds))
        return list(find(task).train(Stack(task, "final", "default", "", members), rb.nn.Activation(spec)))


def mean(outcomes: list[Outcome]) -> float:
    return sum(o.test for o in outcomes if o.test is not None) / len(outcomes)


def test_an_equation_of_second_order_is_closed_to_a_function_without_curvature() -> None:
    """ReLU's second derivative is 0 almost everywhere, so its network cannot bend as q asks."""
    assert mean(trained("helmholtz", "relu", 0.003)) > 0.9
    assert mean(trained("helmholtz", "tanh", 0.01)) < 0.1


def test_the_solution_of_the_equation_solves_it() -> None:
    x = torch.rand(20, 2, dtype=torch.float64, requires_grad=True)
    u = helmholtz.solution(x)
    (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    bend = sum(torch.autograd.grad(slope[:, i].sum(), x, create_graph=True)[0][:, i : i + 1] for i in range(2))
    expected = (1 - math.pi**2 * (1 + 9)) * u
    assert (bend + u - expected).abs().max() < 1e-10
    points, q = helmholtz.load().train
    assert (q - (1 - math.pi**2 * 10) * helmholtz.solution(points)).abs().max() < 1e-3
    # The residual of the exact solution is nothing, that of 0 is all of q.
    exact = lambda z, activation: helmholtz.solution(z.flatten(0, 1)).view(1, -1, 1)  # noqa: E731
    assert helmholtz.residual(exact, points[None].clone(), q[None], torch.tanh).item() < 1e-6
    nothing = lambda z, activation: 0 * z.sum(dim=-1, keepdim=True) ** 2  # noqa: E731
    assert helmholtz.residual(nothing, points[None].clone(), q[None], torch.tanh).item() == pytest.approx(1)


def test_sine_fits_what_repeats_and_goes_on_with_it_better_than_relu() -> None:
    sine, relu = trained("periodic", "sine", 0.003), trained("periodic", "relu", 0.003)
    assert all(o.measures["inside"] < 0.1 for o in sine)
    assert mean(sine) < mean(relu) and mean(sine) > sine[0].measures["inside"]


def test_the_ends_of_the_range_are_held_out() -> None:
    split = periodic.load()
    assert split.train[0].abs().max() <= 6
    for (x, y), sign in ((split.validation, -1), (split.test, 1)):
        inside, outside = x[: periodic.POINTS], sign * x[periodic.POINTS :]
        assert inside.abs().max() <= 6 and outside.min() >= 6 and outside.max() == 9
        assert torch.allclose(y, periodic.signal(x), atol=1e-5)
        assert not set(x.flatten().tolist()) & set(split.train[0].flatten().tolist()) - {-6.0, 6.0}


def test_a_window_of_text_is_followed_by_its_next_symbol() -> None:
    for x, y in text.load():
        assert torch.equal(x[:, 1:], y[:, :-1]) and int(x.max()) < text.SYMBOLS
    assert len(text.load().test[0]) == text.HELD_OUT


def test_the_two_spirals_are_those_of_the_original() -> None:
    x, y = spirals.load().train
    assert len(x) == 194 and y.tolist() == [0] * 97 + [1] * 97
    assert torch.equal(x[:97], -x[97:])
    assert x[0].tolist() == [0.0, 2.0] and float(x[96].norm()) == pytest.approx(2 * 8 / 104)


def test_sunspots_are_the_years_they_say() -> None:
    assert sunspots.numbers()[:3].tolist() == [5, 11, 16] and len(sunspots.numbers()) == 309
    split, numbers = sunspots.load(), sunspots.numbers()
    scale, offset = numbers[:189].std(), numbers[:189].mean()
    firsts = [float(y[0, 0]) * scale + offset for _, y in split]
    assert firsts == pytest.approx([numbers[12], numbers[189], numbers[249]], abs=1e-4)
    constant = float((split.test[1].square().mean()).sqrt()) * scale
    assert constant == pytest.approx(sunspots.CONSTANT, abs=0.1)


def test_the_pixels_of_the_picture_are_each_in_one_part() -> None:
    parts = [{tuple(p) for p in x.tolist()} for x, _ in picture.load()]
    assert [len(p) for p in parts] == [2048, 1024, 1024] and len(set.union(*parts)) == 64 * 64
    grey = picture.load().test[1]
    constant = 10 * math.log10(4 / float((grey - picture.load().train[1].mean()).square().mean()))
    assert constant == pytest.approx(picture.METRIC.floor, abs=0.1)


def test_digits_of_every_class_are_in_every_part() -> None:
    assert [torch.bincount(y).tolist() for _, y in mnist.load()] == [[300] * 10, [100] * 10, [100] * 10]
