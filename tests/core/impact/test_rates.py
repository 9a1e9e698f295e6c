"""The model's rates at an operating point: from stored scores, by patient, with thresholds from validation."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError, InputError
from core.evaluation.types import Scores
from core.impact.inputs import READER_SENSITIVITY
from core.impact.rates import POINTS, _rate, given_rates, measured_rates, point_title, threshold_at
from core.results.store import read_results
from core.runs.record import Run
from core.runs.store import list_runs, read_run, representative, served


def served_run() -> Run:
    return served(list_runs()[0])


def test_at_the_frozen_threshold_the_rates_are_those_of_the_results() -> None:
    for run in representative(list_runs()[0]):
        stored, rates = read_results()[run.run_id]["test"], measured_rates(run)
        for name in ("sensitivity", "specificity"):
            found, known = getattr(rates, name), stored.metrics[name]
            assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))
        assert rates.threshold == run.record.threshold
        assert rates.evidence == "measured here"


def test_thresholds_are_chosen_without_test_scores(tmp_path: Path) -> None:
    run = served_run()
    copy = tmp_path / run.run_id
    copy.mkdir()
    for name in ("run.json", "scores_stress_validation.csv"):
        (copy / name).write_bytes((run.folder / name).read_bytes())
    alone = read_run(copy, own=True)
    for point in POINTS:
        assert threshold_at(alone, point) == threshold_at(run, point)
    with pytest.raises(ArtifactError, match="no scores of test"):
        measured_rates(alone)


def test_a_lower_threshold_finds_more_and_alarms_more() -> None:
    run = served_run()
    frozen, high = measured_rates(run), measured_rates(run, "sensitivity_99")
    assert high.threshold < frozen.threshold
    assert high.sensitivity.value > frozen.sensitivity.value
    assert high.specificity.value < frozen.specificity.value
    assert measured_rates(run, 0.0).sensitivity.value == 1.0


@pytest.mark.parametrize("point", ["", "nothing", -0.1, 1.1, float("nan")])
def test_impossible_operating_points_are_refused(point: str | float) -> None:
    with pytest.raises(InputError):
        threshold_at(served_run(), point)


def test_every_operating_point_has_words() -> None:
    titles = [point_title(point) for point in POINTS]
    assert len(set(titles)) == len(POINTS)
    assert "0.4" in point_title(0.4)


@pytest.fixture
def table() -> Callable[[float], Scores]:
    def make(lowest: float) -> Scores:
        truth = np.repeat([0, 1], 40)
        score = np.where(truth == 1, np.linspace(lowest, 1, 80), 0.1)
        names = np.array([f"film{film}" for film in range(80)])
        return Scores(sample_id=names, cluster_id=np.array([f"p{film // 2}" for film in range(80)]), y_true=truth,
                      y_score=score)  # fmt: skip

    return make


def test_a_model_without_a_miss_is_not_taken_for_one_that_never_misses(table: Callable[[float], Scores]) -> None:
    found, drawn = _rate(table(0.6), 0.5, 1, 2_000, 0)
    assert found.value == 1
    assert found.method == "Wilson on clusters"
    assert drawn.max() < 1
    assert np.mean(1 - drawn) == pytest.approx(0.5 / 21, rel=0.1)  # Jeffreys' prior, 20 clusters without a miss


def test_draws_keep_the_films_of_a_patient_together(table: Callable[[float], Scores]) -> None:
    scores = table(0.0)
    _, drawn = _rate(scores, 0.75, 1, 500, 0)
    assert np.allclose(drawn * 20, np.round(drawn * 20))  # 20 patients of two films with the same verdict


def test_given_rates_spread_over_their_range() -> None:
    one = replace(READER_SENSITIVITY, low=0.5, base=0.6, high=0.7, evidence="assumption")
    rates = given_rates("Vendor", one, one, draws=20_000, seed=1)
    assert rates.drawn_sensitivity.mean() == pytest.approx(0.6, abs=0.01)
    assert rates.evidence == "assumption"
    assert np.corrcoef(rates.drawn_sensitivity, rates.drawn_specificity)[0, 1] == pytest.approx(0, abs=0.03)
