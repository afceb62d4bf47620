"""Intervals and differences, against closed forms and simulations with their own error stated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from rheobase.study import statistics
from rheobase.study.statistics import iqm, mean_interval, paired_difference, smallest_difference

SIGMAS = 4  # a simulated share may be off by so many standard errors: one false failure in 16,000


@pytest.mark.parametrize("n", range(1, 30))
def test_iqm_is_scipys_trimmed_mean(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    assert iqm(values) == pytest.approx(stats.trim_mean(values, 0.25), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("n", [8, 10, 25])
def test_the_interval_covers_as_often_as_it_says(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Hesterberg's expansion is an approximation: 93.5 % is granted; a plain percentile interval has 90 % at n = 10.
    monkeypatch.setattr(statistics, "RESAMPLES", 1000)
    generator, repeats = np.random.default_rng(n), 1500
    covered = sum(i.low <= 0 <= i.high for i in (mean_interval(generator.normal(size=n)) for _ in range(repeats)))
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert 0.935 - SIGMAS * error < covered / repeats < 0.96 + SIGMAS * error


def test_a_placebo_of_simulated_accuracies_is_found_out_in_one_case_of_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accuracies on 449 images, ten seeds a side, both sides the same: how often do they come out different?"""
    monkeypatch.setattr(statistics, "RESAMPLES", 1000)
    generator, repeats = np.random.default_rng(0), 1000
    runs = generator.binomial(449, 0.97, size=(repeats, 2, 10)) / 449
    alarms = sum(paired_difference(a, b).excludes_zero for a, b in runs)
    assert alarms <= 67  # what 5 % allows in 1,000 at the 1 % level of the binomial


@pytest.mark.parametrize("n", [2, 3, 7])
def test_few_values_get_students_interval(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
    found = mean_interval(values)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


def test_large_samples_get_the_normals_interval() -> None:
    """At n = 400 the expansion is gone: the bootstrap agrees with ±1.96 s/√n within its Monte Carlo error of 2 %."""
    values = np.random.default_rng(0).normal(size=400)
    half = 1.96 * values.std(ddof=1) / 20
    found = mean_interval(values)
    assert found.high - found.estimate == pytest.approx(half, rel=0.05)
    assert found.estimate - found.low == pytest.approx(half, rel=0.05)


def test_pairing_removes_what_the_seeds_share() -> None:
    generator = np.random.default_rng(0)
    shared = generator.normal(size=10)
    a, b = shared + 0.1 * generator.normal(size=10) + 0.3, shared + 0.1 * generator.normal(size=10)
    assert paired_difference(a, b).excludes_zero
    assert not mean_interval(a - b[::-1]).excludes_zero


def test_it_is_the_same_bit_for_bit() -> None:
    values = np.random.default_rng(0).normal(size=10)
    assert mean_interval(values) == mean_interval(values.copy())


def test_one_value_says_nothing_of_the_spread() -> None:
    assert mean_interval([0.5]) == (0.5, -math.inf, math.inf)
    assert math.isnan(smallest_difference([1.0], [0.0]))


@pytest.mark.parametrize("n", [5, 10, 30])
def test_the_smallest_difference_is_found_in_four_cases_of_five(n: int) -> None:
    """Against the exact power of the paired t test, from the noncentral t distribution; Bloom is within 1 %."""
    a = np.random.default_rng(n).normal(size=n)
    b = np.zeros(n)
    d, s = smallest_difference(a, b), float(a.std(ddof=1))
    critical = stats.t.ppf(0.975, n - 1)
    power = stats.nct.sf(critical, n - 1, d / s * math.sqrt(n))
    assert power == pytest.approx(0.8, abs=0.01)
