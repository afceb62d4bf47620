"""A character language model: a small transformer on the interpreter's own help texts."""

from __future__ import annotations

import math
import platform
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from rheobase.errors import RheobaseError
from rheobase.study.material import checked, checksum
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Budget, Data, Metric, Task
from rheobase.study.tasks.mnist import INITS

if TYPE_CHECKING:
    import torch

    from rheobase.study.training import Activation, Network, Split, Work
    from rheobase.study.training.layers import Norm
    from rheobase.study.training.loop import Build
    from rheobase.study.training.parameters import Parameters

ALPHABET = "\n" + "".join(map(chr, range(32, 127)))
"""Line feed and printable ASCII; every other character is one more symbol."""
SYMBOLS = len(ALPHABET) + 1
CONTEXT, WIDTH, LAYERS, HEADS = 32, 32, 2, 2
EPOCH = 240
HELD_OUT = 128
"""Windows of validation text and of test text, spread over their parts: 4,096 characters each."""

CHECKSUMS = {
    (3, 11, 2): "cec54c2700dcedd6196a9a5ea13103824975d5029b93f7e09c805e9ae1838772",
    (3, 11, 7): "37d06970fc926e60c16dff401e441b84752446a36b6b64516c229fdec77e992c",
    (3, 12, 1): "64a4b3fd3c33d73d0d6368b5fba69d5086fa75e6f73f091235eab317fe823719",
    (3, 13, 0): "a68b7f5ba5e4f20a336cdc120f82b2921abdbdf57087aa6603ec52f342ce5a1c",
}
"""The texts of the interpreters that were at hand; another release has other texts, and its own checksum."""


@cache
def shipped() -> bytes:
    """The interpreter's help texts, in alphabetical order of their topics, in UTF-8.

    Raises:
        RheobaseError: this interpreter comes without them.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise RheobaseError(
            "this Python comes without pydoc_data.topics, the text of the language model",
            instead="--data with a text file, or python.org's Python",
        ) from error
    return "".join(topics[name] for name in sorted(topics)).encode()


def known_checksum() -> str:
    """The checksum on record for this interpreter, or that of the text which an unknown one has."""
    return CHECKSUMS.get(sys.version_info[:3]) or checksum(shipped())


TOPICS = Data(
    name=f"The help texts of Python {platform.python_version()}, half a million characters of English and code",
    source="pydoc_data.topics of the interpreter, topics in alphabetical order",
    licence="PSF License Agreement; code samples Zero-Clause BSD",
    checksum=known_checksum(),
    split="by position: the first eight tenths train, the next tenth validation, the last tenth test",
)
LETTERS = 4.7
"""Bits per character for one who knows the letters' frequencies alone."""
METRIC = Metric("test bits per character", "bits", higher_is_better=False, floor=LETTERS, decimals=3)
BUDGET = Budget(epochs=6, batch=4, rates=(0.001, 0.003, 0.01, 0.03), tuning_seeds=3, block=6)


@cache
def load() -> Split:
    """The interpreter's text, cut into windows."""
    checked(TOPICS, shipped())
    return windows(shipped().decode())


def windows(text: str) -> Split:
    """Windows (N, 32) of symbols, and the symbols that follow each: training windows side by side, the held-out ones
    spread over their parts.

    Raises:
        RheobaseError: the text is too short.
    """
    import torch

    from rheobase.study.training import Split

    codes = np.full(0x110000, SYMBOLS - 1, dtype=np.int64)
    codes[[ord(c) for c in ALPHABET]] = np.arange(len(ALPHABET))
    symbols = torch.from_numpy(codes[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")])
    cuts = [len(symbols) * k // 10 for k in (0, 8, 9, 10)]
    if cuts[2] - cuts[1] <= CONTEXT or cuts[1] < EPOCH * CONTEXT:
        raise RheobaseError(
            f"a text of {len(symbols):,} characters is too short",
            instead=f"at least {EPOCH * CONTEXT * 10 // 8 + 10:,}",
        )

    def cut(low: int, high: int, count: int | None) -> tuple[torch.Tensor, torch.Tensor]:
        part = symbols[low:high]
        length = len(part) - CONTEXT
        starts = torch.arange(0, length, CONTEXT) if count is None else torch.linspace(0, length - 1, count).long()
        at = starts.unsqueeze(1) + torch.arange(CONTEXT)
        return part[at], part[at + 1]

    return Split(cut(cuts[0], cuts[1], None), cut(cuts[1], cuts[2], HELD_OUT), cut(cuts[2], cuts[3], HELD_OUT))


def transformer(norm: Norm, inner: Activation | None = None) -> Network:
    """A decoder: embeddings, two blocks of causal attention and a two-layer MLP, each behind a norm; then a read-out.

    Args:
        norm: what stands before each block: `layer_norm`, or an activation in its place.
        inner: the MLP's activation, where it is not the one under test.
    """
    import torch

    from rheobase.study.training import Network
    from rheobase.study.training.layers import attention, embed, initial, linear, named

    shapes = (("qkv", WIDTH, 3 * WIDTH), ("mix", WIDTH, WIDTH), ("up", WIDTH, 4 * WIDTH), ("down", 4 * WIDTH, WIDTH))
    norms = [f"{place}{i}" for i in range(LAYERS) for place in ("before", "between")] + ["last"]

    def draw(g: torch.Generator, init: str) -> Parameters:
        parts = [(f"{name}{i}", initial(a, b, init, g)) for i in range(LAYERS) for name, a, b in shapes]
        found = named([*parts, ("read", initial(WIDTH, SYMBOLS, init, g))])
        found |= {"symbols": torch.randn(SYMBOLS, WIDTH, generator=g)}
        found |= {"places": 0.1 * torch.randn(CONTEXT, WIDTH, generator=g)}
        return found | norm.initial(norms, WIDTH)

    def apply(p: Parameters, x: torch.Tensor, f: Activation) -> torch.Tensor:
        def through(name: str, h: torch.Tensor) -> torch.Tensor:
            return linear(h, p[name], p[name + ".b"])

        places = p["places"]
        h = embed(p["symbols"], x) + (places if places.dim() == 2 else places.unsqueeze(1))
        for i in range(LAYERS):
            q, k, v = through(f"qkv{i}", norm.apply(p, f"before{i}", h, f)).chunk(3, dim=-1)
            h = h + through(f"mix{i}", attention(q, k, v, HEADS))
            bent = (inner or f)(through(f"up{i}", norm.apply(p, f"between{i}", h, f)))
            h = h + through(f"down{i}", bent)
        return through("read", norm.apply(p, "last", h, f))

    return Network(draw, apply, together=True)


def work_on(data: Callable[[], Split]) -> Work:
    """The transformer with layer norm, its MLP with the activation."""
    from rheobase.study.training import network
    from rheobase.study.training.layers import LAYER_NORM

    return language(data(), network(transformer(LAYER_NORM)))


def language(split: Split, build: Build) -> Work:
    """Next-character prediction; the score in bits."""
    from rheobase.study.training import Objective, Work, at_most, cross_entropy

    bits = at_most(lambda outputs, y: cross_entropy(outputs, y) / math.log(2), math.log2(SYMBOLS))
    return Work(split, build, Objective(cross_entropy, bits), epoch=EPOCH, chunk=HELD_OUT)


TASK = Task(
    id="text",
    domain="text",
    title="Characters of English",
    stands_for="language models: a transformer whose MLP has the activation",
    metric=METRIC,
    data=TOPICS,
    architecture=f"pre-norm transformer: {LAYERS} layers, width {WIDTH}, {HEADS} heads, context {CONTEXT}, "
    f"cross-entropy, Adam; an epoch is {EPOCH} windows",
    budget=BUDGET,
    inits=INITS,
    train=Recipe(cache(partial(work_on, load)), METRIC, BUDGET, takes="text", on=work_on),
)
