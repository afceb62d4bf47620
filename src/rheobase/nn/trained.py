"""Do a network's weights look trained? What no random initialisation leaves, and training does."""

from __future__ import annotations

import math

import torch
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parameter import is_lazy

ROUNDS = 12
"""Of the power iteration; it errs to the small side, so that nothing is called trained because of it."""
LEAST = 8
"""Rows and columns below which a matrix says nothing."""
SLACK = 2.5
"""In widths of the Tracy-Widom law, min(m, n)^(-2/3) of the edge: 400 random matrices a shape stay below."""


def signs_of_training(model: torch.nn.Module) -> list[str]:
    """What speaks for training, in words; empty where nothing does.

    Batches that a batch norm has counted; a norm's gain or bias that is no longer 1 or 0; a weight whose largest
    singular value stands out of what independent entries of any distribution can have: s(√m + √n) for an m × n matrix
    of entries with root mean square s (Marchenko & Pastur 1967; Martin & Mahoney 2021, arXiv:1810.01075).

    >>> signs_of_training(torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.LayerNorm(64)))
    []
    """
    counted = moved = outstanding = weights = 0
    for module in model.modules():
        if any(is_lazy(p) or p.is_meta for p in module.parameters(recurse=False)):
            continue
        if isinstance(module, _BatchNorm) and module.num_batches_tracked is not None:
            counted += bool(module.num_batches_tracked > 0)
        if isinstance(module, _BatchNorm | torch.nn.LayerNorm | torch.nn.GroupNorm | torch.nn.RMSNorm):
            moved += any(
                p is not None and not bool((p == start).all())
                for p, start in ((module.weight, 1), (getattr(module, "bias", None), 0))
            )
        elif isinstance(module, torch.nn.Linear | torch.nn.modules.conv._ConvNd):
            matrix = module.weight.detach().flatten(1)
            if min(matrix.shape) >= LEAST:
                weights += 1
                outstanding += _stands_out(matrix.float())
    found = [f"{counted} batch norms have seen batches"] if counted else []
    found += [f"{moved} norms have learned a gain or a bias"] if moved else []
    if outstanding:
        found.append(f"{outstanding} of {weights} weight matrices have a singular value that chance does not give")
    return found


def _stands_out(matrix: torch.Tensor) -> bool:
    m, n = matrix.shape
    size = float(matrix.square().mean().sqrt())
    if not size or not math.isfinite(size):
        return False
    edge = size * (math.sqrt(m) + math.sqrt(n)) * (1 + SLACK * min(m, n) ** (-2 / 3))
    vector = torch.randn(n, generator=torch.Generator().manual_seed(0)).to(matrix.device)
    for _ in range(ROUNDS):
        vector = torch.nn.functional.normalize(matrix.T @ (matrix @ vector), dim=0)
    return float((matrix @ vector).norm()) > edge
