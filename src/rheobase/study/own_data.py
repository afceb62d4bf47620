"""Data of one's own for a built-in task, never downloaded: a text file, a folder of images, the usual CIFAR files."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rheobase.errors import RheobaseError
from rheobase.study.material import checksum, package
from rheobase.study.recipe import Recipe
from rheobase.study.spec import Data, Task

if TYPE_CHECKING:
    from rheobase.study.training import Split

SIDE = 32
"""Images of a folder are brought to 32 × 32 pixels, CIFAR's size."""
MOST = (3000, 1000, 1000)
"""No more training, validation and test images are used than the task's budget is made for, evenly spaced."""
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def with_data(task: Task, path: str | Path) -> Task:
    """The task on data of one's own: its networks and budget as they are, data and floor from the path.

    Args:
        task: `text` or `text-norm-free` for a text file in UTF-8; `mnist` or `mnist-residual` for images: a folder with
            a subfolder a class (or with `train` and `test` that have them), CIFAR-10's or CIFAR-100's folder in its
            binary or its Python version, or one such file.

    Raises:
        RheobaseError: the task takes no other data, or there is nothing at the path that it can read.
    """
    recipe, place = task.train, Path(path).expanduser().resolve()
    if not isinstance(recipe, Recipe) or recipe.on is None:
        raise RheobaseError(f"{task.id} takes no data of your own", instead="text or mnist, which do")
    if not place.exists():
        raise RheobaseError(f"there is nothing at {str(path)!r}", instead="a path to a text file or to images")
    load, found, floor = _text(place) if recipe.takes == "text" else _images(place)
    metric = dataclasses.replace(task.metric, floor=floor)
    return dataclasses.replace(
        task,
        id=f"{task.id}@{place.name}",
        title=f"{task.title}: the same networks on {place.name}",
        data=found,
        metric=metric,
        train=dataclasses.replace(recipe, work=cache(partial(recipe.on, load)), metric=metric),
        origin=f"{task.id}@{place}",
    )


def _text(file: Path) -> tuple[Callable[[], Split], Data, float]:
    from rheobase.study.tasks.text import SYMBOLS, TOPICS, windows

    if not file.is_file():
        raise RheobaseError(f"{str(file)!r} is no file", instead="a text file in UTF-8")
    raw = file.read_bytes()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise RheobaseError(f"{str(file)!r} is no text in UTF-8: {error}", instead="a text file in UTF-8") from error
    split = windows(text)
    share = np.bincount(split.train[1].flatten().numpy(), minlength=SYMBOLS) + 1.0  # no symbol has probability 0
    floor = float(-np.log2(share / share.sum())[split.test[1].numpy()].mean())
    data = Data(file.name, str(file), "your own", checksum(raw), TOPICS.split)
    return lambda: split, data, floor


class Images(NamedTuple):
    """Pixels (N, H, W, 3), classes (N,), and which of them the makers set apart as test images (N,)."""

    pixels: NDArray[np.uint8]
    classes: NDArray[np.int64]
    test: NDArray[np.bool_]


def _images(place: Path) -> tuple[Callable[[], Split], Data, float]:
    images = _folder(place) if place.is_dir() and not _cifar_files(place) else _cifar(place)
    if images.test.any():
        rule = "the makers' test images test; of the others every fifth validation, the rest train"
    else:
        rule = "by position within the class, modulo 5: 0 to 2 train, 3 validation, 4 test"
    parts = _parts(images)
    rule += f"; at most {MOST[0]:,}, {MOST[1]:,} and {MOST[2]:,} of them, evenly spaced"
    if min(map(len, parts)) == 0 or len(np.unique(images.classes)) < 2:
        raise RheobaseError(
            f"{str(place)!r} holds {len(images.pixels)} images of {len(np.unique(images.classes))} classes",
            instead="at least two classes with five images each",
        )
    data = Data(place.name, str(place), "your own", checksum(images.pixels, images.classes), rule)
    test = images.classes[parts[2]]
    floor = float(np.bincount(test).max() / len(test))

    @cache
    def load() -> Split:
        import torch

        from rheobase.study.training import Split

        x = torch.from_numpy(images.pixels).float()
        mean, spread = x[parts[0]].mean(dim=(0, 1, 2)), x[parts[0]].std(dim=(0, 1, 2)).clamp(min=1)
        y = torch.from_numpy(images.classes)
        return Split(*(((x[part] - mean) / spread, y[part]) for part in parts))

    return load, data, floor


def _parts(images: Images) -> list[NDArray[np.int64]]:
    """The positions of training, validation and test images."""
    place = np.zeros(len(images.classes), dtype=np.int64)
    for group in ((images.classes == c) & (images.test == t) for c in np.unique(images.classes) for t in (False, True)):
        place[group] = np.arange(group.sum()) % 5
    if images.test.any():
        masks = [~images.test & (place < 4), ~images.test & (place == 4), images.test]
    else:
        masks = [place < 3, place == 3, place == 4]
    found = [np.flatnonzero(mask) for mask in masks]
    return [p[np.linspace(0, len(p) - 1, min(len(p), most)).astype(int)] for p, most in zip(found, MOST, strict=True)]


def _folder(place: Path) -> Images:
    """A folder with a subfolder a class; or `train` and `test` (or `val`) with the same subfolders in each."""
    below = sorted(p for p in place.iterdir() if p.is_dir())
    names = {p.name: p for p in below}
    held = names.get("test") or names.get("val")
    groups = [(names["train"], False), (held, True)] if "train" in names and held else [(place, False)]
    files = [
        (file, folder.name, test)
        for top, test in groups
        for folder in sorted(p for p in top.iterdir() if p.is_dir())
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in ENDINGS
    ]
    if not files:
        raise RheobaseError(
            f"there are no images in the subfolders of {str(place)!r}",
            instead=f"a subfolder a class, with files that end in {', '.join(ENDINGS)}",
        )
    labels = {name: i for i, name in enumerate(sorted({name for _, name, _ in files}))}
    opener = package("PIL.Image", "folders of images")
    pixels = np.stack([_picture(opener, file) for file, _, _ in files])
    return Images(pixels, np.array([labels[name] for _, name, _ in files]), np.array([test for *_, test in files]))


def _picture(opener: Any, file: Path) -> NDArray[np.uint8]:
    try:
        with opener.open(file) as picture:
            return np.asarray(picture.convert("RGB").resize((SIDE, SIDE)), dtype=np.uint8)
    except OSError as error:
        raise RheobaseError(f"{str(file)!r} cannot be read as an image: {error}", instead="PNG or JPEG") from error


def _cifar_files(place: Path) -> list[Path]:
    """The batches of CIFAR-10 or CIFAR-100 in a folder, in the binary or the Python version."""
    if place.is_file():
        return [place]
    wanted = [*(f"data_batch_{i}" for i in range(1, 6)), "train", "test_batch", "test"]
    return [p for name in wanted for p in (place / f"{name}.bin", place / name) if p.is_file()]


def _cifar(place: Path) -> Images:
    batches = [(file, *_batch(file)) for file in _cifar_files(place)]
    pixels = np.concatenate([x for _, x, _ in batches]).reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    several = len(batches) > 1
    test = np.concatenate([np.full(len(y), several and file.name.startswith("test")) for file, _, y in batches])
    return Images(np.ascontiguousarray(pixels), np.concatenate([y for *_, y in batches]), test)


def _batch(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pixels (N, 3072) and classes (N,) of one file: records of 1 (CIFAR-10) or 2 (CIFAR-100: the finer is taken)
    bytes of class and 3,072 of pixels, or a pickled dict."""
    raw = file.read_bytes()
    if raw[:1] == b"\x80":
        with file.open("rb") as stream:
            return _pickled(stream, file)
    for labels in (1, 2):
        if raw and len(raw) % (labels + 3072) == 0:
            table = np.frombuffer(raw, dtype=np.uint8).reshape(-1, labels + 3072)
            return table[:, labels:], table[:, labels - 1].astype(np.int64)
    raise RheobaseError(
        f"{str(file)!r} is no file of CIFAR: {len(raw)} bytes are no whole records",
        instead="data_batch_1.bin … test_batch.bin, the Python version's data_batch_1 …, or a folder of images",
    )


class _Plain(pickle.Unpickler):
    """Reads what CIFAR's pickles hold, arrays in dicts, and nothing that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module.split(".")[0], name) in (("numpy", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        if (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _pickled(stream: IO[bytes], file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    try:
        found = _Plain(stream, encoding="bytes").load()
        labels = found[b"labels"] if b"labels" in found else found[b"fine_labels"]
        return np.asarray(found[b"data"], dtype=np.uint8).reshape(-1, 3072), np.asarray(labels, dtype=np.int64)
    except (pickle.UnpicklingError, KeyError, TypeError, ValueError, EOFError, AttributeError) as error:
        raise RheobaseError(
            f"{str(file)!r} is no batch of CIFAR's Python version: {error}", instead="the binary version's .bin files"
        ) from error
