"""What a model costs on a batch: parameters, operations, memory kept for the way back, by layer and by activation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import TorchDispatchMode

from rheobase.nn.known import of_module
from rheobase.nn.mixture import Mixture
from rheobase.nn.places import name_of
from rheobase.nn.running import call, checked_model, hooked, undisturbed


@dataclass
class Row:
    """One module, without its submodules.

    Attributes:
        path: where it is in the model, "" for what the model's own code does.
        kind: its class, or the spec of the function that it computes.
        activation: does it compute an elementwise function?
        parameters: how many numbers it learns or holds; a parameter that several share counts at the first.
        flops: of matrix products and convolutions on the way forward, a multiplication and an addition being two.
        elementwise: numbers written by elementwise operations on the way forward, one for each operation.
        kept: bytes that autograd keeps for the way back, parameters left out; what several keep counts at the first.
        calls: how often it is called.
    """

    path: str
    kind: str
    activation: bool
    parameters: int = 0
    flops: int = 0
    elementwise: int = 0
    kept: int = 0
    calls: int = 0


@dataclass
class Cost:
    """What `cost` found.

    Attributes:
        rows: a row a module that costs anything, in the order of the model.
    """

    rows: list[Row] = field(default_factory=list)

    @property
    def total(self) -> Row:
        """All rows together."""
        return _sum("the model", self.rows)

    @property
    def by_activation(self) -> dict[str, Row]:
        """The rows of modules that compute the same function together, by its spec."""
        names = dict.fromkeys(row.kind for row in self.rows if row.activation)
        return {name: _sum(name, [r for r in self.rows if r.activation and r.kind == name]) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """`{layers: [{path, kind, parameters, flops, elementwise, kept, calls}], activations: {spec: {…}}, total}`."""
        return {
            "layers": [asdict(row) for row in self.rows],
            "activations": {name: asdict(row) for name, row in self.by_activation.items()},
            "total": asdict(self.total),
        }

    def __str__(self) -> str:
        head = ("layer", "kind", "parameters", "FLOPs", "elementwise", "kept", "calls")
        lines = [_cells(row.path or "(own code)", row.kind, row) for row in self.rows]
        lines += [_cells("all", name, row) for name, row in self.by_activation.items()]
        lines.append(_cells("the model", "", self.total))
        widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
        aligned = ("<", "<", ">", ">", ">", ">", ">")
        rows = [zip(line, aligned, widths, strict=True) for line in (head, *lines)]
        return "\n".join("  ".join(f"{c:{a}{w}}" for c, a, w in row).rstrip() for row in rows)


def cost(model: torch.nn.Module, batch: Any) -> Cost:
    """Parameters, operations and memory kept for backward, by layer and by activation.

    Args:
        model: any model, in training or evaluation; it is run once, forward, and left as it is.
        batch: inputs: a tensor, a tuple of arguments, or a dict of named ones.

    FLOPs are counted by `torch.utils.flop_counter`, which knows products and convolutions; elementwise operations,
    which it leaves out, are counted by the tag that torch gives them. The way back takes about twice the FLOPs. Memory
    is what `saved_tensors_hooks` see, each piece of memory once.

    Raises:
        RheobaseError: no model, or one that raises on the batch or does not fit it.

    >>> found = cost(torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU()), torch.ones(2, 4))
    >>> print(found)
    layer      kind    parameters  FLOPs  elementwise  kept  calls
    0          Linear          40    128            0  32 B      1
    1          relu             0      0           16  64 B      1
    all        relu             0      0           16  64 B      1
    the model                  40    128           16  96 B      2
    >>> found.by_activation["relu"].kept
    64
    """
    checked_model(model)
    watch = _Watch(model)
    with (
        undisturbed(model),
        torch.enable_grad(),
        hooked(model, watch.enter, watch.leave),
        watch,
        saved_tensors_hooks(watch.keep, lambda tensor: tensor),
        watch.counter,
    ):
        call(model, batch)
    return Cost([row for row in watch.finished() if row.parameters or row.flops or row.elementwise or row.kept])


class _Watch(TorchDispatchMode):
    """Books what happens to the innermost module that runs."""

    def __init__(self, model: torch.nn.Module) -> None:
        from torch.utils.flop_counter import FlopCounterMode  # it loads much that no other use of nn needs

        super().__init__()
        self.counter = FlopCounterMode(display=False)
        self.rows = {path: _row(path, module) for path, module in model.named_modules()}
        self.running = [""]
        self.flops = 0
        held = [t.untyped_storage() for t in (*model.parameters(), *model.buffers()) if not is_lazy(t)]
        # Held until the end, so that no address is given away twice.
        self.seen = {storage.data_ptr(): storage for storage in held}
        self.model = model

    def enter(self, path: str, module: torch.nn.Module, _: Any) -> None:
        self._book()
        self.running.append(path)
        self.rows[path].calls += 1

    def leave(self, path: str, module: torch.nn.Module, _: Any) -> None:
        self._book()
        self.running.pop()

    def _book(self) -> None:
        """The FLOPs since the last change of module belong to the one that ran."""
        now = self.counter.get_total_flops()
        self.rows[self.running[-1]].flops += now - self.flops
        self.flops = now

    def keep(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self.seen:
            self.seen[storage.data_ptr()] = storage
            self.rows[self.running[-1]].kept += storage.nbytes()
        return tensor

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if torch.Tag.pointwise in func.tags and isinstance(out, torch.Tensor):
            self.rows[self.running[-1]].elementwise += out.numel()
        return out

    def finished(self) -> list[Row]:
        self._book()
        counted: set[int] = set()
        for path, module in self.model.named_modules():
            for own in module.parameters(recurse=False):
                if id(own) not in counted and not is_lazy(own):
                    counted.add(id(own))
                    self.rows[path].parameters += own.numel()
        return list(self.rows.values())


def _row(path: str, module: torch.nn.Module) -> Row:
    function = of_module(module)
    if isinstance(module, Mixture):
        return Row(path, module.title, True)
    return Row(path, name_of(module, function), function is not None)


def _sum(kind: str, rows: list[Row]) -> Row:
    numbers = ("parameters", "flops", "elementwise", "kept", "calls")
    return Row("", kind, False, **{name: sum(getattr(row, name) for row in rows) for name in numbers})


def _cells(path: str, kind: str, row: Row) -> tuple[str, ...]:
    counts = (f"{n:,}" for n in (row.parameters, row.flops, row.elementwise))
    return (path, kind, *counts, _bytes(row.kept), str(row.calls))


def _bytes(count: int) -> str:
    """A number of bytes, for a reader.

    >>> _bytes(96), _bytes(2048), _bytes(3 * 2**20)
    ('96 B', '2 KiB', '3 MiB')
    """
    size, names = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while size >= 1024 and len(names) > 1:
        size /= 1024
        names.pop(0)
    return f"{size:.4g} {names[0]}"
