"""Data of one's own, made here in the form in which they are found elsewhere; and the data that packages bring."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study import material, own_data
from rheobase.study import tasks as folder
from rheobase.study.own_data import SIDE, with_data
from rheobase.study.recipe import Recipe, shortened
from rheobase.study.spec import Data, Member, Stack
from rheobase.study.tasks import find, mnist
from rheobase.study.worker import one_thread


def split_of(address: str):
    task = find(address)
    assert isinstance(task.train, Recipe)
    return task.train.work().split


def draw(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 3, 32, 32) of two classes: dark ones and light ones."""
    g = np.random.Generator(np.random.PCG64(seed))
    classes = np.arange(count) % 2
    pixels = g.integers(0, 100, size=(count, 3, SIDE, SIDE)) + 120 * classes[:, None, None, None]
    return pixels.astype(np.uint8), classes.astype(np.uint8)


def binary(path: Path, count: int, labels: int = 1, seed: int = 0) -> None:
    pixels, classes = draw(count, seed)
    columns = [classes[:, None]] * labels
    path.write_bytes(np.concatenate([*columns, pixels.reshape(count, -1)], axis=1).tobytes())


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    for i in range(1, 6):
        binary(tmp_path / f"data_batch_{i}.bin", 20, seed=i)
    binary(tmp_path / "test_batch.bin", 10, seed=9)
    return tmp_path


def test_cifars_binary_files_are_read_and_learned(cifar: Path) -> None:
    task = find(f"mnist@{cifar}")
    split = split_of(f"mnist@{cifar}")
    assert [len(y) for _, y in split] == [80, 20, 10]
    assert task.address == f"mnist@{cifar.resolve()}" and task.data.checksum and task.metric.floor == 0.5
    with one_thread():
        members = (Member(0, 0.01),)
        (outcome,) = task.train(Stack(task.id, "final", "default", "", members), rb.nn.Activation("relu"))
    assert outcome.test is not None and outcome.test > 0.9
    assert find(f"mnist-residual@{cifar}").train is not task.train


def test_cifars_python_files_are_read_the_same_and_cannot_run_code(cifar: Path, tmp_path: Path) -> None:
    expected = split_of(f"mnist@{cifar}")
    other = tmp_path / "py"
    other.mkdir()
    for file in cifar.glob("*.bin"):
        table = np.frombuffer(file.read_bytes(), np.uint8).reshape(-1, 3073)
        labels = [int(v) for v in table[:, 0]]
        found = {b"data": table[:, 1:].copy(), b"labels": labels}
        (other / file.stem).write_bytes(pickle.dumps(found, protocol=2))
    split = split_of(f"mnist@{other}")
    for ours, theirs in zip(split, expected, strict=True):
        assert np.array_equal(ours[0], theirs[0]) and np.array_equal(ours[1], theirs[1])
    (other / "data_batch_1").write_bytes(pickle.dumps({b"data": Path, b"labels": []}, protocol=2))
    with pytest.raises(RheobaseError, match=r"it asks for pathlib.*instead: the binary version's"):
        find(f"mnist@{other}")


def test_one_file_of_cifar_100_is_split_by_position(tmp_path: Path) -> None:
    binary(tmp_path / "train.bin", 50, labels=2)
    assert [len(y) for _, y in split_of(f"mnist@{tmp_path / 'train.bin'}")] == [30, 10, 10]


def test_a_folder_of_images_has_a_subfolder_a_class(tmp_path: Path) -> None:
    from PIL import Image

    pixels, classes = draw(40)
    for i, (image, label) in enumerate(zip(pixels, classes, strict=True)):
        place = tmp_path / ("dark", "light")[label]
        place.mkdir(exist_ok=True)
        Image.fromarray(image.transpose(1, 2, 0)).resize((20, 24)).save(place / f"{i:02}.png")
    split = split_of(f"mnist@{tmp_path}")
    assert [len(y) for _, y in split] == [24, 8, 8] and split.train[0].shape[1:] == (SIDE // 2, SIDE // 2, 27)
    assert [y.tolist() for _, y in split][1] == [0] * 4 + [1] * 4
    for name in ("train", "test"):
        (tmp_path / "made" / name).mkdir(parents=True)
    (tmp_path / "dark").rename(tmp_path / "made/train/dark")
    (tmp_path / "light").rename(tmp_path / "made/train/light")
    for label in ("dark", "light"):
        (tmp_path / "made/test" / label).mkdir()
        for file in sorted((tmp_path / "made/train" / label).iterdir())[:3]:
            file.rename(tmp_path / "made/test" / label / file.name)
    assert [len(y) for _, y in split_of(f"mnist@{tmp_path / 'made'}")] == [28, 6, 6]
    (tmp_path / "made/train/dark/broken.png").write_bytes(b"no image")
    with pytest.raises(RheobaseError, match="cannot be read as an image"):
        find(f"mnist@{tmp_path / 'made'}")


def test_no_more_images_are_used_than_the_budget_is_made_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert [len(y) for _, y in mnist.load()] == list(own_data.MOST)
    monkeypatch.setattr(own_data, "MOST", (30, 10, 8))
    binary(tmp_path / "data_batch_1.bin", 100)
    assert [len(y) for _, y in split_of(f"mnist@{tmp_path / 'data_batch_1.bin'}")] == [30, 10, 8]


TEXT = "The quick brown fox jumps over the lazy dog; ünïcode too.\n" * 400


def test_a_text_is_read_and_learned(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text(TEXT, encoding="utf-8")
    task = find(f"text@{file}")
    assert task.id == "text@tale.txt" and 3 < task.metric.floor < 5
    assert task.fingerprint != find("text").fingerprint
    with one_thread():
        stack = Stack(task.id, "final", "default", "", (Member(0, 0.01),))
        (outcome,) = shortened(task, batches=20).train(stack, rb.nn.Activation("relu"))
    assert outcome.test is not None and outcome.test < task.metric.floor
    assert with_data(find("text-norm-free"), file).data == task.data
    file.write_text(TEXT + "More.", encoding="utf-8")
    assert find(f"text@{file}").fingerprint != task.fingerprint


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("digits@{}/tale.txt", "digits takes no data of your own; instead: text or mnist"),
        ("text@{}/none.txt", "there is nothing at"),
        ("text@{}", "is no file"),
        ("text@{}/short.txt", "a text of 5 characters is too short"),
        ("text@{}/latin.txt", "is no text in UTF-8"),
        ("mnist@{}", "there are no images in the subfolders"),
        ("mnist@{}/short.txt", "no file of CIFAR: 5 bytes are no whole records"),
        ("mnist@{}/one.bin", "holds 10 images of 1 classes"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, address: str, says: str) -> None:
    (tmp_path / "tale.txt").write_text(TEXT)
    (tmp_path / "short.txt").write_text("short")
    (tmp_path / "latin.txt").write_bytes("grün".encode("latin-1"))
    (tmp_path / "one.bin").write_bytes(bytes(10 * 3073))
    with pytest.raises(RheobaseError, match=says):
        find(address.format(tmp_path))


def test_the_data_of_every_task_come_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a task reaches for the network")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    for module in (
        importlib.import_module(f"{folder.__name__}.{m.name}") for m in pkgutil.iter_modules(folder.__path__)
    ):
        load = getattr(module, "load", None)
        if load is not None:
            assert len(load.__wrapped__()) == 3


@pytest.mark.parametrize(
    ("task", "module", "says"),
    [
        ("ecg", "pywt.data", r"PyWavelets, which is not installed; instead: pip install 'rheobase\[tasks\]'"),
        ("wine", "sklearn.datasets", r"scikit-learn, which is not installed; instead: pip install 'rheobase\[study\]'"),
    ],
)
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, task: str, module: str, says: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(RheobaseError, match=says):
        importlib.import_module(f"{folder.__name__}.{task}").load.__wrapped__()


@pytest.mark.parametrize("task", ["mnist", "sunspots", "picture"])
def test_a_missing_package_whose_file_is_read_is_named(monkeypatch: pytest.MonkeyPatch, task: str) -> None:
    monkeypatch.setattr(material, "find_spec", lambda name: None)
    module = importlib.import_module(f"{folder.__name__}.{task}")
    with pytest.raises(RheobaseError, match=r"pip install 'rheobase\[tasks\]'"):
        (module.numbers if task == "sunspots" else module.load).__wrapped__()


def test_other_data_than_those_the_task_was_made_with_are_refused() -> None:
    data = Data("Numbers", "a package", "none", "0" * 64, "none")
    with pytest.raises(RheobaseError, match=r"have the checksum 6e34\w*, expected 0000"):
        material.checked(data, b"\0")


def test_windows_of_a_series_forecast_within_their_part() -> None:
    split = material.ahead(np.arange(20.0), 3, 2, (10, 15))
    shown = [(x[0].tolist()[0], y[0].tolist()[0], len(x)) for x, y in split]
    scale = np.arange(10.0).std()
    firsts = [(x * scale + 4.5, y * scale + 4.5, n) for x, y, n in shown]
    assert [(round(a), round(b), n) for a, b, n in firsts] == [(0, 3, 6), (7, 10, 4), (12, 15, 4)]
