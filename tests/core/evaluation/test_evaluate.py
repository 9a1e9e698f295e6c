"""The evaluation object: complete, ready for JSON, honest about what is undefined."""

import json

import numpy as np
import pytest

from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.metrics import METRICS, Confusion
from core.evaluation.types import Estimate
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


@pytest.mark.parametrize("truth", [[0, 1, 0, 1, 1], [0, 0, 0, 0, 0]])
def test_an_evaluation_comes_back_from_json(truth):
    evaluation = evaluate(scores_of(truth, [0.1, 0.2, 0.6, 0.7, 0.9]), 0.5, draws=20)
    stored = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    again = Evaluation.from_dict(stored)
    assert again.to_dict() == stored
    assert repr(again) == repr(evaluation)  # NaN is not equal to itself
    assert type(again.confusion) is Confusion
    assert (again.confusion, again.threshold, again.name) == (evaluation.confusion, 0.5, evaluation.name)


def test_ends_of_an_interval_keep_their_places_in_json():
    estimate = Estimate(value=0.9, low=0.7, high=0.95, method="m")
    stored = {"value": 0.9, "low": 0.7, "high": 0.95, "method": "m"}
    assert estimate.to_dict() == stored
    assert Estimate.from_dict(stored) == estimate


def test_undefined_figures_are_none_in_json_and_come_back_as_nan():
    stored = Estimate(value=float("nan"), low=float("-inf"), high=float("inf"), method="m").to_dict()
    assert stored == {"value": None, "low": None, "high": None, "method": "m"}
    again = Estimate.from_dict(stored)
    assert np.isnan([again.value, again.low, again.high]).all()
