"""Metrics against scikit-learn and against values of the literature."""

import numpy as np
import pytest
import sklearn.metrics as sk

from core.evaluation import metrics
from core.evaluation.metrics import METRICS, Confusion, confusion
from tests.support.scores import scores_of, seeded

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_agree_with_scikit_learn(seed):
    scores = seeded(seed, digits=1 + seed % 3)
    truth, score = scores.y_true, scores.y_score
    verdict = score >= 0.4
    counts = confusion(scores, 0.4)

    assert (counts.tn, counts.fp, counts.fn, counts.tp) == tuple(sk.confusion_matrix(truth, verdict).ravel())
    assert counts.sensitivity == pytest.approx(sk.recall_score(truth, verdict))
    assert counts.specificity == pytest.approx(sk.recall_score(truth, verdict, pos_label=0))
    assert counts.ppv == pytest.approx(sk.precision_score(truth, verdict))
    assert counts.npv == pytest.approx(sk.precision_score(truth, verdict, pos_label=0))
    assert counts.accuracy == pytest.approx(sk.accuracy_score(truth, verdict))
    assert counts.f1_pneumonia == pytest.approx(sk.f1_score(truth, verdict))
    assert counts.f1_normal == pytest.approx(sk.f1_score(truth, verdict, pos_label=0))
    assert metrics.auroc(scores) == pytest.approx(sk.roc_auc_score(truth, score))
    assert metrics.average_precision(scores) == pytest.approx(sk.average_precision_score(truth, score))
    assert metrics.brier(scores) == pytest.approx(sk.brier_score_loss(truth, score))


@pytest.mark.parametrize("seed", SEEDS)
def test_curves_agree_with_scikit_learn(seed):
    scores = seeded(seed)
    false_positive_rate, sensitivity, threshold = sk.roc_curve(scores.y_true, scores.y_score, drop_intermediate=False)
    roc = metrics.roc_curve(scores)
    np.testing.assert_allclose(roc["false_positive_rate"], false_positive_rate)
    np.testing.assert_allclose(roc["sensitivity"], sensitivity)
    np.testing.assert_allclose(roc["specificity"], 1 - false_positive_rate)
    np.testing.assert_array_equal(roc["threshold"], threshold)

    precision, recall, threshold = sk.precision_recall_curve(scores.y_true, scores.y_score)
    curve = metrics.precision_recall_curve(scores)
    np.testing.assert_allclose(curve["precision"], precision[:-1][::-1])
    np.testing.assert_allclose(curve["recall"], recall[:-1][::-1])
    np.testing.assert_array_equal(curve["threshold"], threshold[::-1])


def test_classification_report_agrees_with_scikit_learn():
    scores = seeded(3)
    ours = metrics.classification_report(confusion(scores, 0.5)).set_index("row")
    theirs = sk.classification_report(
        scores.y_true, scores.y_score >= 0.5, target_names=["normal", "pneumonia"], output_dict=True
    )
    for row, other in (
        ("normal",) * 2,
        ("pneumonia",) * 2,
        ("macro average", "macro avg"),
        ("weighted average", "weighted avg"),
    ):
        for column, name in (("precision",) * 2, ("recall",) * 2, ("f1", "f1-score"), ("support",) * 2):
            assert ours.loc[row, column] == pytest.approx(theirs[other][name])
    assert ours.loc["accuracy", "f1"] == pytest.approx(theirs["accuracy"])


def test_brier_and_ece_of_the_literature():
    assert metrics.brier(scores_of([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3])) == pytest.approx(0.0375)
    assert metrics.ece(scores_of([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75]), bins=2) == pytest.approx(0.29)


def test_score_at_the_threshold_is_positive():
    counts = confusion(scores_of([0, 1], [0.5, 0.5]), 0.5)
    assert counts == Confusion(tp=1, fp=1, tn=0, fn=0)


def test_undefined_figures_are_nan():
    only_normal = scores_of([0, 0], [0.1, 0.9])
    counts = confusion(only_normal, 1.1)
    assert np.isnan([counts.sensitivity, counts.ppv, counts.f1_pneumonia]).all()
    assert counts.specificity == 1
    assert np.isnan([metrics.auroc(only_normal), metrics.average_precision(only_normal)]).all()


def test_every_metric_has_a_title_and_a_sentence():
    assert set(Confusion(tp=1, fp=1, tn=1, fn=1).rates) <= set(METRICS)
    for metric in METRICS.values():
        assert metric.title
        assert metric.meaning.endswith(".")
        assert metric.better == ("lower" if metric.name in {"brier", "ece"} else "higher")
