"""Calibration against scikit-learn, and the arithmetic of prevalence."""

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from core.errors import InputError
from core.evaluation.calibration import (
    FITTERS,
    Calibration,
    choose_calibration,
    fit_isotonic,
    fit_sigmoid,
    fit_temperature,
    logit,
    npv_at,
    ppv_at,
    reliability,
    shift_prevalence,
)
from core.evaluation.metrics import brier, ece
from tests.support.scores import scores_of, seeded

GRID = np.linspace(0, 1, 101)


def overconfident(seed=0, n=4_000):
    """Scores whose logit is twice as large as it should be."""
    rng = np.random.default_rng(seed)
    probability = rng.uniform(0.05, 0.95, n)
    y_true = (rng.random(n) < probability).astype(int)
    odds = probability / (1 - probability)
    return scores_of(y_true, odds**2 / (1 + odds**2))


@pytest.mark.parametrize("seed", range(3))
def test_sigmoid_agrees_with_logistic_regression_on_platts_targets(seed):
    """A film with target t is a positive of weight t and a negative of weight 1 - t."""
    scores = seeded(seed)
    positives, negatives = scores.y_true.sum(), (1 - scores.y_true).sum()
    target = np.where(scores.y_true == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    x = logit(scores.y_score)[:, None]
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(
        np.vstack([x, x]),
        np.repeat([1, 0], len(scores)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    ours = fit_sigmoid(scores).apply(GRID)
    np.testing.assert_allclose(ours, oracle.predict_proba(logit(GRID)[:, None])[:, 1], atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_isotonic_agrees_with_scikit_learn(seed):
    scores = seeded(seed)
    oracle = IsotonicRegression(out_of_bounds="clip").fit(scores.y_score, scores.y_true)
    np.testing.assert_allclose(fit_isotonic(scores).apply(GRID), oracle.predict(GRID))


def test_temperature_agrees_with_scikit_learn():
    scores = seeded(1, digits=8)
    x = logit(scores.y_score)[:, None]
    model = LogisticRegression().fit(x, scores.y_true)
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])  # its decision function is our logit
    oracle = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(x, scores.y_true)
    ours = fit_temperature(scores).apply(scores.y_score)
    np.testing.assert_allclose(ours, oracle.predict_proba(x)[:, 1], atol=1e-4)


def test_known_temperature_is_found_and_calibration_mends_the_scores():
    scores = overconfident()
    assert fit_temperature(scores).parameters["temperature"] == pytest.approx(2, rel=0.1)
    for fit in (fit_sigmoid, fit_isotonic, fit_temperature):
        mended = scores_of(scores.y_true, fit(scores).apply(scores.y_score))
        assert brier(mended) < brier(scores)
        assert ece(mended) < ece(scores) / 3


@pytest.mark.parametrize("method", FITTERS)
def test_every_method_is_json_monotone_and_safe_at_the_ends(method):
    scores = scores_of([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0])  # separable, with scores of exactly 0 and 1
    fitted = FITTERS[method](scores)
    again = Calibration(**json.loads(json.dumps(fitted.to_dict(), allow_nan=False)))
    probability = again.apply(GRID)
    np.testing.assert_array_equal(probability, fitted.apply(GRID))
    assert (np.diff(probability) >= 0).all()
    assert ((probability >= 0) & (probability <= 1)).all()
    assert isinstance(again.apply(0.3), float)
    assert again.apply(0.3) == pytest.approx(again.apply(np.array([0.3]))[0])


@pytest.mark.parametrize("method", FITTERS)
def test_one_class_is_refused(method):
    with pytest.raises(InputError, match="both classes"):
        FITTERS[method](scores_of([1, 1], [0.2, 0.9]))


def test_reliability_counts_every_film_once():
    table = reliability(seeded(0), bins=5)
    assert table["n"].sum() == 120
    assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
    assert ((table["bin_low"] <= table["mean_score"]) & (table["mean_score"] <= table["bin_high"])).all()


def test_prevalence_arithmetic_of_the_literature():
    assert float(ppv_at(0.15, sensitivity=0.95, specificity=0.90)) == pytest.approx(0.6264, abs=5e-5)
    assert float(npv_at(0.15, sensitivity=0.95, specificity=0.90)) == pytest.approx(0.9903, abs=5e-5)
    assert shift_prevalence(0.5, old=0.74, new=0.15) == pytest.approx(0.0584, abs=5e-5)


def test_shift_there_and_back_changes_nothing():
    np.testing.assert_allclose(shift_prevalence(shift_prevalence(GRID, old=0.7, new=0.1), old=0.1, new=0.7), GRID)


def test_serving_needs_numpy_alone():
    code = (
        "import sys, core.evaluation.metrics, core.evaluation.threshold\n"
        "from core.evaluation.calibration import Calibration\n"
        "from core.evaluation.conformal import ConformalRule\n"
        "Calibration(method='isotonic', prevalence=.5, parameters={'score': [0, 1], 'probability': [0, 1]}).apply(.5)\n"
        "ConformalRule(alpha=.1, highest_normal=.4, lowest_pneumonia=.6).predict_set(.5)\n"
        "print(sorted({'scipy', 'sklearn', 'statsmodels', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_choice_is_the_method_that_is_best_on_other_patients():
    scores = overconfident(n=2_000)
    chosen, losses = choose_calibration(scores)
    assert set(losses) == set(FITTERS)
    assert losses["none"] > losses["temperature"]
    assert chosen.method == min(losses, key=losses.get)
    assert chosen.to_dict() == FITTERS[chosen.method](scores).to_dict()


def test_choice_keeps_scores_that_are_calibrated_already_nearly_as_they_are():
    rng = np.random.default_rng(0)
    probability = rng.uniform(0, 1, 2_000)
    scores = scores_of(rng.random(2_000) < probability, probability)
    chosen, losses = choose_calibration(scores)
    assert losses[chosen.method] <= losses["none"]
    np.testing.assert_allclose(chosen.apply(GRID), GRID, atol=0.05)
