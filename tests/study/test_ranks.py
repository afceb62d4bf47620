"""Rank tests, corrections and equivalence, against SciPy and against numbers that others have published."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from rheobase.study.statistics import (
    bayesian_signed_rank,
    critical_difference,
    friedman,
    groups,
    holm,
    signed_rank_test,
)

# Demšar 2006, JMLR 7, table 6: AUC of C4.5, with m, with cf, with both tuned, on 14 data sets. Rounded as printed, the
# last two tie on "voting", which the paper ranks 2 and 3; half a unit of the last digit gives that order back.
PLAIN = [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.0, 0.940, 0.619, 0.972, 0.957]
M = [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.0, 0.962, 0.666, 0.981, 0.978]
CF = [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.0, 0.965, 0.614, 0.9755, 0.946]
BOTH = [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.0, 0.962, 0.669, 0.975, 0.970]
TABLE = np.array([PLAIN, M, CF, BOTH]).T


def scipys(differences: np.ndarray, **how: Any) -> Any:
    """SciPy's own test, whose type stubs know less than it does."""
    return stats.wilcoxon(differences, **how)


def test_friedmans_test_gives_demsars_numbers() -> None:
    found = friedman(TABLE)
    assert [round(r, 3) for r in found.ranks] == [3.143, 2.0, 2.893, 1.964]
    assert round(found.chi_square, 2) == 9.28 and round(found.f, 2) == 3.69
    assert found.f > 2.85  # F's critical value in the paper
    assert found.p == pytest.approx(stats.friedmanchisquare(*TABLE.T).pvalue, abs=0.004)  # which corrects for ties


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)])
def test_nemenyis_critical_values_are_demsars(k: int, q: float) -> None:
    """Table 5a of the paper, for two-tailed tests at 0.05."""
    assert critical_difference(k, 14) / math.sqrt(k * (k + 1) / (6 * 14)) == pytest.approx(q, abs=1e-3)


def test_the_example_of_the_critical_difference() -> None:
    """The paper: at 0.10 the critical difference is 1.12; at 0.05, 1.25, "not powerful enough" to tell them apart."""
    assert round(critical_difference(4, 14), 2) == 1.25 and round(critical_difference(4, 14, 0.10), 2) == 1.12
    assert groups(friedman(TABLE).ranks, 1.25) == [(3, 1, 2, 0)]
    assert groups(friedman(TABLE).ranks, 1.12) == [(3, 1, 2), (2, 0)]


@pytest.mark.parametrize("seed", range(3))
def test_friedman_agrees_with_scipy_without_ties(seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(9, 5))
    found = friedman(scores)
    assert found.chi_square == pytest.approx(stats.friedmanchisquare(*scores.T).statistic, rel=1e-12)
    assert friedman(-scores, higher_is_better=False) == found


@pytest.mark.parametrize("tasks", [1, 2, 3])
def test_agreement_of_few_tasks_is_no_more_than_it_is(tasks: int) -> None:
    """Of the 3! orders on each further task one agrees with the first."""
    found = friedman([[3, 2, 1]] * tasks)
    assert found.f == math.inf or tasks == 1
    assert found.p == pytest.approx(6.0 ** (1 - tasks), abs=0.011)


def test_wilcoxons_sums_are_demsars() -> None:
    """Section 3.1.3: R+ = 93 and R− = 12, zeros being split; left out, as here, each side has 1.5 less."""
    statistic, p = signed_rank_test(np.array(M) - np.array(PLAIN))
    assert statistic == 12 - 1.5 and p < 0.05


@pytest.mark.parametrize("n", [5, 9, 14, 40])
def test_the_signed_rank_test_is_scipys_without_ties(n: int) -> None:
    d = np.random.default_rng(n).normal(0.3, 1.0, size=n)
    expected = scipys(d, method="exact")
    assert signed_rank_test(d) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_with_ties_it_counts_every_sign(seed: int) -> None:
    """SciPy's permutation method flips all signs too, if told to."""
    d = np.random.default_rng(seed).integers(-3, 5, size=9).astype(float)
    d[d == 0] = 1.0
    expected = scipys(d, method=stats.PermutationMethod(n_resamples=1000))
    assert signed_rank_test(d)[1] == pytest.approx(expected.pvalue, rel=1e-9)


def test_the_signed_rank_test_at_its_ends() -> None:
    assert signed_rank_test([1.0] * 10)[1] == 2 / 2**10
    assert signed_rank_test([0.0, 0.0]) == (0.0, 1.0)


def test_hundreds_of_pairs_get_the_normal_approximation() -> None:
    d = np.random.default_rng(0).normal(0.1, 1.0, size=201)
    found, fewer = signed_rank_test(d), signed_rank_test(d[:200])
    expected = scipys(d, method="asymptotic")
    assert found == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)
    assert fewer[1] == pytest.approx(scipys(d[:200], method="asymptotic").pvalue, rel=0.02)


def test_holm_gives_demsars_example() -> None:
    """Section 3.2.2: p of 0.016, 0.019 and 0.607 against the control; the first two are rejected at 0.05."""
    assert holm([0.016, 0.019, 0.607]) == pytest.approx((0.048, 0.048, 0.607))
    assert holm([0.607, 0.016, 0.019]) == pytest.approx((0.607, 0.048, 0.048))
    assert holm([]) == () and holm([0.9, 0.8]) == (1.0, 1.0)


# What baycomp 1.0.3 (by the paper's authors) gives with 200,000 draws, for the differences above and three regions.
BAYCOMP = [
    (M, 0.005, (0.0001, 0.0382, 0.9618)),
    (M, 0.01, (0.0, 0.3287, 0.6714)),
    (M, 0.02, (0.0, 0.8847, 0.1153)),
    (CF, 0.005, (0.3977, 0.1039, 0.4984)),
    (CF, 0.01, (0.1172, 0.6949, 0.1879)),
]


@pytest.mark.parametrize(("other", "region", "expected"), BAYCOMP, ids=lambda v: str(v)[:6])
def test_the_bayesian_signed_rank_test_is_baycomps(other: list[float], region: float, expected) -> None:
    d = np.round(other, 3) - np.array(PLAIN)
    if other is CF:
        d[12] = 0.975 - 0.972  # as printed
    found = bayesian_signed_rank(d, region)
    assert found == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 20_000 + 0.25 / 200_000))
    assert sum(found) == pytest.approx(1.0)


def test_equivalence_has_four_answers() -> None:
    generator = np.random.default_rng(0)
    noise = 0.001 * generator.normal(size=12)
    assert bayesian_signed_rank(noise + 0.02, 0.003).answer == "above"
    assert bayesian_signed_rank(noise - 0.02, 0.003).answer == "below"
    assert bayesian_signed_rank(noise, 0.003).answer == "same"
    assert bayesian_signed_rank(10 * noise, 0.003).answer == "open"
    assert bayesian_signed_rank(noise, 0.003) == bayesian_signed_rank(noise.copy(), 0.003)


def test_groups_are_maximal() -> None:
    assert groups([1.0, 2.0, 3.0], 1.5) == [(0, 1), (1, 2)]
    assert groups([1.0, 2.0, 3.0], 0.5) == [] and groups([1.0, 2.0, 3.0], 9) == [(0, 1, 2)]
