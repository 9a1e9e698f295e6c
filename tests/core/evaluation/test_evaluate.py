"""The evaluation object: complete, ready for JSON, honest about what is undefined."""

import json

import numpy as np
import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import METRICS
from tests.support.scores import scores_of, seeded


def test_evaluation_holds_every_metric_inside_its_interval():
    evaluation = evaluate(seeded(0, n=300, per_patient=2), 0.5, draws=200)
    assert set(evaluation.metrics) == set(METRICS)
    for name, estimate in evaluation.metrics.items():
        if name != "ece":
            assert estimate.low < estimate.value < estimate.high
            assert estimate.method == "cluster bootstrap"
    assert evaluation.by_film["auroc"].value == pytest.approx(evaluation.metrics["auroc"].value)
    assert evaluation.prevalence == evaluation.positives / evaluation.n


def test_dictionary_is_strict_json():
    evaluation = evaluate(scores_of([0, 0, 0], [0.1, 0.2, 0.9]), 0.5, draws=20)
    data = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert data["metrics"]["sensitivity"]["value"] is None
    assert data["metrics"]["auroc"]["value"] is None
    assert data["metrics"]["specificity"]["value"] == pytest.approx(2 / 3)
    assert data["confusion"] == {"tp": 0, "fp": 1, "tn": 2, "fn": 0}


def test_same_seed_same_intervals_other_seed_others():
    scores = seeded(1)
    first, again, other = (evaluate(scores, 0.5, draws=100, seed=seed).metrics["brier"] for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_every_metric_is_given_in_the_order_of_its_table():
    metrics = evaluate(seeded(1), 0.5, draws=20).metrics
    assert list(metrics) == list(METRICS)
    assert np.isfinite([estimate.value for estimate in metrics.values()]).all()
