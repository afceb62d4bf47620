"""Models of the kinds that people write; of some also a twin that is made with another function from the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

Function = Callable[[Tensor], Tensor]


class Calling(nn.Module):
    """Calls in the code: a function, a method, in a loop, through a helper, beside a dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(4, 8)
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(2))
        self.b = nn.Linear(8, 3)

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        rows, columns = x.shape
        x = F.dropout(F.relu(self.a(x.view(rows, columns))), 0.5, training=self.training)
        for layer in self.layers:
            x = helped(layer(x)) + x.relu()
        return torch.tanh(self.b(x * scale))


def helped(x: Tensor) -> Tensor:
    return torch.relu(x)


class CallingTwin(Calling):
    """`Calling` with another function in the place of relu."""

    def __init__(self, f: Function) -> None:
        super().__init__()
        self.f = f

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        x = F.dropout(self.f(self.a(x)), 0.5, training=self.training)
        for layer in self.layers:
            x = self.f(layer(x)) + self.f(x)
        return torch.tanh(self.b(x * scale))


class Holding(nn.Module):
    """A function in an attribute, a module in a Sequential, one module at two places."""

    def __init__(self, f: Any = F.relu, make: Callable[[], nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.act = f
        self.shared = make()
        self.net = nn.Sequential(nn.Linear(4, 8), self.shared, nn.Linear(8, 8), make(), nn.Linear(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.net(self.shared(x)))


class Masked(nn.Module):
    """What the code does depends on an optional argument."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(4, 4)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = F.relu(self.a(x))
        return x if mask is None else x * mask


class Asking(Masked):
    """The code asks what it has been given."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return F.relu(x) if isinstance(x, Tensor) else x


class Branching(Masked):
    """The code looks at the numbers."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return F.relu(x) if x.sum() > 0 else -F.relu(x)


class InPlace(Masked):
    """The call is there for what it does to its input."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = self.a(x)
        F.relu(x, inplace=True)
        return x


class Without(Masked):
    """The call has no gradient because of where it stands."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        with torch.no_grad():
            return F.relu(x)


class Decorated(Masked):
    """The whole code has no gradient."""

    @torch.no_grad()
    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return F.relu(x)


class Again(Masked):
    """The code is run by torch, which runs it again on the way back."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return checkpoint(lambda y: F.relu(self.a(y)), x, use_reentrant=False)  # pyright: ignore[reportReturnType]


KEPT: list[Any] = []


class Keeping(Masked):
    """The code keeps what it has seen elsewhere."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        KEPT.append(x)
        return F.relu(x)


class Random(Masked):
    """The code makes a tensor that no input decides."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        return F.relu(x) + torch.randn(4)


class Changing(Masked):
    """The code keeps what it has seen."""

    seen: Tensor

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        self.seen = x
        return F.relu(x)
