"""What an optimiser is given: activations' parameters in a group without weight decay."""

from __future__ import annotations

from typing import Any

import torch

from rheobase.nn.module import Activation


def parameter_groups(model: torch.nn.Module, weight_decay: float = 0.01) -> list[dict[str, Any]]:
    """Two groups for an optimiser: everything else with weight decay, learned parameters of activations without.

    Decay would pull a slope or a steepness towards 0, which is a shape, not a small function. A parameter that both
    share is an activation's.

    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), Activation("prelu", learnable=True))
    >>> optimiser = torch.optim.AdamW(parameter_groups(model, weight_decay=0.1))
    >>> [(len(g["params"]), g["weight_decay"]) for g in optimiser.param_groups]
    [(2, 0.1), (1, 0.0)]
    """
    shapes = {id(p): p for m in model.modules() if isinstance(m, Activation) for p in m.parameters(recurse=False)}
    rest = [p for p in model.parameters() if id(p) not in shapes]
    return [
        {"params": rest, "weight_decay": weight_decay},
        {"params": list(shapes.values()), "weight_decay": 0.0},
    ]
