"""Another threshold on validation scores: by hand, and at the frozen one the figures of every other table."""

import numpy as np
import pytest

from core.evaluation.evaluate import evaluate
from core.evaluation.types import Scores
from core.evaluation.whatif import operating_point, threshold_steps
from core.runs.store import list_runs, representative


def table(y_true: list[int], y_score: list[float], clusters: list[str] | None = None) -> Scores:
    names = np.array([f"f{number}" for number in range(len(y_true))])
    return Scores(
        sample_id=names,
        cluster_id=names if clusters is None else np.array(clusters),
        y_true=np.array(y_true, dtype=np.int64),
        y_score=np.array(y_score, dtype=np.float64),
    )


def test_counts_by_hand() -> None:
    scores = table([1, 1, 1, 1, 0, 0], [0.9, 0.5, 0.4, 0.2, 0.5, 0.1])
    point = operating_point(scores, 0.5)  # a score at the threshold is positive
    assert (point.positives, point.negatives, point.threshold) == (4, 2, 0.5)
    assert point.sensitivity.value == 0.5
    assert point.specificity.value == 0.5
    assert 0 <= point.sensitivity.low < 0.5 < point.sensitivity.high <= 1


def test_raising_the_threshold_trades_sensitivity_for_specificity() -> None:
    scores = representative(list_runs()[0])[0].scores("validation")
    points = [operating_point(scores, threshold, draws=50) for threshold in (0.1, 0.5, 0.9)]
    found = [point.sensitivity.value for point in points]
    spared = [point.specificity.value for point in points]
    assert found == sorted(found, reverse=True)
    assert spared == sorted(spared)
    assert found[0] > found[-1]


@pytest.mark.parametrize("split", ["validation", "stress_validation"])
def test_the_frozen_threshold_gives_the_intervals_of_every_other_table(split) -> None:
    run = representative(list_runs()[0])[0]
    scores = run.scores(split)
    point = operating_point(scores, run.record.threshold)
    expected = evaluate(scores, run.record.threshold).metrics
    for name, found in (("sensitivity", point.sensitivity), ("specificity", point.specificity)):
        wanted = expected[name]
        assert found.method == wanted.method
        ends = (found.value, found.low, found.high)
        assert ends == pytest.approx((wanted.value, wanted.low, wanted.high), abs=1e-12)


def test_a_rate_without_films_is_undefined_and_a_perfect_one_has_an_interval() -> None:
    point = operating_point(table([1, 1, 1], [0.9, 0.8, 0.7]), 0.5)
    assert np.isnan(point.specificity.value)
    assert point.sensitivity.value == point.sensitivity.high == 1
    assert point.sensitivity.low == pytest.approx(0.4385, abs=1e-4)  # Wilson, 3 of 3


def test_films_of_a_patient_are_drawn_together() -> None:
    truth, score = [1] * 8 + [0] * 8, [0.9] * 4 + [0.1] * 4 + [0.1] * 8
    alone = operating_point(table(truth, score), 0.5)
    together = operating_point(table(truth, score, ["a"] * 4 + ["b"] * 4 + [f"n{i}" for i in range(8)]), 0.5)
    assert together.sensitivity.high - together.sensitivity.low > alone.sensitivity.high - alone.sensitivity.low


def test_steps_hold_the_frozen_threshold_exactly() -> None:
    steps = threshold_steps(0.1451038420200348)
    assert 0.1451038420200348 in steps
    assert steps == sorted(set(steps))
    assert steps[0] > 0
    assert steps[-1] < 1
    assert len(threshold_steps(0.5)) == len(steps) - 1
