"""Wilson and DeLong against reference values and plain definitions."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from core.evaluation.intervals import auroc_interval, delong, wilson
from core.evaluation.metrics import auroc
from tests.support.scores import scores_of, seeded


@pytest.mark.parametrize(("count", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (0, 20, 0, 0.1611)])
def test_wilson_of_the_literature(count, n, low, high):
    estimate = wilson(count, n)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)
    assert estimate.value == count / n


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (3, 10), (390, 390), (167, 234), (0.8, 1)])
def test_wilson_agrees_with_statsmodels(count, n):
    estimate = wilson(count, n)
    assert (estimate.low, estimate.high) == pytest.approx(proportion_confint(count, n, method="wilson"))
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_wilson_of_nothing_is_undefined():
    assert np.isnan(wilson(0, 0).value)


def plain_delong(y_true, first, second):
    """Placements by their O(m n) definition: psi is 1, 1/2 or 0 for each pair of a positive and a negative."""
    placements = []
    for score in (first, second):
        positive, negative = score[y_true == 1][:, None], score[y_true == 0][None, :]
        psi = (positive > negative) + 0.5 * (positive == negative)
        placements.append((psi.mean(axis=1), psi.mean(axis=0)))
    aurocs = [of_positives.mean() for of_positives, _ in placements]
    covariance = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            parts = []
            for side in range(2):
                a, b = placements[i][side], placements[j][side]
                parts.append(((a - a.mean()) * (b - b.mean())).sum() / (len(a) - 1) / len(a))
            covariance[i, j] = sum(parts)
    return aurocs, covariance


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("digits", [1, 2, 8])
def test_delong_agrees_with_its_definition(seed, digits):
    first, second = seeded(seed, digits=digits), seeded(seed, digits=digits, shift=0.5)
    aurocs, covariance = delong(first.y_true, [first.y_score, second.y_score])
    expected_aurocs, expected_covariance = plain_delong(first.y_true, first.y_score, second.y_score)
    np.testing.assert_allclose(aurocs, expected_aurocs)
    np.testing.assert_allclose(covariance, expected_covariance, atol=1e-15)


def test_auroc_interval_stands_around_the_auroc():
    scores = seeded(1)
    estimate = auroc_interval(scores)
    assert estimate.value == pytest.approx(auroc(scores))
    assert estimate.low < estimate.value < estimate.high <= 1


def test_perfect_auroc_has_no_interval():
    estimate = auroc_interval(scores_of([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]))
    assert estimate.value == 1
    assert np.isnan(estimate.low)
