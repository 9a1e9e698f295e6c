"""Cluster bootstrap against a plain loop that copies the drawn films and asks scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics as sk

from core.evaluation import bootstrap
from core.evaluation.bootstrap import interval, resampled_metrics, resampling
from core.evaluation.evaluate import evaluate
from core.evaluation.types import Scores
from tests.support.scores import scores_of, seeded


@pytest.mark.parametrize(("per_patient", "digits"), [(1, 8), (3, 2), (3, 1)])
def test_each_draw_agrees_with_scikit_learn_on_the_copied_films(per_patient, digits):
    scores = seeded(0, per_patient=per_patient, digits=digits)
    samples = resampling(scores, draws=25, seed=7)
    figures = resampled_metrics(scores, 0.5, samples)
    counts = np.concatenate(list(samples.counts(4)))
    for draw in range(25):
        films = np.repeat(np.arange(len(scores)), counts[draw, samples.code(scores)])
        truth, score = scores.y_true[films], scores.y_score[films]
        verdict = score >= 0.5
        expected = {
            "sensitivity": sk.recall_score(truth, verdict),
            "specificity": sk.recall_score(truth, verdict, pos_label=0),
            "ppv": sk.precision_score(truth, verdict),
            "npv": sk.precision_score(truth, verdict, pos_label=0),
            "accuracy": sk.accuracy_score(truth, verdict),
            "f1_pneumonia": sk.f1_score(truth, verdict),
            "f1_normal": sk.f1_score(truth, verdict, pos_label=0),
            "auroc": sk.roc_auc_score(truth, score),
            "average_precision": sk.average_precision_score(truth, score),
            "brier": sk.brier_score_loss(truth, score),
        }
        assert {name: values[draw] for name, values in figures.items()} == pytest.approx(expected)


def test_draws_keep_the_number_of_patients_of_each_class():
    scores = seeded(2, per_patient=3)
    samples = resampling(scores, draws=50)
    counts = np.concatenate(list(samples.counts(50)))
    for stratum in np.unique(samples.stratum):
        assert set(counts[:, samples.stratum == stratum].sum(axis=1)) == {np.sum(samples.stratum == stratum)}


def test_draws_do_not_depend_on_the_block_nor_on_the_order_of_films():
    scores = seeded(2, per_patient=3)
    order = np.random.default_rng(0).permutation(len(scores))
    shuffled = Scores(
        sample_id=scores.sample_id[order],
        cluster_id=scores.cluster_id[order],
        y_true=scores.y_true[order],
        y_score=scores.y_score[order],
    )
    whole = np.concatenate(list(resampling(scores, draws=30).counts(30)))
    pieces = np.concatenate(list(resampling(shuffled, draws=30).counts(7)))
    np.testing.assert_array_equal(whole, pieces)


def test_draws_are_spread_evenly_over_patients():
    scores = seeded(2, n=40)
    counts = np.concatenate(list(resampling(scores, draws=4_000).counts(500)))
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.08)
    assert counts.var() == pytest.approx(1 - 1 / 20, abs=0.05)


def test_single_film_patients_give_the_ordinary_bootstrap():
    """The spread of the sensitivity is the binomial one when each film is its own patient."""
    scores = seeded(4, n=400)
    figures = resampled_metrics(scores, 0.5, resampling(scores, draws=4_000))
    p, n = evaluate(scores, 0.5, draws=10).confusion.sensitivity, scores.y_true.sum()
    assert figures["sensitivity"].std() == pytest.approx(np.sqrt(p * (1 - p) / n), rel=0.05)


def test_copies_of_a_film_under_its_patient_do_not_narrow_the_interval():
    scores = seeded(5, n=200, digits=8)
    copies = Scores(
        sample_id=np.array([f"{name}-{copy}" for copy in range(4) for name in scores.sample_id]),
        cluster_id=np.tile(scores.cluster_id, 4),
        y_true=np.tile(scores.y_true, 4),
        y_score=np.tile(scores.y_score, 4),
    )
    single, fourfold = evaluate(scores, 0.5, draws=500), evaluate(copies, 0.5, draws=500)
    for name in ("sensitivity", "specificity", "auroc", "brier"):
        assert fourfold.metrics[name].low == pytest.approx(single.metrics[name].low)
        assert fourfold.metrics[name].high == pytest.approx(single.metrics[name].high)


def test_rate_of_one_gets_wilson_on_its_patients():
    """No miss among 390 films of 202 patients bounds the miss rate by the patients, not by the films."""
    truth = [1] * 390 + [0] * 10
    patients = [f"p{i % 202}" for i in range(390)] + [f"n{i}" for i in range(10)]
    estimate = evaluate(scores_of(truth, [0.9] * 390 + [0.1] * 10, patients), 0.5, draws=50).metrics["sensitivity"]
    assert estimate.method == "Wilson on clusters"
    assert 1 - estimate.low == pytest.approx(0.01866, abs=1e-5)
    assert estimate.high == 1


def test_figure_without_spread_has_no_interval():
    estimate = interval(1.0, np.ones(100), name="auroc")
    assert np.isnan(estimate.low)
    assert estimate.method.startswith("none")


def test_figures_do_not_depend_on_the_memory_limit(monkeypatch):
    scores = seeded(6, per_patient=2)
    samples = resampling(scores, draws=40)
    whole = resampled_metrics(scores, 0.5, samples)
    monkeypatch.setattr(bootstrap, "_CELLS", 300)
    for name, values in resampled_metrics(scores, 0.5, samples).items():
        np.testing.assert_allclose(values, whole[name])
