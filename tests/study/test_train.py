"""Stacked training against torch's own modules, and the independence of a stack's members."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import pytest
import torch

from rheobase.errors import RheobaseError
from rheobase.nn import Activation
from rheobase.study.spec import Member, Outcome, Stack, Task, final_stacks
from rheobase.study.training import (
    Adam,
    Mlp,
    Start,
    critical_gain,
    cross_entropy,
    gradient_norms,
    initial_weights,
    starting,
    train_classifier,
)
from rheobase.study.worker import one_thread

WIDTHS = (5, 7, 6, 3)


def nets(count: int, init: str = "default", dtype: torch.dtype = torch.float64) -> list[list[torch.Tensor]]:
    generators = [torch.Generator().manual_seed(s) for s in range(count)]
    return [[p.to(dtype) for p in initial_weights(WIDTHS, Start(init), g)] for g in generators]


def sequential(net: list[torch.Tensor]) -> torch.nn.Sequential:
    layers: list[torch.nn.Module] = []
    for w, b in zip(net[::2], net[1::2], strict=True):
        linear = torch.nn.Linear(w.shape[0], w.shape[1], dtype=w.dtype)
        linear.weight.data, linear.bias.data = w.T.clone(), b[0].clone()
        layers += [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def data(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(99)
    x = torch.randn(count, 11, 5, generator=generator, dtype=torch.float64)
    return x, torch.randint(3, (count, 11), generator=generator)


def test_a_stack_is_torchs_own_network_trained_by_torchs_own_adam() -> None:
    """Twenty steps in float64, each member at its own learning rate; 1e-10 leaves room for 20 steps' rounding."""
    members, rates = nets(3), [1e-4, 1e-3, 1e-2]
    x, y = data(3)
    stack = Mlp(WIDTHS, members)
    adam = Adam(stack.spread(rates))
    for _ in range(20):
        stack.gradient.zero_()
        cross_entropy(stack(x, torch.tanh), y).sum().backward()
        adam.step(stack.flat, stack.gradient)
    for i, (net, rate) in enumerate(zip(members, rates, strict=True)):
        single = sequential(net)
        theirs = torch.optim.Adam(single.parameters(), lr=rate)
        for _ in range(20):
            theirs.zero_grad()
            torch.nn.functional.cross_entropy(single(x[i]), y[i]).backward()
            theirs.step()
        for ours, parameter in zip((p[i] for p in stack.parameters), single.parameters(), strict=True):
            expected = parameter.T if parameter.ndim == 2 else parameter.unsqueeze(0)
            assert (ours - expected).abs().max() < 1e-10


def test_gradient_norms_are_those_of_a_single_network() -> None:
    members = nets(2)
    x, y = data(2)
    norms = gradient_norms(Mlp(WIDTHS, members), x, y, torch.tanh)
    for i, net in enumerate(members):
        single = sequential(net)
        torch.nn.functional.cross_entropy(single(x[i]), y[i]).backward()
        weights = [p.grad for p in single.parameters() if p.ndim == 2]
        expected = torch.tensor([float(g.norm()) for g in weights if g is not None])
        assert torch.allclose(norms[i].float(), expected, rtol=1e-6)


def test_the_default_initialisation_is_torchs() -> None:
    w, b = initial_weights((400, 300), Start("default"), torch.Generator().manual_seed(0))
    theirs = torch.nn.Linear(400, 300)
    for ours, other in ((w, theirs.weight), (b, theirs.bias)):
        assert ours.abs().max() <= 1 / math.sqrt(400)
        assert float(ours.std()) == pytest.approx(
            float(other.detach().std()), rel=0.12
        )  # 300 biases: 4 standard errors


@pytest.mark.parametrize(("init", "variance"), [("he", 2 / 400), ("glorot", 2 / 700)])
def test_other_initialisations_have_the_variance_of_their_paper(init: str, variance: float) -> None:
    w, b = initial_weights((400, 300), Start(init), torch.Generator().manual_seed(0))
    assert float(w.var()) == pytest.approx(variance, rel=0.02)  # 120,000 weights: 4 standard errors are 1.6 %
    assert not b.any()


def test_orthogonal_weights_are_orthogonal_times_the_gain() -> None:
    w = initial_weights((30, 30, 30), Start("orthogonal", 4.0, 4.0), torch.Generator().manual_seed(0))[0]
    assert torch.allclose(w.T @ w, 16 * torch.eye(30), atol=1e-4)


@pytest.mark.parametrize(
    ("spec", "gain"),
    [("sigmoid", 4.0), ("tanh", 1.0), ("relu", math.sqrt(2)), ("3*x", 1 / 3), ("step", 1.0), ("x**3", 1.0)],
)
def test_the_critical_gain_is_the_closed_form(spec: str, gain: float) -> None:
    assert critical_gain(Activation(spec)) == pytest.approx(gain, rel=1e-5)  # the slope moves by 1e-6 within ±3e-3


def run(task: Task, members: tuple[Member, ...], activation=torch.tanh):
    with one_thread():
        return task.train(Stack(task.id, "final", "default", "", members), activation)


def known(outcome: Outcome) -> str:
    """An outcome without its timing, which alone may differ; as text, in which NaN equals NaN."""
    return repr(msgspec.structs.replace(outcome, seconds_per_step=0.0))


def test_a_member_that_diverges_leaves_the_others_bit_for_bit(tiny: Task) -> None:
    members = tuple(Member(s, 0.01) for s in range(3))
    poisoned = (members[0], Member(1, math.inf), members[2])
    sound, other = run(tiny, members), run(tiny, poisoned)
    assert other[1].diverged == 1
    assert other[1].validation == other[1].test == tiny.metric.floor
    assert [known(other[i]) for i in (0, 2)] == [known(sound[i]) for i in (0, 2)]


def test_a_function_that_gives_nan_counts_as_diverged(tiny: Task) -> None:
    outcomes = run(tiny, (Member(0, 0.01), Member(1, 0.01)), lambda x: x * math.nan)
    assert [o.diverged for o in outcomes] == [1, 1]
    assert all(o.validation_loss == math.inf for o in outcomes)


def test_it_is_the_same_bit_for_bit_when_run_again(tiny: Task) -> None:
    members = (Member(0, 0.01), Member(1, 0.03))
    assert list(map(known, run(tiny, members))) == list(map(known, run(tiny, members)))


def test_seeds_are_paired_between_functions_and_a_placebo_has_its_own() -> None:
    member = Member(3, 0.1)
    stack = Stack("t", "final", "default", "", (member,))
    draw = torch.randn(4, generator=stack.generator(member, "weights"))
    again = torch.randn(4, generator=stack.generator(Member(3, 0.5), "weights"))
    assert torch.equal(draw, again)
    for other in (dataclasses.replace(stack, stream="placebo"), dataclasses.replace(stack, stage="tune")):
        assert not torch.equal(draw, torch.randn(4, generator=other.generator(member, "weights")))
    assert not torch.equal(draw, torch.randn(4, generator=stack.generator(member, "order")))


def test_test_data_is_not_looked_at_while_tuning(tiny: Task) -> None:
    from rheobase.study.tasks.digits import load

    split = load()
    poisoned = split._replace(test=(split.test[0] * math.nan, split.test[1]))
    stack = Stack(tiny.id, "tune", "default", "", (Member(0, 0.01),))
    (outcome,) = train_classifier(tiny, stack, torch.tanh, poisoned, (4,))
    assert outcome.test is None and outcome.diverged == 0


def test_blocks_do_not_depend_on_how_many_seeds_are_asked_for(tiny: Task) -> None:
    few, many = final_stacks(tiny, "default", 0.01, 4), final_stacks(tiny, "default", 0.01, 8)
    assert many[: len(few)] == few
    assert {len(stack.members) for stack in many} == {tiny.budget.block}


def test_theory_starts_where_theory_says() -> None:
    assert starting("theory", Activation("sigmoid")) == Start("orthogonal", 4.0, 1.0, shift=0.5)
    gelu = starting("theory", Activation("gelu"))
    assert gelu.lift == pytest.approx(2**0.5) and gelu.gain == pytest.approx(0.885815, rel=1e-6)
    assert starting("theory", Activation("heaviside")) == Start("default")
    with pytest.raises(RheobaseError, match="formula"):
        starting("theory", torch.tanh)


def test_a_layer_works_at_its_point_of_the_curve() -> None:
    """The first layer puts out f(W x + lift) − shift."""
    start = Start("orthogonal", lift=1.5, shift=0.25)
    net = initial_weights((3, 3, 2), start, torch.Generator().manual_seed(0))
    x = torch.randn(1, 5, 3, generator=torch.Generator().manual_seed(1))
    model = Mlp((3, 3, 2), [net], start.lift, start.shift)
    assert torch.equal(model(x, torch.sigmoid), (torch.sigmoid(x @ net[0] + 1.5) - 0.25) @ net[2])
