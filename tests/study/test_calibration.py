"""The method checked by itself, in small; `rheobase study calibrate` does the same at full size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rheobase.study import calibration, power_words
from rheobase.study.calibration import Check, allowed, needed, planted, real_placebos, simulated_looks
from rheobase.study.statistics import bootstrap, seeds_for_holm, seeds_needed
from rheobase.study.tuning import Tuner, Way


@pytest.mark.parametrize("count", [40, 100, 1000])
def test_the_limits_are_the_binomials(count: int) -> None:
    assert stats.binom.sf(allowed(count), count, 0.05) <= 0.01 < stats.binom.sf(allowed(count) - 1, count, 0.05)
    assert stats.binom.cdf(needed(count) - 1, count, 0.9) <= 0.01 < stats.binom.cdf(needed(count), count, 0.9)
    assert allowed(1000) == 67 and allowed(40) == 6


def test_simulated_placebos_stay_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "RESAMPLES", 1000)
    check = calibration.simulated_placebos(400)
    assert check.passed and 0 < check.found <= check.limit == allowed(400)


def test_looking_twelve_times_costs_nothing_more() -> None:
    check = simulated_looks(200)
    assert check.passed and check.found > 0


def test_a_method_that_is_wrong_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking twelve times at an interval that is made for one look: about one comparison in five alarms."""
    monkeypatch.setattr(calibration, "student_interval", lambda d, _: bootstrap.student_interval(d, 0.95))
    assert not simulated_looks(200).passed
    monkeypatch.setattr(bootstrap, "expanded_level", lambda *_: 0.1)
    monkeypatch.setattr(bootstrap, "RESAMPLES", 500)
    assert not calibration.simulated_placebos(200).passed


def test_real_placebos_and_planted_effects(tiny_address: str, tmp_path: Path) -> None:
    found, differences = real_placebos(["relu", "tanh", "max(x, 0)"], tiny_address, 8, tmp_path / "s.sqlite", workers=0)
    assert found.of == 2 and found.found <= 2 and len(differences) == 2
    assert all(len(d) == 8 and d.std() > 0 for d in differences)
    # Ten points on a task whose differences scatter by about four.
    check = planted(differences, 10.0, 200)
    assert check.passed and not check.at_most


def test_an_effect_that_is_not_there_is_not_found() -> None:
    noise = [np.random.default_rng(0).normal(size=40)]
    none = planted(noise, 1e-3, 20)  # no number of seeds finds it, so as many as there are
    assert not none.passed


def test_a_check_knows_its_side() -> None:
    assert Check("a", 5, 10, 5, True).passed and not Check("a", 6, 10, 5, True).passed
    assert Check("a", 5, 10, 5, False).passed and not Check("a", 4, 10, 5, False).passed


def test_the_table_of_seeds_takes_the_correction_into_account() -> None:
    headings, rows = power_words.table({"a": 0.6, "b": 0.0}, [0.3, 1.0], 0.9, 1)
    assert headings[2:] == ["0.3 points", "1 points"]
    assert rows[0] == ["a", "0.60", str(seeds_needed(0.3, 0.6)), str(seeds_needed(1.0, 0.6))]
    corrected = power_words.table({"a": 0.6, "b": 0.0}, [0.3, 1.0], 0.9, 8)[1]
    assert int(corrected[0][2]) > int(rows[0][2]) and corrected[1][2] == str(seeds_for_holm(8))


@pytest.mark.parametrize("way", ["grid", "halving"])
def test_a_tuning_of_its_own_for_each_side_raises_no_alarm(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "RESAMPLES", 500)
    check = calibration.simulated_tuning(200, 10, way)
    assert check.passed and check.found > 0 and way in check.note


def test_a_tuning_that_picks_the_best_of_a_noisy_grid_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rates that the seeds cannot tell apart differ in truth, picking one of them looks like an effect."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 500)
    monkeypatch.setattr(calibration, "BY_RATE", (0.95, 0.969, 0.974, 0.971, 0.951, 0.287))
    monkeypatch.setattr(calibration, "SCATTER", 0.012)
    monkeypatch.setattr(Tuner, "choice", lambda self, tried: max(tried, key=lambda t: t.outcome.validation).arm)
    assert not calibration.simulated_tuning(200, 20, "grid").passed
