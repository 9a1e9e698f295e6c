"""The prevalence baseline ranks nothing and is calibrated on films of its own prevalence."""

import numpy as np
import pytest

from core.evaluation.baselines import prevalence_baseline
from core.evaluation.evaluate import evaluate
from tests.support.scores import seeded


def test_prevalence_ranks_nothing():
    scores = seeded(0)
    share = float(scores.y_true.mean())
    evaluation = evaluate(prevalence_baseline(scores, share), 0.5, draws=50)
    assert evaluation.metrics["auroc"].value == 0.5
    assert np.isnan(evaluation.metrics["auroc"].low)
    assert evaluation.metrics["ece"].value == pytest.approx(0, abs=1e-12)
    assert evaluation.metrics["brier"].value == pytest.approx(share * (1 - share))
    assert evaluation.confusion.sensitivity == 1
