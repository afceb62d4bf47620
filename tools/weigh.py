"""Weigh the packages that docs/decisions speaks of: what each brings along, how big that is, how long its import takes.

    python tools/weigh.py            writes docs/decisions/weighed.csv (needs the network, some 10 minutes, 5 GB)
    python tools/weigh.py numba deap weighs these again

Each is installed alone into a fresh environment; the import is the fastest of five, less an empty interpreter's.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

TABLE = Path(__file__).parents[1] / "docs/decisions/weighed.csv"
FIELDS: list[str] = ["package", "version", "packages", "megabytes", "import_seconds"]
MODULES = {
    "sympy": "sympy",
    "mlflow": "mlflow",
    "hydra-core": "hydra",
    "sqlalchemy": "sqlalchemy",
    "lightning": "lightning",
    "deap": "deap.gp",
    "numba": "numba",
    "sqlite-utils": "sqlite_utils",
    "streamlit": "streamlit",
    "gradio": "gradio",
    "rliable": "rliable.library",
    "ray": "ray",
}


def weigh(package: str) -> dict[str, str]:
    """The row of one package."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        venv.create(home, with_pip=True)
        python, empty = str(home / "bin/python"), _megabytes(home)
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", package], check=True)
        listed = subprocess.run([*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True).stdout
        versions = dict(line.lower().split("==") for line in listed.splitlines() if "==" in line)
        brought = {name for name in versions if name not in ("pip", "setuptools", package.replace("_", "-"))}
        try:
            seconds = f"{_seconds(python, f'import {MODULES[package]}') - _seconds(python, 'pass'):.2f}"
        except subprocess.CalledProcessError:  # what it requires has moved on without it
            seconds = "fails"
        return {
            "package": package,
            "version": versions[package],
            "packages": str(len(brought)),
            "megabytes": str(round(_megabytes(home) - empty)),
            "import_seconds": seconds,
        }


def _megabytes(folder: Path) -> float:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 1e6


def _seconds(python: str, code: str) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([python, "-c", code], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main(packages: list[str]) -> None:
    rows: dict[str, dict[str, str]] = {}
    if TABLE.exists():
        with TABLE.open(newline="") as file:
            rows = {row["package"]: row for row in csv.DictReader(file)}
    for package in packages or MODULES:
        rows[package] = weigh(package)
        print(" ".join(rows[package].values()), flush=True)
        with TABLE.open("w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[p] for p in MODULES if p in rows)


if __name__ == "__main__":
    main(sys.argv[1:])
