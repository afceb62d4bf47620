"""Intervals and differences, against closed forms and simulations with their own error stated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from rheobase.study.statistics import (
    bootstrap,
    deviation_interval,
    deviation_ratio,
    iqm,
    mean_interval,
    overall_interval,
    paired_difference,
    probability_of_improvement,
    smallest_difference,
    stability,
    window,
)

SIGMAS = 4  # a simulated share may be off by so many standard errors: one false failure in 16,000


@pytest.mark.parametrize("n", range(1, 30))
def test_iqm_is_scipys_trimmed_mean(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    assert iqm(values) == pytest.approx(stats.trim_mean(values, 0.25), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("n", [8, 10, 25])
def test_the_interval_covers_as_often_as_it_says(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Hesterberg's expansion is an approximation: 93.5 % is granted; a plain percentile interval has 90 % at n = 10.
    monkeypatch.setattr(bootstrap, "RESAMPLES", 1000)
    generator, repeats = np.random.default_rng(n), 1500
    covered = sum(i.low <= 0 <= i.high for i in (mean_interval(generator.normal(size=n)) for _ in range(repeats)))
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert 0.935 - SIGMAS * error < covered / repeats < 0.96 + SIGMAS * error


def test_a_placebo_of_simulated_accuracies_is_found_out_in_one_case_of_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accuracies on 449 images, ten seeds a side, both sides the same: how often do they come out different?"""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 1000)
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


# Six runs of three tasks, a and b; what rliable 1.2.0 (Agarwal et al. 2021) makes of them stands in the test.
A = [
    [0.8, 0.711, 0.806, 0.738, 0.811, 0.87],
    [0.83, 0.755, 0.934, 0.849, 0.707, 0.666],
    [0.773, 0.701, 0.751, 0.836, 0.797, 0.754],
]
B = [
    [0.711, 0.726, 0.766, 0.696, 0.597, 0.669],
    [0.621, 0.623, 0.731, 0.745, 0.702, 0.856],
    [0.566, 0.777, 0.498, 0.761, 0.652, 0.669],
]


def test_aggregates_over_tasks_are_rliables() -> None:
    assert overall_interval(A).estimate == pytest.approx(0.7827222222222222, rel=1e-14)
    assert overall_interval(A, robust=True).estimate == pytest.approx(0.7815, rel=1e-14)
    assert probability_of_improvement(A, B).estimate == pytest.approx(0.8101851851851851, rel=1e-14)


def test_the_probability_of_improvement_is_mann_and_whitneys() -> None:
    expected = np.mean([stats.mannwhitneyu(a, b).statistic / 36 for a, b in zip(A, B, strict=True)])
    assert probability_of_improvement(A, B).estimate == pytest.approx(expected, rel=1e-14)
    assert probability_of_improvement(B, A).estimate == pytest.approx(1 - expected, rel=1e-14)
    assert probability_of_improvement(A, A).estimate == pytest.approx(0.5, rel=1e-14)


@pytest.mark.parametrize("n", [5, 10])
def test_intervals_over_tasks_cover_although_one_task_scatters_more(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "RESAMPLES", 500)
    generator, repeats = np.random.default_rng(n), 500
    found = [overall_interval([k * generator.normal(size=n) for k in (1, 2, 6)]) for _ in range(repeats)]
    covered = sum(i.low <= 0 <= i.high for i in found) / repeats
    error = math.sqrt(0.95 * 0.05 / repeats)
    assert 0.935 - SIGMAS * error < covered < 0.965 + SIGMAS * error


def test_one_stratum_is_the_plain_interval() -> None:
    assert overall_interval([A[0]]) == pytest.approx(mean_interval(A[0]), rel=1e-12)
    assert overall_interval([[0.5]]) == (0.5, -math.inf, math.inf)


@pytest.mark.parametrize("n", [8, 12])
def test_the_ratio_of_deviations_covers(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small samples are covered a little more often than said: 96.8 % for 8, 95.8 % for 12."""
    monkeypatch.setattr(stability, "RESAMPLES", 500)
    generator, repeats = np.random.default_rng(n), 500
    found = [deviation_ratio(generator.normal(size=n), 2 * generator.normal(size=n)) for _ in range(repeats)]
    covered = sum(i.low <= 0.5 <= i.high for i in found) / repeats
    assert 0.95 - SIGMAS * math.sqrt(0.95 * 0.05 / repeats) < covered < 0.995


def test_the_deviations_interval_is_the_chi_squares() -> None:
    values = np.random.default_rng(0).normal(size=10)
    s, low, high = deviation_interval(values)
    ends = [s * math.sqrt(9 / stats.chi2.ppf(p, 9)) for p in (0.975, 0.025)]
    assert s == np.std(values, ddof=1) and [low, high] == pytest.approx(ends, rel=1e-9)
    assert deviation_ratio([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]).high == math.inf


def test_the_window_is_measured_in_decades_between_the_crossings() -> None:
    rates = [1e-4, 1e-3, 1e-2, 1e-1]
    assert window(rates, [0.5, 0.9, 0.91, 0.71], 0.01) == (pytest.approx(1 + 0.01 / 0.2), False)
    assert window(rates, [0.90, 0.905, 0.91, 0.905], 0.01) == (3.0, True)
    assert window(rates, [math.nan, 0.9, 0.905, math.nan], 0.01) == (1.0, False)
    assert window(rates[::-1], [0.71, 0.91, 0.9, 0.5], 0.01)[0] == window(rates, [0.5, 0.9, 0.91, 0.71], 0.01)[0]
