"""What probabilities add up to: the prevalence where they are calibrated, more where normals score like pneumonias."""

import numpy as np
import pytest

from core.evaluation.calibration import Calibration, fit_sigmoid
from core.evaluation.types import Scores
from core.evidence.prevalence import PREVALENCES, mean_probability_at
from core.runs.store import list_runs, served


def drawn(seed: int, moved: float = 0.0, n: int = 2_000) -> Scores:
    """Normal scores on the logit scale; `moved` shifts those of normal films towards pneumonia."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.6).astype(np.int64)
    logit = rng.normal(3.0 * (truth - 0.5) + moved * (1 - truth))
    names = np.array([f"film-{i}" for i in range(n)])
    return Scores(sample_id=names, cluster_id=names, y_true=truth, y_score=1 / (1 + np.exp(-logit)))


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return fit_sigmoid(drawn(0, n=20_000))


def test_a_calibrated_model_says_the_prevalence(calibration) -> None:
    found = mean_probability_at(calibration, drawn(1))
    assert [one.value for one in found.values()] == pytest.approx(list(PREVALENCES), abs=0.02)
    inside = [one.low <= prevalence <= one.high for prevalence, one in found.items()]
    assert np.mean(inside) >= 0.8


def test_normals_that_look_ill_inflate_what_is_said(calibration) -> None:
    found = mean_probability_at(calibration, drawn(2, moved=1.0))
    assert all(one.low > prevalence for prevalence, one in found.items())
    assert found[0.16].value > 0.22


def test_the_value_is_the_weighted_mean_of_the_classes() -> None:
    run = served(list_runs()[0])
    scores = run.scores("test")
    at_own = mean_probability_at(run.calibration, scores, [run.calibration.prevalence])[run.calibration.prevalence]
    probability = run.calibration.apply(scores.y_score)
    share = run.calibration.prevalence
    means = [probability[scores.y_true == label].mean() for label in (0, 1)]
    assert at_own.value == pytest.approx((1 - share) * means[0] + share * means[1])
    assert at_own.low < at_own.value < at_own.high
