"""Is there a difference that matters? The Bayesian signed-rank test, whose answers include "no practical one"."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

DRAWS = 20_000
"""Leaves a Monte Carlo error of the probabilities of 0.0035 at most."""

SURE = 0.95
"""How probable an answer must be to be given."""

_SEED = 20_170_777


class Equivalence(NamedTuple):
    """Posterior probabilities that the second is better, that there is no practical difference, that the first is."""

    below: float
    same: float
    above: float

    @property
    def answer(self) -> Literal["below", "same", "above", "open"]:
        """The alternative with a probability of at least 0.95; "open" where none has it."""
        named: tuple[Literal["below", "same", "above"], ...] = ("below", "same", "above")
        best = max(zip(self, named, strict=True))
        return best[1] if best[0] >= SURE else "open"


def bayesian_signed_rank(differences: ArrayLike, region: float, prior: float = 0.5) -> Equivalence:
    """The Bayesian counterpart of Wilcoxon's test, with a region of practical equivalence of ±`region` around 0.

    A Dirichlet process prior of strength `prior` with its mass at a difference of 0; the posterior is a Dirichlet
    distribution of weights on the n + 1 differences, and a draw goes to whichever of "below −region", "within" and
    "above region" holds most of the weighted pairs' means (zᵢ + zⱼ)/2.

    Args:
        differences: paired, one a seed (or a task).
        region: half the width of what makes no difference in practice, in the same unit.
        prior: its strength in observations.

    Source: Benavoli, Corani, Demšar & Zaffalon 2017, "Time for a Change", JMLR 18(77), section 4.2.

    >>> bayesian_signed_rank([0.001, -0.001, 0.002, 0.0, -0.002, 0.001], 0.01).answer
    'same'
    """
    z = np.concatenate([[0.0], np.asarray(differences, dtype=float)])
    means = (z[:, None] + z[None, :]) / 2
    generator = np.random.Generator(np.random.PCG64(_SEED))
    weights = generator.dirichlet([prior, *[1.0] * (len(z) - 1)], DRAWS)
    shares = np.stack([((weights @ side) * weights).sum(axis=1) for side in _sides(means, region)])
    winners = np.bincount(shares.argmax(axis=0), minlength=3) / DRAWS
    return Equivalence(*(float(w) for w in winners))


def _sides(means: np.ndarray, region: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    below, above = means < -region, means > region
    return below.astype(float), (~below & ~above).astype(float), above.astype(float)
