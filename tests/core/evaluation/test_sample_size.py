"""Zero-miss sample size and the limit of the miss rate against the literature and the binomial law."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from core.evaluation.sample_size import films_without_miss, highest_miss_rate


@pytest.mark.parametrize(("sensitivity", "films"), [(0.99, 299), (0.995, 598), (0.999, 2995)])
def test_films_of_the_literature(sensitivity, films):
    assert films_without_miss(sensitivity) == films
    assert sensitivity**films <= 0.05 < sensitivity ** (films - 1)


@pytest.mark.parametrize(("films", "limit"), [(390, 0.0077), (202, 0.0147)])
def test_no_miss_among_the_test_films_and_among_their_patients(films, limit):
    assert highest_miss_rate(films) == pytest.approx(limit, abs=5e-5)


@pytest.mark.parametrize("films", [1, 20, 390, 10_000])
def test_limit_agrees_with_statsmodels(films):
    exact = proportion_confint(0, films, alpha=0.1, method="beta")[1]  # two-sided 90 % is one-sided 95 %
    assert highest_miss_rate(films) == pytest.approx(exact)


def test_no_film_limits_nothing():
    assert highest_miss_rate(0) == 1
