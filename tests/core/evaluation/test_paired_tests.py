"""Paired comparison against statsmodels, plain definitions and hand-made tables."""

import json

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from core.errors import InputError
from core.evaluation.bootstrap import resampled_metrics, resampling
from core.evaluation.paired_tests import (
    BOOTSTRAP_Z,
    COMPARED,
    DELONG,
    MCNEMAR,
    Candidate,
    Finding,
    compare,
    compare_all,
    delong_p,
    holm,
    mcnemar,
)
from core.evaluation.types import Estimate, Scores
from tests.core.evaluation.test_intervals import plain_delong
from tests.support.scores import scores_of, seeded


def discordant(only_a, only_b, both=10):
    right_a = np.array([True] * only_a + [False] * only_b + [True] * both)
    right_b = np.array([False] * only_a + [True] * only_b + [True] * both)
    return right_a, right_b


@pytest.mark.parametrize(("only_a", "only_b", "p"), [(121, 59, 4.4345e-6), (70, 59, 0.378688)])
def test_mcnemar_of_the_literature(only_a, only_b, p):
    assert mcnemar(*discordant(only_a, only_b)) == (only_a, only_b, pytest.approx(p, rel=1e-4))


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (0, 3), (5, 1), (8, 8), (40, 21)])
def test_mcnemar_agrees_with_statsmodels(only_a, only_b):
    expected = statsmodels_mcnemar([[10, only_a], [only_b, 0]], exact=True).pvalue
    assert mcnemar(*discordant(only_a, only_b))[2] == pytest.approx(min(expected, 1))


def test_holm_of_the_literature():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert np.isnan(holm([0.01, np.nan])[1])
    assert holm([0.01, np.nan])[0] == 0.01
    assert holm([0.6, 0.7]) == [1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_holm_agrees_with_statsmodels(seed):
    p = np.random.default_rng(seed).uniform(0, 0.1, 12).round(2)
    assert holm(list(p)) == pytest.approx(multipletests(p, method="holm")[1])


@pytest.mark.parametrize("seed", range(5))
def test_delong_test_agrees_with_its_definition(seed):
    a, b = pair_on_same_films(seed)
    aurocs, covariance = plain_delong(a.y_true, a.y_score, b.y_score)
    z = (aurocs[0] - aurocs[1]) / np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert delong_p(a, b) == pytest.approx(2 * norm.sf(abs(z)))


def pair_on_same_films(seed, noise=0.3, n=200):
    """A model and a noisier version of it, named a and b."""
    a = seeded(seed, n=n, per_patient=2)
    rng = np.random.default_rng(100 + seed)
    blurred = np.clip(np.round(a.y_score + rng.normal(scale=noise, size=n), 2), 0, 1)
    return a, scores_of(a.y_true, blurred, a.cluster_id, "b")


def test_difference_is_that_of_the_same_draws_in_both_models():
    a, b = pair_on_same_films(0)
    findings = {f.metric: f for f in compare(a, b, threshold_a=0.5, threshold_b=0.4, draws=300)}
    samples = resampling(a, draws=300)
    drawn = {m: resampled_metrics(a, 0.5, samples)[m] - resampled_metrics(b, 0.4, samples)[m] for m in COMPARED}
    for metric, finding in findings.items():
        assert (finding.difference.low, finding.difference.high) == pytest.approx(
            tuple(np.quantile(drawn[metric], [0.025, 0.975]))
        )
        assert finding.difference.low <= finding.difference.value <= finding.difference.high


def test_common_draws_make_the_paired_interval_narrower_than_independent_ones():
    a, b = pair_on_same_films(1, noise=0.05)
    paired = next(f for f in compare(a, b, threshold_a=0.5, threshold_b=0.5, draws=500) if f.metric == "auroc")
    one, other = resampling(a, draws=500, seed=1), resampling(a, draws=500, seed=2)
    drawn = resampled_metrics(a, 0.5, one)["auroc"] - resampled_metrics(b, 0.5, other)["auroc"]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert paired.difference.high - paired.difference.low < (high - low) / 2


def test_swapping_the_models_swaps_the_sign():
    a, b = pair_on_same_films(2)
    there = compare(a, b, threshold_a=0.5, threshold_b=0.5, draws=100)
    back = compare(b, a, threshold_a=0.5, threshold_b=0.5, draws=100)
    for one, other in zip(there, back, strict=True):
        assert one.difference.value == pytest.approx(-other.difference.value)
        assert one.difference.low == pytest.approx(-other.difference.high)
        assert one.p == pytest.approx(other.p)
        assert (one.only_a, one.only_b) == (other.only_b, other.only_a)


def test_order_of_films_does_not_matter():
    a, b = pair_on_same_films(3)
    order = np.random.default_rng(0).permutation(len(b))
    shuffled = Scores(
        sample_id=b.sample_id[order],
        cluster_id=b.cluster_id[order],
        y_true=b.y_true[order],
        y_score=b.y_score[order],
        name="b",
    )
    as_is = compare(a, b, threshold_a=0.5, threshold_b=0.5, draws=100)
    mixed = compare(a, shuffled, threshold_a=0.5, threshold_b=0.5, draws=100)
    for one, other in zip(as_is, mixed, strict=True):
        assert (one.p, one.only_a, one.only_b) == (pytest.approx(other.p), other.only_a, other.only_b)
        for end in ("value", "low", "high"):
            assert getattr(one.difference, end) == pytest.approx(getattr(other.difference, end))


def test_a_model_is_indistinguishable_from_itself():
    a, _ = pair_on_same_films(0)
    for finding in compare(a, a, threshold_a=0.5, threshold_b=0.5, draws=50):
        assert finding.difference == Estimate(value=0, low=0, high=0, method="cluster bootstrap")
        assert finding.p == 1
        assert not finding.distinguishable


def test_mcnemar_counts_films_of_its_class_alone():
    a = scores_of([1, 1, 1, 0, 0], [0.9, 0.9, 0.1, 0.9, 0.1], name="a")
    b = scores_of([1, 1, 1, 0, 0], [0.1, 0.1, 0.9, 0.1, 0.1], name="b")
    found = {f.metric: (f.only_a, f.only_b) for f in compare(a, b, threshold_a=0.5, threshold_b=0.5, draws=20)}
    assert found["sensitivity"] == (2, 1)
    assert found["specificity"] == (0, 1)
    assert found["accuracy"] == (2, 2)
    assert found["auroc"] == (None, None)


def test_holm_runs_over_the_pairs_of_each_figure():
    a, b = pair_on_same_films(0)
    _, c = pair_on_same_films(0, noise=0.8)
    c = scores_of(c.y_true, c.y_score, c.cluster_id, "c")
    findings = compare_all([Candidate(scores=s, threshold=0.5) for s in (a, b, c)], draws=200)
    assert len(findings) == 3 * len(COMPARED)
    for metric in COMPARED:
        of_metric = [f for f in findings if f.metric == metric]
        assert [f.p_adjusted for f in of_metric] == pytest.approx(holm([f.p for f in of_metric]))
    assert {(f.a, f.b): f.difference.value for f in findings if f.metric == "auroc"}["a", "c"] > 0.1
    assert all(f.difference.low <= f.difference.high for f in findings)
    json.dumps([f.to_dict() for f in findings], allow_nan=False)


def test_different_films_are_refused():
    a, _ = pair_on_same_films(0)
    with pytest.raises(InputError, match="different films"):
        compare(a, seeded(0, n=100), threshold_a=0.5, threshold_b=0.5)


def test_a_handful_of_films_ranks_and_judges_no_models_apart():
    perfect = scores_of([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], name="a")
    inverse = scores_of([0, 0, 1, 1], [0.9, 0.8, 0.2, 0.1], name="b")
    findings = compare(perfect, inverse, threshold_a=0.5, threshold_b=0.5, draws=50)
    assert not any(finding.distinguishable for finding in findings if finding.metric != "brier")
    assert np.isnan(next(f for f in findings if f.metric == "auroc").p_adjusted)


def finding(low, high, p):
    difference = Estimate(value=0.012, low=low, high=high, method="cluster bootstrap")
    return Finding(a="A", b="B", metric="auroc", difference=difference, test="t", p=p, p_adjusted=p, only_a=3, only_b=5)


@pytest.mark.parametrize(
    ("low", "high", "p", "distinguishable"),
    [
        (0.003, 0.021, 0.001, True),
        (-0.021, -0.003, 0.001, True),
        (0.0, 0.021, 0.001, False),
        (-0.021, 0.0, 0.001, False),
        (-0.003, 0.021, 0.001, False),
        (0.003, 0.021, 0.0499, True),
        (0.003, 0.021, 0.05, False),
        (0.003, 0.021, float("nan"), False),
    ],
)
def test_models_differ_only_if_interval_and_adjusted_p_agree(low, high, p, distinguishable):
    assert finding(low, high, p).distinguishable is distinguishable
    assert finding(low, high, p).to_dict()["distinguishable"] is distinguishable


def test_a_swapped_finding_has_the_second_model_first():
    given = finding(-0.003, 0.021, 0.2)
    swapped = given.swapped()
    assert (swapped.a, swapped.b, swapped.only_a, swapped.only_b) == ("B", "A", 5, 3)
    assert swapped.difference == Estimate(value=-0.012, low=-0.021, high=0.003, method="cluster bootstrap")
    assert swapped.swapped() == given


def test_a_seed_and_a_number_of_draws_make_the_same_intervals_again() -> None:
    a, b = pair_on_same_films(0)
    pair = [Candidate(scores=a, threshold=0.5), Candidate(scores=b, threshold=0.4)]
    found = compare(a, b, threshold_a=0.5, threshold_b=0.4, draws=60, seed=5)
    assert found == compare_all(pair, draws=60, seed=5)
    assert found != compare_all(pair, draws=60, seed=0) == compare_all(pair, draws=60)
    assert compare(a, b, threshold_a=0.5, threshold_b=0.4, draws=60) == compare_all(pair, draws=60)


def test_each_figure_has_its_test_and_the_brier_score_the_z_of_its_draws():
    a, b = pair_on_same_films(0)
    found = {f.metric: f for f in compare(a, b, threshold_a=0.5, threshold_b=0.4, draws=80)}
    assert {name: f.test for name, f in found.items()} == {
        "sensitivity": MCNEMAR,
        "specificity": MCNEMAR,
        "accuracy": MCNEMAR,
        "auroc": DELONG,
        "brier": BOOTSTRAP_Z,
    }
    samples = resampling(a, draws=80)
    drawn = resampled_metrics(a, 0.5, samples)["brier"] - resampled_metrics(b, 0.4, samples)["brier"]
    assert found["brier"].p == pytest.approx(2 * norm.sf(abs(found["brier"].difference.value) / drawn.std()))
    assert found["auroc"].p == pytest.approx(delong_p(a, b))
