"""Seeds and looks: what a number of seeds can show, and what looking more than once costs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import stdtrit

from rheobase.study.statistics import (
    boundaries,
    detection_power,
    reaches,
    schedule,
    seeds_for_holm,
    seeds_needed,
    signed_rank_test,
)
from rheobase.study.statistics.sequential import o_brien_fleming, pocock


@pytest.mark.parametrize(("d", "power", "n"), [(0.2, 0.8, 199), (0.5, 0.8, 34), (0.8, 0.8, 15), (0.5, 0.9, 44)])
def test_seeds_needed_are_those_of_the_tables(d: float, power: float, n: int) -> None:
    """Two-sided paired t test at 0.05, as G*Power 3.1 gives them (Faul et al. 2007)."""
    assert seeds_needed(d, 1.0, power=power) == n
    assert detection_power(d, 1.0, n) >= power > detection_power(d, 1.0, n - 1)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_the_power_is_that_of_the_noncentral_t(n: int) -> None:
    critical, shift = stats.t.ppf(0.975, n - 1), 0.7 * math.sqrt(n)
    expected = stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)
    assert detection_power(0.7, 1.0, n) == pytest.approx(expected, abs=1e-8)
    assert detection_power(-0.7, 1.0, n) == pytest.approx(expected, abs=1e-8)


def test_power_at_its_ends() -> None:
    assert detection_power(1.0, 0.0, 5) == 1.0 and detection_power(0.0, 0.0, 5) == 0.05
    assert detection_power(1.0, 1e-9, 5) == 1.0 and detection_power(1.0, 1.0, 1) == 0.0
    assert seeds_needed(1.0, 0.0) == 2 and seeds_needed(1e-9, 1.0) is None
    assert detection_power(0.0, 1.0, 10) == pytest.approx(0.05, abs=1e-9)


def test_a_simulated_difference_is_found_as_often_as_said() -> None:
    n, generator, repeats = seeds_needed(0.01, 0.02), np.random.default_rng(0), 4000
    assert n is not None
    d = generator.normal(0.01, 0.02, size=(repeats, n))
    t = d.mean(axis=1) / (d.std(axis=1, ddof=1) / math.sqrt(n))
    found = (np.abs(t) > stats.t.ppf(0.975, n - 1)).mean()
    assert found == pytest.approx(detection_power(0.01, 0.02, n), abs=4 * math.sqrt(0.09 / repeats))


@pytest.mark.parametrize("comparisons", [1, 3, 8, 39, 500])
def test_holm_is_reached_where_the_smallest_p_value_says_so(comparisons: int) -> None:
    n = seeds_for_holm(comparisons)
    assert reaches(n, comparisons) and not reaches(n - 1, comparisons)
    assert comparisons * signed_rank_test(np.ones(n))[1] <= 0.05 < comparisons * signed_rank_test(np.ones(n - 1))[1]


def test_boundaries_are_the_published_ones() -> None:
    """Five equal looks at a two-sided 0.05, from the programs of Reboussin, DeMets, Kim & Lan 2000."""
    looks = [0.2, 0.4, 0.6, 0.8, 1.0]
    obf = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]
    assert boundaries(looks, spending=o_brien_fleming) == pytest.approx(obf, abs=2e-4)
    assert boundaries(looks, spending=pocock) == pytest.approx([2.4380, 2.4268, 2.4101, 2.3966, 2.3859], abs=2e-4)
    assert boundaries([1.0]) == pytest.approx([1.959964], abs=1e-6)


@pytest.mark.parametrize(("most", "step"), [(20, 5), (60, 5)])
def test_a_schedule_keeps_its_error_rate(most: int, step: int) -> None:
    """Known variance: 5 % exactly. Unknown, with Student's quantile in its place: up to 5.5 % is granted."""
    looks, generator, repeats = schedule(most, step, step), np.random.default_rng(most), 8000
    x = generator.normal(size=(repeats, most))
    known, student = np.zeros(repeats, bool), np.zeros(repeats, bool)
    for n, level in zip(*looks, strict=True):
        mean = np.abs(x[:, :n].mean(axis=1)) * math.sqrt(n)
        known |= mean > -stats.norm.ppf(level / 2)
        student |= mean > -stdtrit(n - 1, level / 2) * x[:, :n].std(axis=1, ddof=1)
    error = 4 * math.sqrt(0.05 * 0.95 / repeats)
    assert known.mean() == pytest.approx(0.05, abs=error)
    assert 0.05 - error < student.mean() < 0.055 + error


def test_a_schedule_ends_at_the_most_and_knows_its_levels() -> None:
    looks = schedule(23, 5, 5)
    assert looks.seeds == (5, 10, 15, 20, 23)
    assert looks.confidence(5) == 1 - looks.levels[0] > 0.95
    assert schedule(5).levels == pytest.approx((0.05,))
