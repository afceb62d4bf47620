"""The same transformer without normalisation: an elementwise function stands where each norm stood."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from rheobase.study.recipe import Recipe
from rheobase.study.spec import Task
from rheobase.study.tasks.mnist import INITS
from rheobase.study.tasks.text import (
    BUDGET,
    CONTEXT,
    EPOCH,
    HEADS,
    LAYERS,
    METRIC,
    TOPICS,
    WIDTH,
    language,
    load,
    transformer,
)

if TYPE_CHECKING:
    from rheobase.study.training import Split, Work


def work_on(data: Callable[[], Split]) -> Work:
    """The activation under test replaces the norms; the MLP keeps GELU, so that nothing else differs."""
    from torch.nn.functional import gelu

    from rheobase.study.training import network
    from rheobase.study.training.layers import ELEMENTWISE

    return language(data(), network(transformer(ELEMENTWISE, inner=gelu)))


TASK = Task(
    id="text-norm-free",
    domain="text",
    title="Characters of English, without normalisation",
    stands_for="an elementwise function in place of each norm, as Dynamic Tanh is (Zhu, Chen, He, LeCun & Liu 2025, "
    "arXiv:2503.10622)",
    metric=METRIC,
    data=TOPICS,
    architecture=f"transformer: {LAYERS} layers, width {WIDTH}, {HEADS} heads, context {CONTEXT}, GELU in the MLP, "
    f"γ·φ(α·x) + β with learned α (0.5 at first) in place of each norm, cross-entropy, Adam; "
    f"an epoch is {EPOCH} windows",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(cache(partial(work_on, load)), METRIC, BUDGET, takes="text", on=work_on),
)
