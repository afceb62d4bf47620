"""What the benchmarks of `init_` recorded: deep networks that train by theory alone."""

from __future__ import annotations

import csv
import math
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks/results"


def recorded(name: str) -> list[dict[str, str]]:
    """The lines of a table, its first line apart."""
    with (RESULTS / name).open(encoding="utf-8") as file:
        next(file)
        return list(csv.DictReader(file))


def test_beside_anyinit_as_the_documentation_tells() -> None:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in recorded("initialise.csv"):
        found.setdefault((row["table"], row["tool"]), {})[row["case"]] = row["value"]
    own, other = found["moments", "rheobase"], {k: float(v) for k, v in found["moments", "anyinit"].items()}
    exact = [name for name, error in other.items() if error < 1e-15]
    assert all(float(error) < 1e-15 for error in own.values()) and (len(own), len(exact)) == (14, 7)
    assert all(2e-6 < error < 0.025 for name, error in other.items() if name not in exact)
    graphs = {
        tool: [len(set(v.split("/"))) == 1 for v in found["graphs", tool].values()] for tool in ("rheobase", "anyinit")
    }
    assert {tool: (sum(all_), len(all_)) for tool, all_ in graphs.items()} == {"rheobase": (10, 10), "anyinit": (7, 10)}
    powers = {tool: {k: float(v) for k, v in of.items()} for (table, tool), of in found.items() if table == "gradients"}
    for name in ("sigmoid", "softplus", "relu", "gelu"):
        assert abs(powers["rheobase"][name]) < math.log10(5) and powers["default"][name] < -16
        for tool in ("anyinit analytic", "anyinit empirical"):
            power = powers[tool][name]
            assert -12 < power < -8 if name in ("sigmoid", "softplus") else abs(power) < math.log10(5)
    assert not any(math.isfinite(powers[tool]["relu(x)**3"]) for tool in powers if tool != "default")


def test_fifty_layers_train_by_theory_where_the_default_fails() -> None:
    """The whole interval of each function against that of its default start; chance is 10 %."""
    rows = {row["function"]: row for row in recorded("deep.csv")}
    for name, least in {"sigmoid": 92, "tanh": 95, "relu": 75}.items():
        assert float(rows[name]["theory_low"]) > least
    assert all(int(row["seeds"]) >= 10 and float(row["default_high"]) < 19 for row in rows.values())
    not_trained = {name for name, row in rows.items() if not float(row["theory_low"]) > 60}
    assert not_trained == {"starrelu", "penalized_tanh", "nlrelu"} and len(rows) == 41
