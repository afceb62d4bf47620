"""What an entry of the catalogue says: its fields, and the closed vocabularies of its words."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import msgspec

from rheobase.parameter import Param

CLAIMS = (
    "continuous",
    "differentiable",  # once, continuously
    "twice differentiable",
    "smooth",  # every derivative exists
    "monotone",
    "convex",
    "lipschitz",
    "odd",
    "even",
    "periodic",
    "positive",
    "nonnegative",
    "bounded",
    "bounded_below",
    "bounded_above",
    "saturating",  # slope 0 towards both ends
    "saturating_left",
    "saturating_right",
    "zero_centred",
    "self_normalising",
)
"""What a source may claim of its function; each may stand behind "not ". They are claims: the certifier judges them."""

DRAWBACKS = (
    "blurs sharp features",
    "costly to compute",
    "discontinuous",
    "dying units",
    "fixed shape",
    "forgets earlier tasks",
    "hard to train",
    "kink at zero",
    "monotone",
    "needs normalisation",
    "no gradient",
    "no periodic extrapolation",
    "not zero-centred",
    "one hyperplane a neuron",
    "sensitive to initialisation",
    "spectral bias",
    "unbounded output",
    "vanishing gradient",
)
"""What one function may mend in another."""

Direction = Literal["learnable", "non-monotone", "efficiency", "domain", "theory"]
"""The five ways in which research on activation functions goes."""

Framework = Literal["torch", "keras", "jax", "timm", "hf"]


class Source(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a function comes from: a publication, a survey that describes it, or the framework that defines it.

    >>> print(Source(authors="Misra", year=2019, title="Mish", arxiv="1908.08681"))
    Misra (2019). Mish. arXiv:1908.08681
    >>> print(Source(via="Kunc & Kléma 2024, section 3.2"))
    via Kunc & Kléma 2024, section 3.2
    """

    authors: str | None = None
    year: int | None = None
    title: str | None = None
    arxiv: str | None = None
    doi: str | None = None
    also: str | None = None
    """A second publication that a reader should know of."""
    via: str | None = None
    """The survey in which the function was found, where the first publication could not be confirmed."""
    framework: str | None = None

    def __str__(self) -> str:
        if self.via:
            return f"via {self.via}"
        if self.framework:
            return f"as defined by {self.framework}"
        parts = [f"{self.authors} ({self.year})", self.title or ""]
        if self.arxiv:
            parts.append(f"arXiv:{self.arxiv}")
        if self.doi:
            parts.append(f"doi:{self.doi}")
        return ". ".join(parts) + (f" (also: {self.also})" if self.also else "")

    def to_dict(self) -> dict[str, Any]:
        """Its fields that are given, with `text` and `url`."""
        return {"text": str(self), "url": self.url, **msgspec.to_builtins(self)}

    @property
    def url(self) -> str | None:
        """Where the publication can be read, if it has an identifier."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else None


class Repair(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The drawback of another function that this one mends."""

    of: str
    drawback: str
    at: dict[str, float] = {}
    """The values of parameters that both have at which it is told, where those are not the defaults."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, dict=True):
    """One function of the catalogue, as its family's file states it.

    Attributes:
        id: the name that never changes.
        family: the name of the file.
        formula: text of the formula language, with the parameters as names.
        params: the parameters by name.
        aliases: other names that people type.
        frameworks: names in frameworks; they resolve as aliases too.
        claims: what the source says of the function, in the words of `CLAIMS`.
        directions: which of the five ways of research it goes.
        repairs: which function's which drawback it mends; empty where it is a different idea.
        acknowledged: claims that the proofs refute, each with what to say of it.
        since: the version of rheobase that first had it.
        infinite_gradient_at: where the slope is truly infinite (numbers or parameters); given as 0 there.
        backward: the formula whose slope a publication puts in the place of the derivative on the way back, a surrogate
            or straight-through gradient, where there is one; `derivative()` stays the true one.
        backward_source: that publication.
    """

    id: str
    family: str
    name: str
    formula: str
    source: Source
    claims: tuple[str, ...]
    directions: tuple[Direction, ...]
    repairs: tuple[Repair, ...]
    since: str
    params: dict[str, Param] = {}
    aliases: tuple[str, ...] = ()
    frameworks: dict[Framework, tuple[str, ...]] = {}
    infinite_gradient_at: tuple[float | str, ...] = ()
    acknowledged: dict[str, str] = {}
    backward: str | None = None
    backward_source: Source | None = None

    @property
    def year(self) -> int | None:
        """The year of the publication, None where only a survey or a framework is known."""
        return self.source.year

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name besides the id by which `get` finds the entry.

        >>> from rheobase.catalogue import entries
        >>> entries()["elu"].names[:4]
        ('nn.ELU', 'torch.nn.ELU', 'torch:ELU', 'F.elu')
        """
        found = list(self.aliases)
        for framework_names in self.frameworks.values():
            for name in framework_names:
                found += [name, *_spelt_out(name)]
        return tuple(dict.fromkeys(found))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for JSON: `id name family formula parameters source year aliases …`."""
        plain = msgspec.to_builtins(self)
        return {
            "id": self.id,
            "name": self.name,
            "family": self.family,
            "formula": self.formula,
            "parameters": plain.get("params", {}),
            "source": self.source.to_dict(),
            "year": self.year,
            "aliases": list(self.names),
            "claims": list(self.claims),
            "directions": list(self.directions),
            "repairs": plain["repairs"],
            "since": self.since,
            "backward": self.backward,
            "backward_source": None if self.backward_source is None else self.backward_source.to_dict(),
        }

    def __str__(self) -> str:
        return self.id


def _spelt_out(name: str) -> list[str]:
    """The longer and the shorter forms of a framework's name: `nn.ELU` is `torch.nn.ELU` and `torch:ELU`."""
    head, _, last = name.rpartition(".")
    match head:
        case "nn":
            return [f"torch.nn.{last}", f"torch:{last}"]
        case "F":
            return [f"torch.nn.functional.{last}"]
        case "keras.activations":
            return [f"keras:{last}"]
        case "jax.nn":
            return [f"jax:{last}"]
    return []
