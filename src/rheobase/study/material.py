"""Data from installed packages: found without the network, checked by their checksum, split by a fixed rule."""

from __future__ import annotations

import hashlib
import importlib
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rheobase.errors import RheobaseError
from rheobase.study.spec import Data

if TYPE_CHECKING:
    from torch import Tensor

    from rheobase.study.training import Split

DISTRIBUTIONS = {
    "sklearn.datasets": ("scikit-learn", "study"),
    "mlxtend": ("mlxtend", "tasks"),
    "pywt.data": ("PyWavelets", "tasks"),
    "statsmodels": ("statsmodels", "tasks"),
    "skimage": ("scikit-image", "tasks"),
    "PIL.Image": ("Pillow", "tasks"),
}
"""What has to be installed for a module, and the extra that brings it."""


def package(module: str, what: str) -> ModuleType:
    """An installed module that brings data.

    Raises:
        RheobaseError: it is not installed; the message says what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _missing(module, what) from error


def file_of(module: str, path: str, what: str) -> Path:
    """A data file inside an installed package, which is not imported.

    Raises:
        RheobaseError: the package is not installed, or does not ship the file.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise _missing(module, what)
    file = Path(spec.origin).parent / path
    if not file.is_file():
        raise RheobaseError(f"{what}: {module} ships no {path}", instead=f"another release of {module}")
    return file


def _missing(module: str, what: str) -> RheobaseError:
    name, extra = DISTRIBUTIONS[module]
    return RheobaseError(f"{what} come with {name}, which is not installed", instead=f"pip install 'rheobase[{extra}]'")


def checksum(*parts: NDArray[np.generic] | bytes) -> str:
    """SHA-256 of arrays and bytes, one after another."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def checked(data: Data, *parts: NDArray[np.generic] | bytes) -> None:
    """Refuse data that are not those the task was made with.

    Raises:
        RheobaseError: another checksum.
    """
    found = checksum(*parts)
    if found != data.checksum:
        raise RheobaseError(
            f"{data.name}: the installed data have the checksum {found}, expected {data.checksum}",
            where=data.source,
            instead="a release of that package with the original data",
        )


def by_position(x: Tensor, y: Tensor, modulo: int = 4) -> Split:
    """The last remainder of the position is test, the one before it validation, the others training."""
    import torch

    from rheobase.study.training import Split

    part = torch.arange(len(x)) % modulo
    train, validation, test = part < modulo - 2, part == modulo - 2, part == modulo - 1
    return Split((x[train], y[train]), (x[validation], y[validation]), (x[test], y[test]))


def standardised(split: Split, *, targets: bool = False) -> Split:
    """Each feature with mean 0 and variance 1 over the training part; the targets too, where they are values."""

    def like(part: int) -> list[Tensor]:
        values = split.train[part].double()
        mean, spread = values.mean(dim=0), values.std(dim=0, correction=0)
        return [((pair[part].double() - mean) / spread).float() for pair in split]

    x = like(0)
    y = like(1) if targets else [pair[1] for pair in split]
    return type(split)(*zip(x, y, strict=True))


def ahead(series: NDArray[np.generic], past: int, steps: int, cuts: tuple[int, int]) -> Split:
    """Windows (N, past) of a series and what follows each (N, steps), on the scale of the part before the first cut.

    A window belongs to the part in which all that it forecasts lies; its past may reach into the part before.
    """
    import torch

    from rheobase.study.training import Split

    values = torch.from_numpy(series.astype("f8"))
    spread, mean = torch.std_mean(values[: cuts[0]], correction=0)
    scaled = ((values - mean) / spread).float()
    windows = scaled.unfold(0, past + steps, 1)
    first = torch.arange(len(windows)) + past  # the first forecast sample of each window
    ends = (past, *cuts, len(values))
    parts = [(first >= low) & (first + steps <= high) for low, high in pairwise(ends)]
    return Split(*((windows[m][:, :past], windows[m][:, past:]) for m in parts))
